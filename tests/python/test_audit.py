#!/usr/bin/env python3
"""Goal: every act of an operator leaves a line that cannot be changed, removed or moved without being found. Method: the acts of the
command on a network of real processes; then the file is damaged byte by byte and line by line; the hashes are made again by hashlib."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BIN, SMALL, Door, Network  # noqa: E402


def acts(network):
    code, out, err = network.run("audit", "list", "--json")
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def named(network, act, number=-1):
    found = [line for line in acts(network) if line["act"] == act]
    assert found, f"no {act} in {[line['act'] for line in acts(network)]}"
    return found[number]


class Audit(unittest.TestCase):
    def network(self):
        network = Network()
        network.__enter__()
        self.addCleanup(network.__exit__, None, None, None)
        return network

    def verify(self, network, *arguments):
        """What is wrong, by line; exit code and findings agree."""
        code, out, err = network.run("audit", "verify", "--json", *arguments)
        self.assertIn(code, (0, 1), err)
        *wrong, last = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(wrong), last["wrong_lines"])
        self.assertEqual(code, 1 if wrong else 0)
        return [(row["line"], row["wrong"]) for row in wrong]

    def head(self, network):
        code, out, err = network.run("audit", "head")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"^[0-9a-f]{64}\n$")
        return out.strip()

    def quarantined(self, network, count):
        door = Door(network.door("orders"), "a till of another make", [("S9/T1", 3)])
        for seq in range(1, count + 1):
            door.publish("S9/T1", 3, seq, [[1, "", "S9/T1", seq, "nobody.knows", "S9", 1, {}, {}]])
            door.hear("ack")
        door.close()

    def assert_chained(self, network):
        previous = "0" * 64
        for number, line in enumerate(pathlib.Path(network.dir, "audit.log").read_bytes().splitlines(), 1):
            act = json.loads(line)
            self.assertEqual(list(act), ["n", "time", "who", "act", "object", "detail", "previous", "hash"])
            hashed = line[:line.rindex(b'","hash":"')]
            self.assertEqual(act["n"], number)
            self.assertEqual(act["previous"], previous)
            self.assertEqual(act["hash"], hashlib.blake2b(hashed, digest_size=32).hexdigest())
            previous = act["hash"]
        self.assertEqual(self.head(network), previous)

    def test_every_act_of_the_command_is_noted_before_and_after(self):
        network = self.network()
        self.assertEqual(named(network, "up")["detail"], "begun")
        self.assertRegex(named(network, "up")["who"], rf"\(uid {os.getuid()}\)$")

        self.assertEqual(network.apply(SMALL)[0], 0)
        applied = pathlib.Path(network.folder, "apply.yaml").read_bytes()
        self.assertIn(hashlib.blake2b(applied, digest_size=32).hexdigest(), named(network, "apply", 0)["detail"])
        self.assertTrue(named(network, "apply", 0)["detail"].startswith("begun: "))
        self.assertRegex(named(network, "apply")["detail"], r"^done: \d+ records, [1-9]\d* changed, 0 refused$")

        self.quarantined(network, 2)
        self.assertEqual(network.run("quarantine", "discard", "orders", 1)[0], 0)
        self.assertEqual(named(network, "quarantine.discard")["object"], "orders 1")
        self.assertTrue(named(network, "quarantine.discard")["detail"].startswith("done"))
        self.assertEqual(network.run("quarantine", "retry", "orders", 2)[0], 1)
        self.assertTrue(named(network, "quarantine.retry")["detail"].startswith("failed with code 1: "))

        self.assertEqual(network.run("keys", "enrol", "dashboard", "office")[0], 0)
        self.assertEqual(network.run("keys", "revoke", "office")[0], 0)
        self.assertEqual(named(network, "keys.enrol", 0)["detail"], "begun: dashboard")
        self.assertTrue(named(network, "keys.enrol")["detail"].startswith("done: public key "))
        self.assertEqual((named(network, "keys.revoke")["object"], named(network, "keys.revoke")["detail"]), ("office", "done"))
        self.assertEqual(network.run("keys", "revoke", "nobody")[0], 1)
        self.assertEqual(named(network, "keys.revoke")["detail"], "failed with code 1")

        backup = os.path.join(network.folder, "monday")
        self.assertEqual(network.run("backup", backup)[0], 0)
        self.assertRegex(named(network, "backup")["detail"], r"^done: [1-9]\d* rows, ")
        before = len(acts(network))
        for look in (["get", "status"], ["check", "--shallow"], ["quarantine", "list"], ["audit", "list"], ["keys", "list"], ["rebuild", "orders"]):
            self.assertEqual(network.run(*look)[0], 0, look)
        self.assertEqual(len(acts(network)), before, "looking is not acting")

        self.assertEqual(network.stop(), 0)
        self.assertRegex(named(network, "stop")["detail"], rf"^done: signal 15 of uid {os.getuid()}$")
        code, _, err = network.run("rebuild", "orders", "--replace")
        self.assertIn(code, (0, 1), err)
        self.assertEqual(named(network, "rebuild replace", 0)["detail"], "begun")
        self.assertTrue(named(network, "rebuild replace")["detail"].startswith("done" if code == 0 else "failed"))
        self.assertEqual(network.run("restore", backup)[0], 0)
        self.assertRegex(named(network, "restore")["detail"], r"^done: all stores, epoch \d+$")
        self.assertEqual(named(network, "restore")["object"], backup)
        self.assert_chained(network)
        self.assertEqual(self.verify(network, "--anchor", self.head(network)), [])
        network.start()

    def test_a_decision_at_the_door_is_noted_whoever_asks(self):
        network = self.network()
        self.quarantined(network, 2)
        door = Door(network.door("orders"), "a client of somebody's own")
        door.say("query", door.session, 5, "quarantine.discard", {"number": 1})
        door.hear("reply")
        noted = named(network, "quarantine.discard")
        self.assertEqual((noted["object"], noted["detail"]), ("orders 1", "asked for at the door"))
        self.assertRegex(noted["who"], r"^\S+ \(at the door\)$")
        log = pathlib.Path(network.dir, "audit.log")
        log.rename(log.with_suffix(".aside"))
        log.mkdir()
        try:
            door.say("query", door.session, 6, "quarantine.discard", {"number": 2})
            self.assertEqual(door.hear("error")[1], "not_noted")
            self.assertEqual([row["number"] for row in network.rows("quarantine", "list", "orders")], [2])
        finally:
            log.rmdir()
            log.with_suffix(".aside").rename(log)
        door.close()
        self.assertEqual(self.verify(network), [])

    def test_a_refused_apply_is_noted_with_what_was_refused(self):
        network = self.network()
        code, _, err = network.apply("prices:\n  - {sku: NONE, currency: GBP, list: 1.00}\n")
        self.assertEqual(code, 1, err)
        noted = [act for act in acts(network) if act["act"] == "apply"]
        self.assertEqual(noted[-1]["detail"], "failed with code 1: 1 records, 0 changed, 1 refused")
        code, _, err = network.run("apply", os.path.join(network.folder, "absent.yaml"))
        self.assertEqual(code, 2, err)
        self.assertEqual([act for act in acts(network) if act["act"] == "apply"], noted, "what did not begin is not noted")

    def test_every_flipped_byte_is_found(self):
        network = self.network()
        self.assertEqual(network.stop(), 0)
        path = pathlib.Path(network.dir, "audit.log")
        whole = path.read_bytes()
        self.assertEqual(self.verify(network), [])
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1:])
            wrong = self.verify(network)
            self.assertTrue(wrong, f"byte {at} was flipped and nothing found")
            self.assertEqual(wrong[0][0], 1 + whole.count(b"\n", 0, at))
        path.write_bytes(whole)
        self.assertEqual(self.verify(network), [])

    def test_lines_that_are_removed_moved_repeated_or_cut_off_are_named(self):
        network = self.network()
        self.assertEqual(network.apply(SMALL)[0], 0)
        self.assertEqual(network.apply(SMALL)[0], 0)
        path = pathlib.Path(network.dir, "audit.log")
        lines = path.read_bytes().splitlines(keepends=True)
        anchor = self.head(network)
        cases = {
            "a line less": (lines[:2] + lines[3:], (3, "removed")),
            "the first one less": (lines[1:], (1, "removed")),
            "a line twice": (lines[:2] + lines[1:], (3, "reordered")),
            "two exchanged": ([lines[1], lines[0]] + lines[2:], (1, "removed")),
            "half a line": (lines[:-1] + [lines[-1][:-30]], (len(lines), "torn")),
        }
        for what, (changed, wanted) in cases.items():
            path.write_bytes(b"".join(changed))
            self.assertEqual(self.verify(network)[0], wanted, what)
        path.write_bytes(b"".join(lines[:-1]))
        self.assertEqual(self.verify(network), [], "only an anchor can tell")
        self.assertEqual(self.verify(network, "--anchor", anchor), [(len(lines) - 1, "truncated")])
        path.write_bytes(b"".join(lines))
        self.assertEqual(self.verify(network, "--anchor", anchor), [])
        self.assertEqual(network.run("audit", "verify", "--anchor", anchor[:-1])[0], 2)
        self.assertEqual(network.run("audit", "burn")[0], 2)

    def test_a_torn_line_is_repaired_by_the_next_act(self):
        network = self.network()
        path = pathlib.Path(network.dir, "audit.log")
        whole = path.read_bytes()
        torn = whole + b'{"n":2,"time":"2026-03-01T10:'
        path.write_bytes(torn)
        self.assertEqual(self.verify(network), [(2, "torn")])
        self.assertEqual(network.apply(SMALL)[0], 0)
        self.assertEqual(self.verify(network), [])
        self.assertEqual(acts(network)[1]["act"], "audit.repair")
        self.assertEqual(pathlib.Path(network.dir, "audit.torn").read_bytes(), torn[len(whole):])

    def test_operators_at_the_same_time_write_whole_lines(self):
        network = self.network()
        path = os.path.join(network.folder, "same.yaml")
        pathlib.Path(path).write_text(SMALL, encoding="utf-8")
        codes = []
        workers = [threading.Thread(target=lambda user: codes.append(network.run("apply", path, "--user", user)[0]), args=(user,))
                   for user in ("ann", "bo", "cem", "dai", "eve")]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(codes, [0] * 5)
        self.assertEqual(len([act for act in acts(network) if act["act"] == "apply"]), 10)
        self.assert_chained(network)

    def test_an_act_that_cannot_be_noted_does_not_begin(self):
        network = self.network()
        self.assertEqual(network.apply(SMALL)[0], 0)
        before = network.hashes()
        log = pathlib.Path(network.dir, "audit.log")
        log.rename(log.with_suffix(".aside"))
        log.mkdir()  # even the superuser cannot write into it
        try:
            code, _, err = network.apply(SMALL.replace("2.55", "2.66"))
            self.assertEqual(code, 1, err)
            self.assertIn("cannot be noted", err)
            self.assertEqual(network.hashes(), before)
            self.assertEqual(network.run("backup", os.path.join(network.folder, "never"))[0], 1)
            self.assertFalse(os.path.exists(os.path.join(network.folder, "never", "manifest.json")))
        finally:
            log.rmdir()
            log.with_suffix(".aside").rename(log)
        self.assertEqual(self.verify(network), [])

    def test_what_was_never_noted_has_no_lines(self):
        empty = subprocess.run([BIN / "tributary", "audit", "verify", "--dir", "/nowhere/at/all"], capture_output=True, text=True, check=False)
        self.assertEqual(empty.returncode, 1)
        self.assertIn("nothing was ever noted", empty.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
