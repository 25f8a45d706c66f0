/* query_terminals.c -- `get terminals`: the tills, when each was last heard. Arguments: terminal, outlet. */
#include "figures.h"
#include "till.h"

void query_terminals(struct query *query)
{
	struct text wanted = query_argument(query, "terminal"), outlet = query_argument(query, "outlet");
	int64_t watermark_us = book_look(query).watermark_us,
		window = look_setting(query, SETTING_WINDOW_HOURS);
	struct till till;
	struct bytes key, value = query_seek(query, TABLE_TILL, query_from(query), &key);

	for (; key.data != NULL; value = query_next(query, TABLE_TILL, &key)) {
		struct text code = {(const char *)key.data, (uint32_t)key.size};

		if (!copy_row(value, &till, sizeof(till)) || (wanted.size > 0 && !text_equal(wanted, code)) ||
		    (outlet.size > 0 && !text_equal(outlet, CODE_TEXT(till.outlet))))
			continue;
		if (!query_row(query)) {
			query_more(query, key);
			return;
		}
		query_text(query, "terminal", code);
		query_text(query, "outlet", CODE_TEXT(till.outlet));
		query_bool(query, "expected", till.counted != 0);
		query_bool(query, "heard", till_within(till.heard_us, watermark_us, window));
		query_int(query, "through", till.heard_us);
	}
}
