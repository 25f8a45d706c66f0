/* line_inside.h -- the inside of a line, shared by line.c and line_items.c. */
#ifndef TRIBUTARY_GATEWAY_LINE_INSIDE_H
#define TRIBUTARY_GATEWAY_LINE_INSIDE_H

#include "doors.h"
#include "line.h"

/* One thing that was asked or published and is not answered. In the order in which it was said. */
struct item {
	struct item *next;
	uint64_t id;
	int64_t until_us;
	bool said; /* in the present session */
	union {
		line_on_reply *on_reply;
		line_on_said *on_said;
	};
	void *context;
	/* what of it is text and bytes lies behind the struct */
	struct text what;
	struct bytes arguments, from;
	struct line_run run;
};

struct feed {
	struct feed *next;
	struct line *line; /* NULL: it has ended */
	uint64_t id;
	bool said;
	unsigned pongs_before; /* answers to pings that were under way when it was said */
	uint64_t through; /* heard up to here */
	struct line_wish wish;
	line_on_feed *on_feed;
	void *context;
	/* texts lie behind the struct */
};

struct line {
	struct line *next;
	struct lines *lines;
	struct bus_port *port;
	enum line_use use;
	unsigned service;
	char token[TOKEN_MAX + 1];
	uint64_t session, next_id;
	unsigned turns; /* doors_turns when it was connected */
	int64_t connected_us, hello_us, heard_us, pinged_us, used_us; /* monotonic */
	struct item *items, **items_end;
	struct feed *feeds;
	unsigned feed_count, pings; /* pings: without their pong */
	bool dead; /* to be closed by the tick */
};

struct lines {
	struct bus *bus;
	struct doors *doors;
	int64_t looked_us; /* at the registry */
	struct bus_timer *tick;
	struct line *lines;
	unsigned count;
	int64_t reached_us[PARAMS_SERVICES];
	struct message message; /* large: read into by every frame */
	uint8_t *frame;
};

#define LINE_FRAME_BYTES (3u << 20) /* more than a body and what stands around it */

/* line.c */
struct line *line_find(struct lines *lines, enum line_use use, const char *token, unsigned service);
void line_send(struct line *line, const struct writer *writer, bool *said);
void line_ping(struct line *line);

/* line_items.c: say what was not said in this session; tell what came; tell that it is over. */
void line_say_all(struct line *line);
void line_unsaid(struct line *line);
void line_hear(struct line *line, const struct message *message);
void line_hear_error(struct line *line, const struct message *message);
void line_expire(struct line *line, int64_t now_us);
void line_end_all(struct line *line, const struct line_end *end);

#endif
