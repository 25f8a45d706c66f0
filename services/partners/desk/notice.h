/*
 * notice.h -- notices and their receipts (通知, 回执): which outlet has read which version of what it was told, and of the rule that that tells of.
 */
#ifndef TRIBUTARY_PARTNERS_NOTICE_H
#define TRIBUTARY_PARTNERS_NOTICE_H

#include "state.h"

struct receipt {
	int64_t version, rule_version; /* rule_version 0: the notice tells of no rule */
	int64_t time_us;
	char reader[64];
};

bool receipt_read(struct bytes row, struct receipt *receipt);
struct bytes receipt_key(uint8_t key[KEY_SIZE], struct text notice, struct text outlet);

/* notice_concerns -- whether a notice is for an outlet of this tier. */
bool notice_concerns(const struct notice_submitted *notice, struct text outlet, int64_t tier);

/* notice_follow -- the notice is to ask for its receipts again when its rule has a new version, in place of what it followed before (NULL: nothing). */
void notice_follow(struct turn *turn, const struct notice_submitted *before, const struct notice_submitted *notice);

/* notice_rule_changed -- a record of a kind has a new version: whoever was told of it is asked again. */
void notice_rule_changed(struct turn *turn, unsigned kind, struct bytes key, int64_t version);

/* notice_rule_version -- of the rule that a notice tells of; 0: of none, or it is not known. */
int64_t notice_rule_version(struct turn *turn, const struct notice_submitted *notice);

#endif
