/* line_items.c -- what is on its way over a line: questions, runs of events, subscriptions. */
#include "line_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/when.h"

/* A copy of some bytes behind a struct; *at moves on. */
static const void *keep(char **at, const void *data, size_t size)
{
	char *copy = *at;

	if (size > 0)
		memcpy(copy, data, size);
	*at += size;
	return copy;
}

/* ---- saying ---- */

static void say_item(struct line *line, struct item *item)
{
	struct writer writer = writer_of(line->lines->frame, LINE_FRAME_BYTES);

	if (line->use == LINE_PUBLISH)
		message_write_publish(&writer, line->session, item->run.source, item->run.epoch, item->run.first, item->run.events,
				      (uint32_t)(item->run.last - item->run.first + 1));
	else
		message_write_query(&writer, line->session, item->id, item->what, item->arguments, item->from);
	line_send(line, &writer, &item->said);
}

static void say_feed(struct line *line, struct feed *feed)
{
	struct writer writer = writer_of(line->lines->frame, LINE_FRAME_BYTES);
	uint64_t from = feed->wish.from == 0 && feed->through == 0 ? 0 : feed->through + 1;

	if (feed->wish.is_view)
		feed->through = from = 0;
	message_write_subscribe(&writer, line->session, feed->id, feed->wish.types, feed->wish.type_count, feed->wish.keys,
				feed->wish.key_count, from, feed->wish.credit);
	line_send(line, &writer, &feed->said);
	if (!feed->said)
		return;
	feed->pongs_before = line->pings;
	line_ping(line); /* its pong says at once how far the journal goes */
}

void line_say_all(struct line *line)
{
	for (struct item *item = line->items; item != NULL; item = item->next) {
		if (!item->said)
			say_item(line, item);
		if (!item->said)
			return; /* in their order, or not yet */
	}
	for (struct feed *feed = line->feeds; feed != NULL; feed = feed->next)
		if (!feed->said)
			say_feed(line, feed);
}

void line_unsaid(struct line *line)
{
	line->pings = 0;
	for (struct item *item = line->items; item != NULL; item = item->next)
		item->said = false;
	for (struct feed *feed = line->feeds; feed != NULL; feed = feed->next)
		feed->said = false;
}

/* ---- hearing ---- */

static struct item *take_item(struct line *line, struct item **at)
{
	struct item *item = *at;

	*at = item->next;
	if (*at == NULL)
		line->items_end = at;
	return item;
}

static void end_item(struct line *line, struct item **at, const struct line_end *end, const struct message *message)
{
	struct item *item = take_item(line, at);

	if (line->use == LINE_PUBLISH)
		item->on_said(item->context, end, message);
	else
		item->on_reply(item->context, end, message);
	free(item);
}

static bool in_ranges(const struct message *message, uint64_t seq)
{
	for (uint32_t i = 0; i < message->range_count; i++)
		if (seq >= message->ranges[i].first && seq <= message->ranges[i].last)
			return true;
	return false;
}

/*
 * Whether a message is the last word about a run. A resend is about whatever is not durable: nothing from its number on was taken; one
 * that names no number fences all of the source. Acks come in the order of the messages and may cover several: the first run of a source
 * that waits is meant, the ones that go on from there, and those that the ack names as duplicates. What is durable from earlier on waits
 * for its own, which tells what became of it.
 */
static bool is_last_word(const struct item *item, const struct message *message, uint64_t *last)
{
	if (!item->said || !text_equal(item->run.source, message->source))
		return false;
	if (message->kind == MESSAGE_RESEND)
		return message->seq == 0 || (item->run.epoch == message->epoch && message->seq <= item->run.last);
	if (item->run.epoch != message->epoch || message->through < item->run.last)
		return false;
	if (*last != 0 && item->run.first != *last + 1 && !in_ranges(message, item->run.first))
		return false;
	*last = item->run.last;
	return true;
}

static void hear_said(struct line *line, const struct message *message)
{
	struct line_end fine = {.error = ERR_NONE};
	struct item *over = NULL, **over_end = &over;
	uint64_t last = 0;

	for (struct item **at = &line->items; *at != NULL;) {
		if (!is_last_word(*at, message, &last)) {
			at = &(*at)->next;
			continue;
		}
		*over_end = take_item(line, at);
		over_end = &(*over_end)->next;
		*over_end = NULL;
	}
	while (over != NULL) {
		struct item *item = over;

		over = item->next;
		item->on_said(item->context, &fine, message);
		free(item);
	}
}

static void hear_reply(struct line *line, const struct message *message)
{
	for (struct item **at = &line->items; *at != NULL; at = &(*at)->next)
		if ((*at)->id == message->id) {
			end_item(line, at, &(struct line_end){.error = ERR_NONE}, message);
			return;
		}
}

/* Something was lost on the way: the subscription begins again, a journal's behind what was heard, a view's with everything. */
static bool is_lost(const struct feed *feed, const struct message *message)
{
	if (message->kind == MESSAGE_HEAD)
		return feed->through != 0 && message->through > feed->through;
	return message->after != feed->through && feed->through != 0;
}

static void hear_feed(struct line *line, const struct message *message)
{
	struct line_end fine = {.error = ERR_NONE};

	for (struct feed *feed = line->feeds; feed != NULL; feed = feed->next) {
		if (feed->id != message->sub || !feed->said)
			continue;
		if (is_lost(feed, message)) {
			feed->said = false;
			return;
		}
		if (message->kind == MESSAGE_BATCH)
			feed->through = message->through;
		feed->on_feed(feed->context, &fine, message);
		return;
	}
}

static void hear_pong(struct line *line, const struct message *message)
{
	struct line_end fine = {.error = ERR_NONE};

	line->pings -= line->pings > 0;
	for (struct feed *feed = line->feeds, *next; feed != NULL; feed = next) {
		next = feed->next;
		if (!feed->said)
			continue;
		if (feed->pongs_before > 0)
			feed->pongs_before--; /* it was asked for before this feed was there */
		else
			feed->on_feed(feed->context, &fine, message);
	}
}

void line_hear(struct line *line, const struct message *message)
{
	switch (message->kind) {
	case MESSAGE_REPLY:
		hear_reply(line, message);
		return;
	case MESSAGE_ACK:
	case MESSAGE_RESEND:
		hear_said(line, message);
		return;
	case MESSAGE_BATCH:
	case MESSAGE_HEAD:
		hear_feed(line, message);
		return;
	case MESSAGE_PONG:
		hear_pong(line, message);
		return;
	default:
		return;
	}
}

bool line_is_final(const struct line_end *end)
{
	return end->error == ERR_FORBIDDEN || text_equal(end->code, TEXT_LITERAL("forbidden")) || text_equal(end->code, TEXT_LITERAL("quota"));
}

static bool is_about(const struct line *line, const struct item *item, const struct message *message)
{
	if (message->about == MESSAGE_ABOUT_RUN)
		return line->use == LINE_PUBLISH && text_equal(item->run.source, message->source) && item->run.epoch == message->epoch &&
		       item->run.first == message->seq;
	return message->about == MESSAGE_ABOUT_QUESTION && line->use != LINE_PUBLISH && item->id == message->id;
}

/* R4: an error ends the question, the run or the subscription that it names, and nothing else. */
void line_hear_error(struct line *line, const struct message *message)
{
	bool passes = text_equal(message->code, TEXT_LITERAL("busy")) || text_equal(message->code, TEXT_LITERAL("quota"));
	struct line_end end = {.error = passes ? ERR_AGAIN : ERR_USAGE,
			       .code = message->code,
			       .text = message->text,
			       .after_ms = message->after_ms};

	for (struct item **at = &line->items; *at != NULL; at = &(*at)->next)
		if (is_about(line, *at, message)) {
			end_item(line, at, &end, NULL);
			return;
		}
	for (struct feed *feed = line->feeds; feed != NULL; feed = feed->next)
		if (message->about == MESSAGE_ABOUT_SUBSCRIPTION && feed->id == message->sub) {
			feed->on_feed(feed->context, &end, NULL);
			return;
		}
}

void line_expire(struct line *line, int64_t now_us)
{
	struct line_end end = {.error = line->session == 0 ? ERR_UNREACHABLE : ERR_TIMEOUT};

	for (struct item **at = &line->items; *at != NULL;) {
		if ((*at)->until_us > now_us) {
			at = &(*at)->next;
			continue;
		}
		end_item(line, at, &end, NULL);
		at = &line->items;
	}
}

void line_end_all(struct line *line, const struct line_end *end)
{
	while (line->items != NULL)
		end_item(line, &line->items, end, NULL);
	while (line->feeds != NULL) {
		struct feed *feed = line->feeds;

		line->feeds = feed->next;
		line->feed_count--;
		feed->line = NULL;
		feed->next = NULL;
		feed->on_feed(feed->context, end, NULL);
	}
}

/* ---- what the gateway asks ---- */

static void append(struct line *line, struct item *item, uint64_t timeout_ms)
{
	item->id = line->next_id++;
	item->until_us = bus_monotonic_us(line->lines->bus) + (int64_t)timeout_ms * 1000;
	*line->items_end = item;
	line->items_end = &item->next;
	if (line->session != 0)
		line_say_all(line);
}

void line_ask(struct lines *lines, enum line_use use, const char *token, unsigned service, const char *what, struct bytes arguments,
	      struct bytes from, uint64_t timeout_ms, line_on_reply *on_reply, void *context)
{
	struct line *line = line_find(lines, use, token, service);
	size_t what_size = strlen(what);
	struct item *item = line != NULL ? calloc(1, sizeof(*item) + what_size + arguments.size + from.size) : NULL;

	if (item == NULL) {
		on_reply(context, &(struct line_end){.error = ERR_AGAIN}, NULL);
		return;
	}
	char *at = (char *)(item + 1);
	item->what = (struct text){keep(&at, what, what_size), (uint32_t)what_size};
	item->arguments = bytes_of(keep(&at, arguments.data, arguments.size), arguments.size);
	item->from = bytes_of(keep(&at, from.data, from.size), from.size);
	item->on_reply = on_reply;
	item->context = context;
	append(line, item, timeout_ms);
}

void line_publish(struct lines *lines, const char *token, unsigned service, const struct line_run *run, uint64_t timeout_ms,
		  line_on_said *on_said, void *context)
{
	struct line *line = line_find(lines, LINE_PUBLISH, token, service);
	struct item *item = line != NULL ? calloc(1, sizeof(*item) + run->source.size + run->events.size) : NULL;

	if (item == NULL) {
		on_said(context, &(struct line_end){.error = ERR_AGAIN}, NULL);
		return;
	}
	char *at = (char *)(item + 1);
	item->run = *run;
	item->run.source.data = keep(&at, run->source.data, run->source.size);
	item->run.events.data = keep(&at, run->events.data, run->events.size);
	item->on_said = on_said;
	item->context = context;
	append(line, item, timeout_ms);
}

static size_t texts_size(const struct text *texts, uint32_t count)
{
	size_t size = count * sizeof(*texts);

	for (uint32_t i = 0; i < count; i++)
		size += texts[i].size;
	return size;
}

static const struct text *keep_texts(struct text **place, char **at, const struct text *texts, uint32_t count)
{
	struct text *copy = *place;

	for (uint32_t i = 0; i < count; i++)
		copy[i] = (struct text){keep(at, texts[i].data, texts[i].size), texts[i].size};
	*place += count;
	return copy;
}

struct feed *line_follow(struct lines *lines, const char *token, unsigned service, const struct line_wish *wish, line_on_feed *on_feed,
			 void *context)
{
	struct line *line = line_find(lines, LINE_FEED, token, service);
	size_t behind = texts_size(wish->types, wish->type_count) + texts_size(wish->keys, wish->key_count);
	struct feed *feed = line != NULL ? calloc(1, sizeof(*feed) + behind) : NULL;

	if (feed == NULL)
		return NULL;
	struct text *place = (struct text *)(feed + 1);
	char *at = (char *)(place + wish->type_count + wish->key_count);
	feed->wish = *wish;
	feed->wish.types = keep_texts(&place, &at, wish->types, wish->type_count);
	feed->wish.keys = keep_texts(&place, &at, wish->keys, wish->key_count);
	feed->through = wish->from > 0 ? wish->from - 1 : 0;
	feed->on_feed = on_feed;
	feed->context = context;
	feed->line = line;
	feed->id = line->next_id++;
	feed->next = line->feeds;
	line->feeds = feed;
	line->feed_count++;
	if (line->session != 0)
		line_say_all(line);
	return feed;
}

void line_credit(struct feed *feed, uint64_t events, uint64_t through)
{
	struct line *line = feed->line;

	if (line == NULL || line->session == 0 || events == 0)
		return;
	struct writer writer = writer_of(line->lines->frame, LINE_FRAME_BYTES);
	message_write_credit(&writer, line->session, feed->id, events, through);
	line_send(line, &writer, NULL);
}

void line_unfollow(struct feed **out)
{
	struct feed *feed = *out;
	struct line *line = feed != NULL ? feed->line : NULL;

	*out = NULL;
	if (line != NULL) {
		for (struct feed **at = &line->feeds; *at != NULL; at = &(*at)->next)
			if (*at == feed) {
				*at = feed->next;
				break;
			}
		line->feed_count--;
		if (line->session != 0 && feed->said) {
			struct writer writer = writer_of(line->lines->frame, LINE_FRAME_BYTES);

			message_write_unsubscribe(&writer, line->session, feed->id);
			line_send(line, &writer, NULL);
		}
	}
	free(feed);
}
