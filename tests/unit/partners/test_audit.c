/*
 * Goal: whatever staff submits, every record is what was declared last and its version counts its
 * declarations; networks of any shape are judged in bounded time; and where a record is broken on purpose,
 * the audit says so. Method: seeded submissions through the real engine beside a model of the last word on
 * each outlet; chains and lattices of outlets; the audit over the outcome, then over the outcome with one row
 * changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/tools.h"
#include "rulebook.h"

#define OUTLETS 8

static const char *const codes[OUTLETS] = {"S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"};

/* What the model knows of an outlet: its tier, its upstream (-1: none) and how often it was declared. */
struct known {
	int tier, upstream;
	int64_t version;
};

struct world {
	struct stage stage;
	uint64_t seed;
	struct known outlets[OUTLETS];
	uint64_t declared, refused, unchanged;
};

static uint64_t pick(struct world *world, uint64_t below)
{
	return stage_random(&world->seed, below);
}

static bool leads_back(const struct world *world, int outlet, int upstream)
{
	for (; upstream >= 0; upstream = world->outlets[upstream].upstream)
		if (upstream == outlet)
			return true;
	return false;
}

static void staff_submits(struct world *world)
{
	int at = (int)pick(world, OUTLETS), tier = (int)pick(world, 2) + 1,
	    upstream = (int)pick(world, OUTLETS + 4) - 4;
	struct known *known = &world->outlets[at];
	struct outlet_submitted outlet = outlet_of(codes[at], tier);
	struct outlet_submitted_upstream above = {.has_outlet = true};

	upstream = upstream < 0 ? -1 : upstream;
	if (upstream >= 0) {
		above.outlet = text_of(codes[upstream]);
		outlet.has_upstreams = true;
		outlet.upstreams.items = &above;
		outlet.upstreams.count = 1;
	}
	stage_hear(&world->stage, STAFF, &outlet_submitted_type, &outlet);
	if (upstream >= 0 && (leads_back(world, at, upstream) || world->outlets[upstream].version == 0)) {
		world->refused++;
	} else if (known->version > 0 && known->tier == tier && known->upstream == upstream) {
		world->unchanged++;
	} else {
		*known = (struct known){tier, upstream, known->version + 1};
		world->declared++;
	}
}

static void world_run(struct world *world, const struct service *service, const char *dir, uint64_t seed,
                      uint32_t turn_size)
{
	*world = (struct world){.seed = seed};
	stage_open(&world->stage, service, dir);
	world->stage.turn_size = turn_size;
	for (int i = 0; i < OUTLETS; i++)
		world->outlets[i].upstream = -1;
	for (int i = 0; i < 600; i++)
		staff_submits(world);
}

/* Every declaration is the next version of its outlet, and the last ones are the model's. */
static void world_listen(struct world *world)
{
	int64_t versions[OUTLETS] = {0};
	const struct event_type *type;
	uint64_t refused = 0;
	const void *event;

	while (stage_said(&world->stage, &type, &event)) {
		if (type == &submission_refused_type) {
			refused++;
			continue;
		}
		assert_ptr_equal(type, &outlet_declared_type);
		const struct outlet_declared *declared = event;
		int at = declared->outlet.data[1] - '0';

		assert_int_equal(declared->version, ++versions[at]);
		if (declared->version < world->outlets[at].version)
			continue;
		assert_int_equal(declared->tier, world->outlets[at].tier);
		assert_int_equal(declared->has_upstreams, world->outlets[at].upstream >= 0);
	}
	for (int i = 0; i < OUTLETS; i++)
		assert_int_equal(versions[i], world->outlets[i].version);
	assert_int_equal(refused, world->refused);
}

static void test_the_rulebook_is_the_last_word_on_everything(void **state)
{
	static struct world world;
	char dir[64];

	for (uint64_t seed = 1; seed <= 5; seed++) {
		stage_folder(dir);
		world_run(&world, *state, dir, seed * 7919, 40);
		world_listen(&world);
		assert_in_range(world.declared, 50, 600); /* the run was worth its time */
		assert_in_range(world.refused, 50, 600);
		assert_in_range(world.unchanged, 10, 600);
		stage_close(&world.stage);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_folder_remove(dir, *state);
	}
}

static void test_the_cut_of_turns_changes_nothing(void **state)
{
	static struct world world;
	uint64_t hash = 0;

	for (uint32_t size = 1; size <= 97; size += 32) {
		world_run(&world, *state, NULL, 4711, size);
		hash = hash == 0 ? stage_hash(&world.stage) : hash;
		assert_true(hash == stage_hash(&world.stage));
		stage_close(&world.stage);
	}
}

/* Submits an outlet under some others; returns the code of the refusal, empty: declared. */
static const char *under(struct stage *stage, const char *code, const char *const *above, uint32_t count)
{
	struct outlet_submitted_upstream upstreams[8] = {{.has_outlet = true}};
	struct outlet_submitted outlet = outlet_of(code, 1);
	const struct event_type *type;
	const void *event;
	static char refusal[41];

	for (uint32_t i = 0; i < count; i++)
		upstreams[i] =
		    (struct outlet_submitted_upstream){.has_outlet = true, .outlet = text_of(above[i])};
	outlet.has_upstreams = true;
	outlet.upstreams.items = upstreams;
	outlet.upstreams.count = count;
	stage_hear(stage, STAFF, &outlet_submitted_type, &outlet);
	assert_true(stage_said(stage, &type, &event));
	if (type == &outlet_declared_type)
		return "";
	assert_ptr_equal(type, &submission_refused_type);
	snprintf(refusal, sizeof(refusal), "%.*s",
	         TEXT_ARGS(((const struct submission_refused *)event)->code));
	return refusal;
}

static void test_a_chain_is_followed_as_far_as_it_may_go(void **state)
{
	static char names[67][16];
	struct stage stage;

	stage_open(&stage, *state, NULL);
	for (int i = 0; i < 67; i++)
		snprintf(names[i], sizeof(names[i]), "C%d", i);
	assert_string_equal(under(&stage, names[0], NULL, 0), "");
	for (int i = 1; i <= 64; i++) {
		const char *above = names[i - 1];

		assert_string_equal(under(&stage, names[i], &above, 1), "");
	}
	const char *last = names[64];
	assert_string_equal(under(&stage, names[65], &last, 1), "upstream_too_far"); /* 65 are above it */
	last = names[63];
	assert_string_equal(under(&stage, names[0], &last, 1), "upstream_cycle"); /* 64 away, and found */
	stage_close(&stage);
}

/* Eight layers of six, each under all of the layer above: 6^8 ways up, 48 outlets. */
static void test_a_lattice_is_walked_once(void **state)
{
	static char names[8][6][32];
	struct stage stage;

	stage_open(&stage, *state, NULL);
	for (int layer = 0; layer < 8; layer++)
		for (int i = 0; i < 6; i++) {
			const char *above[6];

			snprintf(names[layer][i], sizeof(names[layer][i]), "L%d-%d", layer, i);
			for (int k = 0; k < 6; k++)
				above[k] = names[layer > 0 ? layer - 1 : 0][k];
			assert_string_equal(under(&stage, names[layer][i], above, layer > 0 ? 6 : 0), "");
		}
	const char *lowest = names[7][5];
	assert_string_equal(under(&stage, names[0][0], &lowest, 1), "upstream_cycle");
	stage_close(&stage);
}

/* Each changes one record, as a bug would. */
static void break_version(struct record *record)
{
	record->version++;
}

static void break_fields(struct record *record)
{
	((uint8_t *)(uintptr_t)record->fields.data)[record->fields.size - 1] ^= 1;
}

static void break_stale(struct record *record)
{
	record->version = 1;
}

static void tamper(const struct service *service, const char *dir, void (*breaks)(struct record *record))
{
	struct bytes key = bytes_of_text(TEXT_LITERAL("S1"));
	uint8_t fields[512], row[520];
	struct record record;
	struct stage stage;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	assert_true(
	    record_read(store_get(engine_store(stage.engine), KERNEL_TABLES + TABLE_OUTLET, key), &record));
	assert_true(record.fields.size <= sizeof(fields));
	memcpy(fields, record.fields.data, record.fields.size);
	record.fields.data = fields;
	breaks(&record);
	put_u64_be(row, (uint64_t)record.version);
	memcpy(row + 8, fields, record.fields.size);
	store_put(engine_store(stage.engine), KERNEL_TABLES + TABLE_OUTLET, key,
	          bytes_of(row, 8 + record.fields.size));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

static void test_a_changed_record_is_found(void **state)
{
	static const struct {
		void (*breaks)(struct record *record);
		int wrongs;
	} cases[] = {{break_version, 2}, {break_fields, 1}, {break_stale, 2}};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outlet_submitted outlet = outlet_of("S1", 1);
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage_hear(&stage, STAFF, &outlet_submitted_type, &outlet);
		outlet.tier = 2;
		stage_hear(&stage, STAFF, &outlet_submitted_type, &outlet);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper(*state, dir, cases[i].breaks);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
		stage_folder_remove(dir, *state);
	}
}

/* Each changes the first version of the history, as a bug would. */
static void history_fields(struct store *store, struct bytes place, struct bytes row)
{
	((uint8_t *)(uintptr_t)row.data)[row.size - 1] ^= 1;
	store_put(store, KERNEL_TABLES + TABLE_HISTORY, place, row);
}

static void history_time(struct store *store, struct bytes place, struct bytes row)
{
	((uint8_t *)(uintptr_t)row.data)[7] ^= 1;
	store_put(store, KERNEL_TABLES + TABLE_HISTORY, place, row);
}

static void history_cut(struct store *store, struct bytes place, struct bytes row)
{
	store_put(store, KERNEL_TABLES + TABLE_HISTORY, place, bytes_of(row.data, 8));
}

static void history_lost(struct store *store, struct bytes place, struct bytes row)
{
	(void)row;
	store_del(store, KERNEL_TABLES + TABLE_HISTORY, place);
}

static void history_misplaced(struct store *store, struct bytes place, struct bytes row)
{
	((uint8_t *)(uintptr_t)place.data)[0] = TABLE_HISTORY;
	store_put(store, KERNEL_TABLES + TABLE_HISTORY, place, row);
}

static void tamper_history(const struct service *service, const char *dir,
                           void (*breaks)(struct store *store, struct bytes place, struct bytes row))
{
	uint8_t place[VERSION_KEY_SIZE], copy[520];
	struct bytes key = version_key(place, TABLE_OUTLET, bytes_of_text(TEXT_LITERAL("S1")), 1);
	struct stage stage;

	stage_open(&stage, service, dir);
	assert_int_equal(engine_begin(stage.engine, 2), ERR_NONE);
	struct bytes row = store_get(engine_store(stage.engine), KERNEL_TABLES + TABLE_HISTORY, key);
	assert_in_range(row.size, 9, sizeof(copy));
	memcpy(copy, row.data, row.size);
	breaks(engine_store(stage.engine), key, bytes_of(copy, row.size));
	assert_int_equal(store_commit(engine_store(stage.engine)), ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

/* R15: Every version of a record is kept, with the time of its declaration; nothing else is. */
static void test_a_changed_history_is_found(void **state)
{
	static const struct {
		void (*breaks)(struct store *store, struct bytes place, struct bytes row);
		int wrongs;
	} cases[] = {{history_fields, 1}, {history_time, 1}, {history_cut, 2}, {history_lost, 1}, {history_misplaced, 1}};
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outlet_submitted outlet = outlet_of("S1", 1);
		struct stage stage;

		stage_folder(dir);
		stage_open(&stage, *state, dir);
		stage_hear(&stage, STAFF, &outlet_submitted_type, &outlet);
		outlet.tier = 2;
		stage_hear(&stage, STAFF, &outlet_submitted_type, &outlet);
		stage_close(&stage);
		assert_int_equal(stage_check(*state, dir), 0);
		tamper_history(*state, dir, cases[i].breaks);
		assert_int_equal(stage_check(*state, dir), cases[i].wrongs);
		stage_folder_remove(dir, *state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_rulebook_is_the_last_word_on_everything),
	    cmocka_unit_test(test_the_cut_of_turns_changes_nothing),
	    cmocka_unit_test(test_a_chain_is_followed_as_far_as_it_may_go),
	    cmocka_unit_test(test_a_lattice_is_walked_once),
	    cmocka_unit_test(test_a_changed_record_is_found),
	    cmocka_unit_test(test_a_changed_history_is_found),
	};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
