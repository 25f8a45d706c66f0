#!/usr/bin/env python3
"""Goal: the OpenAPI document and the gateway say the same. Method: every answer that the document knows is brought about at a running network and
held against its schema; what is answered and not in the document fails as well."""

import contextlib
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import struct
import sys
import time
import unittest
import urllib.parse

import jsonschema
import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SERVICES, SMALL, TOP, Door, event  # noqa: E402
from canaries import DESK  # noqa: E402
from web import Socket, Web, sale, server_events  # noqa: E402

DOCUMENT = yaml.safe_load((TOP / "services/gateway/openapi.yaml").read_text(encoding="utf-8"))
VERBS = ("get", "post", "delete")
LONG = 120  # seconds that a starved machine may take for what takes a moment
TOO_LONG = "x"  # as its head says
EVERYWHERE = ("/v1/sources", "/v1/lag", "/v1/quarantine", "/v1/status", "/v1/settings", "/v1/hash")  # asked of each service
# Answers of `tributary get` that are given over HTTP in another form, and which.
OTHERWISE = {"metrics": "/metrics"}  # as text for Prometheus, with every service's figures
SMALL_QUOTA = "quota: {questions_per_second: 1, questions_burst: 40, events_per_second: 10, events_burst: 60}\n"


def template_of(path):
    """The document's word for a path, None: it has none."""
    bare = urllib.parse.urlsplit(path).path
    for template in DOCUMENT["paths"]:
        pattern = re.sub(r"\\\{[a-z]+\\\}", "[^/]+" if template.count("{") > 1 else ".+", re.escape(template))
        if re.fullmatch(pattern, bare):
            return template
    return None


def head_of(body, kind):
    return {"Content-Type": kind, **({"Content-Length": "1048577"} if body is TOO_LONG else {})}


class Recorder(Web):
    """A gateway each of whose answers is held against the document, and kept in a list."""

    def __init__(self, config):
        super().__init__(config)
        self.met = set()

    def answered(self, method, path, status, kind, said):
        template = template_of(path)
        if template is None:
            return
        operation = DOCUMENT["paths"][template][method.lower()]
        assert str(status) in operation["responses"], f"{method} {path}: {status} is not in the document: {said}"
        answer = operation["responses"][str(status)]
        if "$ref" in answer:
            answer = DOCUMENT["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
        content = answer.get("content", {})
        kind = kind.split(";")[0]
        assert not content or kind in content, f"{method} {path}: {status} {kind}"
        if "json" in kind:
            jsonschema.Draft202012Validator({**content[kind]["schema"], "components": DOCUMENT["components"]}).validate(said)
        self.met.add((method.lower(), template, str(status)))


class Openapi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = Recorder(SMALL_QUOTA)
        cls.web.__enter__()
        assert cls.web.apply(SMALL + DESK)[0] == 0
        counted = {"place": "S1", "reference": "C-1", "lines": [{"sku": "A", "counted": 90000}]}
        assert cls.web.post([{**sale(1, "wms/WH-1"), "type": "stock.counted", "data": counted}])[0] == 200
        for last in (20, 40):
            assert cls.web.post([sale(n) for n in range(last - 19, last + 1)])[0] == 200
        cls.web.settle()
        cls.token = {name: cls.web.enrol(role, name, *more)["token"] for name, role, more in (
            ("D1", "dealer", ("--outlet", "S1", "--tenant", "D1")), ("busy", "dashboard", ()), ("wall", "dashboard", ()), *((f"busy{n}", "dashboard", ()) for n in (2, 3, 4)), ("fresh", "dashboard", ()), ("web2", "gateway", ()),
            ("S2/T1", "terminal", ("--outlet", "S2")))}
        until = time.monotonic() + LONG
        while any(cls.web.ask("GET", "/v1/status", token=cls.token["wall"])[0] != 200 for _ in range(2)):
            assert time.monotonic() < until, "the doors do not look at the registry"
            time.sleep(0.5)

    @classmethod
    def tearDownClass(cls):
        cls.web.__exit__(None, None, None)

    def gets(self, status):
        """Addresses of all GETs that the document says to answer so."""
        places = {"/v1/events": "/v1/events?service=orders", "/v1/trace/{id}": "/v1/trace/S1/T1%231"}
        return [places.get(path, path) for path, item in DOCUMENT["paths"].items() if status in item.get("get", {}).get("responses", {}) and path != "/v1/live"]

    def stream(self, token="", headers=(), path="/v1/stream/kpi"):
        """The status of a stream's answer; one that is no 200 is a whole answer."""
        lines, line = self.web.stream(path, headers, token)
        status = int(lines.readline().split()[1])
        if status == 200:
            self.web.met.add(("get", "/v1/stream/kpi", "200"))
            self.assertTrue(server_events(lines, lambda heard: heard[-1][1] == "ready"))
        line.close()
        return status

    def test_every_answer_has_a_resource(self):
        answers = re.findall(r'^ANSWER\("([^"]+)"', (TOP / "services/tributary/get.def").read_text(encoding="utf-8"), re.M)
        self.assertGreater(len(answers), 40)
        missing = [what for what in answers if OTHERWISE.get(what, "/v1/" + what) not in DOCUMENT["paths"]]
        self.assertEqual(missing, [], "give each a line in services/gateway/rows.c and its description in openapi.yaml")
        self.assertEqual([what for what in OTHERWISE if what not in answers], [])

    def test_rows_are_as_described(self):
        for path in ("/v1/notices", "/v1/receipts", "/v1/action-items?action_item=CANARYDESK-A", "/v1/service-tickets", "/v1/service-tickets?ticket=CANARYDESK-T",
                     "/v1/budgets", "/v1/claims", "/v1/funds", "/v1/processes?flow=ticket", "/v1/waiting?flow=claim", "/v1/turnover?sku=A", "/v1/ageing?outlet=S1"):
            self.assertTrue(self.web.get(path)["rows"], path)

    def test_answers(self):
        for path in self.gets("200"):
            if path == "/v1/stream/kpi":
                self.assertEqual(self.stream(), 200)
            elif path != "/v1/session":
                self.assertEqual(self.web.ask("GET", path)[0], 200, path)
        self.assertEqual(self.web.ask("GET", "/metrics", headers={"Accept": "application/openmetrics-text"})[0], 200)

    def test_nobody_and_nonsense(self):
        for path in self.gets("400"):
            more = path + ("&" if "?" in path else "?")
            self.assertEqual(self.web.ask("GET", more + "x=%ff")[0], 400, path)
        for path in self.gets("401"):
            self.assertEqual(self.web.ask("GET", path, token=None)[0], 401, path)
            if path != "/v1/session":  # which is about the cookie
                self.assertEqual(self.web.ask("GET", path, token="tk_nobodys")[0], 401, path)

    def test_not_theirs(self):
        """What the role of a gateway may not see, and of what it may, what a dealer may not."""
        for path in self.gets("403"):
            allowed = path in ("/v1/status", "/v1/sources", "/v1/lag", "/metrics")
            self.assertEqual(self.web.ask("GET", path, token=self.token["D1" if allowed else "web2"])[0], 403, path)

    def test_not_there(self):
        for path in self.gets("404"):
            self.assertEqual(self.web.ask("GET", path.replace("%231", "%23999999"))[0], 404, path)
        self.assertEqual(self.web.ask("GET", "/v1/events?service=orders&epoch=7")[0], 409)

    def test_too_many_questions(self):
        for path in self.gets("429"):
            if path == "/v1/stream/kpi":
                continue
            for _ in range(400):
                status, headers, said = self.web.ask("GET", path, token=self.token["busy"])
                if status == 429:
                    break
            self.assertEqual(status, 429, path)
            self.assertIn(headers["Retry-After"], ("1", "2"), path)
            self.assertEqual(said["code"], "quota")
        for name in ("busy", "busy2", "busy3", "busy4"):  # a view that is there is shown to all of its token: another one for each try
            while self.web.ask("GET", "/v1/kpi", token=self.token[name])[0] != 429:
                pass
            status = self.stream(self.token[name])
            if status == 429:
                break
        self.assertEqual(status, 429)
        self.web.met.add(("get", "/v1/stream/kpi", "429"))
        self.assertEqual(self.web.ask("GET", "/v1/stock", token=self.token["wall"])[0], 200)  # another key has its own

    def test_publishing(self):
        token = self.token["S2/T1"]
        batch = [sale(n, "S2/T1", "S2") for n in range(1, 51)]
        for body, kind, who, status in (
                (json.dumps(batch), "application/cloudevents-batch+json", token, 200), ("{", "application/json", token, 400),
                ("hello", "text/plain", token, 415), (json.dumps([sale(99, "S2/T1", "S2")]), "application/cloudevents-batch+json", token, 409),
                (json.dumps([sale(1, "S1/T1")]), "application/cloudevents-batch+json", token, 403),
                (json.dumps([{**sale(51, "S2/T1", "S2"), "data": 7}]), "application/cloudevents-batch+json", token, 422),
                (TOO_LONG, "application/json", token, 413), (json.dumps(batch), "application/cloudevents-batch+json", None, 401)):
            self.assertEqual(self.web.ask("POST", "/v1/events", body, who, head_of(body, kind))[0], status, body[:40])
        status, headers, said = self.web.post([sale(n, "S2/T1", "S2") for n in range(51, 111)], token=token)
        self.assertEqual((status, said["code"]), (429, "quota"))
        self.assertGreater(int(headers["Retry-After"]), 0)

    def test_sessions(self):
        here = {"Content-Type": "application/json"}
        good = json.dumps({"token": self.token["wall"]})
        for body, head, status in ((good, here, 200), ("{", here, 400), (json.dumps({"token": "tk_nobodys"}), here, 401),
                                   (good, {**here, "Origin": "http://elsewhere.example"}, 403), (TOO_LONG, head_of(TOO_LONG, "application/json"), 413), (good, {"Content-Type": "text/plain"}, 415)):
            got, headers, said = self.web.ask("POST", "/v1/session", body, None, head)
            self.assertEqual(got, status, body[:40])
            if status == 200:
                cookie, csrf = {"Cookie": headers["Set-Cookie"].split(";")[0]}, said["csrf"]
        self.assertEqual(self.web.ask("GET", "/v1/session", None, None, cookie)[0], 200)
        self.assertEqual(self.web.ask("DELETE", "/v1/session", None, None)[0], 401)
        self.assertEqual(self.web.ask("DELETE", "/v1/session", None, None, cookie)[0], 403)
        self.assertEqual(self.web.ask("DELETE", "/v1/session", None, None, {**cookie, "X-CSRF-Token": csrf})[0], 204)

    def test_live(self):
        for path, asked, status in (("/v1/live", {}, 101), ("/v1/live?service=nobody", {}, 400), ("/v1/live", {"token": None}, 401),
                                    ("/v1/live", {"origin": "http://elsewhere.example"}, 403)):
            socket = Socket(self.web, path, **asked)
            self.assertEqual(socket.status, status)
            self.web.met.add(("get", "/v1/live", str(status)))
            socket.close()
        stranger = Socket(self.web, "/v1/live?service=orders", token="tk_nobodys")  # found out behind the handshake
        self.assertIsNone(stranger.hear())
        stranger.close()
        sockets = []
        for _ in range(300):
            sockets.append(Socket(self.web, "/v1/live?service=kpi"))
            if sockets[-1].status != 101:
                break
        self.assertEqual((sockets[-1].status, len(sockets)), (503, 257))
        self.web.met.add(("get", "/v1/live", "503"))
        for socket in sockets:
            socket.close()
        until = time.monotonic() + LONG
        while self.web.ask("GET", "/metrics")[2].decode().split('gateway_streams{service="gateway"} ')[1][0] != "0":
            self.assertLess(time.monotonic(), until)

    def quarantined(self, source):
        return [row for row in self.web.get("/v1/quarantine", service="orders")["rows"] if row["source"] == source]

    def decide(self, number, act, **asked):
        return self.web.ask("POST", f"/v1/quarantine/orders/{number}/{act}", b"", **asked)

    def test_decisions(self):
        """One event that nobody knows, and one that is said to have killed its service twice: the first can be let go, the second be tried."""
        door = Door(self.web.door("orders"), "a till of another make", [("S1/T2", 3)])
        door.publish("S1/T2", 3, 1, [[1, "", "S1/T2", 1, "nobody.knows", "S1", 1, {}, {}]])
        door.hear("ack")
        door.close()
        self.web.stop()
        source = b"S1/T2"
        record = struct.pack("=64sIIQQ", source, len(source), 2, 3, 2)
        pathlib.Path(self.web.dir, "orders", "suspect").write_bytes(record)
        self.web.start()
        door = Door(self.web.door("orders"), "till", [("S1/T2", 3)])
        door.publish("S1/T2", 3, 2, [event("S1/T2", 2, "ticket.sold", "S1", sale(2, "S1/T2")["data"])])
        self.assertEqual(door.hear("ack")[5][0][0], 2)
        door.close()
        unknown, poison = self.quarantined("S1/T2")
        self.assertEqual((unknown["seq"], poison["seq"]), (1, 2))
        tickets = len(self.web.get("/v1/tickets", terminal="S1/T2")["rows"])
        for act in ("retry", "discard"):
            self.assertEqual(self.decide(unknown["number"], act, token=None)[0], 401)
            self.assertEqual(self.decide(unknown["number"], act, token=self.token["wall"])[0], 403)
            self.assertEqual(self.decide(999, act)[0], 404)
            self.assertEqual(self.web.ask("POST", f"/v1/quarantine/orders/1/{act}?x=%ff", b"")[0], 400)
            for _ in range(200):
                status, headers, said = self.decide(unknown["number"], act, token=self.token["busy"])
                if status == 429:
                    break
            self.assertEqual((status, said["code"]), (429, "quota"))
        self.assertEqual(self.decide(unknown["number"], "retry")[0], 409)
        self.assertEqual(len(self.quarantined("S1/T2")), 2)  # it stays where it was
        status, _, said = self.decide(unknown["number"], "discard")
        self.assertEqual((status, said), (200, {"result": "done"}))
        status, _, said = self.decide(poison["number"], "retry")
        self.assertEqual((status, said), (200, {"result": "done"}))
        self.assertEqual(self.quarantined("S1/T2"), [])
        self.assertEqual(len(self.web.get("/v1/tickets", terminal="S1/T2")["rows"]), tickets + 1)
        acts = [row["act"] for row in self.web.rows("audit", "list")]
        self.assertGreaterEqual(acts.count("quarantine.discard"), 1)
        self.assertGreaterEqual(acts.count("quarantine.retry"), 2)

    @contextlib.contextmanager
    def asleep(self):
        """All services stand still."""
        pids = [self.web.pid(service) for service in SERVICES]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def test_nobody_at_the_doors(self):
        asked = [("GET", path, None, {}) for path in self.gets("503") if path != "/v1/stream/kpi"]
        asked += [("GET", path + "?service=orders", None, {}) for path in EVERYWHERE]
        asked += [("GET", "/v1/stream/kpi", None, {"Authorization": "Bearer " + self.token["fresh"]})]  # what others have heard would be shown
        asked += [("POST", f"/v1/quarantine/orders/1/{act}", b"", {}) for act in ("retry", "discard")]
        asked += [("POST", "/v1/events", json.dumps(sale(900, "S3/T1", "S3")), {"Content-Type": "application/json"}),
                  ("POST", "/v1/session", json.dumps({"token": self.token["wall"]}), {"Content-Type": "application/json"})]
        with self.asleep(), concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
            answers = list(pool.map(lambda one: self.web.ask(one[0], one[1], one[2], "", one[3], timeout=LONG), asked))
        for (method, path, _, _), (status, headers, said) in zip(asked, answers):
            self.assertEqual(status, 503, f"{method} {path}: {said}")
            self.assertTrue(path == "/readyz" or headers["Retry-After"] == "1", path)
        until = time.monotonic() + LONG
        while self.web.ask("GET", "/readyz", token=None)[0] != 200:
            self.assertLess(time.monotonic(), until)

    def test_zz_everything_of_the_document_was_met(self):
        known = {(verb, path, status) for path, item in DOCUMENT["paths"].items() for verb in VERBS if verb in item for status in item[verb]["responses"]}
        print(f"{len(known & self.web.met)} of {len(known)} answers of the document were met")
        self.assertEqual(sorted(known - self.web.met), [])


if __name__ == "__main__":
    unittest.main()
