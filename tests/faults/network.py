#!/usr/bin/env python3
"""Kills the services of a selling network, and looks whether every sale that was acknowledged counts once.

  network.py points [--rounds N]   each named crash point of each service; N: so many more at random
  network.py spools                the client of a till dies at its own points
  network.py kills  [--rounds N]   SIGKILL to a random service at a random moment
  network.py errors [--rounds N]   a call of a service on its store fails, the first or a later one since its start; N of all such
  network.py power  [--rounds N]   all of it loses power; what was not synced is taken back
  network.py slow                  orders dies while its disk makes it wait two seconds
  network.py controls              orders that acknowledge too early, take a number twice, or do not sync, must be found out
  network.py full                  a small disk fills up: refused within 100 ms, read meanwhile, served within 5 s after space returns

TRIBUTARY_BIN names a build with -DFAULTS=ON (default: build/faults/bin).
"""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import random
import re
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

TOP = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("TRIBUTARY_BIN", str(TOP / "build" / "faults" / "bin"))
sys.path.insert(0, str(TOP / "tests" / "python"))
from harness import BIN, SERVICES, SMALL, Door, Network, event, ticket  # noqa: E402

POINTS = [f"{service} {point}" for service in SERVICES for point in ("taken", "committing", "committed", "kept", "answering", "feeding", "heard")
          if (service, point) not in (("kpi", "feeding"), ("partners", "heard"))]
SKUS = [f"F{number:03}" for number in range(40)]
MASTER = SMALL.replace("products:\n", "products:\n" + "".join(f"  - {{sku: {sku}, name: {sku}, category: FRUIT, goods: true}}\n" for sku in SKUS))
TILLS = ("S1/T1", "S2/T1", "S3/T1")
SERVING_MAX = 2.0


class Broken(AssertionError):
    """A promise was not kept."""


class Source:
    """A publisher that keeps what is not acknowledged, by schemas/README.md: hello, send in order, send again."""

    def __init__(self, network, service, name, epoch=1000):
        self.network, self.service, self.name, self.epoch = network, service, name, epoch
        self.events, self.acked, self.sent, self.refused = [], 0, 0, []
        self.socket, self.session, self.heard, self.resent = None, None, 0.0, []
        self.connect()

    def connect(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(self.network.door(self.service))
        self.hello()

    def hello(self):
        self.session, self.heard = None, time.monotonic()
        self.say("hello", 1, f"source {self.name}", [[self.name, self.epoch]])

    def say(self, *message):
        try:
            self.socket.send(msgpack.packb(list(message)), zmq.DONTWAIT)
        except zmq.Again:
            pass

    def add(self, time_us, make):
        made = make(len(self.events) + 1)
        made[6] = time_us
        self.events.append(made)

    def pump(self):
        while self.socket.poll(0):
            self.hear(msgpack.unpackb(self.socket.recv()))
        if self.session is None or (self.acked < len(self.events) and time.monotonic() - self.heard > 1):
            if time.monotonic() - self.heard > 0.2:
                self.hello()
            return
        if self.sent < len(self.events) and self.sent - self.acked < 200:
            chunk = self.events[self.sent:self.sent + 20]
            self.say("publish", self.session, self.name, self.epoch, self.sent + 1, chunk)
            self.sent += len(chunk)

    def hear(self, message):
        self.heard = time.monotonic()
        if message[0] == "welcome":
            self.session = message[5]
            at = message[6][0][2] - 1
            if at < self.acked:
                raise Broken(f"{self.name}: {self.acked} was acknowledged, {self.service} wants {at + 1} next")
            self.acked, self.sent = at, max(0, at - 3)  # some once more, as one whose answer was lost would
        elif message[0] == "ack":
            self.acked = max(self.acked, message[3])
            self.refused += [tuple(refusal) for refusal in message[5]]
        elif message[0] == "resend":
            self.resent.append((time.monotonic(), message[4], message[6]))
            self.sent = max(self.acked, message[3] - 1)
            if message[6]:
                time.sleep(message[6] / 1000)
        elif message[0] == "error" and message[1] == "hello_first":
            self.hello()


class Story:
    """Tills that sell, an office that changes prices, a warehouse that fills up and sends: and what must be true at the end."""

    def __init__(self, network, dice):
        self.network, self.dice = network, dice
        self.tills = [Source(network, "orders", name) for name in TILLS]
        self.office = Source(network, "partners", "staff/office")
        self.store = Source(network, "inventory", "wms/WH-1")
        self.trucks, self.confirmed, self.looked = Source(network, "logistics", "wms/WH-1"), set(), 0.0
        self.units, self.revenue, self.came = {}, {}, {}
        self.time_us = (time.time_ns() // 1000) - 30 * 86400 * 1000000  # a business time that runs ahead: waves of restocks close

    def go_on(self):
        till = self.dice.choice(self.tills)
        self.time_us = min(self.time_us + 60 * 1000000, time.time_ns() // 1000)
        self.sell(till, self.dice.randrange(1, 6) * 1000)
        if self.dice.random() < 0.05:
            price = 24000 + self.dice.randrange(3000)
            self.office.add(self.time_us, lambda seq: event("staff/office", seq, "price.submitted", "A",
                                              {"sku": "A", "currency": "GBP", "list": price, "floor": 20000, "ceiling": 30000}))
        if self.dice.random() < 0.05:
            self.store.add(self.time_us, lambda seq: event("wms/WH-1", seq, "goods.received", "WH-1",
                                             {"warehouse": "WH-1", "reference": f"G{seq}", "lines": [{"sku": "A", "quantity": 50000}]}))
        if time.monotonic() - self.looked > 0.5:
            self.confirm()
        self.pump()

    def sell(self, till, quantity):
        outlet, lines = till.name[:2], [{"sku": self.dice.choice(SKUS), "quantity": quantity, "unit_price": 25500}]
        till.add(self.time_us, lambda seq: ticket(till.name, seq, f"R{seq}", lines, outlet=outlet))
        self.units[outlet] = self.units.get(outlet, 0) + quantity
        self.revenue[outlet] = self.revenue.get(outlet, 0) + quantity * 255 // 1000

    def confirm(self):
        """What was planned leaves and arrives, all at once."""
        code, out, _ = self.network.run("get", "shipments", "--json")
        self.looked = time.monotonic()
        for row in map(json.loads, out.splitlines() if code == 0 else ()):
            if row["id"] in self.confirmed:
                continue
            self.confirmed.add(row["id"])
            for kind, place in (("pick", "warehouse"), ("dispatch", "warehouse"), ("delivery", "outlet"), ("receipt", "outlet")):
                self.trucks.add(self.time_us, lambda seq, kind=kind, place=place, row=row: event(
                    "wms/WH-1", seq, f"{kind}.confirmed", row[place], {"shipment": row["id"], place: row[place]}))

    def sources(self):
        return [*self.tills, self.office, self.store, self.trucks]

    def pump(self):
        for source in self.sources():
            source.pump()

    def until(self, done, seconds, what, burst=1):
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise Broken(f"{what}: not within {seconds} s")
            for _ in range(burst):
                self.go_on()
            time.sleep(0.002)

    def finish(self):
        end = time.monotonic() + 60
        while any(source.acked < len(source.events) for source in self.sources()):
            if time.monotonic() > end:
                raise Broken("not everything is acknowledged 60 s after the last fault: " +
                             str([(source.name, source.acked, len(source.events)) for source in self.sources()]))
            self.pump()
            time.sleep(0.005)
        self.network.settle()
        sales = {}
        for row in self.network.rows("get", "sales"):
            have = sales.setdefault(row["outlet"], [0, 0, 0])
            for i, key in enumerate(("tickets", "units_milli", "revenue_minor")):
                have[i] += row[key]
        for till in self.tills:
            if till.refused:
                raise Broken(f"{till.name}: refused {till.refused[:3]} and {len(till.refused)} in all")
        self.journals()
        for till in self.tills:
            outlet = till.name[:2]
            want = [len(till.events) - len(till.refused), self.units.get(outlet, 0), self.revenue.get(outlet, 0)]
            if sales.get(outlet, [0, 0, 0]) != want:
                raise Broken(f"{outlet}: sold {want}, the figures say {sales.get(outlet)}")
            self.conserved(outlet, want[1])
        code, out, err = self.network.run("check", timeout=300)
        if code != 0:
            raise Broken(f"check: {out[-400:]} {err[-400:]}")
        return sum(len(till.events) for till in self.tills)

    def journals(self):
        """What each service has said is numbered without a hole, and orders has said each sale once."""
        recorded = []
        for service in SERVICES:
            door, held = Door(self.network.door(service), "an auditor"), 0
            door.say("subscribe", door.session, 1, [], [], 1, 1000)
            while held < door.welcome[4]:
                _, _, _, _, after, through, _, events = door.hear("batch")
                if after != held or [event[3] for event in events] != list(range(held + 1, through + 1)):
                    raise Broken(f"{service}: after {held} came {after} to {through} with {len(events)} events")
                for event in events:
                    if event[4] == "shipment.received":
                        came = sum(line["quantity"] for line in event[8]["lines"])
                        self.came[event[8]["outlet"]] = self.came.get(event[8]["outlet"], 0) + came
                recorded += [(event[8]["terminal"], event[8]["receipt"]) for event in events if event[4] == "sale.recorded"]
                held = through
                door.say("credit", door.session, 1, len(events), held)
            door.close()
        sold = [(till.name, event[8]["receipt"]) for till in self.tills for event in till.events]
        if sorted(recorded) != sorted(sold):
            raise Broken(f"{len(sold)} sales were made, orders has recorded {len(recorded)}, {len(set(recorded))} of them different")

    def conserved(self, outlet, sold):
        """What stands on the shelves is what came less what went."""
        shelves = sum(row["on_hand_milli"] for row in self.network.rows("get", "stock", "--outlet", outlet))
        came = self.came.get(outlet, 0)  # by what logistics has said: a restock may come in several loads
        if shelves != came - sold:
            raise Broken(f"{outlet}: {came} came and {sold} went, {shelves} stand on the shelves")


def serving(network, service, story):
    """Seconds until a service answers again."""
    began = time.monotonic()
    while time.monotonic() - began < 20:
        door = zmq.Context.instance().socket(zmq.DEALER)
        door.setsockopt(zmq.LINGER, 0)
        door.connect(network.door(service))
        door.send(msgpack.packb(["hello", 1, "is it there", []]))
        answered = door.poll(50)
        door.close()
        if answered:
            return time.monotonic() - began
        story.pump()
    raise Broken(f"{service} does not serve again within 20 s")


def report(name, rounds, times, sales):
    times.sort()
    worst = times[-1] if times else 0.0
    print(f"{name:7} {rounds} rounds, {sales} sales, 0 lost, 0 doubled; serving again after {statistics.median(times) * 1000:.0f} ms "
          f"(median), {worst * 1000:.0f} ms (longest)")
    if worst > SERVING_MAX:
        raise Broken(f"serving again took {worst:.2f} s, promised are {SERVING_MAX} s")


def on_networks(rounds, dice, one_round, size=60):
    """A network for so many rounds: a service that dies more than twenty times a minute is started later each time. Their sales."""
    sales = 0
    for first in range(0, len(rounds), size):
        with Network() as network:
            assert network.apply(MASTER)[0] == 0
            story = Story(network, dice)
            for this in rounds[first:first + size]:
                one_round(network, story, this)
            sales += story.finish()
    return sales


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


def write_plan(path, text):
    pathlib.Path(path + ".new").write_text(text)
    os.rename(path + ".new", path)


def points(rounds, dice):
    crash = os.environ["TRIBUTARY_CRASH"] = tempfile.mktemp(prefix="crash-")
    times, wanted = [], POINTS * (1 + rounds // len(POINTS))

    def one_round(network, story, point):
        write_plan(crash, point)
        story.until(lambda: not os.path.exists(crash), 20, f"crash point {point}")
        times.append(serving(network, point.split()[0], story))

    sales = on_networks(wanted, dice, one_round)
    report("points", len(wanted), times, sales)


def spools(_rounds, dice):
    """The client of a till dies at its own points: what it had taken arrives once, in order, when it is started again."""
    crash = os.environ["TRIBUTARY_CRASH"] = tempfile.mktemp(prefix="crash-")
    wanted = ("committing", "committed", "told") * 4
    with Network() as network:
        assert network.apply(MASTER)[0] == 0
        spool = os.path.join(network.folder, "spool")
        for number, point in enumerate(wanted):
            lines = "".join(json.dumps({"type": "ticket.sold", "source": "S1/T1", "data": {
                "outlet": "S1", "receipt": f"{number}-{i}", "currency": "GBP", "day": "2026-03-01",
                "lines": [{"sku": "A", "quantity": 1000, "unit_price": 25500}]}}) + "\n" for i in range(dice.randrange(5, 60)))
            write_plan(crash, f"tributary {point}")
            code, _, err = network.run("publish", "--spool", spool, stdin=lines)
            if code != -signal.SIGKILL or os.path.exists(crash):
                raise Broken(f"spool {point}: ended with {code}: {err[-200:]}")
            again = json.loads(lines.splitlines()[0])
            again["source"], again["data"]["receipt"] = "S1/T2", str(number)
            code, _, err = network.run("publish", "--spool", spool, stdin=json.dumps(again) + "\n")
            if code != 0:  # it ends when everything that the spool holds is acknowledged
                raise Broken(f"spool {point}: after the crash {code}: {err[-300:]}")
        network.settle()
        row = network.rows("get", "sources", "--service", "orders", "--source", "S1/T1")[0]
        sales = network.rows("get", "sales", "--outlet", "S1")[0]
        if not 0 < row["through"] == sales["tickets"] - len(wanted) == sales["units_milli"] // 1000 - len(wanted):
            raise Broken(f"numbers up to {row['through']} were taken, {sales['tickets'] - len(wanted)} tickets count")
    print(f"spools  {len(wanted)} rounds, {sales['tickets']} sales, 0 lost, 0 doubled")


def kills(rounds, dice):
    times, wanted = [], [SERVICES[i % len(SERVICES)] for i in range(rounds)]
    dice.shuffle(wanted)

    def one_round(network, story, service):
        until = time.monotonic() + dice.random() * 0.3
        story.until(lambda: time.monotonic() > until, 5, "selling")
        if network.kill(service):
            times.append(serving(network, service, story))

    sales = on_networks(wanted, dice, one_round)
    report("kills", rounds, times, sales)


FAILING = [(call, number, what) for call, last, kinds in (
    ("open", 3, ("EIO", "ENOSPC", "KILL")), ("mmap", 2, ("ENOSPC", "KILL")), ("pwrite", 24, ("EIO", "ENOSPC", "EINTR", "SHORT", "KILL")),
    ("writev", 12, ("EIO", "ENOSPC", "EINTR", "SHORT", "KILL")), ("fdatasync", 12, ("EIO", "ENOSPC", "EINTR", "KILL", "HANG")),
    ("malloc", 12, ("ENOSPC",)))
    for number in range(1, last + 1) for what in kinds]

WORDS = {"EIO": ("storage_failed", "not_started"), "SHORT": ("storage_failed", "not_started"), "ENOSPC": ("storage_full", "not_started")}


def errors(rounds, dice):
    """A call of a service fails, the number-th since its start: it goes on, or stops with a word and comes back; or it never had to make it."""
    plan = os.environ["FAULTS_PLAN"] = tempfile.mktemp(prefix="plan-")
    times, met, hung = [], {}, []
    lists = [dice.sample(FAILING, min(-(-rounds // len(SERVICES)), len(FAILING))) for _ in SERVICES]
    wanted = [(service, *failing) for row in zip(*lists) for service, failing in zip(SERVICES, row)]

    def one_round(network, story, this):
        service, call, number, what = this
        write_plan(plan, f"{service} {call} {number * 150 if call == 'malloc' else number} {what}")
        alarms = len(alarms_of(network, service))
        story.until(lambda: network.kill(service), 5, f"{service} runs")
        until = time.monotonic() + 1.5
        story.until(lambda: not os.path.exists(plan) or time.monotonic() > until, 5, "selling")
        if os.path.exists(plan):  # it never made so many calls
            os.unlink(plan)
            return
        met[what] = met.get(what, 0) + 1
        if call in ("pwrite", "writev", "fdatasync") and what in WORDS:
            story.until(lambda: any(word in line for line in alarms_of(network, service)[alarms:] for word in WORDS[what]), 20,
                        f"{this}: {' or '.join(WORDS[what])}")
        seconds = serving(network, service, story)
        if what != "HANG":
            times.append(seconds)
        elif seconds > 1:
            raise Broken(f"{this}: a slow disk keeps the door shut for {seconds:.1f} s")

    os.environ.update(LD_PRELOAD=str(BIN.parent / "faults" / "libfaults.so"), FAULTS_PATH=tempfile.gettempdir())
    sales = on_networks(wanted, dice, one_round, 40)
    print(f"errors  {sum(met.values())} faults met ({', '.join(f'{what} {count}' for what, count in met.items())})")
    report("errors", len(wanted), times, sales)


def slow(_rounds, dice):
    """Orders dies while its disk makes it wait: nothing of this may have been acknowledged."""
    plan = os.environ["FAULTS_PLAN"] = tempfile.mktemp(prefix="plan-")

    def one_round(network, story, number):
        write_plan(plan, f"orders fdatasync {number} HANG")
        story.until(lambda: network.kill("orders"), 5, "orders runs")
        story.until(lambda: not os.path.exists(plan), 5, "selling")
        until = time.monotonic() + 0.3
        story.until(lambda: time.monotonic() > until, 5, "selling")
        network.kill("orders")
        serving(network, "orders", story)

    os.environ.update(LD_PRELOAD=str(BIN.parent / "faults" / "libfaults.so"), FAULTS_PATH=tempfile.gettempdir())
    sales = on_networks([2, 3, 4, 5], dice, one_round)
    print(f"slow    4 rounds, {sales} sales, 0 lost, 0 doubled")


def alarms_of(network, service):
    return [line for line in network.log_lines("alarm") if f" {service} alarm " in line]


def lose_power(network, notes, seed, tools):
    """SIGKILL to all, while the supervisor stands still, so that nothing starts again; then the disk forgets."""
    up = network.up.pid
    os.kill(up, signal.SIGSTOP)
    for pid in [*map(int, pathlib.Path(f"/proc/{up}/task/{up}/children").read_text().split()), up]:
        os.kill(pid, signal.SIGKILL)
    network.up.communicate()
    for service in SERVICES:  # the last thread of a dead process gives up its store
        store = os.open(os.path.join(network.dir, service), os.O_RDONLY)
        fcntl.flock(store, fcntl.LOCK_EX)
        os.close(store)
    done = subprocess.run([tools / "power_loss", notes, str(seed)], capture_output=True, text=True, check=True, timeout=120)
    return int(done.stdout.split()[0])


def power(rounds, dice):
    """The power fails in the middle of somebody's commit."""
    network = Network()
    with contextlib.ExitStack() as end:
        end.push(network.__exit__)
        cut_off(network, rounds, dice)


def cut_off(network, rounds, dice):
    tools = BIN.parent / "faults"
    notes, plan = pathlib.Path(network.folder) / "notes", os.path.join(network.folder, "plan")
    notes.mkdir()
    sectors, times, story = 0, [], None
    preload = {"LD_PRELOAD": str(tools / "libfaults.so"), "FAULTS_PATH": network.dir, "FAULTS_UNDO": str(notes), "FAULTS_PLAN": plan}
    for number in range(rounds + 1):
        if number < rounds:
            write_plan(plan, f"{dice.choice(SERVICES)} {dice.choice(('fdatasync', 'pwrite'))} {dice.randrange(4, 30)} KILL")
        began = time.monotonic()
        os.environ.update(preload)
        try:
            network.start()
        except AssertionError as error:
            raise Broken(f"after {number} power losses the network does not start: {error}") from None
        for key in preload:
            os.environ.pop(key)
        times.append(time.monotonic() - began)
        if story is None:
            assert network.apply(MASTER)[0] == 0
            story = Story(network, dice)
        for source in story.sources():
            source.connect()
        if number == rounds:
            break
        until = time.monotonic() + 1
        story.until(lambda: not os.path.exists(plan) or time.monotonic() > until, 5, "selling", burst=20)
        sectors += lose_power(network, notes, dice.randrange(1 << 30), tools)
    sales = story.finish()
    if sectors == 0:
        raise Broken("the power loss took nothing back: the injector does not work")
    print(f"power   {sectors} sectors taken back")
    report("power", rounds, times, sales)


def lane_with(mutant, program, lane, seed, rounds=1):
    """A lane in a process of its own, with an orders that is wrong (None: the right one): exit code, output."""
    with tempfile.TemporaryDirectory(prefix="control-") as folder:
        shutil.copytree(BIN, os.path.join(folder, "bin"))
        os.symlink(BIN.parent / "faults", os.path.join(folder, "faults"))
        if mutant is not None:
            shutil.copy(BIN.parent / "faults" / mutant / "orders", os.path.join(folder, "bin"))
        done = subprocess.run([sys.executable, program, lane, "--seed", str(seed), "--rounds", str(rounds)], capture_output=True, text=True,
                              timeout=300, env=dict(os.environ, TRIBUTARY_BIN=os.path.join(folder, "bin")))
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def finds_out(mutant, program, lane, word, seed, rounds=1, attempts=1):
    """The checks of a lane call a wrong orders broken, in one of so many attempts: others on this machine may hide it."""
    for attempt in range(attempts):
        code, said = lane_with(mutant, program, lane, seed + attempt, rounds)
        found = re.search(word, said)
        if code == 1 and found:
            return f"control {mutant}: found out as it must be ({said[found.start():][:120]})"
    raise Broken(f"{mutant} was not found out: the checker does not work ({code} {said[-300:]})")


def controls(_rounds, dice):
    for mutant, lane, word in (("ACK_BEFORE_COMMIT", "slow", "was acknowledged"), ("NO_DEDUPE", "slow", ": refused"),
                               ("NO_SYNC", "power", "was acknowledged|does not start")):
        print(finds_out(mutant, __file__, lane, word, dice.randrange(1 << 30), rounds=10))


def small_disk(folder):
    """An ext4 file system of 96 MiB in a file; False where that is not allowed."""
    image, place = os.path.join(folder, "disk.img"), os.path.join(folder, "disk")
    os.mkdir(place)
    with open(image, "wb") as file:
        file.truncate(96 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", "-F", image], capture_output=True).returncode == 0
    return place if made and subprocess.run(["mount", "-o", "loop", image, place], capture_output=True).returncode == 0 else None


def full(_rounds, dice):
    folder = tempfile.mkdtemp(prefix="full-")
    place = small_disk(folder)
    if place is None:
        print("full    skipped: no loop file system can be mounted here")
        shutil.rmtree(folder)
        return
    try:
        fill(place, dice)
    finally:
        subprocess.run(["umount", place], check=True)
        shutil.rmtree(folder)


def fill(place, dice):
    run = os.path.join(place, "run")
    os.mkdir(run)
    doors = "".join(f"  {service}: ipc://{run}/{service}.door\n" for service in SERVICES)
    pathlib.Path(run, "network.yaml").write_text(f"doors:\n{doors}store:\n  map_mib: 16\n  keep_free_mib: 8\n")
    with Network(folder=place) as network:
        assert network.apply(MASTER)[0] == 0
        story = Story(network, dice)
        until = time.monotonic() + 0.5
        story.until(lambda: time.monotonic() > until, 5, "selling")
        story.finish()
        ballast, till = pathlib.Path(place, "ballast"), story.tills[0]
        free = os.statvfs(place)
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - (4 << 20))
        time.sleep(0.1)
        story.sell(till, 1000)
        till.resent.clear()
        asked = time.monotonic()
        while not till.resent:
            till.pump()
            if time.monotonic() - asked > 5:
                raise Broken("a full disk: no answer within 5 s")
        refused, code = till.resent[0][0] - asked, till.resent[0][1]
        if code != "disk_full":
            raise Broken(f"a full disk is refused with {code}")
        if not network.rows("get", "sales"):
            raise Broken("a full disk: nothing can be read")
        till.pump()
        ballast.unlink()
        freed = time.monotonic()
        while till.acked < len(till.events):
            till.pump()
            if time.monotonic() - freed > 20:
                raise Broken("not acknowledged 20 s after space returned")
        again = time.monotonic() - freed
        sales = story.finish()
    print(f"full    refused with {code} after {refused * 1000:.1f} ms, read meanwhile, served {again:.2f} s after space returned; {sales} sales")
    if refused > 0.1 or again > 5:
        raise Broken("later than promised (100 ms, 5 s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lanes = {"points": points, "spools": spools, "kills": kills, "errors": errors, "power": power, "full": full, "slow": slow,
             "controls": controls}
    parser.add_argument("what", choices=lanes)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    try:
        lanes[given.what](given.rounds, random.Random(given.seed))
    except Broken as broken:
        print(f"{given.what} --rounds {given.rounds} --seed {given.seed}: {broken}", file=sys.stderr)
        return 1
    print(f"{given.what:7} {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
