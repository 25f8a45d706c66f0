/*
 * training.h -- who has passed which course, and at which outlet that counts (培训, 证书).
 *
 * A certificate belongs to a member of staff; it counts at the outlet where the member works, on the days that both hold. It does not
 * know what may be sold with it: orders applies the rights to sell.
 */
#ifndef TRIBUTARY_PARTNERS_TRAINING_H
#define TRIBUTARY_PARTNERS_TRAINING_H

#include "record.h"

/* A span of days, both included; none: until lies before from. */
struct days {
	int64_t from, until;
};
#define DAY_LAST INT64_C(2932896)      /* 9999-12-31 */
#define DAYS_FOR_EVER INT64_C(5000000) /* behind every day that has a name */

/* struct certificate -- of one result that was passed. Rows are packed without padding. */
struct certificate {
	char course[32], outlet[32]; /* outlet: where it counts now */
	int64_t version;	     /* of the course that it was granted by */
	struct days valid;	     /* by itself */
	struct days there;	     /* at the outlet */
	int64_t is_over;	     /* 1: the clock has passed its last day, and that was looked at */
};

/* certificate_key -- of a result; an empty one: where those of a member begin.   certificate_read -- take a row apart; false: it is none. */
struct bytes certificate_key(uint8_t key[KEY_SIZE], struct text member, struct text result);
bool certificate_read(struct bytes row, struct certificate *certificate);

/* certificate_end_key -- where the end of one is waited for, by its last day. */
struct bytes certificate_end_key(uint8_t key[KEY_SIZE], int64_t until, struct text member, struct text result);

/* days_common -- the days that are in both. */
struct days days_common(struct days one, struct days other);

/* member_days -- the days on which a member works at the outlet of the record. */
struct days member_days(struct turn *turn, const struct member_submitted *member);

/* certificate_grant -- keep and say the certificate of a result that was passed.
 * certificate_move -- the record of a member has changed: what the member holds counts where and while it says.
 * certificate_watch -- say which have expired by this moment. */
void certificate_grant(struct turn *turn, const struct training_result_submitted *result, const struct member_submitted *member,
		       struct certificate *certificate);
void certificate_move(struct turn *turn, const struct member_submitted *member);
void certificate_watch(struct turn *turn, int64_t time_us);

#endif
