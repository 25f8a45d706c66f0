#!/usr/bin/env python3
"""Goal: the network keeps its word to those who know only its documents. Method: real processes, plain ZeroMQ and msgpack, the command."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BIN, SERVICES, SMALL, TOP, Door, Network, event, ticket  # noqa: E402

A6 = [{"sku": "A", "quantity": 6000, "unit_price": 25500}]


class Till(unittest.TestCase):
    """What a terminal can rely on."""

    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.network.__enter__()
        code, out, err = cls.network.apply(SMALL)
        assert code == 0, err

    @classmethod
    def tearDownClass(cls):
        cls.network.__exit__(None, None, None)

    def till(self, name, epoch):
        door = Door(self.network.door("orders"), f"till {name}", [(name, epoch)])
        self.addCleanup(door.close)
        return door

    def test_a_sale_is_acknowledged_and_reaches_shelf_restock_and_figures(self):
        till = self.till("S3/T1", 100)
        self.assertEqual(till.welcome[6], [["S3/T1", 100, 1]])
        till.publish("S3/T1", 100, 1, [ticket("S3/T1", 1, "R1", A6, outlet="S3")])
        ack = till.hear("ack")
        self.assertEqual(ack[1:], ["S3/T1", 100, 1, [], []])
        self.network.settle()
        sales = [r for r in self.network.rows("get", "sales", "--outlet", "S3", "--day", "2026-03-01")]
        self.assertEqual((sales[0]["tickets"], sales[0]["units_milli"], sales[0]["revenue_minor"], sales[0]["returns_minor"]), (1, 6000, 1530, 0))
        stock = self.network.rows("get", "stock", "--outlet", "S3", "--sku", "A")[0]
        self.assertEqual(stock["on_hand_milli"], -6000)
        self.assertEqual(self.network.run("get", "sales", "--outlet", "S3", "--day", "2026-03-01", "--columns", "outlet,currency,revenue,units,nothing")[1],
                         "outlet  currency  revenue  units  nothing\nS3      GBP         15.30      6  -\n")
        restocks = self.network.rows("get", "restocks", "--outlet", "S3")
        self.assertEqual([(r["sku"], r["quantity_milli"], r["from"], r["cause"]) for r in restocks], [("A", 26000, "WH-1", restocks[0]["cause"])])
        trace = self.network.run("trace", "S3/T1#1")[1]
        self.assertRegex(trace, restocks[0]["cause"] + " sale.recorded S3")
        self.assertIn("restock.requested", trace)

    def test_a_resend_is_a_duplicate_and_a_gap_is_asked_for(self):
        till = self.till("S1/T2", 100)
        till.publish("S1/T2", 100, 1, [ticket("S1/T2", 1, "R1", A6)])
        till.hear("ack")
        till.publish("S1/T2", 100, 1, [ticket("S1/T2", 1, "R1", A6)])
        self.assertEqual(till.hear("ack")[3:5], [1, [[1, 1]]])
        till.publish("S1/T2", 100, 5, [ticket("S1/T2", 5, "R5", A6)])
        resend = till.hear("resend")
        self.assertEqual((resend[3], resend[4]), (2, "gap"))
        self.assertGreaterEqual(self.row("sources", source="S1/T2")["duplicates"], 1)

    def test_answers_come_in_order_also_to_a_peer_that_reads_late(self):
        till, said, heard = self.till("S1/T3", 100), 0, []
        while said < 9000:  # more answers are due than the sockets' queues hold, and room in them comes and goes
            for said in range(said + 1, said + 61):
                till.publish("S1/T3", 100, said, [ticket("S1/T3", said, f"L{said}", A6)])
            heard += [till.hear("ack")[3] for _ in range(30)]
        heard += [till.hear("ack")[3] for _ in range(said - len(heard))]
        self.assertEqual(heard, list(range(1, said + 1)))

    def row(self, what, **arguments):
        door = Door(self.network.door("orders"))
        self.addCleanup(door.close)
        rows = door.query(what, **arguments)
        self.assertEqual(len(rows), 1, rows)
        return rows[0]

    def test_refusals_have_codes_and_are_heard_again(self):
        till = self.till("S2/T2", 100)
        wrong = [
            ("unknown_outlet", ticket("S2/T2", 1, "R1", A6, outlet="S9")),
            ("foreign_terminal", ticket("S2/T2", 2, "R2", A6, outlet="S1")),
            ("unknown_product", ticket("S2/T2", 3, "R3", [{"sku": "Z", "quantity": 1000, "unit_price": 1}], outlet="S2")),
            ("malformed_money", ticket("S2/T2", 4, "R4", [{"sku": "A", "quantity": 1000}], outlet="S2")),
            ("amount_mismatch", ticket("S2/T2", 5, "R5", [{"sku": "A", "quantity": 1000, "unit_price": 25500, "amount": 256}], outlet="S2")),
            ("unknown_currency", ticket("S2/T2", 6, "R6", A6, outlet="S2", currency="XXX")),
            ("malformed", event("S2/T2", 7, "ticket.sold", "S2", {"outlet": "S2"})),
            ("malformed", event("S2/T2", 8, "no.such_type", "S2", {})),
        ]
        for again in range(2):
            till.publish("S2/T2", 100, 1, [e for _, e in wrong])
            ack = till.hear("ack")
            self.assertEqual([code for _, code, _ in ack[5]], [code for code, _ in wrong])
            self.assertEqual(ack[4], [[1, 8]] if again else [])
        quarantine = [r for r in self.network.rows("get", "quarantine") if r["source"] == "S2/T2"]
        self.assertEqual([(r["service"], r["seq"]) for r in quarantine], [("orders", 7), ("orders", 8)])
        for row in quarantine:
            self.assertEqual(self.network.run("quarantine", "show", "orders", row["number"])[0], 0)
        self.assertEqual(self.network.run("quarantine", "retry", "orders", quarantine[0]["number"])[0], 1)
        self.assertEqual(self.network.run("quarantine", "discard", "orders", quarantine[0]["number"])[0], 0)

    def test_a_price_outside_its_corridor_is_recorded_and_flagged(self):
        till = self.till("S2/T1", 200)
        till.publish("S2/T1", 200, 1, [ticket("S2/T1", 1, "P1", [{"sku": "A", "quantity": 1000, "unit_price": 10000}], outlet="S2")])
        self.assertEqual(till.hear("ack")[5], [])
        self.network.settle()
        flags = [e for e in self.network.rows("tail", "orders", "--from", 1, "--type", "price.deviation_detected") if e["data"]["receipt"] == "P1"]
        self.assertEqual([(e["data"]["sku"], e["data"]["deviation_bp"]) for e in flags], [("A", -5000)])

    def test_unknown_sessions_and_hostile_frames_are_answered_and_harmless(self):
        stranger = Door(self.network.door("orders"), None)
        self.addCleanup(stranger.close)
        stranger.say("publish", 12345, "S1/T1", 1, 1, [])
        self.assertEqual(stranger.hear("error")[1], "hello_first")
        for frame in (b"", b"\xc1", b"\xdd\xff\xff\xff\xff", b"\x93\xa5hello\x01", b"\x81" * 200, os.urandom(3000)):
            stranger.say_bytes(frame)
            self.assertEqual(stranger.hear("error")[1], "malformed")
        door = Door(self.network.door("orders"))
        self.addCleanup(door.close)
        door.publish("orders", 1, 1, [])
        self.assertEqual(door.hear("error")[1], "reserved_source")
        self.assertEqual(len(door.query("status")), 1)

    def test_a_subscriber_gets_every_restock_once_in_order_with_credit(self):
        till = self.till("S1/T1", 300)
        till.publish("S1/T1", 300, 1, [ticket("S1/T1", 1, "C1", [{"sku": "B", "quantity": 1000, "unit_price": 100}])])
        till.hear("ack")
        self.network.settle()
        expected = [e["seq"] for e in self.network.rows("tail", "inventory", "--from", 1, "--type", "restock.requested")]
        self.assertTrue(expected)
        warehouse = Door(self.network.door("inventory"), "wms")
        self.addCleanup(warehouse.close)
        warehouse.say("subscribe", warehouse.session, 1, ["restock.requested"], [], 1, 1)
        heard, position = [], 0
        while len(heard) < len(expected):
            _, sub, source, epoch, after, through, head, events = warehouse.hear("batch")
            self.assertEqual((sub, source, after), (1, "inventory", position))
            self.assertLessEqual(len(events), 1)
            heard += [e[3] for e in events]
            position = through
            warehouse.say("credit", warehouse.session, 1, 1, through)
        self.assertEqual(heard, expected)

    def test_the_live_view_gives_a_snapshot_then_changes(self):
        dashboard = Door(self.network.door("kpi"), "dashboard")
        self.addCleanup(dashboard.close)
        till = self.till("S2/T3", 400)
        till.publish("S2/T3", 400, 1, [ticket("S2/T3", 1, "L1", A6, outlet="S2")])
        till.hear("ack")
        self.network.settle()
        dashboard.say("subscribe", dashboard.session, 1, ["kpi.updated"], ["S2"], 1, 1000)
        first = [e for e in dashboard.hear("batch")[7] if e[8]["day"] == ""]
        self.assertTrue(first and all(e[8]["key"] == "S2" and "watermark" in e[8] and "completeness_bp" in e[8] for e in first))
        before = first[-1][8]["revenue"]
        till.publish("S2/T3", 400, 2, [ticket("S2/T3", 2, "L2", A6, outlet="S2")])
        until = time.monotonic() + 20
        after = before
        while after == before and time.monotonic() < until:
            for e in dashboard.hear("batch")[7]:
                if e[8]["day"] == "":
                    after = e[8]["revenue"]
        self.assertEqual(after, before + 1530)

    def test_the_client_of_the_documents_runs_as_it_is_printed(self):
        text = (TOP / "schemas" / "README.md").read_text(encoding="utf-8")
        code = re.search(r"```python\n(.*?)```", text, re.S).group(1)
        self.network.apply("outlets:\n  - {outlet: OUT-001, name: O, tier: 1, kind: own_store, currency: GBP, tz_offset: 0}\n"
                           "terminals:\n  - {terminal: OUT-001/T1, outlet: OUT-001}\nproducts:\n  - {sku: 85123A, name: H, goods: true}\n")
        done = subprocess.run(["/usr/bin/python3", "-c", code, self.network.door("orders")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sale.recorded", done.stdout)


class Command(unittest.TestCase):
    """What an operator can rely on."""

    def test_apply_is_idempotent_and_complains_with_file_line_and_field(self):
        with Network() as network:
            code, out, err = network.apply(SMALL)
            self.assertEqual(code, 0, err)
            self.assertEqual(len(out.splitlines()), 19)
            code, out, err = network.apply(SMALL)
            self.assertEqual((code, out), (0, ""))
            self.assertIn("0 changed", err)
            code, out, err = network.apply("outlets:\n  - {outlet: S3, nam: x, tier: 1, kind: own_store, currency: GBP, tz_offset: 0}\n")
            self.assertEqual(code, 1)
            self.assertRegex(err, r"apply\.yaml:2: nam: .*did you mean 'name'")
            code, out, err = network.apply("terminals:\n  - {terminal: X/T1, outlet: NOWHERE}\n")
            self.assertEqual(code, 1)
            self.assertRegex(err, r"apply\.yaml:2: refused unknown_outlet")
            code, out, err = network.apply("prices:\n  - {sku: A, currency: GBP, list: 2.555555}\n")
            self.assertRegex(err, r"apply\.yaml:2: list: '2.555555' has more than 4 decimals")

    def test_several_at_once_are_applied_one_after_the_other(self):
        with Network() as network:
            path = os.path.join(network.folder, "master.yaml")
            pathlib.Path(path).write_text(SMALL, encoding="utf-8")
            running = [subprocess.Popen([BIN / "tributary", "apply", path, "--dir", network.dir], stdout=subprocess.PIPE, text=True) for _ in range(5)]
            said = [one.communicate(timeout=120)[0].splitlines() for one in running]
            self.assertEqual([one.returncode for one in running], [0] * 5)
            self.assertEqual(sorted(map(bool, said)), [False] * 4 + [True], "one of them changes all, the others nothing")

    def test_publish_prints_a_verdict_per_event(self):
        lines = [
            {"type": "ticket.sold", "source": "S1/T1", "epoch": 50, "seq": 1, "data": {"outlet": "S1", "receipt": "1", "currency": "GBP", "day": "2026-03-01", "lines": A6}},
            {"type": "ticket.sold", "source": "S1/T1", "epoch": 50, "seq": 1, "data": {"outlet": "S1", "receipt": "1", "currency": "GBP", "day": "2026-03-01", "lines": A6}},
            {"type": "ticket.sold", "source": "S1/T1", "epoch": 50, "seq": 2, "data": {"outlet": "S7", "receipt": "2", "currency": "GBP", "day": "2026-03-01", "lines": A6}},
            {"type": "ticket.sold", "source": "S1/T1", "epoch": 50, "seq": 3, "data": {"outlet": "S1", "lines": []}},
        ]
        with Network() as network:
            network.apply(SMALL)
            code, out, err = network.run("publish", stdin="".join(json.dumps(line) + "\n" for line in lines))
            verdicts = [json.loads(line) for line in out.splitlines()]
            self.assertEqual(code, 1)
            self.assertEqual(sorted((v["seq"], v["verdict"], v["code"]) for v in verdicts),
                             sorted([(1, "accepted", ""), (1, "duplicate", ""), (2, "refused", "unknown_outlet"), (0, "refused", "malformed")]))

    def test_exit_codes_and_guesses(self):
        def run(*arguments):
            done = subprocess.run([BIN / "tributary", *arguments], capture_output=True, text=True, timeout=60)
            return done.returncode, done.stderr

        self.assertEqual(run("gte")[0], 2)
        self.assertIn("did you mean 'get'", run("gte")[1])
        self.assertEqual(run("get", "stock", "--dir", "/nonexistent/run")[0], 3)
        self.assertEqual(run("--help")[0], 0)
        for command in ("up", "apply", "replay", "publish", "tail", "get", "trace", "check", "rebuild", "quarantine", "bench", "top"):
            self.assertEqual(run(command, "--help")[0], 0, command)

    def test_an_unknown_key_of_the_configuration_is_fatal_with_a_guess(self):
        with Network() as network:
            path = pathlib.Path(network.folder, "wrong.yaml")
            path.write_text(f"dir: {network.folder}\nstoer:\n  map_mib: 64\n")
            done = subprocess.run([BIN / "orders", "--config", str(path)], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 2)
            self.assertIn("did you mean 'store'", done.stderr)

    def test_check_and_rebuild_agree_and_a_flipped_byte_is_found(self):
        with Network() as network:
            network.apply(SMALL)
            till = Door(network.door("orders"), "till", [("S1/T1", 9)])
            till.publish("S1/T1", 9, 1, [ticket("S1/T1", n, f"R{n}", A6) for n in range(1, 200)])
            till.hear("ack")
            network.settle()
            code, out, err = network.run("check")
            self.assertEqual(code, 0, out + err)
            for service in SERVICES:
                self.assertEqual(network.run("rebuild", service)[0], 0)
            till.close()
            network.stop()
            data = pathlib.Path(network.dir, "orders", "data.mdb")
            content = data.read_bytes()
            place = content.find(b"sale.recorded")
            data.write_bytes(content[:place + 20] + bytes([content[place + 20] ^ 1]) + content[place + 21:])
            code, out, err = network.run("check", "orders")
            self.assertEqual(code, 1)
            self.assertRegex(out, r"journal entry \d+ is damaged")

    def test_a_network_starts_while_services_of_an_earlier_one_are_still_ending(self):
        with Network() as network:
            network.stop()
            with subprocess.Popen(["flock", os.path.join(network.dir, "orders"), "sleep", "1"]) as earlier:
                time.sleep(0.3)
                network.start()  # as the supervisor of a machine would, with the store not yet given up
                self.assertIsNotNone(earlier.poll())

    def test_a_killed_service_comes_back_and_loses_nothing(self):
        with Network() as network:
            network.apply(SMALL)
            till = Door(network.door("orders"), "till", [("S1/T1", 9)])
            till.publish("S1/T1", 9, 1, [ticket("S1/T1", 1, "R1", A6)])
            till.hear("ack")
            for service in SERVICES:
                self.assertTrue(network.kill(service))
            time.sleep(0.3)
            until = time.monotonic() + 20
            while time.monotonic() < until:
                again = Door(network.door("orders"), None)
                again.say("hello", 1, "till", [["S1/T1", 9]])
                try:
                    welcome = again.hear("welcome", 2)
                    break
                except AssertionError:
                    again.close()
            self.assertEqual(welcome[6], [["S1/T1", 9, 2]])
            till.say("publish", till.session, "S1/T1", 9, 2, [ticket("S1/T1", 2, "R2", A6)])
            self.assertEqual(till.hear("error")[1], "hello_first")
            again.close()
            till.close()
            network.settle()
            self.assertEqual(network.rows("get", "sales", "--outlet", "S1")[0]["tickets"], 1)


if __name__ == "__main__":
    unittest.main()
