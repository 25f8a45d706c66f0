#!/usr/bin/env python3
"""Goal: a real grocer's stores under a whole rule set, targets, corridors, assortments, a promotion, territories, two rebate schemes and an
appraisal at once, give what somebody who has only the CSV works out for himself. Method: three months of the published file as tickets
through real processes. The file has no tiers, areas and deliveries: they are given by rule, from the codes in it. Every figure and every
piece of evidence is compared with sums that are made here, by fractions where the network has integers."""

import collections
import datetime
import fractions
import json
import os
import pathlib
import sys
import time
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recompute  # noqa: E402
from harness import SHARED, Network  # noqa: E402
from test_proof_aims import half_even, share  # noqa: E402
from test_proof_rebates import band, lines_of, period_of, whole  # noqa: E402

JOURNEY = SHARED / "data" / "complete_journey"
FIRST, LAST, LATER = "2017-01-01", "2017-03-31", "2017-04-20"
STORES = 24
STEPS_VOLUME, CAP = [(30000, 100), (60000, 225), (90000, 310)], 3300
STEPS_GROCERY = [(0, 150), (5000, 275), (15000, 420)]
PROMOTION = {"from": "2017-02-01", "until": "2017-02-28", "off_bp": 2000, "brand_bp": 6500}
FLOOR_BP = {1: None, 2: 9000}
PLACES = ("310115", "320500", "330106", "440103", "510100")
SQUARE = (230000000, 1130000000, 10000000)  # south, west, side
METRICS = (("revenue", 4000, 0, 60000, 90000), ("units", 2000, 10000, 300000, 400000), ("tickets", 1000, 0, 250, 300),
           ("average_basket", 1000, 100, 300, 400), ("reporting", 1000, 0, 9000, 10000), ("attainment", 1000, 0, 10000, 12000))


def crc(text):
    return zlib.crc32(text.encode())


def tier_of(outlet):
    return 1 + crc(outlet) % 2


def even(number):
    return round(fractions.Fraction(number))


class Line:
    def __init__(self, row, product):
        self.sku, self.milli, self.amount = row["product_id"], int(row["quantity"]) * 1000, recompute.minor(recompute.decimal.Decimal(row["sales_value"]))
        self.category, self.brand = product["department"] or "UNKNOWN", product["brand"]

    def price(self):
        """Of one unit, in 1/10000; None where nothing was sold."""
        return even(fractions.Fraction(self.amount * 100 * 1000, self.milli)) if self.milli > 0 else None


class Ticket:
    def __init__(self, rows, products):
        self.receipt, self.outlet, self.when = rows[0]["basket_id"], "CJ-" + rows[0]["store_id"], rows[0]["transaction_timestamp"]
        self.day = self.when[:10]
        self.lines = [Line(row, products[row["product_id"]]) for row in rows]
        dice = crc(self.receipt)
        self.ship_to = PLACES[dice // 8 % len(PLACES)] if dice % 8 == 0 else None
        self.contact = ("active", "passive", "relocation")[dice // 40 % 3] if dice % 8 == 0 and dice % 3 > 0 else None
        self.point = (SQUARE[0] + dice // 7 % 20 * 1000001, SQUARE[1] + dice // 11 % 20 * 1000001) if self.ship_to == "440103" and dice % 16 == 0 else None

    def said(self):
        data = {"outlet": self.outlet, "receipt": self.receipt, "currency": "USD", "day": self.day,
                "lines": [{"sku": line.sku, "quantity": line.milli, "amount": line.amount} for line in self.lines]}
        if self.ship_to:
            data["ship_to"] = self.ship_to
        if self.contact:
            data["contact"] = self.contact
        if self.point:
            data |= {"ship_to_latitude": self.point[0], "ship_to_longitude": self.point[1]}
        return {"type": "ticket.sold", "source": self.outlet + "/T1", "time": self.when.replace(" ", "T") + "Z", "data": data}


def tickets_of():
    """The tickets of the three months at the stores that sell most."""
    products = collections.defaultdict(lambda: {"department": "UNKNOWN", "brand": "UNKNOWN"})  # some are in no list
    products |= {row["product_id"]: row for row in recompute.rows_of(JOURNEY / "products.csv.gz")}
    rows = [row for row in recompute.rows_of(JOURNEY / "transactions_weeks01-36.csv.gz") if row["transaction_timestamp"][:10] <= LAST]
    often = [store for store, _ in collections.Counter(row["store_id"] for row in rows).most_common(STORES)]
    rows = [row | {"ticket": row["store_id"] + "/" + row["basket_id"]} for row in rows if row["store_id"] in often]
    return [Ticket(lines, products) for lines in recompute.tickets_of(rows, "ticket").values()]


class Rules:
    """The rule set, as files say it, and what follows from it."""

    def __init__(self, tickets):
        self.tickets, self.outlets = tickets, sorted({ticket.outlet for ticket in tickets})
        self.lines = [(ticket, number, line) for ticket in tickets for number, line in enumerate(ticket.lines, 1)]
        prices = collections.defaultdict(list)
        for _, _, line in self.lines:
            if line.price() is not None:
                prices[line.sku].append(line.price())
        self.lists = {sku: sorted(some)[len(some) * 3 // 4] for sku, some in prices.items() if len(some) > 1 and max(some) > 0}
        one, two = [[outlet for outlet in self.outlets if tier_of(outlet) == tier] for tier in (1, 2)]
        self.grants = {"310000": ("EAST", "exclusive", two[0], None), "320500": ("CITY", "exclusive", one[0], None),
                       "330000": ("HOUSE", "protected", two[1], "Private")}
        self.zone = ("SQUARE", "exclusive", two[2])
        self.targets = {}
        for i, outlet in enumerate(self.outlets):
            self.targets[f"R-{outlet}"] = ("revenue", FIRST, LAST, 50000 + 1000 * i, {"outlet": outlet})
            self.targets[f"U-{outlet}"] = ("units", "2017-02-01", "2017-02-28", 100000, {"outlet": outlet})
        for tier in (1, 2):
            self.targets[f"T-{tier}"] = ("tickets", FIRST, LAST, 5000, {"tier": tier})
            self.targets[f"G-{tier}"] = ("revenue", "2017-01-15", "2017-03-15", 500000, {"tier": tier, "category": "GROCERY"})
        self.targets["PRIVATE"] = ("units", FIRST, LAST, 1000000, {"brand": "Private"})
        self.targets["PRODUCE"] = ("revenue", FIRST, LAST, 1000000, {"category": "PRODUCE"})

    def master(self):
        skus = {line.sku: line for _, _, line in self.lines}
        return {"outlets": [{"outlet": outlet, "name": outlet, "tier": tier_of(outlet), "kind": ("own_store", "dealer")[tier_of(outlet) - 1],
                             "currency": "USD", "tz_offset": 0} for outlet in self.outlets],
                "terminals": [{"terminal": outlet + "/T1", "outlet": outlet} for outlet in self.outlets],
                "products": [{"sku": sku, "name": sku, "goods": True, "category": line.category, "brand": line.brand} for sku, line in sorted(skus.items())],
                "prices": [{"sku": sku, "currency": "USD", "list": f"{price / 10000:.4f}"} for sku, price in sorted(self.lists.items())]}

    def rules(self):
        south, west, side = SQUARE
        corners = [(south, west), (south, west + side), (south + side, west + side), (south + side, west)]
        territories = [{"territory": code, "name": code, "kind": kind, "holder": holder, "areas": [{"area": area}]} | ({"brand": brand} if brand else {})
                       for area, (code, kind, holder, brand) in self.grants.items()]
        code, kind, holder = self.zone
        territories.append({"territory": code, "name": code, "kind": kind, "holder": holder, "areas": [{"area": "440000"}],
                            "points": [{"latitude": y, "longitude": x} for y, x in corners]})
        revenue = {"basis": "revenue", "currency": "USD", "from": FIRST}
        return {"territories": territories,
                "corridors": [{"corridor": "SECOND", "tier": 2, "floor_bp": FLOOR_BP[2], "mode": "advise", "severities": [{"from_bp": 5000, "severity": "notice"}]}],
                "assortments": [{"assortment": "NO-HOUSE", "tier": 2, "brand": "Private", "allowed": False},
                                {"assortment": "BUT-DRUGS", "tier": 2, "category": "DRUG GM", "allowed": True}],
                "promotions": [{"promotion": "FEBRUARY", "name": "February", "mechanic": "percent", "off_bp": PROMOTION["off_bp"], "currency": "USD",
                                "category": "GROCERY", "tier": 1, "from": PROMOTION["from"], "until": PROMOTION["until"],
                                "brand_bp": PROMOTION["brand_bp"], "dealer_bp": 10000 - PROMOTION["brand_bp"]}],
                "schemes": [revenue | {"scheme": "VOLUME", "name": "Volume", "period": "quarter", "ladder": "whole", "cap": CAP / 100,
                                       "steps": [{"from": start, "rate_bp": rate} for start, rate in STEPS_VOLUME]},
                            revenue | {"scheme": "GROCERY", "name": "Grocery", "period": "month", "category": "GROCERY", "ladder": "band", "tier": 2,
                                       "steps": [{"from": start, "rate_bp": rate} for start, rate in STEPS_GROCERY]}],
                "targets": [{"target": code, "metric": metric, "from": start, "until": end, "value": value} | ({"currency": "USD"} if metric == "revenue" else {})
                            | scope for code, (metric, start, end, value, scope) in self.targets.items()],
                "appraisals": [{"appraisal": "Q1", "from": FIRST, "until": LAST, "tier": 2, "currency": "USD",
                                "metrics": [{"metric": code, "weight_bp": weight, "direction": "higher", "floor": floor, "goal": goal, "cap": cap}
                                            for code, weight, floor, goal, cap in METRICS]}]}

    # what follows

    def achieved(self, code):
        metric, start, end, _, scope = self.targets[code]
        total = 0
        for ticket in self.tickets:
            if not start <= ticket.day <= end or scope.get("outlet", ticket.outlet) != ticket.outlet or scope.get("tier", tier_of(ticket.outlet)) != tier_of(ticket.outlet):
                continue
            lines = [line for line in ticket.lines if scope.get("category", line.category) == line.category and scope.get("brand", line.brand) == line.brand]
            if lines:
                total += {"revenue": sum(line.amount for line in lines), "units": sum(line.milli for line in lines), "tickets": 1}[metric]
        return total

    def rebates(self):
        bases = collections.Counter()
        for ticket, _, line in self.lines:
            bases["VOLUME", ticket.outlet, period_of(ticket.day, 3)] += line.amount
            if line.category == "GROCERY" and tier_of(ticket.outlet) == 2:
                bases["GROCERY", ticket.outlet, period_of(ticket.day, 1)] += line.amount
        return {key: (basis, whole(basis, STEPS_VOLUME, CAP) if key[0] == "VOLUME" else band(basis, STEPS_GROCERY)) for key, basis in bases.items()}

    def is_promoted(self, ticket, line):
        return (tier_of(ticket.outlet) == 1 and line.category == "GROCERY" and PROMOTION["from"] <= ticket.day <= PROMOTION["until"]
                and line.sku in self.lists and line.price() is not None)

    def floor(self, ticket, line):
        """Of the price, by the promotion or else by the corridor; None: there is none."""
        if line.sku not in self.lists or line.price() is None:
            return None
        if self.is_promoted(ticket, line):
            return even(fractions.Fraction(self.lists[line.sku] * (10000 - PROMOTION["off_bp"]), 10000))
        bp = FLOOR_BP[tier_of(ticket.outlet)]
        return None if bp is None else even(fractions.Fraction(self.lists[line.sku] * bp, 10000))

    def deviations(self):
        return collections.Counter((ticket.receipt, line.sku, line.price(), floor) for ticket, _, line in self.lines
                                   if (floor := self.floor(ticket, line)) is not None and line.price() < floor)

    def given(self):
        """(receipt, line) -> what the promotion gives, and the principal's part of it."""
        given = {}
        for ticket, number, line in self.lines:
            if not self.is_promoted(ticket, line):
                continue
            off = self.lists[line.sku] - max(line.price(), self.floor(ticket, line))
            amount = even(fractions.Fraction(off * line.milli, 1000 * 100)) if off > 0 else 0
            if amount > 0:
                given[ticket.outlet, ticket.receipt, number] = (amount, even(fractions.Fraction(amount * PROMOTION["brand_bp"], 10000)))
        return given

    def unlisted(self):
        return {(ticket.outlet, ticket.receipt, number) for ticket, number, line in self.lines
                if tier_of(ticket.outlet) == 2 and line.brand == "Private" and line.category != "DRUG GM"}

    def breaches(self):
        """(receipt, line) -> territory and what excuses it."""
        found = {}
        for ticket, number, line in self.lines:
            grants = [self.grants[area] for area in self.grants if ticket.ship_to and ticket.ship_to.startswith(area.rstrip("0"))]
            if ticket.point and all(low <= at < low + SQUARE[2] for at, low in zip(ticket.point, SQUARE)):
                grants.append((*self.zone, None))
            grants = [grant for grant in grants if grant[3] in (None, line.brand)]
            if grants and ticket.outlet != grants[0][2]:
                found[ticket.outlet, ticket.receipt, number] = (grants[0][0], ticket.contact if ticket.contact in ("passive", "relocation") else None)
        return found

    def sheet(self, outlet):
        mine = [ticket for ticket in self.tickets if ticket.outlet == outlet]
        revenue, units = sum(line.amount for ticket in mine for line in ticket.lines), sum(line.milli for ticket in mine for line in ticket.lines)
        days = (datetime.date.fromisoformat(LAST) - datetime.date.fromisoformat(FIRST)).days + 1
        own = [share(self.achieved(code), value[3]) for code, value in self.targets.items() if value[4] == {"outlet": outlet}]
        raws = {"revenue": revenue, "units": units, "tickets": len(mine), "average_basket": half_even(fractions.Fraction(revenue, len(mine))),
                "reporting": share(len({ticket.day for ticket in mine}), days), "attainment": half_even(fractions.Fraction(sum(own), len(own)))}
        sheet = {}
        for code, weight, floor, goal, cap in METRICS:
            normalised = half_even(fractions.Fraction((min(max(raws[code], floor), cap) - floor) * 10000, goal - floor))
            sheet[code] = (raws[code], normalised, half_even(fractions.Fraction(normalised * weight, 10000)))
        return sheet


@unittest.skipUnless(JOURNEY.exists(), "the published file is not here")
class Journey(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = Rules(tickets_of())
        with Network() as network:
            for part in (cls.rules.master(), cls.rules.rules()):
                code, out, err = network.apply(json.dumps(part))
                assert code == 0, (out + err)[-800:]
                network.settle()
            cls.publish(network, [ticket.said() for ticket in cls.rules.tickets])
            network.settle(600)
            cls.rows = {what: network.rows("get", what, timeout=300) for what in ("targets", "rebates", "promotions")}
            cls.events = {kind: [row["data"] for row in network.rows("tail", "orders", "--from", 1, "--type", kind, timeout=300)]
                          for kind in ("price.deviation_detected", "assortment.breach_detected", "promotion.applied", "territory.breach_detected")}
            # A sale some weeks later brings the business clock behind the period and its days of grace.
            last = cls.rules.tickets[-1].said()
            last["time"], last["data"] = LATER + "T10:00:00Z", last["data"] | {"receipt": "LATER", "day": LATER}
            cls.publish(network, [last])
            cls.sheets = cls.final(network)
            cls.check = network.run("check", "--shallow", timeout=900)

    @staticmethod
    def publish(network, events):
        code, out, err = network.run("publish", "--quiet", stdin=lines_of(events), timeout=900)
        assert code == 0, (out + err)[-500:]

    @staticmethod
    def final(network):
        until = time.monotonic() + 400
        while time.monotonic() < until:
            rows = network.rows("get", "appraisals", timeout=300)
            if rows and all(row["state"] == "final" for row in rows):
                return rows
            time.sleep(0.5)
        raise AssertionError("the appraisal is never final")

    def test_the_rule_set_is_worth_it(self):
        self.assertEqual(len(self.rules.outlets), STORES)
        self.assertEqual({tier_of(outlet) for outlet in self.rules.outlets}, {1, 2})
        print(f"{len(self.rules.tickets)} tickets, {len(self.rules.lines)} lines at {STORES} stores; {len(self.rules.targets)} targets, "
              + ", ".join(f"{len(events)} {kind}" for kind, events in self.events.items()))

    def test_targets(self):
        self.assertEqual({row["target"]: row["achieved"] for row in self.rows["targets"]}, {code: self.rules.achieved(code) for code in self.rules.targets})

    def test_rebates(self):
        rows = {(row["scheme"], row["outlet"], row["period"]): (row["revenue_minor"], row["balance_minor"]) for row in self.rows["rebates"]}
        self.assertEqual(rows, self.rules.rebates())
        self.assertTrue(any(key[0] == "VOLUME" and due == CAP for key, (_, due) in rows.items()))

    def test_prices(self):
        heard = collections.Counter((event["receipt"], event["sku"], event["unit_price"], event["floor"]) for event in self.events["price.deviation_detected"])
        self.assertEqual(heard, self.rules.deviations())
        self.assertTrue(any("promotion" in event for event in self.events["price.deviation_detected"]))

    def test_the_assortment(self):
        heard = {(event["outlet"], event["receipt"], event["line"]) for event in self.events["assortment.breach_detected"]}
        self.assertEqual(heard, self.rules.unlisted())
        self.assertTrue(heard)

    def test_the_promotion(self):
        given = self.rules.given()
        heard = {(event["outlet"], event["receipt"], event["line"]): (event["amount"], event["brand_amount"]) for event in self.events["promotion.applied"]}
        self.assertEqual(heard, given)
        self.assertTrue(all(event["brand_amount"] + event["dealer_amount"] == event["amount"] for event in self.events["promotion.applied"]))
        row = self.rows["promotions"][0]
        amount, brand = sum(some for some, _ in given.values()), sum(some for _, some in given.values())
        self.assertEqual((row["given_minor"], row["brand_minor"], row["dealer_minor"], row["lines"]), (amount, brand, amount - brand, len(given)))
        self.assertGreater(amount, 0)

    def test_territories(self):
        heard = {(event["outlet"], event["receipt"], event["line"]): (event["territory"], event.get("exempt")) for event in self.events["territory.breach_detected"]}
        self.assertEqual(heard, self.rules.breaches())
        self.assertEqual({territory for territory, _ in heard.values()}, {"EAST", "CITY", "HOUSE", "SQUARE"})

    def test_the_appraisal(self):
        sheets = {outlet: self.rules.sheet(outlet) for outlet in self.rules.outlets if tier_of(outlet) == 2}
        scores = {outlet: sum(part for _, _, part in sheet.values()) for outlet, sheet in sheets.items()}
        self.assertEqual(len(self.sheets), len(sheets) * len(METRICS))
        for row in self.sheets:
            with self.subTest(row["outlet"], metric=row["metric"]):
                self.assertEqual((row["raw"], row["normalised_bp"], row["contribution_bp"]), sheets[row["outlet"]][row["metric"]])
                self.assertEqual(row["score_bp"], scores[row["outlet"]])
                self.assertEqual(row["rank"], 1 + sum(other > scores[row["outlet"]] for other in scores.values()))

    def test_a_wrong_penny_would_be_found(self):
        ticket = self.rules.tickets[0]
        ticket.lines[0].amount += 1
        try:
            self.assertNotEqual({row["target"]: row["achieved"] for row in self.rows["targets"]}, {code: self.rules.achieved(code) for code in self.rules.targets})
            rows = {(row["scheme"], row["outlet"], row["period"]): (row["revenue_minor"], row["balance_minor"]) for row in self.rows["rebates"]}
            self.assertNotEqual(rows, self.rules.rebates())
        finally:
            ticket.lines[0].amount -= 1

    def test_the_audit_finds_nothing(self):
        self.assertEqual(self.check[0], 0, self.check[1] + self.check[2])


if __name__ == "__main__":
    unittest.main()
