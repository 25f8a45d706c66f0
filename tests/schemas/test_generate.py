"""Does the generator refuse what must not happen, with a sentence that says what to do?

Each test works on a copy of schemas/, changes one thing in it and runs the generator as anybody would.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class GenerateTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.schemas = self.folder / "schemas"
        self.services = self.folder / "services"
        shutil.copytree(ROOT / "schemas", self.schemas, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "services", self.services)
        # What the tree holds is taken as shipped, whatever the services' folders look like at this moment.
        self.run_generator()

    def run_generator(self, *arguments):
        return subprocess.run([sys.executable, self.schemas / "generate.py", "--services", self.services, *arguments],
                              capture_output=True, text=True, check=False)

    def edit(self, file_name, old, new):
        path = self.schemas / file_name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def assert_fails(self, *sentences, arguments=("--check",)):
        result = self.run_generator(*arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        for sentence in sentences:
            self.assertIn(sentence, result.stderr)

    def assert_passes(self, *arguments):
        result = self.run_generator(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_an_unchanged_folder_passes(self):
        self.assert_passes("--check")

    def test_a_changed_bound_of_a_shipped_field_is_refused(self):
        self.edit("types.yaml", "{type: integer, minimum: 1, maximum: 2, x-unit: \"tier of the network\"",
                  "{type: integer, minimum: 1, maximum: 3, x-unit: \"tier of the network\"")
        self.assert_fails("tier has shipped as `int 1..2 ", "is now `int 1..3 ",
                          "append an optional field with a new name instead, or describe a new type")
        self.assert_fails("has shipped as", arguments=())

    def test_a_changed_unit_of_a_shipped_field_is_refused(self):
        self.edit("types.yaml", 'x-unit: "1/1000 of the base unit"', 'x-unit: "base units"')
        self.assert_fails("1/1000 of the base unit` and is now", "append an optional field")

    def test_a_changed_kind_of_a_shipped_field_is_refused(self):
        self.edit("orders.yaml", "          allOf: [{$ref: 'types.yaml#/money'}]\n          description: Sum",
                  "          allOf: [{$ref: 'types.yaml#/quantity'}]\n          description: Sum")
        self.assert_fails("sale.recorded.total has shipped as `money", "a new type sale.recorded.v2")

    def test_a_removed_field_is_refused(self):
        self.edit("orders.yaml", "        customer: {$ref: 'types.yaml#/customer'}\n", "")
        self.assert_fails("sale.recorded.customer has shipped and is gone", "append an optional field")

    def test_a_field_that_became_required_is_refused(self):
        self.edit("inventory.yaml", "required: [code, message]", "required: [place, code, message]")
        self.assert_fails("count.refused.place has shipped as `text 1..32 optional`")

    def test_a_removed_event_is_refused(self):
        text = (self.schemas / "clock.yaml").read_text(encoding="utf-8")
        (self.schemas / "clock.yaml").write_text(text.replace("clock.ticked:", "clock.struck:"), encoding="utf-8")
        self.assert_fails("clock.ticked has shipped and is gone", "clock.ticked.v2")

    def test_fields_in_another_order_are_refused(self):
        self.edit("warehouses.yaml", "            shipment: {$ref: 'types.yaml#/shipment'}\n"
                  "            warehouse: {$ref: 'types.yaml#/warehouse'}\n",
                  "            warehouse: {$ref: 'types.yaml#/warehouse'}\n"
                  "            shipment: {$ref: 'types.yaml#/shipment'}\n")
        self.assert_fails("the shipped fields stand in another order")

    def test_a_new_field_before_one_that_has_shipped_is_refused(self):
        self.edit("clock.yaml", "          properties:\n",
                  "          properties:\n            tick: {$ref: 'types.yaml#/count'}\n")
        self.assert_fails("clock.ticked.tick is new and stands before a field that has shipped")

    def test_a_new_required_field_is_refused(self):
        self.edit("clock.yaml", "required: [time]", "required: [time, tick]")
        with open(self.schemas / "clock.yaml", "a", encoding="utf-8") as file:
            file.write("            tick: {$ref: 'types.yaml#/count'}\n")
        self.assert_fails("clock.ticked.tick is new and required", "Make it optional")

    def test_an_appended_optional_field_becomes_a_new_golden_version(self):
        before = json.loads((self.schemas / "golden/clock.ticked.json").read_text(encoding="utf-8"))
        with open(self.schemas / "clock.yaml", "a", encoding="utf-8") as file:
            file.write("            tick: {$ref: 'types.yaml#/count'}\n")
        self.assert_fails("does not know all fields of clock.ticked; run schemas/generate.py")
        self.assert_passes()
        self.assert_passes("--check")
        after = json.loads((self.schemas / "golden/clock.ticked.json").read_text(encoding="utf-8"))
        self.assertEqual(after["versions"][0], before["versions"][0])
        self.assertEqual(after["versions"][1]["fields"], ["time", "tick"])

    def test_edited_golden_bytes_are_refused(self):
        path = self.schemas / "golden/clock.ticked.json"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'"hex": "81', '"hex": "82', text, count=1), encoding="utf-8")
        self.assert_fails("golden/clock.ticked.json: version 1", "restore the file")

    def test_a_golden_field_that_the_documents_do_not_have_is_refused(self):
        self.edit("golden/clock.ticked.json", '"fields": ["time"', '"fields": ["moment"')
        self.assert_fails("golden/clock.ticked.json: version 1 has shipped with moment, which is gone")

    def test_a_stale_catalogue_is_refused(self):
        self.edit("EVENTS.md", "The business clock has crossed a minute.", "The clock has struck.")
        self.assert_fails("schemas/EVENTS.md is not what the schemas say; run schemas/generate.py")

    def test_a_forgotten_event_may_change(self):
        self.edit("inventory.yaml", "required: [code, message]", "required: [place, code, message]")
        self.assert_passes("--forget", "count.refused")
        self.assert_passes("--check")

    def test_a_handler_of_an_unknown_event_is_refused(self):
        (self.services / "inventory").mkdir(exist_ok=True)
        (self.services / "inventory/on_moon_risen.c").touch()
        self.assert_fails("services/inventory/on_moon_risen.c: no event is called moon_risen",
                          arguments=("--out", self.folder / "out"))

    def test_a_handler_in_a_room_is_a_route_and_an_event_has_one_file(self):
        shutil.rmtree(self.services)
        (self.services / "kpi/trade").mkdir(parents=True)
        (self.services / "kpi/trade/on_sale_recorded.c").touch()
        self.assert_passes("--out", self.folder / "out")
        self.assertIn("{&sale_recorded_type, handle_sale_recorded}", (self.folder / "out/kpi/routes.c").read_text(encoding="utf-8"))
        (self.services / "kpi/on_sale_recorded.c").touch()
        self.assert_fails("services/kpi/trade/on_sale_recorded.c: services/kpi/on_sale_recorded.c hears sale.recorded already; one event is one file.",
                          arguments=("--out", self.folder / "out"))

    def test_a_handler_file_is_a_route_and_only_own_events_can_be_emitted(self):
        shutil.rmtree(self.services)
        (self.services / "kpi").mkdir(parents=True)
        for name in ("sale_recorded", "clock_ticked", "stock_changed"):
            (self.services / f"kpi/on_{name}.c").touch()
        self.assert_passes("--out", self.folder / "out")
        routes = (self.folder / "out/kpi/routes.c").read_text(encoding="utf-8")
        self.assertIn("{&sale_recorded_type, handle_sale_recorded}", routes)
        self.assertIn('\t"inventory",\n\t"orders",\n\tNULL,', routes)
        self.assertIn("emit_target_reached", routes)
        self.assertNotIn("emit_kpi_updated", routes)
        self.assertNotIn("emit_sale_recorded", routes)

    def test_faults_of_a_document_are_named(self):
        faults = [("types.yaml", 'x-unit: "metres", ', "", "a number needs an x-unit"),
                  ("types.yaml", "maxLength: 200, examples: [\"White", "examples: [\"White",
                   "minLength and maxLength have to be given"),
                  ("clock.yaml", "The business time now; a whole minute.", "the time", "has to be a sentence"),
                  ("clock.yaml", "required: [time]", "required: [time, place]",
                   "`place` is required but not described"),
                  ("clock.yaml", "types.yaml#/time", "types.yaml#/tme", "nothing is at types.yaml#/tme"),
                  ("kpi.yaml", "            tickets:\n", "            units:\n", "`units` stands twice"),
                  ("staff.yaml", "        x-scope: {outlet: outlet}\n        x-dealer: true", "        x-scope: principal\n        x-dealer: true",
                   "x-dealer is true, for what names an outlet"),
                  ("types.yaml", "maximum: 5256000", "maximum: 9007199254740992", "a number stays within"),
                  ("types.yaml", "  {type: boolean", "  {type: number", "there is no floating point")]
        for file_name, old, new, sentence in faults:
            with self.subTest(sentence):
                before = (self.schemas / file_name).read_text(encoding="utf-8")
                self.edit(file_name, old, new)
                self.assert_fails(sentence)
                (self.schemas / file_name).write_text(before, encoding="utf-8")


    def test_faults_of_a_sentence_are_named(self):
        """x-explain: what it names is there, in both languages, and what may be absent is in brackets."""
        en, zh = "The {kind} {key} was not taken", "{kind} {key} 未被接受"
        faults = [(en, "The {sort} {key} was not taken", "`{sort}` is not a field of it"),
                  (en, "The {key} was not taken", "names kind in one language and not in the other"),
                  (zh, "[{kind}] {key} 未被接受", "nothing in `[{kind}]` is optional"),
                  (zh, "{kind} {key} {未被接受", "stands alone"), (zh, "{kind} [{key} 未被接受", "stands alone"),
                  (en, "The {kind} {key} <was not taken", "stand around what is said for each item"),
                  (en, "The {kind} <key|{key}> was not taken", "does not name a list of it")]
        faults = [("partners.yaml", *fault) for fault in faults]
        faults += [("partners.yaml", '          zh: "{kind}', '          de: "{kind}', "has a sentence for each of en, zh"),
                   ("inventory.yaml", "[, needed by {need_by}]", ", needed by {need_by}", "`{need_by}` is optional"),
                   ("inventory.yaml", "<lines|{sku} short of {missing}", "<lines|{sku} short of {lost}", "`{lost}` is not a field of it"),
                   ("inventory.yaml", "version: policy_version}", "version: policy}", "the version of a rule of x-explain is `policy`"),
                   ("inventory.yaml", "rules: [{kind: stock_policy, ", "rules: [{", "each of the rules of x-explain has a kind")]
        for file_name, old, new, sentence in faults:
            with self.subTest(sentence):
                before = (self.schemas / file_name).read_text(encoding="utf-8")
                self.edit(file_name, old, new)
                self.assert_fails(sentence)
                (self.schemas / file_name).write_text(before, encoding="utf-8")

    def test_a_version_is_that_of_a_rule(self):
        self.edit("partners.yaml", "      submission.refused:", """      corridor.applied:
        summary: A corridor was applied.
        x-scope: principal
        x-explain: {en: "{corridor} applied.", zh: "{corridor}"}
        payload:
          type: object
          required: [corridor, corridor_version]
          properties:
            corridor: {$ref: 'types.yaml#/code'}
            corridor_version: {$ref: 'types.yaml#/version'}

      submission.refused:""")
        self.assert_passes()
        self.assertIn("It applies a record of the kind `corridor`, its code in `corridor` and its version in `corridor_version`.",
                      (self.schemas / "EVENTS.md").read_text(encoding="utf-8"))


class GoldenTest(unittest.TestCase):
    """The golden samples against other people's code: a JSON Schema validator and a msgpack library."""

    def test_golden_data_is_valid_for_the_documents(self):
        store, checked = {}, 0
        for path in (ROOT / "schemas").glob("*.yaml"):
            store[path.as_uri()] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for uri, document in store.items():
            if "asyncapi" not in document:
                continue
            resolver = jsonschema.RefResolver(uri, document, store=store)
            for name, message in document["channels"]["events"]["messages"].items():
                validator = jsonschema.Draft7Validator(message["payload"], resolver=resolver)
                for case in golden_cases(name):
                    validator.validate(case["data"])
                    checked += 1
                with self.assertRaises(jsonschema.ValidationError):
                    validator.validate({})
        self.assertGreaterEqual(checked, 200)

    def test_golden_bytes_are_what_a_msgpack_library_packs(self):
        import msgpack
        for path in (ROOT / "schemas/golden").glob("*.json"):
            for case in golden_cases(path.stem):
                self.assertEqual(msgpack.packb(case["data"]), bytes.fromhex(case["hex"]))
                self.assertEqual(msgpack.unpackb(bytes.fromhex(case["hex"])), case["data"])


def golden_cases(name):
    path = ROOT / f"schemas/golden/{name}.json"
    versions = json.loads(path.read_text(encoding="utf-8"))["versions"]
    return [case for version in versions for case in version["cases"]]


if __name__ == "__main__":
    unittest.main()
