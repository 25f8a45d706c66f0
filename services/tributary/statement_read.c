/* statement_read.c -- events out of a file of JSON lines. */
#include "statement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "base/key.h"
#include "base/when.h"
#include "events/partners.h"

#define FILE_BYTES_MAX (INT64_C(1) << 30)
#define ROOM 6 /* bytes of memory for one byte of the file: lines become structs */

static const struct event_type *type_of(const cJSON *line, const struct event_type *const *types)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(line, "type");

	for (; cJSON_IsString(type) && *types != NULL; types++)
		if (strcmp((*types)->name, type->valuestring) == 0)
			return *types;
	return NULL;
}

static char *copy_of(struct arena *arena, const cJSON *text)
{
	const char *from = cJSON_IsString(text) ? text->valuestring : "";
	char *copy = arena_take(arena, strlen(from) + 1);

	if (copy != NULL)
		memcpy(copy, from, strlen(from) + 1);
	return copy;
}

/* One line; false: it is no event. */
static bool read_event(const cJSON *line, struct told *told, struct arena *arena, char message[300])
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(line, "data");
	char *json = data != NULL ? cJSON_PrintUnformatted(data) : NULL;
	void *event = arena_take(arena, told->type->struct_size);

	snprintf(message, 300, "data is missing");
	told->id = copy_of(arena, cJSON_GetObjectItemCaseSensitive(line, "id"));
	told->event = event;
	if (json == NULL || event == NULL || told->id == NULL) {
		free(json);
		return false;
	}
	memset(event, 0, told->type->struct_size);
	int error = event_from_json(told->type, json, event, arena, message, 300);
	free(json);
	return error == ERR_NONE;
}

static int read_lines(FILE *in, struct told *told, const struct event_type *const *types, struct arena *arena,
		      bool (*each)(void *context, const struct told *told), void *context)
{
	char *text = NULL, message[300];
	size_t size = 0;
	int code = EXIT_DONE;

	for (bool more = true; more && code == EXIT_DONE && getline(&text, &size, in) > 0;) {
		told->line++;
		cJSON *line = cJSON_Parse(text);
		told->type = line != NULL ? type_of(line, types) : NULL;
		if (line == NULL || (told->type != NULL && !read_event(line, told, arena, message))) {
			fprintf(stderr, "%s:%u: %s\n", told->file, told->line, line == NULL ? "no JSON" : message);
			code = EXIT_USAGE;
		} else if (told->type != NULL) {
			more = each(context, told);
		}
		cJSON_Delete(line);
	}
	free(text);
	return code;
}

int statement_read(const char *file, const struct event_type *const *types, struct arena *arena,
		   bool (*each)(void *context, const struct told *told), void *context)
{
	struct told told = {.file = file};
	struct stat status;
	FILE *in = fopen(file, "r");

	*arena = (struct arena){0};
	if (in == NULL || fstat(fileno(in), &status) != 0 || status.st_size > FILE_BYTES_MAX ||
	    arena_open(arena, (size_t)status.st_size * ROOM + (1u << 20)) != ERR_NONE) {
		fprintf(stderr, "%s: %s\n", file, in == NULL ? strerror(errno) : "too large");
		if (in != NULL)
			fclose(in);
		return EXIT_USAGE;
	}
	int code = read_lines(in, &told, types, arena, each, context);
	fclose(in);
	return code;
}

static int32_t day_of(struct text day, int32_t absent)
{
	int64_t number;

	return day_number(day, &number) ? (int32_t)number : absent;
}

static uint32_t word_at(struct text word, const char *const *words)
{
	uint32_t at = 0;

	while (words[at + 1] != NULL && !text_equal(word, text_of(words[at])))
		at++;
	return at;
}

struct scheme statement_scheme(const struct scheme_declared *declared)
{
	static const char *const bases[] = {"revenue", "units", NULL}, *const ladders[] = {"whole", "band", NULL},
				 *const periods[] = {"month", "quarter", "year", "once", NULL},
				 *const growths[] = {"", "previous", "year_before", NULL};
	int exponent = currency_exponent(declared->currency);
	struct text goods = declared->has_sku	     ? declared->sku
			    : declared->has_category ? declared->category
			    : declared->has_brand    ? declared->brand
						     : (struct text){0};
	struct scheme scheme = {
	    .version = declared->version,
	    .cap = declared->has_cap ? declared->cap.minor : -1,
	    .from = day_of(declared->from, 0),
	    .until = declared->has_until ? day_of(declared->until, 0) : DAY_MAX,
	    .basis = word_at(declared->basis, bases),
	    .period = word_at(declared->period, periods),
	    .ladder = word_at(declared->ladder, ladders),
	    .growth = declared->has_growth ? word_at(declared->growth, growths) : GROWTH_NONE,
	    .tier = declared->has_tier ? (uint32_t)declared->tier : 0,
	    .exponent = exponent > 0 ? (uint32_t)exponent : 0,
	    .clean_channel = declared->has_clean_channel ? (uint32_t)declared->clean_channel : 0,
	    .step_count = declared->steps.count < STEPS_MAX ? declared->steps.count : STEPS_MAX,
	    .goods_kind = declared->has_sku ? 's' : declared->has_category ? 'c' : declared->has_brand ? 'b' : 'a',
	};

	scheme.mix_kind = declared->has_mix_category ? 'c' : declared->has_mix_brand ? 'b' : 0;
	CODE_PUT(scheme.mix, declared->has_mix_category ? declared->mix_category : declared->mix_brand);
	scheme.mix_bp = declared->has_mix_bp ? (uint32_t)declared->mix_bp : 0;
	scheme.mix_skus = declared->has_mix_skus ? (uint32_t)declared->mix_skus : 0;
	scheme.display_days = declared->has_display_days ? (uint32_t)declared->display_days : 0;
	scheme.paid_within = declared->has_paid_within ? (uint32_t)declared->paid_within + 1 : 0;
	scheme.clean_only = declared->has_clean_only && declared->clean_only;
	CODE_PUT(scheme.goods, goods);
	CODE_PUT(scheme.currency, declared->currency);
	for (uint32_t i = 0; i < scheme.step_count; i++)
		scheme.steps[i] = (struct step){declared->steps.items[i].from, scheme.basis == BASIS_UNITS
										     ? declared->steps.items[i].amount.e4
										     : declared->steps.items[i].rate_bp};
	return scheme;
}
