/* service.c -- the hours of severities; a ticket that is overdue. */
#include "desk/service.h"

static const struct {
	const char *word;
	enum partners_setting hours;
} severities[] = {{"low", SETTING_TICKET_HOURS_LOW}, {"normal", SETTING_TICKET_HOURS_NORMAL}, {"urgent", SETTING_TICKET_HOURS_URGENT}};

uint8_t service_severity(struct text severity)
{
	uint8_t place = 0;

	while (place < 2 && !text_equal(severity, text_of(severities[place].word)))
		place++;
	return place;
}

/* R204: A ticket is to be resolved by when it was promised, else within the hours that the settings give its severity; reopened, it has those hours anew. */
int64_t service_due(struct turn *turn, const struct matter *matter)
{
	return turn_input(turn)->time_us + turn_setting(turn, severities[matter->sort].hours) * INT64_C(3600) * US_PER_SECOND;
}

void ticket_overdue_say(struct turn *turn, struct text ticket, const struct matter *matter, int64_t due_us)
{
	emit_ticket_overdue(turn, &(struct ticket_overdue){.ticket = ticket,
							   .outlet = CODE_TEXT(matter->outlet),
							   .kind = CODE_TEXT(matter->kind),
							   .due = due_us,
							   .state = matter_state(&flow_ticket, matter),
							   .has_handler = matter->handler[0] != 0,
							   .handler = CODE_TEXT(matter->handler)});
}
