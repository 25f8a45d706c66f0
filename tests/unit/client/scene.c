/* scene.c -- sockets are served in turn by this one thread, simulated buses by steps of their network. */
#include "scene.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/when.h"
#include "events/terminals.h"

#define START_US INT64_C(1772359200000000)

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct scene *scene = context;
	struct scene_verdict *kept = &scene->verdicts[scene->verdict_count++];

	assert_true(scene->verdict_count < SCENE_VERDICTS);
	snprintf(kept->source, sizeof(kept->source), "%.*s", TEXT_ARGS(verdict->source));
	snprintf(kept->code, sizeof(kept->code), "%.*s", TEXT_ARGS(verdict->code));
	kept->seq = verdict->seq;
	kept->verdict = verdict->verdict;
}

static void on_held(void *context, struct text source, struct text code)
{
	struct scene *scene = context;

	scene->held_count++;
	snprintf(scene->held_source, sizeof(scene->held_source), "%.*s", TEXT_ARGS(source));
	snprintf(scene->held_code, sizeof(scene->held_code), "%.*s", TEXT_ARGS(code));
}

static int begin(void **state, bool is_simulated)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->desk = calloc(1, sizeof(*scene->desk));
	scene->verdicts = calloc(SCENE_VERDICTS, sizeof(*scene->verdicts));
	assert_non_null(scene->desk);
	assert_non_null(scene->verdicts);
	scene->is_simulated = is_simulated;
	snprintf(scene->folder, sizeof(scene->folder), "/tmp/client-test-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->endpoint, sizeof(scene->endpoint), "ipc://%s/a.door", scene->folder);
	snprintf(scene->spool, sizeof(scene->spool), "%s/spool", scene->folder);
	if (is_simulated)
		assert_int_equal(bus_network_open(&scene->network, 7, START_US), ERR_NONE);
	assert_int_equal(bus_open(&scene->desk_bus, scene->network), ERR_NONE);
	assert_int_equal(bus_open(&scene->client_bus, scene->network), ERR_NONE);
	desk_open(scene->desk, scene->desk_bus, scene->endpoint);
	scene->options = (struct client_options){.name = "test",
						 .endpoint = scene->endpoint,
						 .bus = scene->client_bus,
						 .seed = 5,
						 .on_verdict = on_verdict,
						 .on_held = on_held,
						 .context = scene};
	*state = scene;
	return 0;
}

int scene_sockets(void **state)
{
	return begin(state, false);
}

int scene_simulated(void **state)
{
	return begin(state, true);
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
	(void)stat;
	(void)kind;
	(void)where;
	return remove(path);
}

int scene_end(void **state)
{
	struct scene *scene = *state;

	client_close(&scene->client);
	desk_close(scene->desk);
	bus_close(&scene->client_bus);
	bus_close(&scene->desk_bus);
	bus_network_close(&scene->network);
	assert_int_equal(nftw(scene->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(scene->desk);
	free(scene->verdicts);
	free(scene);
	return 0;
}

void scene_client(struct scene *scene)
{
	scene->options.spool = scene->spool;
	assert_int_equal(client_open(&scene->client, &scene->options), ERR_NONE);
}

void scene_client_in_memory(struct scene *scene)
{
	scene->options.spool = NULL;
	assert_int_equal(client_open(&scene->client, &scene->options), ERR_NONE);
}

void scene_desk_leaves(struct scene *scene)
{
	desk_leave(scene->desk);
	bus_close(&scene->desk_bus);
}

void scene_desk_returns(struct scene *scene)
{
	assert_int_equal(bus_open(&scene->desk_bus, scene->network), ERR_NONE);
	desk_return(scene->desk, scene->desk_bus);
}

int scene_ticket(struct client *client, const char *source, const char *receipt, uint64_t *seq)
{
	struct ticket_sold_line line = {
	    .sku = TEXT_LITERAL("A"), .quantity = {1000}, .has_unit_price = true, .unit_price = {25500}};
	struct ticket_sold sold = {.outlet = TEXT_LITERAL("OUT-001"),
				   .receipt = text_of(receipt),
				   .currency = TEXT_LITERAL("GBP"),
				   .day = TEXT_LITERAL("2026-03-01"),
				   .lines = {&line, 1}};

	return client_publish(client, source, &ticket_sold_type, &sold, START_US, seq);
}

uint64_t scene_publish(struct scene *scene, const char *source, const char *receipt)
{
	uint64_t seq = 0;

	assert_int_equal(scene_ticket(scene->client, source, receipt, &seq), ERR_NONE);
	return seq;
}

int64_t scene_now_us(const struct scene *scene)
{
	return scene->is_simulated ? bus_network_now_us(scene->network) : bus_monotonic_us(scene->client_bus);
}

/* One round for everybody. Returns false when the clock has reached until_us. */
static bool serve(struct scene *scene, int64_t until_us)
{
	if (scene->is_simulated) { /* a millisecond at most, so that whoever waits sees it in time */
		int64_t soon_us = scene_now_us(scene) + 1000;

		if (scene->client != NULL)
			client_process(scene->client, 0);
		return bus_network_step(scene->network, soon_us < until_us ? soon_us : until_us) ||
		       scene_now_us(scene) < until_us;
	}
	if (scene->desk_bus != NULL)
		bus_run_once(scene->desk_bus, 0);
	if (scene->client != NULL)
		client_process(scene->client, 1);
	else
		bus_run_once(scene->client_bus, 1);
	return scene_now_us(scene) < until_us;
}

void scene_pass(struct scene *scene, unsigned ms)
{
	int64_t until_us = scene_now_us(scene) + (int64_t)ms * 1000;

	while (serve(scene, until_us))
		;
}

void scene_until(struct scene *scene, bool (*done)(struct scene *scene))
{
	int64_t until_us = scene_now_us(scene) + (scene->is_simulated ? 100 : 10) * US_PER_SECOND;

	while (!done(scene))
		if (!serve(scene, until_us) && !done(scene))
			fail_msg("nothing came of it");
}

static bool settled(struct scene *scene)
{
	return client_waiting(scene->client) == 0;
}

void scene_settled(struct scene *scene)
{
	scene_until(scene, settled);
}

const struct scene_verdict *scene_verdict_of(const struct scene *scene, const char *source, uint64_t seq)
{
	const struct scene_verdict *found = NULL;

	for (unsigned i = 0; i < scene->verdict_count; i++) {
		const struct scene_verdict *verdict = &scene->verdicts[i];

		if (verdict->seq != seq || strcmp(verdict->source, source) != 0)
			continue;
		if (found != NULL)
			fail_msg("two verdicts about %s#%llu", source, (unsigned long long)seq);
		found = verdict;
	}
	if (found == NULL)
		fail_msg("no verdict about %s#%llu", source, (unsigned long long)seq);
	return found;
}

void scene_assert_admitted(const struct scene *scene, const char *source, const char *const *receipts,
			   unsigned count)
{
	uint64_t epoch = 0, seq = 0;
	unsigned at = 0;

	for (unsigned i = 0; i < scene->desk->admitted_count; i++) {
		const struct desk_event *event = &scene->desk->admitted[i];

		if (strcmp(scene->desk->sources[event->source].name, source) != 0)
			continue;
		assert_true(at < count);
		assert_string_equal(event->receipt, receipts[at]);
		assert_true(event->epoch > epoch || (event->epoch == epoch && event->seq == seq + 1));
		epoch = event->epoch;
		seq = event->seq;
		at++;
	}
	assert_int_equal(at, count);
}
