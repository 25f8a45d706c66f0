/*
 * log.h -- one line, one fact, to stderr: "2026-03-01T10:00:00.123456Z inventory unusual gap source=orders want=88 got=91".
 *
 * Five levels with duties: broken (our bug; a test that sees one fails), alarm (an operator must act), unusual (the world is strange,
 * we coped), info (life cycle), trace (off by default). Keys are stable, values with blanks are quoted. Handlers do not log, and no
 * personal data appears.
 */
#ifndef TRIBUTARY_LOG_LOG_H
#define TRIBUTARY_LOG_LOG_H

#include <stdint.h>

enum log_level { LOG_BROKEN, LOG_ALARM, LOG_UNUSUAL, LOG_INFO, LOG_TRACE };

/* log_open -- name this process in its lines and hide levels above `most`. Safe to call once, before threads. */
void log_open(const char *name, enum log_level most);

/*
 * log_line -- say one fact.   format holds "key=%..." pairs, printf style.
 *   shape   safe from any thread; the line is written with one write(2).
 */
void log_line(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* log_count -- how many lines of this level were written by this process. */
uint64_t log_count(enum log_level level);

#endif
