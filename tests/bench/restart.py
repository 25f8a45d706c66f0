#!/usr/bin/env python3
"""How long a service with a long journal takes from its death to serving: restart.py [--mib 1024] [--rounds 10]

Sells through `tributary bench` until the journal of orders alone holds that many MiB, then kills orders again and again, while its
supervisor starts it anew, and once the whole network, with its pages dropped from the system's cache. Serving means: a new sale has been
acknowledged. TRIBUTARY_BIN names the build, TMPDIR the disk (with room for six times the journal).
"""

import argparse
import os
import pathlib
import statistics
import sys
import time

import msgpack
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from harness import SMALL, SERVICES, Door, Network, ticket  # noqa: E402

SALES = 500000
SAMPLE = 2000


def journal_bytes(network):
    """As the events are on the wire, which is how they are kept: a sample of them, times their number."""
    door = Door(network.door("orders"), "a measure")
    head = door.welcome[4]
    door.say("subscribe", door.session, 1, [], [], max(1, head - SAMPLE), SAMPLE)
    events = []
    while len(events) < SAMPLE:
        events += door.hear("batch")[7]
    door.close()
    return head * sum(len(msgpack.packb(event)) for event in events) // len(events), head


class Till:
    """Asks until it is answered: a connection of its own for every attempt, since a dead one may take its time to notice."""

    def __init__(self, network):
        self.endpoint, self.epoch, self.seq = network.door("orders"), time.time_ns() // 1000, 0

    def sell(self):
        """Seconds until the next sale is acknowledged."""
        began = time.monotonic()
        while time.monotonic() - began < 60:
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(self.endpoint)
            try:
                if self.attempt(socket):
                    return time.monotonic() - began
            finally:
                socket.close()
        raise SystemExit("no sale is acknowledged within 60 s")

    def attempt(self, socket):
        socket.send(msgpack.packb(["hello", 1, "a till", [["S1/T1", self.epoch]]]))
        if not socket.poll(20):
            return False
        welcome = msgpack.unpackb(socket.recv())
        self.seq = welcome[6][0][2]
        sale = ticket("S1/T1", self.seq, f"R{self.epoch}-{self.seq}", [{"sku": "A", "quantity": 1000, "unit_price": 25500}])
        socket.send(msgpack.packb(["publish", welcome[5], "S1/T1", self.epoch, self.seq, [sale]]))
        while socket.poll(2000):
            message = msgpack.unpackb(socket.recv())
            if message[0] == "ack":
                return message[3] >= self.seq
        return False


def forget_pages(network):
    """A cold start: nothing of the stores is in memory."""
    for service in SERVICES:
        file = os.open(os.path.join(network.dir, service, "data.mdb"), os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    with Network() as network:
        held = head = 0
        while held < given.mib << 20:
            code, _, err = network.run("bench", "--sales", SALES, "--rounds", 1, "--seconds", 0, "--no-floors", timeout=600)
            assert code == 0, err
            held, head = journal_bytes(network)
        assert network.apply(SMALL)[0] == 0
        network.settle(600)
        till = Till(network)
        till.sell()
        times = []
        for _ in range(given.rounds):
            assert network.kill("orders")
            times.append(till.sell())
            time.sleep(1)
        network.stop()
        forget_pages(network)
        began = time.monotonic()
        network.start()
        till.sell()
        cold = time.monotonic() - began
        store = os.path.getsize(os.path.join(network.dir, "orders", "data.mdb"))
    print(f"journal of orders {held >> 20} MiB, {head} events; its store {store >> 20} MiB")
    print(f"killed, until a new sale is acknowledged: median {statistics.median(times) * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms, "
          f"{given.rounds} times")
    print(f"the whole network, its pages not in memory: {cold * 1000:.0f} ms")
    return 0 if max(times) <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
