/* on_peer_group_declared.c -- who is compared with whom. */
#include "state.h"

void on_peer_group_declared(struct turn *turn, const struct peer_group_declared *declared)
{
	uint8_t key[KEY_SIZE];
	struct walk walk;

	walk_begin(&walk, turn, TABLE_PEER, key_pair(key, declared->peer_group, NULL, 0));
	while (walk_next(&walk))
		turn_del(turn, TABLE_PEER, walk.key);
	for (uint32_t i = 0; i < declared->outlets.count; i++) {
		struct text outlet = declared->outlets.items[i].outlet;

		turn_put(turn, TABLE_PEER, key_pair(key, declared->peer_group, outlet.data, outlet.size),
			 bytes_of(NULL, 0));
	}
}
