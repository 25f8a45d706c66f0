/*
 * simulate.c -- goal: whatever the network, the machines and the disks do, every ticket counts exactly once, everywhere.
 * Method: the five real services, eight tills, a warehouse, an office and a dashboard in one thread under a virtual clock; 2,000 tickets
 * are said while the troubles of a seed strike; then all is well, and everybody must come to know everything; then the truths are looked
 * at. A seed that breaks one prints the command that plays it again, byte for byte.
 */
#include "simulate.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "log/log.h"
#include "rules.h"
#include "swarm.h"
#include "truth.h"

static struct simulated present;
struct simulated *const simulate_present = &present;

struct arguments {
	uint64_t from, seeds;
	bool twice, verbose, alone;
	const char *truth; /* this one only; NULL: all */
};

struct played {
	uint64_t trace, events;
	uint64_t state[SERVICES];
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	if (key == 's') {
		arguments->from = strtoull(value, NULL, 10);
		arguments->seeds = 1;
		arguments->verbose = true;
	} else if (key == 'n') {
		arguments->seeds = strtoull(value, NULL, 10);
	} else if (key == 'f') {
		arguments->from = strtoull(value, NULL, 10);
	} else if (key == 't') {
		arguments->twice = true;
	} else if (key == 'a') {
		arguments->alone = true;
	} else if (key == 'c') {
		arguments->truth = value;
	} else if (key == 'v') {
		arguments->verbose = true;
	} else {
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "play this seed alone, and tell of it", 0},
    {"seeds", 'n', "N", 0, "so many seeds (60)", 0},
    {"from", 'f', "N", 0, "the first of them (1)", 0},
    {"twice", 't', 0, 0, "each seed twice: the same world must come of it", 0},
    {"alone", 'a', 0, 0, "one till says everything in order: then no trouble may leave a trace in orders and partners", 0},
    {"truth", 'c', "CHECK", 0, "look at this truth only, such as check_goods", 0},
    {"verbose", 'v', 0, 0, "a line for each seed", 0},
    {0}};
static const struct argp argp = {options, parse_option, NULL,
				 "The whole network in one thread under a virtual clock, and the troubles of each seed.\vExample: simulate --seed 17",
				 NULL, NULL, NULL};

/* All tickets; one till alone says them in their order, or each its own. */
static void sell(struct network *network, struct swarm *swarm, bool alone)
{
	struct client *tills[TILLS];

	for (unsigned i = 0; i < (alone ? 1u : TILLS); i++)
		tills[i] = network_client(network, ORDERS, story_till_name(i));
	for (uint32_t number = 0; number < TICKETS;) {
		for (uint64_t count = network_roll(network, 40); count > 0 && number < TICKETS; count--, number++)
			story_ticket(tills[alone ? 0 : story_till(number)], number, alone ? "S1/T1" : NULL);
		if (!alone && network_roll(network, 4) == 0)
			rules_change(network, number);
		if (!alone && network_roll(network, 4) == 0)
			rules_train(network, number);
		if (swarm != NULL)
			swarm_strike(swarm, network);
		network_pass(network, (int64_t)network_roll(network, 300000) + 1);
	}
}

/* Told at one till, everything is of that outlet: what is counted by outlets says nothing then. */
static bool by_outlet(void (*check)(struct network *network))
{
	return check == check_figures || check == check_goods || check == check_rules || check == check_rebates || check == check_territories ||
	       check == check_appraisals || check == check_metrics || check == check_rights ||
	       check == check_commissions;
}

static void look(struct network *network, const struct arguments *arguments)
{
	for (unsigned i = 0; i < truth_check_count; i++) {
		if (arguments->truth != NULL && strcmp(arguments->truth, truth_checks[i].name) != 0)
			continue;
		present.check = truth_checks[i].name;
		if (!arguments->alone || !by_outlet(truth_checks[i].check))
			truth_checks[i].check(network);
	}
}

static void play(uint64_t seed, bool foul, const struct arguments *arguments, struct played *played, struct swarm *swarm)
{
	static struct network network;

	present.seed = seed;
	present.check = "liveness";
	network_open(&network, seed);
	swarm_draw(swarm, &network);
	rules_begin();
	story_begin(&network, foul ? swarm->lazy : 0);
	if (foul)
		bus_network_faults(network.wire, &swarm->weather);
	sell(&network, foul ? swarm : NULL, arguments->alone);
	swarm_end(swarm, &network);
	if (!network_settle(&network))
		truth_broken("ten minutes after the last trouble somebody still waits for something");
	else {
		network_pass(&network, 30 * US_PER_SECOND); /* a dashboard that reads late */
		look(&network, arguments);
	}
	*played = (struct played){.trace = bus_network_trace(network.wire)};
	for (int i = 0; i < SERVICES && network.nodes[i] != NULL; i++) {
		played->state[i] = network_hash(&network, (enum service_number)i);
		played->events += engine_meta(network_engine(&network, (enum service_number)i))->intake;
	}
	network_close(&network);
}

static void tell(const struct arguments *arguments, uint64_t seed, const struct played *played, const struct swarm *swarm, unsigned wrongs)
{
	if (wrongs > 0)
		printf("again: simulate --seed %llu%s\n", (unsigned long long)seed, arguments->alone ? " --alone" : "");
	if (!arguments->verbose)
		return;
	printf("seed %llu: trace %016llx, %llu inputs, loss %u, repeats %u, disorder %u per 10,000", (unsigned long long)seed,
	       (unsigned long long)played->trace, (unsigned long long)played->events, swarm->weather.loss, swarm->weather.duplicate,
	       swarm->weather.reorder);
	for (int i = 0; i < TROUBLES; i++)
		if (swarm->met[i] > 0)
			printf(", %u %s", swarm->met[i], swarm_name((enum trouble)i));
	putchar('\n');
}

/* Whatever happened on the way, what one till said in order has left the same state at orders and partners. */
static void compare_alone(const struct arguments *arguments, const struct played *foul)
{
	static struct played fair;
	struct swarm calm;
	uint64_t seed = present.seed;

	if (fair.trace == 0)
		play(0, false, arguments, &fair, &calm);
	present.seed = seed;
	present.check = "alone";
	if (foul->state[ORDERS] != fair.state[ORDERS] || foul->state[PARTNERS] != fair.state[PARTNERS])
		truth_broken("the troubles have left a trace in the state");
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.from = 1, .seeds = 60};
	unsigned met[TROUBLES] = {0}, bad = 0;
	uint64_t events = 0, traces = 0;
	struct timespec began, ended;

	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0)
		return 64;
	log_open("simulate", getenv("SAY") ? LOG_INFO : LOG_BROKEN);
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (uint64_t seed = arguments.from; seed < arguments.from + arguments.seeds; seed++) {
		struct played once, again;
		struct swarm swarm;

		present.wrongs = 0;
		play(seed, true, &arguments, &once, &swarm);
		if (arguments.twice) {
			play(seed, true, &arguments, &again, &swarm);
			present.check = "determinism";
			if (memcmp(&once, &again, sizeof(once)) != 0)
				truth_broken("played twice, it is another world");
		}
		if (arguments.alone)
			compare_alone(&arguments, &once);
		tell(&arguments, seed, &once, &swarm, present.wrongs);
		for (int i = 0; i < TROUBLES; i++)
			met[i] += swarm.met[i];
		events += once.events;
		traces = (traces ^ once.trace) * UINT64_C(0x100000001b3);
		bad += present.wrongs > 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	if (arguments.seeds >= 20 && arguments.truth == NULL && !arguments.alone && present.matched < arguments.seeds) {
		printf("[  FAILED  ] check_commissions\ngoods were to come back before their sale, and %u did in all seeds\n", present.matched);
		bad++;
	}
	if (arguments.seeds >= 20 && arguments.truth == NULL && !arguments.alone && present.deviations == 0) {
		printf("[  FAILED  ] check_rules\nrules were to change in the middle of trade, and no seed shows it\n");
		bad++;
	}
	if (arguments.seeds >= 20 && arguments.truth == NULL && !arguments.alone && present.withdrawn < arguments.seeds) {
		printf("[  FAILED  ] check_rights\ncertificates were to be withdrawn in the middle of trade, and %llu were\n",
		       (unsigned long long)present.withdrawn);
		bad++;
	}
	if (arguments.seeds >= 20 && arguments.truth == NULL && !arguments.alone && present.evidence < arguments.seeds / 2) {
		printf("[  FAILED  ] check_territories\ngoods were to go astray, and half of the seeds show no case\n");
		bad++;
	}
	double seconds = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
	printf("%llu seeds from %llu, %u bad; %.1f seeds/s, %.0f inputs/s; all traces %016llx; met", (unsigned long long)arguments.seeds,
	       (unsigned long long)arguments.from, bad, (double)arguments.seeds / seconds, (double)events / seconds, (unsigned long long)traces);
	for (int i = 0; i < TROUBLES; i++)
		printf("%s %u %s", i > 0 ? "," : "", met[i], swarm_name((enum trouble)i));
	putchar('\n');
	return bad > 0;
}
