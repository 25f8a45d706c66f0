/*
 * tree.h -- a sorted map that can be looked at while it changes: every edition of it stays whole as long as
 * it is held.
 *
 * A treap whose nodes are shared between editions and counted. Changing copies the nodes on the way that
 * somebody else holds too. One thread changes; holding and releasing are safe from any. It stops the
 * process when memory runs out.
 */
#ifndef TRIBUTARY_STORE_TREE_H
#define TRIBUTARY_STORE_TREE_H

#include <stdatomic.h>

#include "base/bytes.h"

struct tree { /* one node, and all below; NULL is the empty map */
	_Atomic uint32_t holders;
	uint32_t key_size, value_size;
	uint64_t rank;
	struct tree *left, *right;
	uint8_t bytes[]; /* value, then key */
};

static inline struct bytes tree_key(const struct tree *tree)
{
	return bytes_of(tree->bytes + tree->value_size, tree->key_size);
}

static inline struct bytes tree_value(const struct tree *tree)
{
	return bytes_of(tree->bytes, tree->value_size);
}

/*
 * tree_hold -- one holder more; returns tree.   tree_release -- one less; the last one frees. NULL is
 * harmless.
 */
struct tree *tree_hold(struct tree *tree);
void tree_release(struct tree *tree);

/*
 * tree_put, tree_del -- the next edition.
 *   owns    take the caller's hold on tree and give one on the result; copy key and value.
 */
struct tree *tree_put(struct tree *tree, struct bytes key, struct bytes value);
struct tree *tree_del(struct tree *tree, struct bytes key);

/*
 * tree_get, tree_seek, tree_after, tree_last -- the node with key; first >= key; first > key; the last.
 * NULL: none.
 */
struct tree *tree_get(struct tree *tree, struct bytes key);
struct tree *tree_seek(struct tree *tree, struct bytes key);
struct tree *tree_after(struct tree *tree, struct bytes key);
struct tree *tree_last(struct tree *tree);

#endif
