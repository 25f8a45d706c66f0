/*
 * log.h -- one line, one fact, to stderr: "2026-03-01T10:00:00.123456Z inventory unusual gap source=orders
 * want=88 got=91".
 *
 * Five levels with duties: broken (our bug; a test that sees one fails), alarm (an operator must act),
 * unusual (the world is strange, we coped), info (life cycle), trace (off by default). Keys are stable,
 * values with blanks are quoted. Handlers do not log, and no personal data appears.
 */
#ifndef TRIBUTARY_LOG_LOG_H
#define TRIBUTARY_LOG_LOG_H

#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX 1200 /* bytes of a line */

enum log_level { LOG_BROKEN, LOG_ALARM, LOG_UNUSUAL, LOG_INFO, LOG_TRACE };

/* log_open -- name this process in its lines and hide levels above `most`. Safe to call once, before threads.
 */
void log_open(const char *name, enum log_level most);

/*
 * log_line -- say one fact.   format holds "key=%..." pairs, printf style.
 *   shape   safe from any thread; the line is written with one write(2), at most LOG_LINE_MAX bytes, cut with
 * "..." beyond. Control characters become blanks. errno is left as it was.
 */
void log_line(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* struct log_text -- room for one quoted value. */
struct log_text {
	char bytes[160];
};

/*
 * log_quote -- a text from outside as a value of a line: as it is when it is one plain word, else in double
 * quotes, with quotes and backslashes escaped, control characters as '?', and "..." where it had to be cut.
 *   owns    writes out and returns its bytes.
 */
const char *log_quote(struct log_text *out, const char *text, size_t size);

/* log_count -- how many lines of this level this process had to say, shown or hidden. */
uint64_t log_count(enum log_level level);

#endif
