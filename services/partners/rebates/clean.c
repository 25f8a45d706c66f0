/* clean.c -- violations and rebates. */
#include "rebates/clean.h"

#include "network/outlet.h"
#include "rebates/condition.h"
#include "record.h"

#define SEVERE 2 /* from freeze on */

static struct bytes clawback_key(uint8_t key[KEY_SIZE], const struct clawback_submitted *clawback)
{
	const struct text codes[] = {clawback->scheme, clawback->outlet, clawback->period};

	return key_join(key, codes, 3);
}

void clean_take(struct turn *turn, const struct place *place, const struct clawback_submitted *clawback)
{
	struct standing standing;
	struct scheme scheme;
	uint8_t key[KEY_SIZE];

	record_submit(turn, TABLE_CLAWBACK, clawback_key(key, clawback), clawback);
	if (!standing_open(turn, place, &standing, &scheme) || standing.share == clawback->share_bp)
		return;
	/* R119: A violation takes its share of all that the period is due, what comes later included, until an appeal gives it back. */
	standing.share = clawback->share_bp;
	rebate_settle_footing(turn, place, &scheme, &standing, CAUSE_VIOLATION);
}

/* What another case, or staff's own word, has taken is not this case's to change. */
static bool is_of_case(struct turn *turn, const struct clawback_submitted *clawback, bool violated)
{
	struct clawback_submitted known;
	uint8_t key[KEY_SIZE];

	if (record_fields(turn, TABLE_CLAWBACK, clawback_key(key, clawback), &known) == 0)
		return violated;
	return (known.has_case && text_equal(known.case_, clawback->case_)) || (violated && known.share_bp == 0);
}

static void decide_scheme(struct turn *turn, const struct aim *aim, const struct conflict *conflict, int32_t day,
			  struct clawback_submitted *clawback)
{
	bool violated = clawback->share_bp > 0;
	char period[DAY_TEXT_SIZE];
	struct scheme scheme;

	clawback->scheme = CODE_TEXT(aim->scheme);
	if (!scheme_aimed(turn, aim, &scheme) || scheme.is_draft || day < scheme.from || day > scheme.until)
		return;
	struct place place = {CODE_TEXT(conflict->outlet), clawback->scheme, period_of(&scheme, day).from};
	condition_case(turn, &place, &scheme);
	if (scheme.clean_channel == 0)
		return;
	day_text(place.period, period);
	clawback->period = text_of(period);
	clawback->share_bp = violated ? scheme.clean_channel : 0;
	if (is_of_case(turn, clawback, violated))
		clean_take(turn, &place, clawback);
	clawback->share_bp = violated ? 1 : 0;
}

static void decide_place(struct turn *turn, char kind, struct text at, const struct conflict *conflict, int32_t day,
			 struct clawback_submitted *clawback)
{
	size_t count;
	const struct aim *aims = aims_get(turn, kind, at, &count);

	for (size_t i = 0; i < count; i++)
		decide_scheme(turn, &aims[i], conflict, day, clawback);
}

/* R121: A case that is upheld as severe as a freeze takes the share that a scheme has published from the period in which it was opened; one
 * that is decided otherwise, on appeal too, gives back what it has taken. */
void clean_decided(struct turn *turn, struct text code, const struct conflict *conflict)
{
	bool upheld = text_equal(CODE_TEXT(conflict->decision), TEXT_LITERAL("upheld")), violated = upheld && conflict->found >= SEVERE;
	struct clawback_submitted clawback = {.outlet = CODE_TEXT(conflict->outlet),
					      .share_bp = violated,
					      .reason = violated ? TEXT_LITERAL("upheld case") : TEXT_LITERAL("case not upheld"),
					      .has_case = true,
					      .case_ = code};
	struct outlet_submitted outlet;

	if (!outlet_known(turn, clawback.outlet, &outlet))
		return;
	char tier = (char)('0' + outlet.tier);
	int64_t day = (conflict->opened_us + outlet.tz_offset * US_PER_MINUTE) / US_PER_DAY;
	if (day < 1 || day > DAY_MAX)
		return;
	const struct place found = {.outlet = clawback.outlet, .period = (int32_t)day};
	(upheld ? found_put : found_del)(turn, 'v', &found, code);
	decide_place(turn, 'o', clawback.outlet, conflict, (int32_t)day, &clawback);
	decide_place(turn, 't', (struct text){&tier, 1}, conflict, (int32_t)day, &clawback);
	decide_place(turn, 'a', (struct text){0}, conflict, (int32_t)day, &clawback);
}
