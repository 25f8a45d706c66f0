/*
 * window.h -- what went through a shelf in a window of days: received, sold, left; and what follows: turnover, cover, classes, stuffing (压货).
 *
 * Sales write nothing here: what was sold is what came, less what was lost or found missing, less what is still there. A window opens when
 * business time has passed its beginning and the round over the shelves comes by.
 */
#ifndef TRIBUTARY_INVENTORY_WINDOW_H
#define TRIBUTARY_INVENTORY_WINDOW_H

#include "movement.h"

#define ROUND_PER_TICK 1000 /* shelves that one tick closes a window of; the others by the next */

/* struct window -- one shelf from a moment to another. */
struct window {
	int64_t from_us, until_us;
	struct quantity opening, received, sold, closing;
};

/* struct throughput -- of one shelf. received, adjusted: ever. */
struct throughput {
	struct quantity received, adjusted;
	int64_t since_us; /* of the open window; 0: it has none yet */
	struct quantity opening, received_then, sold_then;
	struct window closed; /* until_us 0: none */
	int64_t ranked_e4;    /* what it sold in the closed window at cost, as it is ranked; plus one, 0: it is not */
	char currency[CURRENCY_SIZE];
	int64_t shared_e4; /* as it is ranked in the network; plus one, 0: it is not. A row from before that was ends here */
};

#define THROUGHPUT_SIZE_BEFORE 112 /* as it was before the network was ranked */
_Static_assert(sizeof(struct throughput) == THROUGHPUT_SIZE_BEFORE + 8, "a throughput has no padding");

/* throughput_read -- a row of the table; false, and all zero: it is none. */
bool throughput_read(struct bytes row, struct throughput *flow);

/* window_note -- a movement that is not a sale: received, else adjusted; before movement_end or movement_say. */
void window_note(const struct movement *movement, bool received);

/* window_sold -- what was sold ever, with so much on hand.   window_open -- the open window as it stands.   shape  pure. */
struct quantity window_sold(const struct throughput *flow, struct quantity on_hand);
struct window window_open(const struct throughput *flow, struct quantity on_hand, int64_t now_us);

/* struct turnover -- figures of a window. The flags say what could be reckoned. */
struct turnover {
	int64_t days_e2; /* hundredths of a day */
	struct quantity mean_stock;
	int64_t turns_e4; /* a year, in ten-thousandths */
	int64_t cover_days;
	bool has_turns, has_cover;
};

struct turnover turnover_of(const struct window *window);

/* stuffing_suspected -- whether more was pushed into a shelf than it can sell. */
struct stuffing {
	int64_t ratio_bp, cover_days; /* the settings */
	int64_t days_min;	      /* of a window that says something: half of the setting's days */
};
bool stuffing_suspected(const struct window *window, const struct stuffing *limits);

/* windows_tick -- closes the windows that are over, so many shelves a tick. */
void windows_tick(struct turn *turn, int64_t time_us);

#endif
