/* tail.c -- the ends of the journals, heard once for each token while somebody looks. */
#include <stdlib.h>

#include "live.h"
#include "routes.h"

#define CREDIT 4096

struct end_of {
	struct tail *tail;
	unsigned service;
	struct feed *feed;
};

struct tail {
	struct tail *next;
	struct gateway *gateway;
	char token[TOKEN_MAX + 1];
	struct end_of ends[PARAMS_SERVICES];
	struct live *lives;
};

static void take_event(struct tail *tail, unsigned service, const struct envelope *envelope, uint64_t epoch)
{
	struct buffer buffer = {0};

	event_text(&buffer, envelope, epoch);
	struct body *text = body_of(&buffer);
	if (text == NULL)
		return;
	for (struct live *live = tail->lives; live != NULL; live = live->next)
		live_offer(live, envelope, service, text);
	body_release(&text);
}

static void on_feed(void *context, const struct line_end *end, const struct message *message)
{
	struct end_of *heard = context;
	struct tail *tail = heard->tail;

	(void)end;
	if (message == NULL) {
		line_unfollow(&heard->feed);
		for (struct live *live = tail->lives; live != NULL; live = live->next)
			live_drop(live);
		return;
	}
	if (message->kind != MESSAGE_BATCH)
		return;
	struct reader reader = reader_of(message->events);
	for (uint32_t i = 0; i < message->event_count && reader.error == ERR_NONE; i++) {
		struct envelope envelope;

		envelope_read(&reader, &envelope);
		if (reader.error == ERR_NONE)
			take_event(tail, heard->service, &envelope, message->epoch);
	}
	line_credit(heard->feed, message->event_count, message->through);
}

static struct tail *tail_of(struct gateway *gateway, const char *token)
{
	struct tail *tail = gateway->tails;

	while (tail != NULL && strcmp(tail->token, token) != 0)
		tail = tail->next;
	if (tail != NULL)
		return tail;
	tail = calloc(1, sizeof(*tail));
	if (tail == NULL)
		return NULL;
	tail->gateway = gateway;
	snprintf(tail->token, sizeof(tail->token), "%s", token);
	tail->next = gateway->tails;
	gateway->tails = tail;
	return tail;
}

static void tail_free(struct tail *tail)
{
	for (struct tail **at = &tail->gateway->tails; *at != NULL; at = &(*at)->next)
		if (*at == tail) {
			*at = tail->next;
			break;
		}
	for (unsigned i = 0; i < PARAMS_SERVICES; i++)
		line_unfollow(&tail->ends[i].feed);
	free(tail);
}

bool tail_join(struct gateway *gateway, const char *token, struct live *live)
{
	struct tail *tail = tail_of(gateway, token);
	struct line_wish wish = {.from = 0, .credit = CREDIT};

	if (tail == NULL)
		return false;
	live->tail = tail;
	live->next = tail->lives;
	tail->lives = live;
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		struct end_of *end = &tail->ends[i];

		end->tail = tail;
		end->service = i;
		if (end->feed == NULL && (live->services & 1u << i) != 0)
			end->feed = line_follow(gateway->lines, token, i, &wish, on_feed, end);
		if (end->feed == NULL && (live->services & 1u << i) != 0) {
			tail_leave(live);
			return false;
		}
	}
	return true;
}

void tail_leave(struct live *live)
{
	struct tail *tail = live->tail;

	for (struct live **at = &tail->lives; *at != NULL; at = &(*at)->next)
		if (*at == live) {
			*at = live->next;
			break;
		}
	live->tail = NULL;
	if (tail->lives == NULL)
		tail_free(tail);
}

void tails_close(struct gateway *gateway)
{
	while (gateway->tails != NULL)
		tail_free(gateway->tails);
}
