/* test_log.c -- a line's shape, its one write, its limits; what is read here is what stderr got, through a
 * pipe. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/when.h"
#include "log/log.h"

static int pipe_ends[2], kept_stderr;

static void catch_stderr(void)
{
	assert_int_equal(pipe2(pipe_ends, O_DIRECT), 0); /* packets: one read gives what one write gave */
	kept_stderr = dup(STDERR_FILENO);
	dup2(pipe_ends[1], STDERR_FILENO);
	fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK);
}

static void free_stderr(void)
{
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* What one write put there; an empty text when there was none. */
static char *packet(void)
{
	static char bytes[8192];
	ssize_t size = read(pipe_ends[0], bytes, sizeof(bytes) - 1);

	bytes[size > 0 ? size : 0] = 0;
	return bytes;
}

static void test_a_line_is_time_name_level_event_and_pairs(void **state)
{
	char *line, word[5][64];
	int64_t time_us;

	(void)state;
	catch_stderr();
	log_open("inventory", LOG_INFO);
	log_line(LOG_UNUSUAL, "gap", "source=%s want=%d got=%d", "orders", 88, 91);
	line = packet();
	free_stderr();
	assert_int_equal(
	    sscanf(line, "%63s %63s %63s %63s %63s", word[0], word[1], word[2], word[3], word[4]), 5);
	assert_true(when_parse(text_of(word[0]), &time_us));
	assert_string_equal(word[1], "inventory");
	assert_string_equal(word[2], "unusual");
	assert_string_equal(word[3], "gap");
	assert_string_equal(strstr(line, "gap "), "gap source=orders want=88 got=91\n");
}

static void test_every_level_has_its_name_and_is_counted(void **state)
{
	static const char *const names[] = {"broken", "alarm", "unusual", "info", "trace"};

	(void)state;
	catch_stderr();
	log_open("x", LOG_TRACE);
	for (int level = LOG_BROKEN; level <= LOG_TRACE; level++) {
		uint64_t before[LOG_TRACE + 1];
		char wanted[40];

		for (int i = 0; i <= LOG_TRACE; i++)
			before[i] = log_count((enum log_level)i);
		log_line((enum log_level)level, "e", "a=1");
		snprintf(wanted, sizeof(wanted), " x %s e a=1\n", names[level]);
		assert_non_null(strstr(packet(), wanted));
		for (int i = 0; i <= LOG_TRACE; i++)
			assert_int_equal(log_count((enum log_level)i), before[i] + (i == level));
	}
	free_stderr();
}

static void test_hidden_levels_are_counted_and_not_written(void **state)
{
	(void)state;
	catch_stderr();
	log_open("x", LOG_ALARM);
	uint64_t info = log_count(LOG_INFO), broken = log_count(LOG_BROKEN);
	log_line(LOG_INFO, "e", "a=1");
	log_line(LOG_UNUSUAL, "e", "a=1");
	assert_string_equal(packet(), "");
	log_line(LOG_BROKEN, "e", "a=1"); /* our own bugs cannot be hidden */
	assert_string_not_equal(packet(), "");
	free_stderr();
	assert_int_equal(log_count(LOG_INFO), info + 1);
	assert_int_equal(log_count(LOG_BROKEN), broken + 1);
}

static void test_control_characters_do_not_leave_the_line(void **state)
{
	(void)state;
	catch_stderr();
	log_open("x", LOG_INFO);
	log_line(LOG_INFO, "e", "a=%s", "one\ntwo\rthree\x1b[31m\x7f\tend");
	char *line = packet();
	free_stderr();
	assert_non_null(strstr(line, "a=one two three [31m  end\n"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void test_a_long_line_is_cut_and_says_so(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'y', sizeof(text));
	catch_stderr();
	log_open("x", LOG_INFO);
	for (size_t size = LOG_LINE_MAX - 120; size < LOG_LINE_MAX + 120; size++) {
		log_line(LOG_INFO, "e", "a=%.*s", (int)size, text);
		char *line = packet();
		size_t length = strlen(line), head = (size_t)(strstr(line, "a=") - line);

		assert_true(length <= LOG_LINE_MAX);
		assert_int_equal(line[length - 1], '\n');
		if (head + 2 + size + 1 <= LOG_LINE_MAX)
			assert_int_equal(length, head + 2 + size + 1);
		else
			assert_string_equal(line + length - 4, "...\n");
	}
	free_stderr();
}

static void test_errno_is_left_alone(void **state)
{
	(void)state;
	catch_stderr();
	log_open("x", LOG_INFO);
	close(STDERR_FILENO); /* the write fails */
	errno = ENOSPC;
	log_line(LOG_INFO, "e", "a=1");
	assert_int_equal(errno, ENOSPC);
	free_stderr();
}

static void *say_much(void *context)
{
	for (int i = 0; i < 200; i++)
		log_line(LOG_INFO, "e", "who=%s text=%s", (char *)context,
		         "abcdefghijklmnopqrstuvwxyz0123456789");
	return NULL;
}

static void test_lines_of_several_threads_stay_whole(void **state)
{
	static char names[4][2] = {"a", "b", "c", "d"};
	pthread_t threads[4];
	unsigned lines = 0;

	(void)state;
	catch_stderr();
	fcntl(pipe_ends[1], F_SETPIPE_SZ, 1 << 20);
	fcntl(pipe_ends[0], F_SETFL, 0);
	log_open("x", LOG_INFO);
	uint64_t before = log_count(LOG_INFO);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, say_much, names[i]), 0);
	for (; lines < 800; lines++) {
		char *line = packet();

		assert_string_equal(line + strlen(line) - 43, " text=abcdefghijklmnopqrstuvwxyz0123456789\n");
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	free_stderr();
	assert_int_equal(log_count(LOG_INFO), before + 800);
}

static void test_values_from_outside_are_quoted_where_they_must_be(void **state)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {{"plain", "plain"},
	             {"OUT-001/T1#42", "OUT-001/T1#42"},
	             {"", "\"\""},
	             {"two words", "\"two words\""},
	             {"a=b", "\"a=b\""},
	             {"say \"x\"", "\"say \\\"x\\\"\""},
	             {"back\\slash", "\"back\\\\slash\""},
	             {"a\nb\x7f", "\"a?b?\""},
	             {"K\xc3\xb6ln", "K\xc3\xb6ln"}};
	struct log_text text;
	char longest[400];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(log_quote(&text, cases[i].text, strlen(cases[i].text)), cases[i].quoted);
	for (int c = 'x'; c != 0; c = c == 'x' ? '"' : c == '"' ? ' ' : 0)
		for (size_t size = 1; size < sizeof(longest); size++) {
			memset(longest, c, size);
			log_quote(&text, longest, size);
			size_t length = strlen(text.bytes),
			       needed = size * (c == '"' ? 2 : 1) + (c == 'x' ? 0 : 2);

			assert_true(length < sizeof(text.bytes));
			if (needed > sizeof(text.bytes) - 1)
				assert_non_null(strstr(text.bytes, "..."));
			if (strstr(text.bytes, "...") == NULL)
				assert_int_equal(length, needed);
			if (c != 'x')
				assert_int_equal(text.bytes[length - 1], '"');
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_line_is_time_name_level_event_and_pairs),
	    cmocka_unit_test(test_every_level_has_its_name_and_is_counted),
	    cmocka_unit_test(test_hidden_levels_are_counted_and_not_written),
	    cmocka_unit_test(test_control_characters_do_not_leave_the_line),
	    cmocka_unit_test(test_a_long_line_is_cut_and_says_so),
	    cmocka_unit_test(test_errno_is_left_alone),
	    cmocka_unit_test(test_lines_of_several_threads_stay_whole),
	    cmocka_unit_test(test_values_from_outside_are_quoted_where_they_must_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
