#!/usr/bin/env python3
"""Goal: what a real retailer's outlets earn under two rebate schemes is, to the penny, what its CSV gives by other arithmetic; and each
outlet's statement holds against its own sales. Method: the published file through real processes; fractions here, integers there."""

import collections
import datetime
import decimal
import fractions
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


def lines_of(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


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
