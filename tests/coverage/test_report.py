#!/usr/bin/env python3
"""Goal: the report of branches notices what was not taken, and an exception that excuses nothing.
Method: a small program is built for gcov and run with some of its ways untaken; judge() sees it with goals and exceptions."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report  # noqa: E402

PROGRAM = """
#define CHECK(fact) ((fact) ? (void)0 : __builtin_abort())
int main(int count, char **words)
{
	CHECK(words != 0 &&
	      count > 0);
	if (count > 1)
		return 1;
	return words[0][0] == 'x' ? 2 : 0;
}
"""
UNTAKEN = ("room/program.c", "if (count > 1)")
OTHER = ("room/program.c", "return words[0][0] == 'x' ? 2 : 0;")


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        report.TOP = pathlib.Path(cls.folder.name).resolve()
        room = report.TOP / "room"
        room.mkdir()
        (room / "program.c").write_text(PROGRAM)
        subprocess.run(["gcc", "--coverage", "-O0", "-o", "program", str(room / "program.c")], cwd=room, check=True)
        subprocess.run([room / "program"], check=True)
        cls.branches, _ = report.counted(room)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def judge(self, *exceptions):
        return report.judge(self.branches, {"room": 100.0}, {exception: "a reason" for exception in exceptions})

    def test_branches_that_no_test_took_are_named(self):
        sums, missed, unused = self.judge()
        self.assertEqual((sums["room"], unused), ([2, 4], {}))
        self.assertEqual([(name, text, ways) for name, _, _, ways, text in missed], [(*UNTAKEN, 2), (*OTHER, 2)])

    def test_an_assertion_has_no_branches(self):
        self.assertEqual(report.spared_lines(PROGRAM.splitlines()), {2, 5, 6})

    def test_an_exception_excuses_its_line_only(self):
        sums, missed, unused = self.judge(UNTAKEN)
        self.assertEqual((sums["room"], len(missed), unused), ([3, 4], 1, {}))

    def test_an_exception_that_excuses_nothing_is_told(self):
        gone = ("room/program.c", "if (count > 7)")
        self.assertEqual(list(self.judge(UNTAKEN, OTHER, gone)[2]), [gone])

    def test_an_exception_needs_a_reason(self):
        path = report.TOP / "exceptions"
        path.write_text("room/program.c: if (count > 1)\n")
        with self.assertRaises(SystemExit):
            report.read_exceptions(path)
        path.write_text("room/program.c: if (count > 1)\n    nobody calls it so\n")
        self.assertEqual(report.read_exceptions(path), {UNTAKEN: "nobody calls it so"})


if __name__ == "__main__":
    unittest.main()
