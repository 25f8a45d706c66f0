#!/usr/bin/env python3
"""Goal: the gateway serves a network whose doors are on tcp as it serves one of socket files, by keys. Method: real processes; keys that are
rotated, revoked and taken away while it serves."""

import os
import pathlib
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SMALL, tcp_doors  # noqa: E402
from web import Socket, Web, sale, server_events  # noqa: E402

LONG = 120  # seconds that a starved machine may take for what takes a moment


class Tcp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = Web(tcp_doors())
        cls.web.__enter__()
        code, _, err = cls.web.apply(SMALL)
        assert code == 0, err

    @classmethod
    def tearDownClass(cls):
        cls.web.__exit__(None, None, None)

    def becomes(self, wanted, path, token=""):
        """Until a GET is answered so."""
        until, status = time.monotonic() + LONG, 0
        while time.monotonic() < until:
            status, _, said = self.web.ask("GET", path, token=token)
            if status == wanted or (isinstance(wanted, tuple) and status in wanted):
                return said
            time.sleep(0.1)
        raise AssertionError(f"{path}: {status} for {LONG} s, and {wanted} was wanted")

    def test_1_the_operator_asks_publishes_and_listens(self):
        self.assertEqual(len(self.becomes(200, "/v1/outlets")["rows"]), 3)
        self.assertEqual(self.web.get("/v1/status")["unreachable"], [])
        live = Socket(self.web, "/v1/live?service=orders")
        lines, line = self.web.stream("/v1/stream/kpi")
        heard, seq = None, 0
        live.line.settimeout(2)
        until = time.monotonic() + LONG
        while heard is None and time.monotonic() < until:
            seq += 1
            status, _, said = self.web.post([sale(seq)])
            self.assertEqual((status, said["verdicts"][0]["verdict"]), (200, "accepted"))
            try:
                heard = live.hear()
            except TimeoutError:
                live.file = live.line.makefile("rb")
        self.assertEqual(heard["type"], "sale.recorded")
        self.assertTrue(server_events(lines, lambda heard: any(row.get("key") == "S1" for _, _, row in heard)))
        live.close()
        line.close()
        self.assertEqual(self.web.ask("GET", "/v1/outlets", token=None)[0], 401)

    def test_2_a_token_has_its_owners_rights(self):
        dealer = self.web.enrol("dealer", "D1", "--outlet", "S1", "--tenant", "D1")["token"]
        rows = self.becomes(200, "/v1/outlets", dealer)["rows"]
        self.assertEqual([row["outlet"] for row in rows], ["S1"])
        self.assertEqual(self.web.ask("GET", "/v1/status?service=orders", token=dealer)[0], 403)
        self.assertEqual(self.web.run("keys", "revoke", "D1")[0], 0)
        self.becomes(401, "/v1/outlets", dealer)
        self.assertEqual(self.web.ask("GET", "/v1/outlets", token="tk_nobodys")[0], 401)

    def test_3_a_service_gets_another_key(self):
        self.becomes(200, "/v1/kpi")
        self.assertEqual(self.web.run("keys", "rotate", "kpi")[0], 0)
        self.assertTrue(self.web.kill("kpi"))
        until = time.monotonic() + LONG
        while self.web.ask("GET", "/v1/kpi")[0] != 200:
            self.assertLess(time.monotonic(), until)
        self.assertEqual(self.web.get("/v1/status")["unreachable"], [])

    def test_4_the_gateway_gets_another_key(self):
        dealer = self.web.enrol("dealer", "D3", "--outlet", "S3", "--tenant", "D3")["token"]
        self.becomes(200, "/v1/outlets", dealer)
        self.assertEqual(self.web.run("keys", "rotate", "gateway")[0], 0)
        self.assertEqual(self.web.run("keys", "rotate", "gateway", "--retire")[0], 0)
        time.sleep(2)  # the old one is cut meanwhile
        self.becomes(200, "/v1/outlets", dealer)
        self.assertEqual(self.web.run("keys", "revoke", "gateway")[0], 0)
        self.becomes((401, 503), "/v1/outlets", dealer)  # no door speaks to it any more
        self.assertEqual(len(self.becomes(200, "/v1/outlets")["rows"]), 3)  # the operator's is another key

    def test_5_without_the_operators_key_nobody_is_the_operator(self):
        pathlib.Path(self.web.dir, "keys", "operator.key").unlink()
        os.kill(self.web.pid("gateway"), 9)
        until = time.monotonic() + LONG
        while True:
            try:
                if self.web.ask("GET", "/healthz", token=None)[0] == 200:
                    self.web.address = ("127.0.0.1", int(pathlib.Path(self.web.dir, "gateway.url").read_text().strip().rsplit(":", 1)[1]))
                    if self.web.ask("GET", "/v1/outlets")[0] in (401, 403, 503):
                        break
            except OSError:
                self.web.address = ("127.0.0.1", int(pathlib.Path(self.web.dir, "gateway.url").read_text().strip().rsplit(":", 1)[1]))
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
