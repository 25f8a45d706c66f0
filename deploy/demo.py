#!/usr/bin/env python3
"""A demonstration network from a seed: 一网 own stores and 二网 dealers, two warehouses, 500 products, prices, targets, tills.

    deploy/demo.py network              the master data, as YAML for `tributary apply`
    deploy/demo.py opening              first counts of every shelf and both warehouses, as JSON lines for `tributary publish`
    deploy/demo.py outcomes             what came of the rules, in words, from the JSON lines of several `tributary get`
    deploy/demo.py sales --tickets N    tickets of all tills, as JSON lines; --rate R plays them live, R tickets a second

The same seed and the same --now give the same bytes.
"""

import argparse
import datetime
import json
import random
import sys
import time

# City, its place, its code of GB/T 2260.
PROVINCES = [("Shanghai", 312304000, 1214737000, "310000"), ("Hangzhou", 302741000, 1201551000, "330100"),
             ("Nanjing", 320603000, 1187969000, "320100"), ("Suzhou", 312990000, 1205853000, "320500"),
             ("Ningbo", 298683000, 1215440000, "330200")]
CATEGORIES = [("SNACK", "snacks", 4, 30), ("DRINK", "drinks", 3, 25), ("CARE", "care", 12, 80), ("HOME", "household", 9, 120),
              ("TOY", "toys", 15, 200)]
TRADING_HOURS = 8
TZ_OFFSET = 480


class Network:
    """What exists, drawn from one seed."""

    def __init__(self, now, seed=1, outlets=20, products=500):
        self.now = now
        self.today = (now + datetime.timedelta(minutes=TZ_OFFSET)).date()
        dice = random.Random(seed)
        self.dice = dice
        self.warehouses = ["WH-EAST", "WH-SOUTH"]
        self.products = []
        for number in range(1, products + 1):
            code, name, low, high = CATEGORIES[number % len(CATEGORIES)]
            price = dice.randint(low * 100, high * 100)
            self.products.append({"sku": f"{code}-{number:04d}", "name": f"{name} {number}", "category": code,
                                  "price": price, "pack": dice.choice([1, 6, 12])})
        self.outlets = []
        for number in range(1, outlets + 1):
            city, latitude, longitude, area = PROVINCES[number % len(PROVINCES)]
            tier = 1 if number <= outlets * 2 // 5 else 2
            kind = ("official_site" if number == 1 else "own_store") if tier == 1 else dice.choice(["dealer", "distributor", "ecommerce_shop"])
            self.outlets.append({"outlet": f"OUT-{number:03d}", "name": f"{city} {number}", "tier": tier, "kind": kind, "city": city, "area": area,
                                 "warehouse": self.warehouses[number % 2],
                                 "latitude": latitude + dice.randint(-2000000, 2000000),
                                 "longitude": longitude + dice.randint(-2000000, 2000000)})
        self.terminals = [(outlet["outlet"], f"{outlet['outlet']}/T{till}") for outlet in self.outlets for till in (1, 2)]
        # A few products sell most: Zipf weights in a shuffled order.
        order = list(range(products))
        dice.shuffle(order)
        self.weights = [0.0] * products
        for rank, index in enumerate(order, 1):
            self.weights[index] = 1.0 / rank


def money(minor):
    return f"{minor // 100}.{minor % 100:02d}"


def write_network(network, out):
    """YAML by hand: one line a record, so that an error message's line number is a record."""
    def section(name, records):
        print(f"{name}:", file=out)
        for record in records:
            print("  - {" + ", ".join(f"{key}: {json.dumps(value) if isinstance(value, (str, list, dict)) else str(value).lower()}"
                                      for key, value in record.items()) + "}", file=out)

    print("# A demonstration network: 一网 (tier 1) supplies and steers 二网 (tier 2).", file=out)
    section("warehouses", [{"warehouse": code, "name": name, "tz_offset": TZ_OFFSET, "latitude": lat, "longitude": lon}
                           for code, name, lat, lon in (("WH-EAST", "East warehouse", 311000000, 1213000000),
                                                        ("WH-SOUTH", "South warehouse", 300000000, 1206000000))])
    section("carriers", [{"carrier": code, "name": name, "capacity": capacity, "cost_per_stop": stop, "cost_per_km": km,
                          "currency": "CNY", "speed": speed}
                         for code, name, capacity, stop, km, speed in (("VAN", "city van", "600", "35.00", "2.10", 50),
                                                                       ("TRUCK", "truck", "4000", "80.00", "4.50", 40))])
    section("suppliers", [{"supplier": "MILL", "name": "Mill 工厂", "lead_time": 2880}])
    section("outlets", [{"outlet": o["outlet"], "name": o["name"], "tier": o["tier"], "kind": o["kind"], "currency": "CNY",
                         "tz_offset": TZ_OFFSET, "upstreams": [{"warehouse": o["warehouse"]}],
                         "latitude": o["latitude"], "longitude": o["longitude"], "area": o["area"]} for o in network.outlets])
    lanes = []
    for o in network.outlets:
        for carrier, minutes, cost in (("VAN", 300, "45.00"), ("TRUCK", 720, "28.00")):
            lanes.append({"lane": f"{o['warehouse']}-{o['outlet']}-{carrier}", "from": o["warehouse"], "to": o["outlet"],
                          "carrier": carrier, "lead_time": minutes, "cost": cost, "currency": "CNY",
                          "distance": network.dice.randint(5000, 180000)})
    lanes += [{"lane": f"MILL-{warehouse}", "from": "MILL", "to": warehouse, "lead_time": 2880, "cost": "300.00", "currency": "CNY"}
              for warehouse in network.warehouses]
    section("lanes", lanes)
    section("products", [{"sku": p["sku"], "name": p["name"], "category": p["category"], "goods": True, "pack": str(p["pack"])}
                         for p in network.products])
    section("prices", [{"sku": p["sku"], "currency": "CNY", "list": money(p["price"]), "floor": money(p["price"] * 85 // 100),
                        "ceiling": money(p["price"] * 115 // 100)} for p in network.products])
    section("stock_policies", [{"category": code, "reorder_point": "12", "order_up_to": "36"} for code, *_ in CATEGORIES])
    first = network.today.replace(day=1)
    last = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
    section("targets", [{"target": f"{first:%Y-%m}/{o['outlet']}", "outlet": o["outlet"], "metric": "revenue", "currency": "CNY",
                         "from": first.isoformat(), "until": last.isoformat(), "value": 30000000 if o["tier"] == 1 else 12000000}
                        for o in network.outlets])
    write_rules(network, first, section)
    write_agreements(network, first, last, section)
    section("terminals", [{"terminal": terminal, "outlet": outlet} for outlet, terminal in network.terminals])


def write_rules(network, first, section):
    """How the principal steers its secondary network: what is watched, whose an area is, what selling earns, how days weigh."""
    dealers = [o for o in network.outlets if o["tier"] == 2]
    section("corridors", [{"corridor": "DEALERS", "tier": 2, "floor_bp": 9000, "ceiling_bp": 11500, "mode": "advise",
                           "severities": [{"from_bp": 1, "severity": "notice"}, {"from_bp": 1500, "severity": "freeze"}]}])
    holders = {o["area"]: o for o in reversed(dealers)}
    section("territories", [{"territory": f"T-{area}", "name": o["city"], "kind": "protected", "holder": o["outlet"], "areas": [{"area": area}]}
                            for area, o in sorted(holders.items())])
    section("schemes", [{"scheme": "VOLUME", "name": "dealers' volume, by month 月度返利", "basis": "revenue", "period": "month", "tier": 2,
                         "currency": "CNY", "ladder": "whole", "from": first.isoformat(), "clean_channel": 5000,
                         "steps": [{"from": 1000000, "rate_bp": 100}, {"from": 5000000, "rate_bp": 200}, {"from": 20000000, "rate_bp": 300}]},
                        {"scheme": "CARE", "name": "care products 护理", "basis": "revenue", "period": "quarter", "category": "CARE",
                         "currency": "CNY", "ladder": "band", "from": first.replace(month=(first.month - 1) // 3 * 3 + 1).isoformat(),
                         "steps": [{"from": 0, "rate_bp": 50}, {"from": 2000000, "rate_bp": 150}]}])
    section("calendars", [{"calendar": "ALL", "monday": 9000, "tuesday": 9000, "wednesday": 9000, "thursday": 9000, "friday": 10500,
                           "saturday": 12500, "sunday": 11000}])


def write_agreements(network, first, last, section):
    """What principal and dealers have agreed on for this month: an offer and who pays it, what is sold where, what may be owed, who earns by a lead."""
    dealers = [o["outlet"] for o in network.outlets if o["tier"] == 2]
    days = {"from": first.isoformat(), "until": last.isoformat()}
    section("promotions", [{"promotion": "SNACKS", "name": "snacks, a third off 促销", "mechanic": "percent", "off_bp": 3500, "currency": "CNY", "category": "SNACK",
                            **days, "brand_bp": 6000, "dealer_bp": 4000, "cap": "2000.00"}])
    section("assortments", [{"assortment": "NO-TOYS-DEALER", "channel": "dealer", "category": "TOY", "allowed": False, "mode": "advise"}])
    section("credits", [{"outlet": outlet, "currency": "CNY", "limit": "20000.00"} for outlet in dealers])
    section("commissions", [{"commission": "LEADS", "currency": "CNY", "rate_bp": 300, "shares": [{"role": "seller", "share_bp": 6000},
                                                                                                  {"role": "handed_over_by", "share_bp": 4000}]}])
    section("notices", [{"notice": "SNACKS", "title": "Snacks: who pays the offer 促销分摊", "tier": 2, "rule_kind": "promotion", "rule": "SNACKS", "receipt": True,
                         "due": last.isoformat()}])


def line(source, kind, moment, data):
    return json.dumps({"source": source, "type": kind, "time": moment.isoformat().replace("+00:00", "Z"), "data": data},
                      ensure_ascii=False, separators=(",", ":"))


def write_opening(network, out):
    moment = network.now - datetime.timedelta(hours=TRADING_HOURS + 2)
    for o in network.outlets:
        lines = [{"sku": p["sku"], "counted": network.dice.randint(20, 60) * 1000} for p in network.products]
        for start in range(0, len(lines), 250):
            print(line(f"wms/{o['outlet']}", "stock.counted", moment,
                       {"place": o["outlet"], "reference": f"opening-{start}", "lines": lines[start:start + 250]}), file=out)
    for warehouse in network.warehouses:
        lines = [{"sku": p["sku"], "counted": 5000 * 1000} for p in network.products]
        for start in range(0, len(lines), 250):
            print(line(f"wms/{warehouse}", "stock.counted", moment,
                       {"place": warehouse, "reference": f"opening-{start}", "lines": lines[start:start + 250]}), file=out)


    write_desk(network, moment, out)


def write_desk(network, moment, out):
    """What the agreements are put to: two deliveries of the supplier, two orders of one dealer, a lead that a store handed over, a notice that was read."""
    dealer, store = next(o for o in network.outlets if o["tier"] == 2), network.outlets[0]
    item, day = network.products[2], (moment + datetime.timedelta(minutes=TZ_OFFSET)).date().isoformat()
    micros = int(moment.timestamp()) * 1000000
    for number, (came, damaged, late) in enumerate(((600, 0, 0), (580, 12, 1)), 1):
        ordered = micros - (48 + 30 * late) * 3600 * 1000000
        print(line("wms/WH-EAST", "goods.received", moment, {
            "warehouse": "WH-EAST", "reference": f"MILL-{number}", "supplier": "MILL", "ordered_at": ordered, "currency": "CNY", "freight": 30000,
            "lines": [{"sku": item["sku"], "quantity": came * 1000, "ordered": 600000, "damaged": damaged * 1000, "cost": item["price"] * 60}]}), file=out)
    for number, pieces in enumerate((12, 2500000 // item["price"] + 1), 1):
        print(line(f"{dealer['outlet']}/T1", "order.requested", moment, {
            "outlet": dealer["outlet"], "order": f"{day}-{number}", "day": day, "lines": [{"sku": item["sku"], "quantity": pieces * 1000}]}), file=out)
    print(line(f"{dealer['outlet']}/T1", "ticket.sold", moment, {
        "outlet": dealer["outlet"], "receipt": "lead-1", "currency": "CNY", "day": day, "tz_offset": TZ_OFFSET, "handed_over_by": store["outlet"],
        "lines": [{"sku": item["sku"], "quantity": 3000, "unit_price": item["price"] * 100}]}), file=out)
    print(line(f"dealer/{dealer['outlet']}", "acknowledgement.submitted", moment, {
        "notice": "SNACKS", "outlet": dealer["outlet"], "reader": f"dealer/{dealer['outlet']}"}), file=out)


def write_outcomes(rows, out):
    """Two lines from rows of promotions, notices, commissions, credit and scorecards; what is not there is not said."""
    first, second = [], []
    rows = [json.loads(row) for row in rows if row.strip()]
    for row in rows:
        if "given_minor" in row:
            first.append(f"promotion {row['promotion']} gave {money(row['given_minor'])} {row['currency']} ({money(row['brand_minor'])} by the principal, "
                         f"{money(row['dealer_minor'])} by dealers)")
        elif "expected" in row:
            first.append(f"notice {row['notice']} was read by {row['read']} of {row['expected']}")
        elif row.get("held"):
            second.append(f"credit of {row['outlet']} holds {row['held']} order beyond {money(row['limit_minor'])} CNY")
        elif row.get("kind") == "supplier":
            second.append(f"supplier {row['code']}: {row['on_time_in_full']} of {row['deliveries']} on time in full")
    leads = sum(row["amount_minor"] for row in rows if row.get("role") == "handed_over_by")
    second += [f"leads that were handed over earned {money(leads)} CNY"] if leads else []
    for parts in (first, second):
        if parts:
            print("rules: " + "; ".join(parts), file=out)


def sent_to(network, outlet, dice):
    """One ticket in ten of a dealer is sent to the customer, one of these into a city of somebody else."""
    here = next(o for o in network.outlets if o["outlet"] == outlet)
    if here["tier"] == 1 or dice.random() >= 0.1:
        return {}
    return {"ship_to": dice.choice(PROVINCES)[3] if dice.random() < 0.1 else here["area"], "contact": dice.choice(["active", "passive"])}


def write_sales(network, tickets, rate, out):
    dice = random.Random(7)
    receipts = {}
    moment = network.now - datetime.timedelta(hours=TRADING_HOURS)
    step = datetime.timedelta(hours=TRADING_HOURS) / max(tickets, 1)
    began = time.monotonic()
    indices = range(len(network.products))
    for number in range(tickets):
        if rate:
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            moment = datetime.datetime.now(datetime.timezone.utc)
        else:
            moment += step
        outlet, terminal = dice.choice(network.terminals)
        lines = []
        for index in sorted(set(dice.choices(indices, weights=network.weights, k=dice.randint(1, 6)))):
            product = network.products[index]
            price = product["price"] * (10000 if dice.random() < 0.97 else 7000) // 10000
            lines.append({"sku": product["sku"], "quantity": dice.choice([1, 1, 1, 2, 3]) * 1000, "unit_price": price * 100})
        local = moment + datetime.timedelta(minutes=TZ_OFFSET)
        day = local.date().isoformat()
        # By the second and a number within it, so that no other run of this day repeats one.
        second = f"{local:%Y-%m-%d-%H%M%S}"
        receipts[terminal, second] = receipts.get((terminal, second), 0) + 1
        kind = "ticket.returned" if dice.random() < 0.02 else "ticket.sold"
        print(line(terminal, kind, moment, {"outlet": outlet, "receipt": f"{second}-{receipts[terminal, second]}", "currency": "CNY", "day": day,
                                            "tz_offset": TZ_OFFSET, "lines": lines, **(sent_to(network, outlet, dice) if kind == "ticket.sold" else {})}), file=out, flush=bool(rate))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["network", "opening", "outcomes", "sales"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tickets", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=0, help="tickets a second, played now; 0: all at once, spread over the last hours")
    parser.add_argument("--now", help="the moment that counts as now, RFC 3339 (default: the clock)")
    options = parser.parse_args()
    now = datetime.datetime.fromisoformat(options.now) if options.now else datetime.datetime.now(datetime.timezone.utc)
    network = Network(now.replace(microsecond=0), options.seed)
    if options.what == "network":
        write_network(network, sys.stdout)
    elif options.what == "opening":
        write_opening(network, sys.stdout)
    elif options.what == "outcomes":
        write_outcomes(sys.stdin, sys.stdout)
    else:
        try:
            write_sales(network, options.tickets, options.rate, sys.stdout)
        except BrokenPipeError:
            pass


if __name__ == "__main__":
    main()
