#!/usr/bin/env python3
"""Goal: through the gateway nobody sees more than through the doors. Method: every way to ask, every byte that comes back, a dealer beside a
dashboard that sees all (the control: what is searched for is there)."""

import json
import os
import re
import sys
import threading
import time
import unittest
import urllib.parse

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SERVICES, TOP  # noqa: E402
from canaries import CANARY_PRICE, OFFICE, handed_in, stock_canaries  # noqa: E402
from web import Socket, Web, sale  # noqa: E402

DOCUMENT = yaml.safe_load((TOP / "services/gateway/openapi.yaml").read_text(encoding="utf-8"))
NUMBERS = "|".join(str(CANARY_PRICE // 100 * n) for n in (1, 2, 3, 100))
# Whatever is of outlet S2 alone: its name, its terminals, what it ordered and sold, for how much.
CANARIES = {
    "text": re.compile(rb"CANARY(RECEIPT|ORDER|DESK)"),
    "number": re.compile(rb"(?<![0-9a-f])(" + NUMBERS.encode() + rb")(?![0-9a-f])"),
    "name": re.compile(rb"\"S2[\"/#]|-S2\""),
}
VALUES = {"outlet": ["S1", "S2"], "sku": ["A", "CANARYSKU"], "day": ["2026-03-01"], "state": ["open", "cancelled"], "scope": ["outlet", "total", "terminal", "network"],
          "key": ["S1", "S2", "S2/T1", "WH-1-S2"], "terminal": ["S1/T1", "S2/T1"], "kind": ["outlet", "lane", "terminal"], "currency": ["GBP"],
          "at": ["2026-03-01"], "days": ["1"], "history": ["1"], "area": ["31"],
          "flow": ["order", "claim"], "ticket": ["CANARYDESK-T"], "notice": ["CANARYDESK-N"], "action_item": ["CANARYDESK-A"], "fund": ["CANARYDESK-F"],
          "course": ["-"], "enrolment": ["CANARYDESK-E"], "supplier": ["S2"], "lane": ["WH-1-S2"],
          "warehouse": ["WH-1"], "target": ["-"], "source": ["S2/T1"], "number": ["1"], "service": list(SERVICES), "limit": ["1", "1000"]}
# Of nobody, or what a few sales do not bring about (a shipment, a case, a window that is over); everything else is there to be found.
NOTHING_OF_S2 = {"/v1/" + what for what in ("products", "routes", "lag", "quarantine", "status", "settings", "hash", "scorecards", "training", "commissions", "gmroi", "abc",
                                            "commission-statements", "certificates", "stuffing", "transfers", "held", "shipments", "conflicts", "precedents", "agenda")} | {"/metrics"}
LONG = 120  # seconds that a starved machine may take for what takes a moment


def asked_ways():
    """Each GET of rows: bare, and with each value of each of its filters."""
    for path, item in DOCUMENT["paths"].items():
        if "get" not in item or "{" in path or path in ("/v1/events", "/v1/stream/kpi", "/v1/live", "/v1/session", "/healthz", "/readyz", "/v1/openapi.yaml"):
            continue
        yield path, path
        for parameter in item["get"].get("parameters", []):
            name = parameter.get("$ref", "").rsplit("/", 1)[-1]
            for value in VALUES.get(name, []):
                yield path, path + "?" + urllib.parse.urlencode({name: value})


class Scope(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = Web()
        cls.web.__enter__()
        stock_canaries(cls.web)
        cls.dealer = cls.web.enrol("dealer", "D1", "--outlet", "S1", "--tenant", "D1")["token"]
        cls.other = cls.web.enrol("dealer", "D2", "--outlet", "S2", "--tenant", "D2")["token"]
        cls.dashboard = cls.web.enrol("dashboard", "wall")["token"]
        until = time.monotonic() + LONG
        while cls.web.ask("GET", "/v1/status", token=cls.dashboard)[0] != 200 or cls.web.ask("GET", "/v1/stock", token=cls.dashboard)[0] != 200:
            assert time.monotonic() < until, "the doors do not look at the registry"
            time.sleep(0.1)

    @classmethod
    def tearDownClass(cls):
        cls.web.__exit__(None, None, None)

    def whole(self, path, token):
        """What comes back, page after page; (status, bytes)."""
        heard, after = b"", None
        while True:
            link = path + (("&" if "?" in path else "?") + "after=" + after if after else "")
            status, _, said = self.web.ask("GET", link, token=token)
            heard += said if isinstance(said, bytes) else json.dumps(said).encode()
            after = said.get("next") if status == 200 and isinstance(said, dict) else None
            if not after:
                return status, heard

    def found(self, heard):
        return {kind for kind, canary in CANARIES.items() if canary.search(heard)}

    def compare(self, heard):
        """heard: by token, by way, bytes. The dealer has not a byte; the control has all kinds."""
        for way, said in heard[self.dealer].items():
            self.assertEqual(self.found(said), set(), f"{way}: {said[:300]}")
        seen = set().union(*(self.found(said) for said in heard[self.dashboard].values()))
        size = {token: sum(map(len, ways.values())) for token, ways in heard.items()}
        print(f"{len(heard[self.dealer])} ways: {size[self.dealer]} bytes for a dealer without a canary; of {size[self.dashboard]} for a dashboard "
              f"{sum(bool(self.found(said)) for said in heard[self.dashboard].values())} ways have one")
        return seen

    def test_rows(self):
        heard, right = {self.dealer: {}, self.dashboard: {}}, {}
        for path, way in asked_ways():
            for token, ways in heard.items():
                status, ways[way] = self.whole(way, token)
                right.setdefault(path, {}).setdefault(token, set()).add(status)
        self.assertEqual(self.compare(heard), {"text", "number", "name"})
        telling = {urllib.parse.urlsplit(way).path for way, said in heard[self.dashboard].items() if self.found(said)}
        self.assertEqual(set(right) - telling - NOTHING_OF_S2, set(), "of whom nothing is there, nothing can be shown to another")
        self.assertEqual({path for path, status in right.items() if status[self.dashboard] != {200}}, set())
        barred = {path for path, status in right.items() if status[self.dealer] == {403}}
        self.assertEqual({path for path, status in right.items() if status[self.dealer] not in ({200}, {403})}, set())
        self.assertEqual(barred, {"/v1/sources", "/v1/lag", "/v1/quarantine", "/v1/status", "/v1/settings", "/v1/hash", "/metrics",
                                  "/v1/scorecards", "/v1/training"})
        for path in ("/v1/stock", "/v1/sales", "/v1/kpi", "/v1/outlets", "/v1/terminals", "/v1/tickets"):
            own = self.web.ask("GET", path, token=self.dealer)[2]["rows"]
            self.assertTrue(own, path)
            self.assertLess(len(own), len(self.web.get(path)["rows"]), path)

    def test_each_dealer_sees_the_own(self):
        for path in ("/v1/sales", "/v1/terminals", "/v1/tickets"):
            for token, outlet in ((self.dealer, "S1"), (self.other, "S2")):
                rows = self.web.ask("GET", path, token=token)[2]["rows"]
                self.assertEqual({row["outlet"] for row in rows}, {outlet}, path)

    def test_events_and_traces(self):
        heard = {self.dealer: {}, self.dashboard: {}}
        for token, ways in heard.items():
            for service in SERVICES:
                head = self.web.get("/v1/events", service=service)["head"]
                for more in ("", "&key=S2", "&type=sale.recorded"):
                    after, said = 0, b""
                    while after < head:
                        status, _, page = self.web.ask("GET", f"/v1/events?service={service}&after={after}{more}", token=token)
                        self.assertEqual(status, 200)
                        said += json.dumps(page["events"]).encode()
                        self.assertGreater(page["next"], after)
                        after = page["next"]
                    ways[service + more] = said
            for id in ("S2/T1#1", "S1/T1#1", "orders#1", "orders#2", "orders#3"):
                ways["trace " + id] = self.whole("/v1/trace/" + urllib.parse.quote(id), token)[1].replace(b"S2/T1#1", b"")  # as it was asked
        self.assertEqual(self.compare(heard), {"text", "number", "name"})
        self.assertIn(b"sale.recorded", heard[self.dealer]["orders"])
        self.assertEqual(self.web.ask("GET", "/v1/trace/S2/T1%231", token=self.dealer)[0], 404)

    def test_what_is_live(self):
        heard = {self.dealer: {}, self.dashboard: {}}
        sockets = {(token, way): Socket(self.web, "/v1/live" + way, token=token) for token in heard for way in ("?service=orders", "", "?outlet=S2")}
        streams = {token: self.web.stream("/v1/stream/kpi", token=token) for token in heard}
        for (token, way), socket in sockets.items():
            self.assertEqual(socket.status, 101)
            heard[token][way] = b""
            socket.line.settimeout(1)
        until, seq = time.monotonic() + LONG, 0
        while time.monotonic() < until and not all(b"MARK" in ways["?service=orders"] for ways in heard.values()):
            seq += 1  # a tail hears what comes once its subscription stands
            canary, mark = sale(seq, "S2/T2", "S2", "CANARYSKU"), sale(seq, "S1/T2")
            canary["data"]["receipt"], mark["data"]["receipt"] = f"CANARYRECEIPT-live-{seq}", f"MARK-{seq}"
            canary["data"]["lines"][0]["unit_price"] = CANARY_PRICE
            for one in (canary, mark):
                self.assertEqual(self.web.post([one])[0], 200)
            for (token, way), socket in sockets.items():
                heard[token][way] += self.rest(socket)
        self.web.settle()
        for (token, way), socket in sockets.items():
            heard[token][way] += self.rest(socket)
            socket.close()
        for token, (lines, line) in streams.items():
            heard[token]["kpi"] = self.lines_until(lines, rb'"key":"S1"')
            line.close()
        self.assertIn("text", self.compare(heard))
        self.assertEqual(heard[self.dealer]["?outlet=S2"], b"")
        for way in ("?service=orders", "", "?outlet=S2", "kpi"):
            self.assertTrue(self.found(heard[self.dashboard][way]), way)

    def rest(self, socket):
        said = b""
        try:
            while (one := socket.hear()) is not None:
                said += json.dumps(one).encode()
        except TimeoutError:
            socket.file = socket.line.makefile("rb")  # a file that has timed out reads no more
        return said

    def lines_until(self, lines, mark):
        """All of a stream's snapshot, and what has changed since."""
        said = b""
        for line in lines:
            said += line
            if b"event: ready" in said and re.search(mark, said) and line in (b"\n", b"\r\n"):
                return said
        return said

    def test_a_refusal_is_told_to_who_caused_it(self):
        """Requests of one token share a conversation with the door: what is refused of one says nothing of another that is under way."""
        till = self.web.enrol("terminal", "S3/T1", "--outlet", "S3")["token"]
        until = time.monotonic() + LONG
        while self.web.ask("GET", "/v1/terminals", token=till)[0] != 200 or self.web.ask("GET", "/v1/outlets", token=till)[0] != 200:
            assert time.monotonic() < until, "the doors do not look at the registry"
            time.sleep(0.1)
        own = [[sale(n, "S3/T1", "S3") for n in range(first, first + 50)] for first in range(1, 1001, 50)]
        told = {"own": [], "foreign": [], "rows": [], "barred": []}

        def foreign():
            for _ in range(200):
                told["foreign"].append(self.web.post([sale(1, "S1/T1")], token=till)[0])

        def barred(path, into):
            for _ in range(100):
                told[into].append(self.web.ask("GET", path, token=till)[0])

        others = [threading.Thread(target=foreign), threading.Thread(target=barred, args=("/v1/outlets", "rows")),
                  threading.Thread(target=barred, args=("/v1/settings?service=orders", "barred"))]
        for one in others:
            one.start()
        for events in own:
            status, _, said = self.web.post(events, token=till)
            told["own"].append(status)
            self.assertEqual(status, 200, said)
        for one in others:
            one.join()
        self.assertEqual({what: set(status) for what, status in told.items()}, {"own": {200}, "foreign": {403}, "rows": {200}, "barred": {403}})

    def test_a_dealer_hands_in_its_own(self):
        """A ticket, a claim, an appeal, a receipt: of its outlet it is taken, of another's nothing is, and the row is the dealer's to see."""
        self.assertEqual(self.web.apply(OFFICE)[0], 0)
        word = {"specversion": "1.0", "source": "dealer/D1"}
        for n, (kind, data) in enumerate(handed_in("D1"), 1):
            one = {**word, "id": f"dealer/D1#{n}", "sequence": str(n), "type": kind}
            for outlet, status in (("S2", 403), ("S1", 200)):
                got, _, said = self.web.post([{**one, "data": {**data, "outlet": outlet}}], token=self.dealer)
                self.assertEqual(got, status, (kind, said))
            self.assertEqual([verdict["verdict"] for verdict in said["verdicts"]], ["accepted"], kind)
        self.assertEqual(self.web.post([{**one, "data": {**data, "outlet": "S2"}}], token=self.other)[0], 403)  # as another dealer
        for path, name in (("/v1/service-tickets", "T-D1"), ("/v1/claims", "C-D1"), ("/v1/receipts", "dealer/D1")):
            self.assertIn(name, json.dumps(self.web.ask("GET", path, token=self.dealer)[2]), path)
            self.assertNotIn(name, json.dumps(self.web.ask("GET", path, token=self.other)[2]), path)

    def test_what_a_reader_may_not_do(self):
        for token in (self.dealer, self.dashboard):
            self.assertEqual(self.web.post([sale(1, "S1/T2")], token=token)[0], 403)
            for act in ("retry", "discard"):
                self.assertEqual(self.web.ask("POST", f"/v1/quarantine/orders/1/{act}", b"", token)[0], 403)


if __name__ == "__main__":
    unittest.main()
