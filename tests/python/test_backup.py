#!/usr/bin/env python3
"""Goal: a network goes back to a backup that was taken while it ran, and ends where an undisturbed one does. Method: real processes, tills
that keep all that they ever said and send again from the number that the door names."""

import json
import os
import pathlib
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SERVICES, SMALL, Door, Network, ticket  # noqa: E402

TILLS = (("S1/T1", "S1"), ("S1/T2", "S1"), ("S2/T1", "S2"), ("S3/T1", "S3"))
SALES = 600  # of each till


def sale(till, outlet, seq):
    sku, price = ("A", 25500) if seq % 3 else ("B", 10000)
    return ticket(till, seq, f"{till}-{seq}", [{"sku": sku, "quantity": 1000 * (1 + seq % 4), "unit_price": price}], outlet=outlet,
                  day=f"2026-03-0{1 + seq % 3}")


class Till:
    """Everything that it ever said, and a conversation that goes on where the door stands."""

    def __init__(self, network, name, outlet):
        self.network, self.name, self.outlet, self.acked, self.asked = network, name, outlet, 0, []

    def sell(self, through, pause=0.0):
        door = Door(self.network.door("orders"), f"till {self.name}", [(self.name, 7)])
        try:
            first = door.welcome[6][0][2]
            self.asked.append(first)
            for start in range(first, through + 1, 20):
                events = [sale(self.name, self.outlet, seq) for seq in range(start, min(start + 20, through + 1))]
                door.publish(self.name, 7, start, events)
                ack = door.hear("ack")
                assert ack[5] == [], ack
                self.acked = ack[3]
                time.sleep(pause)
        finally:
            door.close()


def figures(network):
    """What a merchant reads; order and moment of the inputs are not in it."""
    network.settle()
    sales = {(r["outlet"], r["day"]): (r["tickets"], r["units_milli"], r["revenue_minor"]) for r in network.rows("get", "sales")}
    stock = {(r["outlet"], r["sku"]): r["on_hand_milli"] for r in network.rows("get", "stock")}
    return sales, stock


def journal(network, service):
    return network.rows("tail", service, "--from", 1, timeout=300)


def sell_all(tills, through, pause=0.0):
    threads = [threading.Thread(target=till.sell, args=(through, pause)) for till in tills]
    for thread in threads:
        thread.start()
    return threads


class Backup(unittest.TestCase):
    def network(self):
        network = Network()
        network.__enter__()
        self.addCleanup(network.__exit__, None, None, None)
        self.assertEqual(network.apply(SMALL)[0], 0)
        return network, [Till(network, name, outlet) for name, outlet in TILLS]

    def undisturbed(self):
        network, tills = self.network()
        for thread in sell_all(tills, SALES):
            thread.join()
        return figures(network)

    def all_hold(self, network):
        code, out, err = network.run("check", timeout=300)
        self.assertEqual(code, 0, out + err)

    def test_a_network_that_went_back_ends_where_an_undisturbed_one_does(self):
        network, tills = self.network()
        for thread in sell_all(tills, 100):
            thread.join()
        under_load = sell_all(tills, 500, pause=0.15)
        time.sleep(0.5)
        copy = os.path.join(network.folder, "copy")
        code, out, err = network.run("backup", copy, "--json")
        self.assertEqual(code, 0, err)
        self.assertTrue(all(thread.is_alive() for thread in under_load), "the control: tills were selling all the while")
        for thread in under_load:
            thread.join()
        manifest = json.loads(pathlib.Path(copy, "manifest.json").read_text())
        self.assertEqual([store["service"] for store in manifest["stores"]], list(SERVICES))
        self.assertEqual([json.loads(line) for line in out.splitlines()], manifest["stores"])
        network.settle()
        lost = {service: [e for e in journal(network, service) if e["seq"] > next(s["head"] for s in manifest["stores"] if s["service"] == service)]
                for service in SERVICES}
        self.assertTrue(lost["orders"] and lost["inventory"], "the control: selling went on after the backup")

        self.assertEqual(network.run("restore", copy)[0], 1, "a running network is not touched")
        network.stop()
        code, out, err = network.run("restore", copy)
        self.assertEqual(code, 0, err)
        network.start()
        for thread in sell_all(tills, SALES):
            thread.join()
        self.assertTrue(any(till.asked[-1] <= 500 for till in tills), "the control: the door asked for what the backup misses")
        sales, stock = figures(network)
        expected_sales, expected_stock = self.undisturbed()
        self.assertEqual(sales, expected_sales)
        self.assertEqual(stock, expected_stock)
        for service in SERVICES:
            numbers = [e["seq"] for e in journal(network, service)]
            self.assertEqual(numbers, sorted(set(numbers)))
            given = {e["seq"] for e in lost[service]}
            self.assertFalse(given & set(numbers), f"{service} has given a number twice")
        self.all_hold(network)

        again = os.path.join(network.folder, "again")  # a network that went back can do so again, and from its own backup
        self.assertEqual(network.run("backup", again, "--rate", 0)[0], 0)
        network.stop()
        for folder in (copy, again):
            self.assertEqual(network.run("restore", folder)[0], 0)
        network.start()
        for thread in sell_all(tills, SALES):
            thread.join()
        self.assertEqual(figures(network), (expected_sales, expected_stock))
        self.all_hold(network)

    def one_store_goes_back(self, network, copy, service):
        """As somebody does it who has lost one disk: this store from a backup, under a new epoch, the others as they are."""
        code, _, err = network.run("restore", copy, "--only", service)
        self.assertEqual(code, 0, err)

    @staticmethod
    def forked(network):
        """The services that say that one they hear has another past."""
        lines = [line for line in network.log_lines("alarm") if " journal_forked " in line]
        return {service for service in SERVICES for line in lines if f" {service} alarm " in line}

    def test_who_has_heard_no_more_than_one_that_went_back_goes_on_and_who_has_does_not(self):
        network, tills = self.network()
        for thread in sell_all(tills, 50):
            thread.join()
        network.settle()
        copy = os.path.join(network.folder, "copy")
        self.assertEqual(network.run("backup", copy)[0], 0)
        network.stop()
        self.one_store_goes_back(network, copy, "orders")
        network.start()
        for thread in sell_all(tills, 100):
            thread.join()
        sales, _ = figures(network)
        self.assertEqual(sum(tickets for tickets, _, _ in sales.values()), 100 * len(TILLS), "nothing is lost or counted twice")
        self.all_hold(network)

        before = {row["service"]: row["state_hash"] for row in network.rows("get", "hash")}
        network.stop()
        self.one_store_goes_back(network, copy, "orders")
        network.start()
        for thread in sell_all(tills, 100):
            thread.join()
        until = time.monotonic() + 60
        while time.monotonic() < until and not {"inventory", "kpi"} <= self.forked(network):
            time.sleep(0.2)
        self.assertLessEqual({"inventory", "kpi"}, self.forked(network))
        after = {row["service"]: row["state_hash"] for row in network.rows("get", "hash")}
        self.assertEqual((after["inventory"], after["kpi"]), (before["inventory"], before["kpi"]), "two histories were mixed")
        code, out, _ = network.run("check", "inventory", "--shallow")
        self.assertEqual(code, 1)
        self.assertIn("restore all stores from one backup", out)

    def test_a_damaged_journal_is_found_and_written_again(self):
        network, tills = self.network()
        for thread in sell_all(tills, 50):
            thread.join()
        expected = figures(network)
        network.stop()
        path = pathlib.Path(network.dir, "inventory", "data.mdb")
        whole = path.read_bytes()
        place, found = 0, False
        while not found:  # stale copies of an entry stand in the file besides: the first flip that check minds is the living one
            place = whole.index(b"stock.changed", place + 1)
            path.write_bytes(whole[:place] + b"S" + whole[place + 1:])
            code, out, _ = network.run("check", "inventory", "--shallow")
            found = code == 1
        self.assertIn("its checksum does not hold", out)
        self.assertIn("rebuild --replace", out)
        self.assertNotEqual(network.run("backup", os.path.join(network.folder, "bad"))[0], 0, "of a damaged store there is no backup")
        self.assertFalse(os.path.exists(os.path.join(network.folder, "bad", "manifest.json")))
        code, out, err = network.run("rebuild", "inventory", "--replace")
        self.assertEqual(code, 0, out + err)
        network.start()
        self.assertEqual(figures(network), expected)
        self.all_hold(network)
        for thread in sell_all(tills, 60):
            thread.join()
        network.settle()

    def test_a_backup_that_is_not_whole_is_refused(self):
        network, tills = self.network()
        copy = os.path.join(network.folder, "copy")
        self.assertEqual(network.run("backup", copy)[0], 0)
        self.assertEqual(network.run("backup", copy)[0], 1, "never over another one")
        network.stop()
        data = pathlib.Path(copy, "partners", "data.mdb")
        whole = data.read_bytes()
        data.write_bytes(whole.replace(b"Apple", b"Apply"))
        code, _, err = network.run("restore", copy)
        self.assertEqual(code, 1)
        self.assertIn("is not what its manifest says; nothing was changed", err)
        data.write_bytes(whole)
        pathlib.Path(copy, "manifest.json").rename(os.path.join(copy, "manifest.no"))
        self.assertEqual(network.run("restore", copy)[0], 1)
        network.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
