/*
 * appraisal.h -- appraisals (考核): outlets scored by weighted metrics over a period, in the open while it runs and for good after
 * its end; rewards that hang on the score, and appeals.
 *
 * A score is made of what the days hold, by the same piece for a question, for the final score and for one that is made anew.
 */
#ifndef TRIBUTARY_KPI_APPRAISAL_H
#define TRIBUTARY_KPI_APPRAISAL_H

#include "look.h"

#define APPRAISAL_METRICS_MAX 16
#define APPRAISAL_PEERS_MAX 1000 /* outlets of one appraisal, in the order of their codes */

/* An appraisal as it lies in its row: this head, then its metrics. */
struct appraisal {
	int64_t version;
	int32_t from, until;
	uint32_t tier; /* 0: of a peer group */
	uint32_t count;
	uint32_t scored; /* 1: the final scores are made */
	char currency[CURRENCY_SIZE];
	char peer_group[CODE_SIZE];
};

struct weighted {
	char metric[CODE_SIZE];
	int64_t weight, floor, goal, cap;
};

/* A final score as it lies in its row: this head, then its inputs. */
struct score {
	int64_t score_bp, rank, peers, round, version;
	int64_t count;
};

struct input_of_score {
	char metric[CODE_SIZE];
	int64_t raw, normalised_bp, weight_bp, contribution_bp;
	int64_t measured; /* 0: there was nothing to measure */
};

_Static_assert(sizeof(struct appraisal) == 64, "an appraisal has no padding");
_Static_assert(sizeof(struct weighted) == 64, "a weighted metric has no padding");
_Static_assert(sizeof(struct score) == 48, "a score has no padding");
_Static_assert(sizeof(struct input_of_score) == 72, "an input has no padding");

/* struct scheme -- an appraisal with its metrics, copied out of its row. */
struct scheme {
	struct appraisal head;
	struct weighted metrics[APPRAISAL_METRICS_MAX];
};

/* struct sheet -- one outlet's score and all that it is made of. */
struct sheet {
	struct score score;
	struct input_of_score inputs[APPRAISAL_METRICS_MAX];
	char outlet[CODE_SIZE];
};

/* scheme_read -- take a row apart; false: it is none. */
bool scheme_read(struct bytes row, struct scheme *scheme);

/* sheet_make -- score one outlet by what its days hold; today: the first day that is not over. Rank and round are not set. */
void sheet_make(struct sheet *sheet, const struct look *look, const struct scheme *scheme, struct text outlet,
		int32_t today);

/* sheets_make -- score all outlets of an appraisal and rank them.   shape  sheets has APPRAISAL_PEERS_MAX places; sorted by rank.
 * Returns how many there are. */
uint32_t sheets_make(struct sheet *sheets, const struct look *look, const struct scheme *scheme, int32_t today);

/* normalised_bp -- 0 at the floor, WHOLE_BP at the goal, straight between and on to the cap, half to even. */
int64_t normalised_bp(const struct weighted *metric, int64_t raw);

/* sheet_read -- a final score's row; false: it is none. */
bool sheet_read(struct bytes row, struct sheet *sheet);

/* appraisals_tick -- at a moment: whatever is due is scored for good. Returns the moment when the next is due. */
int64_t appraisals_tick(struct turn *turn, int64_t time_us);

/* appraisal_appeal, appraisal_decide -- an appeal is handed in, is decided. */
void appraisal_appeal(struct turn *turn, const struct appeal_declared *appeal);
void appraisal_decide(struct turn *turn, const struct appeal_decision_declared *decision);

#endif
