#!/usr/bin/env python3
"""What the gateway gives beside a running network: answers a second, events a second over HTTP.

    gateway.py [--seconds S] [--publishers N] [--batch B] [--check]

Answers are counted by wrk, also those of a file that the same library sends in the same run, so that the figure means something on another
machine. --check: exit 1 below 10,000 answers or 5,000 events a second (the best of three rounds).
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from harness import SMALL  # noqa: E402
from web import Web, sale  # noqa: E402


def answers(web, path, seconds):
    """Answers a second by wrk, all of them good."""
    done = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}", "-H", f"Authorization: Bearer {web.token}", "http://%s:%d%s" % (*web.address, path)],
                          capture_output=True, text=True, check=True)
    assert "Non-2xx" not in done.stdout and "Socket errors" not in done.stdout, done.stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1))


class Publisher(threading.Thread):
    """One till that sends one batch after the other over one connection."""

    def __init__(self, web, number, first, until, batch):
        super().__init__()
        self.web, self.until, self.taken = web, until, 0
        self.source, self.seq, self.batch = f"S1/T{number}", first, batch

    def run(self):
        line = http.client.HTTPConnection(*self.web.address, timeout=60)
        head = {"Authorization": "Bearer " + self.web.token, "Content-Type": "application/cloudevents-batch+json"}
        while time.monotonic() < self.until:
            body = json.dumps([sale(self.seq + i, self.source) for i in range(self.batch)])
            line.request("POST", "/v1/events", body, head)
            answer = line.getresponse()
            said = json.loads(answer.read())
            assert answer.status == 200 and all(v["verdict"] == "accepted" for v in said["verdicts"]), said
            self.seq += self.batch
            self.taken += self.batch
        line.close()


def events(web, count, batch, seconds, firsts):
    began = time.monotonic()
    tills = [Publisher(web, i + 1, firsts[i], began + seconds, batch) for i in range(count)]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    for i, till in enumerate(tills):
        firsts[i] = till.seq
    return sum(till.taken for till in tills) / (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--publishers", type=int, default=8)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    with Web() as web:
        tills = "".join(f"  - {{terminal: S1/T{i + 1}, outlet: S1}}\n" for i in range(2, given.publishers))
        assert web.apply(SMALL + tills)[0] == 0
        firsts = [1] * given.publishers
        best = {"file": 0, "rows": 0, "events": 0}
        for _ in range(3):
            best["file"] = max(best["file"], answers(web, "/v1/openapi.yaml", given.seconds))
            best["rows"] = max(best["rows"], answers(web, "/v1/terminals", given.seconds))
            best["events"] = max(best["events"], events(web, given.publishers, given.batch, given.seconds, firsts))
            if best["rows"] >= 10000 and best["events"] >= 5000:
                break
    print(f"{best['rows']:.0f} answers/s (terminals of the network), {best['rows'] / best['file']:.2f} of a file of the same library ({best['file']:.0f}/s)")
    print(f"{best['events']:.0f} events/s over HTTP, {given.publishers} publishers, batches of {given.batch}, each answered when durable")
    return 1 if given.check and (best["rows"] < 10000 or best["events"] < 5000) else 0


if __name__ == "__main__":
    sys.exit(main())
