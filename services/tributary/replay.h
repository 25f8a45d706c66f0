/*
 * replay.h -- real sales files as tickets: what the formats give, and what is played.
 *
 * A format reads the whole file and groups its lines into tickets in order of their first line. It derives the master data that the
 * file implies: outlets, terminals, products, first prices.
 */
#ifndef TRIBUTARY_COMMAND_REPLAY_H
#define TRIBUTARY_COMMAND_REPLAY_H

#include <uthash.h>

#include "base/units.h"
#include "command.h"
#include "csv.h"

enum ticket_kind { TICKET_SALE, TICKET_RETURN, TICKET_WRITE_OFF, TICKET_KINDS };

struct replay_line {
	char sku[33];
	struct quantity quantity;	/* positive */
	struct price price;
	struct money amount;
	bool has_price;			/* else the amount is given */
};

struct replay_ticket {
	UT_hash_handle hh;
	char key[96];			/* what groups its lines */
	enum ticket_kind kind;
	char receipt[41], outlet[33], terminal[65], customer[65], reason[101], day[11];
	int64_t time_us;
	int64_t tz_offset;		/* minutes */
	struct replay_line *lines;
	uint32_t line_count, line_size;
};

struct replay_product {
	UT_hash_handle hh;
	char sku[33], name[121];
	bool is_goods;
	int64_t price_e4; /* first positive; 0: none */
};

struct replay_place {
	UT_hash_handle hh;
	char code[65], outlet[33];
};

struct replay {
	struct network network;
	const char *file, *format, *spool;
	uint32_t outlets;
	double speed;			/* 0: as fast as it goes; else a multiple of the files' time */
	uint64_t limit;			/* tickets to play; 0: all */
	uint64_t skip;			/* tickets to pass over first */
	bool json, send_twice;

	char currency[4];
	struct replay_ticket *tickets;	/* hash, in order of first line */
	struct replay_product *products;
	struct replay_place *places, *terminals;
	uint64_t lines, lines_of[TICKET_KINDS], tickets_of[TICKET_KINDS], non_goods_lines, skipped_lines;

	uint64_t accepted, duplicates, refused, sent;
};

/* replay_ticket_of -- the ticket of this key, made when new.   replay_line_add -- room for one more line. Never NULL: out of memory ends the command. */
struct replay_ticket *replay_ticket_of(struct replay *replay, const char *key, bool *is_new);
struct replay_line *replay_line_add(struct replay_ticket *ticket);
struct replay_product *replay_product_of(struct replay *replay, const char *sku, const char *name, bool is_goods);
void replay_place_of(struct replay_place **places, const char *code, const char *outlet);

/* replay_decimal -- "-12.345" as a whole number of 10^-digits, half to even beyond; false: not a number. */
bool replay_decimal(const char *text, int digits, int64_t *number);

/* replay_local_time -- "2010-12-01 08:26:00" in a zone ("GB": UK, "US-E": New York) as UTC us, with its offset in minutes. */
bool replay_local_time(const char *text, const char *zone, int64_t *time_us, int64_t *tz_offset);

/* The formats: read everything, or say on stderr why not. */
int replay_read_retail(struct replay *replay, struct csv *csv);
int replay_read_journey(struct replay *replay, struct csv *csv);

/* replay_master -- apply what the file implies, and wait until every service has heard it. */
int replay_master(struct replay *replay);

#endif
