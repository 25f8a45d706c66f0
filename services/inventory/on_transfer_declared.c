/* on_transfer_declared.c -- staff has accepted a transfer: it is booked on both sides. */
#include "events/partners.h"
#include "layer.h"
#include "restock.h"
#include "transfer.h"

/* Why it cannot be booked; NULL: it can. */
static const char *hindrance(struct turn *turn, uint64_t number, const struct transfer *transfer, struct quantity quantity)
{
	uint8_t key[KEY_SIZE];

	if (number == 0)
		return "unknown";
	if (transfer->state != TRANSFER_PROPOSED)
		return transfer->state == TRANSFER_BOOKED ? "booked" : "expired";
	if (quantity.milli > transfer->quantity.milli)
		return "too_much";
	return shelf_get(turn, shelf_key(key, CODE_TEXT(transfer->from), CODE_TEXT(transfer->sku))).stock.on_hand.milli < quantity.milli
	           ? "gone"
	           : NULL;
}

static void book(struct turn *turn, const struct transfer *transfer, struct quantity quantity)
{
	struct text from = CODE_TEXT(transfer->from), to = CODE_TEXT(transfer->to), sku = CODE_TEXT(transfer->sku);
	struct movement leaving, coming;

	movement_begin(&leaving, turn, from, TEXT_LITERAL("transfer"), 1);
	movement_begin(&coming, turn, to, TEXT_LITERAL("transfer"), 1);
	movement_line(&leaving, sku, (struct change){.on_hand = {-quantity.milli}});
#if !defined(MUTANT_LOST_BETWEEN)
	movement_line(&coming, sku, (struct change){.on_hand = quantity});
#endif
	window_note(&leaving, false);
	window_note(&coming, true);
	layers_note(&coming);
	movement_end(&leaving);
	movement_end(&coming);
}

/* R113: An accepted transfer is booked on both sides at once, and takes the place of what the outlet has asked for and nobody has planned;
   one that nobody proposed, that is over or booked, that is of more than was proposed or than is there, is declined, and nothing moves. */
void on_transfer_declared(struct turn *turn, const struct transfer_declared *declared)
{
	uint64_t number = transfer_number(declared->transfer);
	struct transfer transfer = {.state = TRANSFER_PROPOSED};

	if (number != 0 && !transfer_get(turn, number, &transfer))
		number = 0;
	struct quantity quantity = declared->has_quantity ? declared->quantity : transfer.quantity;
	const char *reason = hindrance(turn, number, &transfer, quantity);

	if (reason != NULL) {
		emit_transfer_declined(turn, &(struct transfer_declined){.transfer = declared->transfer, .reason = text_of(reason)});
		return;
	}
	transfer_close(turn, number, &transfer, TRANSFER_BOOKED);
	restock_replaced(turn, CODE_TEXT(transfer.to), CODE_TEXT(transfer.sku));
	book(turn, &transfer, quantity);
	emit_transfer_booked(turn, &(struct transfer_booked){.transfer = declared->transfer,
	                                                     .sku = CODE_TEXT(transfer.sku),
	                                                     .from = CODE_TEXT(transfer.from),
	                                                     .to = CODE_TEXT(transfer.to),
	                                                     .quantity = quantity});
}
