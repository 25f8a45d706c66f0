/* tree.c -- a treap; a node's rank hangs on its key alone, so equal maps have equal trees. */
#include "store/tree.h"

#include "base/check.h"
#include "base/hash.h"

struct tree *tree_hold(struct tree *tree)
{
	if (tree != NULL)
		atomic_fetch_add_explicit(&tree->holders, 1, memory_order_relaxed);
	return tree;
}

void tree_release(struct tree *tree)
{
	if (tree == NULL || atomic_fetch_sub_explicit(&tree->holders, 1, memory_order_acq_rel) > 1)
		return;
	tree_release(tree->left);
	tree_release(tree->right);
	free(tree);
}

static struct tree *node_new(struct bytes key, struct bytes value)
{
	struct tree *node = malloc(sizeof(*node) + key.size + value.size);

	CHECK(node != NULL);
	atomic_init(&node->holders, 1);
	node->key_size = (uint32_t)key.size;
	node->value_size = (uint32_t)value.size;
	node->rank = hash_bytes(key);
	node->left = node->right = NULL;
	if (value.size > 0)
		memcpy(node->bytes, value.data, value.size);
	memcpy(node->bytes + value.size, key.data, key.size);
	return node;
}

/* The node with this value: a new one in the place of the old, whose children it takes over. */
static struct tree *replaced(struct tree *node, struct bytes key, struct bytes value)
{
	struct tree *fresh = node_new(key, value);

	fresh->left = tree_hold(node->left);
	fresh->right = tree_hold(node->right);
	tree_release(node);
	return fresh;
}

/* The same node with nobody else looking: itself when we hold it alone. */
static struct tree *own(struct tree *node)
{
	if (atomic_load_explicit(&node->holders, memory_order_acquire) == 1)
		return node;
	return replaced(node, tree_key(node), tree_value(node));
}

static struct tree *turn_right(struct tree *node)
{
	struct tree *top = node->left;

	node->left = top->right;
	top->right = node;
	return top;
}

static struct tree *turn_left(struct tree *node)
{
	struct tree *top = node->right;

	node->right = top->left;
	top->left = node;
	return top;
}

struct tree *tree_put(struct tree *tree, struct bytes key, struct bytes value)
{
	if (tree == NULL)
		return node_new(key, value);
	int order = bytes_compare(key, tree_key(tree));

	if (order == 0)
		return replaced(tree, key, value);
	tree = own(tree);
	if (order < 0) {
		tree->left = tree_put(tree->left, key, value);
		return tree->left->rank > tree->rank ? turn_right(tree) : tree;
	}
	tree->right = tree_put(tree->right, key, value);
	return tree->right->rank > tree->rank ? turn_left(tree) : tree;
}

/* Every key of low is smaller than every key of high. */
static struct tree *joined(struct tree *low, struct tree *high)
{
	if (low == NULL || high == NULL)
		return low != NULL ? low : high;
	if (low->rank > high->rank) {
		low = own(low);
		low->right = joined(low->right, high);
		return low;
	}
	high = own(high);
	high->left = joined(low, high->left);
	return high;
}

static struct tree *without(struct tree *tree, struct bytes key)
{
	int order = bytes_compare(key, tree_key(tree));

	if (order == 0) {
		struct tree *left = tree_hold(tree->left), *right = tree_hold(tree->right);

		tree_release(tree);
		return joined(left, right);
	}
	tree = own(tree);
	if (order < 0)
		tree->left = without(tree->left, key);
	else
		tree->right = without(tree->right, key);
	return tree;
}

struct tree *tree_del(struct tree *tree, struct bytes key)
{
	return tree_get(tree, key) != NULL ? without(tree, key) : tree;
}

struct tree *tree_get(struct tree *tree, struct bytes key)
{
	struct tree *found = tree_seek(tree, key);

	return found != NULL && bytes_equal(tree_key(found), key) ? found : NULL;
}

/* The first node whose key is greater than key, or not smaller when an equal one counts. */
static struct tree *first_from(struct tree *tree, struct bytes key, bool equal_counts)
{
	struct tree *best = NULL;

	while (tree != NULL) {
		int order = bytes_compare(tree_key(tree), key);

		if (order > 0 || (order == 0 && equal_counts)) {
			best = tree;
			tree = tree->left;
		} else {
			tree = tree->right;
		}
	}
	return best;
}

struct tree *tree_seek(struct tree *tree, struct bytes key)
{
	return first_from(tree, key, true);
}

struct tree *tree_after(struct tree *tree, struct bytes key)
{
	return first_from(tree, key, false);
}

struct tree *tree_last(struct tree *tree)
{
	while (tree != NULL && tree->right != NULL)
		tree = tree->right;
	return tree;
}
