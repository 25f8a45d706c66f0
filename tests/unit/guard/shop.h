/* shop.h -- a folder with a registry in it, for tests of the guard. */
#ifndef TRIBUTARY_TEST_SHOP_H
#define TRIBUTARY_TEST_SHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "guard/guard.h"

extern char shop_folder[64];

int shop_open(void **state);
int shop_close(void **state);

/* shop_enrol -- somebody with one outlet (NULL: none); fills pair and token where they are asked for. */
void shop_enrol(enum guard_role role, const char *name, const char *outlet, char key[GUARD_KEY_TEXT + 1], char token[GUARD_TOKEN_TEXT + 1]);
void shop_revoke(const char *name);

/* shop_path -- a file in the folder of keys.   shop_write -- let a file say this. */
const char *shop_path(const char *name);
void shop_write(const char *name, const char *text);

#endif
