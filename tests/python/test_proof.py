#!/usr/bin/env python3
"""Goal: every figure of a real retailer's sales agrees with an independent recomputation, whatever is done to the network meanwhile.
Method: the published files through real processes; recompute.py adds them up from the CSV alone."""

import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BIN, SERVICES, SHARED, Door, Network  # noqa: E402

RETAIL = SHARED / "data" / "online_retail" / "lines_2010-12_2011-08.csv.gz"
JOURNEY = SHARED / "data" / "complete_journey" / "transactions_weeks01-36.csv.gz"
RECOMPUTE = pathlib.Path(__file__).with_name("recompute.py")
KILLS = 24


def replay(network, path, form, *more):
    code, out, err = network.run("replay", path, "--format", form, "--json", *more, timeout=900)
    assert out, f"replay ended with {code}: {err}"
    return code, json.loads(out.splitlines()[-1])


def compare(network, path, form):
    """Differences between the network's figures and the file's."""
    files = []
    for what in (("get", "sales"), ("get", "stock"), ("tail", "orders", "--from", 1)):
        code, out, err = network.run(*what, "--json", timeout=300)
        assert code == 0, err
        files.append(os.path.join(network.folder, f"{what[1]}.jsonl"))
        pathlib.Path(files[-1]).write_text(out)
    done = subprocess.run(["/usr/bin/python3", RECOMPUTE, "compare", "--format", form, path, "--sales", files[0], "--stock", files[1],
                           "--events", files[2]], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout


class Retail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not RETAIL.exists():
            raise unittest.SkipTest(f"{RETAIL} is not there")
        with Network() as network:
            cls.code, cls.summary = replay(network, RETAIL, "online-retail", "--outlets", 20)
            network.settle()
            cls.hashes = network.hashes()
            cls.difference = compare(network, RETAIL, "online-retail")
            cls.check = network.run("check", timeout=600)
            restocks = network.rows("tail", "inventory", "--from", 1, "--type", "restock.requested", timeout=300)
            cls.restock_seqs = [event["seq"] for event in restocks]
            cls.late = cls.subscribe_from_one(network)

    @staticmethod
    def subscribe_from_one(network):
        """What a subscriber hears that comes when all is over and asks from sequence 1."""
        door = Door(network.door("inventory"), "late warehouse")
        door.say("subscribe", door.session, 1, ["restock.requested"], [], 1, 500)
        heard, position, head = [], 0, 1
        while position < head:
            _, _, _, _, after, position_now, head, events = door.hear("batch")
            assert after == position, (after, position)
            position = position_now
            heard += [event[3] for event in events]
            if events:
                door.say("credit", door.session, 1, len(events), position)
        door.close()
        return heard

    def test_the_summary_adds_up(self):
        s = self.summary
        self.assertEqual((self.code, s["lines"], s["sales"], s["returns"], s["write_offs"]), (0, 320705, 12980, 2554, 925))
        self.assertEqual(s["sale_lines"] + s["return_lines"] + s["write_off_lines"] + s["unreadable_lines"], s["lines"])
        self.assertEqual((s["sales"] + s["returns"] + s["write_offs"], s["accepted"] + s["duplicate"] + s["refused"]), (s["tickets"], s["sent"]))
        self.assertEqual((s["refused"], s["unreadable_lines"], s["non_goods_lines"]), (0, 0, 1992))

    def test_every_figure_agrees_with_the_file(self):
        self.assertEqual(self.difference[0], 0, self.difference[1][-2000:])

    def test_the_stores_hold_together(self):
        self.assertEqual(self.check[0], 0, self.check[1])

    def test_a_late_subscriber_gets_every_restock_once_in_order(self):
        self.assertGreater(len(self.restock_seqs), 1000)
        self.assertEqual(self.late, self.restock_seqs)

    def test_a_client_that_says_everything_twice_changes_nothing(self):
        with Network() as network:
            replay(network, RETAIL, "online-retail", "--outlets", 20, "--send-twice")
            network.settle()
            self.assertEqual(network.hashes(), self.hashes)

    def test_sigkill_at_random_moments_changes_nothing(self):
        dice = random.Random(20101201)
        with Network() as network:
            done = threading.Event()
            killed = []

            def killer():
                until = time.monotonic() + 600
                while not done.is_set() and len(killed) < KILLS and time.monotonic() < until:
                    time.sleep(dice.uniform(0.05, 0.35))
                    service = dice.choice(SERVICES)
                    if network.kill(service):
                        killed.append(service)

            # Slow enough that every kill falls into the run: about 240 days of trade at this multiple of their time.
            thread = threading.Thread(target=killer)
            network_ready = replay(network, RETAIL, "online-retail", "--outlets", 20, "--limit", 1)
            thread.start()
            code, summary = replay(network, RETAIL, "online-retail", "--outlets", 20, "--skip", 1, "--speed", 1500000)
            done.set()
            thread.join()
            self.assertEqual((network_ready[0], code, summary["refused"]), (0, 0, 0))
            self.assertGreaterEqual(len(killed), 20)
            network.settle()
            self.assertEqual(network.hashes(), self.hashes)
            self.assertEqual(compare(network, RETAIL, "online-retail")[0], 0)

    def test_stopped_half_way_every_service_can_be_rebuilt(self):
        with Network() as network:
            replay(network, RETAIL, "online-retail", "--outlets", 20, "--limit", 8000)
            network.stop()
            for service in SERVICES:
                code, out, err = network.run("rebuild", service, timeout=600)
                self.assertEqual(code, 0, out + err)
            network.start()
            replay(network, RETAIL, "online-retail", "--outlets", 20, "--skip", 8000)
            network.settle()
            self.assertEqual(network.hashes(), self.hashes)


class Journey(unittest.TestCase):
    def test_every_figure_of_251_stores_agrees_with_the_file(self):
        if not JOURNEY.exists():
            self.skipTest(f"{JOURNEY} is not there")
        with Network() as network:
            code, summary = replay(network, JOURNEY, "complete-journey")
            self.assertEqual((code, summary["lines"], summary["tickets"], summary["refused"]), (0, 50656, 31930, 0))
            network.settle()
            code, differences = compare(network, JOURNEY, "complete-journey")
            self.assertEqual(code, 0, differences[-2000:])
            self.assertEqual(network.run("check", "--shallow", timeout=300)[0], 0)


if __name__ == "__main__":
    unittest.main()
