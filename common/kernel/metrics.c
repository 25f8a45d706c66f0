/* metrics.c -- the figures of a service, as rows of the query `metrics`. */
#include "kernel/metrics.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "kernel/query.h"
#include "kernel/scrub.h"
#include "kernel/turn.h"

static const char *const kind_names[] = {
    [METER_GAUGE] = "gauge", [METER_COUNTER] = "counter", [METER_HISTOGRAM] = "histogram"};

/* ---- tallies ---- */

/* The place of a label; the last one is everybody else's. */
static unsigned tally_place(struct tally *tally, const char *label)
{
	const char *there;

	for (unsigned i = 0; i < TALLY_MAX - 1; i++) { /* mostly the same text at the same place */
		there = atomic_load_explicit(&tally->labels[i], memory_order_relaxed);
		if (there == label)
			return i;
		if (there == NULL)
			break;
	}
	for (unsigned i = 0; i < TALLY_MAX - 1; i++) {
		there = atomic_load_explicit(&tally->labels[i], memory_order_relaxed);
		if (there == NULL)
			atomic_store_explicit(&tally->labels[i], label, memory_order_release);
		if (there == NULL || strcmp(there, label) == 0)
			return i;
	}
	atomic_store_explicit(&tally->labels[TALLY_MAX - 1], "other", memory_order_release);
	return TALLY_MAX - 1;
}

void tally_add(struct tally *tally, const char *label, uint64_t count)
{
	atomic_fetch_add_explicit(&tally->counts[tally_place(tally, label)], count, memory_order_relaxed);
}

void tally_turn(struct tally *tally, const char *label, uint64_t count)
{
#if defined(MUTANT_COUNTED_AT_ONCE)
	tally_add(tally, label, count);
#else
	if (tally->lately != label) { /* mostly the same as before */
		tally->lately = label;
		tally->place = tally_place(tally, label);
	}
	tally->in_turn[tally->place] += count;
#endif
}

void tally_keep(struct tally *tally)
{
	for (unsigned i = 0; i < TALLY_MAX; i++)
		if (tally->in_turn[i] != 0)
			atomic_fetch_add_explicit(&tally->counts[i], tally->in_turn[i], memory_order_relaxed);
	tally_undo(tally);
}

void tally_undo(struct tally *tally)
{
	memset(tally->in_turn, 0, sizeof(tally->in_turn));
}

void engine_counts_keep(struct engine_counts *counts)
{
	tally_keep(&counts->heard);
	tally_keep(&counts->said);
	tally_keep(&counts->refused);
	tally_keep(&counts->inputs);
	atomic_fetch_add_explicit(&counts->quarantine, counts->quarantine_turn, memory_order_relaxed);
	counts->quarantine_turn = 0;
}

void engine_counts_undo(struct engine_counts *counts)
{
	tally_undo(&counts->heard);
	tally_undo(&counts->said);
	tally_undo(&counts->refused);
	tally_undo(&counts->inputs);
	counts->quarantine_turn = 0;
}

void engine_counts_begin(struct engine_counts *counts, const struct service *service)
{
	static const char *const outcomes[] = {"new", "duplicate", "gap", "fenced", "quarantined"};

	for (unsigned i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		tally_add(&counts->inputs, outcomes[i], 0);
	for (unsigned i = 0; i < service->route_count; i++)
		tally_add(&counts->heard, service->routes[i].type->name, 0);
	for (uint32_t i = 0; i < event_type_count; i++)
		if (strcmp(event_types[i]->publisher, service->name) == 0)
			tally_add(&counts->said, event_types[i]->name, 0);
}

void engine_observe(struct engine *engine, void (*look)(void *context, struct metrics_node *out), void *context)
{
	engine->observe = look;
	engine->observer = context;
}

/* ---- the answer ---- */

/* Everything at one moment. */
struct look {
	struct query *query;
	struct meta meta;
	struct store_usage usage;
	struct metrics_node node;
	int64_t quarantine;
	uint64_t scrubbed, scrub_rounds, damaged;
};

/* How one figure is told, whatever its label and value. */
struct figure {
	const char *name, *unit, *sentence, *label;
	enum meter_kind kind;
	unsigned decimals;
};

/* The page holds all of them: their number is fixed, and far below it. */
static void row(const struct look *look, const struct figure *figure, const char *part, const char *label_value, int64_t value)
{
	if (!query_row(look->query))
		return;
	query_text(look->query, "service", text_of(engine_service(query_engine(look->query))->name));
	query_text(look->query, "name", text_of(figure->name));
	query_text(look->query, "kind", text_of(kind_names[figure->kind]));
	query_text(look->query, "part", text_of(part));
	query_text(look->query, "label", text_of(figure->label));
	query_text(look->query, "label_value", text_of(label_value));
	query_int(look->query, "value", value);
	query_int(look->query, "decimals", (int64_t)figure->decimals);
	query_text(look->query, "unit", text_of(figure->unit));
	query_text(look->query, "help", text_of(figure->sentence));
}

static void family(const struct look *look, const struct figure *figure, const struct tally *tally)
{
	for (unsigned i = 0; i < TALLY_MAX; i++) {
		const char *label = atomic_load_explicit(&tally->labels[i], memory_order_acquire);
		uint64_t count = atomic_load_explicit(&tally->counts[i], memory_order_relaxed);

		if (label != NULL)
			row(look, figure, "", label, (int64_t)count);
	}
}

/* As far as the last commit has come with it; of another epoch nothing is known to be taken. */
static uint64_t link_lag(const struct look *look, const struct metrics_link *link)
{
	struct bytes stands = view_get(query_view_of(look->query), KERNEL_CURSOR, bytes_of_text(text_of(link->source)));
	struct cursor at = {0};

	if (stands.size == sizeof(at))
		memcpy(&at, stands.data, sizeof(at));
	if (at.epoch != link->epoch)
		return link->head;
	return link->head > at.through ? link->head - at.through : 0;
}

/* Buckets as collectors want them: each holds the shorter ones as well. */
static void commits(const struct look *look)
{
	static const struct figure figure = {.name = "commit_seconds",
					     .unit = "seconds",
					     .sentence = "How long commits took, with their full sync",
					     .label = "le",
					     .kind = METER_HISTOGRAM};
	struct figure sum = figure;
	uint64_t below = 0;
	char bound[24];

	for (unsigned i = 0; i < STORE_SPANS; i++) {
		below += look->usage.commit_spans[i];
		snprintf(bound, sizeof(bound), "%g", store_span_us[i] / 1e6);
		row(look, &figure, "_bucket", bound, (int64_t)below);
	}
	row(look, &figure, "_bucket", "+Inf", (int64_t)look->usage.commits);
	sum.label = "";
	row(look, &sum, "_count", "", (int64_t)look->usage.commits);
	sum.decimals = 6;
	row(look, &sum, "_sum", "", (int64_t)look->usage.commit_us_sum);
}

#define METRIC(NAME, KIND, UNIT, DECIMALS, VALUE, SENTENCE)                                                                        \
	row(look, &(const struct figure){NAME, UNIT, SENTENCE, "", METER_##KIND, DECIMALS}, "", "", (int64_t)(VALUE));
#define FAMILY(NAME, KIND, UNIT, LABEL, TALLY, SENTENCE)                                                                           \
	family(look, &(const struct figure){NAME, UNIT, SENTENCE, LABEL, METER_##KIND, 0}, &(TALLY));
#define LINK(NAME, KIND, UNIT, VALUE, SENTENCE)                                                                                    \
	for (const struct metrics_link *link = look->node.links; link < look->node.links + look->node.link_count; link++)          \
		row(look, &(const struct figure){NAME, UNIT, SENTENCE, "source", METER_##KIND, 0}, "", link->source,              \
		    (int64_t)(VALUE));

static void kernel_figures(const struct look *look, const struct engine_counts *counts)
{
#include "kernel/metrics.def"
	if (look->node.door != NULL)
		family(look,
		       &(const struct figure){"door_refusals_total", "messages",
					      "Messages that the door answered with an error, by code", "code", METER_COUNTER, 0},
		       look->node.door);
	commits(look);
}

/* What only this service can know. */
static void service_figures(const struct look *look)
{
	const struct service *service = engine_service(query_engine(look->query));

	for (unsigned i = 0; i < service->meter_count; i++) {
		const struct meter *meter = &service->meters[i];
		struct figure figure = {meter->name, meter->unit, meter->sentence, "", meter->kind, meter->decimals};

		row(look, &figure, "", "", meter->value(look->query));
	}
}

void answer_metrics(struct query *query)
{
	struct engine *engine = query_engine(query);
	const struct scrub *scrub = engine_scrubbed(engine);
	struct look look = {.query = query};
	struct bytes meta = view_get(query_view_of(query), KERNEL_META, bytes_of("meta", 4));

	if (meta.size != sizeof(look.meta))
		return;
	memcpy(&look.meta, meta.data, sizeof(look.meta));
	store_usage(engine_store(engine), &look.usage);
	if (engine->observe != NULL)
		engine->observe(engine->observer, &look.node);
	look.quarantine = atomic_load_explicit(&engine->counts.quarantine, memory_order_relaxed);
	look.scrubbed = atomic_load_explicit(&scrub->entries, memory_order_relaxed);
	look.scrub_rounds = atomic_load_explicit(&scrub->rounds, memory_order_relaxed);
	look.damaged = atomic_load_explicit(&scrub->damaged, memory_order_relaxed);
	kernel_figures(&look, &engine->counts);
	service_figures(&look);
}
