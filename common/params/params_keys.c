/* params_keys.c -- one pass over the events of libyaml, in step with the schema. */
#include "params_keys.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/error.h"
#include "params.h"

#define DEPTH_MAX 6
#define NAMES_MAX 32

/* One open mapping or sequence. */
struct level {
	const cyaml_schema_field_t *fields; /* of a mapping the schema knows; NULL elsewhere */
	const cyaml_schema_value_t *value;  /* what comes next, as far as the schema knows it */
	char path[PARAMS_PATH_SIZE];
	bool is_sequence, wants_key;
	unsigned items;
};

struct walk {
	struct params_keys *keys;
	const char *file;
	struct level levels[DEPTH_MAX];
	unsigned depth;
	char *message;
	size_t message_size;
	bool wrong;
};

__attribute__((format(printf, 3, 4))) static void complain(struct walk *walk, size_t line, const char *format,
                                                           ...)
{
	char what[300];
	va_list arguments;

	if (walk->wrong)
		return;
	walk->wrong = true;
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	snprintf(walk->message, walk->message_size, "%s:%zu: %s", walk->file, line, what);
}

static void keep(struct walk *walk, const char *path, unsigned line)
{
	struct params_keys *keys = walk->keys;
	struct params_key *more = realloc(keys->keys, (keys->count + 1) * sizeof(*more));

	CHECK(more != NULL); /* at start, before anything is at stake */
	keys->keys = more;
	snprintf(more[keys->count].path, PARAMS_PATH_SIZE, "%.*s", PARAMS_PATH_SIZE - 1, path);
	more[keys->count++].line = line;
}

static void unknown(struct walk *walk, const struct level *level, const char *key, unsigned line)
{
	const char *names[NAMES_MAX];
	unsigned count = 0;

	for (const cyaml_schema_field_t *field = level->fields; field->key != NULL; field++) {
		CHECK(count < NAMES_MAX);
		names[count++] = field->key;
	}
	const char *guess = params_guess(key, names, count);
	complain(walk, line, "unknown key '%.60s'%s%s%s%s%s", key, level->path[0] != 0 ? " in " : "",
	         level->path, guess != NULL ? "; did you mean '" : "", guess != NULL ? guess : "",
	         guess != NULL ? "'?" : "");
}

static void on_key(struct walk *walk, struct level *level, const char *key, unsigned line)
{
	const cyaml_schema_field_t *field = level->fields;
	char path[PARAMS_PATH_SIZE + 64];

	level->wants_key = false;
	level->value = NULL;
	if (field == NULL)
		return; /* of a mapping where none belongs: libcyaml says it */
	while (field->key != NULL && strcmp(field->key, key) != 0)
		field++;
	if (field->key == NULL) {
		unknown(walk, level, key, line);
		return;
	}
	snprintf(path, sizeof(path), "%s%s%.60s", level->path, level->path[0] != 0 ? "." : "", key);
	unsigned before = params_keys_line(walk->keys, path);
	if (before != 0)
		complain(walk, line, "key '%s' is said twice, first in line %u", path, before);
	keep(walk, path, line);
	level->value = &field->value;
}

/* The name of what comes next: the last key, or the number of the item. */
static void path_of_next(const struct walk *walk, const struct level *level, char path[PARAMS_PATH_SIZE])
{
	char above[sizeof(level->path)]; /* a copy, since both paths lie in the same walk */

	memcpy(above, level->path, sizeof(above));
	if (level->is_sequence)
		snprintf(path, PARAMS_PATH_SIZE, "%.80s[%u]", above, level->items);
	else
		snprintf(path, PARAMS_PATH_SIZE, "%s",
		         walk->keys->count > 0 ? walk->keys->keys[walk->keys->count - 1].path : "");
}

/* libcyaml takes "12.5" and "12 MiB" for 12, and 010 for 8. */
static void check_number(struct walk *walk, const struct level *level, const char *text, unsigned line)
{
	bool may_be_negative = level->value->type == CYAML_INT;
	const char *digits = text + (may_be_negative && text[0] == '-');
	size_t count = strspn(digits, "0123456789");
	char path[PARAMS_PATH_SIZE];

	path_of_next(walk, level, path);
	if (count == 0 || digits[count] != 0 || (digits[0] == '0' && count > 1))
		complain(walk, line, "%s: '%.40s' is not a whole number%s", path, text,
		         may_be_negative ? "" : " from 0");
}

static void on_value(struct walk *walk, const struct level *level, const char *text, unsigned line)
{
	if (level != NULL && level->value != NULL &&
	    (level->value->type == CYAML_INT || level->value->type == CYAML_UINT))
		check_number(walk, level, text, line);
}

static void open_level(struct walk *walk, const cyaml_schema_value_t *value, bool is_sequence, unsigned line)
{
	struct level *outer = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;

	if (walk->depth == DEPTH_MAX) {
		complain(walk, line, "nested deeper than anything here");
		return;
	}
	struct level *level = &walk->levels[walk->depth];
	*level = (struct level){.is_sequence = is_sequence, .wants_key = !is_sequence};
	if (outer != NULL && outer->value != NULL)
		path_of_next(walk, outer, level->path);
	if (value != NULL && !is_sequence && value->type == CYAML_MAPPING)
		level->fields = value->mapping.fields;
	if (value != NULL && is_sequence && value->type == CYAML_SEQUENCE)
		level->value = value->sequence.entry;
	walk->depth++;
}

static void value_done(struct walk *walk)
{
	struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;

	if (level == NULL)
		return;
	level->items++;
	level->wants_key = !level->is_sequence;
}

static void on_event(struct walk *walk, const yaml_event_t *event, const cyaml_schema_value_t *top)
{
	struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
	unsigned line = (unsigned)event->start_mark.line + 1;

	switch ((int)event->type) {
	case YAML_SCALAR_EVENT:
		if (event->data.scalar.anchor != NULL) {
			complain(walk, line, "anchors are not used here");
		} else if (level != NULL && level->wants_key) {
			on_key(walk, level, (const char *)event->data.scalar.value, line);
		} else {
			on_value(walk, level, (const char *)event->data.scalar.value, line);
			value_done(walk);
		}
		return;
	case YAML_ALIAS_EVENT:
		complain(walk, line, "aliases are not used here");
		return;
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		if (level != NULL && level->wants_key)
			complain(walk, line, "a key is a word");
		else
			open_level(walk, level != NULL ? level->value : top,
			           event->type == YAML_SEQUENCE_START_EVENT, line);
		return;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		walk->depth--;
		value_done(walk);
		return;
	default:
		return;
	}
}

static void walk_file(struct walk *walk, FILE *in, const cyaml_schema_value_t *top)
{
	unsigned documents = 0;
	bool at_end = false;
	yaml_parser_t parser;
	yaml_event_t event;

	CHECK(yaml_parser_initialize(&parser));
	yaml_parser_set_input_file(&parser, in);
	while (!walk->wrong && !at_end) {
		if (!yaml_parser_parse(&parser, &event)) {
			complain(walk, parser.problem_mark.line + 1, "not YAML: %s",
			         parser.problem != NULL ? parser.problem : "?");
			break;
		}
		at_end = event.type == YAML_STREAM_END_EVENT;
		if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
			complain(walk, event.start_mark.line + 1, "a second document begins");
		on_event(walk, &event, top);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

int params_keys_read(struct params_keys *keys, const char *file, const cyaml_schema_field_t *fields,
                     char *message, size_t size)
{
	struct walk walk = {.keys = keys, .file = file, .message = message, .message_size = size};
	const cyaml_schema_value_t top = {.type = CYAML_MAPPING, .mapping.fields = fields};
	FILE *in = fopen(file, "rb");

	*keys = (struct params_keys){0};
	if (in == NULL) {
		snprintf(message, size, "%s: cannot be read: %s", file, strerror(errno));
		return ERR_NOT_FOUND;
	}
	walk_file(&walk, in, &top);
	fclose(in);
	return walk.wrong ? ERR_SYNTAX : ERR_NONE;
}

void params_keys_free(struct params_keys *keys)
{
	free(keys->keys);
	*keys = (struct params_keys){0};
}

unsigned params_keys_line(const struct params_keys *keys, const char *path)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (strcmp(keys->keys[i].path, path) == 0)
			return keys->keys[i].line;
	return 0;
}
