#!/usr/bin/env python3
"""Breaks the storage under those who promise, and looks whether they kept their word.

  torture.py kill   [--rounds N]   SIGKILL at random moments, store and spool
  torture.py power  [--rounds N]   the same, and what was not synced is taken back sector by sector; with the control that must lose
  torture.py errors [--stride N]   the n-th call of each kind fails, for every n until none is left to fail
  torture.py full                  a full disk refuses within 100 ms, is read meanwhile, and serves within 5 s after space returns

--build names the folder of the build (default: build/faults), --seed the dice.
"""

import argparse
import os
import pathlib
import random
import resource
import shutil
import statistics
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

    def __init__(self, build, seed):
        self.tools = pathlib.Path(build) / "faults"
        self.dice = random.Random(seed)
        self.seed = seed
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="faults-"))
        self.place, self.notes, self.fired = self.folder / "place", self.folder / "notes", self.folder / "fired"

    def __enter__(self):
        self.clear()
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.folder, ignore_errors=True)

    def clear(self):
        for path in (self.place, self.notes):
            shutil.rmtree(path, ignore_errors=True)
        self.notes.mkdir()
        self.fired.unlink(missing_ok=True)

    def start(self, kind, count, writer="writer", **faults):
        environment = dict(os.environ, FAULTS_PATH=str(self.folder / "place"), **faults)
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


def cut(bench, number):
    done = subprocess.run([bench.tools / "power_loss", bench.notes, str(bench.seed * 1000003 + number)], capture_output=True, text=True,
                          timeout=60, check=True)
    return int(done.stdout.split()[0])


def power(bench, rounds):
    for kind in ("store", "spool"):
        promised, sectors, lives = 0, 0, 0
        for number in range(rounds):
            if number % 10 == 0:  # also the first moments of a new one
                bench.clear()
                promised = 0
            made = killed_round(bench, kind, FAULTS_UNDO=str(bench.notes))
            promised, lives = max(promised, made), lives + (made > 0)
            sectors += cut(bench, number)
            found = bench.look(kind)
            if found < promised:
                raise Broken(f"{kind}, round {number}, seed {bench.seed}: {promised} was promised, {found} is there")
        print(f"power   {kind}: {rounds} rounds, {sectors} sectors taken back, 0 promises lost")
        if sectors == 0:
            raise Broken("the power loss took nothing back: the injector does not work")
        control(bench, kind)


def control(bench, kind):
    """Without syncs something must be lost: else the injector is the one that is broken."""
    for number in range(20):
        bench.clear()
        promised = killed_round(bench, kind, "writer_nosync", FAULTS_UNDO=str(bench.notes))
        cut(bench, number)
        try:
            found = bench.look(kind)
        except Broken:
            found = -1
        if found < promised:
            print(f"power   {kind} without syncs: lost as it must be, in round {number + 1} ({promised} promised, {max(found, 0)} found)")
            return
    raise Broken(f"{kind} without syncs lost nothing in 20 rounds: the injector does not work")


CALLS = ("open", "write", "pwrite", "writev", "fdatasync", "fsync", "ftruncate", "mmap", "malloc")
KINDS = ("EIO", "ENOSPC", "EINTR", "SHORT", "HANG")
SAID = (0, 74, 75)  # done, the storage failed, it is full: each said with a sentence


def one_error(bench, kind, call, number, what):
    """Whether the fault was met. The writer may go on or give up, but must not lie, and must not be ended by a signal."""
    bench.clear()
    process = bench.start(kind, 12, FAULTS_FAIL=f"{call}:{number}:{what}", FAULTS_FIRED=str(bench.fired))
    output, said = process.communicate(timeout=60)
    promised, fired = bench.promised(output), bench.fired.exists()
    name = f"{kind}: {call} number {number} with {what}"
    died_of_memory = call == "malloc" and process.returncode in (-6, 134)  # CHECK: said, then stopped
    if process.returncode not in SAID and not died_of_memory:
        raise Broken(f"{name}: exit {process.returncode}: {said.decode(errors='replace')[-300:]}")
    if process.returncode != 0 and not said:
        raise Broken(f"{name}: gave up without a word")
    try:
        found = bench.look(kind)
    except Broken as broken:
        raise Broken(f"{name}: {promised} was promised; {broken}") from None
    if found < promised:
        raise Broken(f"{name}: {promised} was promised, {found} is there")
    if process.returncode == 0 and promised != 12:
        raise Broken(f"{name}: ended well after {promised} promises of 12")
    again, _ = bench.start(kind, 3).communicate(timeout=60)  # the next life goes on where this one ended
    if bench.promised(again) != found + 3:
        raise Broken(f"{name}: afterwards it does not go on: {again!r} after {found}")
    return fired


def errors(bench, stride):
    for kind in ("store", "spool"):
        met, met_of = 0, {}
        for call in CALLS:
            for what in KINDS if call != "malloc" else ("ENOSPC",):
                if what == "SHORT" and "write" not in call:
                    continue
                step = stride * 8 if what == "HANG" or call == "malloc" else stride
                number = 1
                while one_error(bench, kind, call, number, what):
                    met += 1
                    met_of[call] = met_of.get(call, 0) + 1
                    number += step
        if any(call not in met_of for call in ("open", "pwrite", "writev", "fdatasync", "malloc")):
            raise Broken(f"{kind}: faults met only {met_of}: the injector does not reach the storage")
        print(f"errors  {kind}: {met} faults met ({', '.join(f'{call} {count}' for call, count in met_of.items())}), 0 promises lost")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("kill", "power", "errors"))
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--stride", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=TOP / "build" / "faults")
    given = parser.parse_args()
    began = time.monotonic()
    with Bench(given.build, given.seed) as bench:
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
