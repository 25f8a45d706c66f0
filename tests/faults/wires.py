#!/usr/bin/env python3
"""Bad wires between real processes: every sale that was acknowledged counts once, and after each fault all converge.

  wires.py cuts   [--long]   in a network namespace of its own nftables lose, cut one way, reset and flap what passes to and from each door:
                             what tills say, and what services hear of each other
  wires.py spoils [--long]   between tills and doors stands proxy.py, which delays, splits, merges, stalls, resets and half-closes

TRIBUTARY_BIN names a build of services (default: build/faults/bin).
"""

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import time

from network import Broken, MASTER, Story, free_ports, network_at
from harness import SERVICES

LOSS = 20           # of a hundred packets, each way
AGAIN_MAX = 60.0    # until a sale is acknowledged when all is well again: TCP itself waits ever longer


# ---- a namespace, and what nftables does in it ----

def in_namespace():
    """This program again, where nobody else's packets pass; or why that is not possible."""
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    try:
        for probe in (["ip", "link", "set", "lo", "up"], ["nft", "list", "tables"]):
            done = subprocess.run([*alone, *probe], capture_output=True, text=True)
            if done.returncode != 0:
                return f"{' '.join(probe)}: {done.stderr.strip()[:160]}"
    except FileNotFoundError as missing:
        return str(missing)
    done = subprocess.run([*alone, sys.executable, __file__, *sys.argv[1:], "--inside"])
    if done.returncode != 0:
        raise Broken("see above")
    return None


class Wires:
    """Rules about packets to and from a port. All of them are counted."""

    def __init__(self):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.rules("add table inet faults", "add chain inet faults wires { type filter hook input priority 0 ; }")

    def rules(self, *lines):
        subprocess.run(["nft", "-f", "-"], input="\n".join(lines) + "\n", text=True, check=True, capture_output=True)

    def spoil(self, kind, port):
        what = {"loss": [f"tcp {way} {port} numgen random mod 100 < {LOSS} counter drop" for way in ("dport", "sport")],
                "deaf": [f"tcp dport {port} counter drop"], "mute": [f"tcp sport {port} counter drop"],
                "reset": [f"tcp dport {port} counter reject with tcp reset"],
                "flap": [f"tcp {way} {port} counter drop" for way in ("dport", "sport")]}[kind]
        self.rules(*[f"add rule inet faults wires {rule}" for rule in what])

    def heal(self):
        """Nothing is lost any more; how many packets were."""
        listed = subprocess.run(["nft", "list", "chain", "inet", "faults", "wires"], capture_output=True, text=True, check=True).stdout
        self.rules("flush chain inet faults wires")
        return sum(map(int, re.findall(r"packets (\d+)", listed)))


def source_at(story, service):
    """Who publishes at this door."""
    return {"orders": story.tills[0], "partners": story.office, "inventory": story.store, "logistics": story.trucks}[service]


def sells_on(story, seconds):
    until = time.monotonic() + seconds
    story.until(lambda: time.monotonic() > until, seconds + 20, "selling")


def stands_still(story, tills, what):
    """Until nothing is acknowledged any more: what was on its way when the wire was cut may still come."""
    for _ in range(25):
        acked = [till.acked for till in tills]
        sells_on(story, 0.4)
        if acked == [till.acked for till in tills]:
            return acked
    raise Broken(f"{what}: acknowledged through a cut: the injector does not work")


def spoil_one(wires, story, service, kind, port, seconds):
    """One fault at one door; how many packets were lost. A cut must be one: nothing is acknowledged through it."""
    wires.spoil(kind, port)
    lost, tills = 0, [source_at(story, service)]
    acked = stands_still(story, tills, f"{service} {kind}") if kind in ("deaf", "mute") else None
    for _ in range(max(1, int(seconds / 0.4)) if kind == "flap" else 0):
        sells_on(story, 0.2)
        lost += wires.heal()
        sells_on(story, 0.2)
        wires.spoil(kind, port)
    if kind != "flap":
        sells_on(story, seconds)
    if acked is not None and acked != [till.acked for till in tills]:
        raise Broken(f"{service} {kind}: acknowledged through a cut: the injector does not work")
    lost += wires.heal()
    if lost == 0:
        raise Broken(f"{service} {kind}: no packet was lost: the injector does not work")
    return lost


def again(story, service):
    """Seconds until what was said while the wire was bad is acknowledged."""
    began, till = time.monotonic(), source_at(story, service)
    wanted = len(till.events)
    story.until(lambda: till.acked >= wanted, AGAIN_MAX, f"{service}: acknowledged after its wire was healed")
    return time.monotonic() - began


def cuts(options):
    if not options.inside:
        why = in_namespace()
        if why is not None:
            print(f"cuts    skipped: no network namespace with nftables here ({why}); wires.py spoils has no need of one")
        return
    dice, wires, slowest, lost, count = random.Random(options.seed), Wires(), 0.0, 0, 0
    kinds = ("loss", "deaf", "mute", "reset", "flap")
    with network_at(SERVICES) as network:
        assert network.apply(MASTER)[0] == 0
        story = Story(network, dice)
        sells_on(story, 0.5)
        for service in SERVICES[:-1]:  # kpi's door has dashboards only; what kpi hears passes the others
            port = int(network.door(service).rpartition(":")[2])
            for kind in kinds if options.long or service == "orders" else dice.sample(kinds, 1):
                lost += spoil_one(wires, story, service, kind, port, 20 if options.long else 1)  # doors give up after 15 s of silence
                slowest = max(slowest, again(story, service))
                count += 1
        sales = story.finish()
    print(f"cuts    {count} rounds, {lost} packets lost or rejected; acknowledged again after {slowest:.1f} s at most; {sales} sales, 0 lost, 0 doubled")


# ---- a proxy that spoils ----

class Proxy:
    """proxy.py before some doors of a network."""

    def __init__(self, network, services, seed):
        self.ports = dict(zip(services, free_ports(len(services))))
        pairs = [f"{port}:{network.door(service).rpartition(':')[2]}" for service, port in self.ports.items()]
        self.process = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "proxy.py"), "--seed", str(seed), *pairs],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise Broken("the proxy does not begin")

    def say(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def counts(self):
        self.say("0 count")
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.kill()
        self.process.communicate()


SPOILS = (("delay", 50), ("split", 7), ("merge", 40), ("stall", 0), ("reset", 20000), ("half", 20000), ("reset", 300), ("split", 1))


def spoils(options):
    dice, slowest, spoiled = random.Random(options.seed), 0.0, ("partners", "orders", "inventory", "logistics")
    with network_at(spoiled) as network, contextlib.ExitStack() as end:
        assert network.apply(MASTER)[0] == 0
        proxy = Proxy(network, spoiled, options.seed)
        end.callback(proxy.end)
        direct = network.door
        network.door = lambda service: f"tcp://127.0.0.1:{proxy.ports[service]}" if service in proxy.ports else direct(service)
        story = Story(network, dice)
        for mode, number in SPOILS * (20 if options.long else 1):
            before = proxy.counts()
            proxy.say(f"0 {mode} {number}")
            if mode == "stall":
                stands_still(story, story.tills, mode)
            sells_on(story, 1)
            proxy.say("0 calm")
            if proxy.counts()[mode] == before[mode]:
                raise Broken(f"{mode} {number} has not happened: the injector does not work")
            slowest = max([slowest, *[again(story, service) for service in spoiled]])
        counts = proxy.counts()
        sales = story.finish()
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    print(f"spoils  {len(SPOILS) * (20 if options.long else 1)} rounds ({told}); acknowledged again after {slowest:.1f} s at most; "
          f"{sales} sales, 0 lost, 0 doubled")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lanes = {"cuts": cuts, "spoils": spoils}
    parser.add_argument("what", choices=lanes)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    began = time.monotonic()
    try:
        lanes[options.what](options)
    except Broken as broken:
        print(f"{options.what} --seed {options.seed}: {broken}", file=sys.stderr)
        return 1
    if options.what != "cuts" or options.inside:
        print(f"{options.what:7} {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
