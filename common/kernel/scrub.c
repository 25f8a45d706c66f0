/* scrub.c -- the next few entries against their seals and their chain. */
#include "kernel/scrub.h"

#include "base/error.h"
#include "kernel/turn.h"
#include "log/log.h"

#define PASS_ENTRIES_MAX 4096

struct scrub *engine_scrubbed(struct engine *engine)
{
	return &engine->scrub;
}

static void tell(struct engine *engine, const struct log_walk *walk)
{
	bool is_journal = walk->table == KERNEL_JOURNAL;

	atomic_fetch_add_explicit(&engine->scrub.damaged, 1, memory_order_relaxed);
	log_line(LOG_ALARM, "damaged", "log=%s from=%llu to=%llu remedy=\"%s\"", is_journal ? "journal" : "intake",
		 (unsigned long long)walk->damaged_from, (unsigned long long)walk->damaged_to,
		 is_journal ? "tributary check; stop the network; tributary rebuild --replace"
			    : "tributary check; stop the network; tributary restore from a backup of before");
}

/* Both logs take turns; the last entries are looked at while they come. */
static void go_on(struct scrub *scrub)
{
	if (scrub->walk.table == KERNEL_INTAKE)
		atomic_fetch_add_explicit(&scrub->rounds, 1, memory_order_relaxed);
	scrub->walk = (struct log_walk){.table = scrub->walk.table == KERNEL_INTAKE ? KERNEL_JOURNAL : KERNEL_INTAKE};
}

void engine_scrub(struct engine *engine, uint32_t percent)
{
	struct scrub *scrub = &engine->scrub;
	uint64_t all = store_chain(engine->store, KERNEL_JOURNAL).count + store_chain(engine->store, KERNEL_INTAKE).count;
	uint64_t most = all * percent / 6000 + 1;
	struct view view = {0};

	if (percent == 0 || all == 0 || view_open(&view, engine->store) != ERR_NONE)
		return;
	if (scrub->walk.table == 0)
		scrub->walk.table = KERNEL_JOURNAL;
	uint64_t before = scrub->walk.chain.count;
	enum log_state state = log_walk(&view, &scrub->walk, most < PASS_ENTRIES_MAX ? (uint32_t)most : PASS_ENTRIES_MAX);
	view_close(&view);
	if (scrub->walk.chain.count > before)
		atomic_fetch_add_explicit(&scrub->entries, scrub->walk.chain.count - before, memory_order_relaxed);
#if defined(MUTANT_SCRUB_BLIND)
	state = state == LOG_DAMAGED ? LOG_HOLDS : state;
#endif
	if (state == LOG_DAMAGED)
		tell(engine, &scrub->walk);
	else if (state == LOG_ENDED)
		go_on(scrub);
}
