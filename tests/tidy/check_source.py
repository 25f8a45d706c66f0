#!/usr/bin/env python3
"""The house rules as a program: reads the sources, compiles nothing. Prints every breach; exits 1 when there is one.

    check_source.py [FOLDER]
"""

import pathlib
import re
import subprocess
import sys

OWNERS = {  # who may include whose headers
    r"lmdb\.h": ("common/store/", "tests/"),
    r"zmq\.h": ("common/bus/", "tests/"),
    r"uv\.h": ("common/bus/", "tests/"),
    r"msgpack.*\.h": ("common/pack/", "tests/"),
    r"cyaml/.*": ("common/params/", "common/guard/"),
    r"sodium\.h": ("common/audit/", "common/guard/", "services/gateway/", "tests/"),
    r"libwebsockets\.h": ("services/gateway/",),
}
ARROWS = {  # which rooms a room may include
    "base": (), "log": ("base",), "audit": ("base",), "rebate": ("base", "audit"), "flow": ("base",), "params": ("base", "log"), "pack": ("base",), "store": ("base", "log"), "bus": ("base", "log"), "guard": ("base", "log"),
    "kernel": ("base", "log", "audit", "params", "guard", "pack", "store", "bus"), "client": ("base", "log", "guard", "pack", "store", "bus"),
    "backfill": ("base", "pack", "store", "kernel"),
}
ROOMS = tuple(ARROWS)
BANNED = ("strcpy", "strcat", "sprintf", "gets", "atoi", "system", "rand", "gettimeofday")
LINES_MAX, FUNCTION_MAX, WIDTH_MAX, BLOB_MAX = 600, 70, 160, 256 * 1024
CATALOGUES = ("schemas/EVENTS.md",)  # generated: as long as there are events
TEST_FUNCTION_MAX = 90  # a table of cases stands in its test


class Checker:
    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.breaches = []
        self.checked = 0

    def breach(self, path, line, what):
        self.breaches.append(f"{path}:{line}: {what}")

    def files(self):
        done = subprocess.run(["git", "-C", str(self.top), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
        names = done.stdout.splitlines() if done.returncode == 0 and done.stdout else [
            str(p.relative_to(self.top)) for p in self.top.rglob("*") if p.is_file()]
        return [name for name in names if (self.top / name).is_file()]

    def check_includes(self, name, number, line):
        match = re.match(r'#include ["<]([^">]+)[">]', line)
        if not match:
            return
        header = match.group(1)
        for pattern, owners in OWNERS.items():
            if re.fullmatch(pattern, header) and not name.startswith(owners):
                self.breach(name, number, f"includes {header}: only {', '.join(owners)} may")
        room = name.split("/")[1] if name.startswith("common/") else None
        target = header.split("/")[0]
        if room in ARROWS and target in ROOMS and target != room and target not in ARROWS[room]:
            self.breach(name, number, f"{room} includes {target}: arrows point the other way")
        service = name.split("/")[1] if name.startswith("services/") else None
        if service and header.startswith("../"):
            self.breach(name, number, "a service never includes another service")

    def check_source(self, name, text):
        lines = text.splitlines()
        bare = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S).splitlines()
        if len(lines) > LINES_MAX:
            self.breach(name, len(lines), f"{len(lines)} lines; at most {LINES_MAX}")
        start = 0
        for number, line in enumerate(lines, 1):
            self.check_includes(name, number, line)
            if len(line.expandtabs(8)) > WIDTH_MAX:
                self.breach(name, number, f"{len(line.expandtabs(8))} columns; at most {WIDTH_MAX}")
            if line == "{":
                start = number
            if line == "}" and start:
                most = TEST_FUNCTION_MAX if name.startswith("tests/") else FUNCTION_MAX
                if number - start > most and "house:" not in "".join(lines[max(0, start - 4):start]):
                    self.breach(name, start, f"a function of {number - start} lines; at most {most}")
                start = 0
            code = re.sub(r'"(\\.|[^"])*"', '""', bare[number - 1] if number <= len(bare) else "")
            for word in BANNED:
                if re.search(rf"(?<![\w.>]){word}\s*\(", code) and "house:" not in line and not name.startswith("tests/"):
                    self.breach(name, number, f"{word} is banned")
        if re.search(r"\b(TODO|FIXME|XXX:)", text):
            self.breach(name, 1, "a TODO")

    def check_rules(self):
        """A comment R3: ... repeats the rule of DESIGN.md exactly, and every rule is quoted."""
        for design in sorted(self.top.glob("services/*/DESIGN.md")):
            folder = design.parent
            text = design.read_text(encoding="utf-8")
            rules = {}
            for number, body in re.findall(r"^- \**(R\d+)\**[:.]?\s*(.*?)(?=^- \**R\d+|^#|^\s*$|\Z)", text, re.M | re.S):
                rules[number] = " ".join(body.split())
            quotes = {}
            for source in sorted([*folder.glob("*.[ch]"), *folder.glob("*/*.[ch]")]):
                comments = re.findall(r"/\*~?\s*(R\d+): (.*?)\*/", source.read_text(encoding="utf-8"), re.S)
                for number, body in comments:
                    quotes.setdefault(number, []).append((source, " ".join(re.sub(r"^\s*\*~?", "", body, flags=re.M).split())))
            for number, places in quotes.items():
                for source, quote in places:
                    if number not in rules or not rules[number].startswith(quote.rstrip(".")):
                        self.breach(source.relative_to(self.top), 1, f"{number} is not what {design.relative_to(self.top)} says: {quote}")
            if not rules:
                self.breach(design.relative_to(self.top), 1, "no numbered rules")
            for number in rules:
                if number not in quotes:
                    self.breach(design.relative_to(self.top), 1, f"{number} is quoted nowhere in the code")

    def check_markdown(self, name, text):
        outside = re.sub(r"```.*?```", "", text, flags=re.S)
        if len(re.findall(r"^# ", outside, re.M)) != 1:
            self.breach(name, 1, "a page has one title")

    def run(self):
        for name in self.files():
            path = self.top / name
            most = BLOB_MAX * 2 if name in CATALOGUES else BLOB_MAX
            if path.stat().st_size > most:
                self.breach(name, 1, f"larger than {most} bytes")
            if name.endswith((".c", ".h")):
                self.checked += 1
                self.check_source(name, path.read_text(encoding="utf-8"))
            elif name.endswith(".md"):
                self.checked += 1
                self.check_markdown(name, path.read_text(encoding="utf-8"))
        self.check_rules()
        return self.breaches


def main():
    checker = Checker(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    for breach in checker.run():
        print(breach)
    print(f"{checker.checked} files, {len(checker.breaches)} breaches")
    return 1 if checker.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
