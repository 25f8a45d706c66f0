#!/usr/bin/env python3
"""What the published sales files say, added up a second time: from the CSV alone, without any of the project's code.

    recompute.py print   --format online-retail FILE [--outlets N] [--what sales,stock,units,counts]
    recompute.py compare --format online-retail FILE [--outlets N] [--sales ROWS] [--stock ROWS] [--events EVENTS]

FILE is plain or gzipped CSV; the formats are online-retail and complete-journey. `print` writes JSON lines. `compare` reads what
`tributary get sales --json` and `tributary get stock --json` printed (and, for the units per SKU, the events of orders as
`tributary tail orders --json` prints them), says every difference, and exits with 1 when there is one.
"""

import argparse
import collections
import csv
import decimal
import gzip
import json
import sys
import zlib

NON_GOODS = {"POST", "DOT", "M", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "B"}
NON_GOODS_BEGINNINGS = ("GIFT_0001_", "DCGS")
SALES_FIGURES = ("tickets", "units_milli", "revenue_minor", "returns_minor", "return_tickets", "returned_units_milli")


class Figures:
    """Sums of one file; every money amount in minor units, every quantity in thousandths."""

    def __init__(self):
        self.sales = collections.defaultdict(collections.Counter)  # (outlet, day, currency) -> figure -> sum
        self.stock = collections.Counter()  # (outlet, sku) -> net movement
        self.units = collections.Counter()  # sku -> goods sold
        self.returned_units = collections.Counter()  # sku -> goods returned
        self.written_off = collections.Counter()  # sku -> goods lost
        self.counts = collections.Counter()


def minor(amount):
    """A Decimal of major units with two decimals to minor units, half to even."""
    return int((amount * 100).quantize(decimal.Decimal(1), rounding=decimal.ROUND_HALF_EVEN))


def rows_of(path):
    opened = gzip.open(path, "rt", encoding="utf-8", newline="") if str(path).endswith(".gz") \
        else open(path, encoding="utf-8", newline="")
    with opened as file:
        yield from csv.DictReader(file)


def tickets_of(rows, key):
    """Lines by ticket, tickets in the order of their first lines, lines in the order of the file."""
    tickets = {}
    for row in rows:
        tickets.setdefault(row[key], []).append(row)
    return tickets


def moves_stock(sku):
    return sku not in NON_GOODS and not sku.startswith(NON_GOODS_BEGINNINGS)


# ---- online_retail: one selling point, its outlets derived ----

def online_retail_outlet(invoice, customer, outlets):
    return f"OUT-{zlib.crc32((customer or invoice).encode()) % outlets:03d}"


def online_retail_terminal(invoice, customer, outlets):
    return f"{online_retail_outlet(invoice, customer, outlets)}/T{1 + zlib.crc32(invoice.encode()) % 4}"


def is_write_off(invoice, row):
    return not invoice.startswith("C") and int(row["Quantity"]) < 0 and decimal.Decimal(row["UnitPrice"]) == 0


def write_off_lines(figures, outlet, lines):
    for row in lines:
        sku, milli = row["StockCode"].upper(), int(row["Quantity"]) * 1000
        figures.counts["write_off_lines"] += 1
        if moves_stock(sku):
            figures.stock[outlet, sku] += milli  # negative
            figures.written_off[sku] -= milli
        else:
            figures.counts["non_goods_lines"] += 1
    figures.counts["write_offs"] += 1


def ticket_lines(figures, outlet, day, lines, is_return):
    """One ticket of online_retail. A return's lines are negative in the file and positive in its ticket."""
    sign = -1 if is_return else 1
    total = units = 0
    for row in lines:
        sku, milli = row["StockCode"].upper(), sign * int(row["Quantity"]) * 1000
        total += minor(sign * int(row["Quantity"]) * decimal.Decimal(row["UnitPrice"]))
        if moves_stock(sku):
            units += milli
            figures.stock[outlet, sku] -= sign * milli
            (figures.returned_units if is_return else figures.units)[sku] += milli
        else:
            figures.counts["non_goods_lines"] += 1
    figures.counts["return_lines" if is_return else "sale_lines"] += len(lines)
    add_ticket(figures, (outlet, day, "GBP"), total, units, is_return)


def add_ticket(figures, key, total, units, is_return):
    row = figures.sales[key]
    row["returns_minor" if is_return else "revenue_minor"] += total
    row["returned_units_milli" if is_return else "units_milli"] += units
    row["return_tickets" if is_return else "tickets"] += 1
    figures.counts["tickets"] += 1
    figures.counts["returns" if is_return else "sales"] += 1


def online_retail(path, outlets=20):
    figures = Figures()
    for invoice, rows in tickets_of(rows_of(path), "InvoiceNo").items():
        figures.counts["lines"] += len(rows)
        outlet = online_retail_outlet(invoice, rows[0]["CustomerID"], outlets)
        lost = [row for row in rows if is_write_off(invoice, row)]
        kept = [row for row in rows if not is_write_off(invoice, row)]
        if lost:
            write_off_lines(figures, outlet, lost)
        if kept:
            ticket_lines(figures, outlet, kept[0]["InvoiceDate"][:10], kept, invoice.startswith("C"))
    return figures


# ---- complete_journey: 251 real stores ----

def complete_journey(path, _outlets=None):
    figures = Figures()
    for rows in tickets_of(rows_of(path), "basket_id").values():
        outlet, day = f"CJ-{rows[0]['store_id']}", rows[0]["transaction_timestamp"][:10]
        total = units = 0
        for row in rows:
            milli = int(row["quantity"]) * 1000
            total += minor(decimal.Decimal(row["sales_value"]))
            units += milli
            figures.units[row["product_id"]] += milli
            figures.stock[outlet, row["product_id"]] -= milli
        figures.counts["lines"] += len(rows)
        figures.counts["sale_lines"] += len(rows)
        add_ticket(figures, (outlet, day, "USD"), total, units, False)
    return figures


FORMATS = {"online-retail": online_retail, "complete-journey": complete_journey}


# ---- printing ----

def sales_rows(figures):
    for outlet, day, currency in sorted(figures.sales):
        row = figures.sales[outlet, day, currency]
        yield {"outlet": outlet, "day": day, "currency": currency} | {name: row[name] for name in SALES_FIGURES}


def stock_rows(figures):
    for outlet, sku in sorted(figures.stock):
        yield {"outlet": outlet, "sku": sku, "on_hand_milli": figures.stock[outlet, sku]}


def units_rows(figures):
    for sku in sorted(figures.units | figures.returned_units | figures.written_off):
        yield {"sku": sku, "units_milli": figures.units[sku], "returned_units_milli": figures.returned_units[sku],
               "written_off_milli": figures.written_off[sku]}


def counts_rows(figures):
    yield {name: figures.counts[name] for name in (
        "lines", "sale_lines", "return_lines", "write_off_lines", "non_goods_lines", "tickets", "sales", "returns", "write_offs")}


KINDS = {"sales": sales_rows, "stock": stock_rows, "units": units_rows, "counts": counts_rows}


def print_figures(figures, kinds):
    for kind in kinds:
        for row in KINDS[kind](figures):
            print(json.dumps({"kind": kind} | row))


# ---- comparing ----

def json_lines(path):
    with (sys.stdin if path == "-" else open(path, encoding="utf-8")) as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def differences(expected, found, names):
    """Sentences about what two {key: {name: number}} do not agree in; what is absent counts as zero."""
    for key in sorted(expected.keys() | found.keys()):
        for name in names:
            wanted, got = expected.get(key, {}).get(name, 0), found.get(key, {}).get(name, 0)
            if wanted != got:
                yield f"{' '.join(key)} {name}: the file says {wanted}, the network {got}"


def gather(rows, keys, names):
    """Rows as {key: {name: number}}; a key that comes twice is a difference of its own."""
    gathered, twice = {}, []
    for row in rows:
        key = tuple(row[name] for name in keys)
        if key in gathered:
            twice.append(f"{' '.join(key)}: two rows")
        gathered[key] = {name: row[name] for name in names if name in row}
    return gathered, twice


def compare_sales(figures, rows):
    rows = list(rows)
    names = [name for name in SALES_FIGURES if not rows or name in rows[0]]
    required = {"tickets", "units_milli", "revenue_minor", "returns_minor"} - set(names)
    if required:
        return [f"sales rows without {', '.join(sorted(required))}"]
    found, twice = gather(rows, ("outlet", "day", "currency"), names)
    return twice + list(differences(figures.sales, found, names))


def compare_stock(figures, rows):
    found, twice = gather(rows, ("outlet", "sku"), ("on_hand_milli",))
    expected = {key: {"on_hand_milli": milli} for key, milli in figures.stock.items()}
    return twice + list(differences(expected, found, ("on_hand_milli",)))


def compare_events(figures, events):
    """Units per SKU out of the events of orders; a void takes back what it names."""
    found = collections.defaultdict(collections.Counter)
    for event in events:
        kind, data = event.get("type"), event.get("data", {})
        if kind not in ("sale.recorded", "sale.returned", "sale.voided"):
            continue
        sign = -1 if kind == "sale.voided" else 1
        is_return = kind == "sale.returned" or data.get("was") == "return"
        for line in data["lines"]:
            if not line.get("service"):
                found[line["sku"],]["returned_units_milli" if is_return else "units_milli"] += sign * line["quantity"]
    expected = {(row["sku"],): row for row in units_rows(figures)}
    return list(differences(expected, found, ("units_milli", "returned_units_milli")))


def compare(figures, sales=None, stock=None, events=None):
    """Says every difference, then one line of summary; returns how many there were."""
    found = []
    for what, path, comparing in (("sales", sales, compare_sales), ("stock", stock, compare_stock),
                                  ("units", events, compare_events)):
        if path is not None:
            found += [f"{what} {sentence}" for sentence in comparing(figures, json_lines(path))]
    for sentence in found:
        print(sentence)
    print(f"{len(figures.sales)} outlet-days, {len(figures.stock)} balances, {len(figures.units)} SKUs: "
          f"{len(found)} differences")
    return len(found)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("print", "compare"):
        command = commands.add_parser(name)
        command.add_argument("--format", choices=FORMATS, required=True)
        command.add_argument("--outlets", type=int, default=20, help="for online-retail")
        command.add_argument("file")
        if name == "print":
            command.add_argument("--what", default="sales,stock,units,counts")
        else:
            command.add_argument("--sales", help="rows of `get sales --json`")
            command.add_argument("--stock", help="rows of `get stock --json`")
            command.add_argument("--events", help="events of orders, one JSON object per line")
    options = parser.parse_args(arguments)
    if options.command == "compare" and options.sales is None and options.stock is None and options.events is None:
        parser.error("compare with what? --sales, --stock or --events")
    if options.command == "print" and not set(options.what.split(",")) <= set(KINDS):
        parser.error(f"--what is of {', '.join(KINDS)}")
    figures = FORMATS[options.format](options.file, options.outlets)
    if options.command == "print":
        print_figures(figures, options.what.split(","))
        return 0
    return 1 if compare(figures, options.sales, options.stock, options.events) else 0


if __name__ == "__main__":
    sys.exit(main())
