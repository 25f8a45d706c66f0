/* training.c -- certificates as rows, and what is said of them when their holders come, go, and forget. */
#include "people/training.h"

_Static_assert(sizeof(struct certificate) == 112, "a certificate has no padding");

#define WATCHED_MAX 500 /* of one tick; the others wait for the next */

/* A certificate, and who holds it by which result. */
struct held {
	struct text member, result;
	struct certificate certificate;
};

struct bytes certificate_key(uint8_t key[KEY_SIZE], struct text member, struct text result)
{
	const struct text codes[] = {member, result};

	return key_join(key, codes, 2);
}

bool certificate_read(struct bytes row, struct certificate *certificate)
{
	if (row.size != sizeof(*certificate))
		return false;
	memcpy(certificate, row.data, sizeof(*certificate));
	return true;
}

struct bytes certificate_end_key(uint8_t key[KEY_SIZE], int64_t until, struct text member, struct text result)
{
	uint8_t rest[KEY_SIZE];

	return key_timed(key, "", until + DAYS_FOR_EVER, certificate_key(rest, member, result)); /* days before 1970 sort before it */
}

struct days days_common(struct days one, struct days other)
{
	return (struct days){one.from > other.from ? one.from : other.from, one.until < other.until ? one.until : other.until};
}

struct days member_days(struct turn *turn, const struct member_submitted *member)
{
	struct days days = {.until = DAYS_FOR_EVER};

	CHECK(day_number(member->from, &days.from)); /* R21 */
	if (member->has_until)
		CHECK(day_number(member->until, &days.until));
	else if (member->has_status && text_equal(member->status, TEXT_LITERAL("left")))
		days.until = turn_input(turn)->time_us / US_PER_DAY - 1;
	return days;
}

static void held_put(struct turn *turn, const struct held *held)
{
	uint8_t key[KEY_SIZE];

	turn_put(turn, TABLE_CERTIFICATE, certificate_key(key, held->member, held->result), bytes_of(&held->certificate, sizeof(held->certificate)));
}

static void say(struct turn *turn, const struct event_type *type, const struct held *held, struct days days)
{
	const struct certificate *certificate = &held->certificate;
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct certificate_granted granted = {.training_result = held->result,
					      .member = held->member,
					      .outlet = CODE_TEXT(certificate->outlet),
					      .course = CODE_TEXT(certificate->course),
					      .course_version = certificate->version,
					      .has_until = days.until != DAYS_FOR_EVER};

	day_text(days.from, from);
	granted.from = text_of(from);
	if (granted.has_until)
		day_text(days.until, until);
	granted.until = granted.has_until ? text_of(until) : (struct text){0};
	/* house: three events of one shape through one piece */
	void *event = turn_take(turn, type->struct_size);
	memset(event, 0, type->struct_size);
	record_copy(&certificate_granted_type, &granted, type, event);
	turn_emit(turn, type, event);
}

static bool is_empty(struct days days)
{
	return days.until < days.from;
}

/* R185: A certificate counts at the outlet where its holder works, on the days on which it is valid and its holder is there; who comes to another
 * outlet takes it along. */
static void held_move(struct turn *turn, struct held *held, struct text outlet, struct days days)
{
	struct certificate *certificate = &held->certificate;
	struct days before = certificate->there, now = days_common(certificate->valid, days);
	bool stays = text_equal(CODE_TEXT(certificate->outlet), outlet);

#if defined(MUTANT_CERTIFICATE_STAYS)
	stays = stays || !is_empty(before);
#endif
	if (!stays && !is_empty(before) && before.until >= days.from)
		say(turn, &certificate_ended_type, held, (struct days){before.from, days.from - 1});
	CODE_PUT(certificate->outlet, outlet);
	certificate->there = now;
	held_put(turn, held);
	if (stays && now.from == before.from && now.until == before.until)
		return;
	if (!is_empty(now))
		say(turn, stays && now.until < before.until ? &certificate_ended_type : &certificate_granted_type, held, now);
	else if (stays && !is_empty(before))
		say(turn, &certificate_ended_type, held, (struct days){before.from, before.from - 1});
}

/* R184: Who reaches the pass mark of the course, as it stands when the result is handed in, holds a certificate from the day of the result on, for as many
 * days as the course says, that day included. */
void certificate_grant(struct turn *turn, const struct training_result_submitted *result, const struct member_submitted *member,
		       struct certificate *certificate)
{
	struct held held = {.member = result->member, .result = result->training_result, .certificate = *certificate};
	uint8_t key[KEY_SIZE];

	CODE_PUT(held.certificate.course, result->course);
	CODE_PUT(held.certificate.outlet, member->outlet);
	held.certificate.there = (struct days){held.certificate.valid.from, held.certificate.valid.from - 1};
	held_move(turn, &held, member->outlet, member_days(turn, member));
	if (held.certificate.valid.until != DAYS_FOR_EVER)
		turn_put(turn, TABLE_CERTIFICATE_END, certificate_end_key(key, held.certificate.valid.until, held.member, held.result), bytes_of("", 0));
}

/* Those of one member, one after the other, while they may be changed. */
struct held_walk {
	uint8_t at[KEY_SIZE + 1];
	size_t size, prefix;
};

static struct held_walk held_walk_of(struct text member)
{
	struct held_walk walk;

	walk.prefix = walk.size = certificate_key(walk.at, member, (struct text){0}).size;
	return walk;
}

static bool held_next(struct turn *turn, struct held_walk *walk, struct held *held)
{
	struct bytes key, row = turn_seek(turn, TABLE_CERTIFICATE, bytes_of(walk->at, walk->size), &key);

	if (key.size <= walk->prefix || key.size > KEY_SIZE || memcmp(key.data, walk->at, walk->prefix) != 0 ||
	    !certificate_read(row, &held->certificate))
		return false;
	memcpy(walk->at, key.data, key.size);
	walk->at[key.size] = 0; /* the least key behind it */
	walk->size = key.size + 1;
	held->member = turn_text(turn, "%.*s", (int)walk->prefix - 1, (const char *)walk->at);
	held->result = turn_text(turn, "%.*s", (int)(key.size - walk->prefix), (const char *)walk->at + walk->prefix);
	return true;
}

void certificate_move(struct turn *turn, const struct member_submitted *member)
{
	struct held_walk walk = held_walk_of(member->member);
	struct days days = member_days(turn, member);
	struct held held;

	while (held_next(turn, &walk, &held))
		held_move(turn, &held, member->outlet, days);
}

/* Whether its holder has another one of the course that is not over and holds as long or longer. */
static bool is_renewed(struct turn *turn, const struct held *held)
{
	struct held_walk walk = held_walk_of(held->member);
	struct held other;

	while (held_next(turn, &walk, &other))
		if (!other.certificate.is_over && other.certificate.valid.until >= held->certificate.valid.until &&
		    text_equal(CODE_TEXT(other.certificate.course), CODE_TEXT(held->certificate.course)))
			return true;
	return false;
}

/* R186: A certificate has expired at the first tick of the clock that finds its last day over, in UTC, unless its holder has another one of that
 * course which holds as long or longer. */
static void expire(struct turn *turn, struct held *held)
{
	uint8_t key[KEY_SIZE];

	if (!certificate_read(turn_get(turn, TABLE_CERTIFICATE, certificate_key(key, held->member, held->result)), &held->certificate))
		return;
	held->certificate.is_over = 1;
	held_put(turn, held);
	bool renewed = is_renewed(turn, held);
#if defined(MUTANT_RENEWAL_FORGOTTEN)
	renewed = false;
#endif
	if (!renewed)
		say(turn, &certificate_expired_type, held, held->certificate.valid);
}

void certificate_watch(struct turn *turn, int64_t time_us)
{
	int64_t today = time_us / US_PER_DAY;

	for (unsigned said = 0; said < WATCHED_MAX; said++) {
		uint8_t place[KEY_SIZE];
		struct bytes key;

		(void)turn_seek(turn, TABLE_CERTIFICATE_END, bytes_of(NULL, 0), &key);
		if (key.size < 9 || key.size > KEY_SIZE || (int64_t)get_u64_be(key.data) - DAYS_FOR_EVER >= today)
			return;
		memcpy(place, key.data, key.size);
		struct bytes name = bytes_of(place + 8, key.size - 8);
		struct held held = {.member = turn_text(turn, "%.*s", TEXT_ARGS(key_part(name, 0))),
				    .result = turn_text(turn, "%.*s", TEXT_ARGS(key_part(name, 1)))};
		turn_del(turn, TABLE_CERTIFICATE_END, bytes_of(place, key.size));
		expire(turn, &held);
	}
}
