/*
 * record.h -- what the ten handlers share: refuse a record, or keep it and declare it when it is news.
 */
#ifndef TRIBUTARY_PARTNERS_RECORD_H
#define TRIBUTARY_PARTNERS_RECORD_H

#include "state.h"

/* record_submit -- keep the submitted record under this key; said only when it differs from what is kept. */
void record_submit(struct turn *turn, enum partners_table kind, struct bytes key, const void *submitted);

/* record_refuse -- tell staff why not.   shape  always false, so that a check can end with it. */
bool record_refuse(struct turn *turn, enum partners_table kind, struct text key, const char *code,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* record_currency -- whether a currency code is one; refuses when not. */
bool record_currency(struct turn *turn, enum partners_table kind, struct text key, struct text currency);

#endif
