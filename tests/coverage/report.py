#!/usr/bin/env python3
"""Which branches of the code have the tests taken? Adds up what gcov counted in a build with -DCOVERAGE=ON.

    report.py BUILD              a table by room, and every branch of the rooms with a goal that no test took
    report.py BUILD --file PART  only files with PART in their path, line by line

It fails (1) when a room is below its goal in tests/coverage/goals, or when an exception in tests/coverage/exceptions has no such
line or excuses nothing any more: that list can only become shorter. Assertions do not count: what CHECK guards is a bug of ours,
not a way that a test could go. Neither do the branches inside uthash's macros, which are uthash's.
"""

import argparse
import collections
import fnmatch
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
NOT_OURS = re.compile(r"\b(CHECK|_Static_assert|HASH_(ADD|FIND|DEL|DELETE|ITER|CLEAR|REPLACE|SRT|SORT)\w*)\s*\(")


def read_goals(path):
    """Lines of `ROOM PERCENT`."""
    goals = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            room, percent = line.split()
            goals[room] = float(percent)
    return goals


def read_exceptions(path):
    """Blocks of `FILE: the line's text` and, indented below it, why no test can take all of its branches."""
    exceptions, last = {}, None
    for line in path.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0].isspace():
            if last is None:
                raise SystemExit(f"{path}: a reason without a line: {line}")
            exceptions[last] += line.strip()
            continue
        name, _, text = line.partition(": ")
        last = (name, text.strip())
        exceptions[last] = ""
    for (name, text), why in exceptions.items():
        if not why:
            raise SystemExit(f"{path}: {name}: {text}: no reason")
    return exceptions


def spared_lines(lines):
    """Numbers of the lines of assertions and of uthash's macros, to the parenthesis that ends each."""
    spared, depth = set(), 0
    for number, line in enumerate(lines, 1):
        match = NOT_OURS.search(line) if depth == 0 else None
        if match:
            rest = line[match.end() - 1:]
        elif depth > 0:
            rest = line
        else:
            continue
        spared.add(number)
        for character in rest:
            depth += (character == "(") - (character == ")")
            if depth <= 0:
                depth = 0
                break
    return spared


def counted(build):
    """(file, line) -> list of counts, one a branch, added up over all objects; and (file, line) -> executions."""
    branches, runs = {}, collections.Counter()
    notes = sorted(str(path) for path in pathlib.Path(build).resolve().rglob("*.gcda"))
    if not notes:
        raise SystemExit(f"{build}: no counts: build with -DCOVERAGE=ON and run the tests")
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(notes), 40):
            subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--hash-filenames", *notes[start:start + 40]], cwd=folder,
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for path in pathlib.Path(folder).glob("*.gcov.json.gz"):
            with gzip.open(path) as file:
                add(json.load(file), branches, runs)
    return branches, runs


def add(report, branches, runs):
    for source in report["files"]:
        path = pathlib.Path(source["file"])
        path = (path if path.is_absolute() else pathlib.Path(report["current_working_directory"]) / path).resolve()
        if not path.is_relative_to(TOP) or path.is_relative_to(TOP / "build"):
            continue
        name = str(path.relative_to(TOP))
        here = collections.defaultdict(list)
        for line in source["lines"]:
            runs[name, line["line_number"]] += line["count"]
            here[line["line_number"]] += [branch["count"] for branch in line["branches"]]
        for number, counts in here.items():
            known = branches.setdefault((name, number), [])
            known += [0] * (len(counts) - len(known))
            for i, count in enumerate(counts):
                known[i] += count


def rooms_of(goals, name):
    return [room for room in goals if fnmatch.fnmatch(name, f"{room}/*")]


def judge(branches, goals, exceptions):
    """By room (taken, all), the branches that nobody took, and the exceptions that excuse nothing."""
    sums, missed, unused, texts = {room: [0, 0] for room in goals}, [], dict(exceptions), {}
    for (name, number), counts in sorted(branches.items()):
        rooms = rooms_of(goals, name)
        if not rooms or not counts:
            continue
        if name not in texts:
            lines = (TOP / name).read_text().splitlines()
            texts[name] = lines, spared_lines(lines)
        lines, spared = texts[name]
        if number in spared:
            continue
        taken, text = sum(count > 0 for count in counts), lines[number - 1].strip()
        if taken < len(counts) and (name, text) in exceptions:
            unused.pop((name, text), None)
            taken = len(counts)
        if taken < len(counts):
            missed.append((name, number, len(counts) - taken, len(counts), text))
        for room in rooms:
            sums[room][0] += taken
            sums[room][1] += len(counts)
    return sums, missed, unused


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--file", default="")
    parser.add_argument("--goals", type=pathlib.Path, default=HERE / "goals")
    parser.add_argument("--exceptions", type=pathlib.Path, default=HERE / "exceptions")
    options = parser.parse_args()
    goals, exceptions = read_goals(options.goals), read_exceptions(options.exceptions)
    branches, _ = counted(options.build)
    sums, missed, unused = judge(branches, goals, exceptions)
    failed = False
    for name, number, open_ways, ways, text in missed:
        if options.file in name:
            print(f"{name}:{number}: {open_ways} of {ways} not taken: {text}")
    for (name, text) in unused:
        print(f"exception without need: {name}: {text}")
        failed = True
    for room, (taken, ways) in sums.items():
        percent = 100.0 * taken / ways if ways else 0.0
        below = percent < goals[room]
        failed |= below
        print(f"{room:<22} {taken:>6} of {ways:>6} branches {percent:6.2f} %, goal {goals[room]:g} %{'  BELOW' if below else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
