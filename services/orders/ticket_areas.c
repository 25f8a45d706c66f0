/* ticket_areas.c -- goods that are sent somewhere are evidence where that is another's. */
#include "ticket_areas.h"

#include "region.h"

struct territory_breach_detected breach_event(const struct sent *sent, const struct breach *breach)
{
	bool is_permitted = breach->permit.size > 0;

	return (struct territory_breach_detected){.outlet = sent->outlet,
	                                          .ship_to = sent->where.area,
	                                          .holder = breach->holder,
	                                          .territory = breach->territory,
	                                          .territory_version = breach->territory_version,
	                                          .kind = territory_kind_text(breach->kind),
	                                          .has_exempt = is_permitted,
	                                          .exempt = TEXT_LITERAL("transfer"),
	                                          .has_permit = is_permitted,
	                                          .permit = breach->permit,
	                                          .has_permit_version = is_permitted,
	                                          .permit_version = breach->permit_version};
}

/* R27: What excuses is said beside the evidence: a permit for the transfer, a customer who came unasked (passive), one who has moved there.
 * What comes back is no sale. */
static void excuse(struct territory_breach_detected *detected)
{
	if (detected->has_exempt || !detected->has_contact || text_equal(detected->contact, TEXT_LITERAL("active")))
		return;
	detected->has_exempt = text_equal(detected->contact, TEXT_LITERAL("passive")) ||
	                       text_equal(detected->contact, TEXT_LITERAL("relocation"));
	detected->exempt = detected->contact;
}

/* R29: A line of goods that is sent somewhere, and a unit that is found there, count one; sales that came unasked or followed a customer who
 * has moved do not count, and what is voided counts no more. */
static bool is_counted(bool has_contact, struct text contact)
{
	return !has_contact || (!text_equal(contact, TEXT_LITERAL("passive")) && !text_equal(contact, TEXT_LITERAL("relocation")));
}

void areas_undo(struct turn *turn, const struct sale_recorded *sale)
{
	int64_t day;

	if (!sale->has_ship_to || !is_counted(sale->has_contact, sale->contact) || !day_number(sale->day, &day))
		return;
	for (uint32_t i = 0; i < sale->lines.count; i++)
		if (!sale->lines.items[i].has_service)
			region_count(turn, sale->outlet, sale->ship_to, day, -1);
}

void ticket_areas(struct turn *turn, const struct ticket_sold *sold, const struct priced *priced)
{
	const struct somewhere where = {sold->ship_to,
	                                sold->has_ship_to_latitude && sold->has_ship_to_longitude,
	                                {(int32_t)sold->ship_to_latitude, (int32_t)sold->ship_to_longitude}};

	for (uint32_t i = 0; sold->has_ship_to && i < sold->lines.count; i++) {
		struct sent sent = {.outlet = sold->outlet, .where = where, .day = priced->day};
		struct product product;
		struct breach breach;

		if (!product_get(turn, sold->lines.items[i].sku, &product) || !product.is_goods)
			continue;
		sent.brand = CODE_TEXT(product.brand);
		if (is_counted(sold->has_contact, sold->contact))
			region_count(turn, sold->outlet, sold->ship_to, priced->day, 1);
		if (!territory_breach(turn, &sent, &breach))
			continue;
		struct territory_breach_detected detected = breach_event(&sent, &breach);
		detected.has_terminal = true;
		detected.terminal = turn_input(turn)->source;
		detected.has_receipt = true;
		detected.receipt = sold->receipt;
		detected.has_line = true;
		detected.line = (int64_t)i + 1;
		detected.day = sold->day;
		detected.sku = sold->lines.items[i].sku;
		detected.has_quantity = true;
		detected.quantity = sold->lines.items[i].quantity;
		detected.has_contact = sold->has_contact;
		detected.contact = sold->contact;
		excuse(&detected);
		emit_territory_breach_detected(turn, &detected);
	}
}
