/*
 * tree.h -- rows of the question `network` as a tree: warehouses and whoever nobody supplies first, below each whom it supplies.
 *
 * An outlet with several suppliers stands below each of them, and whom it supplies itself below the first.
 */
#ifndef TRIBUTARY_COMMAND_TREE_H
#define TRIBUTARY_COMMAND_TREE_H

#include "base/bytes.h"

struct branch;

struct tree {
	struct branch *branches;
	size_t count, room;
};

/* tree_row -- one more row; copies what it shows.   tree_print -- all of them, and the tree is empty again. */
void tree_row(struct tree *tree, struct bytes row);
void tree_print(struct tree *tree);

#endif
