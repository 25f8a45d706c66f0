#!/usr/bin/env python3
"""Goal: the gateway does what openapi.yaml says, and nothing that somebody outside would like it to. Method: a running network, real sockets."""

import json
import os
import signal
import sys
import time
import unittest

import jsonschema
import msgpack
import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SERVICES, SMALL, TOP, event  # noqa: E402
from web import Socket, Web, sale, server_events  # noqa: E402

DOCUMENT = yaml.safe_load((TOP / "services/gateway/openapi.yaml").read_text(encoding="utf-8"))
ROWS = sorted(path[4:] for path, item in DOCUMENT["paths"].items()
              if path.count("/") == 2 and "rows" in json.dumps(item.get("get", {}).get("responses", {}).get("200", {})))
PUBLISH = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"


def check(path, method, status, said, kind="application/json"):
    """An answer against the document."""
    answer = DOCUMENT["paths"][path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer, kind = DOCUMENT["components"]["responses"]["Problem"], "application/problem+json"
    schema = {**answer["content"][kind]["schema"], "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(said)


class Gateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = Web()
        cls.web.__enter__()
        code, _, err = cls.web.apply(SMALL)
        assert code == 0, err
        status, _, said = cls.web.post([sale(i) for i in range(1, 21)])
        assert status == 200, said
        cls.web.settle()

    @classmethod
    def tearDownClass(cls):
        cls.web.__exit__(None, None, None)

    def test_every_reference_of_the_document_leads_somewhere(self):
        def walk(node):
            if isinstance(node, dict):
                if "$ref" in node:
                    at = DOCUMENT
                    for part in node["$ref"][2:].split("/"):
                        at = at[part]
                for value in node.values():
                    walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)
        walk(DOCUMENT)
        names = [operation["operationId"] for item in DOCUMENT["paths"].values() for operation in item.values()]
        self.assertEqual(len(names), len(set(names)))
        for schema in DOCUMENT["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        self.assertEqual(self.web.ask("GET", "/v1/openapi.yaml", token=None)[2], (TOP / "services/gateway/openapi.yaml").read_bytes())

    def test_rows_are_those_of_the_command(self):
        self.assertGreater(len(ROWS), 15)
        self.web.settle()  # what the other tests have sold is on its way still
        for what in ROWS:
            said = self.web.get("/v1/" + what)
            check("/v1/" + what, "get", 200, said)
            if what in ("status", "hash", "sources", "outlets", "products", "versions"):
                continue  # clocks move, and the command has no such words
            self.assertEqual(said["rows"], self.web.rows("get", what), what)
        self.assertEqual([row["outlet"] for row in self.web.get("/v1/outlets")["rows"]], ["S1", "S2", "S3"])

    def test_rules_as_they_were(self):
        """Who supplies whom, who is silent, and what a record said before: as the command tells it, by day, moment and version."""
        name = "Two, as it was called" if self.web.get("/v1/versions", kind="outlet", key="S2")["rows"][0]["name"] == "Two" else "Two"
        before = self.web.get("/v1/versions", kind="outlet", key="S2")["rows"][0]
        changed = next(line for line in SMALL.splitlines() if "outlet: S2, name" in line).replace("name: Two", f"name: \"{name}\"")
        self.assertEqual(self.web.apply("outlets:\n" + changed + "\n")[0], 0)
        self.web.settle()
        history = self.web.get("/v1/versions", kind="outlet", key="S2", history=1)["rows"]
        self.assertEqual([row["version"] for row in history], list(range(1, len(history) + 1)))
        self.assertEqual(history, self.web.rows("policy", "history", "outlet", "S2"))
        self.assertEqual((history[-2]["name"], history[-1]["name"]), (before["name"], name))
        self.assertEqual(history[-2]["replaced_us"], history[-1]["known_us"])
        for arguments, number in (({"version": len(history) - 1}, -2), ({"known": history[-1]["known_us"] - 1}, -2), ({"known": history[-1]["known_us"]}, -1)):
            rows = self.web.get("/v1/versions", kind="outlet", key="S2", **arguments)["rows"]
            self.assertEqual([(row["version"], row["name"]) for row in rows], [(history[number]["version"], history[number]["name"])], arguments)
        self.assertEqual(self.web.get("/v1/versions", kind="outlet", key="S2", version=999)["rows"], [])
        self.assertEqual({row["key"] for row in self.web.get("/v1/versions", kind="outlet")["rows"]}, {"S1", "S2", "S3"})
        network = self.web.get("/v1/network", outlet="S2", known=history[-1]["known_us"] - 1)["rows"]
        self.assertEqual([(row["outlet"], row["name"], row["tier"], row["supplier"]) for row in network], [("S2", before["name"], 2, "WH-1")])
        self.assertEqual(self.web.get("/v1/network", known=0)["rows"], [])
        self.assertEqual(self.web.get("/v1/network", at="2026-03-01")["rows"], self.web.rows("get", "network", "--at", "2026-03-01"))
        self.assertEqual(self.web.get("/v1/silent", days=3)["rows"], self.web.rows("get", "silent", "--days", "3"))
        self.assertNotIn("S1", [row["outlet"] for row in self.web.get("/v1/silent", days=100000)["rows"]])  # it has sold
        self.assertEqual({row["outlet"] for row in self.web.get("/v1/silent", outlet="S3")["rows"]} - {"S3"}, set())

    def test_pages_join_to_the_whole(self):
        self.web.settle()
        for what in ("terminals", "records", "kpi"):
            whole, pages, after = self.web.get("/v1/" + what)["rows"], [], None
            while True:
                said = self.web.get("/v1/" + what, limit=2, **({"after": after} if after else {}))
                self.assertLessEqual(len(said["rows"]), 2)
                pages += said["rows"]
                after = said.get("next")
                if not after:
                    break
            self.assertEqual(pages, whole, what)

    def test_filters_filter_and_unknown_ones_are_refused(self):
        self.assertEqual({row["outlet"] for row in self.web.get("/v1/terminals", outlet="S2")["rows"]}, {"S2"})
        for path in ("/v1/stock?outlt=S1", "/v1/stock?limit=0", "/v1/stock?after=zz", "/v1/silent?days=0", "/v1/silent?days=many", "/v1/network?known=-1", "/v1/versions?kind=outlet&version=1.5", "/v1/versions?number=1", "/v1/status?service=nobody", "/v1/events", "/v1/events?service=orders&after=-1", "/v1/events?service=orders&after=9007199254740991",
                     "/v1/stock?" + "&".join(["sku=" + "x" * 1100] * 4)):
            status, headers, said = self.web.ask("GET", path)
            self.assertEqual((status, headers["Content-Type"]), (400, "application/problem+json"), path)
            check("/v1/stock", "get", 400, said)

    def test_events_are_paged_by_their_sequence_and_waited_for(self):
        heard, after = [], 0
        while True:
            said = self.web.get("/v1/events", service="orders", after=after, limit=7)
            check("/v1/events", "get", 200, said)
            heard += said["events"]
            after = said["next"]
            if after >= said["head"]:
                break
        self.assertEqual([e["seq"] for e in heard], list(range(1, said["head"] + 1)))
        tail = self.web.rows("tail", "orders", "--from", "1")
        self.assertEqual(heard[:len(tail)], tail)
        only = self.web.get("/v1/events", service="inventory", type="restock.requested")
        self.assertEqual({e["type"] for e in only["events"]}, {"restock.requested"})
        self.assertEqual(self.web.get("/v1/events", service="orders", after=after, wait=1)["events"], [])
        self.assertEqual(self.web.ask("GET", "/v1/events?service=orders&epoch=7")[0], 409)

    def test_a_publisher_is_answered_per_event_and_may_repeat_itself(self):
        batch = [sale(i, "S1/T2") for i in range(1, 6)]
        status, _, said = self.web.post(batch)
        check("/v1/events", "post", 200, said)
        self.assertEqual((status, [v["verdict"] for v in said["verdicts"]]), (200, ["accepted"] * 5))
        self.assertEqual([v["verdict"] for v in self.web.post(batch)[2]["verdicts"]], ["duplicate"] * 5)
        status, _, said = self.web.post([sale(9, "S1/T2")])
        check("/v1/events", "post", 409, said)
        self.assertEqual((status, said["expected"], said["source"]), (409, 6, "S1/T2"))
        status, _, said = self.web.post(sale(6, "S1/T2", sku="NOBODY"), "application/cloudevents+json; charset=utf-8")
        self.assertEqual((status, said["verdicts"][0]["verdict"]), (200, "refused"))
        again = self.web.post(sale(6, "S1/T2", sku="NOBODY"), "application/json")[2]["verdicts"]
        self.assertEqual(again[0]["code"], said["verdicts"][0]["code"])
        packed = msgpack.packb([event("S1/T2", 7, "ticket.sold", "S1", sale(7, "S1/T2")["data"])])
        self.assertEqual(self.web.post(packed, "application/msgpack")[2]["verdicts"][0]["verdict"], "accepted")

    def test_one_event_that_is_not_valid_takes_none_with_it(self):
        bad = sale(2, "S2/T1", "S2")
        bad["data"]["lines"][0]["quantity"] = "many"
        status, _, said = self.web.post([sale(1, "S2/T1", "S2"), bad])
        check("/v1/events", "post", 422, said)
        self.assertEqual([v["verdict"] for v in said["verdicts"]], ["not_taken", "malformed"])
        self.assertEqual(self.web.post([sale(1, "S2/T1", "S2")])[2]["verdicts"][0]["verdict"], "accepted")
        for body, kind, expected in ((b"{", "application/json", 400), (b"[]", "application/cloudevents-batch+json", 400), (b"x", "text/plain", 415),
                                     (b"\xc1", "application/msgpack", 400), (json.dumps([sale(1)] * 1001).encode(), "application/cloudevents-batch+json", 413)):
            self.assertEqual(self.web.post(body, kind)[0], expected, body[:10])

    def test_a_cause_and_its_effects(self):
        said = self.web.get("/v1/trace/S1/T1%231")
        check("/v1/trace/{id}", "get", 200, said)
        self.assertTrue(said["complete"])
        self.assertEqual({e["type"] for e in said["events"]} & {"sale.recorded", "stock.changed"}, {"sale.recorded", "stock.changed"})
        self.assertEqual(self.web.ask("GET", "/v1/trace/orders%23999999")[0], 404)
        self.assertEqual(self.web.ask("GET", "/v1/trace/orders")[0], 400)

    def test_a_stream_is_a_snapshot_then_changes_and_resumes(self):
        self.web.settle()
        lines, line = self.web.stream("/v1/stream/kpi")
        heard = server_events(lines, lambda heard: heard[-1][1] == "ready")
        line.close()
        rows = {(r["scope"], r["key"], r["day"], r["currency"]): r for _, kind, r in heard if kind == "kpi"}
        asked = {(r["scope"], r["key"], r["day"], r["currency"]): r for r in self.web.get("/v1/kpi")["rows"]}
        self.assertEqual(rows.keys(), asked.keys())
        for key, row in rows.items():
            self.assertEqual((row["revenue_minor"], row["units_milli"]), (asked[key]["revenue_minor"], asked[key]["units_milli"]))
        last = [id for id, kind, _ in heard if kind == "kpi"][-1]
        self.assertEqual(self.web.post([sale(1, "S3/T1", "S3")])[0], 200)
        lines, line = self.web.stream("/v1/stream/kpi", [f"Last-Event-ID: {last}"])
        heard = server_events(lines, lambda heard: any(r.get("key") == "S3" and r.get("tickets") for _, _, r in heard))
        line.close()
        self.assertLess(len([1 for _, kind, _ in heard if kind == "kpi"]), len(rows) + 4)
        self.assertNotIn(("outlet", "S1"), {(r.get("scope"), r.get("key")) for _, _, r in heard})

    def test_a_websocket_filters_caps_and_checks_where_it_comes_from(self):
        here = "http://%s:%d" % self.web.address
        for asked, expected in (({"origin": "http://elsewhere.example"}, 403), ({"token": None}, 401)):
            refused = Socket(self.web, "/v1/live", **asked)
            self.assertEqual(refused.status, expected)
            refused.close()
        live, slow = Socket(self.web, "/v1/live?type=sale.recorded&outlet=S2", origin=here), Socket(self.web, "/v1/live?service=orders&rate=1")
        self.assertEqual((live.status, slow.status), (101, 101))
        until, seq, heard = time.monotonic() + 60, 0, []
        live.line.settimeout(2)
        while time.monotonic() < until and not heard:  # a tail hears what comes once its subscription stands
            seq += 1
            self.web.post([sale(seq, "S2/T2", "S2"), sale(seq, "S2/T3", "S2")])
            try:
                heard.append(live.hear())
            except TimeoutError:
                live.close()
                live = Socket(self.web, "/v1/live?type=sale.recorded&outlet=S2", origin=here)
                live.line.settimeout(2)
        self.assertEqual((heard[0]["type"], heard[0]["subject"]), ("sale.recorded", "S2"))
        self.web.post([sale(seq + i, "S2/T2", "S2") for i in range(1, 101)])
        told = 0
        while not told:
            told = slow.hear().get("dropped", 0)
        self.assertGreater(told, 0)
        live.close()
        slow.close()

    def test_a_websocket_says_little(self):
        small = Socket(self.web, "/v1/live?service=partners")
        small.say(4000)
        small.say(5, opcode=9)
        self.assertEqual(small.hear(), "pong")  # the control: what is not too much is taken
        small.close()
        for claimed in (4500, 8192, 1 << 40):
            large = Socket(self.web, "/v1/live?service=partners")
            large.say(4500, claimed)
            if claimed == 4500:
                large.say(5, opcode=9)
            self.assertIsNone(large.hear())
            large.close()

    def test_what_a_body_may_not_be(self):
        head = PUBLISH % self.web.token.encode()
        for lines, expected in ((b"Content-Length: -1\r\n\r\n", b"400"), (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", b"400"),
                                (b"Content-Length: 1000000000000\r\n\r\n", b"413"), (b"Content-Length: 1048577\r\n\r\n", b"413"),
                                (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n", b"501"), (b"\r\n", b"411"),
                                (b"Content-Length: 5x\r\n\r\nabcde", b"400"), (b"Content-Length: +5\r\n\r\nabcde", b"400")):
            heard = self.web.raw(head + lines)
            self.assertEqual(heard[:12], b"HTTP/1.1 " + expected, lines)
        self.assertNotIn(b"200", self.web.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n")[:20])
        self.assertEqual(self.web.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")[:12] != b"HTTP/1.1 101", True)
        self.assertEqual(self.web.ask("GET", "/healthz", token=None)[0], 200)

    def test_who_is_slow_is_not_waited_for(self):
        began = time.monotonic()
        self.assertEqual(self.web.raw(b"GET /healthz HTTP/1.1\r\nHost:", seconds=60), b"")
        self.assertLess(time.monotonic() - began, 59)  # 10 s by the rule; a starved machine may take its time

    def test_a_session_is_a_cookie_that_changes_nothing_alone(self):
        here = "http://%s:%d" % self.web.address
        login = {"Content-Type": "application/json"}
        self.assertEqual(self.web.ask("POST", "/v1/session", json.dumps({"token": "nobody"}), None, login)[0], 401)
        status, headers, said = self.web.ask("POST", "/v1/session", json.dumps({"token": self.web.token}), None, {**login, "Origin": here})
        check("/v1/session", "post", 200, said)
        cookie = headers["Set-Cookie"]
        self.assertRegex(cookie, "HttpOnly; SameSite=Strict")
        cookie = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.web.ask("GET", "/v1/outlets", None, None, cookie)[0], 200)
        self.assertEqual(self.web.ask("GET", "/v1/session", None, None, cookie)[2]["csrf"], said["csrf"])
        path, csrf = "/v1/quarantine/orders/999/retry", {"X-CSRF-Token": said["csrf"]}
        self.assertEqual(self.web.ask("POST", path, b"", None, cookie)[0], 403)
        self.assertEqual(self.web.ask("POST", path, b"", None, {**cookie, "X-CSRF-Token": "0" * 32})[0], 403)
        self.assertEqual(self.web.ask("POST", path, b"", None, {**cookie, **csrf, "Origin": "http://elsewhere.example"})[0], 403)
        self.assertEqual(self.web.ask("POST", path, b"", None, {**cookie, **csrf, "Origin": here})[0], 404)
        self.assertEqual(self.web.ask("DELETE", "/v1/session", None, None, {**cookie, **csrf})[0], 204)
        self.assertEqual(self.web.ask("GET", "/v1/outlets", None, None, cookie)[0], 401)
        self.assertEqual(self.web.ask("GET", "/v1/outlets", token=None)[0], 401)

    def test_every_answer_is_guarded(self):
        for path in ("/healthz", "/v1/nothing", "/", "/v1/outlets"):
            headers = self.web.ask("GET", path)[1]
            self.assertTrue(headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'"), path)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertNotIn("Access-Control-Allow-Origin", headers)
        self.assertEqual(self.web.ask("PUT", "/v1/events")[0], 405)

    def test_figures_are_collected_both_ways(self):
        _, headers, said = self.web.ask("GET", "/metrics")
        self.assertIn("0.0.4", headers["Content-Type"])
        self.assertRegex(said.decode(), r'(?m)^tributary_journal_head\{service="orders"\} \d+$')
        names = [line.split()[2] for line in said.decode().splitlines() if line.startswith("# TYPE")]
        self.assertEqual(len(names), len(set(names)))
        _, headers, said = self.web.ask("GET", "/metrics", headers={"Accept": "application/openmetrics-text"})
        self.assertIn("openmetrics", headers["Content-Type"])
        self.assertTrue(said.endswith(b"# EOF\n"))

    def test_it_may_be_killed_at_any_time(self):
        cookie = self.web.ask("POST", "/v1/session", json.dumps({"token": self.web.token}), None, {"Content-Type": "application/json"})[1]["Set-Cookie"]
        pid = self.web.pid("gateway")
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 60
        while self.web.pid("gateway") == pid and time.monotonic() < until:
            time.sleep(0.05)
        self.web.find()
        self.assertEqual(self.web.ask("GET", "/v1/outlets", None, None, {"Cookie": cookie.split(";")[0]})[0], 200)
        self.assertEqual({v["verdict"] for v in self.web.post([sale(i) for i in range(1, 21)])[2]["verdicts"]}, {"duplicate"})


class LongJournals(unittest.TestCase):
    def setUp(self):
        self.web = self.enterContext(Web())

    def every_event(self):
        """By id: its cause."""
        cause = {}
        for service in SERVICES:
            after, head = 0, 1
            while after < head:
                said = self.web.get("/v1/events", service=service, after=after)
                cause.update({event["id"]: event.get("cause", "") for event in said["events"]})
                after, head = said["next"], said["head"]
        return cause

    def test_in_long_journals_nothing_of_a_trace_is_missed(self):
        """Against all journals, read whole."""
        self.assertEqual(self.web.apply(SMALL)[0], 0)
        for first in range(1, 6001, 1000):
            self.assertEqual(self.web.post([sale(n, "S1/T1") for n in range(first, first + 1000)])[0], 200)
        self.web.settle()
        cause, effects, spent = self.every_event(), {}, []
        for event, its in cause.items():
            effects.setdefault(its, []).append(event)
        last = max(int(event.split("#")[1]) for event in cause if event.startswith("orders#"))
        for id in ("orders#1", f"orders#{last // 2}", f"orders#{last - 1}", f"orders#{last}", "inventory#1", "kpi#1", "S1/T1#5999"):
            if id not in cause and id not in effects:
                continue
            roots, whole = [id], set()
            while cause.get(roots[-1]):         # what it follows from
                roots.append(cause[roots[-1]])
            while roots:                        # and all that follows from any of these
                one = roots.pop()
                if one not in whole:
                    whole.add(one)
                    roots += effects.get(one, ())
            began = time.monotonic()
            said = self.web.get("/v1/trace/" + id.replace("#", "%23"))
            spent.append(time.monotonic() - began)
            self.assertTrue(said["complete"])
            self.assertEqual({event["id"] for event in said["events"]}, whole, id)
        print(f"{len(spent)} traces among {len(cause)} events: {max(spent):.2f} s at most")


if __name__ == "__main__":
    unittest.main()
