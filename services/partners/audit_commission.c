/* audit_commission.c -- the parts of every commission sum to it, and the sums of outlets are those of their parts. */
#include <stdlib.h>

#include "audit_commission.h"
#include "base/error.h"
#include "base/hash.h"

static int64_t day_of(struct text day)
{
	int64_t number = 0;

	return day_number(day, &number) ? number : 0;
}

static void note(struct commission_audit *work, struct bytes key, int64_t amount)
{
	if (work->count == work->room) {
		work->room = work->room > 0 ? work->room * 2 : 1024;
		work->parts = realloc(work->parts, work->room * sizeof(*work->parts));
		CHECK(work->parts != NULL);
	}
	work->parts[work->count++] = (struct commission_part){hash_bytes(key), amount};
}

void commission_audit_event(struct commission_audit *work, const struct envelope *envelope, struct arena *arena)
{
	struct reader reader = reader_of(envelope->data);
	struct commission_split split;
	uint8_t key[KEY_SIZE];

	if (!text_equal(envelope->type, text_of(commission_split_type.name)))
		return;
	if (commission_split_type.unpack(&split, &reader, arena) != ERR_NONE) {
		audit_wrong(work->audit, "partners#%llu: does not decode", (unsigned long long)envelope->seq);
		return;
	}
	work->sum = split.part == 1 ? split.amount.minor : work->sum + split.amount.minor;
	work->shares = split.part == 1 ? split.share_bp : work->shares + split.share_bp;
	if (split.part == split.parts && (work->sum != split.total.minor || work->shares != SPLIT_WHOLE))
		audit_wrong(work->audit, "partners#%llu: the parts of a commission sum to %lld at %lld, not to %lld",
			    (unsigned long long)envelope->seq, (long long)work->sum, (long long)work->shares, (long long)split.total.minor);
	note(work, commission_sum_key(key, split.outlet, split.role, split.currency, commission_month((int32_t)day_of(split.day))),
	     split.amount.minor);
}

static int by_key(const void *a, const void *b)
{
	const struct commission_part *first = a, *second = b;

	return (first->key > second->key) - (first->key < second->key);
}

/* What the journal gives for a key; how many parts. */
static struct commission_sum given(const struct commission_audit *work, uint64_t key)
{
	struct commission_sum sum = {0};
	size_t from = 0, until = work->count;

	while (from < until) {
		size_t middle = from + (until - from) / 2;

		if (work->parts[middle].key < key)
			from = middle + 1;
		else
			until = middle;
	}
	for (; from < work->count && work->parts[from].key == key; from++) {
		sum.amount = sum_of(sum.amount, work->parts[from].amount);
		sum.parts++;
	}
	return sum;
}

void commission_audit_rows(struct commission_audit *work)
{
	struct view *view = audit_view(work->audit);
	unsigned table = audit_table(work->audit, TABLE_COMMISSION_SUM);
	struct bytes key, row;
	uint64_t parts = 0;

	if (work->count > 0)
		qsort(work->parts, work->count, sizeof(*work->parts), by_key);
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		struct commission_sum sum, told = given(work, hash_bytes(key));
		struct text outlet, role, currency;
		int32_t month;

		if (!commission_sum_read(key, row, &outlet, &role, &currency, &month, &sum)) {
			audit_wrong(work->audit, "a sum of commissions cannot be read");
			continue;
		}
		parts += told.parts;
		if (sum.amount != told.amount || sum.parts != told.parts)
			audit_wrong(work->audit, "commissions of %.*s as %.*s: %lld in %llu parts, the journal gives %lld in %llu",
				    TEXT_ARGS(outlet), TEXT_ARGS(role), (long long)sum.amount, (unsigned long long)sum.parts,
				    (long long)told.amount, (unsigned long long)told.parts);
	}
	if (parts != work->count)
		audit_wrong(work->audit, "commissions: %zu parts in the journal, %llu of them in the rows", work->count,
			    (unsigned long long)parts);
	free(work->parts);
	work->parts = NULL;
}
