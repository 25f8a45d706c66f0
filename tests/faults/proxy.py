#!/usr/bin/env python3
"""A TCP proxy that spoils what passes, by a seed: proxy.py --seed N FROM:TO FROM:TO ... on the ports of this machine.

Reads commands from its input, one a line, "FROM MODE [N]", for the connections that came to the port FROM (0: all):

  calm        bytes pass as they come
  delay N     each piece waits up to N milliseconds
  split N     pieces of at most N bytes, each sent alone
  merge N     what comes within N milliseconds is sent at once
  stall       nothing is read; it waits in the queues of both sides
  reset N     each connection is reset (RST) after N more bytes or fewer, again and again
  half N      the same, but one direction is closed (FIN), and the other goes on
  count       says how often each has happened, as JSON

Says "ready" when it listens, and ends with its input.
"""

import argparse
import json
import random
import socket
import struct
import sys
import threading
import time

PIECE = 65536


class Spoiler:
    """What happens to the connections of one port."""

    def __init__(self, port, to, seed):
        self.port, self.to, self.dice = port, to, random.Random(seed)
        self.mode, self.number, self.turn = "calm", 0, 0
        self.counts = dict.fromkeys(("connections", "bytes", "delay", "split", "merge", "stall", "reset", "half"), 0)
        self.listening = socket.create_server(("127.0.0.1", port), backlog=256)
        threading.Thread(target=self.accept, daemon=True).start()

    def set(self, mode, number):
        self.number, self.turn, self.mode = number, self.turn + 1, mode

    def accept(self):
        while True:
            near, _ = self.listening.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            self.counts["connections"] += 1
            for this in (near, far):
                this.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source, target):
        turn, left = 0, 0
        try:
            while True:
                while self.mode == "stall":
                    self.counts["stall"] += 1
                    time.sleep(0.01)
                piece = source.recv(PIECE)
                if piece == b"":
                    target.shutdown(socket.SHUT_WR)
                    return
                if self.mode in ("reset", "half"):
                    if turn != self.turn:
                        turn, left = self.turn, self.dice.randrange(1, self.number + 1)
                    if left <= len(piece):
                        target.sendall(piece[:left])
                        self.cut(source, target)
                        return
                    left -= len(piece)
                self.pass_on(source, target, piece)
        except OSError:
            for this in (source, target):
                this.close()

    def cut(self, source, target):
        mode = self.mode
        self.counts[mode] += 1
        if mode == "half":
            target.shutdown(socket.SHUT_WR)
            while source.recv(PIECE) != b"":  # so that its side does not wait
                pass
            return
        for this in (source, target):
            this.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            this.shutdown(socket.SHUT_RD)  # wakes the other direction, which closes them
            this.close()

    def pass_on(self, source, target, piece):
        mode, number = self.mode, self.number
        self.counts["bytes"] += len(piece)
        if mode in ("delay", "merge"):
            self.counts[mode] += 1
            time.sleep(number / 1000 * (self.dice.random() if mode == "delay" else 1))
        if mode == "merge":
            source.setblocking(False)
            try:
                piece += source.recv(PIECE)
            except BlockingIOError:
                pass
            source.setblocking(True)
        while mode == "split" and len(piece) > 0:
            size = self.dice.randrange(1, number + 1)
            target.sendall(piece[:size])
            piece = piece[size:]
            self.counts["split"] += 1
        target.sendall(piece)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("ports", nargs="+", metavar="FROM:TO")
    given = parser.parse_args()
    spoilers = [Spoiler(*map(int, pair.split(":")), given.seed + number) for number, pair in enumerate(given.ports)]
    print("ready", flush=True)
    for line in sys.stdin:
        port, mode, number = (line.split() + ["0"])[:3]
        if mode == "count":
            counts = [spoiler.counts for spoiler in spoilers]
            print(json.dumps({name: sum(count[name] for count in counts) for name in counts[0]}), flush=True)
            continue
        for spoiler in spoilers:
            if int(port) in (0, spoiler.port):
                spoiler.set(mode, int(number))
    return 0


if __name__ == "__main__":
    sys.exit(main())
