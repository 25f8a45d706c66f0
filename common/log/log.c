/* log.c -- a line is formatted in one buffer and written with one call, so lines of several threads never
 * mix. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
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
	char line[LOG_LINE_MAX + 1], when[WHEN_TEXT_SIZE];
	struct timespec now;
	va_list arguments;
	int kept_errno = errno; /* a caller may log before it looks */

	atomic_fetch_add(&log_counts[level], 1);
	if (level > log_most)
		return;
	clock_gettime(CLOCK_REALTIME, &now); /* house: the time of a line, no decision hangs on it */
	when_text((int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000, when);
	size_t head = (size_t)snprintf(line, sizeof(line) - 1, "%s %s %s %.40s ", when, log_name,
	                               level_names[level], event);
	va_start(arguments, format);
	int body = vsnprintf(line + head, sizeof(line) - 1 - head, format, arguments);
	va_end(arguments);
	size_t size = strlen(line);
	if (body < 0 || head + (size_t)body > size) /* cut: said, so that nobody takes the rest for all */
		memcpy(line + size - 3, "...", 3);
	for (size_t i = head; i < size; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 127)
			line[i] = ' '; /* one fact stays one line, and steers no terminal */
	line[size++] = '\n';
	(void)!write(STDERR_FILENO, line, size);
	errno = kept_errno;
}

const char *log_quote(struct log_text *out, const char *text, size_t size)
{
	size_t at = 0;
	bool is_plain = size > 0;

	for (size_t i = 0; i < size && is_plain; i++)
		is_plain = (unsigned char)text[i] > ' ' && strchr("\"\\=", text[i]) == NULL && text[i] != 127;
	if (!is_plain)
		out->bytes[at++] = '"';
	for (size_t i = 0; i < size && at < sizeof(out->bytes) - 6; i++) {
		if (text[i] == '"' || text[i] == '\\')
			out->bytes[at++] = '\\';
		out->bytes[at++] = (unsigned char)text[i] < ' ' || text[i] == 127 ? '?' : text[i];
		if (at >= sizeof(out->bytes) - 6 && i + 1 < size) {
			memcpy(out->bytes + at, "...", 3);
			at += 3;
		}
	}
	if (!is_plain)
		out->bytes[at++] = '"';
	out->bytes[at] = 0;
	return out->bytes;
}
