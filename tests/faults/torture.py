#!/usr/bin/env python3
"""Breaks the storage under those who promise, and looks whether they kept their word.

  torture.py kill   [--rounds N]   SIGKILL at random moments, store and spool
  torture.py power  [--rounds N]   the same, and what was not synced is taken back sector by sector
  torture.py errors [--stride N]   the n-th call of each kind fails or is the last one, for every n until none is left; then power is lost

Each has a control that must lose, so that a blind checker is found out.

--build names the folder of the build (default: build/faults), --seed the dice.
"""

import argparse
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
MEMORY = 2 << 30


class Broken(AssertionError):
    """A promise was not kept."""


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


class Bench:
    """The programs of one build, and a folder that goes away."""

    def __init__(self, build, seed, what):
        self.tools = pathlib.Path(build) / "faults"
        self.dice = random.Random(seed)
        self.seed = seed
        # What a disk forgets is played here, so that memory will do; only its own syncs take their time.
        memory = "/dev/shm" if what != "kill" and os.access("/dev/shm", os.W_OK) else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="faults-", dir=memory))
        self.place, self.notes, self.plan = self.folder / "place", self.folder / "notes", self.folder / "plan"

    def __enter__(self):
        self.clear()
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.folder, ignore_errors=True)

    def clear(self):
        for path in (self.place, self.notes):
            shutil.rmtree(path, ignore_errors=True)
        self.notes.mkdir()
        self.plan.unlink(missing_ok=True)

    def start(self, kind, count, writer="writer", **faults):
        environment = dict(os.environ, FAULTS_PATH=str(self.place), FAULTS_PLAN=str(self.plan), **faults)
        if faults:
            environment["LD_PRELOAD"] = str(self.tools / "libfaults.so")
        return subprocess.Popen([self.tools / writer, kind, self.place, str(count)], env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=limit)

    def look(self, kind):
        """The last number that is there; 0 when nothing is."""
        done = subprocess.run([self.tools / "writer", f"look-{kind}", self.place], capture_output=True, text=True, timeout=60)
        if done.returncode == 66:
            return 0
        if done.returncode != 0:
            raise Broken(f"{kind} in {self.place}: {done.stderr.strip()}")
        return int(done.stdout)

    def promised(self, output, least=0):
        lines = output.split(b"\n")[:-1]
        return int(lines[-1]) if lines else least


def killed_round(bench, kind, writer="writer", **faults):
    """One life: how many promises it made before it died."""
    process = bench.start(kind, 1000000, writer, **faults)
    output = b""
    for _ in range(bench.dice.randrange(40)):
        output += process.stdout.readline()
    time.sleep(bench.dice.random() * 0.004)
    process.kill()
    rest, _ = process.communicate(timeout=60)
    return bench.promised(output + rest)


def kill(bench, rounds):
    for kind in ("store", "spool"):
        bench.clear()
        promised = 0
        for number in range(rounds):
            promised = max(promised, killed_round(bench, kind))
            found = bench.look(kind)
            if found < promised:
                raise Broken(f"{kind}, round {number}, seed {bench.seed}: {promised} was promised, {found} is there")
        print(f"kill    {kind}: {rounds} rounds, {promised} promises, 0 lost")
        control(bench, kind, "that promises first", lambda number: killed_round(bench, kind, "writer_hasty"))


def cut(bench, number):
    done = subprocess.run([bench.tools / "power_loss", bench.notes, str(bench.seed * 1000003 + number)], capture_output=True, text=True,
                          timeout=60, check=True)
    return int(done.stdout.split()[0])


def power(bench, rounds):
    for kind in ("store", "spool"):
        promised, sectors = 0, 0
        for number in range(rounds):
            if number % 10 == 0:  # also the first moments of a new one
                bench.clear()
                promised = 0
            promised = max(promised, killed_round(bench, kind, FAULTS_UNDO=str(bench.notes)))
            sectors += cut(bench, number)
            found = bench.look(kind)
            if found < promised:
                raise Broken(f"{kind}, round {number}, seed {bench.seed}: {promised} was promised, {found} is there")
        print(f"power   {kind}: {rounds} rounds, {sectors} sectors taken back, 0 promises lost")
        if sectors == 0:
            raise Broken("the power loss took nothing back: the injector does not work")
        control(bench, kind, "without syncs", lambda number: cut_round(bench, kind, number, "writer_nosync"))
        control(bench, kind, "on a disk that lies", lambda number: lied_round(bench, kind, number))


def cut_round(bench, kind, number, writer):
    promised = killed_round(bench, kind, writer, FAULTS_UNDO=str(bench.notes))
    cut(bench, number)
    return promised


def lied_round(bench, kind, number):
    bench.plan.write_text("writer fdatasync 3 LIE")
    return cut_round(bench, kind, number, "writer")


def control(bench, kind, who, one_round):
    """Something must be lost, or else the injector or the checker is the one that is broken."""
    for number in range(40):
        bench.clear()
        promised = one_round(number)
        try:
            found = bench.look(kind)
        except Broken:
            found = -1
        if found < promised:
            print(f"control {kind} {who}: lost as it must, in round {number + 1} ({promised} promised, {max(found, 0)} found)")
            return
    raise Broken(f"{kind} {who} lost nothing in 40 rounds: the injector or the checker does not work")


CALLS = ("open", "write", "pwrite", "writev", "fdatasync", "fsync", "ftruncate", "mmap", "malloc")
KINDS = ("EIO", "ENOSPC", "EINTR", "SHORT", "KILL", "HANG")
SAID = (0, 74, 75)  # done, the storage failed, it is full: each said with a sentence


def may_end_with(code, call, what):
    """Without memory the libraries below stop the process in ways of their own (ZeroMQ aborts, glibc's name services fall)."""
    return code in SAID or call == "malloc" or (what == "KILL" and code == -signal.SIGKILL)


def one_error(bench, kind, call, number, what, writer="writer"):
    """Whether the fault was met. The writer may go on or give up, but must not lie; and then the power fails as well."""
    bench.clear()
    bench.plan.write_text(f"{writer} {call} {number} {what}")
    process = bench.start(kind, 12, writer, FAULTS_UNDO=str(bench.notes))
    output, said = process.communicate(timeout=60)
    promised, met = bench.promised(output), not bench.plan.exists()
    name = f"{kind}: {call} number {number} with {what}"
    if not may_end_with(process.returncode, call, what):
        raise Broken(f"{name}: exit {process.returncode}: {said.decode(errors='replace')[-300:]}")
    if process.returncode in (74, 75) and not said:
        raise Broken(f"{name}: gave up without a word")
    if process.returncode == 0 and promised != 12:
        raise Broken(f"{name}: ended well after {promised} promises of 12")
    for moment in ("", " and a power loss"):
        if moment:
            cut(bench, number)
        try:
            found = bench.look(kind)
        except Broken as broken:
            raise Broken(f"{name}{moment}: {promised} was promised; {broken}") from None
        if found < promised:
            raise Broken(f"{name}{moment}: {promised} was promised, {found} is there")
    bench.plan.unlink(missing_ok=True)
    again, _ = bench.start(kind, 3).communicate(timeout=60)  # the next life goes on where this one ended
    if bench.promised(again) != found + 3:
        raise Broken(f"{name}: afterwards it does not go on: {again!r} after {found}")
    return met


def errors(bench, stride):
    for kind in ("store", "spool"):
        met_of = {}
        for call in CALLS:
            for what in KINDS if call != "malloc" else ("ENOSPC",):
                if (what == "SHORT" and "write" not in call) or (what == "HANG" and stride > 1 and call != "fdatasync"):
                    continue  # two seconds each: all of them only in the whole sweep
                number = 1
                while one_error(bench, kind, call, number, what):
                    met_of[call] = met_of.get(call, 0) + 1
                    rare = call not in ("pwrite", "writev", "fdatasync")  # most of them at the start
                    number += stride * 8 if what == "HANG" or call == "malloc" else 1 if rare else stride
        if any(call not in met_of for call in ("open", "pwrite", "writev", "fdatasync", "fsync", "mmap", "malloc")):
            raise Broken(f"{kind}: faults met only {met_of}: the injector does not reach the storage")
        print(f"errors  {kind}: {sum(met_of.values())} faults met ({', '.join(f'{call} {count}' for call, count in met_of.items())}), "
              "each followed by a power loss, 0 promises lost")
        try:
            for number in range(1, 30):
                one_error(bench, kind, "fdatasync", number, "EIO", "writer_hasty")
        except Broken as broken:
            print(f"control {kind} that promises first: found out as it must be ({broken})")
        else:
            raise Broken(f"{kind} that promises first was not found out: the checker does not work")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("kill", "power", "errors"))
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--stride", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=TOP / "build" / "faults")
    given = parser.parse_args()
    began = time.monotonic()
    with Bench(given.build, given.seed, given.what) as bench:
        try:
            if given.what == "kill":
                kill(bench, given.rounds)
            elif given.what == "power":
                power(bench, given.rounds)
            else:
                errors(bench, given.stride)
        except Broken as broken:
            print(f"{given.what}: {broken}", file=sys.stderr)
            return 1
    print(f"{given.what}    {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
