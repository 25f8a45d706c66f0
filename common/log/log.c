/* log.c -- a line is formatted in one buffer and written with one call, so lines of several threads never mix. */
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"

static const char *const level_names[] = {"broken", "alarm", "unusual", "info", "trace"};

/* A log has one destination per process; set once before threads begin. */
static char log_name[64] = "-";
static enum log_level log_most = LOG_INFO;
static _Atomic uint64_t log_counts[LOG_TRACE + 1];

void log_open(const char *name, enum log_level most)
{
	snprintf(log_name, sizeof(log_name), "%s", name);
	log_most = most;
}

uint64_t log_count(enum log_level level)
{
	return atomic_load(&log_counts[level]);
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
	char line[1200], when[WHEN_TEXT_SIZE];
	struct timespec now;
	va_list arguments;

	atomic_fetch_add(&log_counts[level], 1);
	if (level > log_most)
		return;
	clock_gettime(CLOCK_REALTIME, &now); /* house: the time of a line, no decision hangs on it */
	when_text((int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000, when);
	int head = snprintf(line, sizeof(line), "%s %s %s %s ", when, log_name, level_names[level], event);
	va_start(arguments, format);
	int body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, arguments);
	va_end(arguments);
	size_t size = strlen(line);
	(void)body;
	for (size_t i = (size_t)head; i < size; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' '; /* one fact stays one line */
	line[size++] = '\n';
	(void)!write(STDERR_FILENO, line, size);
}
