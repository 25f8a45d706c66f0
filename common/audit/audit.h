/*
 * audit.h -- who did what to the network: an append-only file in which each line vouches for all lines before it.
 *
 * DIR/audit.log has a JSON object a line: n, time, who, act, object, detail, previous, hash. The hash is over the bytes of the line
 * before it, and these name the hash of the line before: what is altered, removed or put elsewhere is found. Who can write the file
 * can write all of it anew; against that, and against lines cut from its end, stands an anchor: the last hash, kept elsewhere.
 *
 * It does not know what an act means, and it prevents none. Several processes may note at once, on a local file system.
 */
#ifndef TRIBUTARY_AUDIT_AUDIT_H
#define TRIBUTARY_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

#define AUDIT_FILE "audit.log"	  /* in the run folder */
#define AUDIT_TORN_FILE "audit.torn" /* beside it: what was cut from its end, byte for byte */
#define AUDIT_HASH_TEXT 64	  /* characters of a hash, hexadecimal */
#define AUDIT_LINE_MAX 4096	  /* bytes of a line with its end */

/* An act; texts beyond what a line holds are cut, with "..." where they were. */
struct audit_act {
	const char *who;    /* NULL: name and number of the user who calls */
	const char *act;    /* "apply", "quarantine discard" */
	const char *object; /* what it was done to: a service, a key, a file */
	const char *detail; /* begun, done or failed, and with what */
};

struct audit_head {
	uint64_t count;			 /* n of the last line; 0: nothing was noted yet */
	char hash[AUDIT_HASH_TEXT + 1]; /* of the last line; zeros when there is none */
};

/*
 * audit_note -- append one act; it is on disk when this returns.
 *   shape   dir exists; the file is made when it is not there. A last line that a crash left without its end is moved to AUDIT_TORN_FILE
 *           first, and that is noted as an act of its own (audit.repair).
 *   errors  ERR_DISK_FULL, ERR_SYSTEM (also when somebody holds the file for more than five seconds): nothing was noted, and whoever was about to act must not.
 */
int audit_note(const char *dir, const struct audit_act *act) must_check;

/* audit_caller -- "name (uid N)" of the user who runs this process.   owns  writes out. */
void audit_caller(char *out, unsigned size);

/* audit_last -- the anchor as of now.   errors  ERR_SYSTEM, ERR_STORE_CORRUPT: the last line is none. */
int audit_last(const char *dir, struct audit_head *head) must_check;

/*
 * audit_hash_file -- BLAKE2b of a file's bytes, hexadecimal: what exactly was applied.
 *   errors  ERR_NOT_FOUND: it is no file that can be read again (a pipe), or none at all; ERR_SYSTEM. out is then empty.
 */
int audit_hash_file(const char *path, char out[AUDIT_HASH_TEXT + 1]) must_check;

enum audit_wrong_kind {
	AUDIT_ALTERED,	 /* the line is not what its hash was made of */
	AUDIT_REMOVED,	 /* lines are missing before it */
	AUDIT_REORDERED, /* it stands where it does not belong, or for the second time */
	AUDIT_TORN,	 /* the last line has no end: a crash, or somebody cut it */
	AUDIT_TRUNCATED	 /* the anchor is in none of the lines: some were cut from the end, or all were written anew */
};

struct audit_wrong {
	enum audit_wrong_kind kind;
	uint64_t line;	  /* from 1 */
	const char *word; /* "altered", "removed" ... */
	char what[160];	  /* a sentence */
};

/*
 * audit_verify -- read all of it.
 *   shape   anchor is a hash that was the last one once, or NULL. each is called for everything that is wrong, in the order of the lines;
 *           head says how far it goes.
 *   errors  ERR_NOT_FOUND: nothing was ever noted there and no anchor given; ERR_SYSTEM. What is wrong is no error: *wrong counts it.
 */
int audit_verify(const char *dir, const char *anchor, void (*each)(void *context, const struct audit_wrong *wrong), void *context,
		 struct audit_head *head, uint64_t *wrong) must_check;

/* audit_each -- every whole line, without its end, as it stands, in order; verified or not.   errors  ERR_NOT_FOUND, ERR_SYSTEM. */
int audit_each(const char *dir, void (*each)(void *context, const char *line, unsigned size), void *context) must_check;

#endif
