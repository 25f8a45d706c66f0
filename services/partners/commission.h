/*
 * commission.h -- commissions (佣金): a sale that several outlets had a part in pays each of them its share.
 *
 * Rules and what was split are rows of their own; sums are kept by outlet, role, currency and month.
 */
#ifndef TRIBUTARY_PARTNERS_COMMISSION_H
#define TRIBUTARY_PARTNERS_COMMISSION_H

#include "goods.h"
#include "split.h"

enum role { ROLE_SELLER, ROLE_HANDED_OVER, ROLE_PICKED_UP, ROLE_SERVICED, ROLES };

extern const char *const commission_roles[ROLES];

/* struct commission -- one version of a rule, ready to be applied. */
struct commission {
	int64_t version;
	int32_t from, until; /* business days, inclusive */
	uint32_t rate_bp;
	uint32_t shares[ROLES];
	char currency[4];
	char place, goods; /* 'o' outlet, 't' tier, 'a' all; 's' SKU, 'c' category, 'b' brand, 'a' all */
	char at[34], of[36];
};

/* Which ticket it is, and who had a part in it. Borrows. */
struct commission_ticket {
	struct text terminal, receipt, day;
	struct text of[ROLES]; /* outlets; empty: nobody */
};

/* struct commission_sum -- what fell to an outlet in a role in a month. */
struct commission_sum {
	int64_t amount;
	uint64_t parts;
};

/* commission_compile -- a submitted rule as it is applied. */
void commission_compile(const struct commission_submitted *submitted, struct commission *commission);

/* commission_latest -- the newest version; false: there is none.   commission_declare -- from now on this version counts. */
bool commission_latest(struct turn *turn, struct text code, struct commission *commission);
void commission_declare(struct turn *turn, struct text code, const struct commission *commission);

/* commission_count -- a sale or a return: every rule that counts lines of it is split.   commission_void -- what was split of it is taken
 * back. */
void commission_count(struct turn *turn, struct ticket *ticket, const struct commission_ticket *of, const struct sale_recorded_line *lines,
		      uint32_t count);
void commission_void(struct turn *turn, const struct commission_ticket *of);

/* commission_sum_read -- a row of the sums, and whose it is; false: it is none. Borrows from the key. */
bool commission_sum_read(struct bytes key, struct bytes row, struct text *outlet, struct text *role, struct text *currency, int32_t *month,
			 struct commission_sum *sum);

/* commission_sum_key -- where a sum lies.   shape  month: its first day. */
struct bytes commission_sum_key(uint8_t key[KEY_SIZE], struct text outlet, struct text role, struct text currency, int32_t month);

/* commission_month -- the first day of the month of a day. */
int32_t commission_month(int32_t day);

#endif
