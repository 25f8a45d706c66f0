/*
 * follow_scene.h -- a service that follows another in the simulated network, at a door where a test speaks, message by message.
 *
 * It knows no test: what the follower has said is kept until it is awaited.
 */
#ifndef TRIBUTARY_TEST_FOLLOW_SCENE_H
#define TRIBUTARY_TEST_FOLLOW_SCENE_H

#include <stdint.h>

#include "kernel/node.h"
#include "pack/message.h"
#include "store/store_disk.h"

#define START_US INT64_C(1772355600000000)
#define EPOCH 70
#define DOOR "ipc:///tmp/follow-upstream"
#define KEYED_DOOR "tcp://10.1.1.1:7000"
#define HEARD_MAX 64

/* What the follower said, as far as a test may ask for it. */
struct heard {
	enum message_kind kind;
	uint64_t sub, from_seq, credit, durable, id;
	uint32_t types;
};

struct scene {
	struct bus_network *network;
	struct bus *upstream, *bus;
	struct bus_port *door;
	struct bus_peer peer;
	struct store_disk *disk;
	struct node *node;
	struct guard *guard;
	const char *endpoint;
	struct heard heard[HEARD_MAX];
	unsigned count;
	uint64_t session;
};

/* scene_begin, scene_end -- fixtures: the follower is there and has greeted. */
int scene_begin(void **state, const struct service *service, const char *endpoint, struct guard *guard);
int scene_end(void **state);

void pass(struct scene *scene, unsigned ms);
void say(struct scene *scene, const struct writer *writer);
void upstream_opens(struct scene *scene);

/* await -- the next message of this kind within ten seconds; what was said before it is forgotten.   never -- none comes within ms. */
struct heard await(struct scene *scene, enum message_kind kind);
void never(struct scene *scene, enum message_kind kind, unsigned ms);

/* What the upstream says: a welcome; the sales after+1..after+count, said to go through `through`, a torn one not to be read behind its head. */
void welcome(struct scene *scene, const char *service, uint64_t epoch, uint64_t head);
void batch(struct scene *scene, uint64_t sub, uint64_t epoch, uint64_t after, uint32_t count, uint64_t through, bool is_torn);

/* stands -- how far the follower has committed what it hears. */
struct cursor stands(struct scene *scene);

#endif
