/*
 * bench_sales.h -- the generated work of the bench: tickets of 50 tills in 20 outlets over 2,000
 * products, packed before any clock starts.
 *
 * Popularity follows Zipf's law, a ticket has 1 to 6 lines, one in 200 names a product that does
 * not exist. Some products are probes: nobody sells them but the phases that time restocks, and the
 * one sale of a probe at an outlet is what makes its restock due. The same seed gives the same
 * tickets.
 */
#ifndef TRIBUTARY_COMMAND_BENCH_SALES_H
#define TRIBUTARY_COMMAND_BENCH_SALES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/check.h"

#define BENCH_OUTLETS 20
#define BENCH_TILLS 50
#define BENCH_PRODUCTS 2000
#define BENCH_PROBE_PRODUCTS 100 /* the last ones */
#define BENCH_SOLD_PRODUCTS (BENCH_PRODUCTS - BENCH_PROBE_PRODUCTS)
#define BENCH_PROBES (BENCH_PROBE_PRODUCTS * BENCH_OUTLETS)
#define BENCH_CODE_SIZE 33
#define BENCH_SPOILED_ONE_IN 200

/* struct bench_till -- one till's tickets, packed one after the other; ticket i ends at ends[i]. */
struct bench_till {
	char name[BENCH_CODE_SIZE];
	uint32_t outlet;
	uint64_t first_seq; /* of ticket 0 */
	uint8_t *bytes;
	size_t used, size;
	size_t *ends;
	uint32_t *order; /* of each ticket: its place among all tickets */
	uint32_t count, room;
};

struct bench_sales {
	struct bench_till tills[BENCH_TILLS];
	uint8_t *owner;        /* of each ticket in order: its till */
	uint32_t *probe_order; /* of each probe: the place of the ticket that sells it; UINT32_MAX:
	                          none */
	uint32_t count;
	uint64_t bytes;
};

/* What to make. said: the last sequence of each till so far, moved on by what is made. */
struct bench_plan {
	uint32_t count;
	uint64_t seed, stamp;      /* stamp: keeps receipts and probes of different runs apart */
	int64_t begin_us, step_us; /* time of the first ticket, time between two */
	uint32_t probe_first, probe_count; /* which probes are sold on the way */
	uint64_t *said;                    /* BENCH_TILLS of them */
};

/* bench_sales_make -- owns: gives *sales until bench_sales_free.   errors  ERR_MEMORY. */
int bench_sales_make(struct bench_sales *sales, const struct bench_plan *plan) must_check;
void bench_sales_free(struct bench_sales *sales);

/* Codes of things; a probe is product number BENCH_SOLD_PRODUCTS and above. */
void bench_sales_outlet(char code[BENCH_CODE_SIZE], uint32_t outlet);
void bench_sales_till(char code[BENCH_CODE_SIZE], uint32_t till);
void bench_sales_product(char code[BENCH_CODE_SIZE], uint32_t product, uint64_t stamp);

/* bench_sales_outlet_of, bench_sales_product_of -- back from the code; false: none of the bench's.
 */
bool bench_sales_outlet_of(struct text code, uint32_t *outlet) must_check;
bool bench_sales_product_of(struct text code, uint64_t stamp, uint32_t *product) must_check;

/* bench_sales_price -- what every till asks for a unit, 1/10000 of the major unit. */
static inline int64_t bench_sales_price(uint32_t product)
{
	return (product % 200 + 1) * INT64_C(9900);
}

/* bench_sales_opening -- units of a product that lie on every shelf at first: some days above the
 * reorder point, a probe one sale above. */
static inline int64_t bench_sales_opening(uint32_t product)
{
	return product < BENCH_SOLD_PRODUCTS ? 20 + (int64_t)(product * 31 % 41) : 11;
}

/* bench_sales_probe -- which probe the pair of a place and a product is. */
static inline uint32_t bench_sales_probe(uint32_t outlet, uint32_t product)
{
	return (product - BENCH_SOLD_PRODUCTS) * BENCH_OUTLETS + outlet;
}

#endif
