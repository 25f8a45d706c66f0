#!/usr/bin/env python3
"""Goal: targets and an appraisal of a real retailer's sales are what somebody who has only the CSV works out for himself.
Method: three months of the published file as tickets of twenty outlets, through real processes. The file has no tiers, categories,
brands and salespeople: they are given by rule, from the codes in it; one sale in fifty is voided again. What the network says of some
hundred targets, of their splits and of one appraisal, before and after it is final, is compared with sums that are made here."""

import collections
import datetime
import decimal
import fractions
import os
import pathlib
import sys
import time
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recompute  # noqa: E402
from harness import SHARED, Door, Network, event  # noqa: E402

RETAIL = SHARED / "data" / "online_retail" / "lines_2010-12_2011-08.csv.gz"
FIRST, LAST = "2011-03-01", "2011-05-31"
OUTLETS = [f"OUT-{i:03d}" for i in range(20)]
CHUNK = 100
EPOCH = 1


def crc(text):
    return zlib.crc32(text.encode())


def tier_of(outlet):
    return 1 if outlet < "OUT-010" else 2


def category_of(sku):
    return f"C{sku[:2]}"


def brand_of(sku):
    return f"B{crc(sku) % 4}"


class Ticket:
    """One invoice as a ticket. Amounts in minor units, quantities in thousandths; a return's are positive."""

    def __init__(self, invoice, rows):
        self.invoice, self.is_return = invoice, invoice.startswith("C")
        self.outlet = recompute.online_retail_outlet(invoice, rows[0]["CustomerID"], len(OUTLETS))
        self.day, self.when = rows[0]["InvoiceDate"][:10], rows[0]["InvoiceDate"]
        self.cashier = f"E-{self.outlet[4:]}-{crc(invoice) % 3}"
        self.is_void = not self.is_return and crc(invoice) % 50 == 0
        sign = -1 if self.is_return else 1
        self.lines = [(row["StockCode"].upper(), sign * int(row["Quantity"]) * 1000, decimal.Decimal(row["UnitPrice"])) for row in rows]

    def parts(self, about):
        """(amount, goods) of the lines that something is about, or None when there is no such line."""
        lines = [line for line in self.lines if about(line[0])]
        if not lines:
            return None
        return (sum(recompute.minor(milli // 1000 * price) for _, milli, price in lines),
                sum(milli for sku, milli, _ in lines if recompute.moves_stock(sku)))

    def events(self, seq):
        source = f"{self.outlet}/T1"
        moment = datetime.datetime.fromisoformat(self.when).replace(tzinfo=datetime.timezone.utc)
        time_us = int(moment.timestamp()) * 1_000_000
        lines = [{"sku": sku, "quantity": milli, "unit_price": int(price * 10000)} for sku, milli, price in self.lines]
        data = {"outlet": self.outlet, "receipt": self.invoice, "currency": "GBP", "day": self.day, "cashier": self.cashier, "lines": lines}
        kind = "ticket.returned" if self.is_return else "ticket.sold"
        yield event(source, seq, kind, self.outlet, data, time_us)
        if self.is_void:
            data = {"outlet": self.outlet, "receipt": self.invoice, "day": self.day}
            yield event(source, seq + 1, "ticket.voided", self.outlet, data, time_us)


def tickets_of(path):
    """The tickets of the three months: no write-offs, and no adjustments of debts, whose prices are below zero."""
    rows = [row for row in recompute.rows_of(path) if FIRST <= row["InvoiceDate"][:10] <= LAST]
    for invoice, lines in recompute.tickets_of(rows, "InvoiceNo").items():
        quantities = {int(row["Quantity"]) < 0 for row in lines}
        if quantities == {invoice.startswith("C")} and all(decimal.Decimal(row["UnitPrice"]) >= 0 for row in lines):
            yield Ticket(invoice, lines)


class Aim:
    """A target: its record, and which tickets and lines it is about."""

    def __init__(self, code, metric, start, end, value, **scope):
        self.code, self.metric, self.start, self.end, self.value, self.scope = code, metric, start, end, value, scope

    def yaml(self):
        currency = ", currency: GBP" if self.metric == "revenue" else ""
        value = {"revenue": self.value, "units": self.value, "tickets": self.value}[self.metric]
        scope = "".join(f", {name}: '{what}'" for name, what in self.scope.items())
        return f"  - {{target: {self.code}, metric: {self.metric}{currency}, from: {self.start}, until: {self.end}, value: {value}{scope}}}\n"

    def counts(self, ticket):
        scope = self.scope
        return (self.start <= ticket.day <= self.end and scope.get("outlet", ticket.outlet) == ticket.outlet
                and int(scope.get("tier", tier_of(ticket.outlet))) == tier_of(ticket.outlet)
                and scope.get("salesperson", ticket.cashier) == ticket.cashier)

    def about(self, sku):
        scope = self.scope
        if not recompute.moves_stock(sku):  # services have neither category nor brand
            return not {"category", "brand"} & scope.keys() and scope.get("sku", sku) == sku
        return (scope.get("category", category_of(sku)) == category_of(sku) and scope.get("brand", brand_of(sku)) == brand_of(sku)
                and scope.get("sku", sku) == sku)

    def achieved(self, tickets):
        total = 0
        for ticket in tickets:
            part = ticket.parts(self.about) if self.counts(ticket) and not ticket.is_void else None
            if part is None:
                continue
            if self.metric == "tickets":
                total += 0 if ticket.is_return else 1
            else:
                total += (-1 if ticket.is_return else 1) * part[0 if self.metric == "revenue" else 1]
        return total


def aims_of(skus):
    """Targets of every sort; skus: the three that are sold most often."""
    aims = []
    for i, outlet in enumerate(OUTLETS):
        aims += [Aim(f"R-{outlet}", "revenue", "2011-03-01", "2011-03-31", 2000000 + 100000 * i, outlet=outlet),
                 Aim(f"U-{outlet}", "units", "2011-04-01", "2011-04-30", 10000000 + 500000 * i, outlet=outlet),
                 Aim(f"T-{outlet}", "tickets", "2011-03-01", "2011-05-31", 150 + i, outlet=outlet)]
    for tier in (1, 2):
        aims += [Aim(f"TIER-{tier}", "units", "2011-03-10", "2011-05-20", 500000000, tier=tier),
                 Aim(f"TIER-{tier}-BRAND", "revenue", "2011-03-01", "2011-05-31", 10000000, tier=tier, brand="B1")]
    for metric in ("revenue", "units", "tickets"):
        aims += [Aim(f"CATEGORY-{metric}", metric, "2011-03-01", "2011-04-30", 1000000, category="C22"),
                 Aim(f"BRAND-{metric}", metric, "2011-04-01", "2011-05-31", 1000000, brand="B2"),
                 Aim(f"CATEGORY-OUT-{metric}", metric, "2011-03-01", "2011-05-31", 1000000, category="C84", outlet="OUT-007"),
                 Aim(f"SALES-{metric}", metric, "2011-03-01", "2011-05-31", 1000, salesperson="E-003-1"),
                 Aim(f"SALES-BRAND-{metric}", metric, "2011-03-15", "2011-05-15", 1000, salesperson="E-012-0", brand="B3")]
        aims += [Aim(f"SKU-{sku}-{metric}", metric, "2011-03-01", "2011-05-31", 1000000, sku=sku) for sku in skus]
    aims += [Aim(f"SKU-OUT-{sku}", "units", "2011-03-01", "2011-05-31", 1000000, sku=sku, outlet="OUT-002") for sku in skus]
    whole = Aim("WHOLE", "revenue", "2011-03-01", "2011-05-31", 20 * 5000000)
    return aims + [whole] + [Aim(f"PART-{outlet}", "revenue", "2011-03-01", "2011-05-31", 5000000, outlet=outlet, parent="WHOLE")
                             for outlet in OUTLETS]


METRICS = (("revenue", 3000, 0, 6000000, 9000000), ("units", 1000, 1000000, 40000000, 40000000), ("tickets", 1000, 0, 200, 250),
           ("return_rate", 1000, 1000, 50, 0), ("average_basket", 1000, 10000, 50000, 60000), ("reporting", 1000, 0, 8000, 10000),
           ("attainment", 1000, 0, 10000, 12000), ("RETURNED", 1000, 1000000, 0, 0))


def appraisal_yaml():
    metrics = ", ".join(f"{{metric: {code}, weight_bp: {weight}, direction: {'higher' if floor < goal else 'lower'}, "
                        f"floor: {floor}, goal: {goal}, cap: {cap}}}" for code, weight, floor, goal, cap in METRICS)
    return f"appraisals:\n  - {{appraisal: A, from: {FIRST}, until: {LAST}, tier: 2, currency: GBP, metrics: [{metrics}]}}\n"


def half_even(number):
    return round(fractions.Fraction(number))


def share(part, whole):
    return part * 10000 // whole


def raw_of(outlet, tickets, aims, over):
    """What is measured of an outlet by every metric; None: nothing to measure. over: the last day of the period that is over."""
    mine = [ticket for ticket in tickets if ticket.outlet == outlet]
    kept = [ticket for ticket in mine if not ticket.is_void]
    sums = collections.Counter()
    for ticket in kept:
        amount, goods = ticket.parts(lambda sku: True)
        sums[ticket.is_return, "amount"] += amount
        sums[ticket.is_return, "goods"] += goods
        sums[ticket.is_return, "tickets"] += 1
    own = [aim for aim in aims if aim.scope.keys() <= {"outlet", "parent"} and aim.scope.get("outlet") == outlet]
    attained = [share(aim.achieved(mine), aim.value) for aim in own]
    days = (datetime.date.fromisoformat(over) - datetime.date.fromisoformat(FIRST)).days + 1
    return {"revenue": sums[False, "amount"] - sums[True, "amount"], "units": sums[False, "goods"] - sums[True, "goods"],
            "tickets": sums[False, "tickets"],
            "return_rate": share(sums[True, "goods"], sums[False, "goods"]) if sums[False, "goods"] else None,
            "average_basket": half_even(fractions.Fraction(sums[False, "amount"], sums[False, "tickets"])),
            "reporting": share(len({ticket.day for ticket in kept if ticket.day <= over}), days),
            "attainment": half_even(fractions.Fraction(sum(attained), len(attained))),
            "RETURNED": sums[True, "amount"]}


def sheet_of(raws):
    """metric -> (raw, normalised, weight, contribution), and the score."""
    weights = sum(weight for code, weight, *_ in METRICS if raws[code] is not None)
    sheet, score = {}, 0
    for code, weight, floor, goal, cap in METRICS:
        raw, normalised, part = raws[code], 0, 0
        if raw is not None:
            low, high = min(floor, cap), max(floor, cap)
            normalised = half_even(fractions.Fraction((min(max(raw, low), high) - floor) * 10000, goal - floor))
            part = half_even(fractions.Fraction(normalised * weight, weights))
        sheet[code] = (raw, normalised, weight, part)
        score += part
    return sheet, score


def master(skus):
    """Outlets, tills and products, all that tickets are judged by."""
    lines = ["outlets:"]
    lines += [f"  - {{outlet: {outlet}, name: {outlet}, tier: {tier_of(outlet)}, kind: dealer, currency: GBP, tz_offset: 0}}" for outlet in OUTLETS]
    lines += ["terminals:"] + [f"  - {{terminal: {outlet}/T1, outlet: {outlet}}}" for outlet in OUTLETS] + ["products:"]
    for sku in sorted(skus):
        of = f", category: '{category_of(sku)}', brand: '{brand_of(sku)}', goods: true" if recompute.moves_stock(sku) else ", goods: false"
        lines.append(f"  - {{sku: '{sku}', name: '{sku}'{of}}}")
    return "\n".join(lines) + "\n"


def applied(network, text):
    path = pathlib.Path(network.folder, "apply.yaml")
    path.write_text(text, encoding="utf-8")
    code, out, err = network.run("apply", path, timeout=600)
    assert code == 0, out + err


def sold(network, tickets, known=()):
    """All tickets, till by till, in the order of the file; those that are known have their numbers already."""
    door = Door(network.door("orders"), "the till of the file", [[f"{outlet}/T1", EPOCH] for outlet in OUTLETS])
    for outlet in OUTLETS:
        source, events = f"{outlet}/T1", []
        before = sum(1 + ticket.is_void for ticket in known if ticket.outlet == outlet)
        for ticket in tickets:
            if ticket.outlet == outlet:
                events += ticket.events(before + len(events) + 1)
        for at in range(0, len(events), CHUNK):
            door.publish(source, EPOCH, before + at + 1, events[at:at + CHUNK])
            through = 0
            while through < before + min(at + CHUNK, len(events)):
                _, _, _, through, _, refused = door.hear("ack", 120)
                assert not refused, refused[:3]
    door.close()


@unittest.skipUnless(RETAIL.exists(), "the published file is not here")
class Aims(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tickets = list(tickets_of(RETAIL))
        often = collections.Counter(line[0] for ticket in cls.tickets for line in ticket.lines if recompute.moves_stock(line[0]))
        cls.aims = aims_of([sku for sku, _ in often.most_common(3)])
        with Network() as network:
            applied(network, master({line[0] for ticket in cls.tickets for line in ticket.lines}))
            applied(network, "metrics:\n  - {metric: RETURNED, event: sale.returned, sum: total}\ntargets:\n" + "".join(aim.yaml() for aim in cls.aims))
            network.settle()
            sold(network, cls.tickets)
            network.settle(600)
            cls.targets = {row["target"]: row for row in network.rows("get", "targets", timeout=300)}
            applied(network, appraisal_yaml())
            network.settle()
            cls.open = network.rows("get", "appraisals", timeout=300)
            # A sale ten days later brings the business clock behind the end of the period, and changes nothing in it.
            rows = [{"CustomerID": "", "InvoiceDate": "2011-06-10 10:00:00", "StockCode": "85123A", "Quantity": "1", "UnitPrice": "2.55"}]
            sold(network, [Ticket("600000", rows)], cls.tickets)
            cls.final = cls.wait_for_the_final_ones(network)
            cls.splits = network.rows("tail", "kpi", "--from", 1, "--type", "target.split_checked", timeout=300)
            cls.check = network.run("check", timeout=900)

    @staticmethod
    def wait_for_the_final_ones(network):
        """A few ticks behind the end of the period and its days of grace all are final."""
        until = time.monotonic() + 400
        while time.monotonic() < until:
            rows = network.rows("get", "appraisals", timeout=300)
            if all(row["state"] == "final" for row in rows):
                return rows
            time.sleep(1)
        raise AssertionError("the appraisal is never final")

    def test_the_sales_are_worth_it(self):
        self.assertGreater(len(self.tickets), 4000)
        self.assertEqual({ticket.outlet for ticket in self.tickets}, set(OUTLETS))
        self.assertTrue(any(ticket.is_void for ticket in self.tickets) and any(ticket.is_return for ticket in self.tickets))
        print(f"{len(self.tickets)} tickets, {sum(len(ticket.lines) for ticket in self.tickets)} lines, {len(self.aims)} targets")

    def test_every_target_is_what_the_file_says(self):
        self.assertEqual(self.targets.keys(), {aim.code for aim in self.aims})
        for aim in self.aims:
            with self.subTest(aim.code):
                self.assertEqual(self.targets[aim.code]["achieved"], aim.achieved(self.tickets))
        self.assertTrue(all(self.targets[aim.code]["achieved"] > 0 for aim in self.aims if "-OUT-" not in aim.code))

    def test_the_split_is_complete(self):
        self.assertEqual(len(self.splits), len(OUTLETS))
        last = self.splits[-1]["data"]
        self.assertEqual((last["target"], last["parts"], last["difference"], last["complete"]), ("WHOLE", 20, 0, True))
        self.assertEqual(self.targets["WHOLE"]["achieved"], sum(self.targets[f"PART-{outlet}"]["achieved"] for outlet in OUTLETS))

    def expected(self, over):
        outlets = [outlet for outlet in OUTLETS if tier_of(outlet) == 2]
        return {outlet: sheet_of(raw_of(outlet, self.tickets, self.aims, over)) for outlet in outlets}

    def compare(self, rows, state, over):
        sheets = self.expected(over)
        self.assertEqual(len(rows), len(sheets) * len(METRICS))
        for row in rows:
            sheet, score = sheets[row["outlet"]]
            with self.subTest(row["outlet"], metric=row["metric"]):
                self.assertEqual((row.get("raw"), row["normalised_bp"], row["weight_bp"], row["contribution_bp"]), sheet[row["metric"]])
                self.assertEqual((row["state"], row["score_bp"]), (state, score))
                self.assertEqual(row["rank"], 1 + sum(other > score for _, other in sheets.values()))

    def test_the_appraisal_is_what_the_file_says(self):
        self.compare(self.open, "provisional", "2011-05-30")  # the last day is not over while it is the latest that was heard of
        self.compare(self.final, "final", LAST)

    def test_a_wrong_penny_would_be_found(self):
        aim = next(aim for aim in self.aims if aim.code == "WHOLE")
        extra = Ticket("999999", [{"CustomerID": "", "InvoiceDate": "2011-03-01 10:00:00", "StockCode": "A", "Quantity": "1", "UnitPrice": "0.01"}])
        self.assertNotEqual(self.targets["WHOLE"]["achieved"], aim.achieved([*self.tickets, extra]))

    def test_the_audit_finds_nothing(self):
        self.assertEqual(self.check[0], 0, self.check[1] + self.check[2])


if __name__ == "__main__":
    unittest.main()
