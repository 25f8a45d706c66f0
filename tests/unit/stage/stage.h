/*
 * stage.h -- one service's engine for tests that need a whole service: events in as structs, events out as
 * structs, no sockets.
 *
 * The service's main.c is linked in with main renamed; the stage's own service_main keeps the description
 * it hands over.
 */
#ifndef TRIBUTARY_TEST_STAGE_H
#define TRIBUTARY_TEST_STAGE_H

#include "kernel/engine.h"

#define STAGE_SOURCES_MAX 8

struct stage {
	struct engine *engine;
	struct arena arena; /* of the event that stage_said gave last */
	int64_t time_us;    /* of the next input; the caller moves it */
	uint64_t said;      /* journal sequence up to which events were taken */
	uint32_t turn_size; /* inputs per turn; 0 is 1 */
	uint32_t open;      /* inputs in the open turn */
	struct {
		const char *name;
		uint64_t seq;
	} sources[STAGE_SOURCES_MAX];
};

/* stage_service -- the description that the service's main has handed over. main_of is the renamed main. */
const struct service *stage_service(int (*main_of)(int argc, char **argv));

/*
 * stage_open -- an engine in memory (dir NULL) or under DIR/<service>.   stage_close -- commits what is
 * open.
 */
void stage_open(struct stage *stage, const struct service *service, const char *dir);
void stage_close(struct stage *stage);

/*
 * stage_hear -- admit one event of a source (static text); its sequence counts itself.   stage_commit --
 * end the open turn.
 */
void stage_hear(struct stage *stage, const char *source, const struct event_type *type, const void *event);
void stage_commit(struct stage *stage);

/*
 * stage_said -- the next event that the service has said; false: none. Commits first. The event is valid
 * until the next call.
 */
bool stage_said(struct stage *stage, const struct event_type **type, const void **event);

/* stage_hash -- state and journal as one number. Commits first. */
uint64_t stage_hash(struct stage *stage);

/*
 * stage_folder -- a new folder for a store, in memory where there is such a place: the tests are about truths, not about
 * disks.   stage_folder_remove -- it and the one store in it.   stage_check -- tool_check of that store, its findings unsaid.
 */
void stage_folder(char dir[64]);
void stage_folder_remove(const char *dir, const struct service *service);
int stage_check(const struct service *service, const char *dir);

/* stage_check_says -- the same, and whether one of the findings has this text in it. */
bool stage_check_says(const struct service *service, const char *dir, const char *text);

/* stage_write -- a row of a table of the closed store under dir becomes this one, as a bug would write it; value {NULL, 0}: it goes. */
void stage_write(const struct service *service, const char *dir, unsigned table, struct bytes key, struct bytes value);

/* struct odd -- a row as a bug would leave it: what is there, or zeros, with `value` written over it at `offset`, and so long as `size`; 0: as long
 * as it is. `says`: what the audit finds; NULL: nothing is wrong with it. */
struct odd {
	unsigned table;
	const char *key;
	size_t key_size, offset;
	uint64_t value;
	size_t size;
	const char *says;
};

/* stage_spoil -- a row of the closed store under dir becomes that one. */
void stage_spoil(const struct service *service, const char *dir, const struct odd *odd);

/* stage_random -- the next number of a seeded row, below `below`. */
uint64_t stage_random(uint64_t *seed, uint64_t below);

#endif
