/* holder.c -- certificates of an outlet, those that hold longest first, so that one look finds who may sell today. */
#include "holder.h"

#define FOR_EVER INT64_C(5000000) /* behind every day that has a name */
#define NUMBER_BYTES 8

static struct bytes place_key(uint8_t key[KEY_SIZE], struct text outlet, struct text course, struct text result)
{
	const struct text codes[] = {outlet, course, result};

	return key_join(key, codes, 3);
}

/* The latest last day sorts first; without a result: where those begin that hold until this day. */
static struct bytes holder_key(uint8_t key[KEY_SIZE], const struct text codes[2], int64_t until, struct text result)
{
	size_t size = place_key(key, codes[0], codes[1], (struct text){0}).size;

	CHECK(size + NUMBER_BYTES + result.size <= KEY_SIZE);
	put_u64_be(key + size, (uint64_t)(FOR_EVER - until));
	memory_copy(key + size + NUMBER_BYTES, result.data, result.size);
	return bytes_of(key, size + NUMBER_BYTES + result.size);
}

void holder_forget(struct turn *turn, struct text outlet, struct text course, struct text result)
{
	const struct text codes[] = {outlet, course};
	uint8_t place[KEY_SIZE], key[KEY_SIZE];
	struct bytes at = place_key(place, outlet, course, result);
	struct bytes known = turn_get(turn, TABLE_CERTIFICATE, at);

	if (known.size != NUMBER_BYTES)
		return;
	turn_del(turn, TABLE_HOLDER, holder_key(key, codes, (int64_t)get_u64_be(known.data), result));
	turn_del(turn, TABLE_CERTIFICATE, at);
}

void holder_place(struct turn *turn, const struct certificate_granted *certificate)
{
	const struct text codes[] = {certificate->outlet, certificate->course};
	uint8_t place[KEY_SIZE], key[KEY_SIZE], number[NUMBER_BYTES];
	int64_t from, until = FOR_EVER;

	if (!day_number(certificate->from, &from) || (certificate->has_until && !day_number(certificate->until, &until)))
		return; /* partners says none such */
	holder_forget(turn, codes[0], codes[1], certificate->training_result);
	if (until < from)
		return;
	put_u64_be(number, (uint64_t)until);
	turn_put(turn, TABLE_CERTIFICATE, place_key(place, codes[0], codes[1], certificate->training_result), bytes_of(number, sizeof(number)));
	put_u64_be(number, (uint64_t)from);
	turn_put(turn, TABLE_HOLDER, holder_key(key, codes, until, certificate->training_result), bytes_of(number, sizeof(number)));
}

/* R132: A certificate counts on the days that partners says, both included, by the business day of the sale: that it is said to have expired changes
 * nothing. */
bool holder_found(struct turn *turn, struct text outlet, struct text course, int64_t day)
{
	uint8_t at[KEY_SIZE + 1];
	size_t size, prefix = place_key(at, outlet, course, (struct text){0}).size;
	uint64_t latest = (uint64_t)(FOR_EVER - day);
	struct bytes key, row;

	for (size = prefix;;) {
		row = turn_seek(turn, TABLE_HOLDER, bytes_of(at, size), &key);
		if (key.size <= prefix + NUMBER_BYTES || key.size > KEY_SIZE || memcmp(key.data, at, prefix) != 0 ||
		    get_u64_be(key.data + prefix) > latest)
			return false;
#if defined(MUTANT_TRAINED_TOO_EARLY)
		return true;
#endif
		if (row.size == NUMBER_BYTES && (int64_t)get_u64_be(row.data) <= day)
			return true;
		memcpy(at, key.data, key.size);
		at[key.size] = 0; /* the least key behind it */
		size = key.size + 1;
	}
}

static uint64_t rows_of(struct audit *audit, unsigned table)
{
	struct view *view = audit_view(audit);
	struct bytes key;
	uint64_t rows = 0;

	for ((void)view_seek(view, audit_table(audit, table), bytes_of(NULL, 0), &key); key.data != NULL;
	     (void)view_next(view, audit_table(audit, table), &key))
		rows++;
	return rows;
}

void holder_audit(struct audit *audit)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;
	uint8_t place[KEY_SIZE];
	uint64_t places = 0;

	for (row = view_seek(view, audit_table(audit, TABLE_CERTIFICATE), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_CERTIFICATE), &key)) {
		const struct text codes[] = {key_part(key, 0), key_part(key, 1)};
		struct text result = key_part(key, 2);

		places++;
		if (row.size != NUMBER_BYTES ||
		    view_get(view, audit_table(audit, TABLE_HOLDER), holder_key(place, codes, (int64_t)get_u64_be(row.data), result)).data == NULL)
			audit_wrong(audit, "certificate %.*s at %.*s: it has no row by its last day", TEXT_ARGS(result), TEXT_ARGS(codes[0]));
	}
	uint64_t holders = rows_of(audit, TABLE_HOLDER);
	if (holders != places)
		audit_wrong(audit, "certificates: %llu, and %llu rows by their last days", (unsigned long long)places, (unsigned long long)holders);
}
