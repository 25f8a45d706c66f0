#!/usr/bin/env python3
"""Goal: each house rule bites. Method: a small tree that breaks one rule after the other must be told so, and a clean one not."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from check_source import Checker  # noqa: E402

DESIGN = "# toy\n\n## Rules\n- **R1** A sale lowers stock. *(practice)*\n"
HANDLER = "/* R1: A sale lowers stock. */\nvoid on_sale(void)\n{\n}\n"


def breaches(**files):
    with tempfile.TemporaryDirectory() as folder:
        tree = {"services/toy/DESIGN.md": DESIGN, "services/toy/on_sale.c": HANDLER}
        tree.update({name.replace("__", "/").replace("_c", ".c").replace("_md", ".md"): text for name, text in files.items()})
        for name, text in tree.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return "\n".join(Checker(folder).run())


class Rules(unittest.TestCase):
    def test_a_clean_tree_has_no_breach(self):
        self.assertEqual(breaches(), "")

    def test_each_breach_is_found(self):
        cases = {
            "includes lmdb.h": '#include <lmdb.h>\n',
            "arrows point": '#include "kernel/kernel.h"\n',
            "is banned": "int f(void)\n{\n\treturn atoi(x);\n}\n",
            "a function of": "int f(void)\n{\n" + "\tx();\n" * 80 + "}\n",
            "lines; at most": "int x;\n" * 700,
            "columns; at most": "int x; " + " " * 200 + "\n",
            "a TODO": "/* TO" + "DO */\n",
        }
        for sentence, text in cases.items():
            self.assertIn(sentence, breaches(common__base__bad_c=text), sentence)

    def test_a_rule_that_is_quoted_wrongly_or_nowhere_is_found(self):
        self.assertIn("R1 is not what", breaches(services__toy__other_c="/* R1: A sale raises stock. */\n"))
        self.assertIn("R1 is not what", breaches(services__toy__room__other_c="/* R1: A sale raises stock. */\n"))
        with_two = DESIGN + "- **R2** Nobody quotes this. *(nobody)*\n"
        self.assertIn("R2 is quoted nowhere", breaches(services__toy__DESIGN_md=with_two))

    def test_a_page_has_one_title(self):
        self.assertIn("one title", breaches(PAGE_md="# one\n# two\n"))


if __name__ == "__main__":
    unittest.main()
