/* bench_print.c -- figures as a table for people, as one object for programs. */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "bench.h"

enum group { GROUP_MAXIMUM, GROUP_CALM, GROUP_BUSY, GROUP_FLOOR, GROUP_RATIO, GROUPS };

static const char *const headings[GROUPS] = {
    [GROUP_MAXIMUM] = "as fast as it goes",
    [GROUP_CALM] = "at a steady rate; the clock starts when a sale is due",
    [GROUP_BUSY] = "at 70 % of the maximum",
    [GROUP_FLOOR] = "floors of this machine, measured between the rounds",
    [GROUP_RATIO] = "ratios",
};

static const struct {
	const char *key, *unit, *sentence;
	enum group group;
} rows[BENCH_FIGURES] = {
#define FIGURE(name, key, unit, group, sentence) {key, unit, sentence, GROUP_##group},
#include "bench_figures.def"
#undef FIGURE
};

unsigned bench_print_known(const char *key)
{
	unsigned i = 0;

	while (i < BENCH_FIGURES && strcmp(rows[i].key, key) != 0)
		i++;
	return i;
}

static int compare_numbers(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The known values of a figure, in order; returns how many. */
static unsigned values_of(const struct bench *bench, unsigned figure,
                          double values[BENCH_ROUNDS_MAX])
{
	unsigned count = 0;

	for (unsigned i = 0; i < bench->rounds; i++)
		if (bench->round[i].known[figure])
			values[count++] = bench->round[i].figures[figure];
	qsort(values, count, sizeof(*values), compare_numbers);
	return count;
}

static double median(const double *values, unsigned count)
{
	return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void print_number(double value)
{
	if (value >= 100 || value == (double)(int64_t)value)
		printf(" %12.0f", value);
	else
		printf(" %12.3g", value);
}

void bench_print_table(const struct bench *bench)
{
	double values[BENCH_ROUNDS_MAX];

	printf("%u sales at the maximum, %u tills in %u outlets, %u products; median of %u rounds "
	       "(least, most)\n",
	       bench->sales, BENCH_TILLS, BENCH_OUTLETS, BENCH_PRODUCTS, bench->rounds);
	for (unsigned group = 0; group < GROUPS; group++) {
		bool begun = false;

		for (unsigned i = 0; i < BENCH_FIGURES; i++) {
			unsigned count = rows[i].group == group ? values_of(bench, i, values) : 0;

			if (count == 0)
				continue;
			if (!begun)
				printf("\n%s\n", headings[group]);
			begun = true;
			print_number(median(values, count));
			printf(" %-8s %s", rows[i].unit, rows[i].sentence);
			if (count > 1) {
				printf(" (");
				print_number(values[0]);
				print_number(values[count - 1]);
				printf(" )");
			}
			putchar('\n');
		}
	}
}

void bench_print_json(const struct bench *bench)
{
	cJSON *object = cJSON_CreateObject();
	double values[BENCH_ROUNDS_MAX];

	cJSON_AddNumberToObject(object, "sales", bench->sales);
	cJSON_AddNumberToObject(object, "rounds", bench->rounds);
	for (unsigned i = 0; i < BENCH_FIGURES; i++) {
		unsigned count = values_of(bench, i, values);

		if (count > 0)
			cJSON_AddNumberToObject(object, rows[i].key, median(values, count));
	}
	char *text = cJSON_PrintUnformatted(object);
	if (text != NULL)
		puts(text);
	free(text);
	cJSON_Delete(object);
}
