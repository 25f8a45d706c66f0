/* replay_journey.c -- the "Complete Journey" file: real stores, baskets and households; sales_value is the line's total in USD. */
#include "replay.h"

#include <string.h>

struct columns {
	int household, store, basket, product, quantity, value, time;
};

static bool add_line(struct replay *replay, const struct csv *csv, const struct columns *at)
{
	int64_t quantity, value, time_us, tz_offset;
	const char *store = csv->fields[at->store], *sku = csv->fields[at->product], *when = csv->fields[at->time];
	char key[96];
	bool is_new;

	if (!replay_decimal(csv->fields[at->quantity], 3, &quantity) || !replay_decimal(csv->fields[at->value], 2, &value) ||
	    !replay_local_time(when, "US-E", &time_us, &tz_offset) || quantity < 0)
		return false;
	snprintf(key, sizeof(key), "%.40s/%.40s", store, csv->fields[at->basket]);
	struct replay_ticket *ticket = replay_ticket_of(replay, key, &is_new);
	if (is_new) {
		ticket->kind = TICKET_SALE;
		ticket->time_us = time_us;
		ticket->tz_offset = tz_offset;
		snprintf(ticket->receipt, sizeof(ticket->receipt), "%.40s", csv->fields[at->basket]);
		snprintf(ticket->customer, sizeof(ticket->customer), "%.64s", csv->fields[at->household]);
		snprintf(ticket->outlet, sizeof(ticket->outlet), "CJ-%.28s", store);
		snprintf(ticket->terminal, sizeof(ticket->terminal), "CJ-%.28s/T1", store);
		snprintf(ticket->day, sizeof(ticket->day), "%.10s", when);
		replay_place_of(&replay->places, ticket->outlet, ticket->outlet);
		replay_place_of(&replay->terminals, ticket->terminal, ticket->outlet);
	}
	(void)replay_product_of(replay, sku, sku, true);
	struct replay_line *line = replay_line_add(ticket);
	snprintf(line->sku, sizeof(line->sku), "%.32s", sku);
	line->quantity = quantity_of(quantity);
	line->amount = money_of(value);
	return true;
}

int replay_read_journey(struct replay *replay, struct csv *csv)
{
	struct columns at;

	snprintf(replay->currency, sizeof(replay->currency), "USD");
	if (!csv_next(csv))
		return EXIT_REFUSED;
	at = (struct columns){csv_column(csv, "household_id"), csv_column(csv, "store_id"), csv_column(csv, "basket_id"),
			      csv_column(csv, "product_id"),   csv_column(csv, "quantity"), csv_column(csv, "sales_value"),
			      csv_column(csv, "transaction_timestamp")};
	if (at.household < 0 || at.store < 0 || at.basket < 0 || at.product < 0 || at.quantity < 0 || at.value < 0 || at.time < 0) {
		fprintf(stderr, "tributary replay: %s: its first line must name household_id, store_id, basket_id, product_id, quantity, "
				"sales_value and transaction_timestamp\n",
			replay->file);
		return EXIT_REFUSED;
	}
	while (csv_next(csv)) {
		replay->lines++;
		if ((int)csv->field_count <= at.time || !add_line(replay, csv, &at)) {
			fprintf(stderr, "tributary replay: %s:%llu: cannot be read as a line of a basket\n", replay->file,
				(unsigned long long)csv->number);
			replay->skipped_lines++;
		}
	}
	return EXIT_DONE;
}
