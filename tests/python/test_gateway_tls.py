#!/usr/bin/env python3
"""Goal: tokens leave the machine only over TLS. Method: a certificate of the test's own making; clients that check it, that are too old, that
speak plain HTTP; a gateway that is asked to listen where others could read."""

import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BIN, SMALL  # noqa: E402
from web import Socket, Web, sale, server_events  # noqa: E402

LONG = 120  # seconds that a starved machine may take for what takes a moment


def make_certificate(folder):
    names = [str(pathlib.Path(folder, name)) for name in ("certificate.pem", "key.pem")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", names[1], "-out", names[0],
                    "-days", "2", "-subj", "/CN=tributary test", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return names


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tributary-tls-")
        cls.certificate, key = make_certificate(cls.folder)
        cls.web = Web(gateway=f", certificate: \"{cls.certificate}\", key: \"{key}\"", tls=ssl.create_default_context(cafile=cls.certificate))
        cls.web.__enter__()
        assert cls.web.apply(SMALL)[0] == 0

    @classmethod
    def tearDownClass(cls):
        cls.web.__exit__(None, None, None)
        shutil.rmtree(cls.folder)

    def test_everything_is_there_over_tls(self):
        self.assertTrue(pathlib.Path(self.web.dir, "gateway.url").read_text().startswith("https://127.0.0.1:"))
        status, headers, said = self.web.ask("GET", "/v1/outlets")
        self.assertEqual((status, len(said["rows"])), (200, 3))
        self.assertRegex(headers["Strict-Transport-Security"], r"^max-age=\d{8}")
        batch = [sale(n, note="x" * 700) for n in range(1, 901)]  # many records of TLS
        body = json.dumps(batch).encode()
        self.assertGreater(len(body), 800000)
        status, _, said = self.web.post(body)
        self.assertEqual((status, {one["verdict"] for one in said["verdicts"]}), (200, {"accepted"}), said)
        self.assertEqual(len(self.web.get("/v1/events", service="orders", after=100, limit=1000)["events"]), 800)
        self.web.settle()
        lines, line = self.web.stream("/v1/stream/kpi")
        self.assertTrue(server_events(lines, lambda heard: heard[-1][1] == "ready"))
        line.close()
        live, seq, heard = Socket(self.web, "/v1/live?service=orders", origin="https://%s:%d" % self.web.address), 900, None
        self.assertEqual(live.status, 101)
        live.line.settimeout(2)
        until = time.monotonic() + LONG
        while heard is None and time.monotonic() < until:
            seq += 1
            self.assertEqual(self.web.post([sale(seq)])[0], 200)
            try:
                heard = live.hear()
            except TimeoutError:
                live.file = live.line.makefile("rb")
        self.assertEqual(heard["type"], "sale.recorded")
        live.close()

    def test_a_cookie_is_for_tls_alone(self):
        good, here = json.dumps({"token": self.web.token}), "https://%s:%d" % self.web.address
        for origin, status in ((here, 200), (here.replace("https", "http"), 403), ("https://elsewhere.example", 403)):
            got, headers, _ = self.web.ask("POST", "/v1/session", good, None, {"Content-Type": "application/json", "Origin": origin})
            self.assertEqual(got, status, origin)
            if got == 200:
                self.assertRegex(headers["Set-Cookie"], "HttpOnly; SameSite=Strict; Max-Age=[0-9]+; Secure$")
                self.assertEqual(self.web.ask("GET", "/v1/outlets", None, None, {"Cookie": headers["Set-Cookie"].split(";")[0]})[0], 200)

    def test_who_does_not_speak_it_well_hears_nothing(self):
        plain = socket.create_connection(self.web.address, timeout=LONG)
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            self.assertNotIn(b"HTTP/1", plain.recv(4096))
        except ConnectionError:
            pass
        plain.close()
        with self.assertRaises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(socket.create_connection(self.web.address, timeout=LONG), server_hostname="127.0.0.1")
        for version, taken in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)):
            asks = ssl.create_default_context(cafile=self.certificate)
            asks.set_ciphers("DEFAULT@SECLEVEL=0")  # ours is not what keeps the old one out
            asks.minimum_version = asks.maximum_version = version
            asks.set_alpn_protocols(["h2", "http/1.1"])
            line = socket.create_connection(self.web.address, timeout=LONG)
            try:
                line = asks.wrap_socket(line, server_hostname="127.0.0.1")
                self.assertTrue(taken, version)
                self.assertEqual(line.selected_alpn_protocol(), "http/1.1")
            except (ssl.SSLError, ConnectionError):
                self.assertFalse(taken, version)
            line.close()


class Plain(unittest.TestCase):
    """A gateway alone: it needs no network to say where it listens."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="tributary-tls-"))

    def serve(self, listen, settings):
        """What becomes of a gateway: its url, or its exit code and what it said."""
        pathlib.Path(self.folder, "network.yaml").write_text(f"gateway: {{listen: \"{listen}\"{settings}}}\n", encoding="utf-8")
        url = pathlib.Path(self.folder, "gateway.url")
        url.unlink(missing_ok=True)
        # libwebsockets does not give back what it had made of a context whose certificate does not fit.
        quiet = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
        with subprocess.Popen([BIN / "gateway", "--dir", self.folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=quiet) as gateway:
            until = time.monotonic() + LONG
            while gateway.poll() is None and not url.exists():
                self.assertLess(time.monotonic(), until)
                time.sleep(0.02)
            gateway.terminate()
            said = gateway.communicate(timeout=LONG)[0]
            return url.read_text().strip() if url.exists() else (gateway.returncode, said)

    def test_plain_http_stays_on_this_machine_unless_that_is_said(self):
        self.assertRegex(self.serve("127.0.0.1:0", ""), "^http://127.0.0.1:")
        code, said = self.serve("0.0.0.0:0", "")
        self.assertEqual(code, 1)
        self.assertIn("others could read tokens", said)
        self.assertRegex(self.serve("0.0.0.0:0", ", plaintext: true"), "^http://0.0.0.0:")

    def test_a_certificate_and_a_key_that_do_not_serve_are_no_plain_http(self):
        certificate, key = make_certificate(self.folder)
        self.assertRegex(self.serve("0.0.0.0:0", f", certificate: \"{certificate}\", key: \"{key}\""), "^https://0.0.0.0:")
        other = pathlib.Path(self.folder, "other")
        other.mkdir()
        wrong = make_certificate(other)[1]
        for settings in (f", certificate: \"{certificate}\"", f", key: \"{key}\"", f", certificate: \"{certificate}\", key: \"{wrong}\"",
                         f", certificate: \"{certificate}.gone\", key: \"{key}\""):
            code, said = self.serve("127.0.0.1:0", settings)
            self.assertEqual(code, 1, settings)
            self.assertRegex(said, "no_tls|cannot_listen", settings)


if __name__ == "__main__":
    unittest.main()
