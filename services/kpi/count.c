/* count.c -- one row per scope, changed where it lies: the running sums and the latest day are in it. */
#include "count.h"

#include "category.h"
#include "hour.h"
#include "known.h"
#include "target.h"
#include "territory.h"
#include "till.h"

/* Returns the row as it was lent; NULL: it was not there. */
static struct measures *day_count(struct turn *turn, struct bytes key, const struct measures *add)
{
	struct measures *lent = turn_edit(turn, TABLE_MEASURE, key, sizeof(*lent)), fresh = {0};

	measures_add(lent != NULL ? lent : &fresh, add);
	if (lent == NULL)
		row_put(turn, TABLE_MEASURE, key, &fresh, sizeof(fresh));
	return lent;
}

/* R4: A scope has a running sum and a sum per day; the running sum is the sum of its days. */
static struct measures *standing_count(struct turn *turn, struct standing *standing, uint8_t *place, size_t size,
				       int32_t day, const struct measures *add)
{
	uint8_t *day_place = place + size - 4;
	struct bytes key = bytes_of(place, size); /* the running row's; becomes that of a day, and back */
	struct measures *of_day = &standing->today; /* where its sums lie; NULL: in a row that is new */

	measures_add(&standing->running, add);
	if (day > standing->day) {
		if (standing->day != 0) {
			number_key(day_place, (uint32_t)standing->day);
			row_put(turn, TABLE_MEASURE, key, &standing->today, sizeof(standing->today));
		}
		number_key(day_place, (uint32_t)day);
		/* The latest day's row says only that the day exists. */
		turn_put(turn, TABLE_MEASURE, key, bytes_of(NULL, 0));
		standing->day = day;
		standing->today = *add;
	} else if (day == standing->day) {
		measures_add(&standing->today, add);
	} else {
		number_key(day_place, (uint32_t)day);
		of_day = day_count(turn, key, add);
	}
	number_key(day_place, 0);
	return of_day;
}

/* Watchers hear of the running row, and of the day's when there is one. */
static void standing_touch(struct turn *turn, uint8_t *place, size_t size, int32_t day)
{
	uint8_t *day_place = place + size - 4;

	if (day != 0) {
		number_key(day_place, (uint32_t)day);
		turn_touch(turn, bytes_of(place, size));
		number_key(day_place, 0);
	}
#if !defined(MUTANT_RUNNING_UNTOUCHED)
	turn_touch(turn, bytes_of(place, size));
#endif
}

static struct standing *standing_new(struct turn *turn)
{
	struct standing *standing = turn_take(turn, sizeof(*standing));

	*standing = (struct standing){0};
	return standing;
}

/* A scope on a day of which nothing is known: its rows are looked for. */
static void count_anew(struct turn *turn, struct known *known, char scope, struct text code, struct text currency, int32_t day,
		       const struct measures *add, const struct level *goods)
{
	uint8_t place[KEY_SIZE];
	struct bytes key = measure_key(place, scope, code, currency, 0);
	struct standing *lent = turn_edit(turn, TABLE_MEASURE, key, sizeof(*lent));
	struct standing *fresh = lent == NULL ? standing_new(turn) : NULL;
	struct standing *standing = lent != NULL ? lent : fresh;

	known->standing = lent;
	if (add != NULL)
		known->of_day = standing_count(turn, standing, place, key.size, day, add);
	if (goods != NULL)
		level_add(&standing->stock, goods, 1);
	if (fresh != NULL)
		row_put(turn, TABLE_MEASURE, key, fresh, sizeof(*fresh));
	int32_t touched_day = add != NULL ? day : 0;
	if (fresh != NULL || !turn_touched(turn, standing, touched_day))
		standing_touch(turn, place, key.size, touched_day);
}

static struct known *count_on_day(struct turn *turn, char scope, struct text code, struct text currency, int32_t day,
				  const struct measures *add, const struct level *goods)
{
	struct known *known = known_scope(turn, scope, code, currency, day);

	if (known->standing == NULL || known->of_day == NULL) {
		count_anew(turn, known, scope, code, currency, day, add, goods);
		return known;
	}
	measures_add(&known->standing->running, add);
	measures_add(known->of_day, add);
	if (goods != NULL)
		level_add(&known->standing->stock, goods, 1);
	return known;
}

void count_scope(struct turn *turn, char scope, struct text code, struct text currency, int32_t day,
		 const struct measures *add, const struct level *goods)
{
	struct known unknown = {0};

	if (add != NULL)
		(void)count_on_day(turn, scope, code, currency, day, add, goods);
	else
		count_anew(turn, &unknown, scope, code, currency, day, NULL, goods);
}

void count_sold(struct turn *turn, const struct book *book, char scope, struct text code, const struct ticket *ticket,
		const struct measures *add)
{
	struct known *known = count_on_day(turn, scope, code, ticket->currency, ticket->day, add, NULL);

	hour_count(turn, known, book, scope, code, ticket, add);
}

/* R5: What an outlet measures, its tier and the whole measure too, in the currency that the outlet trades in;
   tickets count in their own currency. */
void count_outlet(struct turn *turn, struct text code, const struct outlet *outlet, int32_t day,
		  const struct measures *add, const struct level *goods)
{
	struct text currency = CODE_TEXT(outlet->currency);

	count_scope(turn, SCOPE_OUTLET, code, currency, day, add, goods);
	/* R6: What is heard of an outlet before it is declared is kept apart, and moves to where it belongs
	   when it is. */
	if (outlet->tier == 0)
		return;
	count_scope(turn, SCOPE_TIER, tier_code(outlet->tier), currency, day, add, goods);
	count_scope(turn, SCOPE_TOTAL, TOTAL_CODE, currency, day, add, goods);
}

/* R1: A sale counts its total as revenue, its goods as units and itself as a ticket; a return counts the
   same, positive, as returns, returned units and return tickets. */
struct measures ticket_measures(const struct ticket *ticket, struct money amount, struct quantity units)
{
	struct measures measures = {0};

	if (ticket->is_return) {
		measures.returns = amount;
		measures.returned_units = units;
		measures.return_tickets = 1;
	} else {
		measures.revenue = amount;
		measures.units = units;
		measures.tickets = 1;
	}
	/* R2: A void takes away exactly what its ticket had counted, on the ticket's day. */
	return ticket->is_void ? measures_negate(&measures) : measures;
}

struct book heard(struct turn *turn, int32_t day)
{
	struct book book = book_get(turn);
	int64_t time_us = turn_input(turn)->time_us;
	int64_t seconds_us = time_us - time_us % US_PER_SECOND;

	if (seconds_us <= book.watermark_us && day <= book.day_max)
		return book;
	/* R20: The watermark is the latest event time heard of tills, stock and shipments, in whole
	   seconds. */
	if (seconds_us > book.watermark_us)
		book.watermark_us = seconds_us;
#if defined(MUTANT_WATERMARK_AHEAD)
	book.watermark_us += US_PER_HOUR;
#endif
	if (day > book.day_max) {
		book.day_max = day;
		hours_forget(turn, day);
	}
	book_put(turn, &book);
	return book;
}

void count_ticket(struct turn *turn, const struct ticket *ticket)
{
	struct measures add = ticket_measures(ticket, ticket->total, ticket->units);
	struct text tier = tier_code(ticket->tier);
	struct book book = heard(turn, ticket->day);

	till_heard(turn, ticket->terminal, ticket->outlet);
	count_sold(turn, &book, SCOPE_OUTLET, ticket->outlet, ticket, &add);
	count_sold(turn, &book, SCOPE_TIER, tier, ticket, &add);
	count_sold(turn, &book, SCOPE_TOTAL, TOTAL_CODE, ticket, &add);
	target_count(turn, &book, SCOPE_OUTLET, ticket->outlet, ticket, &add);
	target_count(turn, &book, SCOPE_TIER, tier, ticket, &add);
	target_count(turn, &book, SCOPE_TOTAL, TOTAL_CODE, ticket, &add);
	if ((book.aims & AIM_TERRITORY) != 0)
		territory_count(turn, &book, ticket, &add);
	if (ticket->person.size > 0)
		target_count(turn, &book, SCOPE_PERSON, ticket->person, ticket, &add);
	category_count(turn, &book, ticket);
}
