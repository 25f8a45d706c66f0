/* rulebook.c -- the service as its main.c describes it, and outlets in it. */
#include "rulebook.h"

int partners_main(int argc, char **argv);

int rulebook_service(void **state)
{
	*state = (void *)(uintptr_t)stage_service(partners_main);
	return 0;
}

struct outlet_submitted outlet_of(const char *code, int tier)
{
	return (struct outlet_submitted){.outlet = text_of(code),
					 .name = TEXT_LITERAL("o"),
					 .tier = tier,
					 .kind = TEXT_LITERAL("dealer"),
					 .currency = TEXT_LITERAL("CNY")};
}

void rulebook_outlet(struct stage *stage, const char *code, int tier)
{
	struct outlet_submitted outlet = outlet_of(code, tier);

	stage_hear(stage, STAFF, &outlet_submitted_type, &outlet);
}
