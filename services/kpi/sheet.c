/* sheet.c -- what an outlet has reached of an appraisal: measured, normalised, weighted, ranked. */
#include <stdlib.h>

#include "appraisal.h"
#include "course.h"
#include "metric.h"

bool scheme_read(struct bytes row, struct scheme *scheme)
{
	memset(scheme, 0, sizeof(*scheme));
	if (row.size < sizeof(scheme->head))
		return false;
	memcpy(&scheme->head, row.data, sizeof(scheme->head));
	if (scheme->head.count > APPRAISAL_METRICS_MAX ||
	    row.size != sizeof(scheme->head) + scheme->head.count * sizeof(struct weighted))
		return false;
	memcpy(scheme->metrics, row.data + sizeof(scheme->head), row.size - sizeof(scheme->head));
	return true;
}

bool sheet_read(struct bytes row, struct sheet *sheet)
{
	memset(sheet, 0, sizeof(*sheet));
	if (row.size < sizeof(sheet->score))
		return false;
	memcpy(&sheet->score, row.data, sizeof(sheet->score));
	if (sheet->score.count < 0 || sheet->score.count > APPRAISAL_METRICS_MAX ||
	    row.size != sizeof(sheet->score) + (size_t)sheet->score.count * sizeof(struct input_of_score))
		return false;
	memcpy(sheet->inputs, row.data + sizeof(sheet->score), row.size - sizeof(sheet->score));
	return true;
}

/* R38: A metric is worth 0 at its floor and below, 10,000 at its goal, in a straight line between and on to its cap, half to
   even. */
int64_t normalised_bp(const struct weighted *metric, int64_t raw)
{
	bool is_lower = metric->goal < metric->floor; /* better is less */
	wide span = is_lower ? (wide)metric->floor - metric->goal : (wide)metric->goal - metric->floor;
	wide most = is_lower ? (wide)metric->floor - metric->cap : (wide)metric->cap - metric->floor;
	wide above = is_lower ? (wide)metric->floor - raw : (wide)raw - metric->floor;

	if (above <= 0 || span <= 0)
		return 0;
	return divide_half_even((above < most ? above : most) * WHOLE_BP, shown(span));
}

/* ---- what is measured of an outlet ---- */

struct facts {
	const struct look *look;
	const struct scheme *scheme;
	struct text outlet;
	int32_t over; /* the last day of the period that is over */
	struct measures money, all;
};

struct reporting {
	const struct course *course;
	int64_t heard;
};

static void report_day(void *context, int32_t day, const struct measures *measures)
{
	struct reporting *reporting = context;

	if (measures->tickets + measures->return_tickets != 0 && course_weight(reporting->course, day) > 0)
		reporting->heard++;
}

/* Days with tickets over days on which the outlet trades, of those that are over. */
static bool reporting_of(const struct facts *facts, int64_t *raw)
{
	const struct appraisal *head = &facts->scheme->head;
	struct target place = {.tier = head->tier};
	struct outlet outlet;
	struct course course;
	struct reporting reporting = {.course = &course};
	int64_t days = 0;

	CODE_PUT(place.outlet, facts->outlet);
	course_load(&course, facts->look, &place, head->from, head->until);
	for (int32_t day = head->from; day <= facts->over; day++)
		days += course_weight(&course, day) > 0;
	if (days == 0 || !look_row(facts->look, TABLE_OUTLET, bytes_of_text(facts->outlet), &outlet, sizeof(outlet)))
		return false;
	(void)look_measures(facts->look, SCOPE_OUTLET, facts->outlet, CODE_TEXT(outlet.currency), head->from, facts->over,
			    report_day, &reporting);
	*raw = share_bp(reporting.heard, days);
	return true;
}

/* The mean attainment of the outlet's own targets whose periods lie in that of the appraisal. */
static bool attainment_of(const struct facts *facts, int64_t *raw)
{
	const struct appraisal *head = &facts->scheme->head;
	uint8_t key[KEY_SIZE];
	struct bytes wanted = key_scope(key, SCOPE_OUTLET, facts->outlet), found;
	struct bytes row = facts->look->seek(facts->look->context, TABLE_AIM, wanted, &found);
	size_t count = found.data != NULL && bytes_equal(found, wanted) ? row.size / sizeof(struct aim) : 0;
	int64_t targets = 0;
	wide sum = 0;

	for (size_t i = 0; i < count; i++) {
		struct target target;
		struct aim aim;

		memcpy(&aim, row.data + i * sizeof(aim), sizeof(aim));
		if (aim.from < head->from || aim.until > head->until ||
		    !target_read(look_value(facts->look, TABLE_TARGET, bytes_of_text(CODE_TEXT(aim.target))), &target))
			continue;
		sum += target.value > 0 ? share_bp(target.achieved, target.value) : WHOLE_BP;
		targets++;
	}
	*raw = targets > 0 ? divide_half_even(sum, targets) : 0;
	return targets > 0;
}

static bool share(int64_t part, int64_t whole, int64_t *raw)
{
	*raw = share_bp(part, whole);
	return whole > 0;
}

/* R35: Money is measured in the currency of the appraisal; return rate, service level and on time are shares of sums; attainment is
   the mean of the outlet's own targets within the period; reporting is the share of trading days with tickets; deviations are
   prices outside their corridor. */
static bool measure(const struct facts *facts, struct text metric, int64_t *raw)
{
	const struct measures *m = &facts->all;

	*raw = 0;
	if (text_equal(metric, TEXT_LITERAL("average_basket"))) {
		*raw = ticket_average(facts->money.revenue, facts->money.tickets).minor;
		return facts->money.tickets > 0;
	}
	if (text_equal(metric, TEXT_LITERAL("return_rate")))
		return share(facts->all.returned_units.milli, facts->all.units.milli, raw);
	if (text_equal(metric, TEXT_LITERAL("service_level")))
		return share(m->lines - m->short_lines, m->lines, raw);
	if (text_equal(metric, TEXT_LITERAL("on_time")))
		return share(m->on_time, m->deliveries, raw);
	if (text_equal(metric, TEXT_LITERAL("attainment")))
		return attainment_of(facts, raw);
	if (text_equal(metric, TEXT_LITERAL("reporting")))
		return reporting_of(facts, raw);
	enum metric sum = metric_of(metric);
	if (sum == METRIC_NONE)
		return metric_counted(facts->look, metric, facts->outlet, facts->scheme->head.from,
				      facts->scheme->head.until, raw);
	*raw = shown(metric_sum(sum, sum == METRIC_REVENUE ? &facts->money : &facts->all));
	return true;
}

/* R39: The score is the sum of the contributions, each the worth of a metric by its share of the weights that could be measured, half
   to even: what there was nothing to measure of counts neither for nor against. */
static void sheet_weigh(struct sheet *sheet)
{
	int64_t weights = 0;

	for (int64_t i = 0; i < sheet->score.count; i++)
#if defined(MUTANT_UNMEASURED_IS_NOTHING)
		weights += sheet->inputs[i].weight_bp;
#else
		weights += sheet->inputs[i].measured != 0 ? sheet->inputs[i].weight_bp : 0;
#endif
	sheet->score.score_bp = 0;
	for (int64_t i = 0; i < sheet->score.count; i++) {
		struct input_of_score *input = &sheet->inputs[i];

		if (input->measured == 0)
			continue;
		input->contribution_bp = divide_half_even((wide)input->normalised_bp * input->weight_bp, weights);
		sheet->score.score_bp += input->contribution_bp;
	}
}

void sheet_make(struct sheet *sheet, const struct look *look, const struct scheme *scheme, struct text outlet,
		int32_t today)
{
	const struct appraisal *head = &scheme->head;
	struct facts facts = {.look = look,
			      .scheme = scheme,
			      .outlet = outlet,
			      .over = today > head->until ? head->until : today - 1};

	facts.all = look_measures(look, SCOPE_OUTLET, outlet, (struct text){0}, head->from, head->until, NULL, NULL);
	if (head->currency[0] != 0)
		facts.money = look_measures(look, SCOPE_OUTLET, outlet, CODE_TEXT(head->currency), head->from,
					    head->until, NULL, NULL);
	memset(sheet, 0, sizeof(*sheet));
	CODE_PUT(sheet->outlet, outlet);
	sheet->score.version = head->version;
	sheet->score.count = head->count;
	for (uint32_t i = 0; i < head->count; i++) {
		const struct weighted *metric = &scheme->metrics[i];
		struct input_of_score *input = &sheet->inputs[i];

		memcpy(input->metric, metric->metric, CODE_SIZE);
		input->weight_bp = metric->weight;
		input->measured = measure(&facts, CODE_TEXT(metric->metric), &input->raw);
		if (input->measured != 0)
			input->normalised_bp = normalised_bp(metric, input->raw);
	}
	sheet_weigh(sheet);
}

/* ---- the outlets of an appraisal ---- */

static int by_score(const void *a, const void *b)
{
	const struct sheet *one = a, *other = b;
	int order = (one->score.score_bp < other->score.score_bp) - (one->score.score_bp > other->score.score_bp);

	return order != 0 ? order : memcmp(one->outlet, other->outlet, CODE_SIZE);
}

/* The next outlet behind a key; its code in *code. */
static bool next_peer(const struct look *look, const struct scheme *scheme, uint8_t key[KEY_SIZE + 1], size_t *size,
		      char code[CODE_SIZE])
{
	struct text group = CODE_TEXT(scheme->head.peer_group);
	bool in_group = group.size > 0;
	size_t prefix = in_group ? group.size + 1 : 0;
	struct bytes found;

	for (;;) {
		struct bytes row = look->seek(look->context, in_group ? TABLE_PEER : TABLE_OUTLET, bytes_of(key, *size), &found);
		struct outlet outlet;

		if (found.data == NULL || found.size <= prefix || found.size > KEY_SIZE ||
		    memcmp(found.data, key, prefix) != 0)
			return false;
		bool is_peer = in_group || (copy_row(row, &outlet, sizeof(outlet)) &&
					    outlet.tier == scheme->head.tier && outlet.closed == 0);
		memmove(key, found.data, found.size);
		*size = found.size + 1;
		code_put(code, CODE_SIZE, (struct text){(const char *)key + prefix, (uint32_t)(found.size - prefix)});
		key[found.size] = 0; /* the least key behind it */
		if (is_peer)
			return true;
	}
}

/* R40: The outlets of the peer group, or those of the tier that are not closed, are ranked by their scores; who has the same score has
   the same rank. */
uint32_t sheets_make(struct sheet *sheets, const struct look *look, const struct scheme *scheme, int32_t today)
{
	struct text group = CODE_TEXT(scheme->head.peer_group);
	uint8_t key[KEY_SIZE + 1];
	size_t size = group.size > 0 ? key_pair(key, group, NULL, 0).size : 0;
	char code[CODE_SIZE];
	uint32_t count = 0;

	while (count < APPRAISAL_PEERS_MAX && next_peer(look, scheme, key, &size, code))
		sheet_make(&sheets[count++], look, scheme, CODE_TEXT(code), today);
	if (count > 0)
		qsort(sheets, count, sizeof(*sheets), by_score);
	for (uint32_t i = 0; i < count; i++) {
		bool is_equal = i > 0 && sheets[i].score.score_bp == sheets[i - 1].score.score_bp;

		sheets[i].score.rank = is_equal ? sheets[i - 1].score.rank : (int64_t)i + 1;
		sheets[i].score.peers = count;
	}
	return count;
}
