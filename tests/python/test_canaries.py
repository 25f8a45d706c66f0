#!/usr/bin/env python3
"""Goal: a curious dealer hears no byte of another's. Method: random requests at all doors of real processes, canaries searched in every byte.

TRIBUTARY_OPEN_BIN names a build whose guard lets everything through (-DMUTANT=GUARD_OPEN): with it the search must find some.
"""

import os
import pathlib
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from canaries import CANARY_NUMBERS, CANARY_TEXTS, Canaries, stock_canaries, until  # noqa: E402
from harness import BIN, SERVICES, Network  # noqa: E402

REQUESTS = int(os.environ.get("CANARY_REQUESTS", 10000))


class Search(unittest.TestCase):
    def search(self, binaries, role, *options):
        with Network(binaries=binaries) as network:
            stock_canaries(network)
            token = network.enrol(role, "D1", *options)["token"]
            for service in SERVICES:
                until(lambda service=service: "principals=8" in pathlib.Path(network.dir, f"{service}.log").read_text())
            seed = int(os.environ.get("SEED", random.randrange(10 ** 6)))
            search = Canaries(network, token, seed).run(REQUESTS)
            print(f"{role} of {', '.join(options) or 'everything'}, seed {seed}: {REQUESTS} requests, {search.messages} messages and {search.bytes} bytes heard, "
                  f"{len(search.found)} with a canary")
            return search

    def test_no_byte_of_another_dealer_is_heard(self):
        search = self.search(BIN, "dealer", "--outlet", "S1")
        self.assertEqual(search.found[:3], [])
        self.assertGreater(search.messages, REQUESTS // 3)

    def test_the_canaries_are_there_for_who_sees_all(self):
        found = {canary for canary, _ in self.search(BIN, "dashboard").found}
        self.assertLessEqual(set(CANARY_TEXTS), found)
        self.assertTrue(found & set(CANARY_NUMBERS))

    @unittest.skipUnless("TRIBUTARY_OPEN_BIN" in os.environ, "no build with an open guard (TRIBUTARY_OPEN_BIN)")
    def test_an_open_guard_is_found_out(self):
        self.assertTrue(self.search(os.environ["TRIBUTARY_OPEN_BIN"], "dealer", "--outlet", "S1").found)


if __name__ == "__main__":
    unittest.main()
