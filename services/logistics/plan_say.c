/* plan_say.c -- announcing shipments and rounds, and writing them down. */
#include "plan_inside.h"

/* A number is the sequence of the event that says it. All shipments are said first, then all rounds, so a
   shipment can name its round. */

static void write_shipment(struct plan *plan, const struct cargo *cargo, uint64_t number, uint64_t round,
                           int64_t promised_us)
{
	struct shipment row = {.cost = money_of(cargo->choice->offer.cost_minor),
	                       .promised_us = promised_us,
	                       .route = round,
	                       .state = SHIPMENT_PLANNED,
	                       .lines = cargo->count};
	uint8_t key[KEY_SIZE];

	CODE_PUT(row.warehouse, plan->warehouse);
	CODE_PUT(row.outlet, cargo->outlet);
	memcpy(row.carrier, cargo->choice->carrier, CODE_SIZE);
	memcpy(row.lane, cargo->choice->lane, CODE_SIZE);
	memcpy(row.currency, cargo->choice->currency, CURRENCY_SIZE);
	shipment_put(plan->turn, number, &row);
	turn_put(plan->turn, TABLE_PROMISE, promise_key(key, promised_us, number), bytes_of(NULL, 0));
	for (uint32_t i = 0; i < cargo->count; i++) {
		const struct piece *piece = &plan->pieces[cargo->first + i];
		struct line line = {.planned = piece->quantity};

		CODE_PUT(line.restock, piece->want->restock);
		CODE_PUT(line.sku, piece->want->sku);
		line_put(plan->turn, number, i, &line);
	}
}

static void say_shipment(struct plan *plan, const struct cargo *cargo, uint64_t number, uint64_t round)
{
	struct shipment_planned_line *lines = turn_take(plan->turn, cargo->count * sizeof(*lines));
	int64_t promised_us =
	    turn_input(plan->turn)->time_us + cargo->choice->offer.lead_minutes * US_PER_MINUTE;
	struct shipment_planned planned = {.shipment = shipment_text(plan->turn, number),
	                                   .warehouse = plan->warehouse,
	                                   .outlet = cargo->outlet,
	                                   .carrier = CODE_TEXT(cargo->choice->carrier),
	                                   .lane = CODE_TEXT(cargo->choice->lane),
	                                   .currency = CODE_TEXT(cargo->choice->currency),
	                                   .cost = {cargo->choice->offer.cost_minor},
	                                   .promised = promised_us < NUMBER_MAX ? promised_us : NUMBER_MAX,
	                                   .has_expected_loss = cargo->choice->offer.loss_minor > 0,
	                                   .expected_loss = {cargo->choice->offer.loss_minor},
	                                   .has_route = true,
	                                   .route = route_text(plan->turn, round)};

	for (uint32_t i = 0; i < cargo->count; i++)
		lines[i] =
		    (struct shipment_planned_line){.restock = plan->pieces[cargo->first + i].want->restock,
		                                   .sku = plan->pieces[cargo->first + i].want->sku,
		                                   .quantity = plan->pieces[cargo->first + i].quantity};
	planned.lines.items = lines;
	planned.lines.count = cargo->count;
	write_shipment(plan, cargo, number, round, planned.promised);
	emit_shipment_planned(plan->turn, &planned);
}

static void say_round(struct plan *plan, const struct round *round, uint64_t number,
                      uint64_t first_shipment)
{
	struct route_planned_stop *stops = turn_take(plan->turn, round->count * sizeof(*stops));
	struct money nothing = {0};
	struct money cost = journey_cost(nothing, round->choice->per_stop, round->count,
	                                 round->choice->per_km, round->metres);
	struct route_row row = {.cost = cost, .metres = round->metres, .stops = round->count};
	struct route_planned planned = {.route = route_text(plan->turn, number),
	                                .warehouse = plan->warehouse,
	                                .carrier = CODE_TEXT(round->choice->carrier),
	                                .distance = round->metres,
	                                .cost = cost,
	                                .currency = CODE_TEXT(round->choice->currency)};
	struct spot at = place_spot(plan->turn, plan->warehouse);
	uint8_t key[KEY_SIZE];

	for (uint32_t i = 0; i < round->count; i++) {
		uint32_t cargo = plan->stops[round->first + i];

		stops[i] = (struct route_planned_stop){
		    .outlet = plan->cargos[cargo].outlet,
		    .shipment = shipment_text(plan->turn, first_shipment + cargo),
		    .distance = spot_metres(at, plan->cargos[cargo].spot)};
		at = plan->cargos[cargo].spot;
	}
	planned.stops.items = stops;
	planned.stops.count = round->count;
	CODE_PUT(row.warehouse, plan->warehouse);
	memcpy(row.carrier, round->choice->carrier, CODE_SIZE);
	memcpy(row.currency, round->choice->currency, CURRENCY_SIZE);
	ROW_PUT(plan->turn, TABLE_ROUTE, number_key(key, number), &row);
	emit_route_planned(plan->turn, &planned);
}

void plan_say(struct plan *plan)
{
	uint64_t shipments = turn_next_seq(plan->turn), rounds = shipments + plan->cargo_count;

	for (uint32_t i = 0; i < plan->cargo_count; i++)
		say_shipment(plan, &plan->cargos[i], shipments + i, rounds + plan->cargos[i].round);
	for (uint32_t i = 0; i < plan->round_count; i++)
		say_round(plan, &plan->rounds[i], rounds + i, shipments);
}
