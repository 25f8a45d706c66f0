/* story_training.c -- who is trained for what, and who may sell it. */
#include <stdio.h>

#include "story.h"

const char *const story_right_modes[STORY_MODES] = {"observe", "advise"};

void story_right(int mode, int64_t time_us)
{
	struct right_to_sell_submitted right = {.right_to_sell = TEXT_LITERAL("SELL-B"),
	                                        .course = TEXT_LITERAL("SELL"),
	                                        .has_category = true,
	                                        .category = TEXT_LITERAL("B"),
	                                        .has_mode = true,
	                                        .mode = text_of(story_right_modes[mode])};

	story_say(story_office(), "staff/mei", &right_to_sell_submitted_type, &right, time_us);
}

static const char *const persons[OUTLETS] = {"E-1", "E-2", "E-3", "E-4"};

void story_trainee(int person, int outlet, int day, int64_t time_us)
{
	struct member_submitted member = {.member = text_of(persons[person]),
	                                  .outlet = text_of(story_outlets[outlet]),
	                                  .role = TEXT_LITERAL("salesperson"),
	                                  .from = text_of(story_days[day])};

	story_say(story_office(), "staff/mei", &member_submitted_type, &member, time_us);
}

void story_result(int number, int person, int day, bool passed, int replaces, int64_t time_us)
{
	char name[24], before[24];
	struct training_result_submitted result = {
	    .training_result = {name, (uint32_t)snprintf(name, sizeof(name), "TR%d", number)},
	    .course = TEXT_LITERAL("SELL"),
	    .member = text_of(persons[person]),
	    .day = text_of(story_days[day]),
	    .score_bp = passed ? 9000 : 5900,
	    .has_replaces = replaces >= 0,
	    .replaces = {before, (uint32_t)snprintf(before, sizeof(before), "TR%d", replaces)}};

	if (replaces < 0)
		result.replaces = (struct text){0};
	story_say(story_office(), "staff/mei", &training_result_submitted_type, &result, time_us);
}

void story_training(struct client *client)
{
	struct course_submitted course = {.course = TEXT_LITERAL("SELL"),
	                                  .name = TEXT_LITERAL("How B is sold"),
	                                  .kind = TEXT_LITERAL("product"),
	                                  .pass_bp = 8000};

	story_rule(client, &course_submitted_type, &course);
	for (int person = 0; person < OUTLETS; person++) {
		char name[24];
		struct enrolment_submitted enrolment = {
		    .enrolment = {name, (uint32_t)snprintf(name, sizeof(name), "EN-%d", person)},
		    .course = TEXT_LITERAL("SELL"),
		    .member = text_of(persons[person]),
		    .from = text_of(story_days[0]),
		    .due = TEXT_LITERAL("2026-12-31")}; /* no tick of the clock is to leave a trace */

		story_trainee(person, person, 0, STORY_US);
		story_rule(client, &enrolment_submitted_type, &enrolment);
	}
	story_result(0, 0, 0, true, -1, STORY_US);
	story_right(0, STORY_US);
}
