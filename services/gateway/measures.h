/*
 * measures.h -- the live view of kpi, held once for each token and shown to every stream of it: each row in its latest state, in the
 * order of their last change.
 */
#ifndef TRIBUTARY_GATEWAY_MEASURES_H
#define TRIBUTARY_GATEWAY_MEASURES_H

#include <uthash.h>

#include "request.h"

#define ROWS_MAX 200000
#define FILTER_BYTES 40

struct row {
	UT_hash_handle hh;
	struct row *before, *behind; /* by version */
	uint64_t version;
	struct body *text; /* JSON */
	char scope[16], code[FILTER_BYTES];
	char key[96]; /* scope, key, day and currency */
};

struct measures {
	struct measures *next;
	struct gateway *gateway;
	char token[TOKEN_MAX + 1];
	struct feed *feed;
	struct row *rows, *first, *last;
	uint64_t start, version; /* start: another one for each view that is begun */
	uint64_t heard;		 /* events since the subscription */
	bool known;		 /* the door has let this token see it, and it goes on */
	bool whole;		 /* everything as it stands was heard */
	struct viewer *viewers;
	int64_t unused_us;
};

/* Who looks: what comes next for them. */
struct viewer {
	struct viewer *next;
	struct request *request;
	struct measures *measures;
	struct row *at; /* the next one; NULL: they have all */
	bool waits; /* for the door's first word: it may be that the token is nobody's */
	bool ready_said, beat;
	int64_t said_us;
	char scope[16], code[FILTER_BYTES];
};

/* measures_of -- the view of this token; NULL: no room. */
struct measures *measures_of(struct gateway *gateway, const char *token);
void measures_second(struct gateway *gateway);

#endif
