/* rules.c -- records judged by themselves. */
#include "rules.h"

bool is_code(struct text text)
{
	for (uint32_t i = 0; i < text.size; i++)
		if ((uint8_t)text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	return true;
}

bool is_word(struct text word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (text_equal(word, text_of(*words)))
			return true;
	return false;
}

bool price_ordered(const struct price_submitted *price)
{
	if (price->list.e4 < 0)
		return false;
	if (price->has_floor && (price->floor.e4 < 0 || price->floor.e4 > price->list.e4))
		return false;
	if (price->has_ceiling && price->list.e4 > price->ceiling.e4)
		return false;
	if (!price->has_recommended)
		return true;
	return price->recommended.e4 >= (price->has_floor ? price->floor.e4 : 0) &&
	       (!price->has_ceiling || price->recommended.e4 <= price->ceiling.e4);
}

bool window_ordered(bool has_from, struct text from, bool has_until, struct text until)
{
	int64_t first = INT64_MIN, last = INT64_MAX;

	return (!has_from || day_number(from, &first)) && (!has_until || day_number(until, &last)) &&
	       first <= last;
}

bool period_ordered(struct text from, struct text until)
{
	int64_t first, last;

	return day_number(from, &first) && day_number(until, &last) && first <= last;
}

bool day_counts(struct text day, int32_t *number)
{
	int64_t days;
	bool counts = day_number(day, &days) && days >= 1;

	*number = counts ? (int32_t)days : 0;
	return counts;
}

bool is_between(struct text day, struct text from, struct text until)
{
	if (from.size > 0 && bytes_compare(bytes_of_text(day), bytes_of_text(from)) < 0)
		return false;
	return until.size == 0 || bytes_compare(bytes_of_text(day), bytes_of_text(until)) <= 0;
}

bool metric_known(struct text metric)
{
	return text_equal(metric, TEXT_LITERAL("revenue")) || text_equal(metric, TEXT_LITERAL("units")) ||
	       text_equal(metric, TEXT_LITERAL("tickets"));
}

bool target_is_part(const struct target_submitted *target, const struct target_submitted *parent)
{
	return text_equal(target->metric, parent->metric) && target->has_currency == parent->has_currency &&
	       (!target->has_currency || text_equal(target->currency, parent->currency)) &&
	       is_between(target->from, parent->from, parent->until) &&
	       is_between(target->until, parent->from, parent->until);
}

bool validity_ordered(struct text from, struct text until)
{
	int64_t first = INT64_MIN, last = INT64_MAX;

	return (from.size == 0 || day_number(from, &first)) && (until.size == 0 || day_number(until, &last)) &&
	       first <= last;
}

bool appraisal_measures(struct text metric)
{
	static const char *const words[] = {"revenue",	  "units",	 "tickets",   "average_basket", "return_rate",
	                                    "service_level", "on_time", "attainment", "reporting",	   "deviations",
	                                    NULL};

	return is_word(metric, words);
}

bool appraisal_is_money(struct text metric)
{
	static const char *const words[] = {"revenue", "average_basket", NULL};

	return is_word(metric, words);
}

bool metric_ordered(const struct appraisal_submitted_metric *metric)
{
	int64_t cap = metric->has_cap ? metric->cap : metric->goal;

	if (text_equal(metric->direction, TEXT_LITERAL("higher")))
		return metric->floor < metric->goal && metric->goal <= cap;
	return text_equal(metric->direction, TEXT_LITERAL("lower")) && metric->floor > metric->goal && metric->goal >= cap;
}
