/*
 * commission.h -- commissions (佣金): a sale that several outlets had a part in pays each of them its share.
 *
 * Rules and what was split are rows of their own; sums are kept by outlet, role, currency and month.
 */
#ifndef TRIBUTARY_PARTNERS_COMMISSION_H
#define TRIBUTARY_PARTNERS_COMMISSION_H

#include "money/split.h"
#include "rebates/goods.h"

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
	struct text sold_at, sold_on, sold_day; /* of a return: terminal, receipt and day of its sale; day empty: none was found */
};

/* What a rule counts of a ticket, as it lies in its row behind struct commission_taken. */
struct commission_entry {
	char code[CODE_SIZE];
	uint32_t spare;
	int64_t version, basis;
};

/* Who had a part in a ticket that was split. */
struct commission_taken {
	char of[ROLES][CODE_SIZE];
};

/* A line of a sale that was split: by which of its entries, and what of it has not come back. */
struct commission_line {
	char sku[CODE_SIZE];
	uint32_t entry;
	int64_t left;
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

/* commission_back -- a return that names its sale takes back what its lines have brought.   commission_back_void -- it does not, after all. */
void commission_back(struct turn *turn, const struct commission_ticket *of, const struct sale_recorded_line *lines, uint32_t count);
void commission_back_void(struct turn *turn, const struct commission_ticket *of);

/* commission_key -- where a ticket lies, in every table of them. */
struct bytes commission_key(uint8_t key[KEY_SIZE], struct text terminal, struct text day, struct text receipt);

/* commission_say -- what a rule counts of a ticket was `before` and is what its entry says now: each part by its difference.
 *   shape  outlets: who had a part in the sale; of: the ticket that changes it. */
struct commission_said {
	const struct commission_entry *entry;
	int64_t before;
	const char *cause;
};
void commission_say(struct turn *turn, const struct commission_ticket *of, const struct text outlets[ROLES], const struct commission_said *said);

/* commission_sum_read -- a row of the sums, and whose it is; false: it is none. Borrows from the key. */
bool commission_sum_read(struct bytes key, struct bytes row, struct text *outlet, struct text *role, struct text *currency, int32_t *month,
			 struct commission_sum *sum);

/* commission_sum_key -- where a sum lies.   shape  month: its first day. */
struct bytes commission_sum_key(uint8_t key[KEY_SIZE], struct text outlet, struct text role, struct text currency, int32_t month);

/* commission_month -- the first day of the month of a day. */
int32_t commission_month(int32_t day);

/* struct commission_statement -- a month of an outlet in a currency. */
struct commission_statement {
	int64_t accrued, adjusted, settled;
	int64_t ends_us; /* the moment at which its last day is over at the outlet */
	uint64_t parts, is_locked;
};

/* Whose statement it is. Borrows. */
struct commission_place {
	struct text outlet, currency;
	int32_t month; /* its first day */
};

/* commission_statement_read -- a row, and whose it is; false: it is none. Borrows from the key. */
bool commission_statement_read(struct bytes key, struct bytes row, struct commission_place *place, struct commission_statement *statement);
struct bytes commission_statement_key(uint8_t key[KEY_SIZE], const struct commission_place *place);
bool commission_statement_get(struct turn *turn, const struct commission_place *place, struct commission_statement *statement);
void commission_statement_put(struct turn *turn, const struct commission_place *place, const struct commission_statement *statement);

/* commission_balance -- what is owed.   commission_shown -- a sum, as far as an event can say it.
 * commission_state_add -- a part has fallen to an outlet, by a sale or by another cause. */
int64_t commission_balance(const struct commission_statement *statement);
struct money commission_shown(int64_t minor);
void commission_state_add(struct turn *turn, const struct commission_place *place, int64_t amount, bool is_sale);

/* commission_lock -- of the statements whose month is over by the days of grace, at most so many. */
void commission_lock(struct turn *turn, int64_t time_us, unsigned most);

#endif
