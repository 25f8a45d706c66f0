/*
 * shop.h -- two toy services in stores on disk, one hearing the other: orders sells, inventory hears. For tests of the tools.
 *
 * The tools open stores that nobody in this process has open: shop_rest closes both, shop_wake opens them again.
 */
#ifndef TRIBUTARY_TEST_SHOP_H
#define TRIBUTARY_TEST_SHOP_H

#include "kernel/backup.h"
#include "toy.h"

#define SHOP_START_US INT64_C(1772355600000000)

struct shop {
	char folder[64], copy[80], aside[80];
	struct engine *orders, *inventory;
	uint64_t sold;
	struct backup backup;
};

/* shop_open, shop_close -- fixture of cmocka: both are open and empty. */
int shop_open(void **state);
int shop_close(void **state);

struct engine *shop_service(const char *folder, const struct service *service, const char *suffix);
void shop_rest(struct shop *shop);
void shop_wake(struct shop *shop);

/* shop_sell -- so many tickets in one turn.   shop_hear -- inventory hears orders through this number. */
void shop_sell(struct shop *shop, uint64_t count);
void shop_hear(struct shop *shop, uint64_t through);

/* remove_tree -- a folder with all that is in it. */
void remove_tree(const char *path);

#endif
