/*
 * Goal: whatever a disk does to a byte, check says so; and what it calls repairable can be repaired.
 * Method: a small store of the toy service; every byte of every entry of its journal and intake flipped in a copy, one after the
 * other; random bits of all other pages in processes that may die of it; the file cut short. The state hash of each store that
 * passes must be the true one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/scrub.h"
#include "kernel/tools.h"
#include "kernel/prints.h"
#include "log/log.h"
#include "toy.h"

#define SALES 8
#define PAGES_OF_SALES 120
#define MANY_SALES 3000
#define WILD_FLIPS 400
#define START_US INT64_C(1772355600000000)
#define CHILD_SECONDS 20
#define SEAL_AND_KEY 12 /* bytes before a value: its seal and the entry's number */

struct scene {
	char folder[64], store[96], file[128];
	uint8_t *bytes; /* of the undamaged file */
	size_t size;
	uint64_t state, sales;
	FILE *talk;
};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static struct engine *open_toy(const char *path, bool read_only)
{
	struct engine_options options = {.path = path, .read_only = read_only, .map_bytes = 8 << 20, .map_bytes_max = 64 << 20,
					 .now_us = START_US + US_PER_DAY};
	struct engine *engine;

	assert_int_equal(engine_open(&engine, &toy, &options), ERR_NONE);
	return engine;
}

static void sell(struct engine *engine, uint64_t first, uint64_t last)
{
	assert_int_equal(engine_begin(engine, START_US + US_PER_DAY + (int64_t)last), ERR_NONE);
	for (uint64_t seq = first; seq <= last; seq++) {
		uint8_t event[256];
		char receipt[24];
		struct admission admission;

		snprintf(receipt, sizeof(receipt), "R%llu", (unsigned long long)seq);
		size_t size = toy_sale(event, sizeof(event), "S1/T1", seq, "S1", receipt, 1000, START_US + (int64_t)seq);
		struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .after = seq - 1, .count = 1, .events = bytes_of(event, size)};
		engine_admit(engine, &run, &admission);
		assert_int_equal(admission.state, ADMISSION_DONE);
	}
	assert_int_equal(engine_commit(engine), ERR_NONE);
}

static uint64_t state_of(struct engine *engine)
{
	struct view view = {0};

	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	uint64_t hash = view_state_hash(&view);
	view_close(&view);
	return hash;
}

static void read_file(struct scene *scene)
{
	int file = open(scene->file, O_RDONLY | O_CLOEXEC);
	struct stat status;

	assert_int_equal(fstat(file, &status), 0);
	scene->size = (size_t)status.st_size;
	scene->bytes = malloc(scene->size);
	assert_int_equal(pread(file, scene->bytes, scene->size, 0), (ssize_t)scene->size);
	close(file);
}

/* A store with sales in it, compacted, so that no page of it is an old one. */
static void scene_make(struct scene *scene, uint64_t sales)
{
	char busy[96];
	struct view view = {0};
	struct store_copied copied;

	*scene = (struct scene){.folder = "/tmp/check-XXXXXX", .sales = sales, .talk = fopen("/dev/null", "w")};
	assert_non_null(mkdtemp(scene->folder));
	snprintf(busy, sizeof(busy), "%s/busy", scene->folder);
	snprintf(scene->store, sizeof(scene->store), "%s/orders", scene->folder);
	snprintf(scene->file, sizeof(scene->file), "%s/data.mdb", scene->store);
	struct engine *engine = open_toy(busy, false);
	for (uint64_t seq = 1; seq <= sales; seq += 4)
		sell(engine, seq, seq + 3);
	scene->state = state_of(engine);
	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	assert_int_equal(store_copy(&view, scene->store, 0, &copied), ERR_NONE);
	view_close(&view);
	engine_close(&engine);
	read_file(scene);
}

static void scene_clear(struct scene *scene)
{
	(void)nftw(scene->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	fclose(scene->talk);
	free(scene->bytes);
}

static void put_byte(const struct scene *scene, size_t at, uint8_t byte)
{
	int file = open(scene->file, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(file, &byte, 1, (off_t)at), 1);
	close(file);
}

/* Number of wrongs, or an error. */
static int check(const struct scene *scene)
{
	struct tool_options options = {.dir = scene->folder, .map_bytes_max = 64 << 20, .out = scene->talk};

	return tool_check(&toy, &options);
}

static int rebuild(const struct scene *scene, bool replace)
{
	struct tool_options options = {.dir = scene->folder, .map_bytes_max = 64 << 20, .out = scene->talk, .replace = replace};

	return tool_rebuild(&toy, &options);
}

/* Where in the file something stands that the map shows: pages may hold stale copies of it besides. */
static size_t place_of(const void *pointer)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to, offset, wanted = (unsigned long)(uintptr_t)pointer;
	char line[512];
	size_t place = 0;

	assert_non_null(maps);
	while (place == 0 && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset) == 3 && wanted >= from && wanted < to)
			place = wanted - from + offset;
	fclose(maps);
	assert_int_not_equal(place, 0);
	return place;
}

/* Where the entries of a log stand in the file: first byte of the number of each, and the size of number, seal and value. */
static unsigned entries_of(const struct scene *scene, unsigned table, size_t *starts, size_t *sizes)
{
	struct engine *engine = open_toy(scene->store, true);
	struct view view = {0};
	uint64_t number;
	unsigned count = 0;

	assert_int_equal(view_open(&view, engine_store(engine)), ERR_NONE);
	for (struct bytes value = view_log_seek(&view, table, 1, &number); value.data != NULL;
	     value = view_log_next(&view, table, &number)) {
		starts[count] = place_of(value.data) - SEAL_AND_KEY;
		assert_memory_equal(scene->bytes + starts[count], value.data - SEAL_AND_KEY, value.size + SEAL_AND_KEY);
		sizes[count++] = value.size + SEAL_AND_KEY;
	}
	view_close(&view);
	engine_close(&engine);
	return count;
}

static void test_every_flipped_byte_of_an_entry_is_found(void **state)
{
	static const unsigned tables[] = {KERNEL_JOURNAL, KERNEL_INTAKE};
	size_t starts[SALES * 2], sizes[SALES * 2], flips = 0;
	struct scene scene;

	(void)state;
	scene_make(&scene, SALES);
	assert_int_equal(check(&scene), 0);
	assert_int_equal(rebuild(&scene, false), 0);
	for (unsigned t = 0; t < 2; t++) {
		unsigned count = entries_of(&scene, tables[t], starts, sizes);

		assert_true(count >= SALES);
		for (unsigned i = 0; i < count; i++)
			for (size_t at = starts[i]; at < starts[i] + sizes[i]; at++, flips++) {
				put_byte(&scene, at, (uint8_t)(scene.bytes[at] ^ 1u << flips % 8));
				if (check(&scene) == 0)
					fail_msg("byte %zu of entry %u of table %u is flipped and nobody says so", at - starts[i], i, tables[t]);
				put_byte(&scene, at, scene.bytes[at]);
			}
	}
	assert_int_equal(check(&scene), 0);
	assert_true(flips >= 2000);
	print_message("%zu bytes flipped, all found\n", flips);
	scene_clear(&scene);
}

/* Of an input that is damaged nothing is remembered, of those beside it all. */
static void test_a_damaged_input_leaves_no_print(void **state)
{
	size_t starts[SALES * 2], sizes[SALES * 2];
	struct prints whole = {0}, damaged = {0};
	struct scene scene;

	(void)state;
	scene_make(&scene, SALES);
	unsigned count = entries_of(&scene, KERNEL_INTAKE, starts, sizes);
	struct engine *engine = open_toy(scene.store, true);
	prints_load(&whole, engine_store(engine), SALES);
	engine_close(&engine);
	put_byte(&scene, starts[count - 1] + sizes[count - 1] - 1, scene.bytes[starts[count - 1] + sizes[count - 1] - 1] ^ 1);
	engine = open_toy(scene.store, true);
	prints_load(&damaged, engine_store(engine), SALES);
	engine_close(&engine);
	assert_int_equal(whole.sources->latest[SALES % PRINTS_LATEST].seq, SALES);
	assert_int_equal(damaged.sources->latest[SALES % PRINTS_LATEST].seq, 0);
	assert_int_equal(damaged.sources->latest[1].seq, 1);
	prints_close(&whole);
	prints_close(&damaged);
	scene_clear(&scene);
}

enum verdict { HARMLESS, FOUND, SILENT };

/* In a process of its own, since a damaged page may be the end of it. */
static enum verdict judge(const struct scene *scene)
{
	int status;

	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(CHILD_SECONDS); /* a page that leads back to itself */
		(void)!freopen("/dev/null", "w", stdout);
		(void)!freopen("/dev/null", "w", stderr);
		tool_guard(&toy);
		if (check(scene) != 0 || rebuild(scene, false) != 0)
			_exit(1);
		struct engine *engine = open_toy(scene->store, true);
		_exit(state_of(engine) == scene->state && engine_meta(engine)->head == scene->sales ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		return FOUND;
	return WEXITSTATUS(status) == 0 ? HARMLESS : WEXITSTATUS(status) == 2 ? SILENT : FOUND;
}

static void test_no_flipped_bit_of_any_page_gives_other_figures_in_silence(void **state)
{
	unsigned count[3] = {0};
	uint64_t dice = 20260311;
	struct scene scene;

	(void)state;
	scene_make(&scene, PAGES_OF_SALES);
	for (unsigned i = 0; i < WILD_FLIPS; i++) {
		dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		size_t at = (dice >> 20) % scene.size;
		if (i % 2 == 0) /* heads of pages and their lists of entries, where it hurts */
			at = at / 4096 * 4096 + at % 64;

		put_byte(&scene, at, (uint8_t)(scene.bytes[at] ^ 1u << (dice >> 61)));
		enum verdict verdict = judge(&scene);
		put_byte(&scene, at, scene.bytes[at]);
		count[verdict]++;
		if (verdict == SILENT)
			fail_msg("bit %u of byte %zu is flipped: other figures, and nobody says so", (unsigned)(dice >> 61), at);
	}
	assert_int_equal(judge(&scene), HARMLESS);
	assert_true(count[FOUND] > WILD_FLIPS / 10 && count[HARMLESS] > 0);
	print_message("%u bits flipped: %u found, %u harmless, %u silent\n", WILD_FLIPS, count[FOUND], count[HARMLESS], count[SILENT]);
	scene_clear(&scene);
}

static void test_a_file_that_is_cut_short_is_said_so(void **state)
{
	struct scene scene;
	char said[600] = "";
	int talk[2];

	(void)state;
	scene_make(&scene, MANY_SALES);
	assert_int_equal(truncate(scene.file, (off_t)scene.size / 2), 0);
	assert_int_equal(pipe(talk), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		int status = 1;

		dup2(talk[1], STDOUT_FILENO);
		close(talk[0]);
		tool_guard(&toy);
		status = check(&scene) != 0 ? 3 : 0;
		_exit(status);
	}
	int status;
	close(talk[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)!read(talk[0], said, sizeof(said) - 1);
	close(talk[0]);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_non_null(strstr(said, "SIGBUS: the file is shorter"));
	assert_non_null(strstr(said, "\"remedy\":"));
	scene_clear(&scene);
}

static void test_a_damaged_journal_is_written_again_from_the_inputs(void **state)
{
	size_t starts[SALES * 2], sizes[SALES * 2];
	struct scene scene;

	(void)state;
	scene_make(&scene, SALES);
	struct engine *before = open_toy(scene.store, true);
	struct meta meta = *engine_meta(before);
	engine_close(&before);
	unsigned count = entries_of(&scene, KERNEL_JOURNAL, starts, sizes);
	put_byte(&scene, starts[count / 2] + 40, (uint8_t)~scene.bytes[starts[count / 2] + 40]);
	assert_true(check(&scene) > 0);
	assert_int_equal(rebuild(&scene, false), 1);
	assert_int_equal(rebuild(&scene, true), 0);
	assert_int_equal(check(&scene), 0);
	assert_int_equal(rebuild(&scene, false), 0);
	struct engine *engine = open_toy(scene.store, false);
	assert_memory_equal(engine_meta(engine), &meta, sizeof(meta));
	assert_int_equal(state_of(engine), scene.state);
	assert_int_equal(rebuild(&scene, true), ERR_STORE_BUSY);
	sell(engine, SALES + 1, SALES + 1);
	engine_close(&engine);
	scene_clear(&scene);
}

static void test_a_damaged_intake_is_not_repaired_from_itself(void **state)
{
	size_t starts[SALES * 2], sizes[SALES * 2];
	struct scene scene;

	(void)state;
	scene_make(&scene, SALES);
	unsigned count = entries_of(&scene, KERNEL_INTAKE, starts, sizes);
	put_byte(&scene, starts[count / 2] + 40, (uint8_t)~scene.bytes[starts[count / 2] + 40]);
	assert_true(check(&scene) > 0);
	assert_int_not_equal(rebuild(&scene, true), 0);
	put_byte(&scene, starts[count / 2] + 40, scene.bytes[starts[count / 2] + 40]);
	assert_int_equal(check(&scene), 0);
	scene_clear(&scene);
}

static void test_the_scrubber_finds_damage_in_its_round(void **state)
{
	static size_t starts[MANY_SALES], sizes[MANY_SALES];
	struct scene scene;

	(void)state;
	scene_make(&scene, MANY_SALES);
	unsigned count = entries_of(&scene, KERNEL_JOURNAL, starts, sizes);
	assert_int_equal(count, MANY_SALES);
	struct engine *engine = open_toy(scene.store, false);
	struct scrub *scrub = engine_scrubbed(engine);
	unsigned passes = 0;
	for (; scrub->rounds == 0 && passes < 10000; passes++)
		engine_scrub(engine, 100);
	assert_int_equal(scrub->damaged, 0);
	assert_int_equal(scrub->entries, MANY_SALES * 2);
	assert_in_range(passes, 50, 70); /* all of it in a minute */
	put_byte(&scene, starts[2000] + 30, (uint8_t)~scene.bytes[starts[2000] + 30]);
	for (passes = 0; scrub->rounds == 1 && passes < 10000; passes++)
		engine_scrub(engine, 100);
	assert_int_equal(scrub->damaged, 1);
	engine_scrub(engine, 0);
	engine_close(&engine);
	scene_clear(&scene);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_damaged_input_leaves_no_print),
	    cmocka_unit_test(test_every_flipped_byte_of_an_entry_is_found),
	    cmocka_unit_test(test_no_flipped_bit_of_any_page_gives_other_figures_in_silence),
	    cmocka_unit_test(test_a_file_that_is_cut_short_is_said_so),
	    cmocka_unit_test(test_a_damaged_journal_is_written_again_from_the_inputs),
	    cmocka_unit_test(test_a_damaged_intake_is_not_repaired_from_itself),
	    cmocka_unit_test(test_the_scrubber_finds_damage_in_its_round),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	log_open("check", LOG_BROKEN);
	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
