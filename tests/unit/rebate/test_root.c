/*
 * Goal: the root is what anybody can work out from the text in services/partners/DESIGN.md, and every figure of an entry counts for it.
 * Method: two entries hashed by another program (Python's hashlib); then each figure changed alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/units.h"
#include "rebate/root.h"

static const struct root_line lines[] = {{1, -5, -1}, {1000, 0, 0}};

static struct root_entry first_entry(void)
{
	return (struct root_entry){.number = 1,
	                           .word = TEXT_LITERAL("accrued"),
	                           .version = 3,
	                           .sale = TEXT_LITERAL("orders#42"),
	                           .basis = -NUMBER_MAX,
	                           .amount = NUMBER_MAX,
	                           .lines = lines,
	                           .line_count = 2};
}

static void hash(char root[ROOT_TEXT + 1], const struct root_entry *entry)
{
	char buffer[1024];

	assert_in_range(root_bytes(entry), 1, sizeof(buffer));
	root_next(root, entry, buffer);
}

static void test_the_root_is_what_another_program_works_out(void **state)
{
	struct root_entry entry = first_entry();
	char root[ROOT_TEXT + 1] = "";

	(void)state;
	root_begin(root);
	hash(root, &entry);
	assert_string_equal(root, "ea925b1170e758308b9244b7ac8c1eb1d0b90b5d324f13dec61d92bc2d5424c5");
	entry = (struct root_entry){.number = 2, .word = TEXT_LITERAL("step_crossed"), .version = 3, .base = 10, .share = 2500};
	hash(root, &entry);
	assert_string_equal(root, "469e1cf3c1e288af9b1e79f831981ee757e905576e0524e26fb9a2bd1c22b651");
}

static void test_every_figure_counts(void **state)
{
	static const struct root_line other[][2] = {{{2, -5, -1}, {1000, 0, 0}}, {{1, -4, -1}, {1000, 0, 0}}, {{1, -5, -2}, {1000, 0, 0}}};
	char right[ROOT_TEXT + 1] = "", root[ROOT_TEXT + 1] = "";
	struct root_entry entry = first_entry();

	(void)state;
	root_begin(right);
	hash(right, &entry);
	for (int change = 0; change < 13; change++) {
		entry = first_entry();
		root_begin(root);
		switch (change) {
		case 0:
			entry.number++;
			break;
		case 1:
			entry.word = TEXT_LITERAL("late_sale");
			break;
		case 2:
			entry.version++;
			break;
		case 3:
			entry.sale = TEXT_LITERAL("orders#43");
			break;
		case 4:
			entry.basis++;
			break;
		case 5:
			entry.base++;
			break;
		case 6:
			entry.share++;
			break;
		case 7:
			entry.amount--;
			break;
		case 8:
			entry.line_count--;
			break;
		case 9:
			root[ROOT_TEXT - 1] = '1';
			break;
		default:
			entry.lines = other[change - 10];
			break;
		}
		hash(root, &entry);
		assert_string_not_equal(root, right);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_root_is_what_another_program_works_out),
	    cmocka_unit_test(test_every_figure_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
