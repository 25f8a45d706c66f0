#!/usr/bin/env python3
"""Goal: the demonstration shows the rulebook. Method: its network, its opening and some of its sales go into real processes; nothing of it is refused,
and each rule that it tells of has done something."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import TOP, Network  # noqa: E402

NOW = "2026-03-15T12:00:00+00:00"
TOLD = ("promotions", "notices", "commissions", "credit", "scorecards")  # as deploy/up asks


def demo(what, *options, stdin=None):
    return subprocess.run(["/usr/bin/python3", TOP / "deploy/demo.py", what, "--now", NOW, *options], input=stdin, capture_output=True, text=True, check=True).stdout


class Demo(unittest.TestCase):
    def publish(self, network, lines):
        code, out, err = network.run("publish", "--quiet", stdin=lines)
        self.assertEqual(code, 0, out + err)
        self.assertIn(f"{len(lines.splitlines())} accepted, 0 duplicate, 0 refused", out + err)

    def test_every_rule_has_done_something(self):
        self.assertEqual(demo("network"), demo("network"))  # drawn from a seed
        with Network() as network:
            code, out, err = network.apply(demo("network"))
            self.assertEqual(code, 0, err)
            self.assertIn("0 refused", out + err)
            self.publish(network, demo("opening"))
            self.publish(network, demo("sales", "--tickets", "1000"))
            network.settle()
            rows = [row for what in TOLD for row in network.rows("get", what)]
            told = demo("outcomes", stdin="\n".join(map(json.dumps, rows)))
            print(told, end="")
            for part in ("promotion SNACKS gave ", "notice SNACKS was read by 1 of 12", "credit of OUT-009 holds 1 order beyond 20000.00 CNY",
                         "supplier MILL: 1 of 2 on time in full", "leads that were handed over earned "):
                self.assertIn(part, told)
            self.assertEqual(len(told.splitlines()), 2)
            self.assertEqual(network.rows("get", "quarantine"), [])
            code, out, _ = network.run("tail", "orders", "--from", "1", "--json", "--type", "assortment.breach_detected")
            self.assertIn("NO-TOYS-DEALER", out)


if __name__ == "__main__":
    unittest.main()
