/* appraisal.c -- final scores, and appeals against them. */
#include "appraisal.h"

#include "reward.h"

struct appeal {
	char appraisal[CODE_SIZE];
	char outlet[CODE_SIZE];
	uint64_t decided; /* 1: it is */
};

_Static_assert(sizeof(struct appeal) == 72, "an appeal has no padding");

static void say_scored(struct turn *turn, struct text code, const struct scheme *scheme, const struct sheet *sheet,
		       struct text appeal)
{
	struct appraisal_scored_input inputs[APPRAISAL_METRICS_MAX];
	char from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];

	for (int64_t i = 0; i < sheet->score.count; i++) {
		const struct input_of_score *input = &sheet->inputs[i];

		inputs[i] = (struct appraisal_scored_input){.metric = CODE_TEXT(input->metric),
							    .has_raw = input->measured != 0,
							    .raw = input->raw,
							    .normalised_bp = input->normalised_bp,
							    .weight_bp = input->weight_bp,
							    .contribution_bp = input->contribution_bp};
	}
	day_text(scheme->head.from, from);
	day_text(scheme->head.until, until);
	struct appraisal_scored scored = {.appraisal = code,
					  .appraisal_version = sheet->score.version,
					  .outlet = CODE_TEXT(sheet->outlet),
					  .from = text_of(from),
					  .until = text_of(until),
					  .score_bp = sheet->score.score_bp,
					  .rank = sheet->score.rank,
					  .peers = sheet->score.peers,
					  .round = sheet->score.round,
					  .inputs = {inputs, (uint32_t)sheet->score.count},
					  .has_appeal = appeal.size > 0,
					  .appeal = appeal};
	emit_appraisal_scored(turn, &scored);
}

static void sheet_put(struct turn *turn, struct text appraisal, const struct sheet *sheet)
{
	uint8_t key[KEY_SIZE], row[sizeof(sheet->score) + sizeof(sheet->inputs)];
	size_t inputs = (size_t)sheet->score.count * sizeof(sheet->inputs[0]);
	struct text outlet = CODE_TEXT(sheet->outlet);

	memcpy(row, &sheet->score, sizeof(sheet->score));
	memcpy(row + sizeof(sheet->score), sheet->inputs, inputs);
	turn_put(turn, TABLE_SCORE, key_pair(key, appraisal, outlet.data, outlet.size),
		 bytes_of(row, sizeof(sheet->score) + inputs));
}

static bool sheet_get(struct turn *turn, struct text appraisal, struct text outlet, struct sheet *sheet)
{
	uint8_t key[KEY_SIZE];
	bool found = sheet_read(turn_get(turn, TABLE_SCORE, key_pair(key, appraisal, outlet.data, outlet.size)), sheet);

	CODE_PUT(sheet->outlet, outlet);
	return found;
}

static void score_all(struct turn *turn, struct text code, const struct scheme *scheme, int32_t today)
{
	struct sheet *sheets = turn_take(turn, APPRAISAL_PEERS_MAX * sizeof(*sheets));
	struct look look = look_of_turn(turn);
	uint32_t count = sheets_make(sheets, &look, scheme, today);

	for (uint32_t i = 0; i < count; i++) {
		sheets[i].score.round = 1;
		sheet_put(turn, code, &sheets[i]);
		say_scored(turn, code, scheme, &sheets[i], (struct text){0});
		reward_settle(turn, code, &sheets[i]);
	}
}

/* R41: An appraisal is scored for good at the change of day when appraisal_days have passed since the end of its period, once; a later
   version of it changes no final score. */
int64_t appraisals_tick(struct turn *turn, int64_t time_us)
{
	int64_t offset_us = turn_setting(turn, SETTING_CALENDAR_OFFSET) * US_PER_MINUTE;
	int64_t grace = turn_setting(turn, SETTING_APPRAISAL_DAYS), next_us = INT64_MAX;
	struct scheme scheme;
	struct walk walk;

	walk_begin(&walk, turn, TABLE_APPRAISAL, bytes_of(NULL, 0));
	while (walk_next(&walk)) {
		struct text code = {(const char *)walk.key.data, (uint32_t)walk.key.size};

		if (!scheme_read(walk.value, &scheme) || scheme.head.scored != 0)
			continue;
		int64_t due_us = (scheme.head.until + 1 + grace) * US_PER_DAY - offset_us;
		if (time_us < due_us) {
			next_us = due_us < next_us ? due_us : next_us;
			continue;
		}
		scheme.head.scored = 1;
		row_put(turn, TABLE_APPRAISAL, walk.key, &scheme,
			sizeof(scheme.head) + scheme.head.count * sizeof(scheme.metrics[0]));
		score_all(turn, code, &scheme, scheme.head.until + 1);
		return 0; /* one at a time: each may have many outlets */
	}
	return next_us;
}

static void dismiss(struct turn *turn, struct text appeal, struct text appraisal, struct text outlet, struct text code)
{
	struct appeal_dismissed dismissed = {
	    .appeal = appeal, .appraisal = appraisal, .outlet = outlet, .code = code};

	emit_appeal_dismissed(turn, &dismissed);
}

/* R42: An appeal is heard against a final score alone; its first decision leaves the score as it is or has it made anew of what the days
   hold by then, in another round, ranked among the final scores of the others, which stay. */
void appraisal_appeal(struct turn *turn, const struct appeal_declared *declared)
{
	struct bytes key = bytes_of_text(declared->appeal);
	struct appeal appeal = {0}, before;
	struct sheet sheet;

	if (!sheet_get(turn, declared->appraisal, declared->outlet, &sheet)) {
		dismiss(turn, declared->appeal, declared->appraisal, declared->outlet, TEXT_LITERAL("not_scored"));
		return;
	}
	if (row_get(turn, TABLE_APPEAL, key, &before, sizeof(before)))
		return; /* said in other words, it is the same appeal */
	CODE_PUT(appeal.appraisal, declared->appraisal);
	CODE_PUT(appeal.outlet, declared->outlet);
	row_put(turn, TABLE_APPEAL, key, &appeal, sizeof(appeal));
	struct appraisal_appealed appealed = {.appeal = declared->appeal,
					      .appraisal = declared->appraisal,
					      .outlet = declared->outlet,
					      .score_bp = sheet.score.score_bp,
					      .round = sheet.score.round};
	emit_appraisal_appealed(turn, &appealed);
}

static int64_t rank_among(struct turn *turn, struct text appraisal, const struct sheet *sheet)
{
	uint8_t key[KEY_SIZE];
	struct sheet other;
	struct walk walk;
	int64_t rank = 1;

	walk_begin(&walk, turn, TABLE_SCORE, key_pair(key, appraisal, NULL, 0));
	while (walk_next(&walk)) {
		struct text outlet = key_part(walk.key, 1);

		if (sheet_read(walk.value, &other) && !text_equal(outlet, CODE_TEXT(sheet->outlet)) &&
		    other.score.score_bp > sheet->score.score_bp)
			rank++;
	}
	return rank;
}

static void rescore(struct turn *turn, struct text appraisal, struct text appeal, const struct sheet *before)
{
	struct look look = look_of_turn(turn);
	struct scheme scheme;
	struct sheet sheet;

	if (!scheme_read(turn_get(turn, TABLE_APPRAISAL, bytes_of_text(appraisal)), &scheme))
		return;
	sheet_make(&sheet, &look, &scheme, CODE_TEXT(before->outlet), scheme.head.until + 1);
	sheet.score.round = before->score.round + 1;
	sheet.score.peers = before->score.peers;
	sheet.score.rank = rank_among(turn, appraisal, &sheet);
	sheet_put(turn, appraisal, &sheet);
	say_scored(turn, appraisal, &scheme, &sheet, appeal);
	reward_settle(turn, appraisal, &sheet);
}

void appraisal_decide(struct turn *turn, const struct appeal_decision_declared *decision)
{
	struct bytes key = bytes_of_text(decision->appeal);
	struct appeal appeal;
	struct sheet sheet;
	bool known = row_get(turn, TABLE_APPEAL, key, &appeal, sizeof(appeal));
	struct text appraisal = CODE_TEXT(appeal.appraisal), outlet = CODE_TEXT(appeal.outlet);

	if (!known)
		return; /* it was dismissed, and that was said */
	if (appeal.decided != 0) {
		dismiss(turn, decision->appeal, appraisal, outlet, TEXT_LITERAL("already_decided"));
		return;
	}
	appeal.decided = 1;
	row_put(turn, TABLE_APPEAL, key, &appeal, sizeof(appeal));
	if (!sheet_get(turn, appraisal, outlet, &sheet))
		return;
	if (text_equal(decision->decision, TEXT_LITERAL("rescored"))) {
		rescore(turn, appraisal, decision->appeal, &sheet);
		return;
	}
	struct appraisal_upheld upheld = {.appeal = decision->appeal,
					  .appraisal = appraisal,
					  .outlet = outlet,
					  .score_bp = sheet.score.score_bp,
					  .round = sheet.score.round};
	emit_appraisal_upheld(turn, &upheld);
}
