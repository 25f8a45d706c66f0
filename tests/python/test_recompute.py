"""The second opinion is itself right: on a file small enough to add up by hand, and it notices a changed penny."""

import contextlib
import decimal
import gzip
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import recompute  # noqa: E402

DATA = pathlib.Path(os.environ.get("TRIBUTARY_DATA", pathlib.Path(__file__).parents[3] / "shared" / "data"))

ONLINE_RETAIL = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,85123a,HOLDER,2,2010-12-01 08:26:00,2.5,17850,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:27:00,18.0,17850,United Kingdom
536366,22633,"HAND, WARMER",3,2010-12-01 08:28:00,0.015,,United Kingdom
C536379,85123A,HOLDER,-1,2010-12-01 09:41:00,2.55,17850,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,17850,United Kingdom
536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom
542529,DCGS0055,,-4,2010-12-02 16:50:00,0.0,,United Kingdom
A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom
A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom
536367,85123A,HOLDER,1,2010-12-02 08:26:00,0.025,17850,United Kingdom
"""

COMPLETE_JOURNEY = """household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp
900,330,31198570044,1095275,1,0.5,0,0,0,1,2017-01-01 11:53:26
900,330,31198570044,9878513,0,4.440892e-16,0,0,0,1,2017-01-01 11:53:26
906,319,31198705046,1075313,2,1.49,0.29,0,0,1,2017-01-01 07:30:27
906,319,31198705047,1075313,3,2.005,0.29,0,0,1,2017-01-01 23:59:59
"""


def written(directory, name, text):
    path = pathlib.Path(directory) / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


class ByHand(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def online_retail(self, outlets=20):
        return recompute.online_retail(written(self.directory.name, "lines.csv.gz", ONLINE_RETAIL), outlets)

    def test_outlets_come_from_crc32(self):
        # The polynomial of IEEE 802.3, bit by bit.
        for text in ("17850", "536366", "536365"):
            crc = 0xffffffff
            for byte in text.encode():
                crc ^= byte
                for _ in range(8):
                    crc = crc >> 1 ^ (0xedb88320 if crc & 1 else 0)
            crc ^= 0xffffffff
            self.assertEqual(recompute.online_retail_outlet(text, "", 20), f"OUT-{crc % 20:03d}")
            self.assertEqual(recompute.online_retail_outlet("1", text, 7), f"OUT-{crc % 7:03d}")
            self.assertEqual(recompute.online_retail_terminal(text, "", 1), f"OUT-000/T{1 + crc % 4}")

    def test_online_retail(self):
        figures = self.online_retail(1)
        first, second = ("OUT-000", "2010-12-01", "GBP"), ("OUT-000", "2010-12-02", "GBP")
        # 15.30 + 5.00 + 18.00, and 0.045 that goes to the even penny
        self.assertEqual(figures.sales[first], {"tickets": 2, "revenue_minor": 3834, "units_milli": 11000, "return_tickets": 1,
                                                "returns_minor": 3005, "returned_units_milli": 1000})
        self.assertEqual(figures.sales[second], {"tickets": 1, "revenue_minor": 2, "units_milli": 1000})
        self.assertEqual(figures.sales["OUT-000", "2011-08-12", "GBP"], {"tickets": 2, "revenue_minor": 0, "units_milli": 0})
        self.assertEqual(figures.stock, {("OUT-000", "85123A"): -8000, ("OUT-000", "22633"): -3000, ("OUT-000", "21777"): -10000})
        self.assertEqual(figures.units, {"85123A": 9000, "22633": 3000})
        self.assertEqual(figures.counts, {"lines": 11, "sale_lines": 7, "return_lines": 2, "write_off_lines": 2,
                                          "non_goods_lines": 5, "tickets": 6, "sales": 5, "returns": 1, "write_offs": 2})

    def test_the_outlets_add_up_to_the_one(self):
        many, one = self.online_retail(20), self.online_retail(1)
        for name in recompute.SALES_FIGURES:
            self.assertEqual(sum(row[name] for row in many.sales.values()), sum(row[name] for row in one.sales.values()))

    def test_complete_journey(self):
        figures = recompute.complete_journey(written(self.directory.name, "transactions.csv", COMPLETE_JOURNEY))
        self.assertEqual(figures.sales["CJ-330", "2017-01-01", "USD"], {"tickets": 1, "revenue_minor": 50, "units_milli": 1000})
        self.assertEqual(figures.sales["CJ-319", "2017-01-01", "USD"], {"tickets": 2, "revenue_minor": 349, "units_milli": 5000})
        self.assertEqual(figures.stock["CJ-319", "1075313"], -5000)
        self.assertEqual(figures.stock["CJ-330", "9878513"], 0)
        self.assertEqual(figures.counts["lines"], 4)

    def test_half_to_even(self):
        for amount, pence in (("0.005", 0), ("0.015", 2), ("0.025", 2), ("-0.015", -2), ("2.005", 200), ("2.0050001", 201)):
            self.assertEqual(recompute.minor(decimal.Decimal(amount)), pence)


class Comparing(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.file = written(self.directory.name, "lines.csv", ONLINE_RETAIL)
        self.figures = recompute.online_retail(self.file)

    def differences(self, change=None):
        """Compares the figures with themselves, after `change` had its way with the rows."""
        sales = [row | {"more": 1} for row in recompute.sales_rows(self.figures)]
        stock = [row | {"position_milli": 0} for row in recompute.stock_rows(self.figures)]
        if change:
            change(sales, stock)
        paths = [written(self.directory.name, name, "".join(json.dumps(row) + "\n" for row in rows))
                 for name, rows in (("sales", sales), ("stock", stock))]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            return recompute.compare(self.figures, *paths), out.getvalue()

    def test_equal_is_equal(self):
        self.assertEqual(self.differences()[0], 0)

    def test_a_changed_penny_is_found(self):
        def penny(sales, _stock):
            sales[1]["revenue_minor"] += 1

        count, said = self.differences(penny)
        self.assertEqual(count, 1)
        self.assertIn("revenue_minor", said)

    def test_every_other_figure_is_compared(self):
        for name in recompute.SALES_FIGURES:
            def change(sales, _stock, name=name):
                sales[0][name] -= 1

            self.assertEqual(self.differences(change)[0], 1, name)

    def test_a_lost_row_and_a_row_too_many_are_found(self):
        self.assertGreater(self.differences(lambda sales, stock: sales.pop())[0], 0)
        self.assertEqual(self.differences(lambda sales, stock: sales.append(sales[0]))[0], 1)
        self.assertEqual(self.differences(lambda sales, stock: stock.pop(0))[0], 1)
        self.assertGreater(self.differences(lambda sales, stock: sales.append(sales[0] | {"day": "2012-01-01"}))[0], 0)
        self.assertEqual(self.differences(lambda sales, stock: stock.append(stock[0] | {"sku": "NEW"}))[0], 1)

    def test_an_answer_without_a_figure_is_found(self):
        def cut(sales, _stock):
            for row in sales:
                del row["returns_minor"]

        self.assertEqual(self.differences(cut)[0], 1)

    def test_units_from_events(self):
        sale = {"type": "sale.recorded", "data": {"lines": [{"sku": "85123A", "quantity": 9000},
                                                            {"sku": "22633", "quantity": 5000},
                                                            {"sku": "POST", "quantity": 1000, "service": True}]}}
        void = {"type": "sale.voided", "data": {"was": "sale", "lines": [{"sku": "22633", "quantity": 2000}]}}
        back = {"type": "sale.returned", "data": {"lines": [{"sku": "85123A", "quantity": 1000}]}}
        other = {"type": "writeoff.recorded", "data": {"lines": [{"sku": "22633", "quantity": 2000}]}}
        self.assertEqual(recompute.compare_events(self.figures, [sale, void, back, other]), [])
        self.assertEqual(len(recompute.compare_events(self.figures, [sale, back])), 1)

    def command(self, *arguments):
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
            return recompute.main([*arguments, str(self.file)]), out.getvalue()

    def test_the_command(self):
        with self.assertRaises(SystemExit) as usage:
            self.command("compare", "--format", "online-retail")
        self.assertEqual(usage.exception.code, 2)
        wrong = written(self.directory.name, "wrong", '{"outlet":"OUT-000","sku":"X","on_hand_milli":5}\n')
        code, said = self.command("compare", "--format", "online-retail", "--stock", str(wrong))
        self.assertEqual(code, 1)
        self.assertIn("OUT-000 X on_hand_milli: the file says 0, the network 5", said)
        code, said = self.command("print", "--format", "online-retail", "--what", "counts")
        self.assertEqual(code, 0)
        self.assertIn('"lines": 11', said)
        code, said = self.command("print", "--format", "online-retail", "--what", "sales")
        right = written(self.directory.name, "right", said)
        self.assertEqual(self.command("compare", "--format", "online-retail", "--sales", str(right))[0], 0)


class RealFiles(unittest.TestCase):
    @unittest.skipUnless((DATA / "online_retail").is_dir(), "the published file is not here")
    def test_online_retail(self):
        path = DATA / "online_retail" / "lines_2010-12_2011-08.csv.gz"
        figures = recompute.online_retail(path)
        counts = figures.counts
        self.assertEqual(counts["lines"], 320705)
        self.assertEqual(counts["tickets"] + counts["write_offs"], 16459)  # every invoice is one or the other
        self.assertEqual(counts["sale_lines"] + counts["return_lines"] + counts["write_off_lines"], counts["lines"])
        self.assertEqual((counts["return_lines"], counts["write_off_lines"]), (5847, 925))
        # Once more by another way: all lines at once, exact, rounded only where a line has parts of a penny (two lines have).
        exact = sum(int(row["Quantity"]) * decimal.Decimal(row["UnitPrice"]) for row in recompute.rows_of(path)) * 100
        net = sum(row["revenue_minor"] - row["returns_minor"] for row in figures.sales.values())
        self.assertLess(abs(net - exact), 1)

    @unittest.skipUnless((DATA / "complete_journey").is_dir(), "the published file is not here")
    def test_complete_journey(self):
        figures = recompute.complete_journey(DATA / "complete_journey" / "transactions_weeks01-36.csv.gz")
        self.assertEqual(figures.counts["lines"], 50656)
        self.assertEqual(figures.counts["tickets"], 31930)
        self.assertEqual(len({outlet for outlet, _, _ in figures.sales}), 251)


if __name__ == "__main__":
    unittest.main()
