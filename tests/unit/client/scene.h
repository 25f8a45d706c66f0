/*
 * scene.h -- a client and a scripted door, over sockets or in the simulated network, and time that passes for
 * both.
 *
 * It keeps what the client's callbacks were told. Every wait has an end: a test that waits in vain fails.
 */
#ifndef TRIBUTARY_TESTS_CLIENT_SCENE_H
#define TRIBUTARY_TESTS_CLIENT_SCENE_H

#include "client/client.h"
#include "desk.h"

#define SCENE_VERDICTS 20000

struct scene_verdict {
	char source[SOURCE_TEXT_MAX + 1];
	uint64_t seq;
	enum verdict verdict;
	char code[41];
};

struct scene {
	bool is_simulated;
	struct bus_network *network;
	struct bus *desk_bus, *client_bus;
	struct desk *desk;
	struct client *client;
	struct client_options options; /* of the next scene_client */
	char folder[64], endpoint[96], spool[96];

	struct scene_verdict *verdicts;
	unsigned verdict_count;
	char held_source[SOURCE_TEXT_MAX + 1], held_code[41];
	unsigned held_count;
};

/*
 * scene_sockets, scene_simulated -- fixtures of cmocka: a desk that is open, no client yet.   scene_end --
 * closes everything.
 */
int scene_sockets(void **state);
int scene_simulated(void **state);
int scene_end(void **state);

/* The same test in both worlds; in the simulated one only where it waits for minutes, over sockets only where it is about a process's time. */
#define SCENE_BOTH(test)                                                                                     \
	{#test " (sockets)", test, scene_sockets, scene_end, NULL},                                          \
	{                                                                                                    \
#test " (simulated)", test, scene_simulated, scene_end, NULL                                 \
	}
#define SCENE_SOCKETS(test)                                                                                  \
	{                                                                                                    \
#test, test, scene_sockets, scene_end, NULL                                                  \
	}
#define SCENE_SIMULATED(test)                                                                                \
	{                                                                                                    \
#test, test, scene_simulated, scene_end, NULL                                                \
	}

/*
 * scene_client -- open the client as scene->options say, with a spool on disk.   scene_client_in_memory --
 * without.
 */
void scene_client(struct scene *scene);
void scene_client_in_memory(struct scene *scene);

/* scene_desk_leaves, scene_desk_returns -- the door's process ends; it starts again with its store. */
void scene_desk_leaves(struct scene *scene);
void scene_desk_returns(struct scene *scene);

/*
 * scene_publish -- one ticket with this receipt; it must work.   scene_ticket -- the same, returns the error.
 * Seq of the last one.
 */
uint64_t scene_publish(struct scene *scene, const char *source, const char *receipt);
int scene_ticket(struct client *client, const char *source, const char *receipt, uint64_t *seq);

/*
 * scene_pass -- let time pass.   scene_settled -- until everything is acknowledged; fails after 100 s (10 s
 * over sockets).
 */
void scene_pass(struct scene *scene, unsigned ms);
void scene_settled(struct scene *scene);
void scene_until(struct scene *scene, bool (*done)(struct scene *scene));
int64_t scene_now_us(const struct scene *scene);

/*
 * scene_verdict_of -- the only verdict about a number of a source; fails when there is none or more than one.
 */
const struct scene_verdict *scene_verdict_of(const struct scene *scene, const char *source, uint64_t seq);

/*
 * scene_assert_admitted -- the door has taken exactly these receipts of a source, in this order, under rising
 * numbers.
 */
void scene_assert_admitted(const struct scene *scene, const char *source, const char *const *receipts,
			   unsigned count);

#endif
