#!/usr/bin/env python3
"""Goal: who is trained where decides what may be sold, and what training brings is what the sales say. Method: real processes, twenty days of seeded
sales at three outlets, staff that is trained, moves and forgets; every flag and every figure worked out again here, from the files alone."""

import datetime
import fractions
import json
import os
import random
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jsonschema  # noqa: E402
import yaml  # noqa: E402

from harness import TOP  # noqa: E402
from web import Web  # noqa: E402

MASTER = """
outlets:
  - {outlet: S1, name: Own store, tier: 1, kind: own_store, currency: CNY, tz_offset: 480}
  - {outlet: D1, name: Dealer one, tier: 2, kind: dealer, currency: CNY, tz_offset: 480}
  - {outlet: D2, name: Dealer two, tier: 2, kind: dealer, currency: CNY, tz_offset: 480}
terminals:
  - {terminal: S1/T1, outlet: S1}
  - {terminal: D1/T1, outlet: D1}
  - {terminal: D2/T1, outlet: D2}
products:
  - {sku: LAMP, name: lamp, goods: true, category: LIGHT}
  - {sku: BEAR, name: bear, goods: true, category: TOY}
members:
  - {member: E-1, outlet: S1, role: salesperson, from: "2026-01-01"}
  - {member: E-2, outlet: D1, role: salesperson, from: "2026-01-01"}
courses:
  - {course: LAMPS, name: All about lamps, kind: product, pass_bp: 8000, valid_days: 10}
training_results:
  - {training_result: TR-1, course: LAMPS, member: E-1, day: "2026-03-04", score_bp: 8000}
  - {training_result: TR-2, course: LAMPS, member: E-2, day: "2026-03-01", score_bp: 7999}
  - {training_result: TR-3, course: LAMPS, member: E-2, day: "2026-03-06", score_bp: 9500}
  - {training_result: TR-4, course: LAMPS, member: E-2, day: "2026-03-15", score_bp: 8800}
enrolments:
  - {enrolment: EN-1, course: LAMPS, member: E-1, from: "2026-03-01", due: "2026-03-31"}
  - {enrolment: EN-2, course: LAMPS, member: E-2, from: "2026-03-10", due: "2026-03-12"}
rights_to_sell:
  - {right_to_sell: LAMPS-BY-CERT, course: LAMPS, category: LIGHT}
"""
MOVED = """
members:
  - {member: E-2, outlet: D2, role: manager, from: "2026-03-11"}
"""
FIRST = datetime.date(2026, 3, 1)
# the last result of E-2 was entered wrongly: nothing of what it gave has ever counted
CORRECTED = """
training_results:
  - {training_result: TR-4A, course: LAMPS, member: E-2, day: "2026-03-15", score_bp: 880, replaces: TR-4}
"""
DAYS = [(FIRST + datetime.timedelta(n)).isoformat() for n in range(20)]
# the days on which each outlet has somebody who is trained: ten from the fourth on; E-2 takes hers from D1 to D2 on the eleventh
TRAINED = {"S1": DAYS[3:13], "D1": DAYS[5:10], "D2": DAYS[10:15]}


def line(said, terminal, on, **data):
    return {"type": said, "source": terminal, "time": f"{on}T04:00:00Z", "data": {"outlet": terminal.split("/")[0], **data}}


def sales():
    dice, said = random.Random(20260301), []
    for day in DAYS:
        for outlet in TRAINED:
            for receipt in range(dice.randrange(4)):
                lines = [{"sku": sku, "quantity": 1000 * dice.randrange(1, 4), "amount": dice.randrange(1, 50000)} for sku in
                         dice.sample(["LAMP", "BEAR"], dice.randrange(1, 3))]
                said.append(line("ticket.sold", f"{outlet}/T1", day, receipt=f"R{receipt}", currency="CNY", day=day, lines=lines))
    return said


class Training(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = Web()
        cls.web.__enter__()
        cls.addClassCleanup(cls.web.__exit__, None, None, None)
        for text in (MASTER, MOVED, CORRECTED):
            code, out, err = cls.web.apply(text)
            assert code == 0, out + err
        cls.web.settle()
        cls.sales = sales()
        cls.publish([line("device.reported", "S1/T1", DAYS[0], software="4.2.1", kind="till", queue_depth=3, clock_offset=-250000),
                     *cls.sales, line("device.reported", "S1/T1", DAYS[19], software="4.3.0")])

    @classmethod
    def publish(cls, lines):
        code, out, err = cls.web.run("publish", "--quiet", stdin="".join(json.dumps(row) + "\n" for row in lines))
        assert code == 0, out + err
        cls.web.settle()

    def rows(self, what, *filters):
        """As the command and as HTTP tell it, which is the same, and in the shape that the document says."""
        document = yaml.safe_load((TOP / "services/gateway/openapi.yaml").read_text(encoding="utf-8"))
        rows = self.web.rows("get", what, *[word for name, value in filters for word in (f"--{name}", value)])
        said = self.web.get(f"/v1/{what}", **dict(filters))
        schema = document["paths"][f"/v1/{what}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(said)
        self.assertEqual(said["rows"], rows)
        return rows

    def test_certificates_are_where_their_holders_are(self):
        rows = {row["training_result"]: row for row in self.rows("certificates")}
        self.assertEqual({name: (row["withdrawn"], row.get("replaced_by")) for name, row in rows.items()},
                         {"TR-1": (False, None), "TR-3": (False, None), "TR-4": (True, "TR-4A")})
        self.assertEqual([rows["TR-1"][key] for key in ("outlet", "from", "until")], ["S1", "2026-03-04", "2026-03-13"])
        self.assertEqual([rows["TR-3"][key] for key in ("outlet", "valid_from", "from", "until")], ["D2", "2026-03-06", "2026-03-11", "2026-03-15"])
        self.assertEqual([row["outlet"] for row in self.rows("certificates", ("course", "LAMPS"), ("day", "2026-03-12"))], ["S1", "D2"])

    def test_enrolments_are_done_by_what_stands(self):
        until = time.monotonic() + 120  # the clock says what is overdue
        while not any(row["overdue"] for row in self.rows("enrolments")):
            self.assertLess(time.monotonic(), until, "nothing is overdue")
            time.sleep(0.1)
        rows = {row["enrolment"]: row for row in self.rows("enrolments")}
        self.assertEqual([rows["EN-1"].get(key) for key in ("outlet", "state", "overdue", "training_result", "passed_on")],
                         ["S1", "completed", False, "TR-1", "2026-03-04"])
        self.assertEqual([rows["EN-2"].get(key) for key in ("outlet", "state", "overdue", "training_result", "reopened")], ["D2", "assigned", True, None, 1])
        said = [row["type"] for row in self.web.rows("tail", "partners", "--from", 1) if row["type"].startswith("enrolment.") and row["data"]["enrolment"] == "EN-2"]
        self.assertEqual(said, ["enrolment.declared", "enrolment.assigned", "enrolment.completed", "enrolment.reopened", "enrolment.overdue"])

    def test_every_lamp_without_a_certificate_is_said_and_no_other(self):
        asked = [(row["data"]["outlet"], row["data"]["day"], row["data"]["receipt"], number) for row in self.sales
                 for number, sold in enumerate(row["data"]["lines"], 1) if sold["sku"] == "LAMP" and row["data"]["day"] not in TRAINED[row["data"]["outlet"]]]
        said = [row["data"] for row in self.web.rows("tail", "orders", "--from", 1, "--type", "right_to_sell.breach_detected")]
        self.assertGreater(len(asked), 10)
        self.assertEqual(sorted((row["outlet"], row["day"], row["receipt"], row["line"]) for row in said), sorted(asked))
        self.assertEqual({(row["right_to_sell"], row["right_to_sell_version"], row["course"], row["mode"]) for row in said},
                         {("LAMPS-BY-CERT", 1, "LAMPS", "observe")})
        print(f"{len(said)} lamps without a certificate agree", file=sys.stderr)

    def test_days_with_and_without_are_worked_out_again(self):
        days = {True: {}, False: {}}
        for row in self.sales:
            data = row["data"]
            day = days[data["day"] in TRAINED[data["outlet"]]].setdefault((data["outlet"], data["day"]), [0, 0, 0])
            for at, brought in enumerate((sum(sold["amount"] for sold in data["lines"]), sum(sold["quantity"] for sold in data["lines"]), 1000)):
                day[at] += brought
        found = self.rows("training", ("course", "LAMPS"), ("days", "20"))
        self.assertEqual(len(found), 1)
        row = found[0]
        self.assertEqual((row["trained_days"], row["untrained_days"]), (len(days[True]), len(days[False])))
        for at, (name, unit) in enumerate((("revenue", "minor"), ("units", "milli"), ("tickets", "milli"))):
            mean = {word: fractions.Fraction(sum(day[at] for day in days[word].values()), len(days[word])) for word in days}
            self.assertEqual((row[f"trained_{name}_{unit}"], row[f"untrained_{name}_{unit}"]), (round(mean[True]), round(mean[False])))
            self.assertEqual(row[f"{name}_bp"], round((mean[True] / mean[False] - 1) * 10000))
        print(f"{row['trained_days']} days with and {row['untrained_days']} without: revenue {row['revenue_bp']} bp", file=sys.stderr)

    def test_devices_say_how_they_are(self):
        rows = {row["terminal"]: row for row in self.rows("devices")}
        self.assertEqual([rows["S1/T1"].get(key) for key in ("software", "kind", "queue_depth", "clock_offset")], ["4.3.0", None, None, None])
        self.assertNotIn("software", rows["D1/T1"])
        self.assertEqual([row["data"]["before"] for row in self.web.rows("tail", "orders", "--from", 1, "--type", "device.upgraded")], ["4.2.1"])

    def test_a_dealer_sees_its_own(self):
        token = self.web.enrol("dealer", "D2", "--outlet", "D2", "--tenant", "D2")["token"]
        until = time.monotonic() + 120
        while self.web.ask("GET", "/v1/devices", token=token)[0] != 200:
            self.assertLess(time.monotonic(), until, "the doors do not look at the registry")
            time.sleep(0.1)
        for what in ("devices", "certificates", "enrolments"):
            self.assertEqual({row["outlet"] for row in self.web.ask("GET", f"/v1/{what}", token=token)[2]["rows"]}, {"D2"})
        self.assertEqual(self.web.ask("GET", "/v1/training", token=token)[0], 403)  # it is about everybody's sales

    def test_the_decision_is_told_in_words(self):
        first = self.web.rows("tail", "orders", "--from", 1, "--type", "right_to_sell.breach_detected")[0]
        for language, word in (("en", "held a certificate of LAMPS"), ("zh", "持证销售规则 LAMPS-BY-CERT")):
            code, out, err = self.web.run("trace", first["id"], "--lang", language)
            self.assertEqual(code, 0, err)
            self.assertIn(word, out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
