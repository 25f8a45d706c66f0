/* Goal: a field of any event is found by its name, and compared as people write it; what is not there is not given. Method: one event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/logistics.h"
#include "events/orders.h"
#include "pack/pick.h"

static struct sale_voided voided;

static int make(void **state)
{
	(void)state;
	voided = (struct sale_voided){.outlet = TEXT_LITERAL("S1"),
				      .was = TEXT_LITERAL("sale"),
				      .tier = 2,
				      .total = {-1999},
				      .has_reason = true,
				      .reason = TEXT_LITERAL("typed wrongly")};
	return 0;
}

#define HOLDS(name, value) pick_holds(&sale_voided_type, &voided, TEXT_LITERAL(name), TEXT_LITERAL(value))

static void test_a_field_holds_what_people_write(void **state)
{
	(void)state;
	assert_true(HOLDS("outlet", "S1") && HOLDS("reason", "typed wrongly") && HOLDS("tier", "2") && HOLDS("total", "-1999"));
	assert_false(HOLDS("outlet", "S") || HOLDS("tier", "02") || HOLDS("tier", "") || HOLDS("total", "1999"));
}

static void test_what_is_not_there_is_not_given(void **state)
{
	struct sale_voided bare = voided;

	(void)state;
	bare.has_reason = false;
	assert_int_equal(pick_text(&sale_voided_type, &bare, TEXT_LITERAL("reason")).size, 0);
	assert_false(pick_holds(&sale_voided_type, &bare, TEXT_LITERAL("reason"), TEXT_LITERAL("")));
	assert_false(HOLDS("nothing", "") || HOLDS("lines", "0"));
	assert_int_equal(pick_text(&sale_voided_type, &voided, TEXT_LITERAL("tier")).size, 0);
	assert_int_equal(pick_number(&sale_voided_type, &voided, TEXT_LITERAL("nothing")), 0);
	assert_int_equal(pick_number(&sale_voided_type, &voided, TEXT_LITERAL("outlet")), 0);
	assert_int_equal(pick_number(&sale_voided_type, &voided, TEXT_LITERAL("lines")), 0);
}

static void test_numbers_and_flags(void **state)
{
	struct shipment_delivered delivered = {.on_time = true};

	(void)state;
	assert_int_equal(pick_number(&sale_voided_type, &voided, TEXT_LITERAL("total")), -1999);
	assert_int_equal(pick_number(&shipment_delivered_type, &delivered, TEXT_LITERAL("on_time")), 1);
	assert_true(pick_holds(&shipment_delivered_type, &delivered, TEXT_LITERAL("on_time"), TEXT_LITERAL("true")));
	delivered.on_time = false;
	assert_true(pick_holds(&shipment_delivered_type, &delivered, TEXT_LITERAL("on_time"), TEXT_LITERAL("false")));
	assert_int_equal(pick_number(&shipment_delivered_type, &delivered, TEXT_LITERAL("on_time")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_field_holds_what_people_write),
	    cmocka_unit_test(test_what_is_not_there_is_not_given),
	    cmocka_unit_test(test_numbers_and_flags),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
