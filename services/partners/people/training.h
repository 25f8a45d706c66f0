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
	int64_t is_over;	     /* 1: the clock has passed its last day, and that was looked at; 2: it was withdrawn */
};
#define CERTIFICATE_WITHDRAWN 2

/* struct judged -- of a training result: the versions of its course and of its member by which it was judged, and the result that stands in its
 * place (empty: none). */
struct judged {
	int64_t course_version, member_version;
	char replaced_by[40];
};

/* judged_get -- of a result; of one from before this was kept, the versions of its course and member that hold now.   judged_put -- keep it.
 * judged_read -- take a row apart; false: it is none. */
struct judged judged_get(struct turn *turn, const struct training_result_submitted *result);
void judged_put(struct turn *turn, struct text result, const struct judged *judged);
bool judged_read(struct bytes row, struct judged *judged);

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
 * certificate_withdraw -- the certificate of the result that this one replaces, where it had one.
 * certificate_move -- the record of a member has changed: what the member holds counts where and while it says.
 * certificate_watch -- say which have expired by this moment. */
void certificate_grant(struct turn *turn, const struct training_result_submitted *result, const struct member_submitted *member,
		       struct certificate *certificate);
void certificate_withdraw(struct turn *turn, const struct training_result_submitted *result, const struct judged *replaced);
void certificate_move(struct turn *turn, const struct member_submitted *member);
void certificate_watch(struct turn *turn, int64_t time_us);

/* certificate_first -- of those of a member in a course that stand, the one that begins first from a day on, of several the first by the number of its
 * result; false: there is none. The result belongs to the turn. */
bool certificate_first(struct turn *turn, struct text member, struct text course, int64_t from, struct text *result, int64_t *day);

#endif
