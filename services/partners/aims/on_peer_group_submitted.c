/* on_peer_group_submitted.c -- staff says who is compared with whom. */
#include "record.h"

static bool peers_valid(struct turn *turn, const struct peer_group_submitted *group)
{
	/* R65: The outlets of a peer group are known, and in order, so that each is there once. */
	for (uint32_t i = 0; i < group->outlets.count; i++) {
		struct text outlet = group->outlets.items[i].outlet;

		if (!record_names(turn, TABLE_PEER_GROUP, group->peer_group, TABLE_OUTLET, outlet))
			return false;
		if (i > 0 && bytes_compare(bytes_of_text(group->outlets.items[i - 1].outlet),
		                           bytes_of_text(outlet)) >= 0)
			return record_refuse(turn, TABLE_PEER_GROUP, group->peer_group, "bad_peers",
			                     "outlet %.*s is not in order, or there twice", TEXT_ARGS(outlet));
	}
	return true;
}

void on_peer_group_submitted(struct turn *turn, const struct peer_group_submitted *group)
{
	if (peers_valid(turn, group))
		record_submit(turn, TABLE_PEER_GROUP, bytes_of_text(group->peer_group), group);
}
