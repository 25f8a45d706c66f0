/* found.c -- where units were found is compared with the territories. */
#include "found.h"

#include <stdarg.h>
#include <stdio.h>

#include "region.h"

/* R28: A unit that is found in an area is evidence as a sale into it is, against the outlet that it had gone to. */
void found_judge(struct turn *turn, const struct found *found)
{
	struct sent sent = {.outlet = found->origin, .where = found->where};
	struct product product;
	struct breach breach;

	if (!day_number(found->day, &sent.day) || !product_get(turn, found->sku, &product))
		return;
	if (found->is_counted)
		region_count(turn, found->origin, found->where.area, sent.day, 1);
	sent.brand = CODE_TEXT(product.brand);
	if (!territory_breach(turn, &sent, &breach))
		return;
	struct territory_breach_detected detected = breach_event(&sent, &breach);
	detected.has_scan = true;
	detected.scan = found->scan;
	detected.day = found->day;
	detected.sku = found->sku;
	detected.has_terminal = found->terminal.size > 0;
	detected.terminal = found->terminal;
	detected.has_warehouse = found->warehouse.size > 0;
	detected.warehouse = found->warehouse;
	emit_territory_breach_detected(turn, &detected);
}

__attribute__((format(printf, 4, 5))) static bool scan_refuse(struct turn *turn, const struct scanned *scanned, const char *code,
							      const char *format, ...)
{
	char message[TURN_TEXT_MAX * 2]; /* turn_text cuts it between characters */
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	size = size < (int)sizeof(message) ? size : (int)sizeof(message) - 1;
	struct scan_refused refused = {.scan = scanned->found.scan,
	                               .source = turn_input(turn)->source,
	                               .has_outlet = scanned->outlet.size > 0,
	                               .outlet = scanned->outlet,
	                               .has_warehouse = scanned->found.warehouse.size > 0,
	                               .warehouse = scanned->found.warehouse,
	                               .code = text_of(code),
	                               .message = turn_text(turn, "%.*s", size, message)};

	turn_refuse(turn, code, refused.message);
	emit_scan_refused(turn, &refused);
	return false;
}

/* A till scans for its own outlet. */
static bool till_fits(struct turn *turn, const struct scanned *scanned)
{
	struct terminal terminal;

	if (scanned->outlet.size == 0)
		return true;
	if (!terminal_get(turn, turn_input(turn)->source, &terminal))
		return scan_refuse(turn, scanned, "unknown_terminal", "terminal %.*s is not known", TEXT_ARGS(turn_input(turn)->source));
	struct text owner = terminal_outlet(&terminal);
	return text_equal(owner, scanned->outlet) ||
	       scan_refuse(turn, scanned, "foreign_terminal", "it belongs to outlet %.*s", TEXT_ARGS(owner));
}

/* R96: A scan of a till or a warehouse is of a known SKU that had gone to a known outlet, in an area by its code, on a date; a till scans for its
 * own outlet. Anything else is refused. */
static bool scanned_valid(struct turn *turn, const struct scanned *scanned)
{
	const struct found *found = &scanned->found;
	struct outlet origin;
	struct product product;
	int64_t day;

	if (!till_fits(turn, scanned))
		return false;
	if (!product_get(turn, found->sku, &product))
		return scan_refuse(turn, scanned, "unknown_product", "product %.*s is not known", TEXT_ARGS(found->sku));
	if (!outlet_get(turn, found->origin, &origin))
		return scan_refuse(turn, scanned, "unknown_outlet", "outlet %.*s is not known", TEXT_ARGS(found->origin));
	if (!area_valid(found->where.area))
		return scan_refuse(turn, scanned, "bad_area", "where it was found is no code of GB/T 2260 or ISO 3166-2");
	return day_number(found->day, &day) || scan_refuse(turn, scanned, "bad_day", "the day is not a date");
}

/* R97: What a till or a warehouse has scanned is evidence as what staff has found is, once for each number that it gives. */
void scanned_take(struct turn *turn, const struct scanned *scanned)
{
	const struct text codes[] = {turn_input(turn)->source, scanned->found.scan};
	uint8_t key[KEY_SIZE];

	if (!scanned_valid(turn, scanned) || turn_get(turn, TABLE_SCANNED, key_join(key, codes, 2)).data != NULL)
		return;
	turn_put(turn, TABLE_SCANNED, key_join(key, codes, 2), bytes_of("", 0));
	found_judge(turn, &scanned->found);
}
