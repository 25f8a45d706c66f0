#!/usr/bin/env python3
"""Goal: what the network says of its shelves and lanes (turnover, ageing, ABC-XYZ, stuffing, scorecards, late metrics) is what other arithmetic makes of
the same events. Method: two windows of generated trade through real processes; queues that run forwards and fractions here, balances that
are read backwards and integers there."""

import collections
import datetime
import fractions
import json
import os
import random
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Network  # noqa: E402

SEED = int(os.environ.get("SUPPLY_SEED", "7"))
BEGIN = datetime.datetime(2026, 3, 12, 10, tzinfo=datetime.timezone.utc)  # a window of 28 days begins on this day
DAYS = 28
SKUS = {f"K{i:02d}": 5000 + 7000 * i for i in range(12)}  # their costs, in 1/10000
OUTLETS = ["S1", "S2", "S3"]
DAY_US = 86400 * 10**6
SMOOTHING = 16


def micros(moment):
    return int(moment.timestamp()) * 10**6


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def truncated(value):
    return int(value)  # of a Fraction: towards zero, as C divides


class World:
    """What is published, and the truth that is known beforehand: counts and sales."""

    def __init__(self):
        self.dice = random.Random(SEED)
        self.number = 0
        self.stock = collections.Counter()
        self.sold = collections.Counter()          # by (window, outlet, sku)
        self.days = collections.defaultdict(collections.Counter)  # (outlet, sku) -> day -> milli
        self.takings = []                          # (outlet, day, minor)
        self.moves = []                            # (time, outlet, sku, milli): what leaves is negative

    def count_all(self):
        events = []
        for outlet in OUTLETS:
            lines = [{"sku": sku, "counted": self.dice.randrange(5, 120) * 1000} for sku in SKUS]
            events.append({"type": "stock.counted", "source": "wms/WH-1", "time": stamp(BEGIN),
                           "data": {"place": outlet, "reference": f"open-{outlet}", "lines": lines}})
            self.moves += [(micros(BEGIN), outlet, line["sku"], line["counted"]) for line in lines]
        return events

    def sell(self, window, first, last):
        events = []
        for day in range(first, last):
            for outlet in OUTLETS:
                for _ in range(2):
                    self.number += 1
                    moment = BEGIN + datetime.timedelta(days=day, minutes=self.number % 500)
                    chosen = self.dice.sample(sorted(SKUS)[:10], 3)  # the last two are never sold
                    lines = [{"sku": sku, "quantity": self.dice.randrange(1, 6) * 1000, "amount": 100} for sku in chosen]
                    business = moment.date().isoformat()
                    events.append((moment, {"type": "ticket.sold", "source": f"{outlet}/T1", "time": stamp(moment),
                                            "data": {"outlet": outlet, "receipt": f"r{self.number}", "currency": "GBP", "day": business,
                                                     "lines": lines}}))
                    self.takings.append((outlet, business, 100 * len(lines)))
                    for line in lines:
                        self.sold[window, outlet, line["sku"]] += line["quantity"]
                        self.days[outlet, line["sku"]][business] += line["quantity"]
                        self.moves.append((micros(moment), outlet, line["sku"], -line["quantity"]))
        return [event for _, event in sorted(events, key=lambda pair: pair[0])]


class Supply(unittest.TestCase):
    def master(self):
        lane = {"from": "WH-1", "lead_time": 60, "cost": 3.00, "currency": "GBP"}
        return json.dumps({
            "warehouses": [{"warehouse": "WH-1", "name": "w", "tz_offset": 0}],
            "outlets": [{"outlet": outlet, "name": outlet, "tier": 2, "kind": "dealer", "currency": "GBP", "tz_offset": 0,
                         "upstreams": [{"warehouse": "WH-1"}]} for outlet in OUTLETS],
            "lanes": [{"lane": f"L-{outlet}", "to": outlet, **lane} for outlet in OUTLETS],
            "products": [{"sku": sku, "name": sku, "category": "TOY", "goods": True, "cost": cost / 10000, "cost_currency": "GBP"}
                         for sku, cost in SKUS.items()],
            "stock_policies": [{"category": "TOY", "reorder_point": 40, "order_up_to": 90}],
            "terminals": [{"terminal": f"{outlet}/T1", "outlet": outlet} for outlet in OUTLETS]})

    def publish(self, network, events):
        code, out, err = network.run("publish", "--quiet", stdin="".join(json.dumps(event) + "\n" for event in events), timeout=600)
        self.assertEqual(code, 0, (out + err)[-800:])
        network.settle(300)

    def bring(self, network, world, moment):
        """Every planned shipment leaves and arrives, some of it broken, some of it late."""
        leaving, arriving = [], []
        for row in network.rows("get", "shipments", "--state", "planned", timeout=300):
            leaving.append({"type": "dispatch.confirmed", "source": "wms/WH-1", "time": stamp(moment),
                            "data": {"shipment": row["id"], "warehouse": "WH-1"}})
        self.publish(network, leaving)
        lines = {}
        for event in network.rows("tail", "logistics", "--from", 1, "--type", "shipment.dispatched", timeout=300):
            lines[event["data"]["shipment"]] = event["data"]
        for said in leaving:
            data = lines[said["data"]["shipment"]]
            found = [{"restock": line["restock"], "quantity": line["quantity"], "damaged": world.dice.choice([0, 0, 1000])} for line in data["lines"]]
            late = moment + datetime.timedelta(minutes=world.dice.choice([20, 40, 300]))
            arriving.append((late, {"type": "receipt.confirmed", "source": "wms/WH-1", "time": stamp(late),
                                    "data": {"shipment": data["shipment"], "outlet": data["outlet"], "lines": found}}))
            for line, one in zip(data["lines"], found):
                world.moves.append((micros(late), data["outlet"], line["sku"], one["quantity"] - one["damaged"]))
        self.publish(network, [event for _, event in sorted(arriving, key=lambda pair: pair[0])])
        return len(leaving)

    def test_shelves_and_lanes_are_what_other_arithmetic_makes_of_the_same_events(self):
        world = World()
        with Network() as network:
            code, out, err = network.apply(self.master())
            self.assertEqual(code, 0, (out + err)[-500:])
            network.settle()
            self.publish(network, world.count_all())
            self.publish(network, world.sell(1, 1, 14))
            brought = self.bring(network, world, BEGIN + datetime.timedelta(days=15))
            self.publish(network, world.sell(1, 16, DAYS - 1))
            self.assertGreater(brought, 2)
            end = BEGIN + datetime.timedelta(days=DAYS)
            self.publish(network, world.sell(2, DAYS, DAYS + 1))
            self.publish(network, world.sell(2, DAYS + 1, DAYS + 9))
            now = max(time for time, *_ in world.moves) // (60 * 10**6) * 60 * 10**6
            self.check_turnover(network, world, micros(end))
            self.check_ageing(network, world, now)
            self.check_abc(network, world)
            self.check_stuffing(network, world)
            self.check_gmroi(network, world)
            self.check_scorecards(network)
            self.check_late_metrics(network, world)
            self.assertEqual(network.run("check", "--shallow", timeout=600)[0], 0)

    # ---- each question, by other arithmetic ----

    def check_turnover(self, network, world, end_us):
        rows = {(row["outlet"], row["sku"]): row for row in network.rows("get", "turnover", "--state", "closed") if row["outlet"] in OUTLETS}
        self.assertEqual(len(rows), len(OUTLETS) * len(SKUS))
        self.windows = {}
        for (outlet, sku), row in rows.items():
            self.assertLessEqual(abs(row["until_us"] - end_us), DAY_US // 2, "closed by the first tick of the new window")
            inside = [(time, milli) for time, place, what, milli in world.moves
                      if (place, what) == (outlet, sku) and self.is_inside(world, time, milli, row)]
            sold = world.sold[1, outlet, sku] + self.early(world, outlet, sku, row)
            received = sum(milli for time, milli in inside if milli > 0 and time != micros(BEGIN))
            closing = sum(milli for _, milli in inside)
            both, days_e2 = closing, round(fractions.Fraction((row["until_us"] - row["from_us"]) * 100, DAY_US))
            expected = {"opening_milli": 0, "received_milli": received, "sold_milli": sold, "on_hand_milli": closing,
                        "mean_stock_milli": round(fractions.Fraction(both, 2)),
                        "sold_cost_minor": round(fractions.Fraction(sold * SKUS[sku], 100000)),
                        "turns_e4": truncated(fractions.Fraction(sold * 2 * 365 * 100 * 10000, both * days_e2)) if both > 0 else None,
                        "cover_days": truncated(fractions.Fraction(closing * days_e2, sold * 100)) if sold > 0 and closing >= 0 else None}
            self.assertEqual({name: row.get(name) for name in expected}, expected, (outlet, sku))
            self.windows[outlet, sku] = (sold, received, closing, expected["cover_days"])

    def is_inside(self, world, time, milli, row):
        """Before the tick that closed it: the sale that moves the clock is handled behind its tick."""
        return time < row["until_us"]

    def early(self, world, outlet, sku, row):
        """Sales of the second window's first minutes that came before the tick."""
        return sum(-milli for time, place, what, milli in world.moves
                   if (place, what) == (outlet, sku) and milli < 0 and micros(BEGIN + datetime.timedelta(days=DAYS)) <= time < row["until_us"])

    def check_ageing(self, network, world, now):
        today = now // DAY_US
        queues = collections.defaultdict(collections.deque)  # forwards: the oldest leaves first
        owed = collections.Counter()
        for time, outlet, sku, milli in sorted(world.moves, key=lambda move: move[0]):
            queue, key = queues[outlet, sku], (outlet, sku)
            if milli > 0:
                paid = min(milli, owed[key])
                owed[key] -= paid
                if milli > paid:
                    queue.append([time // DAY_US, milli - paid])
                continue
            left = -milli
            while left > 0 and queue:
                part = min(left, queue[0][1])
                queue[0][1] -= part
                left -= part
                if queue[0][1] == 0:
                    queue.popleft()
            owed[key] += left
        day = (datetime.date(1970, 1, 1) + datetime.timedelta(days=today)).isoformat()
        rows = {(row["outlet"], row["sku"]): row for row in network.rows("get", "ageing", "--day", day) if row["outlet"] in OUTLETS}
        self.assertEqual(set(rows), {key for key, queue in queues.items() if queue})
        aged = 0
        for key, row in rows.items():
            buckets = collections.Counter()
            for came, milli in queues[key]:
                days = today - came
                buckets["days_30_milli" if days <= 30 else "days_60_milli" if days <= 60 else "older"] += milli
            self.assertEqual((key, row["days_30_milli"], row["days_60_milli"], row["unknown_milli"], row["oldest_days"]),
                             (key, buckets["days_30_milli"], buckets["days_60_milli"], 0, today - queues[key][0][0]))
            self.assertEqual(row["value_minor"], round(fractions.Fraction(row["on_hand_milli"] * SKUS[key[1]], 100000)))
            aged += buckets["days_60_milli"] > 0
        self.assertGreater(aged, 0)

    def smoothed(self, sold):
        """R12, day by day; the last day is open."""
        days = sorted(sold)
        level = deviation = seen = 0
        first = datetime.date.fromisoformat(days[0])
        for offset in range((datetime.date.fromisoformat(days[-1]) - first).days):
            milli = sold[(first + datetime.timedelta(days=offset)).isoformat()]
            error = milli * 1000 - level
            weight = min(seen + 2, SMOOTHING)
            deviation += truncated(fractions.Fraction(abs(error) - deviation, weight))
            level += truncated(fractions.Fraction(error, weight))
            seen = min(seen + 1, SMOOTHING)
        return level, deviation

    def check_abc(self, network, world):
        classes = collections.Counter()
        for outlet in OUTLETS:
            worth = {sku: max(0, self.windows[outlet, sku][0]) * cost // 1000 for sku, cost in SKUS.items()}
            total, before = sum(worth.values()), 0
            rows = network.rows("get", "abc", "--outlet", outlet)
            self.assertEqual([row["sku"] for row in rows], sorted(worth, key=lambda sku: (-worth[sku], sku)))
            for rank, row in enumerate(rows, 1):
                grade = "A" if before * 100 < total * 80 else "B" if before * 100 < total * 95 else "C"
                level, deviation = self.smoothed(world.days[outlet, row["sku"]]) if world.days[outlet, row["sku"]] else (0, 0)
                varies = round(fractions.Fraction(deviation * 10000, level)) if level > 0 else None
                steady = "Z" if varies is None or varies > 10000 else "X" if varies <= 5000 else "Y"
                self.assertEqual((row["rank"], row["sold_cost_e4"], row["abc"], row["xyz"], row.get("varies_bp")),
                                 (rank, worth[row["sku"]], grade, steady, varies), (outlet, row["sku"]))
                before += worth[row["sku"]]
                classes[grade + steady] += 1
        self.assertGreaterEqual(len({name[0] for name in classes}), 3)
        print("classes", dict(classes))

    def check_stuffing(self, network, world):
        expected = {key for key, (sold, received, closing, cover) in self.windows.items()
                    if received > 0 and closing > 0 and received * 10000 >= max(sold, 0) * 15000 and (cover is None or cover > 60)}
        said = {(event["data"]["outlet"], event["data"]["sku"])
                for event in network.rows("tail", "inventory", "--from", 1, "--type", "channel_stuffing.suspected", timeout=300)}
        shown = {(row["outlet"], row["sku"]) for row in network.rows("get", "stuffing")}
        self.assertEqual((said, shown), (expected, expected))
        print(len(expected), "stuffed shelves")

    def check_gmroi(self, network, world):
        rows = {row["outlet"]: row for row in network.rows("get", "gmroi")}
        self.assertEqual(set(rows), set(OUTLETS))
        for outlet, row in rows.items():
            self.assertEqual((row["from"], row["until"]), ("2026-03-12", "2026-04-08"))
            revenue = sum(amount for place, day, amount in world.takings if place == outlet and row["from"] <= day <= row["until"])
            cost, mean = (round(fractions.Fraction(sum(round(fractions.Fraction(milli * SKUS[sku], 1000)) for sku, milli in whole.items()), 100))
                          for whole in ({sku: self.windows[outlet, sku][0] for sku in SKUS},
                                        {sku: round(fractions.Fraction(self.windows[outlet, sku][2], 2)) for sku in SKUS}))
            self.assertEqual((row["revenue_minor"], row["sold_cost_minor"], row["mean_stock_cost_minor"], row["gmroi_bp"]),
                             (revenue, cost, mean, round(fractions.Fraction((revenue - cost) * 10000, mean))), outlet)

    def check_scorecards(self, network):
        planned, left, came, cards = {}, {}, {}, collections.defaultdict(list)
        for event in network.rows("tail", "logistics", "--from", 1, timeout=300):
            data = event["data"]
            if event["type"] == "shipment.planned":
                planned[data["shipment"]] = data
            elif event["type"] == "shipment.dispatched":
                left[data["shipment"]] = (event["time_us"], data)
            elif event["type"] == "shipment.delivered":
                came[data["shipment"]] = event["time_us"]
            elif event["type"] == "shipment.received":
                plan, usable = planned[data["shipment"]], sum(line["quantity"] - line["damaged"] for line in data["lines"])
                asked = sum(line["quantity"] for line in plan["lines"])
                cards[plan["lane"]].append((came[data["shipment"]] <= plan["promised"], usable >= asked, asked,
                                            sum(line["quantity"] for line in left[data["shipment"]][1]["lines"]), usable,
                                            (came[data["shipment"]] - left[data["shipment"]][0]) // (60 * 10**6), plan["cost"],
                                            sum(round(fractions.Fraction(line["quantity"] * SKUS[line["sku"]], 1000)) for line in left[data["shipment"]][1]["lines"])))
        rows = {row["code"]: row for row in network.rows("get", "scorecards") if row["kind"] == "lane"}
        self.assertEqual(set(rows), set(cards))
        for lane, all_of_it in cards.items():
            row, sent, usable = rows[lane], sum(one[3] for one in all_of_it), sum(one[4] for one in all_of_it)
            minutes = [one[5] for one in all_of_it]
            unit = round(fractions.Fraction(sum(one[7] for one in all_of_it) * 1000, sent))
            freight = round(fractions.Fraction(sum(one[6] for one in all_of_it) * 100 * 1000, sent))
            loss = round(fractions.Fraction(unit * (sent - usable), sent))
            mean = fractions.Fraction(sum(minutes), len(minutes))
            expected = {"deliveries": len(all_of_it), "on_time": sum(one[0] for one in all_of_it), "in_full": sum(one[1] for one in all_of_it),
                        "on_time_in_full": sum(one[0] and one[1] for one in all_of_it), "asked_milli": sum(one[2] for one in all_of_it),
                        "sent_milli": sent, "usable_milli": usable, "defects_ppm": round(fractions.Fraction((sent - usable) * 10**6, sent)),
                        "lead_minutes": round(mean),
                        "lead_variance": truncated(fractions.Fraction(sum(one * one for one in minutes), len(minutes)) - mean * mean),
                        "unit_cost_e4": unit, "freight_share_e4": freight, "expected_loss_e4": loss, "landed_cost_e4": unit + freight + loss}
            self.assertEqual({name: row.get(name) for name in expected}, expected, lane)
        print(sum(len(one) for one in cards.values()), "shipments on", len(cards), "lanes")

    LATE = {  # metric -> its event, what it asks of it, what it counts: all of them registered when most of the trade is over
        "ASKED": ("inventory", "restock.requested", {"sum": "quantity"}, lambda data: data["quantity"]),
        "ASKED-K03": ("inventory", "restock.requested", {"field": "sku", "value": "K03"}, lambda data: data["sku"] == "K03"),
        "CAME": ("inventory", "restock.fulfilled", {"sum": "quantity"}, lambda data: data["quantity"]),
        "SHORT": ("inventory", "restock.fulfilled", {"sum": "short"}, lambda data: data["short"]),
        "LATE-LORRIES": ("logistics", "shipment.delivered", {"field": "on_time", "value": "false"}, lambda data: not data["on_time"]),
        "PUNCTUAL": ("logistics", "shipment.delivered", {"field": "on_time", "value": "true"}, lambda data: data["on_time"]),
        "TAKEN": ("orders", "sale.recorded", {"sum": "total"}, lambda data: data["total"]),
        "RESTOCKS": ("inventory", "restock.requested", {}, lambda data: 1)}

    def check_late_metrics(self, network, world):
        """Metrics of three services, registered when the trade is nearly over, each in its turn at the ticks that follow."""
        weights = [10000 - 1000 * (len(self.LATE) - 1)] + [1000] * (len(self.LATE) - 1)
        code, out, err = network.apply(json.dumps({
            "metrics": [{"metric": name, "event": kind, **asked} for name, (_, kind, asked, _) in self.LATE.items()],
            "appraisals": [{"appraisal": "LATE", "from": "2026-03-01", "until": "2035-12-31", "tier": 2,
                            "metrics": [{"metric": name, "weight_bp": weight, "direction": "higher", "floor": 0, "goal": 10**12}
                                        for name, weight in zip(self.LATE, weights)]}]}))
        self.assertEqual(code, 0, (out + err)[-500:])
        network.settle()
        self.publish(network, world.sell(2, DAYS + 9, DAYS + 11))
        self.bring(network, world, BEGIN + datetime.timedelta(days=DAYS + 12))
        until = time.monotonic() + 120
        while (counted := self.counted(network)) != (expected := self.expected(network)) and time.monotonic() < until:
            time.sleep(0.5)
        self.assertEqual(counted, expected)
        for name in ("ASKED", "ASKED-K03", "CAME", "LATE-LORRIES", "TAKEN"):
            self.assertGreater(sum(number for (_, metric), number in expected.items() if metric == name), 0, name)
        said = [sum(event["type"] == f"{kind}.replayed" and event["data"].get("done", False) for event in network.rows("tail", service, "--from", 1, timeout=300))
                for service, kind in (("orders", "metric"), ("inventory", "stock_metric"), ("logistics", "shipment_metric"))]
        self.assertEqual(said, [1, 4, 2])
        print({name: sum(number for (_, metric), number in expected.items() if metric == name) for name in self.LATE})

    def counted(self, network):
        return {(row["outlet"], row["metric"]): row.get("raw") for row in network.rows("get", "appraisals", timeout=300)}

    def expected(self, network):
        told = {service: network.rows("tail", service, "--from", 1, timeout=300) for service in ("orders", "inventory", "logistics")}
        return {(outlet, name): sum(int(counts(event["data"])) for event in told[service] if event["type"] == kind
                                    and event["data"].get("outlet", event["data"].get("place")) == outlet)
                for outlet in OUTLETS for name, (service, kind, _, counts) in self.LATE.items()}


if __name__ == "__main__":
    unittest.main()
