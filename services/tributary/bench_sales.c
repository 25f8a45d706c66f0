/* bench_sales.c -- tickets from a seed. */
#include "bench_sales.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/when.h"
#include "events/terminals.h"
#include "pack/envelope.h"

#define LINES_MAX 6
#define TICKET_BYTES_MAX 2048

struct maker {
	struct bench_sales *sales;
	const struct bench_plan *plan;
	uint64_t dice;
	double chance[BENCH_SOLD_PRODUCTS]; /* of a product or one more popular */
	uint32_t probe;                     /* next one to sell */
};

static uint64_t roll(struct maker *maker)
{
	uint64_t z = (maker->dice += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t roll_below(struct maker *maker, uint32_t bound)
{
	return (uint32_t)(((roll(maker) >> 32) * bound) >> 32);
}

static void prepare_chances(struct maker *maker)
{
	double sum = 0;

	for (uint32_t i = 0; i < BENCH_SOLD_PRODUCTS; i++)
		sum += 1.0 / (i + 1);
	for (uint32_t i = 0; i < BENCH_SOLD_PRODUCTS; i++)
		maker->chance[i] = (i > 0 ? maker->chance[i - 1] : 0) + 1.0 / (i + 1) / sum;
}

static uint32_t roll_product(struct maker *maker)
{
	double at = (double)(roll(maker) >> 11) * 0x1p-53;
	uint32_t low = 0, high = BENCH_SOLD_PRODUCTS - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (maker->chance[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void bench_sales_outlet(char code[BENCH_CODE_SIZE], uint32_t outlet)
{
	snprintf(code, BENCH_CODE_SIZE, "BENCH-%02u", outlet % 100 + 1);
}

void bench_sales_till(char code[BENCH_CODE_SIZE], uint32_t till)
{
	snprintf(code, BENCH_CODE_SIZE, "BENCH-%02u/T%u", till % BENCH_OUTLETS + 1,
	         till / BENCH_OUTLETS + 1);
}

void bench_sales_product(char code[BENCH_CODE_SIZE], uint32_t product, uint64_t stamp)
{
	if (product < BENCH_SOLD_PRODUCTS)
		snprintf(code, BENCH_CODE_SIZE, "SKU-%04u", product + 1);
	else
		snprintf(code, BENCH_CODE_SIZE, "PRB-%llx-%u", (unsigned long long)stamp,
		         product - BENCH_SOLD_PRODUCTS);
}

static bool digits_of(struct text code, uint32_t from, uint32_t *number)
{
	*number = 0;
	for (uint32_t i = from; i < code.size; i++) {
		if (code.data[i] < '0' || code.data[i] > '9' || *number > 100000)
			return false;
		*number = *number * 10 + (uint32_t)(code.data[i] - '0');
	}
	return code.size > from;
}

bool bench_sales_outlet_of(struct text code, uint32_t *outlet)
{
	if (code.size < 7 || memcmp(code.data, "BENCH-", 6) != 0 || !digits_of(code, 6, outlet))
		return false;
	return (*outlet)-- >= 1 && *outlet < BENCH_OUTLETS;
}

bool bench_sales_product_of(struct text code, uint64_t stamp, uint32_t *product)
{
	char head[BENCH_CODE_SIZE];

	if (code.size > 4 && memcmp(code.data, "SKU-", 4) == 0)
		return digits_of(code, 4, product) && (*product)-- >= 1 &&
		       *product < BENCH_SOLD_PRODUCTS;
	int size = snprintf(head, sizeof(head), "PRB-%llx-", (unsigned long long)stamp);
	if (code.size <= (uint32_t)size || memcmp(code.data, head, (size_t)size) != 0 ||
	    !digits_of(code, (uint32_t)size, product))
		return false;
	*product += BENCH_SOLD_PRODUCTS;
	return *product < BENCH_PRODUCTS;
}

static int till_grow(struct bench_till *till)
{
	if (till->count == till->room) {
		uint32_t room = till->room * 2 + 64;
		size_t *ends = realloc(till->ends, room * sizeof(*ends));

		if (ends == NULL)
			return ERR_MEMORY;
		till->ends = ends;
		uint32_t *order = realloc(till->order, room * sizeof(*order));
		if (order == NULL)
			return ERR_MEMORY;
		till->order = order;
		till->room = room;
	}
	if (till->used + TICKET_BYTES_MAX > till->size) {
		uint8_t *bytes = realloc(till->bytes, till->size * 2 + (64 << 10));

		if (bytes == NULL)
			return ERR_MEMORY;
		till->bytes = bytes;
		till->size = till->size * 2 + (64 << 10);
	}
	return ERR_NONE;
}

static void pack_ticket(struct maker *maker, struct bench_till *till, uint32_t index,
                        struct ticket_sold *sold)
{
	int64_t time_us = maker->plan->begin_us + (int64_t)index * maker->plan->step_us;
	struct writer writer = writer_of(till->bytes + till->used, till->size - till->used);
	char outlet[BENCH_CODE_SIZE], receipt[41], day[DAY_TEXT_SIZE];
	struct envelope envelope = {.source = text_of(till->name),
	                            .seq = till->first_seq + till->count,
	                            .type = TEXT_LITERAL("ticket.sold"),
	                            .time_us = time_us};

	bench_sales_outlet(outlet, till->outlet);
	snprintf(receipt, sizeof(receipt), "%llx-%llu", (unsigned long long)maker->plan->stamp,
	         (unsigned long long)envelope.seq);
	day_text(time_us / US_PER_DAY, day);
	envelope.subject = text_of(outlet);
	sold->outlet = text_of(outlet);
	sold->receipt = text_of(receipt);
	sold->currency = TEXT_LITERAL("CNY");
	sold->day = text_of(day);
	envelope_write(&writer, &envelope);
	ticket_sold_type.pack(sold, &writer);
	CHECK(writer.error == ERR_NONE);
	till->used += writer.used;
	till->ends[till->count] = till->used;
	till->order[till->count++] = index;
	maker->sales->bytes += writer.used;
}

/* The last ticket of every till is a plain one, so that its effects are the last that every service
 * hears of. */
static bool is_last(const struct maker *maker, uint32_t index)
{
	return maker->plan->count - index <= BENCH_TILLS;
}

static bool sells_probe(const struct maker *maker, uint32_t index)
{
	const struct bench_plan *plan = maker->plan;
	uint64_t due = (uint64_t)(index + 1) * plan->probe_count /
	               (plan->count > 2 * BENCH_TILLS ? plan->count - BENCH_TILLS : 1);

	return !is_last(maker, index) && maker->probe < plan->probe_count && maker->probe < due;
}

static int make_ticket(struct maker *maker, uint32_t index)
{
	char codes[LINES_MAX + 1][BENCH_CODE_SIZE];
	struct ticket_sold_line lines[LINES_MAX + 1];
	bool probes = sells_probe(maker, index);
	uint32_t number =
	    is_last(maker, index) ? index % BENCH_TILLS : roll_below(maker, BENCH_TILLS);
	uint32_t probe = maker->plan->probe_first + maker->probe,
	         count = is_last(maker, index) ? 1 : 1 + roll_below(maker, LINES_MAX);

	if (probes) /* a till of the probe's outlet: the first two of every outlet exist */
		number = probe % BENCH_OUTLETS + (number % 2) * BENCH_OUTLETS;
	struct bench_till *till = &maker->sales->tills[number];
	for (uint32_t i = 0; i < count; i++) {
		uint32_t product =
		    is_last(maker, index) ? BENCH_SOLD_PRODUCTS - 1 : roll_product(maker);

		if (probes && i == 0)
			product = BENCH_SOLD_PRODUCTS + probe / BENCH_OUTLETS;
		bench_sales_product(codes[i], product, maker->plan->stamp);
		if (!probes && !is_last(maker, index) && i == 0 &&
		    roll_below(maker, BENCH_SPOILED_ONE_IN) == 0)
			snprintf(codes[i], sizeof(codes[i]), "SPOILED");
		uint32_t units = roll_below(maker, 5);
		lines[i] = (struct ticket_sold_line){
		    .sku = text_of(codes[i]),
		    .quantity = {(probes && i == 0) || units < 3 ? 1000
		                                                 : ((int64_t)units - 1) * 1000},
		    .has_unit_price = true,
		    .unit_price = {bench_sales_price(product)}};
	}
	struct ticket_sold sold = {.lines = {lines, count}};
	int error = till_grow(till);
	if (error != ERR_NONE)
		return error;
	pack_ticket(maker, till, index, &sold);
	maker->sales->owner[index] = (uint8_t)number;
	if (probes) {
		maker->sales->probe_order[probe] = index;
		maker->probe++;
	}
	return ERR_NONE;
}

int bench_sales_make(struct bench_sales *sales, const struct bench_plan *plan)
{
	struct maker *maker = calloc(1, sizeof(*maker));
	int error = maker != NULL ? ERR_NONE : ERR_MEMORY;

	*sales =
	    (struct bench_sales){.count = plan->count,
	                         .owner = malloc(plan->count + 1),
	                         .probe_order = malloc(BENCH_PROBES * sizeof(*sales->probe_order))};
	if (sales->owner == NULL || sales->probe_order == NULL)
		error = ERR_MEMORY;
	for (uint32_t i = 0; i < BENCH_TILLS; i++) {
		bench_sales_till(sales->tills[i].name, i);
		sales->tills[i].outlet = i % BENCH_OUTLETS;
		sales->tills[i].first_seq = plan->said[i] + 1;
	}
	if (error == ERR_NONE) {
		memset(sales->probe_order, 0xff, BENCH_PROBES * sizeof(*sales->probe_order));
		*maker = (struct maker){.sales = sales, .plan = plan, .dice = plan->seed};
		prepare_chances(maker);
	}
	for (uint32_t i = 0; i < plan->count && error == ERR_NONE; i++)
		error = make_ticket(maker, i);
	for (uint32_t i = 0; i < BENCH_TILLS && error == ERR_NONE; i++)
		plan->said[i] += sales->tills[i].count;
	free(maker);
	if (error != ERR_NONE)
		bench_sales_free(sales);
	return error;
}

void bench_sales_free(struct bench_sales *sales)
{
	for (uint32_t i = 0; i < BENCH_TILLS; i++) {
		free(sales->tills[i].bytes);
		free(sales->tills[i].ends);
		free(sales->tills[i].order);
	}
	free(sales->owner);
	free(sales->probe_order);
	*sales = (struct bench_sales){0};
}
