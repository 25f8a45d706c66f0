/* query_appraisals.c -- `get appraisals`: how outlets stand in an appraisal, metric by metric, by the hour and for good. Arguments:
 * appraisal, outlet. */
#include <stdlib.h>

#include "appraisal.h"
#include "figures.h"

struct answer {
	struct query *query;
	struct text code, outlet; /* outlet: the one that is asked for; empty: all */
	const struct scheme *scheme;
	uint64_t row, from; /* rows so far, and the first one wanted */
};

static bool answer_input(struct answer *answer, const struct sheet *sheet, bool is_final, int64_t index)
{
	const struct input_of_score *input = &sheet->inputs[index];
	struct query *query = answer->query;
	uint8_t at[8];

	if (answer->row++ < answer->from)
		return true;
	if (!query_row(query)) {
		put_u64_be(at, answer->row);
		query_more(query, bytes_of(at, sizeof(at)));
		return false;
	}
	query_text(query, "appraisal", answer->code);
	query_int(query, "version", sheet->score.version);
	query_text(query, "outlet", CODE_TEXT(sheet->outlet));
	query_text(query, "state", is_final ? TEXT_LITERAL("final") : TEXT_LITERAL("provisional"));
	query_int(query, "round", sheet->score.round);
	query_int(query, "score_bp", sheet->score.score_bp);
	query_int(query, "rank", sheet->score.rank);
	query_int(query, "peers", sheet->score.peers);
	query_text(query, "metric", CODE_TEXT(input->metric));
	if (input->measured != 0)
		query_int(query, "raw", input->raw);
	query_int(query, "normalised_bp", input->normalised_bp);
	query_int(query, "weight_bp", input->weight_bp);
	query_int(query, "contribution_bp", input->contribution_bp);
	return true;
}

static bool answer_sheet(struct answer *answer, const struct sheet *made)
{
	struct query *query = answer->query;
	struct text outlet = CODE_TEXT(made->outlet);
	uint8_t key[KEY_SIZE];
	struct sheet sheet;
	bool is_final =
	    answer->scheme->head.scored != 0 &&
	    sheet_read(query_get(query, TABLE_SCORE, key_pair(key, answer->code, outlet.data, outlet.size)), &sheet);

	if (answer->outlet.size > 0 && !text_equal(answer->outlet, outlet))
		return true;
	if (!is_final)
		sheet = *made;
	memcpy(sheet.outlet, made->outlet, CODE_SIZE);
	for (int64_t i = 0; i < sheet.score.count; i++)
		if (!answer_input(answer, &sheet, is_final, i))
			return false;
	return true;
}

void query_appraisals(struct query *query)
{
	struct text wanted = query_argument(query, "appraisal");
	struct bytes page = query_from(query), key, row;
	struct sheet *sheets = malloc(APPRAISAL_PEERS_MAX * sizeof(*sheets));
	struct scheme scheme;
	struct answer answer = {.query = query,
				.outlet = query_argument(query, "outlet"),
				.scheme = &scheme,
				.from = page.size == 8 ? get_u64_be(page.data) - 1 : 0};
	int32_t today = day_at(book_look(query).watermark_us, look_setting(query, SETTING_CALENDAR_OFFSET));
	struct look look = look_of_query(query);
	bool goes_on = true;

	CHECK(sheets != NULL);
	row = query_seek(query, TABLE_APPRAISAL, bytes_of(NULL, 0), &key);
	for (; key.data != NULL && goes_on; row = query_next(query, TABLE_APPRAISAL, &key)) {
		answer.code = (struct text){(const char *)key.data, (uint32_t)key.size};
		if (!scheme_read(row, &scheme) || (wanted.size > 0 && !text_equal(wanted, answer.code)))
			continue;
		uint32_t count = sheets_make(sheets, &look, &scheme, today);
		for (uint32_t i = 0; i < count && goes_on; i++)
			goes_on = answer_sheet(&answer, &sheets[i]);
	}
	free(sheets);
}
