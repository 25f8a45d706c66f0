/*
 * Goal: every flow is whole: its words are its own, each state can be come to and left or rested in, no step is written twice.
 * Method: walks over all tables; some steps that must be there and some that must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/flow.h"

static void test_words_are_of_their_flow(void **state)
{
	(void)state;
	for (unsigned i = 0; flows[i] != NULL; i++) {
		const struct flow *flow = flows[i];

		assert_int_equal(flow_find(text_of(flow->name)), (int)i);
		assert_in_range(flow_states(flow), 2, 16);
		for (unsigned rest = 0; flow->rests[rest] != NULL; rest++)
			assert_true(flow_state(flow, text_of(flow->rests[rest])) >= 0);
		for (const struct flow_step *step = flow->steps; step->from != NULL; step++) {
			assert_true(flow_state(flow, text_of(step->from)) >= 0);
			assert_true(flow_state(flow, text_of(step->to)) >= 0);
		}
	}
	assert_int_equal(flow_find(TEXT_LITERAL("nothing")), -1);
	assert_int_equal(flow_state(&flow_order, TEXT_LITERAL("")), -1);
}

/* Whatever a thing waits in leads somewhere, and whatever is no beginning is led to. */
static void test_no_state_is_a_trap(void **state)
{
	(void)state;
	for (unsigned i = 0; flows[i] != NULL; i++)
		for (unsigned s = 0; s < flow_states(flows[i]); s++) {
			struct text word = text_of(flows[i]->states[s]);
			bool leads = false, is_led_to = s == 0;

			for (unsigned other = 0; other < flow_states(flows[i]); other++) {
				leads = leads || flow_leads(flows[i], word, text_of(flows[i]->states[other]));
				is_led_to = is_led_to || flow_leads(flows[i], text_of(flows[i]->states[other]), word);
			}
			assert_true(leads || flow_rests(flows[i], word));
			assert_true(is_led_to);
		}
}

static void test_steps_are_written_once(void **state)
{
	(void)state;
	for (unsigned i = 0; flows[i] != NULL; i++)
		for (const struct flow_step *a = flows[i]->steps; a->from != NULL; a++)
			for (const struct flow_step *b = a + 1; b->from != NULL; b++)
				assert_false(text_equal(text_of(a->from), text_of(b->from)) && text_equal(text_of(a->to), text_of(b->to)));
}

static void test_some_steps(void **state)
{
	static const struct {
		const struct flow *flow;
		const char *from, *to;
		bool leads;
	} steps[] = {{&flow_partner, "prospect", "qualified", true},  {&flow_partner, "prospect", "active", false},
		     {&flow_shipment, "planned", "dispatched", true}, {&flow_shipment, "planned", "delivered", false},
		     {&flow_shipment, "planned", "planned", false},   {&flow_order, "placed", "accepted", true},
		     {&flow_order, "cancelled", "accepted", false},   {&flow_order, "cancelled", "cancelled", false},
		     {&flow_restock, "received", "cancelled", false}, {&flow_order, "accepted", "paid", false},
		     {&flow_order, "received", "invoiced", true},     {&flow_order, "prepaid", "shipped", true},
		     {&flow_order, "paid", "prepaid", false},         {&flow_ticket, "closed", "reopened", true},
		     {&flow_ticket, "opened", "resolved", false},     {&flow_meeting, "held", "planned", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_int_equal(flow_leads(steps[i].flow, text_of(steps[i].from), text_of(steps[i].to)), steps[i].leads);
	assert_string_equal(flow_next(&flow_conflict, TEXT_LITERAL("appealed"), TEXT_LITERAL("decide")), "decided");
	assert_null(flow_next(&flow_conflict, TEXT_LITERAL("closed"), TEXT_LITERAL("assign")));
	assert_null(flow_next(&flow_shipment, TEXT_LITERAL("planned"), TEXT_LITERAL("picked")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_are_of_their_flow), cmocka_unit_test(test_no_state_is_a_trap),
					   cmocka_unit_test(test_steps_are_written_once), cmocka_unit_test(test_some_steps)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
