/* line.c -- saying hello, keeping a conversation alive, beginning it again, ending it. */
#include "line_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/when.h"
#include "log/log.h"

#define TICK_MS 100
#define HELLO_US (300 * 1000)
#define PING_US US_PER_SECOND
#define SILENCE_US (5 * US_PER_SECOND)
#define IDLE_US (60 * US_PER_SECOND)
#define LOOK_US US_PER_SECOND
#define RECONNECT_US (3 * US_PER_SECOND) /* a door that refused a key is asked again only over another socket */

void line_send(struct line *line, const struct writer *writer, bool *said)
{
	CHECK(writer->error == ERR_NONE);
	int error = bus_send(line->port, NULL, writer_bytes(writer));

	if (said != NULL)
		*said = error == ERR_NONE; /* else the tick says it again */
}

void line_ping(struct line *line)
{
	struct writer writer = writer_of(line->lines->frame, LINE_FRAME_BYTES);
	bool said;

	line->pinged_us = bus_monotonic_us(line->lines->bus);
	message_write_ping(&writer, line->session, NULL, 0);
	line_send(line, &writer, &said);
	line->pings += said;
}

static void say_hello(struct line *line)
{
	struct writer writer = writer_of(line->lines->frame, LINE_FRAME_BYTES);

	line->hello_us = bus_monotonic_us(line->lines->bus);
	message_write_hello_for(&writer, TEXT_LITERAL("gateway"), NULL, 0, text_of(line->token));
	line_send(line, &writer, NULL);
}

static void begin_again(struct line *line)
{
	line->session = 0;
	line_unsaid(line);
	say_hello(line);
}

static void on_error(struct line *line, const struct message *message)
{
	if (text_equal(message->code, TEXT_LITERAL("hello_first"))) {
		if (line->session != 0)
			begin_again(line);
	} else if (line->session == 0 && text_equal(message->code, TEXT_LITERAL("forbidden"))) { /* of the hello */
		struct line_end end = {.error = ERR_FORBIDDEN, .code = message->code, .text = message->text};

		line->dead = true; /* the token is nobody's, or nobody's any more */
		line_end_all(line, &end);
	} else if (line->session != 0 && message->about == MESSAGE_ABOUT_NOTHING && text_equal(message->code, TEXT_LITERAL("forbidden"))) {
		begin_again(line); /* the session was cut: the hello tells whether the token is still somebody's */
	} else if (line->session != 0) {
		line_hear_error(line, message);
	}
}

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from, struct bytes frame)
{
	struct line *line = context;
	struct message *message = &line->lines->message;
	char reason[160];

	(void)port;
	(void)from;
	if (line->dead || message_read(frame, message, reason, sizeof(reason)) != ERR_NONE)
		return;
	line->heard_us = bus_monotonic_us(line->lines->bus);
	line->lines->reached_us[line->service] = line->heard_us;
	if (message->kind == MESSAGE_ERROR) {
		on_error(line, message);
	} else if (message->kind == MESSAGE_WELCOME) {
		if (line->session != 0 && line->session != message->session)
			line_unsaid(line);
		line->session = message->session;
		line_say_all(line);
	} else if (line->session != 0) {
		line_hear(line, message);
	}
}

static bool connect_line(struct line *line)
{
	struct lines *lines = line->lines;

	bus_unplug(&line->port);
	line->session = 0;
	line->turns = doors_turns(lines->doors, line->service);
	line->connected_us = bus_monotonic_us(lines->bus);
	return doors_connect(lines->doors, line->service, line->token[0] == 0, on_message, line, &line->port) == ERR_NONE;
}

static struct line *line_open(struct lines *lines, enum line_use use, const char *token, unsigned service)
{
	struct line *line = lines->count < LINES_MAX ? calloc(1, sizeof(*line)) : NULL;

	if (line == NULL)
		return NULL;
	line->lines = lines;
	line->use = use;
	line->service = service;
	snprintf(line->token, sizeof(line->token), "%s", token);
	line->items_end = &line->items;
	line->next_id = 1;
	line->used_us = line->heard_us = bus_monotonic_us(lines->bus);
	if (!connect_line(line)) {
		free(line);
		return NULL;
	}
	line->next = lines->lines;
	lines->lines = line;
	lines->count++;
	say_hello(line);
	return line;
}

struct line *line_find(struct lines *lines, enum line_use use, const char *token, unsigned service)
{
	for (struct line *line = lines->lines; line != NULL; line = line->next) {
		if (line->dead || line->use != use || line->service != service || strcmp(line->token, token) != 0)
			continue;
		if (use == LINE_FEED && line->feed_count >= LINE_FEEDS_MAX)
			continue;
		line->used_us = bus_monotonic_us(lines->bus);
		return line;
	}
	return line_open(lines, use, token, service);
}

/* The door has another key, or has not let us in for a while. */
static void line_reconnect(struct line *line)
{
	line_unsaid(line);
	if (connect_line(line))
		say_hello(line);
	else
		line->dead = true;
}

static void line_tick(struct line *line, int64_t now_us)
{
	bool is_other = line->turns != doors_turns(line->lines->doors, line->service);

	line_expire(line, now_us);
	if (line->items != NULL || line->feeds != NULL)
		line->used_us = now_us;
	if (is_other || (line->session == 0 && line->turns > 0 && now_us - line->connected_us > RECONNECT_US)) {
		line_reconnect(line);
		return;
	}
	if (line->session == 0) {
		if (now_us - line->hello_us > HELLO_US)
			say_hello(line);
		return;
	}
	if (now_us - line->heard_us > SILENCE_US) {
		begin_again(line);
		return;
	}
	line_say_all(line);
	if (now_us - line->pinged_us > PING_US)
		line_ping(line);
}

static void on_tick(void *context)
{
	struct lines *lines = context;
	int64_t now_us = bus_monotonic_us(lines->bus);

	if (now_us - lines->looked_us > LOOK_US) {
		lines->looked_us = now_us;
		doors_look(lines->doors);
	}
	for (struct line **at = &lines->lines; *at != NULL;) {
		struct line *line = *at;

		if (!line->dead)
			line_tick(line, now_us);
		if (!line->dead && now_us - line->used_us < IDLE_US) {
			at = &line->next;
			continue;
		}
		*at = line->next;
		line_end_all(line, &(struct line_end){.error = ERR_UNREACHABLE});
		bus_unplug(&line->port);
		lines->count--;
		free(line);
	}
}

int lines_open(struct lines **out, struct bus *bus, const struct params *params)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	*out = NULL;
	if (lines == NULL)
		return ERR_MEMORY;
	lines->bus = bus;
	lines->frame = malloc(LINE_FRAME_BYTES);
	int error = lines->frame == NULL ? ERR_MEMORY : doors_open(&lines->doors, bus, params);
	if (error == ERR_NONE)
		error = bus_timer_start(bus, TICK_MS, TICK_MS, on_tick, lines, &lines->tick);
	if (error != ERR_NONE) {
		doors_close(&lines->doors);
		free(lines->frame);
		free(lines);
		return error;
	}
	*out = lines;
	return ERR_NONE;
}

void lines_close(struct lines **out)
{
	struct lines *lines = *out;

	*out = NULL;
	if (lines == NULL)
		return;
	bus_timer_stop(&lines->tick);
	while (lines->lines != NULL) {
		struct line *line = lines->lines;

		lines->lines = line->next;
		line_end_all(line, &(struct line_end){.error = ERR_UNREACHABLE});
		bus_unplug(&line->port);
		free(line);
	}
	doors_close(&lines->doors);
	free(lines->frame);
	free(lines);
}

unsigned lines_count(const struct lines *lines)
{
	return lines->count;
}

bool lines_reach(const struct lines *lines, unsigned service)
{
	return lines->reached_us[service] != 0 && bus_monotonic_us(lines->bus) - lines->reached_us[service] < SILENCE_US;
}
