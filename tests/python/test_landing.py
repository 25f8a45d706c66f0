"""Where targets land: the model of kpi against a second one, and its errors on the published sales of a real merchant.

The merchant's days from March to August 2011 are played to kpi as one sale a day, with a target for each month. What kpi says
after 7, 10, 15 and 20 days, with all days alike and with a calendar, must be what the formulas of services/kpi/DESIGN.md (R32, R33)
give here; and the calendar must be worth having. The weights of its weekdays are those of December to February; its holidays are
the bank holidays of England in 2011, on which this merchant does not trade. Nothing else is tuned; landing_kappa is the default.
"""

import calendar
import datetime
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import recompute  # noqa: E402

TOP = pathlib.Path(__file__).parents[2]
DATA = pathlib.Path(os.environ.get("TRIBUTARY_DATA", TOP.parent / "shared" / "data"))
FILE = DATA / "online_retail" / "lines_2010-12_2011-08.csv.gz"
PLAYER = pathlib.Path(os.environ.get("TRIBUTARY_BIN", TOP / "build" / "sanitize" / "bin")).parent / "tests" / "scenario_kpi"

MONTHS = range(3, 9)
ASKED = (7, 10, 15, 20)
LEAD, KAPPA = 28, 5  # the settings cover_days and landing_kappa
HOLIDAYS = [datetime.date(2011, month, day) for month, day in ((1, 3), (4, 22), (4, 25), (4, 29), (5, 2), (5, 30), (8, 29))]
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = datetime.timedelta(1)


def days_between(first, last):
    return [first + DAY * i for i in range((last - first).days + 1)]


def net_days(path):
    """Net revenue of each day, minor units."""
    days = {}
    for (_, day, _), row in recompute.online_retail(path, 1).sales.items():
        day = datetime.date.fromisoformat(day)
        days[day] = days.get(day, 0) + row["revenue_minor"] - row["returns_minor"]
    return days


def week_of(days, first, last):
    """Weights of the weekdays in basis points, 70,000 together but for rounding."""
    sums, counts = [0] * 7, [0] * 7
    for day in days_between(first, last):
        sums[day.weekday()] += days.get(day, 0)
        counts[day.weekday()] += 1
    means = [total / count for total, count in zip(sums, counts)]
    return [round(70000 * mean / sum(means)) for mean in means]


def outlook(days, weight, month, day, value):
    """(landing, chance in basis points) of a month's target on the morning of a day."""
    first = datetime.date(2011, month, 1)
    last = first.replace(day=calendar.monthrange(2011, month)[1])
    over, left = days_between(first, day - DAY), days_between(day, last)
    before = days_between(first - DAY * LEAD, first - DAY)
    before = before[next(i for i, at in enumerate(before) if at in days):]
    achieved, seen = sum(days.get(at, 0) for at in over), sum(map(weight, over))
    prior = sum(days.get(at, 0) for at in before) / sum(map(weight, before))
    rate = (achieved + KAPPA * 10000 * prior) / (seen + KAPPA * 10000)
    rest = sum(map(weight, left))
    today = max(days.get(day, 0), rate * weight(day))
    landing = achieved + today + rate * (rest - weight(day))
    used = [at for at in before + over if weight(at) > 0]
    scatter = sum((days.get(at, 0) - rate * weight(at)) ** 2 / weight(at) for at in used) / (len(used) - 1)
    deviation = math.sqrt(scatter * rest * (1 + rest / (seen + KAPPA * 10000)))
    return landing, 5000 * (1 + math.erf((landing - value) / deviation / math.sqrt(2)))


class Script:
    """A scenario of kpi: the days in order, each a ticket."""

    def __init__(self, days, week):
        self.days, self.week, self.lines, self.receipt = days, week, ["service kpi"], 0
        for kind in ("progressed", "reached", "at_risk"):
            self.lines.append(f"ignore target.{kind}")

    def calendar(self):
        weights = ",".join(f'"{name}":{weight}' for name, weight in zip(WEEK, self.week))
        holidays = ",".join(f'{{"day":"{day}","weight_bp":0}}' for day in HOLIDAYS)
        self.lines.append(f'given partners calendar.declared {{"calendar":"UK",{weights},"holidays":[{holidays}],"version":1}}')

    def target(self, month, value):
        last = calendar.monthrange(2011, month)[1]
        self.lines.append(f'given partners target.declared {{"target":"M{month}","metric":"revenue","currency":"GBP",'
                          f'"from":"2011-{month:02}-01","until":"2011-{month:02}-{last}","value":{value},"version":1}}')

    def day(self, day):
        amount = self.days.get(day, 0)
        self.lines.append(f"time {day}T12:00:00Z")
        if amount != 0:
            self.receipt += 1
            kind = "recorded" if amount > 0 else "returned"
            self.lines.append(f'given orders sale.{kind} {{"outlet":"S1","terminal":"S1/T1","receipt":"{self.receipt}","currency":"GBP",'
                              f'"day":"{day}","tier":1,"total":{abs(amount)},"units":0,"lines":[{{"sku":"A","quantity":0,"amount":{abs(amount)}}}]}}')

    def asks(self, month, landing, chance):
        """One unit and one basis point of room for what the last bit of a sum decides."""
        self.lines.append(f'query targets {{"target":"M{month}"}} {{"landing":{landing},"hit_bp":{chance}}}')

    def play(self):
        with tempfile.NamedTemporaryFile("w", suffix=".scn", encoding="utf-8") as file:
            file.write("\n".join(self.lines) + "\n")
            file.flush()
            return subprocess.run([PLAYER, file.name], capture_output=True, text=True, timeout=600, check=False)


@unittest.skipUnless(FILE.exists(), "the published file is not here")
class Landing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.days = net_days(FILE)
        cls.week = week_of(cls.days, datetime.date(2010, 12, 1), datetime.date(2011, 2, 28))

    def weight(self, day):
        return 0 if day in HOLIDAYS else self.week[day.weekday()]

    def total(self, month):
        return sum(amount for day, amount in self.days.items() if day.year == 2011 and day.month == month)

    def error(self, at, weight, linear=False):
        """Mean of the errors of the landings after so many days, per cent of what the months brought."""
        errors = []
        for month in MONTHS:
            total, last = self.total(month), calendar.monthrange(2011, month)[1]
            if linear:
                landing = sum(self.days.get(datetime.date(2011, month, day), 0) for day in range(1, at + 1)) * last / at
            else:
                landing = outlook(self.days, weight, month, datetime.date(2011, month, at + 1), total)[0]
            errors.append(abs(landing - total) / total)
        return 100 * sum(errors) / len(errors)

    def test_a_calendar_is_worth_having(self):
        linear = {at: self.error(at, None, True) for at in ASKED}
        weighted = {at: self.error(at, self.weight) for at in ASKED}
        for at in ASKED:
            print(f"after {at} days: linear {linear[at]:.2f} %, weighted {weighted[at]:.2f} %")
        self.assertLessEqual(weighted[10], 0.9 * linear[10])
        self.assertLessEqual(weighted[15], 1.1 * linear[15])
        self.assertLessEqual(weighted[20], 1.1 * linear[20])

    def expected(self, script, month, value, at, weight):
        """What is expected is rounded as kpi rounds; the day's own sale is heard before the question."""
        day = datetime.date(2011, month, at + 1)
        landing, chance = outlook(self.days, weight, month, day, value)
        script.asks(month, math.floor(landing + 0.5), math.floor(chance + 0.5))

    def script(self, with_calendar):
        script = Script(self.days, self.week)
        weight = self.weight if with_calendar else lambda day: 10000
        if with_calendar:
            script.calendar()
        for day in days_between(datetime.date(2010, 12, 1), datetime.date(2011, 8, 31)):
            month = day.month
            value = self.total(month) * 102 // 100
            if day.day == 1 and day.year == 2011 and month in MONTHS:
                script.target(month, value)
            script.day(day)
            if day.year == 2011 and month in MONTHS and day.day - 1 in ASKED and day in self.days:
                self.expected(script, month, value, day.day - 1, weight)
        return script

    @unittest.skipUnless(PLAYER.exists(), "the player of scenarios is not built")
    def test_kpi_says_the_same(self):
        for with_calendar in (False, True):
            script = self.script(with_calendar)
            self.assertGreater(sum(line.startswith("query") for line in script.lines), 12)
            done = script.play()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(PLAYER.exists(), "the player of scenarios is not built")
    def test_another_landing_is_found(self):
        script = self.script(True)
        asked = max(i for i, line in enumerate(script.lines) if line.startswith("query"))
        script.lines[asked] = script.lines[asked].replace('"landing":', '"landing":1')
        self.assertNotEqual(script.play().returncode, 0)


if __name__ == "__main__":
    unittest.main()
