#!/usr/bin/env python3
"""Goal: a dealer who trusts nobody can work its rebates out again: from its own sales with the command's verifier, and from the retailer's CSV
alone, to the penny. Method: real processes; statements that were changed by one figure; and schemes worked out here by other arithmetic."""

import collections
import datetime
import decimal
import fractions
import hashlib
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import recompute  # noqa: E402
from harness import SHARED, Network  # noqa: E402

RETAIL = SHARED / "data" / "online_retail" / "lines_2010-12_2011-08.csv.gz"
OUTLETS = 20

MASTER = """
outlets:
  - {outlet: D1, name: Dealer one, tier: 2, kind: dealer, currency: CNY, tz_offset: 480}
  - {outlet: D2, name: Dealer two, tier: 2, kind: dealer, currency: CNY, tz_offset: 480}
terminals:
  - {terminal: D1/T1, outlet: D1}
  - {terminal: D2/T1, outlet: D2}
products:
  - {sku: A, name: lamp, goods: true, category: LIGHT}
  - {sku: B, name: bear, goods: true, category: TOY}
  - {sku: POST, name: postage, goods: false}
schemes:
  - {scheme: VOLUME, name: Volume, basis: revenue, period: quarter, currency: CNY, ladder: whole, from: "2026-01-01",
     steps: [{from: 0, rate_bp: 100}, {from: 100000, rate_bp: 250}], cap: 60.00, clean_channel: 5000}
  - {scheme: LAMPS, name: Lamps, basis: units, period: month, category: LIGHT, currency: CNY, ladder: band, from: "2026-01-01",
     steps: [{from: 0, amount: 0.1250}, {from: 10000, amount: 0.5000}]}
"""


def ticket(kind, terminal, receipt, day, *lines, **more):
    data = {"outlet": terminal.split("/")[0], "receipt": receipt, "currency": "CNY", "day": day} | more
    if kind != "ticket.voided":
        data["lines"] = [{"sku": sku, "quantity": quantity, "amount": amount} for sku, quantity, amount in lines]
    else:
        del data["currency"]
    return {"type": kind, "source": terminal, "time": f"{day}T04:00:00Z", "data": data}


TICKETS = [
    ticket("ticket.sold", "D1/T1", "R1", "2026-01-05", ("A", 3000, 60000), ("POST", 1000, 500), ("B", 1000, 10000)),
    ticket("ticket.sold", "D2/T1", "R1", "2026-01-05", ("A", 1000, 20000)),
    ticket("ticket.sold", "D1/T1", "R2", "2026-02-07", ("B", 2000, 20000), ("A", 9000, 180000)),
    ticket("ticket.returned", "D1/T1", "R3", "2026-02-08", ("A", 1000, 20000)),
    ticket("ticket.sold", "D1/T1", "R4", "2026-02-09", ("B", 5000, 50001)),
    ticket("ticket.voided", "D1/T1", "R4", "2026-02-09"),
    ticket("ticket.sold", "D1/T1", "R5", "2026-01-31", ("A", 12000, 33333)),
]


def lines_of(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


class Statement(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__, None, None, None)
        code, out, err = cls.network.apply(MASTER)
        assert code == 0, out + err
        cls.network.settle()
        code, out, err = cls.network.run("publish", "--quiet", stdin=lines_of(TICKETS))
        assert code == 0, out + err
        cls.network.settle()
        code, out, err = cls.network.apply("clawbacks: [{scheme: VOLUME, outlet: D1, period: '2026-01-01', share_bp: 2500, reason: sold across}]")
        assert code == 0, out + err
        cls.statement = cls.network.rows("statement", "D1", "VOLUME", "2026-01-01")
        cls.sales = cls.network.rows("tail", "orders", "--from", 1, "--key", "D1")

    def verify(self, statement, sales, *more):
        files = []
        for name, rows in (("statement", statement), ("sales", sales)):
            files.append(os.path.join(self.network.folder, f"{name}.jsonl"))
            pathlib.Path(files[-1]).write_text(lines_of(rows))
        code, out, err = self.network.run("statement", "verify", files[0], "--sales", files[1], *more)
        self.assertEqual(err, "")
        return code, out

    def test_the_dealer_sees_how_it_stands(self):
        row = self.network.rows("get", "rebates", "--outlet", "D1", "--scheme", "VOLUME")[0]
        # 600 + 100 + 2,000 - 200 + 333.33 = 2,833.33 of goods: 2.5 % are 70.83, the cap is 60.00, a quarter of it is taken back
        self.assertEqual((row["revenue_minor"], row["step"], row["balance_minor"], row["clawback_bp"]), (283333, 2, 4500, 2500))
        row = [row for row in self.network.rows("get", "rebates", "--outlet", "D1", "--scheme", "LAMPS") if row["period"] == "2026-01-01"][0]
        # 15 lamps in January: 10 at 0.125, 5 at 0.50
        self.assertEqual((row["units_milli"], row["balance_minor"], row["next_step"]), (15000, 375, 0))
        self.assertEqual(row["accrued_minor"] + row["adjusted_minor"] - row["settled_minor"], row["balance_minor"])

    def test_a_right_statement_is_right(self):
        code, out = self.verify(self.statement, self.sales)
        self.assertEqual(code, 0, out)
        self.assertIn("6 tickets", out)
        row = self.network.rows("get", "rebates", "--outlet", "D1", "--scheme", "VOLUME")[0]
        self.assertIn(row["root"], out)
        self.assertEqual(self.verify(self.statement, self.sales, "--root", row["root"])[0], 0)
        self.assertEqual(self.verify(self.statement, self.sales, "--root", "0" * 64)[0], 1)
        lamps = self.network.rows("statement", "D1", "LAMPS", "2026-02-01")
        self.assertEqual(self.verify(lamps, self.sales)[0], 0)

    def test_another_program_finds_the_same_root(self):
        root = "0" * 64
        for row in self.statement:
            data = row["data"]
            if row["type"] not in ("rebate.accrued", "rebate.adjusted"):
                continue
            words = [data["entry"], data.get("cause", "accrued"), data["scheme_version"], data.get("sale", "-"), data["basis"], data.get("base", 0),
                     data.get("share_bp", 0), data["amount"]]
            words += [f"{line['line']}:{line['basis']}:{line['amount']}" for line in data.get("lines", [])]
            root = hashlib.blake2b(f"{root}\n{' '.join(map(str, words))}\n".encode(), digest_size=32).hexdigest()
        self.assertEqual(root, self.network.rows("get", "rebates", "--outlet", "D1", "--scheme", "VOLUME")[0]["root"])

    def test_one_changed_figure_in_a_statement_is_found_where_it_stands(self):
        """The control: every number of every entry, one more than it was."""
        changed = 0
        for at, row in enumerate(self.statement):
            if not row["type"].startswith("rebate."):
                continue
            places = [(row["data"], name) for name, value in row["data"].items() if isinstance(value, int)]
            places += [(line, name) for line in row["data"].get("lines", []) for name in line]
            for place, name in places:
                place[name] += 1
                code, out = self.verify(self.statement, self.sales)
                place[name] -= 1
                self.assertEqual(code, 1, f"{row['type']} {name}: {out}")
                self.assertIn(f"statement.jsonl:{at + 1}:", out)
                changed += 1
        self.assertGreater(changed, 60)

    def test_one_changed_penny_in_a_sale_is_found(self):
        for row in self.sales:
            if not row["type"].startswith("sale.") or row["type"] == "sale.refused":
                continue
            goods = [line for line in row["data"]["lines"] if not line.get("service")]
            goods[-1]["amount"] += 1
            code, out = self.verify(self.statement, self.sales)
            goods[-1]["amount"] -= 1
            self.assertEqual(code, 1, out)
            self.assertIn("your ticket gives", out)

    def test_what_is_left_out_added_or_put_elsewhere_is_found(self):
        entries = [at for at, row in enumerate(self.statement) if row["type"] in ("rebate.accrued", "rebate.adjusted")]
        for at in entries:
            self.assertEqual(self.verify(self.statement[:at] + self.statement[at + 1:], self.sales)[0] if at != entries[-1] else 1, 1)
            self.assertEqual(self.verify(self.statement[:at] + [self.statement[at]] + self.statement[at:], self.sales)[0], 1)
        for at in entries[:-1]:
            swapped = self.statement[:at] + [self.statement[at + 1], self.statement[at]] + self.statement[at + 2:]
            self.assertEqual(self.verify(swapped, self.sales)[0], 1)
        for at, row in enumerate(self.sales):
            if row["type"].startswith("sale.") and row["type"] != "sale.refused":
                code, out = self.verify(self.statement, self.sales[:at] + self.sales[at + 1:])
                self.assertEqual(code, 1)
                self.assertIn("is none of your sales", out)
        more = json.loads(json.dumps(self.sales[0])) | {"id": "orders#999"}
        code, out = self.verify(self.statement, self.sales + [more])
        self.assertEqual(code, 1)
        self.assertIn("orders#999", out)

    def test_changed_terms_are_found(self):
        scheme = self.statement[0]
        self.assertEqual(scheme["type"], "scheme.declared")
        scheme["data"]["steps"][1]["rate_bp"] -= 1
        self.assertEqual(self.verify(self.statement, self.sales)[0], 1)
        scheme["data"]["steps"][1]["rate_bp"] += 1
        self.assertEqual(self.verify(self.statement[1:], self.sales)[0], 1)
        self.assertEqual(self.verify(self.statement[:1], self.sales)[0], 1)

    def test_the_words_for_people(self):
        code, out, _ = self.network.run("statement", "D1", "VOLUME", "2026-01-01")
        self.assertEqual(code, 0)
        self.assertIn("step_crossed", out)
        self.assertIn("violation", out)
        code, _, err = self.network.run("statement", "D9", "VOLUME", "2026-01-01")
        self.assertEqual(code, 1)
        self.assertIn("has nothing", err)
        self.assertEqual(self.network.run("statement", "verify")[0], 2)
        self.assertEqual(self.network.run("statement", "verify", "/nowhere")[0], 2)
        self.assertIn("held against no sales", self.offline(self.statement))

    def offline(self, statement):
        path = os.path.join(self.network.folder, "alone.jsonl")
        pathlib.Path(path).write_text(lines_of(statement))
        code, out, _ = self.network.run("statement", "verify", path)
        self.assertEqual(code, 0, out)
        pathlib.Path(path).write_text("{\n")
        self.assertEqual(self.network.run("statement", "verify", path)[0], 2)
        return out

    def test_the_stores_hold_together(self):
        code, out, err = self.network.run("check", "partners")
        self.assertEqual(code, 0, out + err)


# ---- a real retailer, from its CSV alone ----

def category_of(sku):
    return f"CAT-{sku[:2]}"


def period_of(day, months):
    year, month = int(day[:4]), int(day[5:7])
    return f"{year:04d}-{(month - 1) // months * months + 1:02d}-01"


def whole(basis, steps, cap):
    rate = max([rate for start, rate in steps if basis >= start], default=0)
    return min(round(fractions.Fraction(basis * rate, 10000)), cap) if basis > 0 else 0


def band(basis, steps):
    due = fractions.Fraction(0)
    for (start, rate), end in zip(steps, [start for start, _ in steps[1:]] + [max(basis, 0)]):
        due += fractions.Fraction(max(0, min(basis, max(end, start)) - start) * rate, 10000)
    return round(due)


STEPS_VOLUME = [(2000000, 50), (6000000, 125), (10000000, 210)]
STEPS_CATEGORY = [(0, 100), (500000, 275), (1500000, 420)]
CAP = 180000


def retail_bases():
    """Goods sold less goods that came back, by scheme, outlet and period; and the tickets as a till says them."""
    bases, tickets, skus = collections.Counter(), [], {}
    for invoice, rows in recompute.tickets_of(recompute.rows_of(RETAIL), "InvoiceNo").items():
        terminal = recompute.online_retail_terminal(invoice, rows[0]["CustomerID"], OUTLETS)
        rows = [row for row in rows if not recompute.is_write_off(invoice, row)]
        if not rows:
            continue
        outlet, day, sign = terminal.split("/")[0], rows[0]["InvoiceDate"][:10], -1 if invoice.startswith("C") else 1
        lines = []
        for row in rows:
            sku, quantity, price = row["StockCode"].upper(), sign * int(row["Quantity"]), decimal.Decimal(row["UnitPrice"])
            amount = recompute.minor(quantity * price)
            skus[sku] = recompute.moves_stock(sku)
            lines.append({"sku": sku, "quantity": quantity * 1000, "amount": amount})
            if skus[sku]:
                bases["VOLUME", outlet, period_of(day, 3)] += sign * amount
                if category_of(sku) == "CAT-22":
                    bases["CAT22", outlet, period_of(day, 1)] += sign * amount
        when = datetime.datetime.fromisoformat(rows[0]["InvoiceDate"]).strftime("%Y-%m-%dT%H:%M:%SZ")
        tickets.append({"type": "ticket.sold" if sign > 0 else "ticket.returned", "source": terminal, "time": when,
                        "data": {"outlet": outlet, "receipt": invoice, "currency": "GBP", "day": day, "lines": lines}})
    return bases, tickets, skus


class Retail(unittest.TestCase):
    def master(self, skus, terminals):
        outlets = [{"outlet": f"OUT-{i:03d}", "name": f"Outlet {i}", "tier": 1 + i % 2, "kind": "dealer" if i % 2 else "own_store", "currency": "GBP",
                    "tz_offset": 0} for i in range(OUTLETS)]
        products = [{"sku": sku, "name": sku, "goods": goods, "category": category_of(sku)} for sku, goods in sorted(skus.items())]
        schemes = [{"scheme": "VOLUME", "name": "Volume by quarter", "basis": "revenue", "period": "quarter", "currency": "GBP", "ladder": "whole",
                    "steps": [{"from": start, "rate_bp": rate} for start, rate in STEPS_VOLUME], "cap": CAP / 100, "from": "2010-12-01"},
                   {"scheme": "CAT22", "name": "Category 22 by month", "basis": "revenue", "period": "month", "category": "CAT-22", "currency": "GBP",
                    "ladder": "band", "steps": [{"from": start, "rate_bp": rate} for start, rate in STEPS_CATEGORY], "from": "2010-12-01"}]
        return json.dumps({"outlets": outlets, "products": products, "schemes": schemes,
                           "terminals": [{"terminal": name, "outlet": name.split("/")[0]} for name in sorted(terminals)]})

    def test_two_schemes_over_twenty_outlets_agree_with_the_csv_to_the_penny(self):
        if not RETAIL.exists():
            self.skipTest(f"{RETAIL} is not there")
        bases, tickets, skus = retail_bases()
        with Network() as network:
            code, out, err = network.apply(self.master(skus, {one["source"] for one in tickets}))
            self.assertEqual(code, 0, (out + err)[-500:])
            network.settle()
            code, out, err = network.run("publish", "--quiet", stdin=lines_of(tickets), timeout=900)
            self.assertEqual(code, 0, (out + err)[-500:])
            network.settle(600)
            rows = {(row["scheme"], row["outlet"], row["period"]): row for row in network.rows("get", "rebates", timeout=300)}
            self.assertEqual(set(rows), set(bases))
            capped, bands = 0, set()
            for key, basis in sorted(bases.items()):
                due = whole(basis, STEPS_VOLUME, CAP) if key[0] == "VOLUME" else band(basis, STEPS_CATEGORY)
                row = rows[key]
                self.assertEqual((key, row["revenue_minor"], row["balance_minor"]), (key, basis, due))
                self.assertEqual(row["accrued_minor"] + row["adjusted_minor"] - row["settled_minor"], row["balance_minor"], key)
                capped += key[0] == "VOLUME" and due == CAP
                bands.add((key[0], row["step"]))
            self.assertGreater(capped, 0)  # the file has what the schemes are made of: the cap and every step of both
            self.assertGreaterEqual(len(bands), 6)
            print(f"{len(rows)} periods of {OUTLETS} outlets agree, {sum(row['balance_minor'] for row in rows.values()) / 100:.2f} GBP, {capped} at the cap")
            self.check_statements(network)
            self.assertEqual(network.run("check", "--shallow", timeout=600)[0], 0)

    def check_statements(self, network):
        """A dealer's statement holds against its own sales; with one penny changed it does not."""
        sales = network.rows("tail", "orders", "--from", 1, "--key", "OUT-007", timeout=300)
        mine, statement = os.path.join(network.folder, "mine"), os.path.join(network.folder, "statement")
        for scheme, period in (("VOLUME", "2011-01-01"), ("CAT22", "2011-03-01")):
            lines = network.rows("statement", "OUT-007", scheme, period, timeout=300)
            pathlib.Path(mine).write_text(lines_of(sales))
            pathlib.Path(statement).write_text(lines_of(lines))
            code, out, err = network.run("statement", "verify", statement, "--sales", mine)
            self.assertEqual(code, 0, out + err)
            one = [line for line in lines if line["type"] == "rebate.accrued"][-1]
            one["data"]["amount"] += 1
            pathlib.Path(statement).write_text(lines_of(lines))
            self.assertEqual(network.run("statement", "verify", statement, "--sales", mine)[0], 1)


if __name__ == "__main__":
    unittest.main()
