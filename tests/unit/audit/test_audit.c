/*
 * Goal: nobody changes what was noted without being found out, and nothing that was noted is lost.
 * Method: a small file is damaged in every way that there is, bit by bit and line by line, and what
 * verify says of it is compared with what was done; writers in several processes; a disk that fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/audit_line.h"
#include "base/error.h"

#define LINES 5
#define BYTES_MAX 65536
#define WRITERS 4
#define NOTES 25

struct place {
	char dir[64], file[96], torn[96];
};

/* The program's own fsync: counts, and fails on request. */
static unsigned synced;
static int sync_fails;

int fsync(int file)
{
	synced++;
	if (sync_fails != 0) {
		errno = sync_fails;
		return -1;
	}
	return (int)syscall(SYS_fsync, file);
}

static int begin(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	snprintf(place->dir, sizeof(place->dir), "/tmp/audit-test-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->file, sizeof(place->file), "%s/" AUDIT_FILE, place->dir);
	snprintf(place->torn, sizeof(place->torn), "%s/" AUDIT_TORN_FILE, place->dir);
	sync_fails = 0;
	*state = place;
	return 0;
}

static int end(void **state)
{
	struct place *place = *state;

	(void)unlink(place->file);
	(void)unlink(place->torn);
	(void)rmdir(place->dir);
	free(place);
	return 0;
}

static void note(const struct place *place, const char *object)
{
	struct audit_act act = {"ann (uid 7)", "apply", object, "done: 3 changed"};

	assert_int_equal(audit_note(place->dir, &act), ERR_NONE);
}

static void note_some(const struct place *place)
{
	static const char *const objects[LINES] = {"outlets.yaml", "prices.yaml", "lanes.yaml", "tills.yaml",
	                                           "rules.yaml"};

	for (unsigned i = 0; i < LINES; i++)
		note(place, objects[i]);
}

static size_t read_file(const char *path, char *out)
{
	FILE *in = fopen(path, "r");
	size_t size = in != NULL ? fread(out, 1, BYTES_MAX, in) : 0;

	if (in != NULL)
		fclose(in);
	assert_true(size < BYTES_MAX);
	return size;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	fclose(out);
}

struct found {
	unsigned count;
	struct audit_wrong first;
};

static void on_wrong(void *context, const struct audit_wrong *wrong)
{
	struct found *found = context;

	assert_true(strlen(wrong->what) > 10);
	if (found->count++ == 0)
		found->first = *wrong;
}

static struct found verify(const struct place *place, const char *anchor)
{
	struct found found = {0};
	struct audit_head head;
	uint64_t count;

	assert_int_equal(audit_verify(place->dir, anchor, on_wrong, &found, &head, &count), ERR_NONE);
	assert_int_equal(count, found.count);
	return found;
}

static void assert_found(const struct place *place, const char *anchor, enum audit_wrong_kind kind, uint64_t line)
{
	struct found found = verify(place, anchor);

	if (found.count == 0)
		fail_msg("nothing was found, wanted kind %d in line %llu", (int)kind, (unsigned long long)line);
	if (found.first.kind != kind || found.first.line != line)
		fail_msg("found %s in line %llu, wanted kind %d in line %llu", found.first.word,
		         (unsigned long long)found.first.line, (int)kind, (unsigned long long)line);
}

static void assert_sound(const struct place *place, const char *anchor)
{
	struct found found = verify(place, anchor);

	if (found.count > 0)
		fail_msg("line %llu: %s: %s", (unsigned long long)found.first.line, found.first.word, found.first.what);
}

/* Where the lines begin; behind the last one, the end. */
static void find_lines(const char *bytes, size_t size, size_t begins[LINES + 1])
{
	unsigned line = 0;

	begins[0] = 0;
	for (size_t i = 0; i < size; i++)
		if (bytes[i] == '\n')
			begins[++line] = i + 1;
	assert_int_equal(line, LINES);
	assert_int_equal(begins[LINES], size);
}

static struct audit_head last_of(const struct place *place)
{
	struct audit_head head;

	assert_int_equal(audit_last(place->dir, &head), ERR_NONE);
	return head;
}

struct listed {
	unsigned count;
	char text[BYTES_MAX];
};

static void on_line(void *context, const char *line, unsigned size)
{
	struct listed *listed = context;

	listed->count++;
	strncat(listed->text, line, size);
	strcat(listed->text, "\n");
}

static void test_what_is_noted_stands_there_in_order(void **state)
{
	struct place *place = *state;
	static struct listed listed;
	static char bytes[BYTES_MAX];
	struct audit_head head;
	uint64_t wrong;

	listed = (struct listed){0};
	assert_int_equal(audit_verify(place->dir, NULL, NULL, NULL, &head, &wrong), ERR_NOT_FOUND);
	assert_int_equal(last_of(place).count, 0);
	note_some(place);
	assert_sound(place, NULL);
	assert_int_equal(last_of(place).count, LINES);
	assert_sound(place, last_of(place).hash);
	assert_int_equal(audit_each(place->dir, on_line, &listed), ERR_NONE);
	assert_int_equal(listed.count, LINES);
	size_t size = read_file(place->file, bytes);
	assert_int_equal(size, strlen(listed.text));
	assert_memory_equal(bytes, listed.text, size);
	assert_non_null(strstr(listed.text, "{\"n\":1,\"time\":\"2"));
	assert_non_null(strstr(listed.text, "\"who\":\"ann (uid 7)\",\"act\":\"apply\",\"object\":\"lanes.yaml\","
	                                    "\"detail\":\"done: 3 changed\",\"previous\":\""));
}

static void test_who_calls_is_named_by_user_and_number(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX];
	char uid[40], caller[100];

	snprintf(uid, sizeof(uid), "(uid %u)\"", (unsigned)getuid());
	assert_int_equal(audit_note(place->dir, &(struct audit_act){NULL, "up", "network", "begun"}), ERR_NONE);
	read_file(place->file, bytes);
	assert_non_null(strstr(bytes, uid));
	audit_caller(caller, sizeof(caller));
	assert_non_null(strstr(bytes, caller));
}

static void test_every_flipped_bit_is_found_in_its_line(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX];
	size_t begins[LINES + 1];
	unsigned flips = 0;

	note_some(place);
	size_t size = read_file(place->file, bytes);
	find_lines(bytes, size, begins);
	for (size_t at = 0; at < size; at++) {
		uint64_t line = 1;

		while (at >= begins[line])
			line++;
		for (unsigned bit = 0; bit < 8; bit++, flips++) {
			bytes[at] ^= (char)(1u << bit);
			write_file(place->file, bytes, size);
			struct found found = verify(place, NULL);
			if (found.count == 0 || found.first.line != line)
				fail_msg("bit %u of byte %zu in line %llu: %u found, the first in line %llu", bit, at,
				         (unsigned long long)line, found.count, (unsigned long long)found.first.line);
			bytes[at] ^= (char)(1u << bit);
		}
	}
	write_file(place->file, bytes, size);
	assert_sound(place, NULL);
	assert_true(flips > 10000);
}

static void test_a_removed_line_is_found(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX], less[BYTES_MAX];
	size_t begins[LINES + 1];

	note_some(place);
	struct audit_head anchor = last_of(place);
	size_t size = read_file(place->file, bytes);
	find_lines(bytes, size, begins);
	for (unsigned line = 0; line < LINES; line++) {
		size_t length = begins[line + 1] - begins[line];

		memcpy(less, bytes, begins[line]);
		memcpy(less + begins[line], bytes + begins[line + 1], size - begins[line + 1]);
		write_file(place->file, less, size - length);
		if (line + 1 < LINES)
			assert_found(place, NULL, AUDIT_REMOVED, line + 1);
		else
			assert_sound(place, NULL); /* cut from the end: only the anchor can tell */
		if (line + 1 == LINES)
			assert_found(place, anchor.hash, AUDIT_TRUNCATED, LINES - 1);
	}
	(void)unlink(place->file);
	assert_found(place, anchor.hash, AUDIT_TRUNCATED, 0);
}

static void test_lines_in_another_order_are_found(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX], other[BYTES_MAX];
	size_t begins[LINES + 1];

	note_some(place);
	size_t size = read_file(place->file, bytes);
	find_lines(bytes, size, begins);
	for (unsigned line = 0; line + 1 < LINES; line++) { /* exchanged with the next */
		size_t first = begins[line + 1] - begins[line], second = begins[line + 2] - begins[line + 1];
		struct found found;

		memcpy(other, bytes, size);
		memcpy(other + begins[line], bytes + begins[line + 1], second);
		memcpy(other + begins[line] + second, bytes + begins[line], first);
		write_file(place->file, other, size);
		found = verify(place, NULL);
		assert_true(found.count >= 2);
		assert_int_equal(found.first.line, line + 1);
	}
	for (unsigned line = 0; line < LINES; line++) { /* once more, at the end */
		memcpy(other, bytes, size);
		memcpy(other + size, bytes + begins[line], begins[line + 1] - begins[line]);
		write_file(place->file, other, size + begins[line + 1] - begins[line]);
		assert_found(place, NULL, AUDIT_REORDERED, LINES + 1);
	}
}

/* Writes line `line` (from 0) anew, as a forger does who knows how it is made. */
static size_t forge(char *bytes, size_t size, const size_t begins[LINES + 1], unsigned line, const char *previous,
                    char hash[AUDIT_HASH_TEXT + 1])
{
	static char copy[BYTES_MAX];
	struct audit_act act = {"nobody", "apply", "nothing.yaml", "done: 0 changed"};
	struct audit_place place;
	char forged[AUDIT_LINE_MAX];
	size_t length = audit_line_write(forged, line + 1, INT64_C(1772355600000000), &act, previous);

	assert_true(audit_line_read(forged, length - 1, &place));
	memcpy(hash, place.hash, sizeof(place.hash));
	memcpy(copy, bytes, begins[line]);
	memcpy(copy + begins[line], forged, length);
	memcpy(copy + begins[line] + length, bytes + begins[line + 1], size - begins[line + 1]);
	size_t whole = size - (begins[line + 1] - begins[line]) + length;
	memcpy(bytes, copy, whole);
	return whole;
}

static void test_a_forged_line_is_found_by_the_one_behind_it(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX], forged[BYTES_MAX];
	char previous[AUDIT_HASH_TEXT + 1], hash[AUDIT_HASH_TEXT + 1];
	size_t begins[LINES + 1];

	note_some(place);
	struct audit_head anchor = last_of(place);
	size_t size = read_file(place->file, bytes);
	find_lines(bytes, size, begins);
	memset(previous, '0', AUDIT_HASH_TEXT);
	previous[AUDIT_HASH_TEXT] = 0;
	for (unsigned line = 0; line < LINES; line++) {
		struct audit_place real;

		memcpy(forged, bytes, size);
		size_t length = forge(forged, size, begins, line, previous, hash);
		write_file(place->file, forged, length);
		if (line + 1 < LINES)
			assert_found(place, NULL, AUDIT_ALTERED, line + 2);
		else
			assert_found(place, anchor.hash, AUDIT_TRUNCATED, LINES);
		assert_true(audit_line_read(bytes + begins[line], begins[line + 1] - begins[line] - 1, &real));
		memcpy(previous, real.hash, sizeof(previous));
	}
}

/* Who can write the file can write all of it anew: what it cannot do is meet the anchor. */
static void test_a_file_written_anew_is_found_by_the_anchor(void **state)
{
	struct place *place = *state;

	note_some(place);
	struct audit_head anchor = last_of(place);
	(void)unlink(place->file);
	note(place, "nothing.yaml");
	note_some(place);
	assert_sound(place, NULL);
	assert_found(place, anchor.hash, AUDIT_TRUNCATED, LINES + 1);
}

static void test_an_anchor_holds_while_the_file_grows(void **state)
{
	struct place *place = *state;
	struct audit_head anchors[LINES + 1];

	for (unsigned i = 0; i <= LINES; i++) {
		anchors[i] = last_of(place);
		note(place, "more.yaml");
	}
	for (unsigned i = 0; i <= LINES; i++)
		assert_sound(place, anchors[i].hash);
	anchors[0].hash[0] = 'f';
	assert_found(place, anchors[0].hash, AUDIT_TRUNCATED, LINES + 1);
}

static void test_a_line_torn_anywhere_is_set_aside_and_that_is_noted(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX], after[BYTES_MAX], torn[BYTES_MAX];
	size_t begins[LINES + 1];

	note_some(place);
	size_t size = read_file(place->file, bytes);
	find_lines(bytes, size, begins);
	for (size_t cut = begins[LINES - 1] + 1; cut < size; cut += cut + 10 < size ? 9 : 1) {
		size_t left = cut - begins[LINES - 1];

		(void)unlink(place->torn);
		write_file(place->file, bytes, cut);
		assert_found(place, NULL, AUDIT_TORN, LINES);
		note(place, "after.yaml");
		assert_sound(place, NULL);
		assert_int_equal(last_of(place).count, LINES + 1);
		assert_int_equal(read_file(place->torn, torn), left);
		assert_memory_equal(torn, bytes + begins[LINES - 1], left);
		memset(after, 0, sizeof(after));
		read_file(place->file, after);
		assert_memory_equal(after, bytes, begins[LINES - 1]);
		assert_non_null(strstr(after + begins[LINES - 1], "\"act\":\"audit.repair\""));
		assert_non_null(strstr(after + begins[LINES - 1], "after.yaml"));
	}
}

/* More than any crash leaves: it is set aside too, and what follows stands alone. */
static void test_rubbish_at_the_end_does_not_swallow_the_next_line(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX], torn[BYTES_MAX];

	note_some(place);
	size_t size = read_file(place->file, bytes);
	memset(bytes + size, 'x', 5 * AUDIT_LINE_MAX);
	write_file(place->file, bytes, size + 5 * AUDIT_LINE_MAX);
	note(place, "after.yaml");
	assert_sound(place, NULL);
	assert_int_equal(read_file(place->torn, torn), 5 * AUDIT_LINE_MAX);
	assert_int_equal(last_of(place).count, LINES + 2);
}

static void test_what_is_done_after_an_alteration_is_noted_all_the_same(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX];
	struct audit_head head;

	note_some(place);
	size_t size = read_file(place->file, bytes);
	bytes[size - 20] ^= 1;
	write_file(place->file, bytes, size);
	assert_int_equal(audit_last(place->dir, &head), ERR_STORE_CORRUPT);
	note(place, "after.yaml");
	assert_found(place, NULL, AUDIT_ALTERED, LINES);
	assert_int_equal(verify(place, NULL).count, 1);
	assert_int_equal(last_of(place).count, LINES + 1);
}

static void write_notes(const struct place *place, unsigned writer)
{
	char object[32];

	for (unsigned i = 0; i < NOTES; i++) {
		struct audit_act act = {"ann", "apply", object, "done"};

		snprintf(object, sizeof(object), "of-%u-%u.", writer, i);
		if (audit_note(place->dir, &act) != ERR_NONE)
			_exit(1);
	}
	_exit(0);
}

static void test_writers_at_the_same_time_lose_nothing(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX];
	pid_t writers[WRITERS];
	char object[32];

	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		assert_true(writers[i] >= 0);
		if (writers[i] == 0)
			write_notes(place, i);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		int status;

		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		assert_int_equal(status, 0);
	}
	assert_sound(place, NULL);
	assert_int_equal(last_of(place).count, WRITERS * NOTES);
	bytes[read_file(place->file, bytes)] = 0;
	for (unsigned i = 0; i < WRITERS * NOTES; i++) {
		snprintf(object, sizeof(object), "of-%u-%u.", i / NOTES, i % NOTES);
		const char *found = strstr(bytes, object);
		assert_non_null(found);
		assert_null(strstr(found + 1, object));
	}
}

static void test_what_the_disk_did_not_take_is_not_noted(void **state)
{
	struct place *place = *state;
	static char before[BYTES_MAX], after[BYTES_MAX];
	struct audit_act act = {"ann", "apply", "outlets.yaml", "done"};
	struct rlimit limit, small;

	note_some(place);
	unsigned syncs = synced;
	note(place, "synced.yaml");
	assert_int_equal(synced, syncs + 1);
	size_t size = read_file(place->file, before);
	sync_fails = EIO;
	assert_int_equal(audit_note(place->dir, &act), ERR_SYSTEM);
	sync_fails = ENOSPC;
	assert_int_equal(audit_note(place->dir, &act), ERR_DISK_FULL);
	sync_fails = 0;
	signal(SIGXFSZ, SIG_IGN); /* half of the line fits */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = (struct rlimit){size + 100, limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int error = audit_note(place->dir, &act);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(error, ERR_SYSTEM);
	assert_int_equal(read_file(place->file, after), size);
	assert_memory_equal(before, after, size);
	note(place, "later.yaml");
	assert_sound(place, NULL);
	assert_int_equal(audit_note("/nowhere/at/all", &act), ERR_SYSTEM);
}

/* Whatever a name is made of, its line is one line that ends where it should, and no longer than its limit. */
static void test_hostile_texts_stay_in_their_quotes(void **state)
{
	struct place *place = *state;
	static char bytes[BYTES_MAX];
	static char hostile[8000];

	for (unsigned round = 0; round < 8; round++) {
		for (size_t i = 0; i < sizeof(hostile) - 1; i++)
			hostile[i] = (char)(round == 0 ? '"' : round == 1 ? '\n' : round == 2 ? 0xe4 : 1 + (int)(i * (round + 3)) % 255);
		struct audit_act act = {hostile, hostile, hostile, hostile};
		assert_int_equal(audit_note(place->dir, &act), ERR_NONE);
	}
	struct audit_act forging = {"ann", "apply", "\",\"detail\":\"none\",\"previous\":\"0\"}\n{\"n\":9", ""};
	assert_int_equal(audit_note(place->dir, &forging), ERR_NONE);
	assert_int_equal(last_of(place).count, 9);
	assert_sound(place, NULL);
	size_t size = read_file(place->file, bytes), line = 0;
	for (size_t i = 0; i < size; i++, line++) {
		if (bytes[i] != '\n') {
			assert_true((unsigned char)bytes[i] >= 0x20);
			continue;
		}
		assert_true(line < AUDIT_LINE_MAX);
		line = 0;
	}
}

/* An argument is a pattern: only the tests of such names run. */
int main(int argc, char **argv)
{
#define AT_PLACE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
	    AT_PLACE(test_what_is_noted_stands_there_in_order),
	    AT_PLACE(test_who_calls_is_named_by_user_and_number),
	    AT_PLACE(test_every_flipped_bit_is_found_in_its_line),
	    AT_PLACE(test_a_removed_line_is_found),
	    AT_PLACE(test_lines_in_another_order_are_found),
	    AT_PLACE(test_a_forged_line_is_found_by_the_one_behind_it),
	    AT_PLACE(test_a_file_written_anew_is_found_by_the_anchor),
	    AT_PLACE(test_an_anchor_holds_while_the_file_grows),
	    AT_PLACE(test_a_line_torn_anywhere_is_set_aside_and_that_is_noted),
	    AT_PLACE(test_rubbish_at_the_end_does_not_swallow_the_next_line),
	    AT_PLACE(test_what_is_done_after_an_alteration_is_noted_all_the_same),
	    AT_PLACE(test_writers_at_the_same_time_lose_nothing),
	    AT_PLACE(test_what_the_disk_did_not_take_is_not_noted),
	    AT_PLACE(test_hostile_texts_stay_in_their_quotes),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
