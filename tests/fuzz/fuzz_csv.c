/*
 * fuzz_csv.c -- any bytes, gzipped or not, as a file of real sales, the first byte chooses the format: every line is in a ticket or counted
 * as skipped.
 */
#include "../../services/tributary/replay.h"
#include "file.h"
#include "fuzz.h"
#include "scene.h"

static uint64_t free_tickets(struct replay *replay)
{
	struct replay_ticket *ticket, *next;
	uint64_t lines = 0;

	HASH_ITER(hh, replay->tickets, ticket, next)
	{
		CHECK(ticket->line_count > 0);
		for (uint32_t i = 0; i < ticket->line_count; i++)
			CHECK(strlen(ticket->lines[i].sku) < sizeof(ticket->lines[i].sku));
		lines += ticket->line_count;
		HASH_DEL(replay->tickets, ticket);
		free(ticket->lines);
		free(ticket);
	}
	return lines;
}

static void free_places(struct replay_place **places)
{
	struct replay_place *place, *next;

	HASH_ITER(hh, *places, place, next)
	{
		HASH_DEL(*places, place);
		free(place);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replay replay = {.file = "a file", .outlets = 20};
	struct replay_product *product, *next;
	static struct csv csv; /* of the process: it is large */

	if (size == 0 || size > 65536)
		return 0;
	FILE *loud = file_hush();
	if (scene_enter(0))
		scene_keep(); /* nothing is prepared */
	CHECK(csv_open(&csv, file_of(bytes_of(data + 1, size - 1))) == ERR_NONE);
	int code = data[0] % 2 == 0 ? replay_read_retail(&replay, &csv) : replay_read_journey(&replay, &csv);
	stderr = loud;
	csv_close(&csv);
	CHECK(code == EXIT_DONE || replay.lines == 0);
	CHECK(free_tickets(&replay) + replay.skipped_lines == replay.lines);
	free_places(&replay.places);
	free_places(&replay.terminals);
	HASH_ITER(hh, replay.products, product, next)
	{
		HASH_DEL(replay.products, product);
		free(product);
	}
	scene_leave();
	return 0;
}
