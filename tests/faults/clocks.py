#!/usr/bin/env python3
"""Wall clocks that jump under a selling network: nothing is lost or counted twice, and every stamp comes after the one before.

  clocks.py jumps [--long]   the wall clock of each service, and of all, jumps by hours and days
  clocks.py controls         an orders whose stamps jump with its clock must be found out

libfaults moves what a program reads of its clock, not the kernel's. TRIBUTARY_BIN names a build with -DFAULTS=ON (default:
build/faults/bin).
"""

import argparse
import contextlib
import os
import pathlib
import random
import sys
import time

from network import BIN, Broken, MASTER, Story, finds_out, network_at, serving
from harness import SERVICES, Door


class Clocks:
    """How far the wall clock of each service is ahead; libfaults reads it at each look at the clock."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder, "clocks")
        self.folder.mkdir()
        for service in SERVICES:
            self.jump(service, 0)

    def jump(self, service, seconds):
        with open(self.folder / service, "r+b" if (self.folder / service).exists() else "w+b") as file:
            file.write(int(seconds * 1000000).to_bytes(8, "little", signed=True))

    def start(self, network):
        """The network, with these clocks."""
        preload = {"LD_PRELOAD": str(BIN.parent / "faults" / "libfaults.so"), "FAULTS_CLOCK": str(self.folder)}
        os.environ.update(preload)
        network.start()
        for key in preload:
            os.environ.pop(key)


def status_of(network, service):
    return network.rows("get", "status", "--service", service)[0]


def seconds_of_work(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stamps(network):
    """The stamps of each service's journal: rising from input to input (K7). How many, and how often the wall clock stood behind the last."""
    count = 0
    for service in SERVICES:
        door, held, last = Door(network.door(service), "an auditor"), 0, (0, "")
        door.say("subscribe", door.session, 1, [], [], 1, 1000)
        while held < door.welcome[4]:
            _, _, _, _, _, held, _, events = door.hear("batch")
            for this in events:
                stamp, cause = this[7]["recorded"], this[7]["cause"]
                if stamp <= last[0] and (stamp, cause) != last:
                    raise Broken(f"{service}: {cause} was stamped {stamp}, before it {last}")
                count += cause != last[1]
                last = (stamp, cause)
            door.say("credit", door.session, 1, len(events), held)
        door.close()
    return count


def quiet(network, clocks):
    """Without anything to do a service sleeps and looks up once a second, whatever the wall clock says: kpi hears of each hour that passes."""
    for jump in (-7200, 86400, 90000):
        ticked = status_of(network, "kpi")["intake"]
        for service in SERVICES:
            clocks.jump(service, jump)
        time.sleep(1.5)
        before = sum(seconds_of_work(network.pid(service)) for service in SERVICES)
        time.sleep(2)
        worked = sum(seconds_of_work(network.pid(service)) for service in SERVICES) - before
        if worked > 0.5:
            raise Broken(f"services with nothing to do work {worked / 2:.0%} of the time: their clocks jumped by {jump} s")
        end = time.monotonic() + 20
        while jump > 0 and status_of(network, "kpi")["intake"] == ticked:
            if time.monotonic() > end:
                raise Broken(f"kpi does not look up: its clock jumped by {jump} s")
            time.sleep(0.1)


def jumps(options):
    """Each clock alone and all of them jump, back and forth, while the tills sell; then nobody sells, and they jump again."""
    dice = random.Random(options.seed)
    network, slowest, count = network_at(), 0.0, 0
    with contextlib.ExitStack() as end:
        these = Clocks(network.folder)
        end.push(network.__exit__)
        these.start(network)
        assert network.apply(MASTER)[0] == 0
        story = Story(network, dice)
        for services in [[service] for service in SERVICES] + [list(SERVICES)] * (10 if options.long else 2):
            for jump in (-3600, 86400, 0):
                for service in services:
                    these.jump(service, jump)
                count += 1
                began, till = time.monotonic(), dice.choice(story.tills)
                story.sell(till, 1000)
                wanted = len(till.events)
                story.until(lambda: till.acked >= wanted, 20, f"a sale after the clocks of {services} jumped by {jump} s")
                slowest = max(slowest, time.monotonic() - began)
                if services == ["orders"] or len(services) > 1:
                    off = status_of(network, "orders")["now_us"] - time.time() * 1000000
                    if jump > 0 and not off > jump * 900000:
                        raise Broken(f"the clock of orders did not jump by {jump} s: the injector does not work")
                if dice.random() < 0.3:
                    network.kill(services[0])
                    serving(network, services[0], story)
                until = time.monotonic() + 0.2
                story.until(lambda: time.monotonic() > until, 5, "selling")
        sales = story.finish()
        quiet(network, these)
        stamped = stamps(network)
    print(f"jumps   {count} jumps, {sales} sales, 0 lost, 0 doubled; a sale after a jump is acknowledged after {slowest:.2f} s at most; "
          f"{stamped} stamps, each after the one before")


def controls(options):
    print(finds_out("STAMPS_JUMP", __file__, "jumps", "was stamped|check: ", options.seed))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lanes = {"jumps": jumps, "controls": controls}
    parser.add_argument("what", choices=lanes)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        lanes[options.what](options)
    except Broken as broken:
        print(f"{options.what} --seed {options.seed}: {broken}", file=sys.stderr)
        return 1
    print(f"{options.what:7} {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
