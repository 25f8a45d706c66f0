/*
 * by_hand.h -- rows, journals and inputs of a shop that no engine would have written, and what the tools say of them.
 *
 * The tools close the shop, since they open its stores themselves; shop_wake opens it again.
 */
#ifndef TRIBUTARY_TEST_BY_HAND_H
#define TRIBUTARY_TEST_BY_HAND_H

#include "kernel/tools.h"
#include "shop.h"

#define LATER_EPOCH (UINT64_C(1) << 52)

/* Each tool's answer about one service; assert_said -- it wrote this among other things. */
int check(struct shop *shop, const struct service *service);
int rebuild(struct shop *shop, const struct service *service);
int replace(struct shop *shop, const struct service *service);
void assert_said(const char *sentence);

/* Rows in a turn of their own; what an engine that is open has read already it does not read again. */
void put_row(struct engine *engine, unsigned table, struct bytes key, struct bytes value);
void put_meta(struct engine *engine, struct meta meta);
void put_cursor(struct engine *engine, const char *source, uint64_t epoch, uint64_t through);
void put_epoch(struct engine *engine, uint64_t epoch, uint64_t last, uint64_t next, uint64_t intake);

/* append_event -- an entry of the journal of orders, as it would be were it its number.   append_run -- an input that nobody admitted. */
void append_entry(struct engine *engine, unsigned table, uint64_t number, struct bytes value);
void append_event(struct engine *engine, uint64_t number);
void append_run(struct engine *engine, const struct run *run);

#endif
