#!/usr/bin/env python3
"""Goal: what `tributary rehearse` says of other rules is what these rules do, and the network that is asked stays as it is. Method: a network
of real processes sells for five days, an outlet orders and pays, another claims; the rules that it has are rehearsed (nothing may differ), then
stricter and poorer ones, whose figures are worked out by hand."""

import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SMALL, Door, Network, event, ticket  # noqa: E402

BEGIN_US = 1772445600000000  # 2026-03-02T10:00:00Z
HOUR_US = 3600 * 1000000
OUTLETS = ("S1", "S2", "S3")
DAYS = 5


def count(place, reference, lines):
    return event(f"wms/{place}", 1, "stock.counted", place, {"place": place, "reference": reference, "lines": lines}, BEGIN_US - 5 * HOUR_US)


MONEY = """
prices:
  - {sku: B, currency: GBP, list: 1.00}
funds:
  - {fund: MKT, name: Marketing, currency: GBP, budget: 100.00, from: 2026-03-01, until: 2026-03-31}
"""


CANDIDATE = """
credits:
  - {outlet: S3, currency: GBP, limit: 100.00}
commissions:
  - {commission: LEAD, currency: GBP, rate_bp: 1000, shares: [{role: handed_over_by, share_bp: 10000}]}
funds:
  - {fund: MKT, name: Marketing, currency: GBP, budget: 50.00, from: 2026-03-01, until: 2026-03-31}
"""


def say(network, service, name, events):
    """Events of one source, at moments of their own: (moment, type, subject, data)."""
    door = Door(network.door(service), name, [(name, 7)])
    door.publish(name, 7, 1, [event(name, seq, kind, subject, data, moment) for seq, (moment, kind, subject, data) in enumerate(events, 1)])
    ack = door.hear("ack")
    assert ack[3] == len(events) and ack[5] == [], ack
    door.close()


def trade(network):
    """S3 orders 60.00 on the first, third and fifth day and pays 50.00 on the fourth; S2 claims 60.00 of the fund."""
    orders = [(BEGIN_US + (day * 24 + 9) * HOUR_US, "order.requested", "S3",
               {"outlet": "S3", "order": f"PO-{day}", "day": f"2026-03-0{2 + day}", "lines": [{"sku": "B", "quantity": 60000}]}) for day in (0, 2, 4)]
    paid = {"payment": "P-1", "outlet": "S3", "kind": "payment", "amount": 5000, "currency": "GBP", "day": "2026-03-05"}
    claim = {"claim": "CL-1", "fund": "MKT", "outlet": "S2", "amount": 6000, "currency": "GBP", "day": "2026-03-03", "purpose": "fair", "proof": "I-1"}
    say(network, "orders", "S3/T2", orders)
    say(network, "partners", "staff/mei", [(BEGIN_US + 3 * 24 * HOUR_US, "payment.submitted", "S3", paid),
                                           (BEGIN_US + 30 * HOUR_US, "claim.submitted", "S2", claim)])
    say(network, "partners", "staff/li", [(BEGIN_US + 300 * HOUR_US, "claim_step.submitted", "CL-1", {"claim": "CL-1", "step": "approve"})])
    network.settle()


def sell(network):
    """Three apples each hour of a business day at each outlet, one bread at a price of its own, and a return each day; S1 leads customers to S2."""
    for place in (*OUTLETS, "WH-1"):
        door = Door(network.door("inventory"), place, [(f"wms/{place}", 7)])
        door.publish(f"wms/{place}", 7, 1, [count(place, "opening", [{"sku": sku, "counted": 30000 if place in OUTLETS else 900000} for sku in "AB"])])
        door.hear("ack")
        door.close()
    network.settle()
    for outlet in OUTLETS:
        till, events = f"{outlet}/T1", []
        for day in range(DAYS):
            for hour in range(8):
                seq = len(events) + 1
                moment, date = BEGIN_US + (day * 24 + hour) * HOUR_US, f"2026-03-0{2 + day}"
                kind, pieces, price = ("ticket.returned", 1, 25500) if hour == 7 else ("ticket.sold", 3, 25500 if hour else 19500)
                sold = ticket(till, seq, f"R{seq}", [{"sku": "A", "quantity": pieces * 1000, "unit_price": price}], outlet=outlet, day=date, kind=kind)
                sold[6] = moment
                if outlet == "S2":
                    sold[8].update({"original": f"R{seq - 1}"} if hour == 7 else {"handed_over_by": "S1"})
                events.append(sold)
        door = Door(network.door("orders"), till, [(till, 7)])
        door.publish(till, 7, 1, events)
        ack = door.hear("ack")
        assert ack[3] == len(events) and ack[5] == [], ack
        door.close()
    network.settle()


class Rehearse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.network.__enter__()
        assert cls.network.apply(SMALL + "  - {terminal: S3/T2, outlet: S3}\n")[0] == 0
        assert cls.network.apply(MONEY)[0] == 0
        sell(cls.network)
        trade(cls.network)

    @classmethod
    def tearDownClass(cls):
        cls.network.__exit__(None, None, None)

    def rehearse(self, candidate, *options):
        path = pathlib.Path(self.network.folder, "candidate.yaml")
        path.write_text(candidate, encoding="utf-8")
        return self.network.run("rehearse", path, "--tmp", self.network.folder, *options, timeout=300)

    def outcomes(self, candidate, *options):
        code, out, err = self.rehearse(candidate, "--json", *options)
        self.assertEqual(code, 0, err)
        rows = [json.loads(line) for line in out.splitlines()]
        self.assertTrue(all(row["difference"] == row["candidate"] - row["now"] for row in rows))
        return {(row["outlet"], row["measure"]): (row["now"], row["candidate"]) for row in rows}

    def state(self):
        """What anybody outside has said, and what follows from it. While nobody says anything the time of day goes on, which all services but orders
        keep or speak of: of those the answers are compared."""
        heard = {(row["service"], row["source"]): (row["epoch"], row["through"]) for row in self.network.rows("get", "sources") if "/" in row["source"]}
        answers = [self.network.rows("get", what) for what in ("stock", "restocks", "shipments", "records", "rebates")]
        return self.network.hashes()["orders"], heard, answers, self.network.rows("get", "kpi", "--scope", "outlet")

    def test_the_rules_as_they_stand_change_nothing_neither_there_nor_here(self):
        before = self.state()
        outcomes = self.outcomes(SMALL)
        self.assertEqual({key: pair for key, pair in outcomes.items() if pair[0] != pair[1]}, {})
        live = {row["key"]: row["revenue_minor"] - row["returns_minor"] for row in self.network.rows("get", "kpi", "--scope", "outlet") if row["day"] == ""}
        self.assertEqual({outlet: outcomes[outlet, "revenue"][0] for outlet in OUTLETS}, live)
        self.assertEqual([outcomes[outlet, "deviations"][0] for outlet in OUTLETS], [DAYS] * 3)
        self.assertTrue(all(outcomes[outlet, "restocks"][0] > 1 for outlet in OUTLETS), outcomes)
        self.assertEqual(self.state(), before)

    def test_shelves_that_are_filled_earlier_run_empty_less_often(self):
        outcomes = self.outcomes("stock_policies:\n  - {sku: A, outlet: S2, reorder_point: 25, order_up_to: 60}\n")
        self.assertGreater(outcomes["S2", "stock_outs"][0], 0)
        self.assertEqual(outcomes["S2", "stock_outs"][1], 0)
        self.assertEqual(outcomes["S2", "service_bp"][1], 10000)
        self.assertLess(outcomes["S2", "service_bp"][0], 10000)
        self.assertEqual(outcomes["S1", "stock_outs"][0], outcomes["S1", "stock_outs"][1])

    def test_a_corridor_that_is_wider_has_fewer_deviations(self):
        outcomes = self.outcomes("prices:\n  - {sku: A, currency: GBP, list: 2.55, floor: 1.90, ceiling: 3.00}\n")
        self.assertEqual({outcomes[outlet, "deviations"] for outlet in OUTLETS}, {(DAYS, 0)})

    def test_a_ladder_pays_what_it_says_of_what_was_sold(self):
        outcomes = self.outcomes("schemes:\n  - {scheme: LADDER, name: ladder, basis: revenue, period: month, outlet: S2, currency: GBP, ladder: whole, "
                                 "steps: [{from: 0, rate_bp: 100}, {from: 20000, rate_bp: 250}], from: 2026-03-01}\n")
        revenue = outcomes["S2", "revenue"][0]
        self.assertGreater(revenue, 20000)
        self.assertEqual(outcomes["S2", "rebate"], (0, revenue * 250 // 10000))
        self.assertEqual(outcomes["S1", "rebate"], (0, 0))

    def test_credit_commissions_and_funds_are_compared(self):
        outcomes = self.outcomes(CANDIDATE)
        # the third day's 60.00 wait for the payment of the fourth, the fifth day's for another one
        self.assertEqual((outcomes["S3", "held"], outcomes["S3", "released"]), ((0, 2), (0, 1)))
        self.assertEqual((outcomes["S2", "held"], outcomes["S1", "released"]), ((0, 0), (0, 0)))
        # of 5.85 and six times 7.65 a day; of the last one 2.55 come back
        self.assertEqual(outcomes["S1", "commission"], (0, DAYS * (58 + 6 * 76 - 25)))
        self.assertEqual((outcomes["S2", "commission"], outcomes["S3", "commission"]), ((0, 0), (0, 0)))
        # a fund approves no more than it has
        self.assertEqual((outcomes["S2", "claims"], outcomes["S1", "claims"]), ((6000, 0), (0, 0)))

    def test_what_was_owed_before_the_period_is_owed_when_it_begins(self):
        outcomes = self.outcomes(CANDIDATE, "--from", "2026-03-04")
        self.assertEqual((outcomes["S3", "held"], outcomes["S3", "released"]), ((0, 2), (0, 1)))
        self.assertEqual((outcomes["S2", "claims"], outcomes["S1", "commission"][1]), ((6000, 0), 3 * (58 + 6 * 76 - 25)))

    def test_a_period_is_its_business_days(self):
        outcomes = self.outcomes(SMALL, "--from", "2026-03-03", "--to", "2026-03-04")
        self.assertEqual({outcomes[outlet, "deviations"] for outlet in OUTLETS}, {(2, 2)})

    def test_what_cannot_be_rehearsed_is_said(self):
        code, out, err = self.rehearse("prices:\n  - {sku: A, currency: GBP, list: 2.55, floor: 3.00}\n")
        self.assertEqual((code, out), (1, ""), err)
        self.assertIn("bad_corridor", err)
        code, out, err = self.rehearse("prizes: []\n")
        self.assertEqual((code, out), (1, ""), err)
        self.assertIn("did you mean 'prices'", err)
        code, out, err = self.rehearse(SMALL, "--from", "2027-01-01")
        self.assertEqual((code, out), (1, ""), err)
        self.assertIn("nothing was sold", err)
        self.assertEqual(self.rehearse(SMALL, "--from", "yesterday")[0], 2)


if __name__ == "__main__":
    unittest.main()
