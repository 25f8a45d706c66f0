/* replay.c -- play a real sales file: master data first, then every ticket in the file's order, through the client library. */
#include "replay.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/terminals.h"
#include "settle.h"

#define COMMIT_TICKETS 256
#define WAITING_MAX 20000
#define SETTLE_MS 600000

static volatile sig_atomic_t stop_asked;

static void on_stop(int number)
{
	(void)number;
	stop_asked = 1;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct replay *replay = state->input;

	if (key == ARGP_KEY_INIT)
		state->child_inputs[0] = &replay->network;
	else if (key == 'F')
		replay->format = value;
	else if (key == 'o')
		replay->outlets = (uint32_t)strtoul(value, NULL, 10);
	else if (key == 's')
		replay->speed = strcmp(value, "max") == 0 ? 0 : strtod(value, NULL);
	else if (key == 'l')
		replay->limit = strtoull(value, NULL, 10);
	else if (key == 'k')
		replay->skip = strtoull(value, NULL, 10);
	else if (key == 'S')
		replay->spool = value;
	else if (key == '2')
		replay->send_twice = true;
	else if (key == 'j')
		replay->json = true;
	else if (key == 't')
		return 0; /* a format has as many terminals as it has */
	else if (key == ARGP_KEY_ARG && replay->file == NULL)
		replay->file = value;
	else if (key == ARGP_KEY_END && (replay->file == NULL || replay->format == NULL))
		argp_error(state, "FILE and --format are needed");
	else if (key == ARGP_KEY_END && (replay->outlets == 0 || replay->outlets > 1000))
		argp_error(state, "--outlets: 1 to 1000");
	else if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
    {"format", 'F', "FORMAT", 0, "online-retail or complete-journey", 0},
    {"outlets", 'o', "N", 0, "online-retail: how many outlets to derive (20)", 0},
    {"terminals", 't', "N", 0, "accepted for scripts: the formats derive their terminals", 0},
    {"speed", 's', "X", 0, "max, or X times as fast as the file's own time", 0},
    {"limit", 'l', "N", 0, "play only this many tickets", 0},
    {"skip", 'k', "N", 0, "pass over this many tickets first (played before)", 0},
    {"spool", 'S', "DIR", 0, "keep the spool here (default: DIR/replay.spool)", 0},
    {"send-twice", '2', 0, 0, "send everything twice, as a faulty network would", 0},
    {"json", 'j', 0, 0, "the summary as one JSON object", 0},
    {0}};
static const struct argp_child children[] = {{&network_argp, 0, "Network:", 1}, {0}};
static const struct argp argp = {
    options,
    parse_option,
    "FILE",
    "Play a file of real sales (plain or .gz) as terminals.\vThe file's outlets, terminals and products are derived and applied first; stock "
    "opens at 0. online-retail has one selling point: outlet = crc32(CustomerID, or InvoiceNo where it is empty) mod N, terminal = 1 + "
    "crc32(InvoiceNo) mod 4.\n\nExample: tributary replay lines.csv.gz --format online-retail --outlets 20 --speed max",
    children,
    NULL,
    NULL};

static void on_verdict(void *context, const struct client_verdict *verdict)
{
	struct replay *replay = context;

	replay->accepted += verdict->verdict == VERDICT_ACCEPTED;
	replay->duplicates += verdict->verdict == VERDICT_DUPLICATE;
	if (verdict->verdict != VERDICT_REFUSED)
		return;
	if (replay->refused++ < 20)
		fprintf(stderr, "tributary replay: refused %.*s#%llu: %.*s: %.*s\n", TEXT_ARGS(verdict->source),
			(unsigned long long)verdict->seq, TEXT_ARGS(verdict->code), TEXT_ARGS(verdict->message));
}

static int publish_sale(struct replay *replay, struct client *client, const struct replay_ticket *ticket)
{
	struct ticket_sold_line *lines = calloc(ticket->line_count, sizeof(*lines));
	struct ticket_sold sold = {.outlet = text_of(ticket->outlet),
				   .receipt = text_of(ticket->receipt),
				   .currency = text_of(replay->currency),
				   .day = text_of(ticket->day),
				   .has_tz_offset = true,
				   .tz_offset = ticket->tz_offset,
				   .has_customer = ticket->customer[0] != 0,
				   .customer = text_of(ticket->customer),
				   .lines = {lines, ticket->line_count}};

	CHECK(lines != NULL);
	for (uint32_t i = 0; i < ticket->line_count; i++) {
		const struct replay_line *line = &ticket->lines[i];

		lines[i] = (struct ticket_sold_line){.sku = text_of(line->sku),
						     .quantity = line->quantity,
						     .has_unit_price = line->has_price,
						     .unit_price = line->price,
						     .has_amount = !line->has_price,
						     .amount = line->amount};
	}
	/* A return is the same ticket the other way: the two event types have the same fields. */
	struct ticket_returned returned = {.outlet = sold.outlet,
					   .receipt = sold.receipt,
					   .currency = sold.currency,
					   .day = sold.day,
					   .has_tz_offset = true,
					   .tz_offset = sold.tz_offset,
					   .has_customer = sold.has_customer,
					   .customer = sold.customer,
					   .lines = {(const struct ticket_returned_line *)(const void *)lines, ticket->line_count}};
	_Static_assert(sizeof(struct ticket_returned_line) == sizeof(struct ticket_sold_line), "the same line");
	int error = ticket->kind == TICKET_SALE
			? client_publish(client, ticket->terminal, &ticket_sold_type, &sold, ticket->time_us, NULL)
			: client_publish(client, ticket->terminal, &ticket_returned_type, &returned, ticket->time_us, NULL);
	free(lines);
	return error;
}

static int publish_write_off(struct client *client, const struct replay_ticket *ticket)
{
	struct stock_written_off_line *lines = calloc(ticket->line_count, sizeof(*lines));
	struct stock_written_off off = {.outlet = text_of(ticket->outlet),
					.reference = text_of(ticket->receipt),
					.day = text_of(ticket->day),
					.has_reason = ticket->reason[0] != 0,
					.reason = text_of(ticket->reason),
					.lines = {lines, ticket->line_count}};

	CHECK(lines != NULL);
	for (uint32_t i = 0; i < ticket->line_count; i++)
		lines[i] = (struct stock_written_off_line){.sku = text_of(ticket->lines[i].sku), .quantity = ticket->lines[i].quantity};
	int error = client_publish(client, ticket->terminal, &stock_written_off_type, &off, ticket->time_us, NULL);
	free(lines);
	return error;
}

static void show_progress(const struct replay *replay, uint64_t total, bool last)
{
	if (isatty(STDERR_FILENO) || last)
		fprintf(stderr, "%s%llu of %llu tickets acknowledged%s", isatty(STDERR_FILENO) ? "\r" : "",
			(unsigned long long)(replay->accepted + replay->duplicates + replay->refused), (unsigned long long)total,
			last ? "\n" : "");
}

/* Waits until it is this ticket's turn: at a multiple of the file's time, or as soon as the spool has room. */
static void wait_turn(struct replay *replay, struct client *client, int64_t began_us, int64_t first_us, int64_t time_us,
		      struct bus *clock)
{
	while (!stop_asked && client_waiting(client) > WAITING_MAX)
		client_process(client, 20);
	if (replay->speed <= 0)
		return;
	int64_t due_us = began_us + (int64_t)((double)(time_us - first_us) / replay->speed);
	while (!stop_asked && bus_monotonic_us(clock) < due_us)
		client_process(client, 10);
}

static int play(struct replay *replay, struct client *client, struct bus *clock)
{
	uint64_t number = 0, total = HASH_COUNT(replay->tickets);
	int64_t began_us = bus_monotonic_us(clock), shown_us = began_us, first_us = 0;
	int error = client_begin(client);

	for (struct replay_ticket *ticket = replay->tickets; ticket != NULL && error == ERR_NONE && !stop_asked; ticket = ticket->hh.next) {
		if (number++ < replay->skip)
			continue;
		if (replay->limit > 0 && replay->sent >= replay->limit)
			break;
		if (first_us == 0)
			first_us = ticket->time_us;
		error = ticket->kind == TICKET_WRITE_OFF ? publish_write_off(client, ticket) : publish_sale(replay, client, ticket);
		replay->sent++;
		if (error != ERR_NONE || (replay->speed <= 0 && replay->sent % COMMIT_TICKETS != 0))
			continue;
		error = client_end(client);
		wait_turn(replay, client, began_us, first_us, ticket->time_us, clock);
		client_process(client, 0);
		if (bus_monotonic_us(clock) - shown_us > 1000000) {
			show_progress(replay, total, false);
			shown_us = bus_monotonic_us(clock);
		}
		if (error == ERR_NONE)
			error = client_begin(client);
	}
	int ended = client_end(client);
	while (error == ERR_NONE && ended == ERR_NONE && client_waiting(client) > 0 && !stop_asked)
		client_process(client, 50);
	show_progress(replay, total, true);
	return error != ERR_NONE ? error : ended;
}

static void print_summary(const struct replay *replay)
{
	uint64_t tickets = 0, lines = replay->skipped_lines;

	for (int kind = 0; kind < TICKET_KINDS; kind++) {
		tickets += replay->tickets_of[kind];
		lines += replay->lines_of[kind];
	}
	CHECK(lines == replay->lines);
	const char *format = replay->json
				 ? "{\"lines\":%llu,\"tickets\":%llu,\"sales\":%llu,\"returns\":%llu,\"write_offs\":%llu,"
				   "\"sale_lines\":%llu,\"return_lines\":%llu,\"write_off_lines\":%llu,\"non_goods_lines\":%llu,\"unreadable_lines\":%llu,"
				   "\"sent\":%llu,\"accepted\":%llu,\"duplicate\":%llu,\"refused\":%llu}\n"
				 : "lines            %llu\ntickets          %llu\n  sales          %llu\n  returns        %llu\n  write-offs     %llu\n"
				   "sale lines       %llu\nreturn lines     %llu\nwrite-off lines  %llu\nof these non-goods lines %llu\nunreadable lines %llu\n"
				   "sent %llu: accepted %llu, duplicate %llu, refused %llu\n";
	printf(format, (unsigned long long)replay->lines, (unsigned long long)tickets,
	       (unsigned long long)replay->tickets_of[TICKET_SALE], (unsigned long long)replay->tickets_of[TICKET_RETURN],
	       (unsigned long long)replay->tickets_of[TICKET_WRITE_OFF], (unsigned long long)replay->lines_of[TICKET_SALE],
	       (unsigned long long)replay->lines_of[TICKET_RETURN], (unsigned long long)replay->lines_of[TICKET_WRITE_OFF],
	       (unsigned long long)replay->non_goods_lines, (unsigned long long)replay->skipped_lines,
	       (unsigned long long)replay->sent, (unsigned long long)replay->accepted, (unsigned long long)replay->duplicates,
	       (unsigned long long)replay->refused);
}

static int read_file(struct replay *replay)
{
	static struct csv csv; /* house: large, and there is one file */
	int code;

	if (strcmp(replay->format, "online-retail") != 0 && strcmp(replay->format, "complete-journey") != 0) {
		fprintf(stderr, "tributary replay: format '%s': there are online-retail and complete-journey\n", replay->format);
		return EXIT_USAGE;
	}
	if (csv_open(&csv, replay->file) != ERR_NONE) {
		fprintf(stderr, "tributary replay: %s: cannot be opened\n", replay->file);
		return EXIT_USAGE;
	}
	code = strcmp(replay->format, "online-retail") == 0 ? replay_read_retail(replay, &csv) : replay_read_journey(replay, &csv);
	csv_close(&csv);
	for (struct replay_ticket *ticket = replay->tickets; ticket != NULL; ticket = ticket->hh.next) {
		replay->tickets_of[ticket->kind]++;
		replay->lines_of[ticket->kind] += ticket->line_count;
	}
	return code;
}

static int play_file(struct replay *replay)
{
	char spool[4200];
	struct bus *clock = NULL;
	struct client *client = NULL;

	snprintf(spool, sizeof(spool), "%s/replay.spool", replay->network.params.dir);
	struct client_options client_options = {.name = "tributary replay",
						.spool = replay->spool != NULL ? replay->spool : spool,
						.window_events = 4000,
						.send_twice = replay->send_twice,
						.on_verdict = on_verdict,
						.context = replay};
	int error = bus_open(&clock, NULL);
	if (error == ERR_NONE)
		error = network_open(&replay->network, "orders", &client_options, &client);
	if (error == ERR_NONE)
		error = play(replay, client, clock);
	client_close(&client);
	bus_close(&clock);
	if (error == ERR_NONE && !stop_asked)
		error = settle_network(&replay->network, NULL, SETTLE_MS);
	return network_say("orders", error);
}

static void replay_free(struct replay *replay)
{
	struct replay_ticket *ticket, *next_ticket;
	struct replay_product *product, *next_product;
	struct replay_place *place, *next_place;

	HASH_ITER(hh, replay->tickets, ticket, next_ticket) {
		HASH_DEL(replay->tickets, ticket);
		free(ticket->lines);
		free(ticket);
	}
	HASH_ITER(hh, replay->products, product, next_product) {
		HASH_DEL(replay->products, product);
		free(product);
	}
	HASH_ITER(hh, replay->places, place, next_place) {
		HASH_DEL(replay->places, place);
		free(place);
	}
	HASH_ITER(hh, replay->terminals, place, next_place) {
		HASH_DEL(replay->terminals, place);
		free(place);
	}
	network_free(&replay->network);
}

int replay_run(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_stop};
	struct replay replay = {.outlets = 20};

	if (argp_parse(&argp, argc, argv, 0, NULL, &replay) != 0)
		return EXIT_USAGE;
	int code = network_load(&replay.network);
	if (code != EXIT_DONE)
		return code;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	code = read_file(&replay);
	if (code == EXIT_DONE)
		code = replay_master(&replay);
	if (code == EXIT_DONE)
		code = play_file(&replay);
	if (code == EXIT_DONE || code == EXIT_REFUSED)
		print_summary(&replay);
	if (code == EXIT_DONE && (replay.refused > 0 || replay.skipped_lines > 0))
		code = EXIT_REFUSED;
	replay_free(&replay);
	return code;
}
