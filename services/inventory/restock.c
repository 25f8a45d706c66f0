/* restock.c -- requesting, following and closing restocks. */
#include "restock.h"

#include "ladder.h"
#include "sourcing.h"
#include "transfer.h"

/* R9: A shelf has at most one open restock, ever. */
bool restock_wanted(const struct shelf *shelf)
{
#if !defined(MUTANT_DOUBLE_RESTOCK)
	if (shelf->restock != 0)
		return false;
#endif
	if (shelf->supply.lead_minutes == LEAD_NONE)
		return false;
	return shelf->stock.backlog.milli > 0 ||
	       restock_quantity(stock_position(&shelf->stock), &shelf->policy, shelf->supply.pack).milli >
	           0;
}

/* What a warehouse has promised to open restocks; its own position is the less for it. */
static void reserve(struct turn *turn, struct text warehouse, struct text sku, struct quantity change)
{
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, warehouse, sku);
	struct shelf shelf = shelf_get(turn, at);

	/* R24: What open restocks still want from a warehouse is reserved there. */
	shelf.stock.reserved = balance_moved(shelf.stock.reserved, change);
	shelf_put(turn, at, &shelf);
}

/* struct want -- a restock about to be requested: who decided it, how much, why and until when. */
struct want {
	const struct terms *terms;
	uint32_t policy; /* enum policy_origin */
	struct quantity due, ordered; /* by the policy; by the outlet */
	struct quantity quantity;
	struct rise rise; /* to the next break of the ladder of prices */
	int64_t need_by_us;
	char order[NUMBER_SIZE];
	char cause[CAUSE_SIZE];
};

/* Everything that waits for the shelf goes into the restock; an order that goes alone stays nameable. */
static void take_waiting(struct turn *turn, struct text place, struct text sku, struct want *want)
{
	char order[NUMBER_SIZE];
	struct waiting waiting;

	for (unsigned taken = 0; waiting_first(turn, place, sku, order, &waiting); taken++) {
		if (taken == 0) {
			memcpy(want->order, order, NUMBER_SIZE);
			memcpy(want->cause, waiting.cause, CAUSE_SIZE);
		} else {
			memset(want->order, 0, NUMBER_SIZE);
		}
		if (waiting.need_by_us != 0 &&
		    (want->need_by_us == 0 || waiting.need_by_us < want->need_by_us))
			want->need_by_us = waiting.need_by_us;
		waiting_del(turn, place, sku, CODE_TEXT(order));
	}
}

/*~ 9. A want is the larger of what the policy asks and what outlets have ordered meanwhile: an order fills
 *~    the same shelf. */
static struct want want_of(const struct shelf *shelf, const struct terms *terms)
{
	struct quantity pack = shelf->supply.pack, position = stock_position(&shelf->stock);
	struct want want = {.terms = terms,
	                    .policy = shelf->policy.origin,
	                    .due = restock_quantity(position, &shelf->policy, pack),
	                    .ordered = terms_quantity(terms, whole_packs(shelf->stock.backlog, pack), pack)};

	/* R96: Under periodic review what is due is asked for on review days alone; what an outlet has ordered does not wait for them. */
	want.due = terms_is_review(terms) ? terms_quantity(terms, want.due, pack) : quantity_of(0);
	want.quantity = want.ordered.milli > want.due.milli ? want.ordered : want.due;
	return want;
}

/* R147: What an outlet has ordered is not rounded up to a break, nor what the budgets do not allow. */
static void want_round_up(struct turn *turn, struct text place, const struct shelf *shelf, struct want *want)
{
	if (want->terms->policy.break_count == 0 || want->due.milli <= want->ordered.milli)
		return;
	want->rise = ladder_weigh(want->terms, want->due, shelf->supply.pack, shelf->demand.level);
	if (want->rise.verdict != RISE_ROUNDED_UP)
		return;
	if (budgets_fit(turn, want->terms, place, want->rise.rounded))
		want->due = want->quantity = want->rise.rounded;
	else
		want->rise.verdict = RISE_OVER_BUDGET;
}

/* R148: Where a restock was due below a break both alternatives are said, what each costs, and why the one was asked for. */
static void rise_say(struct turn *turn, const struct want *want, struct text name, const struct restock *restock)
{
	const struct rise *rise = &want->rise;
	const struct terms *terms = want->terms;

	if (rise->verdict == RISE_NONE)
		return;
	emit_price_break_weighed(turn, &(struct price_break_weighed){.restock = name,
	                                                             .place = CODE_TEXT(restock->place),
	                                                             .sku = CODE_TEXT(restock->sku),
	                                                             .quantity = want->quantity,
	                                                             .verdict = rise_text(rise->verdict),
	                                                             .procurement = CODE_TEXT(terms->code),
	                                                             .procurement_version = (int64_t)terms->policy.version,
	                                                             .currency = CODE_TEXT(terms->policy.currency),
	                                                             .wanted = rise->wanted,
	                                                             .wanted_price = rise->wanted_price,
	                                                             .wanted_cost = rise->wanted_cost,
	                                                             .rounded = rise->rounded,
	                                                             .rounded_price = rise->rounded_price,
	                                                             .rounded_cost = rise->rounded_cost,
	                                                             .saving = rise->saving,
	                                                             .holding = rise->holding,
	                                                             .holding_bp = terms->policy.holding_bp,
	                                                             .has_daily_demand = rise->daily.milli > 0,
	                                                             .daily_demand = rise->daily,
	                                                             .has_days = rise->daily.milli > 0,
	                                                             .days = rise->days});
}

/* Whether it may be asked for now; else it is held. */
static bool want_may_be(struct turn *turn, struct text place, struct text sku, const struct want *want)
{
	if (!want->terms->any)
		return true;
	if (want->quantity.milli == 0) {
		held_until_review(turn, place, sku);
		return false;
	}
	if (!budgets_allow(turn, want->terms, place, sku, want->quantity))
		return false;
	held_forget(turn, place, sku);
	return true;
}

/* Who ordered what goes into it, and until when it is needed. */
static void want_take(struct turn *turn, struct text place, struct text sku, const struct lane *lane, struct want *into)
{
	struct quantity due = into->due, ordered = into->ordered;
	struct want want = *into;
	/* R23: A restock is needed by the time of its cause plus the warehouse's handling and the lane's
	   lead time, or when its order says. */
	int64_t usual = turn_input(turn)->time_us +
	                (turn_setting(turn, SETTING_HANDLING_MINUTES) + lane->lead_minutes) * US_PER_MINUTE;

	CODE_PUT(want.cause, turn_input(turn)->id);
	if (ordered.milli > 0 && ordered.milli >= due.milli) {
		want.policy = POLICY_ORDER;
		take_waiting(turn, place, sku, &want);
	} else if (ordered.milli > 0) {
		struct want ignored = {0};

		take_waiting(turn, place, sku, &ignored);
	}
	if (want.need_by_us == 0)
		want.need_by_us = usual < NUMBER_MAX ? usual : NUMBER_MAX;
	*into = want;
}

/*~ 10. The request itself. Its number is the sequence of the event that says it, so it is unique and names
 *~    its own announcement. */
static void request(struct turn *turn, struct text place, struct text sku, struct shelf *shelf,
                    const struct options *sources, const struct want *want)
{
	uint64_t number = turn_next_seq(turn);
	struct restock restock = {.asked = want->quantity, .state = RESTOCK_REQUESTED};
	struct text warehouse = CODE_TEXT(sources->all[sources->best].source.warehouse), name = restock_text(turn, number);

	CODE_PUT(restock.place, place);
	CODE_PUT(restock.sku, sku);
	CODE_PUT(restock.from, warehouse);
	memcpy(restock.order, want->order, NUMBER_SIZE);
	memcpy(restock.cause, want->cause, CAUSE_SIZE);
	emit_restock_requested(turn,
	                       &(struct restock_requested){.restock = name,
	                                                   .place = place,
	                                                   .sku = sku,
	                                                   .quantity = want->quantity,
	                                                   .from = warehouse,
	                                                   .position = stock_position(&shelf->stock),
	                                                   .reorder_point = shelf->policy.reorder_point,
	                                                   .order_up_to = shelf->policy.order_up_to,
	                                                   .policy = policy_text(want->policy),
	                                                   .policy_version = shelf->policy.version,
	                                                   .cause_event = CODE_TEXT(restock.cause),
	                                                   .has_need_by = true,
	                                                   .need_by = want->need_by_us,
	                                                   .has_procurement = want->terms->code[0] != 0,
	                                                   .procurement = CODE_TEXT(want->terms->code),
	                                                   .has_procurement_version = want->terms->code[0] != 0,
	                                                   .procurement_version = (int64_t)want->terms->policy.version,
	                                                   .has_method = want->terms->code[0] != 0,
	                                                   .method = method_text(want->terms->policy.method),
	                                                   .has_order = want->order[0] != 0,
	                                                   .order = CODE_TEXT(want->order)});
	rise_say(turn, want, name, &restock);
	sources_say(turn, sources, want->terms, name, &restock);
	restock_put(turn, number, &restock);
	if (want->terms->any)
		budgets_charge(turn, want->terms, number, &restock);
	reserve(turn, warehouse, sku, want->quantity);
	shelf->restock = number;
	shelf->stock.on_order = balance_moved(shelf->stock.on_order, want->quantity);
	shelf->stock.backlog = quantity_of(0);
}

bool restock_consider(struct turn *turn, struct text place, struct text sku)
{
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, place, sku);
	struct shelf shelf = shelf_get(turn, at);
	uint32_t generation = generation_get(turn);
	struct options sources = {.count = 1};

	if (shelf.supply.generation != generation) {
		struct tuning tuning = tuning_of(turn);
		struct way way = {0};

		supply_renew(turn, place, sku, &shelf, generation, &tuning, &way);
	}
	if (!restock_wanted(&shelf) || !supply_source(turn, place, sku, &sources.all[0].source))
		return true;
	struct terms terms = terms_of(turn, place, sku);
	struct want want = want_of(&shelf, &terms);
	want_round_up(turn, place, &shelf, &want);
	if (!want_may_be(turn, place, sku, &want))
		return false;
	if (terms.policy.source == SOURCE_LANDED_COST)
		sources_choose(turn, place, sku, &terms, want.quantity, &sources);
	want_take(turn, place, sku, &sources.all[sources.best].source.lane, &want);
	request(turn, place, sku, &shelf, &sources, &want);
	shelf_put(turn, at, &shelf);
	transfer_look(turn, place, sku, want.quantity);
	return true;
}

static const char held_name[] = "held";

/* R97: What is held is looked at again at every movement of its shelf, and as business time moves on, so many shelves a tick in turn. */
void restocks_tick(struct turn *turn)
{
	struct bytes name = bytes_of(held_name, sizeof(held_name) - 1), before = turn_get(turn, TABLE_BOOK, name);
	uint8_t at[KEY_SIZE];
	size_t size = before.size, began = size;

	CHECK(size < KEY_SIZE);
	if (size > 0)
		memcpy(at, before.data, size);
	for (unsigned seen = 0; seen < HELD_PER_TICK; seen++) {
		if (!rows_walk(turn, TABLE_HELD, 0, at, &size)) {
			if (began > 0)
				turn_put(turn, TABLE_BOOK, name, bytes_of(NULL, 0));
			return;
		}
		struct bytes key = bytes_of(at, size - 1);
		if (restock_consider(turn, key_part(key, 0), key_part(key, 1)))
			held_forget(turn, key_part(key, 0), key_part(key, 1));
	}
	turn_put(turn, TABLE_BOOK, name, bytes_of(at, size));
}

bool restock_known(struct turn *turn, struct text name)
{
	struct restock restock;

	return restock_get(turn, restock_number(name), &restock);
}

void restock_plan(struct turn *turn, struct text name, struct quantity quantity)
{
	uint64_t number = restock_number(name);
	struct restock restock;

	if (!restock_get(turn, number, &restock))
		return;
	restock.planned = balance_moved(restock.planned, quantity);
	restock.under_way++;
	if (restock.state == RESTOCK_REQUESTED)
		restock.state = RESTOCK_PLANNED;
	restock_put(turn, number, &restock);
}

static bool is_open(const struct restock *restock)
{
	return restock->state < RESTOCK_RECEIVED;
}

/* What of a restock has not left its warehouse yet. */
static struct quantity undispatched(const struct restock *restock)
{
	return quantity_of(restock->asked.milli > restock->dispatched.milli
	                       ? restock->asked.milli - restock->dispatched.milli
	                       : 0);
}

struct quantity restock_dispatch(struct turn *turn, struct text name, struct quantity quantity)
{
	uint64_t number = restock_number(name);
	struct quantity left, moved = quantity_of(0);
	struct restock restock;

	if (!restock_get(turn, number, &restock))
		return moved;
	left = undispatched(&restock);
	restock.dispatched = balance_moved(restock.dispatched, quantity);
	if (is_open(&restock)) {
		restock.state = RESTOCK_DISPATCHED;
		moved = left.milli < quantity.milli ? left : quantity;
	}
	restock_put(turn, number, &restock);
	return moved;
}

/* Close: what did not come is no longer on order, what was lost on the way no longer in transit. */
static void settle(struct turn *turn, uint64_t number, struct restock *restock, uint32_t state)
{
	uint8_t key[KEY_SIZE];
	struct bytes at = shelf_key(key, CODE_TEXT(restock->place), CODE_TEXT(restock->sku));
	struct shelf shelf = shelf_get(turn, at);

	if (is_open(restock)) {
		struct quantity left = quantity_of(-undispatched(restock).milli);

		shelf.stock.on_order = balance_moved(shelf.stock.on_order, left);
		reserve(turn, CODE_TEXT(restock->from), CODE_TEXT(restock->sku), left);
		budgets_release(turn, number, undispatched(restock), restock->asked);
		restock->state = state;
	}
	struct quantity lost =
	    quantity_sub(quantity_sub(restock->dispatched, restock->arrived), restock->lost);
	shelf.stock.in_transit = balance_moved(shelf.stock.in_transit, quantity_of(-lost.milli));
	restock->lost = quantity_add(restock->lost, lost);
	if (shelf.restock == number)
		shelf.restock = 0;
	restock_put(turn, number, restock);
	shelf_put(turn, at, &shelf);
}

void restock_arrive(struct turn *turn, struct text name, struct quantity arrived, struct quantity usable)
{
	uint64_t number = restock_number(name);
	struct restock restock;

	if (!restock_get(turn, number, &restock))
		return;
	restock.arrived = balance_moved(restock.arrived, arrived);
	restock.usable = balance_moved(restock.usable, usable);
	restock.under_way -= restock.under_way > 0;
	if (restock.under_way > 0 || (is_open(&restock) && restock.planned.milli < restock.asked.milli)) {
		restock_put(turn, number, &restock);
		return;
	}
	bool was_open = is_open(&restock);
	settle(turn, number, &restock, RESTOCK_RECEIVED);
	if (was_open)
		emit_restock_fulfilled(turn, &(struct restock_fulfilled){
		                                 .restock = name,
		                                 .place = CODE_TEXT(restock.place),
		                                 .sku = CODE_TEXT(restock.sku),
		                                 .quantity = restock.usable,
		                                 .short_ = quantity_sub(restock.asked, restock.usable),
		                                 .has_from = true,
		                                 .from = CODE_TEXT(restock.from),
		                                 .has_order = restock.order[0] != 0,
		                                 .order = CODE_TEXT(restock.order)});
}

bool restock_withdraw(struct turn *turn, uint64_t number, struct text order)
{
	struct restock restock;

	if (!restock_get(turn, number, &restock) || restock.state != RESTOCK_REQUESTED ||
	    !text_equal(CODE_TEXT(restock.order), order))
		return false;
	settle(turn, number, &restock, RESTOCK_CANCELLED);
	emit_restock_cancelled(turn,
	                       &(struct restock_cancelled){.restock = restock_text(turn, number),
	                                                   .place = CODE_TEXT(restock.place),
	                                                   .sku = CODE_TEXT(restock.sku),
	                                                   .quantity = restock.asked,
	                                                   .reason = TEXT_LITERAL("order withdrawn"),
	                                                   .has_from = true,
	                                                   .from = CODE_TEXT(restock.from)});
	return true;
}

void restock_replaced(struct turn *turn, struct text place, struct text sku)
{
	uint8_t key[KEY_SIZE];
	struct shelf shelf = shelf_get(turn, shelf_key(key, place, sku));
	uint64_t number = shelf.restock;
	struct restock restock;

	if (!restock_get(turn, number, &restock) || restock.state != RESTOCK_REQUESTED || restock.order[0] != 0)
		return;
	settle(turn, number, &restock, RESTOCK_CANCELLED);
	emit_restock_cancelled(turn, &(struct restock_cancelled){.restock = restock_text(turn, number),
	                                                         .place = place,
	                                                         .sku = sku,
	                                                         .quantity = restock.asked,
	                                                         .reason = TEXT_LITERAL("transferred"),
	                                                         .has_from = true,
	                                                         .from = CODE_TEXT(restock.from)});
}

struct text restock_state_text(uint32_t state)
{
	static const char *const names[] = {"requested", "planned", "dispatched", "received", "cancelled"};

	CHECK(state < sizeof(names) / sizeof(names[0]));
	return text_of(names[state]);
}
