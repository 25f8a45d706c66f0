/* statement_verify.c -- a statement, worked out again by somebody who trusts nobody. */
#include "statement.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/key.h"
#include "base/when.h"
#include "events/orders.h"
#include "events/partners.h"
#include "rebate/entry.h"

/* A ticket of the dealer's own. */
struct ticket {
	UT_hash_handle hh;
	const char *id;
	unsigned line; /* of the file of sales */
	struct text outlet, currency;
	int32_t day;
	int64_t tier;
	int sign; /* of its lines for the basis */
	struct text cause;
	const struct sale_recorded_line *lines;
	uint32_t count;
	bool is_used;
};

/* An accrual or an adjustment. */
struct entry {
	struct root_entry root;
	struct footing footing; /* after it */
	struct text outlet, scheme, period, currency;
	int64_t step, rate, balance;
	int64_t missing, gain; /* of the next step; -1: not told */
	bool is_accrual;
};

/* An order of the dealer's own, as it is paid at last. */
struct paid {
	UT_hash_handle hh;
	char key[80]; /* outlet, order */
	struct text outlet, currency;
	int32_t day;
	int64_t amount, days; /* -1: it is not paid */
};

struct verifying {
	bool json, is_wrong, recounted, has_sales;
	const char *file;
	struct ticket *tickets;
	struct paid *paid;
	struct scheme *schemes; /* one for each version */
	size_t scheme_count;
	struct text outlet, scheme, period;
	struct footing footing;
	int64_t version, accrued, adjusted, settled, entries, ticket_count;
	int64_t crossing; /* what the next entry has to say of a step */
	char root[ROOT_TEXT + 1];
	struct arena arena, sales;
};

/* The first thing that differs ends it. */
__attribute__((format(printf, 3, 4))) static bool wrong(struct verifying *v, const struct told *told, const char *format, ...)
{
	char what[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	v->is_wrong = true;
	if (v->json)
		printf("{\"file\":\"%s\",\"line\":%u,\"id\":\"%s\",\"wrong\":\"%s\"}\n", v->file, told != NULL ? told->line : 0,
		       told != NULL ? told->id : "", what);
	else if (told != NULL)
		printf("%s:%u: %s: %s\n", v->file, told->line, told->id, what);
	else
		printf("%s: %s\n", v->file, what);
	return false;
}

/* ---- the dealer's sales ---- */

/* The last word on an order counts. */
static void take_paid(struct verifying *v, const struct paid *paid, struct text order, struct text day)
{
	struct paid *known = NULL;
	char key[80];
	int64_t number;

	snprintf(key, sizeof(key), "%.*s %.*s", TEXT_ARGS(paid->outlet), TEXT_ARGS(order));
	HASH_FIND_STR(v->paid, key, known);
	if (known == NULL) {
		known = calloc(1, sizeof(*known));
		CHECK(known != NULL);
		memcpy(known->key, key, sizeof(key));
		HASH_ADD_STR(v->paid, key, known);
	}
	known->outlet = paid->outlet;
	known->currency = paid->currency;
	known->day = day_number(day, &number) ? (int32_t)number : 0;
	known->amount = paid->amount;
	known->days = paid->days;
}

static bool take_ticket(void *context, const struct told *told)
{
	struct verifying *v = context;

	if (told->type == &invoice_settled_type) {
		const struct invoice_settled *e = told->event;

		take_paid(v, &(struct paid){.outlet = e->outlet, .currency = e->currency, .amount = e->amount.minor, .days = e->days}, e->order,
			  e->day);
		return true;
	}
	if (told->type == &invoice_reopened_type) {
		const struct invoice_reopened *e = told->event;

		take_paid(v, &(struct paid){.outlet = e->outlet, .currency = e->currency, .amount = e->amount.minor, .days = -1}, e->order,
			  e->day);
		return true;
	}
	struct ticket *ticket = calloc(1, sizeof(*ticket)), *known = NULL;
	struct text day;

	CHECK(ticket != NULL);
	if (told->type == &sale_recorded_type) {
		const struct sale_recorded *e = told->event;

		*ticket = (struct ticket){.outlet = e->outlet, .currency = e->currency, .tier = e->tier, .sign = 1, .cause = TEXT_LITERAL("late_sale")};
		ticket->lines = e->lines.items;
		ticket->count = e->lines.count;
		day = e->day;
	} else if (told->type == &sale_returned_type) {
		const struct sale_returned *e = told->event;

		*ticket = (struct ticket){.outlet = e->outlet, .currency = e->currency, .tier = e->tier, .sign = -1, .cause = TEXT_LITERAL("return")};
		ticket->lines = (const struct sale_recorded_line *)(const void *)e->lines.items;
		ticket->count = e->lines.count;
		day = e->day;
	} else {
		const struct sale_voided *e = told->event;

		*ticket = (struct ticket){.outlet = e->outlet, .currency = e->currency, .tier = e->tier, .cause = TEXT_LITERAL("void")};
		ticket->sign = text_equal(e->was, TEXT_LITERAL("return")) ? 1 : -1;
		ticket->lines = (const struct sale_recorded_line *)(const void *)e->lines.items;
		ticket->count = e->lines.count;
		day = e->day;
	}
	int64_t number;
	ticket->day = day_number(day, &number) ? (int32_t)number : 0;
	ticket->id = told->id;
	ticket->line = told->line;
	HASH_FIND_STR(v->tickets, ticket->id, known);
	if (known != NULL) {
		free(ticket); /* exported twice */
		return true;
	}
	HASH_ADD_KEYPTR(hh, v->tickets, ticket->id, strlen(ticket->id), ticket);
	return true;
}

static int64_t line_basis(const struct scheme *scheme, const struct ticket *ticket, uint32_t line)
{
	const struct sale_recorded_line *of = &ticket->lines[line];

	return ticket->sign * (scheme->basis == BASIS_REVENUE ? of->amount.minor : of->quantity.milli);
}

static bool line_is_goods(const struct ticket *ticket, uint32_t line)
{
	return !ticket->lines[line].has_service || !ticket->lines[line].service;
}

/* Whether a scheme has to count a line: of categories and brands a dealer's file does not tell. */
static bool line_must_count(const struct scheme *scheme, const struct ticket *ticket, uint32_t line)
{
	return line_is_goods(ticket, line) &&
	       (scheme->goods_kind == 'a' || (scheme->goods_kind == 's' && text_equal(CODE_TEXT(scheme->goods), ticket->lines[line].sku)));
}

static bool is_told(const struct entry *entry, int64_t line)
{
	for (uint32_t i = 0; i < entry->root.line_count; i++)
		if (entry->root.lines[i].line == line)
			return true;
	return false;
}

static bool check_lines(struct verifying *v, const struct told *told, const struct entry *entry, const struct scheme *scheme,
			const struct ticket *ticket)
{
	int64_t last = 0;

	for (uint32_t i = 0; i < entry->root.line_count; i++) {
		const struct root_line *line = &entry->root.lines[i];

		if (line->line <= last || line->line > ticket->count)
			return wrong(v, told, "line %lld is not on the ticket, or stands twice", (long long)line->line);
		last = line->line;
		if (!line_is_goods(ticket, (uint32_t)line->line - 1))
			return wrong(v, told, "line %lld is no goods", (long long)line->line);
		int64_t basis = line_basis(scheme, ticket, (uint32_t)line->line - 1);
		if (line->basis != basis)
			return wrong(v, told, "line %lld counts %lld, your ticket gives %lld", (long long)line->line, (long long)line->basis,
				     (long long)basis);
	}
	for (uint32_t i = 0; i < ticket->count; i++)
		if (line_must_count(scheme, ticket, i) && !is_told(entry, (int64_t)i + 1))
			return wrong(v, told, "line %u of your ticket is left out", i + 1);
	return true;
}

static bool check_ticket(struct verifying *v, const struct told *told, const struct entry *entry, const struct scheme *scheme)
{
	char id[ID_TEXT_MAX + 1];
	struct ticket *ticket = NULL;

	snprintf(id, sizeof(id), "%.*s", TEXT_ARGS(entry->root.sale));
	HASH_FIND_STR(v->tickets, id, ticket);
	if (ticket == NULL)
		return wrong(v, told, "%s is none of your sales", id);
	if (!text_equal(ticket->outlet, entry->outlet) || !text_equal(ticket->currency, entry->currency) || ticket->day < scheme->from ||
	    ticket->day > scheme->until || (scheme->tier != 0 && ticket->tier != scheme->tier))
		return wrong(v, told, "%s is no ticket of this outlet, currency, tier and time", id);
	char period[DAY_TEXT_SIZE];
	day_text(period_of(scheme, ticket->day).from, period);
	if (!text_equal(text_of(period), entry->period))
		return wrong(v, told, "%s belongs to the period %s", id, period);
	if (ticket->is_used)
		return wrong(v, told, "%s has counted before", id);
	ticket->is_used = true;
	if (!text_equal(entry->root.word, ticket->cause) && !(entry->is_accrual && text_equal(ticket->cause, TEXT_LITERAL("late_sale"))))
		return wrong(v, told, "%s is a %.*s", id, TEXT_ARGS(ticket->cause));
	return check_lines(v, told, entry, scheme, ticket);
}

/* ---- the arithmetic ---- */

static const struct scheme *scheme_of(const struct verifying *v, int64_t version)
{
	for (size_t i = 0; i < v->scheme_count; i++)
		if (v->schemes[i].version == version)
			return &v->schemes[i];
	return NULL;
}

/* The lines of a ticket: what each brings at the step that is reached with them, and what that step changes for all before. */
static bool check_amounts(struct verifying *v, const struct told *told, const struct entry *entry, const struct scheme *scheme)
{
	struct footing now = entry->footing;
	int64_t first, due, before = v->accrued + v->adjusted;
	uint32_t step = ladder_applied(scheme, &now);

	now.basis = v->footing.basis;
	first = due = ladder_due_at(scheme, &now, step);
	for (uint32_t i = 0; i < entry->root.line_count; i++) {
		const struct root_line *line = &entry->root.lines[i];

		now.basis += line->basis;
		int64_t next = ladder_due_at(scheme, &now, step);
		if (line->amount != next - due)
			return wrong(v, told, "line %lld brings %lld, not %lld", (long long)line->line, (long long)(next - due),
				     (long long)line->amount);
		due = next;
	}
	if (now.basis != entry->root.basis)
		return wrong(v, told, "%lld have counted now, not %lld", (long long)now.basis, (long long)entry->root.basis);
	if (entry->root.amount != due - first)
		return wrong(v, told, "its lines bring %lld, not %lld", (long long)(due - first), (long long)entry->root.amount);
	v->crossing = first - before;
	return true;
}

/* Every other entry closes the difference to what is due now. */
static bool check_difference(struct verifying *v, const struct told *told, const struct entry *entry, const struct scheme *scheme)
{
	struct footing now = entry->footing;
	int64_t due = ladder_due(scheme, &now) - v->accrued - v->adjusted;

	if (text_equal(entry->root.word, TEXT_LITERAL("policy")))
		v->recounted = v->recounted || now.basis != v->footing.basis;
	else if (text_equal(entry->root.word, TEXT_LITERAL("payment")) && scheme->paid_within > 0)
		v->footing.basis = now.basis; /* what the orders give as a whole is held against it at the end */
	else if (now.basis != v->footing.basis)
		return wrong(v, told, "%lld have counted, not %lld", (long long)v->footing.basis, (long long)now.basis);
	if (entry->root.amount != due)
		return wrong(v, told, "%lld are the difference to what is due, not %lld", (long long)due, (long long)entry->root.amount);
	v->crossing = 0;
	return true;
}

static bool check_told(struct verifying *v, const struct told *told, const struct entry *entry, const struct scheme *scheme)
{
	uint32_t step = ladder_step(scheme, &v->footing);
	int64_t missing = -1, gain = -1;

	if (v->accrued + v->adjusted - v->settled != entry->balance)
		return wrong(v, told, "the balance is %lld, not %lld", (long long)(v->accrued + v->adjusted - v->settled),
			     (long long)entry->balance);
	if (entry->step != step || entry->rate != (step > 0 ? scheme->steps[step - 1].rate : 0))
		return wrong(v, told, "step %u is reached, not %lld at %lld", step, (long long)entry->step, (long long)entry->rate);
	if (entry->is_accrual && !ladder_next(scheme, &v->footing, &missing, &gain))
		missing = gain = -1;
	if (entry->is_accrual && (missing != entry->missing || gain != entry->gain))
		return wrong(v, told, "to the next step %lld are missing, which bring %lld", (long long)missing, (long long)gain);
	return true;
}

static bool check_entry(struct verifying *v, const struct told *told, const struct entry *entry)
{
	const struct scheme *scheme = scheme_of(v, entry->root.version);
	char *buffer = malloc(root_bytes(&entry->root));
	bool is_ticket = entry->root.line_count > 0;

	CHECK(buffer != NULL);
	root_next(v->root, &entry->root, buffer);
	free(buffer);
	if (v->entries == 0) {
		v->outlet = entry->outlet;
		v->scheme = entry->scheme;
		v->period = entry->period;
	}
	if (!text_equal(v->outlet, entry->outlet) || !text_equal(v->scheme, entry->scheme) || !text_equal(v->period, entry->period))
		return wrong(v, told, "it is of another outlet, scheme or period");
	if (entry->root.number != ++v->entries)
		return wrong(v, told, "entry %lld stands where entry %lld belongs", (long long)entry->root.number, (long long)v->entries);
	if (scheme == NULL)
		return wrong(v, told, "version %lld of its scheme is not in the statement", (long long)entry->root.version);
	if (!text_equal(CODE_TEXT(scheme->currency), entry->currency))
		return wrong(v, told, "the scheme is in %.*s", TEXT_ARGS(CODE_TEXT(scheme->currency)));
	if (v->crossing != 0 && !text_equal(entry->root.word, TEXT_LITERAL("step_crossed")))
		return wrong(v, told, "the step that was crossed before it brings %lld, which nobody says", (long long)v->crossing);
	if (is_ticket && v->has_sales && !check_ticket(v, told, entry, scheme))
		return false;
	if (is_ticket ? !check_amounts(v, told, entry, scheme) : !check_difference(v, told, entry, scheme))
		return false;
	*(entry->is_accrual ? &v->accrued : &v->adjusted) += entry->root.amount;
	v->footing = entry->footing;
	v->version = entry->root.version;
	v->ticket_count += is_ticket;
	return check_told(v, told, entry, scheme);
}

/* ---- the lines of a statement ---- */

static bool take_entry(struct verifying *v, const struct told *told, const struct rebate_accrued *e, struct text word, bool is_accrual)
{
	struct root_line lines[1000];
	struct entry entry = {.outlet = e->outlet,
			      .scheme = e->scheme,
			      .period = e->period,
			      .currency = e->currency,
			      .step = e->step,
			      .rate = e->rate,
			      .balance = e->balance.minor,
			      .missing = e->has_next_missing ? e->next_missing : -1,
			      .gain = e->has_next_gain ? e->next_gain.minor : -1,
			      .is_accrual = is_accrual,
			      .footing = entry_footing(e),
			      .root = entry_root(e, word, lines)};

	return check_entry(v, told, &entry);
}

static bool take_accrued(struct verifying *v, const struct told *told, const struct rebate_accrued *e)
{
	if (e->lines.count == 0)
		return wrong(v, told, "an accrual names the lines of a sale");
	return take_entry(v, told, e, TEXT_LITERAL("accrued"), true);
}

static bool take_adjusted(struct verifying *v, const struct told *told, const struct rebate_adjusted *e)
{
	struct rebate_accrued same = entry_accrued(e);

	return take_entry(v, told, &same, e->cause, false);
}

static bool take_locked(struct verifying *v, const struct told *told, const struct rebate_locked *e)
{
	if (e->accrued.minor != v->accrued || e->adjusted.minor != v->adjusted || e->amount.minor != v->accrued + v->adjusted ||
	    e->entries != v->entries || e->basis != v->footing.basis || e->scheme_version != v->version)
		return wrong(v, told, "locked are %lld accrued, %lld adjusted, %lld entries; they give %lld, %lld, %lld", (long long)e->accrued.minor,
			     (long long)e->adjusted.minor, (long long)e->entries, (long long)v->accrued, (long long)v->adjusted,
			     (long long)v->entries);
	return text_equal(e->root, text_of(v->root)) || wrong(v, told, "the root of its entries is %s", v->root);
}

static bool take_settled(struct verifying *v, const struct told *told, const struct rebate_settled *e)
{
	v->settled += e->amount.minor;
	return e->balance.minor == v->accrued + v->adjusted - v->settled ||
	       wrong(v, told, "%lld are left, not %lld", (long long)(v->accrued + v->adjusted - v->settled), (long long)e->balance.minor);
}

static bool take_told(void *context, const struct told *told)
{
	struct verifying *v = context;

	if (told->type == &rebate_accrued_type)
		return take_accrued(v, told, told->event);
	if (told->type == &rebate_adjusted_type)
		return take_adjusted(v, told, told->event);
	if (told->type == &rebate_locked_type)
		return take_locked(v, told, told->event);
	if (told->type == &rebate_settled_type)
		return take_settled(v, told, told->event);
	v->schemes = realloc(v->schemes, (v->scheme_count + 1) * sizeof(*v->schemes));
	CHECK(v->schemes != NULL);
	v->schemes[v->scheme_count++] = statement_scheme(told->event);
	return true;
}

/* ---- what is not there ---- */

static bool must_count(const struct verifying *v, const struct scheme *scheme, const struct ticket *ticket)
{
	char period[DAY_TEXT_SIZE];

	if (scheme->paid_within > 0 || !text_equal(ticket->outlet, v->outlet) ||
	    !text_equal(ticket->currency, CODE_TEXT(scheme->currency)) || ticket->day < scheme->from ||
	    ticket->day > scheme->until || (scheme->tier != 0 && ticket->tier != scheme->tier))
		return false;
	day_text(period_of(scheme, ticket->day).from, period);
	if (!text_equal(text_of(period), v->period))
		return false;
	for (uint32_t i = 0; i < ticket->count; i++)
		if (line_must_count(scheme, ticket, i))
			return true;
	return false;
}

/* Orders of the period that were paid in time. */
static int64_t paid_sum(const struct verifying *v, const struct scheme *scheme)
{
	char period[DAY_TEXT_SIZE];
	int64_t sum = 0;

	for (const struct paid *paid = v->paid; paid != NULL; paid = paid->hh.next) {
		if (!text_equal(paid->outlet, v->outlet) || !text_equal(paid->currency, CODE_TEXT(scheme->currency)) || paid->days < 0 ||
		    paid->days >= (int64_t)scheme->paid_within || paid->day < scheme->from || paid->day > scheme->until)
			continue;
		day_text(period_of(scheme, paid->day).from, period);
		sum += text_equal(text_of(period), v->period) ? paid->amount : 0;
	}
	return sum;
}

/* A SKU of the dealer's own sales. */
struct sold {
	UT_hash_handle hh;
	char sku[40];
	int64_t units; /* less what came back */
};

/* How many different SKUs the period has sold, as far as a dealer's file tells which goods count. */
static int64_t sku_count(const struct verifying *v, const struct scheme *scheme)
{
	struct sold *skus = NULL, *sold, *next;
	int64_t count = 0;

	for (const struct ticket *ticket = v->tickets; ticket != NULL; ticket = ticket->hh.next)
		for (uint32_t i = 0; must_count(v, scheme, ticket) && i < ticket->count; i++) {
			char sku[40];

			if (!line_must_count(scheme, ticket, i))
				continue;
			snprintf(sku, sizeof(sku), "%.*s", TEXT_ARGS(ticket->lines[i].sku));
			HASH_FIND_STR(skus, sku, sold);
			if (sold == NULL) {
				sold = calloc(1, sizeof(*sold));
				CHECK(sold != NULL);
				memcpy(sold->sku, sku, sizeof(sku));
				HASH_ADD_STR(skus, sku, sold);
			}
			sold->units += ticket->sign * ticket->lines[i].quantity.milli;
		}
	HASH_ITER(hh, skus, sold, next) {
		count += sold->units > 0;
		HASH_DEL(skus, sold);
		free(sold);
	}
	return count;
}

/* A sale that has earned nothing at all; where days were counted back as a whole, the sum of all sales has to do. */
static void check_complete(struct verifying *v)
{
	const struct scheme *scheme = scheme_of(v, v->version);
	int64_t sum = 0;

	if (v->is_wrong || scheme == NULL)
		return;
	if (v->crossing != 0) {
		(void)wrong(v, NULL, "the last step that was crossed brings %lld, which nobody says", (long long)v->crossing);
		return;
	}
	for (const struct ticket *ticket = v->tickets; ticket != NULL; ticket = ticket->hh.next) {
		if (!must_count(v, scheme, ticket))
			continue;
		for (uint32_t i = 0; i < ticket->count; i++)
			sum += line_must_count(scheme, ticket, i) ? line_basis(scheme, ticket, i) : 0;
		if (!ticket->is_used && !v->recounted) {
			(void)wrong(v, NULL, "your %s, line %u of your sales, is not in it", ticket->id, ticket->line);
			return;
		}
	}
	if (v->has_sales && scheme->mix_skus > 0 && scheme->goods_kind == 'a' && sku_count(v, scheme) != v->footing.skus) {
		(void)wrong(v, NULL, "it counts %lld SKUs, your sales give %lld", (long long)v->footing.skus, (long long)sku_count(v, scheme));
		return;
	}
	if (v->has_sales && scheme->paid_within > 0) {
		sum = paid_sum(v, scheme);
		if (sum != v->footing.basis)
			(void)wrong(v, NULL, "it counts %lld, your paid orders give %lld", (long long)v->footing.basis, (long long)sum);
	} else if (v->has_sales && (scheme->goods_kind == 'a' || scheme->goods_kind == 's') && sum != v->footing.basis)
		(void)wrong(v, NULL, "it counts %lld, your sales give %lld", (long long)v->footing.basis, (long long)sum);
}

static void print_verdict(const struct verifying *v)
{
	if (v->json)
		printf("{\"file\":\"%s\",\"entries\":%lld,\"tickets\":%lld,\"accrued_minor\":%lld,\"adjusted_minor\":%lld,\"settled_minor\":%lld,"
		       "\"balance_minor\":%lld,\"root\":\"%s\"}\n",
		       v->file, (long long)v->entries, (long long)v->ticket_count, (long long)v->accrued, (long long)v->adjusted,
		       (long long)v->settled, (long long)(v->accrued + v->adjusted - v->settled), v->root);
	else
		printf("right: %lld entries, %lld tickets%s, %lld accrued, %lld adjusted, %lld settled, %lld owed; root %s\n", (long long)v->entries,
		       (long long)v->ticket_count, v->has_sales ? "" : " (held against no sales)", (long long)v->accrued,
		       (long long)v->adjusted, (long long)v->settled, (long long)(v->accrued + v->adjusted - v->settled), v->root);
}

static void forget(struct verifying *v)
{
	struct ticket *ticket, *next;
	struct paid *paid, *after;

	HASH_ITER(hh, v->paid, paid, after) {
		HASH_DEL(v->paid, paid);
		free(paid);
	}
	HASH_ITER(hh, v->tickets, ticket, next) {
		HASH_DEL(v->tickets, ticket);
		free(ticket);
	}
	free(v->schemes);
	arena_close(&v->arena);
	arena_close(&v->sales);
}

int statement_verify(const char *file, const char *sales, const char *root, bool json)
{
	static const struct event_type *const ours[] = {&sale_recorded_type,   &sale_returned_type,	   &sale_voided_type,
							&invoice_settled_type, &invoice_reopened_type, NULL};
	static const struct event_type *const theirs[] = {&scheme_declared_type, &rebate_accrued_type, &rebate_adjusted_type,
							  &rebate_locked_type,	 &rebate_settled_type, NULL};
	struct verifying v = {.file = file, .json = json, .has_sales = sales != NULL};
	int code = EXIT_DONE;

	root_begin(v.root);
	if (sales != NULL)
		code = statement_read(sales, ours, &v.sales, take_ticket, &v);
	if (code == EXIT_DONE)
		code = statement_read(file, theirs, &v.arena, take_told, &v);
	if (code == EXIT_DONE && !v.is_wrong && v.entries == 0)
		(void)wrong(&v, NULL, "there is no entry in it");
	if (code == EXIT_DONE)
		check_complete(&v);
	if (code == EXIT_DONE && !v.is_wrong && root != NULL && strcmp(root, v.root) != 0)
		(void)wrong(&v, NULL, "its root is %s, not the one that was kept", v.root);
	if (code == EXIT_DONE && !v.is_wrong)
		print_verdict(&v);
	forget(&v);
	return code != EXIT_DONE ? code : v.is_wrong ? EXIT_REFUSED : EXIT_DONE;
}
