/* region.c -- counts by week as rows, taken together once a day. */
#include "region.h"

#include "base/check.h"
#include "diversion.h"
#include "territory.h"

#define CELLS_MAX 16384
#define SENDERS_MAX 8192
#define REGIONS_MAX 2048

_Static_assert(sizeof(struct region) == 48, "rows have no padding");

/* Weeks begin on Monday; 1970 began on a Thursday. */
static int64_t week_of(int64_t day)
{
	return (day + 3) / 7;
}

static int64_t first_day(int64_t week)
{
	return week * 7 - 3;
}

/* R30: A region is the city of a code of GB/T 2260, and any other code itself; those of one province or of one country are near to each
 * other. */
struct text region_of(struct text area, char code[AREA_SIZE])
{
	char codes[AREA_ABOVE][AREA_SIZE];
	struct text above[AREA_ABOVE];
	unsigned count = area_above(area, codes, above), at = count == AREA_ABOVE ? 1 : 0;

	memcpy(code, codes[at], AREA_SIZE);
	return (struct text){code, above[at].size};
}

struct text region_stem(struct text region)
{
	uint32_t size = 0;

	if (region.size == 6 && region.data[0] >= '0' && region.data[0] <= '9')
		return (struct text){region.data, 2};
	while (size < region.size && region.data[size] != '-')
		size++;
	return (struct text){region.data, size};
}

static struct bytes region_key(uint8_t key[KEY_SIZE], struct text outlet, struct text region)
{
	const struct text codes[] = {outlet, region};

	return key_join(key, codes, 2);
}

static bool region_read(struct bytes row, struct region *region)
{
	memset(region, 0, sizeof(*region));
	if (row.size != sizeof(*region))
		return false;
	memcpy(region, row.data, sizeof(*region));
	return true;
}

/* A later week than any before: those that fall out are forgotten. */
static void region_move(struct region *region, int64_t week)
{
	if (week - region->latest >= REGION_WEEKS)
		memset(region->counts, 0, sizeof(region->counts));
	for (int64_t w = region->latest + 1; w <= week && week - region->latest < REGION_WEEKS; w++)
		region->counts[w % REGION_WEEKS] = 0;
	region->latest = week;
}

void region_count(struct turn *turn, struct text outlet, struct text area, int64_t day, int64_t more)
{
	char code[AREA_SIZE];
	uint8_t key[KEY_SIZE];
	struct region region;

	if (!area_valid(area) || day < 0 || day > turn_input(turn)->time_us / US_PER_DAY + 1)
		return;
	struct bytes place = region_key(key, outlet, region_of(area, code));
	int64_t week = week_of(day);
	if (!region_read(turn_get(turn, TABLE_REGION, place), &region))
		region.latest = week;
	if (week > region.latest)
		region_move(&region, week);
	if (region.latest - week >= REGION_WEEKS)
		return;
	uint32_t *count = &region.counts[week % REGION_WEEKS];
	int64_t now = (int64_t)*count + more;
	*count = (uint32_t)(now < 0 ? 0 : now > UINT32_MAX ? UINT32_MAX : now);
	turn_put(turn, TABLE_REGION, place, bytes_of(&region, sizeof(region)));
}

/* The book lies at a key that no outlet and region have: it has no zero byte. */
int64_t region_judged(struct turn *turn)
{
	struct bytes row = turn_get(turn, TABLE_REGION, bytes_of("judged", 6));

	return row.size == 8 ? (int64_t)load_8(row.data) : 0;
}

bool region_due(struct turn *turn, int64_t day)
{
	int64_t last = region_judged(turn);

	if (day <= last)
		return false;
	turn_put(turn, TABLE_REGION, bytes_of("judged", 6), bytes_of(&day, sizeof(day)));
	return last != 0;
}

/* What is gathered from the rows for one look. */
struct gathering {
	struct turn *turn;
	int64_t day, first, last; /* weeks, both included */
	struct cell *cells;
	char (*places)[AREA_SIZE]; /* the region of each cell */
	uint8_t *place_sizes;
	struct sender *senders;
	char (*outlets)[OUTLET_SIZE];
	char (*homes)[AREA_SIZE];
	uint8_t *home_sizes;
	char (*regions)[AREA_SIZE]; /* each once, sorted */
	uint8_t *region_sizes;
	size_t cell_count, sender_count, region_count;
};

static struct text region_at(const struct gathering *all, size_t i)
{
	return (struct text){all->regions[i], all->region_sizes[i]};
}

static void note_region(struct gathering *all, struct text region)
{
	size_t low = 0, high = all->region_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = bytes_compare(bytes_of_text(region_at(all, middle)), bytes_of_text(region));

		if (order == 0)
			return;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (all->region_count == REGIONS_MAX)
		return;
	memmove(all->regions + low + 1, all->regions + low, (all->region_count - low) * AREA_SIZE);
	memmove(all->region_sizes + low + 1, all->region_sizes + low, all->region_count - low);
	memcpy(all->regions[low], region.data, region.size);
	all->region_sizes[low] = (uint8_t)region.size;
	all->region_count++;
}

/* The place of an outlet among the senders; false: nobody has said where it is, or there is no room. */
static bool sender_at(struct gathering *all, struct text code, uint32_t *at)
{
	struct outlet outlet;

	*at = (uint32_t)all->sender_count - 1;
	if (all->sender_count > 0 && text_equal(code, code_text(all->outlets[*at], OUTLET_SIZE)))
		return true;
	if (all->sender_count == SENDERS_MAX || !outlet_get(all->turn, code, &outlet) || !area_valid(CODE_TEXT(outlet.area)))
		return false;
	*at = (uint32_t)all->sender_count++;
	all->senders[*at] = (struct sender){.volume = 0};
	code_put(all->outlets[*at], OUTLET_SIZE, code);
	all->home_sizes[*at] = (uint8_t)region_of(CODE_TEXT(outlet.area), all->homes[*at]).size;
	return true;
}

static enum reach reach_of(const struct gathering *all, uint32_t sender, struct text region)
{
	struct text home = {all->homes[sender], all->home_sizes[sender]};

	if (text_equal(home, region))
		return REACH_HOME;
	return text_equal(region_stem(home), region_stem(region)) ? REACH_NEAR : REACH_FAR;
}

/* Where an outlet was granted anything, it is at home as well. */
static bool is_granted(const struct gathering *all, uint32_t sender, struct text region)
{
	const struct somewhere where = {.area = region};
	struct grants grants;

	for (grants_begin(&grants, all->turn, &where); grants_next(&grants);)
		if (grants.grant.kind != TERRITORY_OPEN && grants.grant.from <= all->day && all->day <= grants.grant.until &&
		    text_equal(CODE_TEXT(grants.grant.holder), code_text(all->outlets[sender], OUTLET_SIZE)))
			return true;
	return false;
}

static uint64_t count_of(const struct gathering *all, const struct region *region)
{
	uint64_t count = 0;

	for (int64_t week = all->first; week <= all->last; week++)
		if (week >= 0 && week <= region->latest && region->latest - week < REGION_WEEKS)
			count += region->counts[week % REGION_WEEKS];
	return count;
}

static void gather_row(struct gathering *all, struct bytes key, struct bytes row)
{
	struct text place = key_part(key, 1);
	struct region region;
	uint32_t sender;

	if (place.size > AREA_SIZE || !region_read(row, &region))
		return;
	uint64_t count = count_of(all, &region);
	if (count == 0 || all->cell_count == CELLS_MAX || !sender_at(all, key_part(key, 0), &sender))
		return;
	size_t at = all->cell_count++;
	memcpy(all->places[at], place.data, place.size);
	all->place_sizes[at] = (uint8_t)place.size;
	note_region(all, place);
	all->cells[at] = (struct cell){.outlet = sender, .count = (uint32_t)(count < UINT32_MAX ? count : UINT32_MAX)};
	all->senders[sender].volume += count;
}

static void gather_all(struct gathering *all)
{
	uint8_t at[KEY_SIZE];
	size_t size = 0;
	struct bytes key;

	for (;;) {
		struct bytes row = turn_seek(all->turn, TABLE_REGION, bytes_of(at, size), &key);
		uint8_t copy[sizeof(struct region)];
		size_t row_size = row.size;

		if (key.data == NULL)
			return;
		memcpy(at, key.data, key.size);
		at[key.size] = 0; /* the next key is behind this one */
		size = key.size + 1;
		if (row_size != sizeof(copy))
			continue;
		memcpy(copy, row.data, row_size); /* other looks follow */
		gather_row(all, bytes_of(at, size - 1), bytes_of(copy, row_size));
	}
}

/* How many regions lie near and far, where somebody sends goods; and how far each cell's does. */
static void measure(struct gathering *all)
{
	for (uint32_t i = 0; i < all->sender_count; i++)
		for (size_t j = 0; j < all->region_count; j++)
			all->senders[i].regions[reach_of(all, i, region_at(all, j))]++;
	for (size_t i = 0; i < all->cell_count; i++) {
		struct cell *cell = &all->cells[i];
		struct text region = {all->places[i], all->place_sizes[i]};

		cell->reach = reach_of(all, cell->outlet, region);
		if (cell->reach == REACH_HOME || !is_granted(all, cell->outlet, region))
			continue;
		all->senders[cell->outlet].regions[cell->reach]--;
		all->senders[cell->outlet].regions[REACH_HOME]++;
		cell->reach = REACH_HOME;
	}
}

static void say(struct gathering *all, const struct cell *cell, struct text place, unsigned shape)
{
	struct text outlet = code_text(all->outlets[cell->outlet], OUTLET_SIZE);
	char day[DAY_TEXT_SIZE], from[DAY_TEXT_SIZE], until[DAY_TEXT_SIZE];
	struct region region;
	uint8_t key[KEY_SIZE];
	struct bytes row = region_key(key, outlet, place);

	/* R32: What stands out is said once a week for each outlet and region, with the figures that it was judged by. */
	if (!region_read(turn_get(all->turn, TABLE_REGION, row), &region) || region.said == all->last)
		return;
	region.said = all->last;
	turn_put(all->turn, TABLE_REGION, row, bytes_of(&region, sizeof(region)));
	day_text(all->day, day);
	day_text(first_day(all->first), from);
	day_text(all->day - 1, until);
	emit_diversion_suspected(all->turn,
				 &(struct diversion_suspected){.outlet = outlet,
							       .area = place,
							       .day = text_of(day),
							       .from = text_of(from),
							       .until = text_of(until),
							       .observed = cell->count,
							       .expected = {(int64_t)(cell->expected * 1000 + 0.5)},
							       .risk_bp = diversion_risk_bp(cell, shape),
							       .p_e9 = (int64_t)((cell->p < 1 ? cell->p : 1) * 1e9 + 0.5),
							       .method_version = DIVERSION_METHOD});
}

static void gathering_open(struct gathering *all, struct turn *turn, int64_t day)
{
	*all = (struct gathering){.turn = turn,
				  .day = day,
				  .last = week_of(day - 1),
				  .first = week_of(day - 1) - turn_setting(turn, SETTING_DIVERSION_WEEKS),
				  .cells = turn_take(turn, CELLS_MAX * sizeof(struct cell)),
				  .places = turn_take(turn, (size_t)CELLS_MAX * AREA_SIZE),
				  .place_sizes = turn_take(turn, CELLS_MAX),
				  .senders = turn_take(turn, SENDERS_MAX * sizeof(struct sender)),
				  .outlets = turn_take(turn, (size_t)SENDERS_MAX * OUTLET_SIZE),
				  .homes = turn_take(turn, (size_t)SENDERS_MAX * AREA_SIZE),
				  .home_sizes = turn_take(turn, SENDERS_MAX),
				  .regions = turn_take(turn, (size_t)(REGIONS_MAX + 1) * AREA_SIZE),
				  .region_sizes = turn_take(turn, REGIONS_MAX + 1)};
}

/* R31: At every change of day the goods that outlets have sent in the weeks before are compared: what an outlet sends to a region near or far
 * is expected to be its volume times what all send there on average, in rates that differ from outlet to outlet by a Gamma; of the outlets
 * whose oddest region is too odd, so many are said that no more than the share of the setting is expected to be false. */
void region_judge(struct turn *turn, int64_t day)
{
	struct gathering all;

	gathering_open(&all, turn, day);
	gather_all(&all);
	measure(&all);
	struct diversion diversion = {.cells = all.cells,
				      .cell_count = all.cell_count,
				      .senders = all.senders,
				      .sender_count = all.sender_count,
				      .sorted = turn_take(turn, (all.sender_count + 1) * sizeof(double)),
				      .shape = (unsigned)turn_setting(turn, SETTING_DIVERSION_SHAPE),
				      .rate_bp = (unsigned)turn_setting(turn, SETTING_DIVERSION_FALSE)};
	(void)diversion_judge(&diversion);
	for (size_t i = 0; i < all.cell_count; i++)
		if (all.cells[i].is_suspect)
			say(&all, &all.cells[i], (struct text){all.places[i], all.place_sizes[i]}, diversion.shape);
}
