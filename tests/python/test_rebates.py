#!/usr/bin/env python3
"""Goal: a dealer who trusts nobody can work its rebates out again from its own sales. Method: real processes, and the command's verifier over
statements and sales of which one figure was changed."""

import hashlib
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Network  # noqa: E402

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
  - {scheme: MIX, name: Mix, basis: revenue, period: quarter, currency: CNY, ladder: whole, from: "2026-01-01",
     steps: [{from: 0, rate_bp: 100}], mix_category: TOY, mix_bp: 1058, mix_skus: 2}
  - {scheme: SHOW, name: Display, basis: revenue, period: month, currency: CNY, ladder: band, from: "2026-01-01",
     steps: [{from: 0, rate_bp: 100}], display_days: 1, clean_only: true}
  - {scheme: EARLY, name: Early, basis: revenue, period: quarter, currency: CNY, ladder: whole, from: "2026-01-01",
     steps: [{from: 0, rate_bp: 100}], paid_within: 14}
prices:
  - {sku: B, currency: CNY, list: 10.00}
credits:
  - {outlet: D1, currency: CNY, limit: 150.00}
"""
LATER = """
displays:
  - {display: V-1, scheme: SHOW, outlet: D1, day: "2026-02-10", stood: true, proof: P-1}
payments:
  - {payment: P-1, outlet: D1, kind: payment, amount: 100.00, currency: CNY, day: "2026-02-20", order: PO-1}
  - {payment: P-2, outlet: D1, kind: payment, amount: 80.00, currency: CNY, day: "2026-02-21", order: PO-2}
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


def order(number, day, pieces):
    data = {"outlet": "D1", "order": number, "day": day, "lines": [{"sku": "B", "quantity": pieces * 1000}]}
    return {"type": "order.requested", "source": "D1/T1", "time": f"{day}T05:00:00Z", "data": data}


TICKETS += [order("PO-1", "2026-02-10", 10), order("PO-2", "2026-02-06", 8)]


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
        code, out, err = cls.network.apply(LATER)
        assert code == 0, out + err
        cls.network.settle()
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

    def test_conditions_and_early_payment_are_worked_out_again(self):
        rows = self.network.rows("get", "rebates", "--outlet", "D1")
        rows = {row["scheme"]: row for row in rows if (row["scheme"], row["period"]) != ("SHOW", "2026-01-01")}
        # 300 of toys in 2,833.33 are 10.588 %: the mix is met; the display stood in February alone; 100.00 were paid after 10 days, 80.00 after 15
        self.assertEqual((rows["MIX"]["met"], rows["MIX"]["mix_minor"], rows["MIX"]["skus"], rows["MIX"]["balance_minor"]), (True, 30000, 2, 2833))
        self.assertEqual((rows["SHOW"]["displays"], rows["SHOW"]["balance_minor"]), (1, 1800))
        self.assertEqual((rows["EARLY"]["revenue_minor"], rows["EARLY"]["balance_minor"]), (10000, 100))
        for scheme, period in (("MIX", "2026-01-01"), ("SHOW", "2026-01-01"), ("SHOW", "2026-02-01"), ("EARLY", "2026-01-01")):
            statement = self.network.rows("statement", "D1", scheme, period)
            code, out = self.verify(statement, self.sales)
            self.assertEqual(code, 0, f"{scheme} {period}: {out}")
        # a mix that was polished, and an order that was not paid in time after all
        statement = self.network.rows("statement", "D1", "MIX", "2026-01-01")
        polished = [row | {"data": row["data"] | {"mix": row["data"]["mix"] + 10000}} if "mix" in row["data"] else row for row in statement]
        self.assertEqual(self.verify(polished, self.sales, "--root", rows["MIX"]["root"])[0], 1)
        wider = [row | {"data": row["data"] | {"mix_skus": 3}} if "mix_skus" in row["data"] and row["type"] != "scheme.declared" else row
                 for row in statement if row["type"] != "rebate.locked"]  # whose root would tell first
        code, out = self.verify(wider, self.sales)
        self.assertEqual(code, 1)
        self.assertIn("it counts 3 SKUs, your sales give 2", out)
        statement = self.network.rows("statement", "D1", "EARLY", "2026-01-01")
        late = [row | {"data": row["data"] | {"days": 15}} if row["type"] == "invoice.settled" else row for row in self.sales]
        code, out = self.verify(statement, late)
        self.assertEqual(code, 1)
        self.assertIn("your paid orders give 0", out)

    def test_an_order_waits_for_credit_and_is_released(self):
        states = {row["order"]: (row["state"], row["paid_on"]) for row in self.network.rows("get", "orders", "--outlet", "D1")}
        self.assertEqual(states, {"PO-1": ("accepted", "2026-02-20"), "PO-2": ("accepted", "2026-02-21")})
        said = [row["type"] for row in self.sales if row["data"].get("order") == "PO-2"]
        self.assertEqual(said, ["order.placed", "order.held", "order.released", "order.accepted", "invoice.settled"])
        row = self.network.rows("get", "credit", "--outlet", "D1")[0]
        self.assertEqual((row["ordered_minor"], row["paid_minor"], row["exposure_minor"], row["held"]), (18000, 18000, 0, 0))

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

    def test_an_entry_says_itself_in_words(self):
        accrued = [row["id"] for row in self.statement if row["type"] == "rebate.accrued"][0]
        code, out, err = self.network.run("trace", accrued)
        self.assertEqual(code, 0, err)
        self.assertIn("D1 earned", out)
        self.assertIn("line 1 brings", out)
        code, out, err = self.network.run("trace", accrued, "--lang", "zh")
        self.assertIn("返利 VOLUME", out)

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


if __name__ == "__main__":
    unittest.main()
