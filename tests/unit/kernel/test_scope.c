/*
 * Goal: whose an event or a row is, is what its type or its question says, and the principal's alone where it says nothing that can be
 * read. Method: events and rows made by hand, whole, torn, without what they should name; publications of a till and a warehouse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/error.h"
#include "events/inventory.h"
#include "events/kpi.h"
#include "events/orders.h"
#include "kernel/scope.h"
#include "toy.h"

#define START_US INT64_C(1772355600000000)

static uint8_t bytes[1024];

static struct bytes ticket(const char *source, const char *outlet)
{
	return bytes_of(bytes, toy_sale(bytes, sizeof(bytes), source, 1, outlet, "R1", 1000, START_US));
}

/* An event of this type whose data are one pair of texts. */
static struct bytes event_of(const char *type, const char *key, const char *value)
{
	struct writer writer = writer_of(bytes, sizeof(bytes));
	struct envelope envelope = {.source = TEXT_LITERAL("S1/T1"), .seq = 1, .type = text_of(type), .time_us = START_US};

	envelope_write(&writer, &envelope);
	writer_map(&writer, 2);
	writer_text(&writer, TEXT_LITERAL("number"));
	writer_uint(&writer, 7);
	writer_text(&writer, text_of(key));
	writer_text(&writer, text_of(value));
	return writer_bytes(&writer);
}

static void assert_scope(struct scope scope, const char *outlet, const char *warehouse)
{
	assert_true(text_equal(scope.outlet, text_of(outlet)));
	assert_true(text_equal(scope.warehouse, text_of(warehouse)));
}

static void test_an_event_is_whose_its_type_says(void **state)
{
	(void)state;
	assert_scope(scope_of_event(ticket("S1/T1", "S1")), "S1", "");
	assert_scope(scope_of_event(event_of("stock.shortfall_detected", "place", "W1")), "W1", "W1"); /* whichever it is */
	assert_scope(scope_of_event(event_of("restock.fulfilled", "from", "W1")), "", "W1"); /* whoever had to supply it */
	assert_scope(scope_of_event(event_of("restock.cancelled", "from", "W1")), "", "W1");
	assert_scope(scope_of_event(event_of("ticket.sold", "place", "S1")), "", "");			/* it does not name it */
	assert_scope(scope_of_event(event_of("weather.changed", "outlet", "S1")), "", "");		/* nobody knows what that is */
	struct bytes whole = ticket("S1/T1", "S1");
	assert_scope(scope_of_event(bytes_of(whole.data, whole.size - 3)), "", ""); /* torn */
	struct bytes odd = event_of("ticket.sold", "outlet", "S1");
	memset((uint8_t *)memmem(bytes, odd.size, "number", 6) - 1, 0xc0, 7); /* a key that is neither text nor number */
	assert_scope(scope_of_event(odd), "", "");
}

static void test_a_figure_is_an_outlet_s_only_when_it_is_about_one(void **state)
{
	struct kpi_updated figure = {.scope = TEXT_LITERAL("outlet"), .key = TEXT_LITERAL("S1"), .currency = TEXT_LITERAL("GBP")};

	(void)state;
	assert_scope(scope_of_struct(&kpi_updated_type, &figure), "S1", "");
	figure.scope = TEXT_LITERAL("tier");
	assert_scope(scope_of_struct(&kpi_updated_type, &figure), "", "");
}

/* As a journal holds it: keys by their numbers, one of a later day among them. */
static void test_an_event_with_numbers_for_keys_is_the_same_one_s(void **state)
{
	struct writer writer = writer_of(bytes, sizeof(bytes));
	struct envelope envelope = {.source = TEXT_LITERAL("inventory"), .seq = 1, .type = text_of(restock_fulfilled_type.name), .time_us = START_US};
	struct restock_fulfilled fulfilled = {.restock = TEXT_LITERAL("R1"), .place = TEXT_LITERAL("S1"), .has_from = true, .from = TEXT_LITERAL("W1")};

	(void)state;
	envelope_write(&writer, &envelope);
	writer.numbered = true;
	restock_fulfilled_type.pack(&fulfilled, &writer);
	assert_scope(scope_of_event(writer_bytes(&writer)), "S1", "W1");
	writer = writer_of(bytes, sizeof(bytes));
	envelope.type = TEXT_LITERAL("ticket.sold");
	envelope_write(&writer, &envelope);
	writer_raw(&writer, bytes_of("\x82\x3f\xa2S9\x00\xa2S1", 10));
	assert_scope(scope_of_event(writer_bytes(&writer)), "S1", "");
	assert_scope(scope_of_event(bytes_of(bytes, writer.used - 4)), "", ""); /* torn before a key */
}

/* Texts that are not there are passed over. */
static void test_an_optional_text_is_looked_at_when_it_is_there(void **state)
{
	static const struct field fields[] = {
	    {.name = "outlet", .kind = FIELD_TEXT, .required = false, .offset = 0, .has_offset = sizeof(struct text)},
	};
	struct {
		struct text outlet;
		bool has_outlet;
	} event = {TEXT_LITERAL("S1"), false};
	struct event_type type = {.name = "made.up", .fields = fields, .field_count = 1, .struct_size = sizeof(event), .scope_outlet = "outlet"};

	(void)state;
	assert_scope(scope_of_struct(&type, &event), "", "");
	event.has_outlet = true;
	assert_scope(scope_of_struct(&type, &event), "S1", "");
}

static void test_a_row_is_whose_its_question_says(void **state)
{
	struct query_handler handler = {.name = "made_up"};
	struct writer writer = writer_of(bytes, sizeof(bytes));
	static const uint8_t torn[] = {0x82, 0xa6};

	(void)state;
	writer_map(&writer, 2);
	writer_text(&writer, TEXT_LITERAL("place"));
	writer_text(&writer, TEXT_LITERAL("P1"));
	writer_text(&writer, TEXT_LITERAL("kind"));
	writer_text(&writer, TEXT_LITERAL("warehouse"));
	assert_false(scope_is_said(&handler));
	assert_scope(scope_of_row(&handler, writer_bytes(&writer)), "", "");
	handler.warehouse = "place";
	assert_true(scope_is_said(&handler));
	assert_scope(scope_of_row(&handler, writer_bytes(&writer)), "", "P1");
	handler.outlet = "place";
	handler.when = "kind";
	handler.is = "warehouse";
	assert_scope(scope_of_row(&handler, writer_bytes(&writer)), "P1", "P1");
	handler.is = "outlet";
	assert_scope(scope_of_row(&handler, writer_bytes(&writer)), "", "");
	assert_scope(scope_of_row(&handler, bytes_of(torn, sizeof(torn))), "", "");
}

static void test_who_publishes_names_what_is_theirs(void **state)
{
	static const char *const outlets[] = {"S1"}, *const warehouses[] = {"W1"};
	struct guard_principal till = {.role = GUARD_TERMINAL, .source = "S1/T1", .places = outlets, .place_count = 1};
	struct guard_principal warehouse = {.role = GUARD_WAREHOUSE, .source = "wms/W1", .places = warehouses, .place_count = 1};
	struct guard_principal office = {.is_operator = true};
	struct guard_principal dealer = {.role = GUARD_DEALER, .source = "dealer/D1", .places = outlets, .place_count = 1};
	struct text d1 = TEXT_LITERAL("dealer/D1");
	static const uint8_t torn[] = {0xc1};

	(void)state;
	assert_true(scope_may_publish(&till, TEXT_LITERAL("S1/T1"), ticket("S1/T1", "S1"), 1));
	assert_false(scope_may_publish(&till, TEXT_LITERAL("S1/T1"), ticket("S1/T1", "S2"), 1));
	assert_false(scope_may_publish(&till, TEXT_LITERAL("S2/T1"), ticket("S2/T1", "S1"), 1));
	assert_true(scope_may_publish(&till, TEXT_LITERAL("S1/T1"), bytes_of(torn, 1), 1)); /* for the quarantine */
	assert_true(scope_may_publish(&warehouse, TEXT_LITERAL("wms/W1"), event_of("stock.counted", "place", "W1"), 1));
	assert_false(scope_may_publish(&warehouse, TEXT_LITERAL("wms/W1"), event_of("stock.counted", "place", "W2"), 1));
	assert_false(scope_may_publish(&warehouse, TEXT_LITERAL("wms/W1"), event_of("stock.shortfall_detected", "place", "W1"), 1)); /* inventory says that */
	assert_false(scope_may_publish(&till, TEXT_LITERAL("S1/T1"), event_of("price.submitted", "sku", "A"), 1));
	assert_true(scope_may_publish(&dealer, d1, event_of("ticket.submitted", "outlet", "S1"), 1));
	assert_false(scope_may_publish(&dealer, d1, event_of("ticket.submitted", "outlet", "S2"), 1));
	assert_false(scope_may_publish(&dealer, d1, event_of("ticket.submitted", "about", "S1"), 1)); /* of nobody's */
	assert_false(scope_may_publish(&dealer, d1, event_of("outlet.submitted", "outlet", "S1"), 1));
	assert_false(scope_may_publish(&dealer, d1, ticket("dealer/D1", "S1"), 1));
	assert_false(scope_may_publish(&dealer, d1, event_of("weather.changed", "outlet", "S1"), 1));
	assert_true(scope_may_publish(&office, TEXT_LITERAL("anybody"), ticket("S1/T1", "S9"), 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_event_is_whose_its_type_says),
	    cmocka_unit_test(test_a_figure_is_an_outlet_s_only_when_it_is_about_one),
	    cmocka_unit_test(test_an_event_with_numbers_for_keys_is_the_same_one_s),
	    cmocka_unit_test(test_an_optional_text_is_looked_at_when_it_is_there),
	    cmocka_unit_test(test_a_row_is_whose_its_question_says),
	    cmocka_unit_test(test_who_publishes_names_what_is_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
