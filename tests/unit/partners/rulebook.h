/* rulebook.h -- what the tests of partners share: the service, and outlets in its rulebook. */
#ifndef TRIBUTARY_TEST_PARTNERS_RULEBOOK_H
#define TRIBUTARY_TEST_PARTNERS_RULEBOOK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rebates/rebate_rows.h"
#include "state.h"
#include "../stage/stage.h"

#define STAFF "staff/mei"

/* rulebook_service -- for cmocka_run_group_tests: the state of every test is the service. */
int rulebook_service(void **state);

/* outlet_of -- a dealer that trades in CNY.   rulebook_outlet -- staff submits one. */
struct outlet_submitted outlet_of(const char *code, int tier);
void rulebook_outlet(struct stage *stage, const char *code, int tier);

#endif
