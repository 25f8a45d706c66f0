#!/usr/bin/env python3
"""Goal: what the network says of its shelves (turnover, cover, ageing, ABC-XYZ of each outlet and of all, stuffing) on a real retailer's
sales is what somebody who has only the CSV works out for himself.
Method: five weeks of the published file as tickets of twenty outlets, through real processes. The file has neither stock nor deliveries:
opening counts are given by rule from what is sold, costs from its prices, and what the network itself restocks is brought twice. One sale
in fifty is voided, returns are those of the file. A window of 28 days is over in between; the sums here are fractions over the file."""

import collections
import datetime
import decimal
import fractions
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recompute  # noqa: E402
import test_supply  # noqa: E402
from harness import Network  # noqa: E402
from test_proof_aims import OUTLETS, RETAIL, crc, tickets_of  # noqa: E402

BEGIN = datetime.datetime(2011, 3, 3, 0, 10, tzinfo=datetime.timezone.utc)  # a window of 28 days begins on this day
END = datetime.datetime(2011, 3, 31, 0, 5, tzinfo=datetime.timezone.utc)    # and the next one on this
LAST = "2011-04-08"
BROUGHT = ("2011-03-16", "2011-03-24")  # what is planned by these evenings arrives
LINES = 500  # of a count
DAY_US = 86400 * 10**6
micros, stamp, truncated = test_supply.micros, test_supply.stamp, test_supply.truncated


def day_of(moment):
    return moment.date().isoformat()


class World:
    """What is published, and what follows from it and from the file."""

    def __init__(self, tickets):
        self.dice = random.Random(11)
        self.tickets = tickets
        self.moves = []                                            # (time, outlet, sku, milli) of receipts, by Supply.bring
        self.receipts = collections.defaultdict(list)              # the same, by shelf
        self.days = collections.defaultdict(collections.Counter)  # (outlet, sku) -> day -> milli that was sold
        self.sold = collections.defaultdict(collections.Counter)  # window -> (outlet, sku) -> milli, less what came back
        self.net = collections.defaultdict(collections.Counter)    # the same, by day
        dearest = collections.defaultdict(decimal.Decimal)
        for ticket in tickets:
            window = 1 if ticket.day < day_of(END) else 2
            for sku, milli, price in ticket.lines:
                if not recompute.moves_stock(sku):
                    continue
                key = ticket.outlet, sku
                dearest[sku] = max(dearest[sku], price)
                net = -milli if ticket.is_return else 0 if ticket.is_void else milli
                self.sold[window][key] += net
                self.net[key][ticket.day] += net
                if not ticket.is_return:
                    self.days[key][ticket.day] += 0 if ticket.is_void else milli
        self.costs = {sku: int(price * 100) * 60 for sku, price in dearest.items()}  # 60 % of the price, in 1/10000
        self.shelves = sorted(set(self.sold[1]) | set(self.sold[2]))
        self.counted = {key: self.opening(key) for key in self.shelves}

    def opening(self, key):
        """Half of what the window sells, all of it, twice or four times as much."""
        units = max(0, self.sold[1][key]) // 1000 * (1, 2, 4, 8)[crc("".join(key)) % 4] // 2
        return max(1, units) * 1000

    def master(self):
        lane = {"from": "WH-1", "lead_time": 60, "cost": 3.00, "currency": "GBP"}
        services = sorted({line[0] for ticket in self.tickets for line in ticket.lines} - self.costs.keys() | {"POST"})
        priced = {sku: {"cost": cost / 10000, "cost_currency": "GBP"} if cost > 0 else {} for sku, cost in self.costs.items()}
        return json.dumps({
            "warehouses": [{"warehouse": "WH-1", "name": "w", "tz_offset": 0}],
            "outlets": [{"outlet": outlet, "name": outlet, "tier": 2, "kind": "dealer", "currency": "GBP", "tz_offset": 0,
                         "upstreams": [{"warehouse": "WH-1"}]} for outlet in [*OUTLETS, "CLOCK"]],
            "lanes": [{"lane": f"L-{outlet}", "to": outlet, **lane} for outlet in OUTLETS],
            "products": [{"sku": sku, "name": sku, "goods": True, **price} for sku, price in sorted(priced.items())] +
                        [{"sku": sku, "name": sku, "goods": False} for sku in services],
            "terminals": [{"terminal": f"{outlet}/T1", "outlet": outlet} for outlet in [*OUTLETS, "CLOCK"]]})

    def counts(self):
        for outlet in OUTLETS:
            lines = [{"sku": key[1], "counted": self.counted[key]} for key in self.shelves if key[0] == outlet]
            for at in range(0, len(lines), LINES):
                yield {"type": "stock.counted", "source": "wms/WH-1", "time": stamp(BEGIN),
                       "data": {"place": outlet, "reference": f"{outlet}-{at}", "lines": lines[at:at + LINES]}}

    def sales(self, first, last):
        for ticket in self.tickets:
            if not first <= ticket.day <= last:
                continue
            said = {"source": f"{ticket.outlet}/T1", "time": ticket.when.replace(" ", "T") + "Z"}
            lines = [{"sku": sku, "quantity": milli, "unit_price": int(price * 10000)} for sku, milli, price in ticket.lines]
            data = {"outlet": ticket.outlet, "receipt": ticket.invoice, "day": ticket.day}
            yield {**said, "type": "ticket.returned" if ticket.is_return else "ticket.sold", "data": {**data, "currency": "GBP", "lines": lines}}
            if ticket.is_void:
                yield {**said, "type": "ticket.voided", "data": data}

    def minutes(self):
        """The clock ticks before each of these, and every tick closes a thousand shelves."""
        for i in range((len(self.shelves) + len(self.costs)) // 1000 + 4):
            moment = END + datetime.timedelta(minutes=i)
            yield {"type": "ticket.sold", "source": "CLOCK/T1", "time": stamp(moment),
                   "data": {"outlet": "CLOCK", "receipt": f"tick{i}", "currency": "GBP", "day": day_of(moment),
                            "lines": [{"sku": "POST", "quantity": 1000, "amount": 1}]}}

    # ---- what follows ----

    def received(self, key):
        if not self.receipts:
            for time, outlet, sku, milli in self.moves:
                self.receipts[outlet, sku].append((time, milli))
        return self.receipts.get(key, [])

    def window(self, key):
        """(received, sold, closing) of the window that is over."""
        came, sold = sum(milli for _, milli in self.received(key)), self.sold[1][key]
        return came, sold, self.counted[key] + came - sold

    def balance_before(self, key, moment_us):
        """Counted and received before it, less what was sold by the evening on which the shipment left."""
        evening = max(day for day in BROUGHT if day <= day_of(datetime.datetime.fromtimestamp(moment_us // 10**6, datetime.timezone.utc)))
        sold = sum(milli for day, milli in self.net[key].items() if day <= evening)
        return self.counted[key] + sum(milli for time, milli in self.received(key) if time < moment_us) - sold


def filled(caps, on_hand):
    """So much of each receipt is still there: the newest ones, no more of each than its cap."""
    left, parts = max(0, on_hand), []
    for cap in reversed(caps):
        parts.insert(0, min(cap, left))
        left -= parts[0]
    return parts, left


@unittest.skipUnless(RETAIL.exists(), "the published file is not here")
class Supply(unittest.TestCase):
    publish, bring, smoothed = test_supply.Supply.publish, test_supply.Supply.bring, test_supply.Supply.smoothed

    @classmethod
    def setUpClass(cls):
        tickets = [ticket for ticket in tickets_of(RETAIL) if day_of(BEGIN) <= ticket.day <= LAST]
        cls.world = world = World(tickets)
        self = cls()
        with Network() as network:
            code, out, err = network.apply(world.master())
            assert code == 0, (out + err)[-500:]
            network.settle()
            self.publish(network, world.counts())
            first, cls.brought = day_of(BEGIN), 0
            for evening in BROUGHT:
                self.publish(network, world.sales(first, evening))
                moment = datetime.datetime.fromisoformat(evening + "T23:00:00+00:00")
                cls.brought += self.bring(network, world, moment)
                first = day_of(moment + datetime.timedelta(days=1))
            self.publish(network, world.sales(first, day_of(END - datetime.timedelta(days=1))))
            self.publish(network, world.minutes())
            self.publish(network, world.sales(day_of(END), LAST))
            cls.turnover = {(row["outlet"], row["sku"]): row for row in network.rows("get", "turnover", "--state", "closed", timeout=300)}
            cls.ageing = {(row["outlet"], row["sku"]): row for row in network.rows("get", "ageing", "--day", LAST, timeout=300)}
            cls.abc = network.rows("get", "abc", timeout=300)
            cls.network_abc = network.rows("get", "abc", "--scope", "network", timeout=300)
            cls.stuffed = [network.rows("get", "stuffing", timeout=300), [event["data"] for event in network.rows(
                "tail", "inventory", "--from", 1, "--type", "channel_stuffing.suspected", timeout=300)]]
            cls.check = network.run("check", timeout=900)

    def test_the_period_is_worth_it(self):
        lines = sum(len(ticket.lines) for ticket in self.world.tickets)
        print(f"{len(self.world.tickets)} tickets, {lines} lines, {len(self.world.shelves)} shelves, {self.brought} shipments")
        self.assertGreater(len(self.world.shelves), 5000)
        self.assertGreater(self.brought, 20)
        self.assertTrue(any(ticket.is_return for ticket in self.world.tickets) and any(ticket.is_void for ticket in self.world.tickets))

    def cover(self, row, sold, closing):
        days_e2 = round(fractions.Fraction((row["until_us"] - row["from_us"]) * 100, DAY_US))
        return truncated(fractions.Fraction(closing * days_e2, sold * 100)) if sold > 0 and closing >= 0 else None

    def test_turnover_and_cover_are_what_the_file_says(self):
        self.assertLessEqual(set(self.world.shelves), self.turnover.keys())
        for key in self.world.shelves:
            row, (came, sold, closing) = self.turnover[key], self.world.window(key)
            self.assertEqual(row["from_us"], micros(BEGIN))
            self.assertTrue(0 <= row["until_us"] - micros(END) < DAY_US // 8, row)
            days_e2, cost = round(fractions.Fraction((row["until_us"] - row["from_us"]) * 100, DAY_US)), self.world.costs[key[1]]
            expected = {"opening_milli": 0, "received_milli": came, "sold_milli": sold, "on_hand_milli": closing,
                        "mean_stock_milli": round(fractions.Fraction(closing, 2)),
                        "turns_e4": truncated(fractions.Fraction(sold * 2 * 365 * 100 * 10000, closing * days_e2)) if closing > 0 else None,
                        "cover_days": self.cover(row, sold, closing),
                        "sold_cost_minor": round(fractions.Fraction(sold * cost, 100000)) if cost > 0 else None}
            self.assertEqual({name: row.get(name) for name in expected}, expected, key)

    def test_stuffing_is_what_the_file_says(self):
        expected = set()
        for key in self.world.shelves:
            came, sold, closing = self.world.window(key)
            cover = self.cover(self.turnover[key], sold, closing)
            if came > 0 and closing > 0 and came * 10000 >= max(sold, 0) * 15000 and (cover is None or cover > 60):
                expected.add(key)
        for said in self.stuffed:
            self.assertEqual({(row["outlet"], row["sku"]) for row in said}, expected)
        print(len(expected), "stuffed shelves")

    def test_ageing_is_what_the_file_says(self):
        world, seen = self.world, collections.Counter()
        today = datetime.date.fromisoformat(LAST)
        for key in world.shelves:
            days, caps = [BEGIN.date()], [world.counted[key]]
            for time, milli in sorted(world.received(key)):
                if milli > 0:
                    caps = filled(caps, world.balance_before(key, time))[0] + [milli]
                    days.append(datetime.datetime.fromtimestamp(time // 10**6, datetime.timezone.utc).date())
            on_hand = world.window(key)[2] - world.sold[2][key]
            parts, unknown = filled(caps, on_hand)
            if on_hand <= 0:
                self.assertNotIn(key, self.ageing)
                continue
            row, buckets = self.ageing[key], collections.Counter()
            for day, part in zip(days, parts):
                buckets["days_30_milli" if (today - day).days <= 30 else "days_60_milli"] += part
            oldest = max(((today - day).days for day, part in zip(days, parts) if part > 0), default=0)
            value = round(fractions.Fraction(on_hand * world.costs[key[1]], 100000)) if world.costs[key[1]] > 0 else None
            self.assertEqual((key, row["on_hand_milli"], row["days_30_milli"], row["days_60_milli"], row["unknown_milli"], row["oldest_days"],
                              row.get("value_minor")),
                             (key, on_hand, buckets["days_30_milli"], buckets["days_60_milli"], unknown, oldest, value))
            seen.update(name for name, milli in [*buckets.items(), ("unknown", unknown)] if milli > 0)
        print("ages", dict(seen))
        self.assertEqual(set(seen), {"days_30_milli", "days_60_milli", "unknown"})

    def graded(self, rows, worth):
        total, before = sum(worth.values()), 0
        self.assertEqual([row["sku"] for row in rows], sorted(worth, key=lambda sku: (-worth[sku], sku)))
        for rank, row in enumerate(rows, 1):
            grade = "A" if before * 100 < total * 80 else "B" if before * 100 < total * 95 else "C"
            self.assertEqual((row["rank"], row["sold_cost_e4"], row["abc"]), (rank, worth[row["sku"]], grade), row)
            before += worth[row["sku"]]

    def test_classes_are_what_the_file_says(self):
        classes, everywhere, shelves = collections.Counter(), collections.Counter(), collections.Counter()
        for outlet in OUTLETS:
            worth = {sku: max(0, self.world.sold[1][place, sku]) // 1000 * self.world.costs[sku]
                     for place, sku in self.world.shelves if place == outlet and self.world.costs[sku] > 0}
            rows = [row for row in self.abc if row["outlet"] == outlet]
            self.graded(rows, worth)
            for sku, value in worth.items():
                everywhere[sku] += value
                shelves[sku] += 1
            for row in rows:
                days = self.world.days[outlet, row["sku"]]
                level, deviation = self.smoothed(days) if days else (0, 0)
                varies = round(fractions.Fraction(deviation * 10000, level)) if level > 0 else None
                steady = "Z" if varies is None or varies > 10000 else "X" if varies <= 5000 else "Y"
                self.assertEqual((row["xyz"], row.get("varies_bp")), (steady, varies), row)
                classes[row["abc"] + steady] += 1
        print("classes", dict(classes))
        self.graded(self.network_abc, dict(everywhere))
        self.assertEqual({row["sku"]: row["shelves"] for row in self.network_abc}, shelves)

    def test_a_unit_more_would_be_found(self):
        key = next(key for key in self.world.shelves if self.world.costs[key[1]] > 0)
        self.world.sold[1][key] += 1000
        try:
            for test in (self.test_turnover_and_cover_are_what_the_file_says, self.test_classes_are_what_the_file_says):
                with self.assertRaises(AssertionError):
                    test()
        finally:
            self.world.sold[1][key] -= 1000

    def test_the_audit_finds_nothing(self):
        self.assertEqual(self.check[0], 0, self.check[1] + self.check[2])


if __name__ == "__main__":
    unittest.main()
