/* training.c -- certificates as rows, and what is said of them when their holders come, go, and forget. */
#include "people/training.h"

#include "base/error.h"

_Static_assert(sizeof(struct certificate) == 112, "a certificate has no padding");
_Static_assert(sizeof(struct judged) == 56, "no padding");

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
static struct row_walk held_walk_of(struct text member)
{
	uint8_t key[KEY_SIZE];

	return row_walk_of(certificate_key(key, member, (struct text){0}));
}

static bool held_next(struct turn *turn, struct text member, struct row_walk *walk, struct held *held)
{
	held->member = member;
	return certificate_read(row_walk_next(turn, TABLE_CERTIFICATE, walk, &held->result), &held->certificate);
}

void certificate_move(struct turn *turn, const struct member_submitted *member)
{
	struct row_walk walk = held_walk_of(member->member);
	struct days days = member_days(turn, member);
	struct held held;

	while (held_next(turn, member->member, &walk, &held))
		if (held.certificate.is_over != CERTIFICATE_WITHDRAWN)
			held_move(turn, &held, member->outlet, days);
}

bool certificate_first(struct turn *turn, struct text member, struct text course, int64_t from, struct text *result, int64_t *day)
{
	struct row_walk walk = held_walk_of(member);
	bool found = false;
	struct held held;

	while (held_next(turn, member, &walk, &held)) {
		const struct certificate *certificate = &held.certificate;

		if (certificate->is_over == CERTIFICATE_WITHDRAWN || certificate->valid.from < from ||
		    !text_equal(CODE_TEXT(certificate->course), course) || (found && certificate->valid.from >= *day))
			continue; /* of one day the first by its number, as they lie */
		*result = held.result;
		*day = certificate->valid.from;
		found = true;
	}
	return found;
}

/* Whether its holder has another one of the course that is not over and holds as long or longer. */
static bool is_renewed(struct turn *turn, const struct held *held)
{
	struct row_walk walk = held_walk_of(held->member);
	struct held other;

	while (held_next(turn, held->member, &walk, &other))
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

/* ---- results that were entered wrongly ---- */

bool judged_read(struct bytes row, struct judged *judged)
{
	*judged = (struct judged){0};
	if (row.size != sizeof(*judged))
		return false;
	memcpy(judged, row.data, sizeof(*judged));
	return true;
}

struct judged judged_get(struct turn *turn, const struct training_result_submitted *result)
{
	struct judged judged;

	if (!judged_read(turn_get(turn, TABLE_JUDGED, bytes_of_text(result->training_result)), &judged))
		judged = (struct judged){.course_version = record_get(turn, TABLE_COURSE, bytes_of_text(result->course)).version,
					 .member_version = record_get(turn, TABLE_MEMBER, bytes_of_text(result->member)).version};
	return judged;
}

void judged_put(struct turn *turn, struct text result, const struct judged *judged)
{
	turn_put(turn, TABLE_JUDGED, bytes_of_text(result), bytes_of(judged, sizeof(*judged)));
}

/* An outlet where a certificate has counted. */
struct stay {
	struct stay *next;
	struct text outlet;
};

static void stay_add(struct turn *turn, struct stay **stays, struct text outlet)
{
	while (*stays != NULL && !text_equal((*stays)->outlet, outlet))
		stays = &(*stays)->next;
	if (*stays != NULL)
		return;
	*stays = turn_take(turn, sizeof(**stays));
	**stays = (struct stay){.outlet = turn_text(turn, "%.*s", TEXT_ARGS(outlet))};
}

/* Where its holder has worked on its days, by all that was said of the holder since the result was handed in. */
static struct stay *stays_of(struct turn *turn, const struct held *held, int64_t first_version)
{
	int64_t last_version = record_get(turn, TABLE_MEMBER, bytes_of_text(held->member)).version;
	struct stay *stays = NULL;

	if (!is_empty(held->certificate.there))
		stay_add(turn, &stays, CODE_TEXT(held->certificate.outlet));
	for (int64_t number = first_version; number <= last_version; number++) {
		uint8_t key[VERSION_KEY_SIZE];
		struct member_submitted member;
		struct version version;

		if (!version_read(turn_get(turn, TABLE_HISTORY, version_key(key, TABLE_MEMBER, bytes_of_text(held->member), number)), &version))
			continue; /* from before the history was kept */
		struct reader reader = reader_of(version.fields);
		CHECK(member_submitted_type.unpack(&member, &reader, turn_arena(turn)) == ERR_NONE);
		if (!is_empty(days_common(held->certificate.valid, member_days(turn, &member))))
			stay_add(turn, &stays, member.outlet);
	}
	return stays;
}

/* R189: The certificate of a result that is replaced is withdrawn wherever it has counted, as if it never had; one that the later result grants is granted
 * before, so that no day is without. */
void certificate_withdraw(struct turn *turn, const struct training_result_submitted *result, const struct judged *replaced)
{
	struct held held = {.member = result->member, .result = result->replaces};
	struct certificate *certificate = &held.certificate;
	struct certificate_withdrawn withdrawn = {
	    .training_result = held.result, .member = held.member, .course = result->course, .replaced_by = result->training_result};
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	uint8_t key[KEY_SIZE];

	if (!certificate_read(turn_get(turn, TABLE_CERTIFICATE, certificate_key(key, held.member, held.result)), certificate))
		return; /* it was not passed */
	struct stay *stays = stays_of(turn, &held, replaced->member_version);
	if (!certificate->is_over && certificate->valid.until != DAYS_FOR_EVER)
		turn_del(turn, TABLE_CERTIFICATE_END, certificate_end_key(key, certificate->valid.until, held.member, held.result));
	certificate->there = (struct days){certificate->valid.from, certificate->valid.from - 1};
	certificate->is_over = CERTIFICATE_WITHDRAWN;
	held_put(turn, &held);
	withdrawn.course_version = certificate->version;
	day_text(certificate->valid.from, from);
	withdrawn.from = text_of(from);
	withdrawn.has_until = certificate->valid.until != DAYS_FOR_EVER;
	if (withdrawn.has_until)
		day_text(certificate->valid.until, until);
	withdrawn.until = withdrawn.has_until ? text_of(until) : (struct text){0};
	for (; stays != NULL; stays = stays->next) {
		withdrawn.outlet = stays->outlet;
		emit_certificate_withdrawn(turn, &withdrawn);
	}
}
