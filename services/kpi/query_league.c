/* query_league.c -- `get league`: the outlets that run for the same, ranked. Arguments: target (its league alone), metric, day
 * (of the period), key (a peer group), outlet. */
#include <stdlib.h>

#include "figures.h"
#include "target.h"

/* Targets are in one league when they ask for the same, of outlets that are peers. */
struct league {
	int32_t from, until;
	uint32_t metric, tier; /* tier 0: of a peer group */
	char currency[CURRENCY_SIZE];
	char category[CODE_SIZE], brand[CODE_SIZE], sku[CODE_SIZE];
};

struct runner {
	struct league league;
	int64_t attained_bp, achieved, value;
	char target[CODE_SIZE], outlet[CODE_SIZE];
};

struct field_of_runners {
	struct runner *items;
	size_t count, room;
};

static int by_league(const void *a, const void *b)
{
	const struct runner *one = a, *other = b;
	int order = memcmp(&one->league, &other->league, sizeof(one->league));

	if (order == 0)
		order = (one->attained_bp < other->attained_bp) - (one->attained_bp > other->attained_bp);
	return order != 0 ? order : memcmp(one->target, other->target, CODE_SIZE);
}

static bool is_peer(struct query *query, struct text group, struct text outlet)
{
	uint8_t key[KEY_SIZE];
	struct bytes wanted = key_pair(key, group, outlet.data, outlet.size), found;

	(void)query_seek(query, TABLE_PEER, wanted, &found);
	return found.data != NULL && bytes_equal(found, wanted);
}

static bool runner_of(struct query *query, struct text group, struct text code, const struct target *target,
		      struct runner *runner)
{
	struct outlet outlet = {0};
	struct text place = CODE_TEXT(target->outlet);

	if (place.size == 0 || target->person[0] != 0 || group.size > CODE_SIZE)
		return false;
	if (group.size > 0 && !is_peer(query, group, place))
		return false;
	if (group.size == 0)
		(void)look_get(query, TABLE_OUTLET, bytes_of_text(place), &outlet, sizeof(outlet));
	memset(runner, 0, sizeof(*runner));
	runner->league.from = target->from;
	runner->league.until = target->until;
	runner->league.metric = target->metric;
	runner->league.tier = outlet.tier;
	memcpy(runner->league.currency, target->currency, CURRENCY_SIZE);
	memcpy(runner->league.category, target->category, CODE_SIZE);
	memcpy(runner->league.brand, target->brand, CODE_SIZE);
	memcpy(runner->league.sku, target->sku, CODE_SIZE);
	runner->achieved = target->achieved;
	runner->value = target->value;
	runner->attained_bp = target->value > 0 ? share_bp(target->achieved, target->value) : WHOLE_BP;
	CODE_PUT(runner->target, code);
	CODE_PUT(runner->outlet, place);
	return true;
}

static void field_add(struct field_of_runners *field, const struct runner *runner)
{
	if (field->count == field->room) {
		field->room = field->room == 0 ? 64 : 2 * field->room;
		field->items = realloc(field->items, field->room * sizeof(*field->items));
		CHECK(field->items != NULL);
	}
	field->items[field->count++] = *runner;
}

static struct field_of_runners field_look(struct query *query)
{
	struct text group = query_argument(query, "key"), metric = query_argument(query, "metric");
	int32_t day = query_argument(query, "day").size > 0 ? day_of(query_argument(query, "day")) : 0;
	struct field_of_runners field = {0};
	struct target target;
	struct runner runner;
	struct bytes key, value = query_seek(query, TABLE_TARGET, bytes_of(NULL, 0), &key);

	for (; key.data != NULL; value = query_next(query, TABLE_TARGET, &key)) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!target_read(value, &target) ||
		    (metric.size > 0 && !text_equal(metric, metric_text((enum metric)target.metric))) ||
		    (day > 0 && (day < target.from || day > target.until)) ||
		    !runner_of(query, group, code, &target, &runner))
			continue;
		field_add(&field, &runner);
	}
	if (field.count > 0)
		qsort(field.items, field.count, sizeof(*field.items), by_league);
	return field;
}

static void row_of(struct query *query, const struct runner *runner, const struct runner *first, size_t size, size_t rank,
		   int64_t next_bp)
{
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct text group = query_argument(query, "key");

	day_text(runner->league.from, from);
	day_text(runner->league.until, until);
	query_text(query, "peer_group", group);
	query_int(query, "tier", runner->league.tier);
	query_text(query, "metric", metric_text((enum metric)runner->league.metric));
	query_text(query, "currency", CODE_TEXT(runner->league.currency));
	query_text(query, "category", CODE_TEXT(runner->league.category));
	query_text(query, "brand", CODE_TEXT(runner->league.brand));
	query_text(query, "sku", CODE_TEXT(runner->league.sku));
	query_text(query, "from", text_of(from));
	query_text(query, "until", text_of(until));
	query_int(query, "rank", (int64_t)rank);
	query_int(query, "peers", (int64_t)size);
	query_text(query, "outlet", CODE_TEXT(runner->outlet));
	query_text(query, "target", CODE_TEXT(runner->target));
	query_int(query, "achieved", runner->achieved);
	query_int(query, "value", runner->value);
	query_int(query, "attained_bp", runner->attained_bp);
	query_int(query, "next_bp", next_bp);
	query_int(query, "leader_bp", first->attained_bp - runner->attained_bp);
}

/* R34: In a league outlets are ranked by what they have attained of targets for the same metric, period and goods, among their
   peer group or else their tier; who has attained the same has the same rank. */
static bool answer_league(struct query *query, const struct runner *first, size_t size, size_t index, size_t from)
{
	struct text outlet = query_argument(query, "outlet");
	size_t rank = 1;
	int64_t next_bp = 0;

	for (size_t i = 0; i < size; i++) {
		const struct runner *runner = &first[i];
		uint8_t at[8];

		if (i > 0 && runner->attained_bp < runner[-1].attained_bp) {
			rank = i + 1;
			next_bp = runner[-1].attained_bp - runner->attained_bp;
		}
		if (index + i < from || (outlet.size > 0 && !text_equal(outlet, CODE_TEXT(runner->outlet))))
			continue;
		if (!query_row(query)) {
			put_u64_be(at, index + i + 1);
			query_more(query, bytes_of(at, sizeof(at)));
			return false;
		}
		row_of(query, runner, first, size, rank, next_bp);
	}
	return true;
}

static bool has_target(const struct runner *first, size_t size, struct text target)
{
	for (size_t i = 0; i < size; i++)
		if (text_equal(target, CODE_TEXT(first[i].target)))
			return true;
	return target.size == 0;
}

void query_league(struct query *query)
{
	struct bytes page = query_from(query);
	size_t from = page.size == 8 ? (size_t)get_u64_be(page.data) - 1 : 0, end;
	struct field_of_runners field = field_look(query);
	struct text target = query_argument(query, "target");

	for (size_t at = 0; at < field.count; at = end) {
		const struct league *league = &field.items[at].league;

		for (end = at + 1; end < field.count; end++)
			if (memcmp(&field.items[end].league, league, sizeof(*league)) != 0)
				break;
		if (has_target(&field.items[at], end - at, target) &&
		    !answer_league(query, &field.items[at], end - at, at, from))
			break;
	}
	free(field.items);
}
