/* on_metric_submitted.c -- staff registers what is to be counted. */
#include "record.h"
#include "rules.h"

static const struct field *field_of(const struct event_type *type, struct text name)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (text_equal(name, text_of(type->fields[i].name)))
			return &type->fields[i];
	return NULL;
}

static bool is_number(const struct field *field)
{
	return field->kind != FIELD_TEXT && field->kind != FIELD_BOOL && field->kind != FIELD_LIST;
}

static bool refuse(struct turn *turn, const struct metric_submitted *metric, const char *code, const char *sentence)
{
	return record_refuse(turn, TABLE_METRIC, metric->metric, code, "%s", sentence);
}

static bool metric_valid(struct turn *turn, const struct metric_submitted *metric)
{
	if (appraisal_measures(metric->metric) || event_type_find(metric->metric) != NULL) /* kpi counts events under their names */
		return refuse(turn, metric, "bad_metric", "a metric of this name is built in");
	if (!record_word(turn, TABLE_METRIC, metric->metric, "event", metric->event, "unknown_event"))
		return false;
	/* R66: A registered metric counts events of a type that kpi hears, filters by a field that it has and adds up one that is a
	 * number. */
	const struct event_type *type = event_type_find(metric->event);
	CHECK(type != NULL);
	if (metric->has_field != metric->has_value)
		return refuse(turn, metric, "bad_filter", "give a field with its value, or neither");
	const struct field *filter = metric->has_field ? field_of(type, metric->field) : NULL;
	if (metric->has_field && (filter == NULL || filter->kind == FIELD_LIST))
		return record_refuse(turn, TABLE_METRIC, metric->metric, "unknown_field", "%.*s has no field %.*s to filter by",
		                     TEXT_ARGS(metric->event), TEXT_ARGS(metric->field));
	const struct field *sum = metric->has_sum ? field_of(type, metric->sum) : NULL;
	return !metric->has_sum || (sum != NULL && is_number(sum)) ||
	       record_refuse(turn, TABLE_METRIC, metric->metric, "unknown_field", "%.*s has no number %.*s",
	                     TEXT_ARGS(metric->event), TEXT_ARGS(metric->sum));
}

void on_metric_submitted(struct turn *turn, const struct metric_submitted *metric)
{
	if (metric_valid(turn, metric))
		record_submit(turn, TABLE_METRIC, bytes_of_text(metric->metric), metric);
}
