/* error.c -- the table of error.def as functions. */
#include "error.h"

#include <stddef.h>

enum error_class { class_none, class_retry, class_halt, class_malformed };

static const struct {
	const char *name;
	const char *text;
	enum error_class class;
} errors[] = {
#define ERROR(name, text, class) {#name, text, class_##class},
#include "error.def"
#undef ERROR
};

static size_t index_of(int error)
{
	return error <= 0 && error > -ERROR_COUNT ? (size_t)-error : (size_t)-ERR_SYSTEM;
}

const char *error_text(int error)
{
	return errors[index_of(error)].text;
}

const char *error_name(int error)
{
	return errors[index_of(error)].name + sizeof("ERR_") - 1;
}

bool error_is_retry(int error)
{
	return errors[index_of(error)].class == class_retry;
}

bool error_is_halt(int error)
{
	return errors[index_of(error)].class == class_halt;
}
