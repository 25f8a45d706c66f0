/* tree.c -- who supplies whom, indented. */
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "pack/row.h"

#define CODE_BYTES 33
#define DEPTH_MAX 80 /* no chain of the rulebook is longer */

struct branch {
	char supplier[CODE_BYTES], outlet[CODE_BYTES]; /* supplier: empty, nobody */
	char words[400];
	size_t number;	    /* as it was answered */
	bool below_is_told; /* of the outlet: said at the first of its branches */
	bool by_warehouse;
};

static void code(char to[CODE_BYTES], struct text text)
{
	snprintf(to, CODE_BYTES, "%.*s", TEXT_ARGS(text));
}

static void words(struct branch *branch, struct bytes row)
{
	static const struct {
		const char *key, *before;
	} parts[] = {{"brand", ", brand "}, {"from", ", from "}, {"until", ", until "}, {"stage", ", "}, {"status", ", "}};
	size_t used = (size_t)snprintf(branch->words, sizeof(branch->words), "%.*s, tier %lld", TEXT_ARGS(row_text(row, "name")),
				       (long long)row_int(row, "tier", 0));

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && used < sizeof(branch->words); i++) {
		struct text text = row_text(row, parts[i].key);
		bool is_news = text.size > 0 && !text_equal(text, TEXT_LITERAL("active"));

		if (is_news)
			used += (size_t)snprintf(branch->words + used, sizeof(branch->words) - used, "%s%.*s", parts[i].before, TEXT_ARGS(text));
	}
}

void tree_row(struct tree *tree, struct bytes row)
{
	if (tree->count == tree->room) {
		tree->room = tree->room > 0 ? tree->room * 2 : 256;
		tree->branches = realloc(tree->branches, tree->room * sizeof(*tree->branches));
		CHECK(tree->branches != NULL);
	}
	struct branch *branch = &tree->branches[tree->count];
	*branch = (struct branch){.number = tree->count++};
	code(branch->outlet, row_text(row, "outlet"));
	code(branch->supplier, row_text(row, "supplier"));
	branch->by_warehouse = text_equal(row_text(row, "supplied_by"), TEXT_LITERAL("warehouse"));
	words(branch, row);
}

static int compare(const void *a, const void *b)
{
	const struct branch *first = a, *second = b;
	int order = strcmp(first->supplier, second->supplier);

	order = order != 0 ? order : (int)second->by_warehouse - (int)first->by_warehouse;
	return order != 0 ? order : first->number < second->number ? -1 : first->number > second->number;
}

/* The first branch below this supplier; the number of branches where there is none. */
static size_t first_of(const struct tree *tree, const char *supplier)
{
	size_t low = 0, high = tree->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(tree->branches[middle].supplier, supplier) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < tree->count && strcmp(tree->branches[low].supplier, supplier) == 0 ? low : tree->count;
}

static void print_below(struct tree *tree, const char *supplier, bool by_warehouse, int depth)
{
	for (size_t i = first_of(tree, supplier); i < tree->count && strcmp(tree->branches[i].supplier, supplier) == 0; i++) {
		struct branch *branch = &tree->branches[i];
		size_t below = first_of(tree, branch->outlet);

		if (branch->by_warehouse != by_warehouse)
			continue;
		printf("%*s%s  %s", depth * 2, "", branch->outlet, branch->words);
		/* The first branch below an outlet remembers that all of them were told. */
		if (below == tree->count || depth > DEPTH_MAX) {
			puts("");
		} else if (tree->branches[below].below_is_told) {
			puts(" ... as above");
		} else {
			puts("");
			tree->branches[below].below_is_told = true;
			print_below(tree, branch->outlet, false, depth + 1);
		}
	}
}

void tree_print(struct tree *tree)
{
	const char *last = "";

	if (tree->count > 0)
		qsort(tree->branches, tree->count, sizeof(*tree->branches), compare);
	for (size_t i = 0; i < tree->count; i++) {
		const struct branch *branch = &tree->branches[i];

		if (!branch->by_warehouse || strcmp(branch->supplier, last) == 0)
			continue;
		last = branch->supplier;
		printf("%s\n", last);
		print_below(tree, last, true, 1);
	}
	print_below(tree, "", false, 0);
	free(tree->branches);
	*tree = (struct tree){0};
}
