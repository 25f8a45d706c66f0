/* mutate.c -- nodes in the order of the bytes; a node's span covers itself and everything inside it. */
#include "mutate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 1024
#define DEPTH_MAX 40

enum kind { RAW, NIL, BOOL, NUMBER, FLOAT, TEXT, BIN, ARRAY, MAP, EXT, KINDS };

struct node {
	enum kind kind;
	uint32_t span;		/* nodes from here to the end of what is inside */
	uint64_t number;	/* value of a number; of ARRAY and MAP: how many values or pairs it says it has */
	const uint8_t *data;	/* of RAW, TEXT, BIN, EXT, FLOAT */
	uint32_t size;
	uint32_t lie;		/* added to the size that is written */
	bool wide;		/* written in the longest form */
};

struct tree {
	struct node nodes[NODES_MAX];
	uint32_t count;
	const uint8_t *at, *end;
};

uint32_t mutate_roll(uint64_t *dice, uint32_t below)
{
	*dice = *dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return below > 0 ? (uint32_t)(*dice >> 33) % below : 0;
}

static uint64_t take(struct tree *tree, unsigned bytes)
{
	uint64_t number = 0;

	for (; bytes > 0 && tree->at < tree->end; bytes--)
		number = number << 8 | *tree->at++;
	return number;
}

static void take_bytes(struct tree *tree, struct node *node, enum kind kind, uint64_t size)
{
	size_t left = (size_t)(tree->end - tree->at);

	node->kind = kind;
	node->data = tree->at;
	node->size = (uint32_t)(size < left ? size : left);
	tree->at += node->size;
}

static void take_inside(struct tree *tree, uint32_t place, enum kind kind, uint64_t count, unsigned depth);

/* Everything but the first byte of values of forms that have a size or more bytes behind it. */
static void take_long(struct tree *tree, uint32_t place, uint8_t first, unsigned depth)
{
	static const uint8_t widths[] = {1, 2, 4};
	struct node *node = &tree->nodes[place];

	if (first >= 0xc4 && first <= 0xc6) {
		take_bytes(tree, node, BIN, take(tree, widths[first - 0xc4]));
	} else if (first >= 0xc7 && first <= 0xc9) {
		take_bytes(tree, node, EXT, take(tree, widths[first - 0xc7]) + 1);
	} else if (first == 0xca || first == 0xcb) {
		take_bytes(tree, node, FLOAT, first == 0xca ? 4 : 8);
	} else if (first >= 0xcc && first <= 0xcf) {
		node->kind = NUMBER;
		node->number = take(tree, 1u << (first - 0xcc));
	} else if (first >= 0xd0 && first <= 0xd3) {
		unsigned bits = 8u << (first - 0xd0);
		uint64_t number = take(tree, bits / 8);

		node->kind = NUMBER;
		node->number = bits < 64 && number >> (bits - 1) != 0 ? number | UINT64_MAX << bits : number;
	} else if (first >= 0xd4 && first <= 0xd8) {
		take_bytes(tree, node, EXT, (1u << (first - 0xd4)) + 1);
	} else if (first >= 0xd9 && first <= 0xdb) {
		take_bytes(tree, node, TEXT, take(tree, widths[first - 0xd9]));
	} else {
		take_inside(tree, place, first < 0xde ? ARRAY : MAP, take(tree, first % 2 == 0 ? 2 : 4), depth);
	}
}

static void take_value(struct tree *tree, unsigned depth)
{
	uint32_t place = tree->count++;
	struct node *node = &tree->nodes[place];
	uint8_t first = *tree->at;

	*node = (struct node){.span = 1};
	if (depth >= DEPTH_MAX || first == 0xc1 || tree->count + 1 >= NODES_MAX) {
		take_bytes(tree, node, RAW, UINT32_MAX);
		return;
	}
	tree->at++;
	if (first < 0x80 || first >= 0xe0) {
		node->kind = NUMBER;
		node->number = first < 0x80 ? first : (uint64_t)(int64_t)(int8_t)first;
	} else if (first < 0xa0) {
		take_inside(tree, place, first < 0x90 ? MAP : ARRAY, first & 0x0f, depth);
	} else if (first < 0xc0) {
		take_bytes(tree, node, TEXT, first & 0x1f);
	} else if (first < 0xc4) {
		node->kind = first == 0xc0 ? NIL : BOOL;
		node->number = first & 1;
	} else {
		take_long(tree, place, first, depth);
	}
}

static void take_inside(struct tree *tree, uint32_t place, enum kind kind, uint64_t count, unsigned depth)
{
	tree->nodes[place].kind = kind;
	tree->nodes[place].number = count;
	for (uint64_t i = 0; i < count * (kind == MAP ? 2 : 1) && tree->at < tree->end && tree->count < NODES_MAX; i++)
		take_value(tree, depth + 1);
	tree->nodes[place].span = tree->count - place;
}

/* ---- writing ---- */

struct out {
	uint8_t *data;
	size_t used, size;
};

static void put(struct out *out, const void *data, size_t size)
{
	size_t room = out->size - out->used;

	size = size < room ? size : room;
	if (size > 0)
		memcpy(out->data + out->used, data, size);
	out->used += size;
}

static void put_head(struct out *out, uint8_t first, uint64_t number, unsigned bytes)
{
	uint8_t head[9] = {first};

	for (unsigned i = 0; i < bytes; i++)
		head[1 + i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
	put(out, head, 1 + bytes);
}

static void put_number(struct out *out, const struct node *node)
{
	int64_t number = (int64_t)node->number;

	if (node->wide)
		put_head(out, number < 0 ? 0xd3 : 0xcf, node->number, 8);
	else if (number >= -32 && number < 128)
		put_head(out, (uint8_t)number, 0, 0);
	else if (number >= 0)
		put_head(out, number < 65536 ? 0xcd : number <= UINT32_MAX ? 0xce : 0xcf, node->number,
			 number < 65536 ? 2 : number <= UINT32_MAX ? 4 : 8);
	else
		put_head(out, number >= INT32_MIN ? 0xd2 : 0xd3, node->number, number >= INT32_MIN ? 4 : 8);
}

/* A head that says how many bytes or values follow: the short form, or 8, 16 or 32 bits; eight is 0 where there is no such form. */
static void put_count(struct out *out, const struct node *node, uint64_t count, uint8_t fixed, uint8_t fixed_max, uint8_t eight, uint8_t sixteen)
{
	count += node->lie;
	if (!node->wide && count <= fixed_max && fixed != 0)
		put_head(out, (uint8_t)(fixed | count), 0, 0);
	else if (!node->wide && eight != 0 && count < 256)
		put_head(out, eight, count, 1);
	else if (!node->wide && count < 65536)
		put_head(out, sixteen, count, 2);
	else
		put_head(out, (uint8_t)(sixteen + 1), count, 4);
}

static void put_node(struct out *out, const struct node *node)
{
	switch (node->kind) {
	case NIL:
		put_head(out, 0xc0, 0, 0);
		return;
	case BOOL:
		put_head(out, (uint8_t)(0xc2 | (node->number & 1)), 0, 0);
		return;
	case NUMBER:
		put_number(out, node);
		return;
	case FLOAT:
		put_head(out, node->size == 4 ? 0xca : 0xcb, 0, 0);
		break;
	case TEXT:
		put_count(out, node, node->size, 0xa0, 31, 0xd9, 0xda);
		break;
	case BIN:
		put_count(out, node, node->size, 0, 0, 0xc4, 0xc5);
		break;
	case EXT:
		put_count(out, node, node->size - (node->size > 0), 0, 0, 0xc7, 0xc8);
		break;
	case ARRAY:
		put_count(out, node, node->number, 0x90, 15, 0, 0xdc);
		return;
	case MAP:
		put_count(out, node, node->number, 0x80, 15, 0, 0xde);
		return;
	case RAW:
	case KINDS:
		break;
	}
	put(out, node->data, node->size);
}

/* ---- changes ---- */

static const uint64_t edges[] = {0, 1, 2, 15, 16, 31, 32, 127, 128, 255, 256, 65535, 65536, INT32_MAX, UINT64_C(1) << 31, UINT32_MAX, UINT64_C(1) << 32,
				 (UINT64_C(1) << 53) - 1, UINT64_C(1) << 53, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, (uint64_t)-31, (uint64_t)-33,
				 (uint64_t)INT32_MIN, (uint64_t)-(INT64_C(1) << 53), 1000, 86400000000, 1772355600000000};
static const uint8_t filler[70000]; /* long texts: zero bytes are UTF-8 */

/* Nodes that hold `place` grow by so many; the innermost also has a value more or less (a map every second time). */
static void grow(struct tree *tree, uint32_t place, int32_t nodes)
{
	struct node *inner = NULL;

	for (uint32_t i = 0; i < place; i++)
		if (i + tree->nodes[i].span > place) {
			tree->nodes[i].span = (uint32_t)((int32_t)tree->nodes[i].span + nodes);
			inner = &tree->nodes[i];
		}
	if (inner != NULL && nodes > 0)
		inner->number++;
	else if (inner != NULL && inner->number > 0)
		inner->number--;
}

static void remove_at(struct tree *tree, uint32_t place)
{
	uint32_t span = tree->nodes[place].span;

	grow(tree, place, -(int32_t)span);
	memmove(&tree->nodes[place], &tree->nodes[place + span], (tree->count - place - span) * sizeof(struct node));
	tree->count -= span;
}

/* The span at `from` once more, before `place`, as its sibling. A map gets a key with its value, so often a key it has. */
static void copy_to(struct tree *tree, uint32_t from, uint32_t place, uint32_t span)
{
	static struct node moved[NODES_MAX];

	if (tree->count + span >= NODES_MAX)
		return;
	memcpy(moved, &tree->nodes[from], span * sizeof(struct node));
	grow(tree, place, (int32_t)span);
	memmove(&tree->nodes[place + span], &tree->nodes[place], (tree->count - place) * sizeof(struct node));
	memcpy(&tree->nodes[place], moved, span * sizeof(struct node));
	tree->count += span;
}

static void repeat(struct tree *tree, uint32_t place)
{
	uint32_t span = tree->nodes[place].span, next = place + span;

	for (uint32_t i = place; i > 0; i--)
		if (tree->nodes[i - 1].kind == MAP && i - 1 + tree->nodes[i - 1].span > place) {
			span += next < i - 1 + tree->nodes[i - 1].span ? tree->nodes[next].span : 0;
			break;
		}
	copy_to(tree, place, place, span);
}

static void deepen(struct tree *tree, uint32_t place, uint32_t levels, enum kind kind)
{
	uint32_t span = tree->nodes[place].span;

	if (tree->count + levels >= NODES_MAX)
		return;
	memmove(&tree->nodes[place + levels], &tree->nodes[place], (tree->count - place) * sizeof(struct node));
	tree->count += levels;
	for (uint32_t i = 0; i < place; i++)
		if (i + tree->nodes[i].span > place)
			tree->nodes[i].span += levels;
	for (uint32_t i = 0; i < levels; i++)
		tree->nodes[place + i] = (struct node){.kind = kind, .number = 1, .span = levels - i + span};
}

static void change_bytes(struct node *node, uint64_t *dice)
{
	static const uint32_t sizes[] = {0, 1, 31, 32, 33, 64, 65, 255, 256, 400, 4096, 65535, 65536};

	node->data = filler;
	node->size = sizes[mutate_roll(dice, sizeof(sizes) / sizeof(sizes[0]))];
}

static void change_node(struct node *node, uint64_t *dice)
{
	switch (node->kind) {
	case NUMBER:
	case BOOL:
		node->number = mutate_roll(dice, 4) == 0 ? node->number + mutate_roll(dice, 5) - 2
							 : edges[mutate_roll(dice, sizeof(edges) / sizeof(edges[0]))];
		return;
	case ARRAY:
	case MAP:
		node->number += mutate_roll(dice, 3) == 0 ? UINT32_MAX / 2 : mutate_roll(dice, 5) - 2;
		return;
	case TEXT:
	case BIN:
	case EXT:
		if (mutate_roll(dice, 3) == 0)
			change_bytes(node, dice);
		else
			node->lie = mutate_roll(dice, 2) == 0 ? mutate_roll(dice, 9) - 4 : (uint32_t)edges[mutate_roll(dice, 16)];
		return;
	case RAW:
	case NIL:
	case FLOAT:
	case KINDS:
		*node = (struct node){.kind = NUMBER, .span = 1, .number = mutate_roll(dice, 256)};
		return;
	}
}

static void change(struct tree *tree, uint64_t *dice)
{
	uint32_t place = mutate_roll(dice, tree->count), other = mutate_roll(dice, tree->count);
	struct node *node = &tree->nodes[place];

	switch (mutate_roll(dice, 10)) {
	case 0: /* another type, with nothing inside */
		while (node->span > 1)
			remove_at(tree, place + 1);
		node->kind = (enum kind)mutate_roll(dice, KINDS);
		node->number = 0;
		if (node->data == NULL || node->kind == FLOAT)
			node->data = filler;
		node->size = node->kind == FLOAT ? 8 : node->size;
		return;
	case 1:
		remove_at(tree, place);
		return;
	case 2:
		repeat(tree, place);
		return;
	case 3:
		deepen(tree, place, 1 + mutate_roll(dice, 12), mutate_roll(dice, 2) == 0 ? ARRAY : MAP);
		return;
	case 4:
		node->wide = !node->wide;
		return;
	case 5:
		copy_to(tree, other, place, tree->nodes[other].span);
		return;
	default:
		change_node(node, dice);
	}
}

size_t mutate_values(uint8_t *data, size_t size, size_t size_max, uint64_t *dice)
{
	static struct tree tree; /* of the process: it is large */
	uint8_t *copy = malloc(size_max + 1);
	struct out out = {copy, 0, size_max};

	if (copy == NULL)
		return size;
	tree.count = 0;
	tree.at = data;
	tree.end = data + size;
	while (tree.at < tree.end && tree.count + 1 < NODES_MAX)
		take_value(&tree, 0);
	for (uint32_t times = 1 + mutate_roll(dice, 3); times > 0 && tree.count > 0; times--)
		change(&tree, dice);
	for (uint32_t i = 0; i < tree.count; i++)
		put_node(&out, &tree.nodes[i]);
	memcpy(data, copy, out.used);
	free(copy);
	return out.used;
}
