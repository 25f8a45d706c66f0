#!/usr/bin/env python3
"""Goal: what the README prints runs as it is printed. Method: its Python blocks, against a real network."""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SMALL, TOP, Network  # noqa: E402
from web import Web  # noqa: E402


class Readme(unittest.TestCase):
    def test_the_till_the_warehouse_and_the_dashboard_run(self):
        blocks = re.findall(r"```python\n(.*?)```", (TOP / "README.md").read_text(encoding="utf-8"), re.S)
        self.assertEqual(len(blocks), 3)
        with Network() as network:
            master = SMALL.replace("outlet: S1", "outlet: OUT-001").replace("S1/T1", "OUT-001/T1").replace("to: S1", "to: OUT-001")
            self.assertEqual(network.apply(master)[0], 0)
            said = []
            for block, service in zip(blocks, ("orders", "inventory", "kpi")):
                done = subprocess.run(["/usr/bin/python3", "-c", block, network.door(service)], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                said.append(done.stdout)
                network.settle()
            self.assertIn("durable through 1 refused []", said[0])
            self.assertRegex(said[1], r"inventory#\d+: 26 x A for OUT-001, because of orders#1")
            self.assertRegex(said[2], r"outlet OUT-001 running GBP 15\.3")

    def test_the_lines_for_http_run(self):
        block, = re.findall(r"```sh\n(URL=.*?)```", (TOP / "README.md").read_text(encoding="utf-8"), re.S)
        with Web() as web:
            self.assertEqual(web.apply(SMALL.replace("outlet: S1", "outlet: OUT-001").replace("S1/T2", "OUT-001/T2").replace("to: S1", "to: OUT-001"))[0], 0)
            done = subprocess.run(["bash", "-euc", block], capture_output=True, text=True, timeout=120, env={**os.environ, "TRIBUTARY_DIR": web.dir})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn('"verdict":"accepted"', done.stdout)
            self.assertIn('"cause":"OUT-001/T2#1"', done.stdout)
            self.assertIn('"rows":[', done.stdout)

    def test_every_command_of_the_table_exists(self):
        from harness import BIN
        text = (TOP / "README.md").read_text(encoding="utf-8")
        for command in re.findall(r"^\| `([a-z]+)", text, re.M):
            done = subprocess.run([BIN / "tributary", command, "--help"], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, command)


if __name__ == "__main__":
    unittest.main()
