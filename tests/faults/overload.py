#!/usr/bin/env python3
"""More than the network is made for, and peers that misbehave: whoever behaves is served, and nothing is lost or counted twice.

  overload.py storm  [--rounds N]   1,000 tills come back at once after orders was killed; each has a sale acknowledged within 30 s
                                    (--long: also with a key for each)
  overload.py flood  [--long]       one till sends ten times its share (--long: a hundred times, then all that it can)
  overload.py slow   [--long]       a subscriber stands still for 10 s (--long: 60 s), and catches up
  overload.py idle                  3,000 connections that say nothing, and a till that wants to sell
  overload.py controls [--long]     doors that are patient with silence (--long: and unfair turns) must be found out

TRIBUTARY_BIN names a build with -DFAULTS=ON (default: build/faults/bin).
"""

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import zmq

import tills as peers
from network import Broken, finds_out, lane_with, network_at
from harness import SMALL, Door
from tills import Till, name_of, serve

TILLS = 1000
STORM_MAX = 30.0
STORM_MIB_MAX = 300
zmq.Context.instance().set(zmq.MAX_SOCKETS, 8192)


def master_of(count):
    """SMALL with so many tills, twenty to a shop."""
    outlets = "".join(f"  - {{outlet: O{shop:02}, name: Shop {shop}, tier: 2, kind: dealer, currency: GBP, tz_offset: 0, "
                      f"upstreams: [{{warehouse: WH-1}}]}}\n" for shop in range(-(-count // 20)))
    tills = "".join(f"  - {{terminal: {name_of(number)}, outlet: {name_of(number)[:3]}}}\n" for number in range(count))
    return SMALL.replace("lanes:\n", outlets + "lanes:\n").rstrip("\n") + "\n" + tills


@contextlib.contextmanager
def selling(network, tills):
    """The network, running, and supplied for so many tills."""
    with network:
        code, _, err = network.apply(master_of(tills))
        if code != 0:
            raise Broken(f"apply: {err}")
        yield network


def kib_of(pid, what):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1])
    raise KeyError(what)


def counted(network, tills):
    """Every sale of these tills counts once."""
    network.settle()
    tickets = {}
    for row in network.rows("get", "sales"):
        tickets[row["outlet"]] = tickets.get(row["outlet"], 0) + row["tickets"]
    sold = {}
    for till in tills:
        sold[till.name[:3]] = sold.get(till.name[:3], 0) + till.sold
    if tickets != sold:
        raise Broken(f"sold {sum(sold.values())}, the figures say {sum(tickets.values())}")
    return sum(sold.values())


# ---- a thousand tills at once ----

def enrol(network):
    """A key for each till, before anybody runs."""
    for number in range(TILLS):
        code, _, err = network.run("keys", "enrol", "terminal", name_of(number), "--outlet", name_of(number)[:3])
        if code != 0:
            raise Broken(f"{name_of(number)} is not enrolled: {err}")


def storm(options):
    for kind, tcp, plain in (("ipc", (), True), ("tcp", ("orders",), True), ("tcp with keys", ("orders",), False))[:3 if options.long else 2]:
        network = network_at(tcp, plain)
        if not plain:
            enrol(network)
        with selling(network, TILLS):
            gather(network, options.rounds, kind, not plain)


def gather(network, rounds, kind, with_keys):
    tills, poller = [Till(name_of(number)) for number in range(TILLS)], zmq.Poller()
    door, took, peak = network.door("orders"), [], 0
    for till in tills:
        till.keys = network.keys(till.name, "orders") if with_keys else None
        till.connect(door, poller)
    for number in range(rounds + 1):
        if number > 0:
            network.kill("orders")
        now = time.monotonic()
        for till in tills:
            if number > 1 and number % 2 == 0:
                till.connect(door, poller)  # as after a power cut in the shops: no socket knows of an earlier one
            till.sell(now)
        if not serve(tills, poller, STORM_MAX * 3, lambda: all(till.acked == till.sold for till in tills)):
            raise Broken(f"{sum(till.acked < till.sold for till in tills)} tills have no sale acknowledged after {STORM_MAX * 3} s")
        if number > 0:
            took.append(sorted(till.took for till in tills))
            peak = max(peak, kib_of(network.pid("orders"), "VmHWM") / 1024)
    sales = counted(network, tills)
    for till in tills:
        till.socket.close()
    print(f"storm   {kind}: {TILLS} tills, {rounds} rounds: slowest after {max(times[-1] for times in took):.2f} s, median "
          f"{statistics.median(times[TILLS // 2] for times in took):.2f} s; orders needed {peak:.0f} MiB; {sales} sales, 0 lost, 0 doubled")
    if max(times[-1] for times in took) > STORM_MAX or peak > STORM_MIB_MAX:
        raise Broken(f"promised are {STORM_MAX:.0f} s and {STORM_MIB_MAX} MiB")


# ---- one till that sends too much ----

LIGHT = 20         # tills, each with SHARE sales a second
SHARE = 5
FLOOR_S = 0.010    # differences below are noise


def p99_of(network, tills, poller, seconds):
    """What the light tills wait for their acknowledgements, each at its own moments: the 99th of a hundred."""
    waits, due, end = [], {till: time.monotonic() + random.random() / SHARE for till in tills}, time.monotonic() + seconds

    def go_on(now):
        for till in tills:
            if till.took is not None:
                waits.append(till.took)
                till.took = None
            if now >= due[till] and till.acked == till.sold and now < end:
                till.sell(now)
                due[till] = max(due[till] + 1 / SHARE, now)

    if not serve(tills, poller, seconds + 60, lambda: time.monotonic() > end and all(till.acked == till.sold for till in tills), go_on):
        raise Broken("a light till has no sale acknowledged within a minute")
    go_on(end)
    waits.sort()
    return waits[len(waits) * 99 // 100]


def flood_at(network, tills, poller, rate, pairs, seconds):
    """The p99 of the light tills, calm and under a flood, in turns; and how much the flood was."""
    calm, under, taken = [], [], []
    for _ in range(pairs):
        process = subprocess.Popen([sys.executable, peers.__file__, "flooder", "--door", network.door("orders"), "--rate", str(rate),
                                    "--seconds", str(seconds + 1)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if process.stdout.readline() != "ready\n":
                raise Broken("the flooder does not begin")
            calm.append(p99_of(network, tills, poller, seconds))
            process.stdin.write("go\n")
            process.stdin.flush()
            time.sleep(0.3)
            under.append(p99_of(network, tills, poller, seconds))
            many, took = process.stdout.readline().split()
            taken.append(int(many) / float(took))
        finally:
            process.kill()
            process.communicate()
    return statistics.median(calm), statistics.median(under), statistics.median(taken)


def is_fair(calm, under):
    return under <= 2 * calm or under - calm <= FLOOR_S


def floods(rates, pairs, seconds, attempts):
    """For each rate the figures of the first attempt that is fair, or of the last: others on this machine may starve one."""
    said = []
    with selling(network_at(), TILLS) as network:
        tills, poller = [Till(name_of(number * 20)) for number in range(LIGHT)], zmq.Poller()
        for till in tills:
            till.connect(network.door("orders"), poller)
        p99_of(network, tills, poller, 1)
        for rate in rates:
            for _ in range(attempts):
                calm, under, taken = flood_at(network, tills, poller, rate, pairs, seconds)
                if is_fair(calm, under):
                    break
            said.append((rate, calm, under, taken))
        for till in tills:
            till.socket.close()
    return said


def flood(options):
    rates = (10 * SHARE, 100 * SHARE, 0) if options.long else (10 * SHARE,)
    for rate, calm, under, taken in floods(rates, 5 if options.long else 3, 2, 5):
        print(f"flood   {f'{rate // SHARE} shares' if rate else 'all that is let'}: {taken:.0f} sales/s were taken of one till; p99 of the other "
              f"{LIGHT} is {calm * 1000:.1f} ms in calm, {under * 1000:.1f} ms in the flood")
        if taken == 0 or (rate and taken < rate / 2):
            raise Broken("the flooder does not flood")
        if not is_fair(calm, under):
            raise Broken("the others wait more than twice as long")


# ---- a subscriber that stands still ----

SLOW_MIB_MAX = 64


class Listening:
    """A listener, and what it wrote."""

    def __init__(self, network, credit):
        self.path = tempfile.mktemp(prefix="heard-")
        self.process = subprocess.Popen([sys.executable, peers.__file__, "listener", "--door", network.door("orders"), "--file", self.path,
                                         "--rate", str(credit)])

    def heard(self):
        """Number and moment of each event, in the order of their coming."""
        text = pathlib.Path(self.path).read_text() if os.path.exists(self.path) else ""
        return [(int(line.split()[0]), float(line.split()[1])) for line in text[:text.rfind("\n") + 1].splitlines()]

    def until(self, head, seconds):
        end = time.monotonic() + seconds
        while len(self.heard()) < head:
            if time.monotonic() > end:
                raise Broken(f"a subscriber holds {len(self.heard())} of {head} events after {seconds} s")
            time.sleep(0.2)

    def end(self):
        self.process.kill()
        self.process.wait()
        pathlib.Path(self.path).unlink(missing_ok=True)


def head_of(network):
    door = Door(network.door("orders"), "an auditor")
    head = door.welcome[4]
    door.close()
    return head


def slow(options):
    """Two stand still, one with little credit and one with as much as it likes; the third hears everything meanwhile."""
    seconds = 60 if options.long else 10
    with selling(network_at(("orders",)), TILLS) as network, contextlib.ExitStack() as end:
        modest, greedy, quick = (Listening(network, credit) for credit in (1000, 100000000, 1000))
        for this in (modest, greedy, quick):
            end.callback(this.end)
            this.until(head_of(network), 60)
        seller = subprocess.Popen([sys.executable, peers.__file__, "flooder", "--door", network.door("orders"), "--rate", "1000", "--seconds",
                                   str(seconds + 4)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        end.callback(seller.communicate)
        end.callback(seller.kill)
        seller.stdout.readline()
        seller.stdin.write("go\n")
        seller.stdin.flush()
        time.sleep(2)
        before, most, heads = kib_of(network.pid("orders"), "RssAnon"), 0, []
        for this in (modest, greedy):
            this.process.send_signal(signal.SIGSTOP)
        began, held = time.monotonic(), len(modest.heard())
        while time.monotonic() - began < seconds:
            most = max(most, kib_of(network.pid("orders"), "RssAnon"))
            heads.append((head_of(network), time.monotonic()))
            time.sleep(0.2)
        missed = heads[-1][0] - len(modest.heard())
        for this in (modest, greedy):
            this.process.send_signal(signal.SIGCONT)
        again = time.monotonic()
        many = int(seller.stdout.readline().split()[0])
        head = head_of(network)
        for this in (modest, greedy, quick):
            this.until(head, 60)
        caught_up = max(moment for this in (modest, greedy) for number, moment in this.heard() if number <= heads[-1][0]) - again
        for this in (modest, greedy, quick):
            numbers = [number for number, _ in this.heard()]  # perhaps more than the head that was looked at
            if numbers != list(range(1, len(numbers) + 1)):
                raise Broken("a subscriber did not hear each event once and in order")
        moments = [moment for _, moment in quick.heard()]
        lag = max(moments[number - 1] - moment for number, moment in heads)
        network.settle()
    grown = (most - before) / 1024
    print(f"slow    {seconds} s, {many} sales, {missed} events missed and caught up after {caught_up:.1f} s, each once and in order; "
          f"orders grew by {grown:.1f} MiB; the other subscriber was at most {max(lag, 0) * 1000:.0f} ms behind")
    if missed < many / 4:
        raise Broken("who was stopped missed nothing: the injector does not work")
    if grown > SLOW_MIB_MAX:
        raise Broken(f"promised are {SLOW_MIB_MAX} MiB")
    if lag > 5:
        raise Broken("the other subscriber waited for those that stood still")


# ---- connections that say nothing ----

IDLE = 3000
GREETING = b"\xff\0\0\0\0\0\0\0\1\x7f\3"  # ZMTP's first bytes, and then nothing


class Idlers:
    """So many connections to a door, half of them with half a greeting. At each look, who was dropped comes back, or stays away."""

    def __init__(self, endpoint, count, come_back):
        self.endpoint, self.dropped = endpoint, 0
        self.sockets, self.may_connect = [None] * count, True
        self.look()
        self.may_connect = come_back

    def connect(self):
        kind, _, address = self.endpoint.partition("://")
        this = socket.socket(socket.AF_INET if kind == "tcp" else socket.AF_UNIX, socket.SOCK_STREAM)
        this.setblocking(False)
        try:
            this.connect(("127.0.0.1", int(address.rpartition(":")[2])) if kind == "tcp" else address)
        except BlockingIOError:
            if kind != "tcp":  # a full backlog
                this.close()
                return None
        except OSError:
            this.close()
            return None
        return this

    def look(self):
        for i, this in enumerate(self.sockets):
            if this is not None:
                try:
                    if this.recv(4096) != b"":
                        continue
                except BlockingIOError:
                    continue
                except OSError:
                    pass
                self.dropped += 1
                this.close()
            this = self.sockets[i] = self.connect() if self.may_connect else None
            if this is not None and i % 2 == 0:
                with contextlib.suppress(OSError):
                    this.send(GREETING)

    def close(self):
        for this in self.sockets:
            if this is not None:
                this.close()


def beset(kind, idle, files=None, patience=60):
    """
    Seconds until a till that comes among idle connections has a sale acknowledged, three times; how many the door held, how many it dropped.
    files: the door's process may hold only so many, and who was dropped stays away. None: not within the patience.
    """
    with selling(network_at(("orders",) if kind == "tcp" else ()), 1) as network:
        pid, held, took = network.pid("orders"), 0, []
        if files is not None:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (files, files))
        idlers, poller, till = Idlers(network.door("orders"), idle, files is None), zmq.Poller(), Till(name_of(0))
        end = time.monotonic() + 20
        while time.monotonic() < end and held < (idle if files is None else files - 2):
            idlers.look()
            held = max(held, len(os.listdir(f"/proc/{pid}/fd")))
            time.sleep(0.01)
        while len(took) < 3 and None not in took:
            till.connect(network.door("orders"), poller)
            till.sell(time.monotonic())
            served = serve([till], poller, patience, lambda: till.acked == till.sold, lambda _: idlers.look())
            took.append(till.took if served else None)
        end = time.monotonic() + 20
        while time.monotonic() < end and idlers.dropped < idle // 2 and None not in took:
            idlers.look()
            time.sleep(0.05)
        idlers.close()
        till.socket.close()
        if None not in took:
            counted(network, [till])
        return took, held, idlers.dropped


def few_files():
    """A service asks for as many files as the machine lets it have, also where that is less than it would like."""
    lowered = ["setpriv", "--bounding-set", "-sys_resource"] if os.geteuid() == 0 else []
    network = network_at()
    network.prefix = ("prlimit", "--nofile=256:4000", *lowered)
    with network:
        have = resource.prlimit(network.pid("orders"), resource.RLIMIT_NOFILE)
    if have != (4000, 4000):
        raise Broken(f"orders may hold {have[0]} files of the 4000 that it could have")
    print("idle    of 4000 files that it may hold orders takes 4000")


def idle(_options):
    few_files()
    for kind in ("tcp", "ipc"):
        took, held, dropped = beset(kind, IDLE)
        if None in took:
            raise Broken(f"{kind}: {IDLE} idle connections keep a till out for a minute")
        print(f"idle    {kind}: {IDLE} connections that say nothing, {held} files held; a till comes with a sale three times and waits "
              f"{max(took):.2f} s at most; {dropped} of them were dropped")
        if held < IDLE // 2:
            raise Broken("the connections did not arrive")
        if dropped < IDLE // 2:
            raise Broken("connections that say nothing are not dropped")


# ---- what must be found out ----

FEW = 512      # files, for twice as many connections: a door that is patient with silence keeps everybody out


def crowded(_options):
    """For the controls: few files and twice as many idle connections, which stay away once they are dropped."""
    took, _, _ = beset("tcp", 2 * FEW, FEW, 20)
    if None in took:
        raise Broken("a till is kept out")
    print(f"crowded a till waits {max(took):.1f} s at most")


def flooded(options):
    """For the controls: all that a till is let send, in so many attempts until it is fair."""
    (_, calm, under, taken), = floods((0,), 2, 1, options.rounds)
    print(f"flooded {taken:.0f} sales/s; p99 {calm * 1000:.1f} ms in calm, {under * 1000:.1f} ms in the flood")
    if not is_fair(calm, under):
        raise Broken(f"not fair, {calm * 1000:.1f} ms become {under * 1000:.1f} ms")


def is_right(lane, options, attempts):
    code, said = lane_with(None, __file__, lane, options.seed, attempts)
    if code != 0:
        raise Broken(f"{lane}: {said[-300:]}")
    return f"control {lane}: {said}"


def controls(options):
    """Those that are patient wait side by side. What unfair turns do takes a calm machine: --long; in every run mutants/ finds them out."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for run in [pool.submit(is_right, "crowded", options, 1),
                    pool.submit(finds_out, "LONG_HANDSHAKE", __file__, "crowded", "kept out", options.seed)]:
            print(run.result())
    if options.long:
        print(is_right("flooded", options, 5))
        print(finds_out("NO_FAIR_TURNS", __file__, "flooded", "not fair", options.seed, attempts=5))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lanes = {"storm": storm, "flood": flood, "slow": slow, "idle": idle, "controls": controls, "crowded": crowded, "flooded": flooded}
    parser.add_argument("what", choices=lanes)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    random.seed(options.seed)
    began = time.monotonic()
    try:
        lanes[options.what](options)
    except Broken as broken:
        print(f"{options.what} --rounds {options.rounds} --seed {options.seed}: {broken}", file=sys.stderr)
        return 1
    print(f"{options.what:7} {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
