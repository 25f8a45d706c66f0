#!/usr/bin/env python3
"""Peers of overload.py: tills that behave, and two that are processes of their own.

  tills.py flooder  --door D --rate N --seconds N   a till that sends too much
  tills.py listener --door D --rate N --file F      a subscriber that writes down what it hears, with so much credit
"""

import argparse
import random
import sys
import time

import msgpack
import zmq

from network import Broken
from harness import ticket


def name_of(number):
    return f"O{number // 20:02}/T{number % 20:02}"


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peers = {"flooder": flooder, "listener": listener}
    parser.add_argument("what", choices=peers)
    for name, kind in (("--door", str), ("--file", str), ("--rate", int), ("--seconds", float)):
        parser.add_argument(name, type=kind)
    options = parser.parse_args()
    peers[options.what](options)


if __name__ == "__main__":
    main()
