"""What is confidential about outlet S2, told apart by canaries, and whoever asks for it at all doors; what dealers hand in."""

import os
import random
import sys
import time

import msgpack

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import SERVICES, SMALL, Door, event, ticket  # noqa: E402

A1 = [{"sku": "A", "quantity": 1000, "unit_price": 25500}]
CANARY_TEXTS = [b"CANARYRECEIPT", b"CANARYSKU", b"CANARYORDER", b"CANARYDESK"]
CANARY_PRICE = 76543210         # of one piece, so that sums of it are seen as well
CANARY_QUANTITY = 1000
CANARY_NUMBERS = [msgpack.packb(n) for n in (CANARY_PRICE, CANARY_PRICE // 100, CANARY_PRICE // 100 * 2, CANARY_PRICE // 100 * 3)]
LONG = 60                       # seconds that a starved machine may take for what takes milliseconds


# What dealers read, claim on and appeal against.
OFFICE = """
notices: [{notice: DEALERS, title: Spring, receipt: true}]
funds: [{fund: SPRING, name: Spring, currency: GBP, budget: 1000.00, from: 2026-01-01, until: 2026-12-31}]
appraisals: [{appraisal: A-26, from: 2026-03-01, until: 2026-03-31, tier: 2, currency: GBP, metrics: [{metric: revenue, weight_bp: 10000, direction: higher, floor: 0, goal: 900}]}]
"""


def handed_in(name):
    """What a dealer of that name may hand in, without its outlet."""
    return [("ticket.submitted", {"ticket": f"T-{name}", "kind": "it", "severity": "low", "about": "the till is slow"}),
            ("claim.submitted", {"claim": f"C-{name}", "fund": "SPRING", "amount": 500, "currency": "GBP", "day": "2026-03-01", "purpose": "shelf", "proof": "photo"}),
            ("appeal.submitted", {"appeal": f"P-{name}", "appraisal": "A-26", "reason": "the road was closed"}),
            ("acknowledgement.submitted", {"notice": "DEALERS", "reader": f"dealer/{name}"})]


def until(done, seconds=LONG):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.02)


# What the desk has to do with outlet S2.
DESK = """
budgets: [{budget: CANARYDESK-B, outlet: S2, currency: GBP, amount: 500.00, from: 2026-01-01, until: 2026-12-31}]
credits: [{outlet: S2, currency: GBP, limit: 100.00}]
funds: [{fund: CANARYDESK-F, name: Fund, outlet: S2, currency: GBP, budget: 1000.00, from: 2026-01-01, until: 2026-12-31}]
claims: [{claim: CANARYDESK-C, fund: CANARYDESK-F, outlet: S2, amount: 5.00, currency: GBP, day: 2026-03-01, purpose: shelf, proof: photo}]
commissions: [{commission: CANARYDESK-P, outlet: S2, currency: GBP, rate_bp: 100, shares: [{role: seller, share_bp: 10000}]}]
service_tickets: [{ticket: CANARYDESK-T, kind: complaint, outlet: S2, severity: low, about: CANARYDESK}]
notices: [{notice: CANARYDESK-N, title: CANARYDESK, outlet: S2, receipt: true}]
targets: [{target: CANARYDESK-G, outlet: S2, metric: revenue, currency: GBP, from: 2026-03-01, until: 2026-03-31, value: 900}]
territories: [{territory: CANARYDESK-L, name: Land, holder: S2, kind: shared, areas: [{area: "31"}]}]
promotions: [{promotion: CANARYDESK-O, name: Offer, mechanic: percent, off_bp: 100, currency: GBP, outlet: S2, from: 2026-02-01, until: 2026-12-31, brand_bp: 5000, dealer_bp: 5000}]
schemes: [{scheme: CANARYDESK-R, name: Rebate, basis: revenue, period: month, outlet: S2, currency: GBP, ladder: whole, steps: [{from: 0, rate_bp: 100}], from: 2026-03-01}]
appraisals: [{appraisal: CANARYDESK-S, from: 2026-03-01, until: 2026-03-31, tier: 2, currency: GBP, metrics: [{metric: revenue, weight_bp: 10000, direction: higher, floor: 0, goal: 900}]}]
action_items: [{action_item: CANARYDESK-A, owner: staff/mei, due: 2026-03-05, about: CANARYDESK, outlet: S2}]
members: [{member: CANARYDESK-M, outlet: S2, role: salesperson, from: 2026-01-01}]
courses: [{course: LAMPS, name: All about lamps, kind: product, pass_bp: 8000}]
enrolments: [{enrolment: CANARYDESK-E, course: LAMPS, member: CANARYDESK-M, from: 2026-03-01, due: 2026-03-31}]
"""


def stock_canaries(network):
    """What is confidential about outlet S2: a SKU and what lies of it, receipts, prices, an order, what the desk has to do with it."""
    more = SMALL.replace("products:", "products:\n  - {sku: CANARYSKU, name: Canary, category: FRUIT, goods: true, cost: 1.00, cost_currency: GBP}")
    code, _, err = network.apply(more + DESK)
    assert code == 0, err
    door = Door(network.door("inventory"), "operator", [("wms/WH-1", 1)])
    door.publish("wms/WH-1", 1, 1, [event("wms/WH-1", 1, "stock.counted", "S2", {"place": "S2", "reference": "CANARYDESK-count",
                                                                               "lines": [{"sku": "CANARYSKU", "counted": 90000}]})])
    door.hear("ack")
    door.close()
    door = Door(network.door("orders"), "operator", [("S2/T1", 1), ("S1/T1", 1)])
    lines = [{"sku": "CANARYSKU", "quantity": CANARY_QUANTITY, "unit_price": CANARY_PRICE}]
    for n in (1, 2, 3):
        door.publish("S2/T1", 1, n, [ticket("S2/T1", n, f"CANARYRECEIPT-{n}", lines, outlet="S2")])
        door.hear("ack")
        door.publish("S1/T1", 1, n, [ticket("S1/T1", n, f"R-{n}", A1)])
        door.hear("ack")
    door.publish("S2/T1", 1, 4, [event("S2/T1", 4, "order.requested", "S2", {"outlet": "S2", "order": "CANARYORDER-1", "day": "2026-03-01",
                                                                             "lines": [{"sku": "CANARYSKU", "quantity": 3000}]})])
    door.hear("ack")
    door.close()
    network.settle()


class Canaries:
    """Whatever one may ask, at all doors, and every byte that is heard."""

    QUESTIONS = ["stock", "restocks", "policies", "sales", "kpi", "targets", "terminals", "shipments", "routes", "tickets", "orders", "outlets", "promotions",
                 "records", "record", "sources", "quarantine", "status", "epochs", "settings", "metrics", "hash", "nonsense", "quarantine.retry",
                 "budgets", "held", "turnover", "ageing", "abc", "stuffing", "transfers", "gmroi", "processes", "waiting", "credit", "funds", "claims",
                 "commissions", "service_tickets", "action_items", "notices", "receipts", "agenda", "scorecards", "certificates", "enrolments"]
    NAMES = ["outlet", "sku", "day", "terminal", "state", "kind", "key", "scope", "target", "warehouse", "source", "number", "currency", "from"]
    VALUES = ["S1", "S2", "S2/T1", "S1/T1", "A", "CANARYSKU"[:6], "WH-1", "2026-03-01", "outlet", "product", "terminal", "price", "total", "tier", "GBP",
              "sold", "open", "", "*", "%", "S2\0", "wms/WH-1", 1, 2, -1, 2 ** 53]
    TYPES = ["sale.recorded", "stock.changed", "kpi.updated", "restock.requested", "order.placed", "outlet.declared", "price.declared",
             "shipment.planned", "terminal.declared", "sale.refused", "target.progressed", "product.declared"]

    def __init__(self, network, token, seed):
        self.dice = random.Random(seed)
        self.network, self.token = network, token
        self.found, self.bytes, self.messages, self.froms = [], 0, 0, [b"", b"\0", b"S2\0CANARY"]
        self.doors = {service: self.open(service) for service in SERVICES}

    def open(self, service):
        return Door(self.network.door(service), "dealer", token=self.token)

    def look(self, door, wait):
        while door.socket.poll(wait):
            frame = door.socket.recv()
            self.bytes, self.messages = self.bytes + len(frame), self.messages + 1
            for canary in CANARY_TEXTS + CANARY_NUMBERS:
                if canary in frame:
                    self.found.append((canary, frame[:80]))
            if frame[1:6] == b"\xa5reply":
                start = msgpack.unpackb(frame)[4]
                if start:
                    self.froms = self.froms[-20:] + [start]

    def request(self, door):
        dice, kind = self.dice, self.dice.random()
        if kind < 0.6:
            arguments = {dice.choice(self.NAMES): dice.choice(self.VALUES) for _ in range(dice.randrange(4))}
            arguments.pop("from", None)
            if dice.random() < 0.2:
                arguments["from"] = dice.choice(self.froms)
            if dice.random() < 0.05:
                arguments["from"] = dice.randbytes(dice.randrange(60))
            door.say("query", door.session, dice.randrange(1000), dice.choice(self.QUESTIONS), arguments)
        elif kind < 0.8:
            types = dice.sample(self.TYPES, dice.randrange(4))
            keys = [value for value in dice.sample(self.VALUES, dice.randrange(3)) if isinstance(value, str)]
            door.say("subscribe", door.session, dice.randrange(1, 15), types, keys, dice.randrange(0, 30), dice.randrange(1, 200))
        elif kind < 0.85:
            door.say("credit", door.session, dice.randrange(1, 15), dice.randrange(100), 0)
        elif kind < 0.9:
            door.say("ping", door.session, [["S2/T1", 1, dice.randrange(10)]])
        elif kind < 0.95:
            door.publish(dice.choice(["S2/T1", "S1/T1", "D1", "staff/mei", "wms/WH-1"]), 1, dice.randrange(1, 6),
                         [ticket("S2/T1", 1, "probe", A1, outlet="S2")])
        else:
            door.say("unsubscribe", door.session, dice.randrange(1, 15))

    def run(self, count):
        for number in range(count):
            service = self.dice.choice(SERVICES)
            self.request(self.doors[service])
            if number % 50 == 49:
                for door in self.doors.values():
                    self.look(door, 0)
            if number % 1000 == 999:
                for service, door in self.doors.items():     # another session: subscriptions of the former one are over
                    self.look(door, 100)
                    door.close()
                    self.doors[service] = self.open(service)
        for door in self.doors.values():
            self.look(door, 500)
            door.close()
        return self
