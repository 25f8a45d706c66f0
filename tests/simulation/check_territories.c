/*
 * check_territories.c -- goods that were sent into a territory while it went from hand to hand: every piece of evidence names a version that
 * was declared, and is against somebody who did not hold it by that version; the lines of a ticket are judged alike; a case that is opened
 * is about the version of its evidence.
 */
#include <string.h>

#include "events/orders.h"
#include "events/partners.h"
#include "simulate.h"
#include "truth.h"

#define VERSIONS_MAX 512

struct territories {
	struct {
		int holder, kind;
	} versions[VERSIONS_MAX];
	int64_t count;
	uint32_t lines[TICKETS], breaches[TICKETS]; /* of each ticket that was sent there */
	int64_t cases;
};

static struct territories territories;

static int kind_of(struct text word)
{
	for (int kind = 0; kind < STORY_KINDS; kind++)
		if (text_equal(word, text_of(story_kinds[kind])))
			return kind;
	return STORY_KINDS;
}

static int outlet_of(struct text code)
{
	return code.size == 2 ? code.data[1] - '1' : -1;
}

static void take_declared(void *context, const struct envelope *envelope)
{
	struct territory_declared territory;
	struct conflict_opened opened;

	(void)context;
	if (truth_unpack(&territory_declared_type, envelope, &territory)) {
		if (territory.version != territories.count + 1 || territory.version >= VERSIONS_MAX) {
			truth_broken("version %lld of the territory follows %lld", (long long)territory.version, (long long)territories.count);
			return;
		}
		territories.count = territory.version;
		territories.versions[territory.version].holder = outlet_of(territory.holder);
		territories.versions[territory.version].kind = kind_of(territory.kind);
	} else if (truth_unpack(&conflict_opened_type, envelope, &opened) && text_equal(opened.kind, TEXT_LITERAL("territory"))) {
		territories.cases++;
		if (opened.rule_version < 1 || opened.rule_version > territories.count || !opened.has_counterpart ||
		    outlet_of(opened.counterpart) != territories.versions[opened.rule_version].holder)
			truth_broken("a case about version %lld of the territory has somebody else on the other side",
				     (long long)opened.rule_version);
	}
}

static uint32_t number_of(struct text receipt)
{
	uint32_t number = 0;

	for (uint32_t i = 1; i < receipt.size; i++)
		number = number * 10 + (uint32_t)(receipt.data[i] - '0');
	return number < TICKETS ? number : 0;
}

static void take_breach(const struct territory_breach_detected *breach)
{
	int64_t version = breach->territory_version;

	territories.breaches[number_of(breach->receipt)]++;
	if (version < 1 || version > territories.count)
		truth_broken("goods went into version %lld of a territory, which was never declared", (long long)version);
	else if (outlet_of(breach->holder) != territories.versions[version].holder || kind_of(breach->kind) != territories.versions[version].kind)
		truth_broken("goods of S%d went into an area of %.*s, which version %lld does not say", outlet_of(breach->outlet) + 1,
			     TEXT_ARGS(breach->holder), (long long)version);
	else if (outlet_of(breach->outlet) == territories.versions[version].holder || territories.versions[version].kind == STORY_KINDS - 1)
		truth_broken("goods of S%d went where they may", outlet_of(breach->outlet) + 1);
}

static void take_recorded(void *context, const struct envelope *envelope)
{
	struct territory_breach_detected breach;
	struct sale_recorded sale;

	(void)context;
	if (truth_unpack(&territory_breach_detected_type, envelope, &breach))
		take_breach(&breach);
	else if (truth_unpack(&sale_recorded_type, envelope, &sale) && sale.has_ship_to)
		territories.lines[number_of(sale.receipt)] = sale.lines.count;
}

void check_territories(struct network *network)
{
	int64_t breaches = 0;

	memset(&territories, 0, sizeof(territories));
	truth_each_event(network, PARTNERS, take_declared, NULL);
	truth_each_event(network, ORDERS, take_recorded, NULL);
	for (uint32_t number = 0; number < TICKETS; number++) {
		breaches += territories.breaches[number];
		if ((territories.lines[number] > 0) != story_sent(number))
			truth_broken("ticket %u went elsewhere than it said", number);
		if (territories.breaches[number] != 0 && territories.breaches[number] != territories.lines[number])
			truth_broken("of ticket %u, %u of %u lines are evidence", number, territories.breaches[number], territories.lines[number]);
	}
	simulate_present->evidence += breaches > 0 && territories.cases > 0;
}
