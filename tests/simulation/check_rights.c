/*
 * check_rights.c -- who may sell what while people are trained, move, and have results that were entered wrongly: a line without a certificate is said where
 * at some moment nobody was known to be trained, one with where somebody was; each names a version that was declared. In the end, when all have heard all,
 * a ticket of each outlet and day is judged by what stands, and kpi has counted the same days.
 */
#include <string.h>

#include "base/when.h"
#include "events/orders.h"
#include "events/partners.h"
#include "simulate.h"
#include "truth.h"

#define VERSIONS_MAX 512
#define RESULTS_MAX 512
#define LINES_MAX 8
#define FIRST_DAY 20513 /* 2026-03-01 */

enum line { LINE_NONE, LINE_FREE, LINE_ASKED }; /* no such line; no right asks for it; one does */

struct rights {
	int modes[VERSIONS_MAX];
	int64_t count;
	bool is_trained[OUTLETS][RESULTS_MAX];
	int64_t from[OUTLETS][RESULTS_MAX], until[OUTLETS][RESULTS_MAX];
	bool was_trained[OUTLETS][DAYS], was_untrained[OUTLETS][DAYS]; /* since the right was declared */
	struct sold {
		enum line lines[LINES_MAX];
		bool is_said[LINES_MAX];
		int outlet, day;
	} tickets[TICKETS], probes[OUTLETS][DAYS];
	int rows; /* of the answer of kpi */
};

static struct rights rights;

static int outlet_of(struct text code)
{
	return code.size == 2 && code.data[1] >= '1' && code.data[1] < '1' + OUTLETS ? code.data[1] - '1' : 0;
}

static int64_t day_of(bool has, struct text day)
{
	int64_t number = 0;

	return !has ? INT64_MAX : day_number(day, &number) ? number - FIRST_DAY : -1;
}

static unsigned number_of(struct text text, uint32_t behind)
{
	unsigned number = 0;

	for (uint32_t i = behind; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++)
		number = number * 10 + (unsigned)(text.data[i] - '0');
	return number;
}

static bool is_trained(int outlet, int day)
{
	for (int result = 0; result < RESULTS_MAX; result++)
		if (rights.is_trained[outlet][result] && rights.from[outlet][result] <= day && day <= rights.until[outlet][result])
			return true;
	return false;
}

static void take_span(struct text outlet, struct text result, int64_t from, int64_t until)
{
	unsigned number = number_of(result, 2);
	int where = outlet_of(outlet);

	if (number >= RESULTS_MAX) {
		truth_broken("there are more results than were handed in");
		return;
	}
	rights.is_trained[where][number] = from <= until;
	rights.from[where][number] = from;
	rights.until[where][number] = until;
}

static void take_right(const struct right_to_sell_declared *right)
{
	if (right->version != rights.count + 1 || right->version >= VERSIONS_MAX) {
		truth_broken("version %lld of the right to sell follows %lld", (long long)right->version, (long long)rights.count);
		return;
	}
	rights.count = right->version;
	for (int mode = 0; mode < STORY_MODES; mode++)
		if (text_equal(right->mode, text_of(story_right_modes[mode])))
			rights.modes[right->version] = mode;
}

static void take_partners(void *context, const struct envelope *envelope)
{
	struct certificate_withdrawn withdrawn;
	struct certificate_granted granted;
	struct certificate_ended ended;
	struct right_to_sell_declared right;

	(void)context;
	if (truth_unpack(&certificate_granted_type, envelope, &granted)) {
		take_span(granted.outlet, granted.training_result, day_of(true, granted.from), day_of(granted.has_until, granted.until));
	} else if (truth_unpack(&certificate_ended_type, envelope, &ended)) {
		take_span(ended.outlet, ended.training_result, day_of(true, ended.from), day_of(ended.has_until, ended.until));
	} else if (truth_unpack(&certificate_withdrawn_type, envelope, &withdrawn)) {
		take_span(withdrawn.outlet, withdrawn.training_result, 0, -1);
		simulate_present->withdrawn++;
	} else if (truth_unpack(&right_to_sell_declared_type, envelope, &right)) {
		take_right(&right);
	} else {
		return;
	}
	for (int outlet = 0; outlet < OUTLETS && rights.count > 0; outlet++)
		for (int day = 0; day < DAYS; day++)
			*(is_trained(outlet, day) ? &rights.was_trained[outlet][day] : &rights.was_untrained[outlet][day]) = true;
}

/* By its receipt: R and a number, P and the numbers of outlet and day. */
static struct sold *sold_of(struct text receipt)
{
	unsigned number = number_of(receipt, 1);

	if (receipt.data[0] == 'P')
		return &rights.probes[number / 10 % OUTLETS][number % 10 % DAYS];
	return &rights.tickets[number < TICKETS ? number : 0];
}

static void take_sale(const struct sale_recorded *sale)
{
	struct sold *sold = sold_of(sale->receipt);

	sold->outlet = outlet_of(sale->outlet);
	sold->day = (int)day_of(true, sale->day);
	for (uint32_t i = 0; i < sale->lines.count && i < LINES_MAX; i++)
		sold->lines[i] = sale->lines.items[i].sku.data[0] == 'B' ? LINE_ASKED : LINE_FREE;
}

static void take_breach(const struct right_to_sell_breach_detected *breach)
{
	struct sold *sold = sold_of(breach->receipt);
	int64_t line = breach->line - 1, version = breach->right_to_sell_version;

	if (line < 0 || line >= LINES_MAX || sold->lines[line] == LINE_NONE || sold->is_said[line])
		truth_broken("line %lld of %.*s was not sold, or is said twice", (long long)breach->line, TEXT_ARGS(breach->receipt));
	else
		sold->is_said[line] = true;
	if (version < 1 || version > rights.count || !text_equal(breach->mode, text_of(story_right_modes[rights.modes[version]])))
		truth_broken("%.*s was sold by version %lld of the right to sell, which does not say %.*s", TEXT_ARGS(breach->sku), (long long)version,
			     TEXT_ARGS(breach->mode));
}

static void take_orders(void *context, const struct envelope *envelope)
{
	struct right_to_sell_breach_detected breach;
	struct sale_recorded sale;

	(void)context;
	if (truth_unpack(&right_to_sell_breach_detected_type, envelope, &breach))
		take_breach(&breach);
	else if (truth_unpack(&sale_recorded_type, envelope, &sale))
		take_sale(&sale);
}

/* In the middle of trade: what orders knew of partners is some moment of what partners has said. */
static void check_trade(void)
{
	for (uint32_t number = 0; number < TICKETS; number++)
		for (int line = 0; line < LINES_MAX; line++) {
			const struct sold *sold = &rights.tickets[number];

			if (sold->lines[line] == LINE_FREE && sold->is_said[line])
				truth_broken("line %d of ticket %u needs nobody who is trained", line + 1, number);
			if (sold->lines[line] != LINE_ASKED)
				continue;
			if (sold->is_said[line] && !rights.was_untrained[sold->outlet][sold->day])
				truth_broken("line %d of ticket %u was sold where somebody always was trained", line + 1, number);
			if (!sold->is_said[line] && !rights.was_trained[sold->outlet][sold->day])
				truth_broken("line %d of ticket %u was sold where nobody ever was trained, and that is not said", line + 1, number);
		}
}

static void take_training(void *context, struct bytes row)
{
	int64_t trained = 0;

	(void)context;
	rights.rows++;
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int day = 0; day < DAYS; day++)
			trained += is_trained(outlet, day);
	if (truth_row_int(row, "trained_days") != trained || truth_row_int(row, "untrained_days") != OUTLETS * DAYS - trained)
		truth_broken("%lld days with somebody trained and %lld without, they were %lld of %d", (long long)truth_row_int(row, "trained_days"),
			     (long long)truth_row_int(row, "untrained_days"), (long long)trained, OUTLETS * DAYS);
}

static void check_end(void)
{
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int day = 0; day < DAYS; day++) {
			const struct sold *probe = &rights.probes[outlet][day];

			if (probe->lines[0] != LINE_ASKED)
				truth_broken("the last ticket of S%d was not recorded", outlet + 1);
			if (probe->is_said[0] == is_trained(outlet, day))
				truth_broken("somebody %s trained at S%d on day %d, and the last ticket is %ssaid", is_trained(outlet, day) ? "is" : "is not",
					     outlet + 1, day + 1, probe->is_said[0] ? "" : "not ");
		}
}

void check_rights(struct network *network)
{
	memset(&rights, 0, sizeof(rights));
	for (int outlet = 0; outlet < OUTLETS; outlet++)
		for (int day = 0; day < DAYS; day++)
			story_probe(network, outlet, day);
	if (!network_settle(network)) {
		truth_broken("the last tickets are not heard by all");
		return;
	}
	truth_each_event(network, PARTNERS, take_partners, NULL);
	truth_each_event(network, ORDERS, take_orders, NULL);
	check_trade();
	check_end();
	truth_each_row(network, KPI, "training", take_training, NULL);
	if (rights.rows != 1)
		truth_broken("kpi compares %d courses, there is one", rights.rows);
}
