#!/usr/bin/env python3
"""Seeds of the fuzz targets, made of the golden samples of schemas/golden: plays at doors, rows of stores, files as people write them.

    seeds.py            write corpus/<target>/seed-*
    seeds.py --check    change nothing; exits 1 when what stands there is not what would be written

What fuzzing found stands beside them as found-*, and stays.
"""

import gzip
import json
import pathlib
import re
import struct
import sys

import msgpack

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(TOP / "schemas"))

from generator import services as routes  # noqa: E402
from generator.model import Model  # noqa: E402

START_US = 1773216000000000  # of the targets' clocks
DOORS = ("partners", "orders", "inventory", "logistics", "kpi")
CLIENT, OTHER, TIME, UPSTREAM = 0, 1, 2, 3
EPOCH = 7
ARGUMENTS = ("outlet", "sku", "state", "scope", "key", "currency", "day", "target", "terminal", "warehouse", "shipment", "restock", "kind")


def step(who, said=b"", number=None):
    return struct.pack(">BH", who, len(said) if number is None else number) + said


def wait(ms):
    """A step of time has a size and no bytes."""
    return step(TIME, number=ms)


def frame(*message):
    return msgpack.packb(list(message))


def golden_data(event, case):
    versions = json.loads((TOP / "schemas" / "golden" / f"{event}.json").read_text(encoding="utf-8"))["versions"]
    return next(bytes.fromhex(c["hex"]) for c in versions[-1]["cases"] if c["case"] == case)


def packed_event(event, source, seq, case="full", time_us=START_US):
    head = [1, "", source, seq, event, "S1", time_us, {}]
    return b"\x99" + b"".join(msgpack.packb(part) for part in head) + golden_data(event, case)


def with_events(head, events):
    """A message whose last part is a list of events that are packed already."""
    packed = msgpack.packb(head + [[0] * len(events)])
    return packed[:-len(events)] + b"".join(events) if events else packed


def publish(session, source, first, events):
    return with_events(["publish", session, source, EPOCH, first], events)


class Door:
    """Plays before one service."""

    def __init__(self, model, number):
        self.first = bytes([number])
        self.name = DOORS[number]
        heard = routes.services_of(model, TOP / "services")[self.name]
        self.outside = [e.name for e in heard if e.document.role != "service" and e.name != "clock.ticked"]
        self.follows = routes.follows(heard)
        self.inside = {up: [e.name for e in heard if e.publisher == up] for up in self.follows}

    def upstream(self, index):
        return UPSTREAM + (index - UPSTREAM) % len(self.follows)

    def greet(self, session=START_US + 1):
        return step(CLIENT, frame("hello", 1, "fuzz", [["till", EPOCH]])), session

    def questions(self):
        """The kernel's, and those that the service's main names."""
        main = (TOP / "services" / self.name / "main.c").read_text(encoding="utf-8")
        return ["status", "sources", "quarantine", "settings", "hash"] + re.findall(r'\{"([a-z_.]+)", query_', main)

    def plays(self):
        hello, session = self.greet()
        say = lambda *message: step(CLIENT, frame(*message))  # noqa: E731
        yield "talk", hello + say("ping", session, [["till", EPOCH, 9]]) + say("subscribe", session, 1, [], [], 1, 100) \
            + say("credit", session, 1, 5, 0) + wait(1500) + say("unsubscribe", session, 1) + wait(1500)
        yield "ask", hello + b"".join(say("query", session, n, what, {}) for n, what in enumerate(self.questions()))
        yield "torn", hello + step(CLIENT, publish(session, "till", 1, [b"\xc1"])) \
            + step(CLIENT, publish(session, "till", 2, [packed_event("ticket.sold", "till", 9)])) \
            + step(CLIENT, publish(session, "till", 3, [packed_event("ticket.sold", "till", 3)[:-5]])) \
            + say("query", session, 1, "quarantine.retry", {"number": 1}) + say("query", session, 1, "quarantine.discard", {"number": 2}) \
            + say("query", session, 1, "quarantine", {"number": 3}) + wait(1200)
        yield "nameless", step(CLIENT, frame("hello", 1, "fuzz", [["", EPOCH]])) + hello + say("ping", session, [["", EPOCH, 9]]) \
            + step(CLIENT, publish(session, "", 1, [packed_event("ticket.sold", "", 1)])) + wait(1200)
        for name, value in (("nothing", ""), ("one", "S1"), ("long", "n" * 500)):
            yield f"ask-{name}", hello + b"".join(say("query", session, n, what, dict.fromkeys(ARGUMENTS, value) | {"from": value.encode()})
                                                  for n, what in enumerate(self.questions()))
        if self.name == "kpi":
            yield "view", hello + say("subscribe", session, 2, ["kpi.updated"], [], 1, 10) + wait(1500)
        for case in ("least", "full", "lowest", "highest"):
            events = [packed_event(e, "till", n + 1, case) for n, e in enumerate(self.outside)]
            if events:
                yield f"says-{case}", hello + b"".join(
                    step(CLIENT, publish(session, "till", n + 1, [e])) for n, e in enumerate(events)) + wait(3000)
        yield from self.feeds(hello, session)

    def feeds(self, hello, session):
        for case in ("least", "full"):
            play = wait(1500) + hello + step(CLIENT, frame("subscribe", session, 1, [], [], 1, 1000))
            for index, name in enumerate(self.follows):
                who, events = self.upstream(index), [packed_event(e, name, n + 1, case) for n, e in enumerate(self.inside[name])]
                play += step(who, frame("welcome", 1, name, EPOCH, len(events), 5, [], START_US))
                play += step(who, with_events(["batch", 1, name, EPOCH, 0, len(events), len(events)], events))
                play += step(who, frame("head", 1, name, EPOCH, len(events) + 3, len(events))) + step(who, frame("pong", START_US, EPOCH, 99))
            if self.follows:
                yield f"hears-{case}", play + wait(4000)


def answers():
    """Doors that a client meets: who says what, and the client's own two events of `till` before."""
    door, till, office = 0, 2, 3
    say = lambda *message: step(door, frame(*message))  # noqa: E731
    welcome = lambda session, *sources: say("welcome", 1, "orders", EPOCH, 9, session, list(sources), START_US)  # noqa: E731
    event = packed_event("sale.recorded", "orders", 1)
    yield "acknowledged", welcome(1, ["till", START_US, 1]) + say("ack", "till", START_US, 2, [], [])
    yield "refused", welcome(1, ["till", START_US, 1]) + say("ack", "till", START_US, 2, [], [[2, "unwanted", "no"]])
    yield "again", welcome(1, ["till", START_US, 2]) + say("ack", "till", START_US, 2, [[1, 2]], [[1, "unwanted", "no"]])
    yield "resend", welcome(1) + say("resend", "till", START_US, 1, "gap", "again", 0) + say("resend", "till", START_US, 9, "gap", "", 100)
    yield "fenced", welcome(1, ["till", START_US + 5, 0]) + step(till) + say("resend", "till", START_US + 9, 0, "epoch_fenced", "", 0)
    yield "other", welcome(1, ["till", START_US, 99]) + welcome(2, ["till", START_US, 99]) + wait(3000) + step(office)
    yield "heard", welcome(1) + step(door, with_events(["batch", 1, "orders", EPOCH, 0, 1, 9], [event])) \
        + say("head", 1, "orders", EPOCH, 9, 1) + wait(2000) + say("head", 1, "orders", EPOCH + 1, 2, 0)
    yield "asked", welcome(1) + say("reply", 0, True, [{"a": 1}], b"") + say("pong", START_US, EPOCH, 9) + say("error", "hello_first", "")


def row(table, key, value):
    return step(table, bytes([len(key)]) + key + value)


def spools():
    sources, events, heard = 0, 1, 2
    source = lambda name, epoch, last, acked: row(sources, name, struct.pack("<QQQ", epoch, last, acked))  # noqa: E731
    event = lambda arrival, seq, name=b"till", said=None: row(  # noqa: E731
        events, struct.pack(">Q", arrival), struct.pack(">QQB", EPOCH, seq, len(name)) + name
        + (packed_event("ticket.sold", name.decode(), seq) if said is None else said))
    yield "two", source(b"till", EPOCH, 2, 0) + event(1, 1) + event(2, 2) + row(heard, b"feed", struct.pack("<QQ", EPOCH, 3))
    yield "acked", source(b"till", EPOCH, 3, 2) + event(1, 1) + event(2, 2) + event(3, 3)
    yield "torn", source(b"till", EPOCH, 2, 0) + event(1, 1, said=b"\xc1") + event(2, 2, said=b"")
    yield "stranger", source(b"till", EPOCH, 2, 0) + event(1, 1, name=b"nobody")
    yield "backwards", source(b"till", EPOCH, 1, 5) + event(1, 6)
    yield "long", source(b"n" * 250, EPOCH, 1, 0) + event(1, 1, name=b"n" * 250)
    yield "large", source(b"till", EPOCH, 1, 0) + event(1, 1, said=b"\xc6\x00\x00\xf0\x00" + bytes(0xf000))
    yield "end", source(b"till", 2**53 - 1, 2**64 - 1, 0) + event(2**64 - 1, 1)


def stores():
    meta, cursor, journal, intake, quarantine, refused = range(6)
    number = lambda n: struct.pack(">Q", n)  # noqa: E731
    said = row(journal, b"1", packed_event("sale.recorded", "orders", 1)) + row(journal, b"1", packed_event("sale.recorded", "orders", 2))
    told = row(intake, b"1", msgpack.packb(["till", EPOCH, 0, 1, 1, START_US, packed_event("ticket.sold", "till", 1)]))
    books = row(meta, b"meta", struct.pack("<QQQQqqq", 5, 2, 1, 1, START_US, START_US, 0))
    stands = row(cursor, b"till", struct.pack("<QQQQQq", EPOCH, 1, 0, 0, 0, START_US))
    aside = row(quarantine, number(1), msgpack.packb(["till", EPOCH, 1, START_US, "torn", b"\xc1"]))
    yield "whole", books + said + told + stands + aside + row(refused, b"till\0" + number(EPOCH) + number(1), b"unwanted\0no")
    yield "holes", books + row(journal, b"\xff", packed_event("sale.recorded", "orders", 1)) + row(intake, b"\xff", b"\x96")
    yield "short", row(meta, b"meta", b"123") + said
    yield "beyond", row(meta, b"meta", struct.pack("<QQQQqqq", 2**60, 2, 1, 1, START_US, START_US, 0)) + stands
    yield "odd", books + row(cursor, b"till", b"123") + row(quarantine, b"1", b"\x91") + row(journal, b"1", b"")


STAFF = """outlets:
  - {code: OUT-001, name: First, tier: 1, currency: GBP, city: Leeds}
warehouses: [{code: WH-1, name: North}]
carriers: [{code: C1, name: Fast}]
suppliers:
  - {code: SUP, name: Maker, lead_days: 3}
lanes:
  - {from: WH-1, to: OUT-001, carrier: C1, minutes: 90}
products:
  - sku: A
    name: "Tea, 网"
    category: food
prices: [{sku: A, scope: network, key: '', currency: GBP, price: 2.55, from: 2026-03-01T00:00:00Z, min: 2.00, max: 3}]
stock_policies:
  - {sku: A, place: OUT-001, reorder_point: 5, order_up_to: 20.5}
targets: [{id: T1, scope: outlet, key: OUT-001, metric: revenue, currency: GBP, value: 1000.00, from: 2026-03-01, to: 2026-03-31}]
terminals: [{code: OUT-001/T1, outlet: OUT-001}]
"""
NETWORK = """dir: /tmp/run
log_level: trace
doors: {orders: "ipc:///tmp/o.door", kpi: tcp://127.0.0.1:7000}
store:
  map_mib: 32
  cache_mib: 16
turn: {events_max: 64, kib_max: 512}
settings:
  - {service: inventory, name: restock_minutes, value: 5}
"""
RETAIL = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,"WHITE ""HANGING"" HEART, T-LIGHT",6,2010-12-01 08:26:00,2.55,17850,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom
536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom
x,y,z
"""
JOURNEY = """household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,transaction_timestamp
900,330,31198570044,1095275,1,0.50,0,2017-01-01 11:53:26
900,330,31198570044,9878513,2,4.440892098500626e-16,0,2017-07-01 12:10:28
,,,,,,,
"""


def files():
    yield "fuzz_apply", "every-kind", STAFF.encode()
    yield "fuzz_apply", "anchors", b"products: &a [{sku: A, name: B}]\nprices: *a\nunknown: 1\n? {a: 1}\n: 2\n"
    yield "fuzz_apply", "key-no-text", b"outlets:\n  - {{a: 1}: 2, code: OUT-001}\n"
    yield "fuzz_params", "every-key", NETWORK.encode()
    yield "fuzz_params", "as-shipped", (TOP / "deploy" / "network.yaml").read_bytes()
    yield "fuzz_csv", "retail", b"\x00" + RETAIL.encode()
    yield "fuzz_csv", "journey", b"\x01" + JOURNEY.encode()
    yield "fuzz_csv", "retail.gz", b"\x00" + gzip.compress(RETAIL.encode(), mtime=0)
    yield "fuzz_csv", "zeros.gz", b"\x01" + gzip.compress(JOURNEY.encode() + bytes(300000), mtime=0)


def seeds():
    model = Model(TOP / "schemas")
    for index, event in enumerate(sorted(model.events, key=lambda e: e.name)):
        for case in ("least", "full"):
            yield "fuzz_event", f"{event.name}-{case}", bytes([index]) + golden_data(event.name, case)
    for number, name in enumerate(DOORS):
        door = Door(model, number)
        for play, script in door.plays():
            yield "fuzz_door", f"{name}-{play}", door.first + script
    for target, plays in (("fuzz_answers", answers), ("fuzz_spool", spools), ("fuzz_stored", stores)):
        for play, script in plays():
            yield target, play, b"\0" + script
    yield from files()


def main():
    check, wrong = "--check" in sys.argv[1:], 0
    for target, name, data in seeds():
        path = HERE / "corpus" / target / f"seed-{name}"
        if path.is_file() and path.read_bytes() == data:
            continue
        wrong += 1
        if check:
            print(f"{path.relative_to(TOP)} is not current")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
