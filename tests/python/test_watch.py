#!/usr/bin/env python3
"""Goal: whoever watches a network by deploy/prometheus and deploy/grafana sees figures that exist, and is called when it matters. Method:
promtool checks and plays the rules; each name and label that rules and panels use is looked for in the table of the kernel and in what a
real network tells; a name nobody tells and a rule that calls too late must be noticed."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SERVICES, SMALL, TOP, Door, Network, ticket  # noqa: E402

RULES = TOP / "deploy" / "prometheus" / "tributary.rules.yaml"
CONFIG = TOP / "deploy" / "prometheus" / "prometheus.yaml"
DASHBOARD = TOP / "deploy" / "grafana" / "tributary.json"
PLAYED = TOP / "tests" / "prometheus" / "alerts.yaml"
PROMTOOL = shutil.which("promtool") or TOP / "build" / "tools" / "promtool"
NAME = re.compile(r"\btributary_[a-z0-9_]+")
MATCHERS = re.compile(r'(tributary_[a-z0-9_]+)\{([^}]*)\}')


def promtool(*arguments):
    return subprocess.run([PROMTOOL, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


def table():
    """Every name that services tell, with its label or None, as the sources declare it."""
    names = {}
    text = (TOP / "common" / "kernel" / "metrics.def").read_text(encoding="utf-8")
    for kind, name, rest in re.findall(r'^(METRIC|FAMILY|LINK)\("([a-z0-9_]+)", (.*)$', text, re.M):
        names[name] = {"METRIC": None, "LINK": "source", "FAMILY": rest.split(", ")[2].strip('"') if kind == "FAMILY" else None}[kind]
    kernel = (TOP / "common" / "kernel" / "metrics.c").read_text(encoding="utf-8")
    assert '"door_refusals_total"' in kernel and '"commit_seconds"' in kernel
    names["door_refusals_total"] = "code"
    names |= {f"commit_seconds{part}": "le" if part == "_bucket" else None for part in ("_bucket", "_sum", "_count")}
    for main in TOP.glob("services/*/main.c"):
        for meters in re.findall(r"struct meter meters\[\] = \{\n(.*?)\n\};", main.read_text(encoding="utf-8"), re.S):
            names |= {name: None for name in re.findall(r'^    \{"([a-z0-9_]+)"', meters, re.M)}
    return {f"tributary_{name}": label for name, label in names.items()}


def rule_expressions():
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    return [rule["expr"] for rule in rules]


def panels():
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]


def panel_expressions():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    return targets + [each["expr"] for each in dashboard["annotations"]["list"]]


def strangers(expressions, known):
    """Names and labels in expressions that nobody tells."""
    found = set()
    for expression in expressions:
        found |= {name for name in NAME.findall(expression) if name not in known}
        for name, matchers in MATCHERS.findall(expression):
            labels = re.findall(r'([a-z_]+)\s*(?:=~|!~|!=|=)', matchers)
            found |= {f"{name}{{{label}}}" for label in labels if label not in ("service", "job", known.get(name))}
    return found


class Rules(unittest.TestCase):
    def test_promtool_takes_configuration_and_rules(self):
        for what, path in (("config", CONFIG), ("rules", RULES)):
            done = promtool("check", what, path)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_alert_comes_when_it_should(self):
        done = promtool("test", "rules", PLAYED)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_alert_says_what_is_the_matter_and_what_to_do_and_is_played(self):
        played = PLAYED.read_text(encoding="utf-8")
        alerts = [rule for rule in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"] if "alert" in rule]
        self.assertGreaterEqual(len(alerts), 15)
        for rule in alerts:
            self.assertIn(rule["labels"]["severity"], ("page", "ticket"), rule["alert"])
            self.assertGreater(len(rule["annotations"]["summary"]), 20, rule["alert"])
            self.assertGreater(len(rule["annotations"]["remedy"]), 20, rule["alert"])
            self.assertRegex(played, rf"alertname: {rule['alert']}\n", "an alert that no test has seen")

    def test_a_rule_that_calls_too_late_is_noticed(self):
        changes = ((" > 0.8", " > 0.9"), ("tributary_quarantine_events > 0", "tributary_quarantine_events > 5"),
                   ("tributary_scrub_damage_total[1d]", "tributary_scrub_damage_total[1m]"), ("tributary_up == 0", "tributary_up < 0"),
                   (":p99 > 0.25", ":p99 > 0.5"), ("for: 30m", "for: 3h"))
        for good, bad in (("tributary_", "tributary_"), *changes):
            with tempfile.TemporaryDirectory() as folder:
                text = RULES.read_text(encoding="utf-8")
                self.assertIn(good, text)
                pathlib.Path(folder, "tributary.rules.yaml").write_text(text.replace(good, bad), encoding="utf-8")
                played = yaml.safe_load(PLAYED.read_text(encoding="utf-8"))
                played |= {"rule_files": ["tributary.rules.yaml"], "tests": played["tests"][1:]}  # the long one looks for calls too many
                pathlib.Path(folder, "alerts.yaml").write_text(yaml.safe_dump(played), encoding="utf-8")
                self.assertEqual(promtool("test", "rules", os.path.join(folder, "alerts.yaml")).returncode, 0 if good == bad else 1, bad)


class Names(unittest.TestCase):
    def test_rules_and_panels_use_what_is_told(self):
        known = table()
        self.assertGreater(len(known), 30)
        self.assertEqual(strangers(rule_expressions() + panel_expressions(), known), set())

    def test_a_name_or_label_that_nobody_tells_is_noticed(self):
        self.assertEqual(strangers(['rate(tributary_saled_total{service="orders"}[5m])'], table()), {"tributary_saled_total"})
        self.assertEqual(strangers(['tributary_said_total{kind="x"}'], table()), {"tributary_said_total{kind}"})

    def test_event_types_in_expressions_are_in_the_schemas(self):
        known = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", (TOP / "schemas" / "EVENTS.md").read_text(encoding="utf-8")))
        used = {t for e in rule_expressions() + panel_expressions() for t in re.findall(r'type="([^"]+)"', e)}
        self.assertTrue(used)
        self.assertEqual(used - known, set())


class Dashboard(unittest.TestCase):
    def test_each_panel_says_what_it_shows_and_lies_beside_the_others(self):
        seen, cells = set(), set()
        for panel in panels():
            self.assertNotIn(panel["id"], seen)
            seen.add(panel["id"])
            at = panel["gridPos"]
            mine = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(mine & cells, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
            cells |= mine
            if panel["type"] == "row":
                continue
            self.assertGreater(len(panel["description"]), 10, panel["title"])
            self.assertTrue(panel["fieldConfig"]["defaults"]["unit"], panel["title"])
            self.assertTrue(panel["targets"], panel["title"])

    def test_promtool_can_parse_each_expression(self):
        rules = [{"record": f"tributary:panel:{i}", "expr": e.replace("$__rate_interval", "5m")} for i, e in enumerate(panel_expressions())]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "panels.yaml")
            for broken in ([], [{"record": "tributary:broken", "expr": "sum(by("}]):
                path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules + broken}]}), encoding="utf-8")
                done = promtool("check", "rules", path)
                self.assertEqual(done.returncode, 1 if broken else 0, done.stdout + done.stderr)


def exposition(rows):
    """The rows of all services as Prometheus text."""
    lines = {}
    for row in rows:
        name = f"tributary_{row['name']}"
        head = lines.setdefault(name, [f"# HELP {name} {row['help']}", f"# TYPE {name} {row['kind']}"])
        labels = f'service="{row["service"]}"' + (f',{row["label"]}="{row["label_value"]}"' if row["label"] else "")
        head.append(f"{name}{row['part']}{{{labels}}} {row['value'] / 10 ** row['decimals']:.6f}")
    return "\n".join(line for family in lines.values() for line in family) + "\n"


class Told(unittest.TestCase):
    """What a real network tells."""

    def test_a_network_tells_what_the_table_says_and_promtool_reads_it(self):
        with Network() as network:
            self.assertEqual(network.apply(SMALL)[0], 0)
            door = Door(network.door("orders"), "a till", [("S1/T1", 7)])
            door.publish("S1/T1", 7, 1, [ticket("S1/T1", seq, f"R{seq}", [{"sku": "A", "quantity": 1000, "unit_price": 25500}], outlet="S1",
                                                day="2026-03-01") for seq in range(1, 6)])
            door.hear("ack")
            network.settle()
            rows = network.rows("get", "metrics")
            door.close()
        told = {(row["service"], f"tributary_{row['name']}{row['part']}") for row in rows}
        known = table()
        self.assertEqual({name for _, name in told} - set(known), set())
        own = {"tributary_tills_expected", "tributary_tills_heard", "tributary_watermark_seconds"}
        for service in SERVICES:
            missing = {name for name in known if (service, name) not in told} - own
            allowed = {"tributary_link_live", "tributary_link_forked", "tributary_lag_events"} if service == "partners" else set()
            allowed |= {"tributary_refused_total", "tributary_door_refusals_total"}  # none happened
            self.assertEqual(missing - allowed, set(), service)
        value = {(row["service"], row["name"], row["label_value"]): row["value"] for row in rows if not row["part"]}
        self.assertEqual(value["orders", "heard_total", "ticket.sold"], 5)
        self.assertEqual(value["orders", "said_total", "sale.recorded"], 5)
        self.assertEqual(value["kpi", "tills_heard", ""], 1)
        self.assertEqual(value["kpi", "tills_expected", ""], 6)
        self.assertEqual(value["kpi", "link_live", "orders"], 1)
        self.assertEqual(value["kpi", "lag_events", "orders"], 0)
        self.assertEqual(value["logistics", "said_total", "shipment.delayed"], 0)
        self.assertGreater(value["orders", "map_limit_bytes", ""], value["orders", "map_used_bytes", ""])
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=exposition(rows), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    if not pathlib.Path(PROMTOOL).exists():
        sys.exit("promtool is missing: deploy/install test")
    unittest.main(verbosity=2)
