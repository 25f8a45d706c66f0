#!/usr/bin/env python3
"""Goal: what staff and dealers are told about rules is true and readable: decisions in words, with the rule that they applied. Method: a
network of real processes, its master data changed while it sells, and the command asked as people ask it."""

import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SMALL, Door, Network, ticket  # noqa: E402

TARGETS = """
targets:
  - {target: T-S1, outlet: S1, metric: revenue, currency: GBP, from: 2026-03-01, until: 2126-03-31, value: 900}
"""


class Rulebook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.network.__enter__()
        code, out, err = cls.network.apply(SMALL + TARGETS)
        assert code == 0, err

    @classmethod
    def tearDownClass(cls):
        cls.network.__exit__(None, None, None)

    def sell(self, till, price, seq=1):
        door = Door(self.network.door("orders"), f"till {till}", [(till, 1)])
        self.addCleanup(door.close)
        outlet = till.split("/")[0]
        door.publish(till, 1, seq, [ticket(till, seq, f"R-{seq}", [{"sku": "A", "quantity": 6000, "unit_price": price}], outlet=outlet)])
        door.hear("ack")

    def traced(self, identity, wanted, *arguments):
        """The tree, as soon as all that is wanted is in it: other services hear of it when they do."""
        until = time.monotonic() + 60
        while True:
            out = self.network.run("trace", identity, *arguments)[1]
            if all(word in out for word in wanted) or time.monotonic() > until:
                return out
            time.sleep(0.2)

    def test_decisions_are_told_in_words_with_their_rule(self):
        self.sell("S1/T1", 15000)
        wanted = ["price.deviation_detected", "restock.requested", "target.", "stock.shortfall_detected"]
        lines = [line.strip() for line in self.traced("S1/T1#1", wanted).splitlines()]
        self.assertIn("S1 sold A at 1.50 GBP (receipt R-1), -25 % outside its corridor, floor 2.00 GBP, ceiling 3.00 GBP.", lines)
        self.assertIn("rule: price version 1", lines)
        self.assertIn("S1 gave out more than it was known to have: A short of 6, now -6.", lines)
        self.assertIn("S1 needs 26 of A from WH-1 (master): position -6, reorder point 5, order up to 20", " ".join(lines))
        self.assertIn("rule: stock_policy version 1", lines)
        # the event has no currency: the target's own is its
        self.assertRegex(" ".join(lines), "Target T-S1 of S1 was reached on [0-9-]*: 9.00 GBP of 9.00 GBP .revenue., 100 %")
        self.assertIn("rule: target T-S1 version 1", lines)

    def test_the_same_in_chinese(self):
        self.sell("S1/T2", 40000)
        wanted = ["price.deviation_detected"]
        out = self.traced("S1/T2#1", wanted, "--lang", "zh")
        self.assertIn("S1 以 4.00 GBP 售出 A（小票 R-1），偏离价格带 33.33 %，下限 2.00 GBP，上限 3.00 GBP。", out)
        self.assertIn("依据：price 第 1 版", out)
        rows = [json.loads(line) for line in self.traced("S1/T2#1", wanted, "--lang", "zh", "--json").splitlines()]
        said = [row for row in rows if row["type"] == "price.deviation_detected"][0]
        self.assertIn("S1 以 4.00 GBP 售出 A", said["said"])
        self.assertEqual(said["rules"], [{"kind": "price", "version": 1}])
        self.assertEqual(self.network.run("trace", "S1/T2#1", "--lang", "fr")[0], 2)

    def test_a_refusal_says_why(self):
        self.network.apply("prices:\n  - {sku: NONE, currency: GBP, list: 1}\n")
        refusals = [row for row in self.network.rows("tail", "partners", "--type", "submission.refused", "--from", "1")]
        identity = refusals[-1].get("id") or f"partners#{refusals[-1]['seq']}"
        self.assertIn("The price NONE was not taken: product NONE is not known (unknown_product).", self.traced(identity, ["price"]))

    def policy(self, *arguments):
        code, out, err = self.network.run("policy", *arguments)
        self.assertEqual(code, 0, err)
        return out

    def test_a_rule_is_shown_as_it_was_and_what_changed(self):
        def price(words):
            self.assertEqual(self.network.apply(f"prices:\n  - {{sku: B, currency: GBP, {words}}}\n")[0], 0)
        price("list: 1.20")
        before = self.network.rows("policy", "history", "price", "B///GBP")[0]["known_us"]
        price("list: 1.25, floor: 1.005")
        price("list: 1.25, floor: 1.10, ceiling: 1.40")
        self.assertRegex(self.policy("show", "price", "B///GBP"), "(?s)^price B///GBP version 3, known from .*Z\n.*  list +1.25 GBP\n.*  ceiling +1.40 GBP\n")
        self.assertRegex(self.policy("show", "price", "B///GBP", "--version", "1"), "(?s)version 1, known from .*Z to .*Z\n.*list +1.20 GBP\n$")
        self.assertEqual(self.network.rows("policy", "show", "price", "B///GBP", "--version", "2")[0]["floor"], 10050)
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(before // 1000000)) + f".{before % 1000000:06}Z"
        self.assertIn("version 1,", self.policy("show", "price", "B///GBP", "--known", moment))
        self.assertEqual(self.network.run("policy", "show", "price", "B///GBP", "--known", "2020-01-01")[0], 1)
        lines = [line.split(None, 1) for line in self.policy("diff", "price", "B///GBP", "1").splitlines()[1:]]
        self.assertEqual(lines, [["list", "1.20 GBP -> 1.25 GBP"], ["floor", "- -> 1.10 GBP"], ["ceiling", "- -> 1.40 GBP"]])
        self.assertEqual(self.network.rows("policy", "diff", "price", "B///GBP", "2", "3"),
                         [{"field": "floor", "old": "1.005 GBP", "new": "1.10 GBP"}, {"field": "ceiling", "old": "-", "new": "1.40 GBP"}])
        self.assertIn("nothing differs", self.policy("diff", "price", "B///GBP", "2", "2"))
        self.assertRegex(self.policy("history", "price", "B///GBP"), "(?s)version 1.*began\n.*version 2.*1.20 GBP -> 1.25 GBP.*version 3.*ceiling +- -> 1.40 GBP")

    def test_lists_and_days_of_a_rule(self):
        self.assertRegex(self.policy("show", "outlet", "S3"), "(?s)  kind +own_store\n.*  upstreams +warehouse WH-1\n")
        self.assertRegex(self.policy("show", "target", "T-S1", "--valid", "2026-03-31"), "  value +9.00 GBP")
        self.assertEqual(self.network.run("policy", "show", "target", "T-S1", "--valid", "2026-02-28")[0], 1)

    def test_what_policy_cannot_answer(self):
        for code, arguments in ((1, ("show", "price", "NONE///GBP")), (1, ("show", "price", "A///GBP", "--version", "9")), (1, ("diff", "price", "A///GBP", "9")),
                                (1, ("history", "price", "NONE///GBP")), (2, ("show", "bird", "A")), (2, ("show", "price")), (2, ("look", "price", "A")),
                                (2, ("diff", "price", "A///GBP")), (2, ("show", "price", "A///GBP", "--known", "soon")),
                                (2, ("show", "price", "A///GBP", "--valid", "soon")), (2, ("diff", "price", "A///GBP", "none"))):
            with self.subTest(arguments):
                got, out, err = self.network.run("policy", *arguments)
                self.assertEqual((got, out), (code, ""), err)

    def test_the_network_is_a_tree_on_any_day(self):
        code, out, err = self.network.apply("""
outlets:
  - {outlet: D1, name: Distributor, tier: 1, kind: distributor, currency: GBP, tz_offset: 0, upstreams: [{warehouse: WH-1}]}
  - outlet: D2
    name: Dealer
    tier: 2
    kind: dealer
    currency: GBP
    tz_offset: 0
    stage: contracted
    upstreams: [{outlet: D1, until: 2026-06-30}, {warehouse: WH-1, tier: 1, from: 2026-07-01}]
  - {outlet: D3, name: Lonely, tier: 2, kind: dealer, currency: GBP, tz_offset: 0}
""")
        self.assertEqual(code, 0, err)
        june, july = (self.network.run("get", "network", "--at", day)[1].splitlines() for day in ("2026-06-30", "2026-07-01"))
        self.assertEqual(june[0], "WH-1")
        self.assertEqual(june[june.index("  D1  Distributor, tier 1") + 1], "    D2  Dealer, tier 2, until 2026-06-30, contracted")
        self.assertIn("  D2  Dealer, tier 1, from 2026-07-01, contracted", july)
        self.assertIn("D3  Lonely, tier 2", july)
        self.assertEqual(self.network.run("get", "network", "--known", "2020-01-01")[1], "")
        self.assertEqual([row["supplier"] for row in self.network.rows("get", "network", "--outlet", "D2")], ["D1", "WH-1"])
        self.assertIn("supplier", self.network.run("get", "network", "--columns", "outlet,supplier")[1].splitlines()[0])
        self.assertEqual([self.network.run("get", "network", *words)[0] for words in (("--at", "soon"), ("--known", "soon"))], [2, 2])

    def test_silent_outlets_are_told(self):
        self.sell("S2/T1", 25500)           # of the first of March, which is long ago
        until = time.monotonic() + 60
        silent = {}
        while "last_day" not in silent.get("S2", {}) and time.monotonic() < until:
            silent = {row["outlet"]: row for row in self.network.rows("get", "silent", "--days", "1")}
            time.sleep(0.2)
        self.assertEqual(silent["S2"]["last_day"], "2026-03-01")
        self.assertEqual({row["outlet"] for row in self.network.rows("get", "silent", "--days", silent["S2"]["days"] + 2)} & {"S2", "S3"}, {"S3"})
        self.assertNotIn("last_day", silent["S3"])  # it has not sold anything yet
        self.assertEqual(self.network.run("get", "silent", "--days", "few")[0], 2)


if __name__ == "__main__":
    unittest.main()
