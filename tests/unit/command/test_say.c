/*
 * Goal: what people read says what the numbers mean, in both languages, and never more than fits. Method: tables of values; every golden
 * sample of every event that has a sentence; a buffer that is too small by any number of bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "events/inventory.h"
#include "events/kpi.h"
#include "events/logistics.h"
#include "events/orders.h"
#include "events/partners.h"
#include "samples.h"
#include "say.h"

static const struct field *field_of(const struct event_type *type, const char *name)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

static void test_a_number_is_said_by_its_kind_its_unit_and_its_currency(void **state)
{
	const struct event_type *deviation = &price_deviation_detected_type, *reached = &target_reached_type;
	const struct {
		const struct field *field;
		const char *currency, *metric;
		int64_t value;
		const char *said;
	} cases[] = {{field_of(deviation, "unit_price"), "GBP", "", 25500, "2.55 GBP"},
		     {field_of(deviation, "unit_price"), "GBP", "", 25501, "2.5501 GBP"},
		     {field_of(deviation, "unit_price"), "GBP", "", -20000, "-2.00 GBP"},
		     {field_of(deviation, "unit_price"), "JPY", "", 1200000, "120 JPY"},
		     {field_of(deviation, "unit_price"), "KWD", "", 12500, "1.250 KWD"},
		     {field_of(deviation, "unit_price"), "", "", 12500, "1.25"},
		     {field_of(&shipment_planned_type, "cost"), "GBP", "", 1530, "15.30 GBP"},
		     {field_of(&shipment_planned_type, "cost"), "JPY", "", 1530, "1530 JPY"},
		     {field_of(&shipment_planned_type, "promised"), "", "", INT64_C(1291191960000000), "2010-12-01T08:26:00Z"},
		     {field_of(deviation, "deviation_bp"), "", "", -2500, "-25 %"},
		     {field_of(deviation, "deviation_bp"), "", "", 3333, "33.33 %"},
		     {field_of(deviation, "price_version"), "", "", 3, "3"},
		     {field_of(&restock_requested_type, "quantity"), "GBP", "", 6500, "6.5"},
		     {field_of(reached, "value"), "GBP", "revenue", 500000, "5000.00 GBP"},
		     {field_of(reached, "value"), "", "units", 500000, "500"},
		     {field_of(reached, "value"), "", "tickets", 500, "500"},
		     {field_of(&lane_declared_type, "lead_time"), "", "", 1440, "1 d 00 h"},
		     {field_of(&lane_declared_type, "lead_time"), "", "", 90, "1 h 30 min"}};
	char out[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct saying saying = say_begin(out, sizeof(out), SAY_EN);

		saying.currency = text_of(cases[i].currency);
		saying.metric = text_of(cases[i].metric);
		say_number(&saying, cases[i].field, cases[i].value);
		assert_string_equal(out, cases[i].said);
	}
}

static void test_words_of_lists_are_said_in_the_language(void **state)
{
	const struct field *metric = field_of(&target_reached_type, "metric"), *sku = field_of(&price_declared_type, "sku");
	enum say_language language;
	char out[128];

	(void)state;
	struct saying zh = say_begin(out, sizeof(out), SAY_ZH);
	say(&zh, "%s", ""); /* nothing is nothing */
	say_word(&zh, metric, TEXT_LITERAL("revenue"));
	say_word(&zh, metric, TEXT_LITERAL("whatever"));
	say_word(&zh, sku, TEXT_LITERAL("units")); /* a code, not a word */
	say_flag(&zh, true);
	say_flag(&zh, false);
	assert_string_equal(out, "销售额whateverunits是否");
	struct saying en = say_begin(out, sizeof(out), SAY_EN);
	say_word(&en, metric, TEXT_LITERAL("revenue"));
	say_flag(&en, true);
	say_flag(&en, false);
	assert_string_equal(out, "revenueyesno");
	assert_true(say_language_of("zh", &language) && language == SAY_ZH);
	assert_true(say_language_of("en", &language) && language == SAY_EN);
	assert_false(say_language_of("de", &language));
}

static struct bytes pack(const struct event_type *type, const void *event, uint8_t *buffer, size_t size)
{
	struct writer writer = writer_of(buffer, size);

	type->pack(event, &writer);
	assert_int_equal(writer.error, ERR_NONE);
	return writer_bytes(&writer);
}

static void test_what_is_not_given_is_left_out_and_lists_are_told(void **state)
{
	struct price_deviation_detected deviation = {.outlet = TEXT_LITERAL("S1"),
						     .terminal = TEXT_LITERAL("S1/T1"),
						     .receipt = TEXT_LITERAL("R-1"),
						     .currency = TEXT_LITERAL("GBP"),
						     .sku = TEXT_LITERAL("A"),
						     .unit_price = {15000},
						     .has_floor = true,
						     .floor = {20000},
						     .deviation_bp = -2500,
						     .price_version = 1};
	struct stock_shortfall_detected_line lines[10];
	struct stock_shortfall_detected shortfall = {.place = TEXT_LITERAL("S1"), .lines = {lines, 2}};
	static uint8_t buffer[1 << 16];
	char out[1024];

	(void)state;
	struct saying saying = say_begin(out, sizeof(out), SAY_EN);
	assert_true(say_event(&saying, &price_deviation_detected_type, pack(&price_deviation_detected_type, &deviation, buffer, sizeof(buffer))));
	assert_string_equal(out, "S1 sold A at 1.50 GBP (receipt R-1), -25 % outside its corridor, floor 2.00 GBP.");
	for (int i = 0; i < 10; i++)
		lines[i] = (struct stock_shortfall_detected_line){TEXT_LITERAL("B"), {500}, {-1500}};
	saying = say_begin(out, sizeof(out), SAY_EN);
	assert_true(say_event(&saying, &stock_shortfall_detected_type, pack(&stock_shortfall_detected_type, &shortfall, buffer, sizeof(buffer))));
	assert_string_equal(out, "S1 gave out more than it was known to have: B short of 0.5, now -1.5; B short of 0.5, now -1.5.");
	shortfall.lines.count = 10;
	saying = say_begin(out, sizeof(out), SAY_ZH);
	assert_true(say_event(&saying, &stock_shortfall_detected_type, pack(&stock_shortfall_detected_type, &shortfall, buffer, sizeof(buffer))));
	assert_non_null(strstr(out, "……共 10 项。"));
	saying = say_begin(out, sizeof(out), SAY_EN);
	assert_false(say_event(&saying, &sale_voided_type, bytes_of(buffer, 0)));
}

/* Every event that can say itself does, with and without what is optional; and nothing of the sentence's own signs is left. */
static void test_every_decision_says_itself(void **state)
{
	static char out[1 << 16];
	struct sample samples[SAMPLES_MAX];
	unsigned told = 0;

	(void)state;
	for (uint32_t i = 0; i < event_type_count; i++) {
		unsigned count = event_types[i]->explain_en != NULL ? samples_read(event_types[i], samples) : 0;

		for (unsigned k = 0; k < count; k++)
			for (unsigned language = SAY_EN; language <= SAY_ZH; language++) {
				struct saying saying = say_begin(out, sizeof(out), (enum say_language)language);

				assert_true(say_event(&saying, event_types[i], samples[k].bytes));
				assert_true(saying.used > 10 && saying.used == strlen(out));
				assert_null(strpbrk(out, "{}[]|"));
				told++;
			}
		samples_free(samples, count);
	}
	assert_in_range(told, 12 * 4 * 2, 100000);
}

static void test_what_does_not_fit_is_cut_between_characters(void **state)
{
	struct sample samples[SAMPLES_MAX];
	unsigned count = samples_read(&stock_shortfall_detected_type, samples);
	char out[400];

	(void)state;
	for (size_t size = 9; size < sizeof(out); size++) {
		struct saying saying = say_begin(out, size, SAY_ZH);

		memset(out, 'x', sizeof(out));
		assert_true(say_event(&saying, &stock_shortfall_detected_type, samples[0].bytes));
		assert_true(strlen(out) < size && saying.used == strlen(out));
		assert_true(reader_utf8(out, strlen(out)));
	}
	samples_free(samples, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_number_is_said_by_its_kind_its_unit_and_its_currency),
	    cmocka_unit_test(test_words_of_lists_are_said_in_the_language),
	    cmocka_unit_test(test_what_is_not_given_is_left_out_and_lists_are_told),
	    cmocka_unit_test(test_every_decision_says_itself),
	    cmocka_unit_test(test_what_does_not_fit_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
