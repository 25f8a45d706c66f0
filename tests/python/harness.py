"""A network of real processes for a test: started, asked, killed, ended; and a client of plain ZeroMQ and msgpack."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import msgpack
import zmq

TOP = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TRIBUTARY_BIN", TOP / "build" / "bin"))
SHARED = pathlib.Path(os.environ.get("TRIBUTARY_SHARED", TOP.parent / "shared"))
SERVICES = ("partners", "orders", "inventory", "logistics", "kpi")


class Network:
    """`tributary up` in a folder of its own; use as a context. config: what its network.yaml says."""

    prefix = ()  # of its command

    def __init__(self, config=None, folder=None, binaries=BIN, gateway=False):
        self.binaries = pathlib.Path(binaries)
        self.folder = folder or tempfile.mkdtemp(prefix="tributary-test-")
        self.dir = os.path.join(self.folder, "run")
        self.own_folder = folder is None
        self.config = config
        self.gateway = gateway  # most tests need none, and its port is one for the machine
        self.up, self.said = None, ""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        code = self.stop()
        broken = self.log_lines("broken")
        if self.own_folder and not (error[0] and os.environ.get("KEEP")):
            shutil.rmtree(self.folder, ignore_errors=True)
        if not error[0]:
            assert code == 0, f"tributary up ended with {code}: {self.said[-500:]}"
            assert not broken, f"a service said that it is broken: {broken[:3]}"

    def start(self):
        if self.config and not os.path.exists(self.dir):
            os.makedirs(self.dir, 0o700)
            pathlib.Path(self.dir, "network.yaml").write_text(self.config)
        command = [*self.prefix, self.binaries / "tributary", "up", "--dir", self.dir] + ([] if self.gateway else ["--no-gateway"])
        self.up = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.up.stdout.readline()
        assert line.startswith("ready"), f"not ready: {line!r} {self.up.stderr.read() if self.up.poll() is not None else ''}"

    def stop(self):
        if self.up is None:
            return 0
        self.up.send_signal(signal.SIGTERM)
        try:
            self.said = self.up.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            self.up.kill()
            self.said = self.up.communicate()[1]
        code, self.up = self.up.returncode, None
        return code

    def run(self, *arguments, stdin=None, timeout=120):
        """The command: exit code, stdout, stderr."""
        done = subprocess.run([self.binaries / "tributary", *map(str, arguments), "--dir", self.dir], input=stdin, capture_output=True, text=True,
                              timeout=timeout)
        return done.returncode, done.stdout, done.stderr

    def rows(self, *arguments, timeout=120):
        code, out, err = self.run(*arguments, "--json", timeout=timeout)
        assert code == 0, f"{arguments}: {code} {err}"
        return [json.loads(line) for line in out.splitlines()]

    def apply(self, text):
        path = os.path.join(self.folder, "apply.yaml")
        pathlib.Path(path).write_text(text, encoding="utf-8")
        return self.run("apply", path)

    def door(self, service):
        for line in pathlib.Path(self.dir, "network.yaml").read_text().splitlines():
            name, _, endpoint = line.strip().partition(": ")
            if name == service:
                return endpoint.strip('"')
        return f"ipc://{self.dir}/{service}.door"

    def enrol(self, role, name, *options):
        """What `tributary keys enrol` tells: name, key_file, public_key, token."""
        code, out, err = self.run("keys", "enrol", role, name, *options, "--json")
        assert code == 0, err
        return json.loads(out)

    def keys(self, name, service):
        """The key pair of a name, and the public key of a service's door."""
        text = pathlib.Path(self.dir, "keys", f"{name}.key").read_text()
        pair = [re.search(f'{word}: "(.*)"', text).group(1).encode() for word in ("public", "secret")]
        return (*pair, self.rows("keys", "show", service)[0]["keys"][0].encode())

    def pid(self, service):
        return int(pathlib.Path(self.dir, f"{service}.pid").read_text())

    def kill(self, service):
        """SIGKILL to one service; the supervisor starts it again. False when it is just not there."""
        try:
            os.kill(self.pid(service), signal.SIGKILL)
            return True
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return False

    def log_lines(self, level):
        lines = []
        for service in SERVICES:
            path = pathlib.Path(self.dir, f"{service}.log")
            if path.exists():
                lines += [line for line in path.read_text(errors="replace").splitlines() if f" {service} {level} " in line]
        return lines

    def hashes(self):
        return {row["service"]: row["state_hash"] for row in self.rows("get", "hash")}

    def settle(self, seconds=120):
        """Until every service has heard every other."""
        until = time.monotonic() + seconds
        calm = 0
        while time.monotonic() < until:
            try:
                calm = calm + 1 if all(row["lag"] == 0 for row in self.rows("get", "lag")) else 0
            except (AssertionError, subprocess.TimeoutExpired):
                calm = 0
            if calm == 2:
                return
            time.sleep(0.1)
        raise AssertionError("the network does not settle: " + str(self.rows("get", "lag")))


def tcp_doors():
    """A configuration whose doors are on tcp, which takes keys; below the numbers that connections are given."""
    while True:
        base = random.randrange(20000, 32000)
        sockets = []
        try:
            for i in range(len(SERVICES)):
                sockets.append(socket.create_server(("127.0.0.1", base + i)))
            break
        except OSError:
            pass
        finally:
            for one in sockets:
                one.close()
    return "doors:\n" + "".join(f"  {service}: tcp://127.0.0.1:{base + i}\n" for i, service in enumerate(SERVICES))


class Door:
    """A peer that knows only schemas/README.md: pyzmq and msgpack."""

    def __init__(self, endpoint, name="plain client", sources=(), keys=None, token=None):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDTIMEO, 60000)     # a door that lets nobody in is no reason to wait for ever
        if keys:
            self.socket.curve_publickey, self.socket.curve_secretkey, self.socket.curve_serverkey = keys
        self.socket.connect(endpoint)
        self.heard = []
        self.welcome = None
        if name:
            self.say("hello", 1, name, [list(source) for source in sources], *([{"token": token}] if token else []))
            self.welcome = self.hear("welcome")
            self.session = self.welcome[5]

    def close(self):
        self.socket.close()

    def say(self, *message):
        self.socket.send(msgpack.packb(list(message)))

    def say_bytes(self, frame):
        self.socket.send(frame)

    def hear(self, kind, seconds=20):
        return self.hear_one_of((kind,), seconds)

    def hear_one_of(self, kinds, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in self.heard:
                if message[0] in kinds:
                    self.heard.remove(message)
                    return message
            if self.socket.poll(100):
                self.heard.append(msgpack.unpackb(self.socket.recv()))
        raise AssertionError(f"no {' or '.join(kinds)} within {seconds} s; heard {self.heard[-3:]}")

    def publish(self, source, epoch, first, events):
        self.say("publish", self.session, source, epoch, first, events)

    def query(self, what, **arguments):
        rows, start = [], None
        while True:
            given = dict(arguments)
            if start:
                given["from"] = start
            self.say("query", self.session, 7, what, given)
            _, _, more, page, start = self.hear("reply")
            rows += page
            if not more:
                return rows


def event(source, seq, kind, subject, data, time_us=None):
    return [1, "", source, seq, kind, subject, time_us or time.time_ns() // 1000, {}, data]


def ticket(source, seq, receipt, lines, outlet="S1", day="2026-03-01", currency="GBP", kind="ticket.sold", **more):
    return event(source, seq, kind, outlet, {"outlet": outlet, "receipt": receipt, "currency": currency, "day": day, "lines": lines, **more})


SMALL = """
warehouses:
  - {warehouse: WH-1, name: Warehouse, tz_offset: 0}
carriers:
  - {carrier: VAN, name: Van, capacity: 100, cost_per_stop: 5.00, cost_per_km: 0.50, currency: GBP, speed: 50}
outlets:
  - {outlet: S1, name: One, tier: 1, kind: own_store, currency: GBP, tz_offset: 0, upstreams: [{warehouse: WH-1}]}
  - {outlet: S3, name: Three, tier: 1, kind: own_store, currency: GBP, tz_offset: 0, upstreams: [{warehouse: WH-1}]}
  - {outlet: S2, name: Two, tier: 2, kind: dealer, currency: GBP, tz_offset: 0, upstreams: [{warehouse: WH-1}]}
lanes:
  - {lane: WH-1-S1, from: WH-1, to: S1, carrier: VAN, lead_time: 60, cost: 3.00, currency: GBP}
  - {lane: WH-1-S3, from: WH-1, to: S3, carrier: VAN, lead_time: 60, cost: 3.00, currency: GBP}
  - {lane: WH-1-S2, from: WH-1, to: S2, carrier: VAN, lead_time: 90, cost: 4.00, currency: GBP}
products:
  - {sku: A, name: Apple, category: FRUIT, goods: true}
  - {sku: B, name: Bread, category: BAKERY, goods: true, pack: 6}
  - {sku: POST, name: Postage, goods: false}
prices:
  - {sku: A, currency: GBP, list: 2.55, floor: 2.00, ceiling: 3.00}
stock_policies:
  - {category: FRUIT, reorder_point: 5, order_up_to: 20}
terminals:
  - {terminal: S1/T1, outlet: S1}
  - {terminal: S1/T2, outlet: S1}
  - {terminal: S2/T1, outlet: S2}
  - {terminal: S2/T2, outlet: S2}
  - {terminal: S2/T3, outlet: S2}
  - {terminal: S3/T1, outlet: S3}
"""
