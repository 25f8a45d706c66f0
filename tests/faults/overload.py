#!/usr/bin/env python3
"""More than the network is made for, and peers that misbehave: whoever behaves is served, and nothing is lost or counted twice.

  overload.py storm  [--rounds N]   1,000 tills come back at once after orders was killed; each has a sale acknowledged within 30 s
                                    (--long: also with a key for each)
  overload.py flood  [--long]       one till sends ten times its share (--long: a hundred times, then all that it can)
  overload.py slow   [--long]       a subscriber stands still for 10 s (--long: 60 s), and catches up
  overload.py idle                  3,000 connections that say nothing, and a till that wants to sell
  overload.py clocks                the wall clock of each service jumps by hours and days
  overload.py controls [--long]     doors that are patient with silence, stamps that jump (--long: and unfair turns) must be found out

TRIBUTARY_BIN names a build with -DFAULTS=ON (default: build/faults/bin).
"""

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import msgpack
import zmq

from network import BIN, Broken, MASTER, Story, serving
from harness import SERVICES, SMALL, Door, Network, ticket

TILLS = 1000
STORM_MAX = 30.0
STORM_MIB_MAX = 300
zmq.Context.instance().set(zmq.MAX_SOCKETS, 8192)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [this.getsockname()[1] for this in sockets]
    for this in sockets:
        this.close()
    return ports


def network_at(tcp=(), plain=True):
    """A network not yet started, with these doors on tcp, without keys if they are plain, the others as usual."""
    network = Network()
    os.makedirs(network.dir, mode=0o700)
    ports = dict(zip(tcp, free_ports(len(tcp))))
    doors = "".join(f"  {name}: {f'tcp://127.0.0.1:{ports[name]}' if name in ports else f'ipc://{network.dir}/{name}.door'}\n" for name in SERVICES)
    pathlib.Path(network.dir, "network.yaml").write_text(f"doors_plaintext_loopback: {'true' if plain else 'false'}\ndoors:\n{doors}")
    return network


def master_of(count):
    """SMALL with so many tills, twenty to a shop."""
    outlets = "".join(f"  - {{outlet: O{shop:02}, name: Shop {shop}, tier: 2, kind: dealer, currency: GBP, tz_offset: 0, "
                      f"upstreams: [{{warehouse: WH-1}}]}}\n" for shop in range(-(-count // 20)))
    tills = "".join(f"  - {{terminal: {name_of(number)}, outlet: {name_of(number)[:3]}}}\n" for number in range(count))
    return SMALL.replace("lanes:\n", outlets + "lanes:\n").rstrip("\n") + "\n" + tills


def name_of(number):
    return f"O{number // 20:02}/T{number % 20:02}"


def kib_of(pid, what):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1])
    raise KeyError(what)


class Till:
    """One till with a socket of its own and the manners of common/client: one sale at a time, hello again after silence, ever more slowly."""

    def __init__(self, name, epoch=1000):
        self.name, self.epoch, self.socket, self.keys = name, epoch, None, None
        self.sold, self.acked, self.made = 0, 0, None
        self.began, self.took = 0.0, None

    def connect(self, endpoint, poller):
        if self.socket is not None:
            poller.unregister(self.socket)
            self.socket.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        for option, value in ((zmq.LINGER, 0), (zmq.IMMEDIATE, 1), (zmq.RECONNECT_IVL, 50), (zmq.RECONNECT_IVL_MAX, 2000),
                              (zmq.HANDSHAKE_IVL, 3000), (zmq.HEARTBEAT_IVL, 5000), (zmq.HEARTBEAT_TIMEOUT, 15000)):
            self.socket.setsockopt(option, value)
        if self.keys is not None:
            self.socket.curve_publickey, self.socket.curve_secretkey, self.socket.curve_serverkey = self.keys
        self.socket.connect(endpoint)
        poller.register(self.socket, zmq.POLLIN)
        self.session, self.asked, self.wait, self.heard = None, 0.0, 0.2, time.monotonic()

    def say(self, *message):
        try:
            self.socket.send(msgpack.packb(list(message)), zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def hello(self, now):
        self.session, self.asked = None, now
        if self.say("hello", 1, f"till {self.name}", [[self.name, self.epoch]]):
            self.wait = min(self.wait * 2, 10)

    def sell(self, now):
        self.sold += 1
        lines = [{"sku": "A", "quantity": 1000, "unit_price": 25500}]
        self.made = ticket(self.name, self.sold, f"R{self.sold}", lines, outlet=self.name[:3])
        self.began, self.took = now, None
        if self.session is not None:
            self.publish()

    def publish(self):
        self.say("publish", self.session, self.name, self.epoch, self.sold, [self.made])

    def tick(self, now):
        if self.session is None:
            if now - self.asked > self.wait * random.uniform(0.5, 1):
                self.hello(now)
        elif self.acked < self.sold and now - max(self.heard, self.began) > 5:
            self.hello(now)

    def hear(self, now):
        message = msgpack.unpackb(self.socket.recv())
        self.heard = now
        if message[0] == "welcome":
            self.session, self.wait = message[5], 0.2
            at = message[6][0][2] - 1
            if at < self.acked:
                raise Broken(f"{self.name}: {self.acked} was acknowledged, orders wants {at + 1} next")
            self.ack(at, now)
            if self.acked < self.sold:
                self.publish()
        elif message[0] == "ack":
            if message[5]:
                raise Broken(f"{self.name}: refused {message[5]}")
            self.ack(message[3], now)
        elif message[0] == "error" and message[1] == "hello_first":
            self.hello(now)
        elif message[0] == "error":
            self.session, self.asked = None, now
        elif message[0] == "resend":
            self.session, self.asked = None, now + message[6] / 1000

    def ack(self, through, now):
        if through > self.acked and through == self.sold:
            self.took = now - self.began
        self.acked = max(self.acked, through)


def serve(tills, poller, seconds, done, go_on=None):
    """Lets tills speak until done(); False when it took longer."""
    at, end, ticked = {till.socket: till for till in tills}, time.monotonic() + seconds, 0.0
    while not done():
        now = time.monotonic()
        if now > end:
            return False
        if go_on is not None:
            go_on(now)
        for readable, _ in poller.poll(2):
            at[readable].hear(time.monotonic())
        if now - ticked > 0.02:
            ticked = now
            for till in tills:
                till.tick(now)
    return True


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
        with network:
            code, _, err = network.apply(master_of(TILLS))
            if code != 0:
                raise Broken(f"apply: {err}")
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
FLOOD = name_of(999)


def flooder(options):
    """A process of its own: prepares what it will send, then sends so many a second (0: all that it is let), and says how many were taken."""
    till, poller = Till(FLOOD), zmq.Poller()
    till.connect(options.door, poller)
    while till.session is None:
        if poller.poll(20):
            message = msgpack.unpackb(till.socket.recv())
            till.session, till.acked = message[5], message[6][0][2] - 1
        else:
            till.tick(time.monotonic())
    size = 20 if options.rate == 0 or options.rate > 100 else 1
    first, lines = till.acked, [{"sku": "A", "quantity": 1000, "unit_price": 25500}]
    count = int((options.rate or 30000) * options.seconds) // size
    ready = [msgpack.packb(["publish", till.session, FLOOD, till.epoch, at + 1, [ticket(FLOOD, seq, f"F{seq}", lines, outlet=FLOOD[:3])
                                                                              for seq in range(at + 1, at + size + 1)]])
             for at in range(first, first + count * size, size)]
    print("ready", flush=True)
    sys.stdin.readline()
    began, sent, hold = time.monotonic(), 0, 0.0
    while time.monotonic() - began < options.seconds and till.acked < first + count * size:
        now = time.monotonic() - began
        due = count if options.rate == 0 else min(count, int(now * options.rate / size) + 1)
        while sent < due and now > hold:
            try:
                till.socket.send(ready[sent], zmq.DONTWAIT)
            except zmq.Again:
                break
            sent += 1
        while till.socket.poll(1):
            message = msgpack.unpackb(till.socket.recv())
            if message[0] == "ack":
                till.acked = message[3]
            elif message[0] == "resend":
                sent, hold = (message[3] - 1 - first) // size, now + message[6] / 1000
    print(till.acked - first, (time.monotonic() - began), flush=True)
    till.socket.close()


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
        process = subprocess.Popen([sys.executable, __file__, "flooder", "--door", network.door("orders"), "--rate", str(rate),
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
    with network_at() as network:
        code, _, err = network.apply(master_of(TILLS))
        if code != 0:
            raise Broken(f"apply: {err}")
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


def listener(options):
    """A process of its own that follows orders, and writes down each number and the moment at which it came."""
    poller, held, session, heard = zmq.Poller(), 0, None, 0.0
    door = Till("listener")
    door.connect(options.door, poller)
    with open(options.file, "w", buffering=1) as file:
        while True:
            for _ in poller.poll(100):
                message = msgpack.unpackb(door.socket.recv())
                heard = time.monotonic()
                if message[0] == "welcome" or (message[0] == "head" and message[5] > held):
                    session = message[5] if message[0] == "welcome" else session
                    door.say("subscribe", session, 1, [], [], held + 1, options.rate)
                elif message[0] == "error":
                    heard = 0.0
                elif message[0] == "batch" and message[4] == held:  # else something is missing: the next head says so
                    file.write("".join(f"{event[3]} {heard}\n" for event in message[7]))
                    held = message[5]
                    door.say("credit", session, 1, len(message[7]), held)
            if time.monotonic() - heard > 4:
                heard = time.monotonic()
                door.say("hello", 1, "listener", [])


class Listening:
    """A listener, and what it wrote."""

    def __init__(self, network, credit):
        self.path = tempfile.mktemp(prefix="heard-")
        self.process = subprocess.Popen([sys.executable, __file__, "listener", "--door", network.door("orders"), "--file", self.path,
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
    with network_at(("orders",)) as network, contextlib.ExitStack() as end:
        code, _, err = network.apply(master_of(TILLS))
        if code != 0:
            raise Broken(f"apply: {err}")
        modest, greedy, quick = (Listening(network, credit) for credit in (1000, 100000000, 1000))
        for this in (modest, greedy, quick):
            end.callback(this.end)
            this.until(head_of(network), 60)
        seller = subprocess.Popen([sys.executable, __file__, "flooder", "--door", network.door("orders"), "--rate", "1000", "--seconds",
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
            if [number for number, _ in this.heard()] != list(range(1, head + 1)):
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
    with network_at(("orders",) if kind == "tcp" else ()) as network:
        code, _, err = network.apply(master_of(1))
        if code != 0:
            raise Broken(f"apply: {err}")
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


# ---- wall clocks that jump ----

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


def clocks(options):
    """Each clock alone and all of them jump, back and forth, while the tills sell; then nobody sells, and they jump again."""
    dice = random.Random(options.seed)
    network, slowest, jumps = network_at(), 0.0, 0
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
                jumps += 1
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
    print(f"clocks  {jumps} jumps, {sales} sales, 0 lost, 0 doubled; a sale after a jump is acknowledged after {slowest:.2f} s at most; "
          f"{stamped} stamps, each after the one before")


# ---- what must be found out ----

FEW = 512      # files, for twice as many connections: a door that is patient with silence keeps everybody out


def with_wrong_orders(mutant, lane, options, rounds):
    """A lane in a process of its own, with one wrong service: exit code, output."""
    with tempfile.TemporaryDirectory(prefix="control-") as folder:
        shutil.copytree(BIN, os.path.join(folder, "bin"))
        os.symlink(BIN.parent / "faults", os.path.join(folder, "faults"))
        if mutant is not None:
            shutil.copy(BIN.parent / "faults" / mutant / "orders", os.path.join(folder, "bin"))
        done = subprocess.run([sys.executable, __file__, lane, "--seed", str(options.seed), "--rounds", str(rounds)], capture_output=True,
                              text=True, timeout=300, env=dict(os.environ, TRIBUTARY_BIN=os.path.join(folder, "bin")))
    return done.returncode, " ".join((done.stdout + done.stderr).split())


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


def finds_out(mutant, lane, word, options, attempts):
    """A wrong orders is found out in one of so many attempts: others on this machine may hide it."""
    for attempt in range(attempts):
        code, said = with_wrong_orders(mutant, lane, options, 1)
        found = re.search(word, said)
        if code == 1 and found:
            return f"control {mutant}: found out as it must be ({said[found.start():][:120]})"
    raise Broken(f"{mutant} was not found out: the checker does not work ({code} {said[-300:]})")


def is_right(lane, options, attempts):
    code, said = with_wrong_orders(None, lane, options, attempts)
    if code != 0:
        raise Broken(f"{lane}: {said[-300:]}")
    return f"control {lane}: {said}"


def controls(options):
    """Those that are patient wait side by side. What unfair turns do takes a calm machine: --long; in every run mutants/ finds them out."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for run in [pool.submit(is_right, "crowded", options, 1), pool.submit(finds_out, "LONG_HANDSHAKE", "crowded", "kept out", options, 1),
                    pool.submit(finds_out, "STAMPS_JUMP", "clocks", "was stamped|check: ", options, 1)]:
            print(run.result())
    if options.long:
        print(is_right("flooded", options, 5))
        print(finds_out("NO_FAIR_TURNS", "flooded", "not fair", options, 5))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    inside = {"flooder": flooder, "listener": listener, "crowded": crowded, "flooded": flooded}
    lanes = {"storm": storm, "flood": flood, "slow": slow, "idle": idle, "clocks": clocks, "controls": controls, **inside}
    parser.add_argument("what", choices=lanes)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    for name, kind in (("--door", str), ("--file", str), ("--rate", int), ("--seconds", float)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    options = parser.parse_args()
    random.seed(options.seed)
    began = time.monotonic()
    if options.what in ("flooder", "listener"):
        inside[options.what](options)
        return 0
    try:
        lanes[options.what](options)
    except Broken as broken:
        print(f"{options.what} --rounds {options.rounds} --seed {options.seed}: {broken}", file=sys.stderr)
        return 1
    print(f"{options.what:7} {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
