/* suspect.c -- a file of one record, written by a signal handler with nothing but write(2). */
#include "suspect.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel/turn.h"
#include "log/log.h"

/* A signal handler has no context argument: the one place where a process-wide variable is unavoidable. */
static struct suspect working;
static char working_path[4096];
static int working_armed;

void suspect_load(struct engine *engine, const char *folder)
{
	snprintf(engine->suspect_path, sizeof(engine->suspect_path), "%s/suspect", folder);
	int file = open(engine->suspect_path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return;
	if (read(file, &engine->suspect, sizeof(engine->suspect)) != (ssize_t)sizeof(engine->suspect) ||
	    engine->suspect.source_size > SOURCE_TEXT_MAX)
		engine->suspect = (struct suspect){0};
	close(file);
	if (engine->suspect.seq != 0)
		log_line(LOG_ALARM, "died_of_event", "source=%.*s epoch=%llu seq=%llu deaths=%u",
			 (int)engine->suspect.source_size, engine->suspect.source,
			 (unsigned long long)engine->suspect.epoch, (unsigned long long)engine->suspect.seq,
			 engine->suspect.deaths);
}

static void on_death(int signal_number)
{
	if (working_armed && working.seq != 0) {
		int file = open(working_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		if (file >= 0) {
			if (write(file, &working, sizeof(working)) == (ssize_t)sizeof(working))
				(void)fsync(file);
			close(file);
		}
	}
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* The file is shorter than the map, or the disk cannot read it: no event is to blame for that. */
static void on_lost_page(int signal_number)
{
	static const char words[] = "storage_failed error=SIGBUS remedy=\"tributary check; the store's file was cut short or its disk failed\"\n";

	(void)signal_number;
	(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
	_exit(74); /* EX_IOERR */
}

void engine_suspect_guard(struct engine *engine)
{
	static const int deadly[] = {SIGABRT, SIGSEGV, SIGFPE, SIGILL};

	memcpy(working_path, engine->suspect_path, sizeof(working_path));
	working_armed = working_path[0] != 0;
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signal(deadly[i], on_death);
	signal(SIGBUS, on_lost_page);
}

void suspect_release(struct engine *engine)
{
	if (working_armed && strcmp(working_path, engine->suspect_path) == 0)
		working_armed = 0;
}

static bool is_suspect(const struct engine *engine, struct text source, uint64_t epoch, uint64_t seq)
{
	const struct suspect *suspect = &engine->suspect;

	return suspect->seq == seq && suspect->epoch == epoch &&
	       text_equal(source, (struct text){suspect->source, suspect->source_size});
}

void suspect_note(struct engine *engine, struct text source, uint64_t epoch, uint64_t seq)
{
	if (!working_armed)
		return;
	CHECK(source.size <= sizeof(working.source));
	CHECK(seq != 0);
	working.seq = 0; /* torn while it changes */
	memory_copy(working.source, source.data, source.size);
	working.source_size = source.size;
	working.epoch = epoch;
	working.deaths = is_suspect(engine, source, epoch, seq) ? engine->suspect.deaths + 1 : 1;
	working.seq = seq;
}

bool suspect_is_poison(const struct engine *engine, struct text source, uint64_t epoch, uint64_t seq)
{
	return engine->suspect.deaths >= SUSPECT_DEATHS_MAX && is_suspect(engine, source, epoch, seq);
}

void suspect_clear(struct engine *engine)
{
	const struct suspect *suspect = &engine->suspect;

	working.seq = 0; /* what kills the process from now on is no event's doing */
	if (suspect->seq == 0)
		return;
	struct cursor cursor = engine_cursor(engine, (struct text){suspect->source, suspect->source_size});

	if (cursor.epoch == suspect->epoch && cursor.through >= suspect->seq) {
		(void)unlink(engine->suspect_path);
		engine->suspect = (struct suspect){0};
	}
}
