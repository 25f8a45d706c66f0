/*
 * replay_retail.c -- the UCI "Online Retail" file: one selling point, so outlets and tills are derived, as the README says:
 * outlet = crc32(CustomerID, or InvoiceNo where it is empty) mod N, till = 1 + crc32(InvoiceNo) mod 4.
 */
#include <ctype.h>
#include <string.h>

#include <zlib.h>

#include "replay.h"

struct columns {
	int invoice, code, description, quantity, date, price, customer;
};

/* Postage, carriage, fees, samples, vouchers: they count in revenue and move no stock. */
static bool is_goods(const char *sku)
{
	static const char *const others[] = {"POST", "DOT", "M", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "B"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(sku, others[i]) == 0)
			return false;
	return strncmp(sku, "GIFT_0001_", 10) != 0 && strncmp(sku, "DCGS", 4) != 0;
}

static uint32_t crc_of(const char *text)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)text, (uInt)strlen(text));
}

static void new_ticket(struct replay *replay, struct replay_ticket *ticket, const char *invoice, const char *customer)
{
	uint32_t outlet = crc_of(customer[0] != 0 ? customer : invoice) % replay->outlets;

	snprintf(ticket->receipt, sizeof(ticket->receipt), "%s", invoice);
	snprintf(ticket->customer, sizeof(ticket->customer), "%s", customer);
	snprintf(ticket->outlet, sizeof(ticket->outlet), "OUT-%03u", outlet);
	snprintf(ticket->terminal, sizeof(ticket->terminal), "OUT-%03u/T%u", outlet, 1 + crc_of(invoice) % 4);
	replay_place_of(&replay->places, ticket->outlet, ticket->outlet);
	replay_place_of(&replay->terminals, ticket->terminal, ticket->outlet);
}

static bool add_line(struct replay *replay, const struct csv *csv, const struct columns *at)
{
	const char *invoice = csv->fields[at->invoice];
	int64_t quantity, price_e4, time_us, tz_offset;
	char sku[33], key[96];
	bool is_new, returned = invoice[0] == 'C';

	if (!replay_decimal(csv->fields[at->quantity], 3, &quantity) || !replay_decimal(csv->fields[at->price], 4, &price_e4) ||
	    !replay_local_time(csv->fields[at->date], "GB", &time_us, &tz_offset))
		return false;
	snprintf(sku, sizeof(sku), "%s", csv->fields[at->code]);
	for (char *c = sku; *c != 0; c++)
		*c = (char)toupper((unsigned char)*c);
	bool written_off = !returned && quantity < 0 && price_e4 == 0;
	snprintf(key, sizeof(key), "%s%s", written_off ? "w" : "", invoice);
	struct replay_ticket *ticket = replay_ticket_of(replay, key, &is_new);
	if (is_new) {
		new_ticket(replay, ticket, invoice, csv->fields[at->customer]);
		ticket->kind = written_off ? TICKET_WRITE_OFF : returned ? TICKET_RETURN : TICKET_SALE;
		ticket->time_us = time_us;
		ticket->tz_offset = tz_offset;
		snprintf(ticket->day, sizeof(ticket->day), "%.10s", csv->fields[at->date]);
		snprintf(ticket->reason, sizeof(ticket->reason), "%.90s", written_off ? csv->fields[at->description] : "");
	}
	struct replay_product *product = replay_product_of(replay, sku, csv->fields[at->description], is_goods(sku));
	if (product->price_e4 == 0 && price_e4 > 0)
		product->price_e4 = price_e4;
	struct replay_line *line = replay_line_add(ticket);
	snprintf(line->sku, sizeof(line->sku), "%s", sku);
	line->quantity = quantity_of(returned || written_off ? -quantity : quantity);
	line->price = (struct price){price_e4};
	line->has_price = true;
	replay->non_goods_lines += !product->is_goods;
	return true;
}

int replay_read_retail(struct replay *replay, struct csv *csv)
{
	struct columns at;

	snprintf(replay->currency, sizeof(replay->currency), "GBP");
	if (!csv_next(csv))
		return EXIT_REFUSED;
	at = (struct columns){csv_column(csv, "InvoiceNo"),   csv_column(csv, "StockCode"), csv_column(csv, "Description"),
			      csv_column(csv, "Quantity"),    csv_column(csv, "InvoiceDate"), csv_column(csv, "UnitPrice"),
			      csv_column(csv, "CustomerID")};
	if (at.invoice < 0 || at.code < 0 || at.description < 0 || at.quantity < 0 || at.date < 0 || at.price < 0 || at.customer < 0) {
		fprintf(stderr, "tributary replay: %s: its first line must name InvoiceNo, StockCode, Description, Quantity, InvoiceDate, "
				"UnitPrice and CustomerID\n",
			replay->file);
		return EXIT_REFUSED;
	}
	while (csv_next(csv)) {
		replay->lines++;
		if (csv->field_count < 7 || !add_line(replay, csv, &at)) {
			fprintf(stderr, "tributary replay: %s:%llu: cannot be read as a line of an invoice\n", replay->file,
				(unsigned long long)csv->number);
			replay->skipped_lines++;
		}
	}
	return EXIT_DONE;
}
