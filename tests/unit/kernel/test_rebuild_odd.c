/*
 * Goal: rebuild names the first thing that the inputs do not give, also when a shop changes while it looks; a replaced store keeps all
 * that was known. Method: journals and inputs of two toy services are written by hand; sales and damage happen between its calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "by_hand.h"
#include "kernel/epochs.h"
#include "kernel/turn.h"
#include "log/log.h"
#include "store/store_disk.h"

/* ---- what happens in between: calls of the tools that pass here ---- */

static void (*between)(void); /* run once before the cursors are read */
static void (*at_hash)(void); /* run once before the state is hashed */
static unsigned rename_fails; /* the n-th one from now; 0: none */

int __real_sources_load(struct sources *sources, struct store *store);
int __wrap_sources_load(struct sources *sources, struct store *store);
int __wrap_sources_load(struct sources *sources, struct store *store)
{
	void (*act)(void) = between;

	between = NULL;
	if (act != NULL)
		act();
	return __real_sources_load(sources, store);
}

uint64_t __real_view_state_hash(struct view *view);
uint64_t __wrap_view_state_hash(struct view *view);
uint64_t __wrap_view_state_hash(struct view *view)
{
	void (*act)(void) = at_hash;

	at_hash = NULL;
	if (act != NULL)
		act();
	return __real_view_state_hash(view);
}

static unsigned look_fails; /* the n-th one from now; 0: none */

int __real_view_open(struct view *view, struct store *store);
int __wrap_view_open(struct view *view, struct store *store);
int __wrap_view_open(struct view *view, struct store *store)
{
	return look_fails > 0 && --look_fails == 0 ? ERR_AGAIN : __real_view_open(view, store);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
	if (rename_fails > 0 && --rename_fails == 0) {
		errno = EACCES;
		return -1;
	}
	return __real_rename(from, to);
}

/* ---- what rebuild says ---- */

/* Whichever look at a store cannot be had: what stands there afterwards holds together, and the next one who asks is answered. */
static void test_a_look_that_cannot_be_had_leaves_a_store_that_holds_together(void **state)
{
	struct shop *shop = *state;
	bool was_refused = true;
	unsigned failures = 0;

	shop_sell(shop, 5);
	shop_hear(shop, 5);
	for (unsigned n = 1; was_refused; n++) {
		look_fails = n;
		failures += replace(shop, &toy_echo) != 0;
		was_refused = look_fails == 0;
		look_fails = 0;
		assert_int_equal(check(shop, &toy_echo), 0);
	}
	assert_in_range(failures, 3, 100);
	assert_int_equal(rebuild(shop, &toy_echo), 0);
}

static void test_inputs_that_cannot_be_run_again_are_named(void **state)
{
	struct shop *shop = *state;
	uint8_t event[300];
	struct run feed = {.source = TEXT_LITERAL("nobody"), .epoch = 5, .feed = true, .through = 2, .count = 2};
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 9, .count = 1};

	shop_sell(shop, 3);
	append_run(shop->orders, &feed);
	assert_int_equal(rebuild(shop, &toy), ERR_NOT_FOUND);
	assert_said("input 4: the events 1..2 of nobody are not all there");
	remove_tree(shop->folder);
	assert_int_equal(mkdir(shop->folder, 0700), 0);
	shop_wake(shop);
	append_entry(shop->orders, KERNEL_INTAKE, 1, bytes_of("no record", 9));
	struct meta meta = *engine_meta(shop->orders);
	meta.intake = 1;
	put_meta(shop->orders, meta);
	assert_int_equal(rebuild(shop, &toy), ERR_STORE_CORRUPT);
	remove_tree(shop->folder);
	assert_int_equal(mkdir(shop->folder, 0700), 0);
	shop_wake(shop);
	run.events = bytes_of(event, toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "R", 1000, SHOP_START_US));
	append_run(shop->orders, &run);
	shop_rest(shop);
	shop_wake(shop);
	run.epoch = 8; /* an epoch before the one it had: it cannot have been taken */
	append_run(shop->orders, &run);
	assert_int_equal(rebuild(shop, &toy), ERR_STORE_IO);
}

static void test_events_that_an_upstream_has_lost_are_named(void **state)
{
	struct shop *shop = *state;
	char path[160];

	shop_sell(shop, 5);
	shop_hear(shop, 5);
	shop_rest(shop);
	snprintf(path, sizeof(path), "%s/orders", shop->folder);
	remove_tree(path);
	shop_wake(shop);
	shop->sold = 0;
	shop_sell(shop, 3);
	assert_int_equal(rebuild(shop, &toy_echo), ERR_NOT_FOUND);
	assert_said("input 1: the events 1..5 of orders are not all there");
}

/* Each of these journals is one that its inputs do not give. */
static void test_the_first_entry_that_differs_is_named(void **state)
{
	struct shop *shop = *state;
	struct meta meta;

	shop_sell(shop, 3);
	append_event(shop->orders, 4); /* said without an input */
	meta = *engine_meta(shop->orders);
	meta.head = 4;
	put_meta(shop->orders, meta);
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("journal entry 4 is not what its inputs give");
	shop_wake(shop);
	append_event(shop->orders, 6); /* beyond the head: nobody has said it yet */
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("journal entry 4 is not what its inputs give");

	remove_tree(shop->folder);
	assert_int_equal(mkdir(shop->folder, 0700), 0);
	shop_wake(shop);
	struct run run = {.source = TEXT_LITERAL("S1/T1"), .epoch = 5, .count = 1};
	uint8_t event[300];
	run.events = bytes_of(event, toy_sale(event, sizeof(event), "S1/T1", 1, "S1", "R", 1000, SHOP_START_US));
	append_run(shop->orders, &run); /* an input without what it says */
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("journal entry 1 is not what its inputs give");
	shop_wake(shop);
	append_event(shop->orders, 2); /* what it says under another number */
	meta = *engine_meta(shop->orders);
	meta.head = 2;
	put_meta(shop->orders, meta);
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("journal entry 1 is not what its inputs give");
	assert_int_equal(replace(shop, &toy), 1);
	shop_wake(shop);
	put_epoch(shop->orders, 1, 0, EPOCH_NUMBERS + 1, 0); /* the inputs give it the number of an epoch that it was not said in */
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("journal entry 2 is not what its inputs give");
}

static void test_books_that_do_not_fit_their_inputs_are_named(void **state)
{
	struct shop *shop = *state;
	struct meta meta;

	assert_int_equal(rebuild(shop, &toy), 0); /* nothing gives nothing */
	shop_wake(shop);
	shop_sell(shop, 3);
	shop_hear(shop, 3);
	put_cursor(shop->orders, "S1/T1", 5, 7);
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("stands at 7 of S1/T1, its inputs at 3");
	shop_wake(shop);
	put_cursor(shop->inventory, "orders", engine_meta(shop->orders)->epoch, 9); /* it may have passed what it does not hear */
	assert_int_equal(rebuild(shop, &toy_echo), 0);
	shop_wake(shop);
	put_cursor(shop->inventory, "orders", engine_meta(shop->orders)->epoch, 2);
	assert_int_equal(rebuild(shop, &toy_echo), 1);
	assert_said("stands at 2 of orders, its inputs at 3");
	shop_wake(shop);
	meta = *engine_meta(shop->orders);
	meta.now_us++;
	put_meta(shop->orders, meta);
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("its last stamp is not that of its last input");
	shop_wake(shop);
	meta.now_us--;
	meta.head = 9;
	put_meta(shop->orders, meta);
	put_cursor(shop->orders, "S1/T1", 5, 3);
	assert_int_equal(rebuild(shop, &toy), 1);
	assert_said("\"equal\":false");
	assert_int_equal(replace(shop, &toy), 1); /* what was said and is lost cannot be said again */
}

static void test_many_turns_are_run_again_in_chunks(void **state)
{
	struct shop *shop = *state;

	for (unsigned i = 0; i < 600; i++)
		shop_sell(shop, 1);
	assert_int_equal(rebuild(shop, &toy), 0);
	assert_said("\"inputs\":600,\"events\":600");
}

/* ---- a shop that changes meanwhile ---- */

static struct shop *open_shop;

static void sell_one(void)
{
	shop_sell(open_shop, 1);
}

static struct engine *fresh_engine(struct store_disk *disk)
{
	struct engine_options options = {.path = "fresh", .memory = true, .disk = disk, .replay = true, .now_us = 1};
	struct engine *fresh;

	assert_int_equal(engine_open(&fresh, &toy, &options), ERR_NONE);
	return fresh;
}

static void test_a_sale_while_the_cursors_are_read_makes_it_look_again(void **state)
{
	struct engine *fresh = fresh_engine(NULL);
	FILE *nowhere = fopen("/dev/null", "w");

	assert_non_null(nowhere);
	open_shop = *state;
	shop_sell(open_shop, 5);
	between = sell_one;
	assert_int_equal(tool_replay(open_shop->orders, NULL, fresh, nowhere), 0);
	assert_null(between);
	assert_int_equal(engine_meta(fresh)->intake, 6);
	engine_close(&fresh);
	fclose(nowhere);
}

/* An input that came after the look began is of the next look. */
static void test_a_sale_after_the_look_is_not_looked_at(void **state)
{
	struct engine *fresh = fresh_engine(NULL);
	FILE *nowhere = fopen("/dev/null", "w");

	assert_non_null(nowhere);
	open_shop = *state;
	shop_sell(open_shop, 5);
	at_hash = sell_one;
	assert_int_equal(tool_replay(open_shop->orders, NULL, fresh, nowhere), 0);
	assert_null(at_hash);
	assert_int_equal(engine_meta(fresh)->intake, 5);
	engine_close(&fresh);
	fclose(nowhere);
}

static struct store_disk *fresh_disk;

static void damage_fresh(void)
{
	assert_true(store_disk_damage(fresh_disk, "kernel.journal", 2));
}

static void damage_fresh_later(void)
{
	at_hash = damage_fresh;
}

/* The disk on which the store is written again is no better. */
static void test_a_rebuilt_entry_that_is_damaged_differs(void **state)
{
	FILE *nowhere = fopen("/dev/null", "w");

	assert_non_null(nowhere);
	open_shop = *state;
	shop_sell(open_shop, 5);
	fresh_disk = store_disk_open();
	struct engine *fresh = fresh_engine(fresh_disk);
	at_hash = damage_fresh_later; /* the first hash is the old store's */
	assert_int_equal(tool_replay(open_shop->orders, NULL, fresh, nowhere), 1);
	engine_close(&fresh);
	store_disk_close(&fresh_disk);
	fclose(nowhere);
}

/* ---- what takes a store's place ---- */

static void test_what_is_replaced_keeps_its_epochs_and_what_an_operator_took_out(void **state)
{
	static const uint8_t torn[] = {0xc1};
	struct shop *shop = *state;
	struct run run = {.source = TEXT_LITERAL("S1/T2"), .epoch = 5, .count = 1, .events = bytes_of(torn, 1)};
	struct admission admission;
	struct view view = {0};
	uint8_t key[8];

	shop_sell(shop, 4);
	for (run.after = 0; run.after < 2; run.after++) {
		assert_int_equal(engine_begin(shop->orders, SHOP_START_US), ERR_NONE);
		engine_admit(shop->orders, &run, &admission);
		assert_int_equal(engine_commit(shop->orders), ERR_NONE);
	}
	assert_int_equal(engine_discard(shop->orders, 1, SHOP_START_US), ERR_NONE);
	put_epoch(shop->orders, engine_meta(shop->orders)->epoch - 1, 4, 5, 6);
	assert_int_equal(replace(shop, &toy), 0);
	shop_wake(shop);
	assert_int_equal(engine_epochs(shop->orders)->count, 1);
	assert_int_equal(engine_meta(shop->orders)->head, 4);
	assert_int_equal(view_open(&view, engine_store(shop->orders)), ERR_NONE);
	put_u64_be(key, 1);
	assert_null(view_get(&view, KERNEL_QUARANTINE, bytes_of(key, 8)).data);
	put_u64_be(key, 2);
	assert_non_null(view_get(&view, KERNEL_QUARANTINE, bytes_of(key, 8)).data);
	view_close(&view);
}

static void test_a_place_that_cannot_be_taken_stays_as_it_was(void **state)
{
	struct shop *shop = *state;

	shop_sell(shop, 4);
	for (unsigned n = 1; n <= 2; n++) {
		rename_fails = n;
		assert_int_equal(replace(shop, &toy), ERR_SYSTEM);
		assert_int_equal(rename_fails, 0);
		assert_int_equal(check(shop, &toy), 0);
		shop_wake(shop);
		assert_int_equal(engine_meta(shop->orders)->head, 4);
	}
}

/* The till of a service that was started meanwhile: this program again, as another process. */
static void sell_elsewhere(void)
{
	pid_t other = fork();

	if (other == 0) {
		execl("/proc/self/exe", "test_rebuild_odd", "sell", open_shop->folder, (char *)NULL);
		_exit(1);
	}
	int status;
	waitpid(other, &status, 0);
	assert_int_equal(status, 0);
}

static int sell_in(const char *folder)
{
	static struct shop shop;

	snprintf(shop.folder, sizeof(shop.folder), "%s", folder);
	shop_wake(&shop);
	shop.sold = engine_cursor(shop.orders, TEXT_LITERAL("S1/T1")).through;
	shop_sell(&shop, 1);
	shop_rest(&shop);
	return 0;
}

static void sell_elsewhere_once_open(void)
{
	between = sell_elsewhere; /* this first load is of the store that is opened */
}

static void test_a_store_that_was_sold_from_meanwhile_is_not_replaced(void **state)
{
	open_shop = *state;
	shop_sell(open_shop, 4);
	between = sell_elsewhere_once_open;
	assert_int_equal(replace(open_shop, &toy), ERR_STORE_BUSY);
	shop_wake(open_shop);
	assert_int_equal(engine_meta(open_shop->orders)->head, 5);
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, shop_open, shop_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    SHOP(test_a_look_that_cannot_be_had_leaves_a_store_that_holds_together),
	    SHOP(test_inputs_that_cannot_be_run_again_are_named),
	    SHOP(test_events_that_an_upstream_has_lost_are_named),
	    SHOP(test_the_first_entry_that_differs_is_named),
	    SHOP(test_books_that_do_not_fit_their_inputs_are_named),
	    SHOP(test_many_turns_are_run_again_in_chunks),
	    SHOP(test_a_sale_while_the_cursors_are_read_makes_it_look_again),
	    SHOP(test_a_sale_after_the_look_is_not_looked_at),
	    SHOP(test_a_rebuilt_entry_that_is_damaged_differs),
	    SHOP(test_what_is_replaced_keeps_its_epochs_and_what_an_operator_took_out),
	    SHOP(test_a_place_that_cannot_be_taken_stays_as_it_was),
	    SHOP(test_a_store_that_was_sold_from_meanwhile_is_not_replaced),
	};

	log_open("test", LOG_BROKEN);
	if (argc > 2 && strcmp(argv[1], "sell") == 0)
		return sell_in(argv[2]);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
