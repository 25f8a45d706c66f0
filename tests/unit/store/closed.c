/* closed.c */
#include "closed.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/error.h"
#include "refusals.h"

static char wide[100000];

struct bytes closed_wide(void)
{
	memset(wide, 'w', sizeof(wide));
	return bytes_of(wide, sizeof(wide));
}

void closed_make(struct fixture *f)
{
	fixture_open(f);
	begin(f);
	put(f, STOCK, "a", "old");
	put(f, STOCK, "gone", "old");
	store_append(f->store, JOURNAL, 1, word("one"));
	commit(f);
	store_close(&f->store);
}

int closed_setup(void **state)
{
	if (fixture_setup(state) != 0)
		return -1;
	struct fixture *f = *state;
	store_close(&f->store);
	closed_make(f);
	return 0;
}

int closed_teardown(void **state)
{
	refuse_nothing();
	stated_type = stated_device = 0;
	stated_full = false;
	clock_step_s = 0;
	return fixture_teardown(state);
}

void closed_assert(struct fixture *f, bool is_new)
{
	struct view view;

	fixture_open(f);
	assert_int_equal(view_open(&view, f->store), ERR_NONE);
	assert_word(view_get(&view, STOCK, word("a")), is_new ? "new" : "old");
	assert_word(view_get(&view, STOCK, word("gone")), is_new ? NULL : "old");
	assert_int_equal(view_get(&view, PLACES, word("grows")).size, is_new ? sizeof(wide) : 0);
	struct log_walk walk = {.table = JOURNAL};
	assert_int_equal(log_walk(&view, &walk, UINT32_MAX), LOG_ENDED);
	assert_int_equal(walk.chain.count, is_new ? 2 : 1);
	view_close(&view);
	store_close(&f->store);
}
