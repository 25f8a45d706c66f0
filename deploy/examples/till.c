/*
 * till.c -- a till to start from: sales come from stdin, go to the disk first, then to the door of orders,
 * now or when it is there.
 *
 *     till --door ipc://build/run/orders.door --outlet OUT-001 --terminal OUT-001/T1 --spool FOLDER < sales
 * One sale a line: the receipt's number, then SKU, quantity and unit price of each line of it, for example
 * "R-1001 A-17 2 2.55 B-3 0.250 11.90".
 *
 * It prints "kept" when a sale is safe on this disk (now the receipt may be handed out), and "accepted",
 * "duplicate" or "refused" when orders has decided. It may be killed, or be offline for days: what orders
 * does not have is sent at the next start.
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "client/client.h"
#include "events/terminals.h"

#define LINES_MAX 100

struct till {
	struct client *client;
	const char *door, *outlet, *terminal, *spool, *currency;
	const char *key, *server_key; /* a door on tcp: the file of `tributary keys enrol`, and `tributary keys show orders` */
	int wait_s; /* after the last sale, for verdicts */
};

/*
 * The service's decision. A refused sale is recorded as refused and will not be asked about again: a person
 * has to look at it.
 */
static void on_verdict(void *context, const struct client_verdict *verdict)
{
	static const char *const words[] = {"accepted", "duplicate", "refused"};

	(void)context;
	printf("%s %.*s#%llu", words[verdict->verdict], TEXT_ARGS(verdict->source),
	       (unsigned long long)verdict->seq);
	if (verdict->verdict == VERDICT_REFUSED)
		printf(" %.*s: %.*s", TEXT_ARGS(verdict->code), TEXT_ARGS(verdict->message));
	printf("\n");
}

static void on_held(void *context, struct text source, struct text code)
{
	(void)context;
	fprintf(stderr, "till: %.*s is not sent: %.*s\n", TEXT_ARGS(source), TEXT_ARGS(code));
}

/* "2.55" with 4 digits is 25500. Money never passes through floating point. */
static bool decimal(const char *text, int digits, int64_t *value)
{
	int after = -1; /* digits behind the point, -1: it was not seen */

	*value = 0;
	for (; text != NULL && *text != 0; text++) {
		if (*text == '.' && after < 0) {
			after = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || *value > INT64_C(1000000000000))
			return false;
		if (after >= 0 && ++after > digits)
			return false;
		*value = *value * 10 + (*text - '0');
	}
	for (after = after < 0 ? 0 : after; after < digits; after++)
		*value *= 10;
	return text != NULL;
}

/*
 * Reads one line of input into a ticket; the texts stay in `line`. Returns how many lines the ticket has, 0:
 * it cannot be read.
 */
static uint32_t parse(char *line, struct ticket_sold *sold, struct ticket_sold_line lines[LINES_MAX])
{
	char *rest = NULL, *receipt = strtok_r(line, " \t\r\n", &rest), *sku;
	uint32_t count = 0;

	if (receipt == NULL)
		return 0;
	sold->receipt = text_of(receipt);
	while ((sku = strtok_r(NULL, " \t\r\n", &rest)) != NULL) {
		struct ticket_sold_line *next = &lines[count];

		if (count == LINES_MAX)
			return 0;
		*next = (struct ticket_sold_line){.sku = text_of(sku), .has_unit_price = true};
		if (!decimal(strtok_r(NULL, " \t\r\n", &rest), 3, &next->quantity.milli) ||
		    !decimal(strtok_r(NULL, " \t\r\n", &rest), 4, &next->unit_price.e4))
			return 0;
		count++;
	}
	sold->lines.items = lines;
	sold->lines.count = count;
	return count;
}

static int ring_up(struct till *till, char *line)
{
	struct ticket_sold_line lines[LINES_MAX];
	struct ticket_sold sold = {
	    .outlet = text_of(till->outlet), .currency = text_of(till->currency), .has_tz_offset = true};
	struct timespec now;
	struct tm local;
	char day[11];
	uint64_t seq;

	if (parse(line, &sold, lines) == 0) {
		fprintf(stderr, "till: wanted: RECEIPT SKU QUANTITY PRICE [SKU QUANTITY PRICE ...]\n");
		return ERR_NONE;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	strftime(day, sizeof(day), "%Y-%m-%d", &local);
	sold.day = text_of(day);
	sold.tz_offset = local.tm_gmtoff / 60;
	int64_t time_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	int error = client_publish(till->client, till->terminal, &ticket_sold_type, &sold, time_us, &seq);
	if (error == ERR_NONE)
		printf("kept %s#%llu %.*s\n", till->terminal, (unsigned long long)seq,
		       TEXT_ARGS(sold.receipt));
	else /* not on disk: this sale did not happen, do not hand out a receipt */
		fprintf(stderr, "till: %.*s: %s\n", TEXT_ARGS(sold.receipt), error_text(error));
	return error == ERR_OUT_OF_RANGE || error == ERR_TOO_LARGE || error == ERR_NOT_UTF8 ? ERR_NONE
											    : error;
}

static int run(struct till *till)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char *line = NULL;
	size_t size = 0;
	int error = ERR_NONE;

	setvbuf(stdin, NULL, _IONBF, 0); /* so that poll and getline agree about what is there */
	while (error == ERR_NONE) {
		if (poll(&input, 1, 0) > 0) {
			if (getline(&line, &size, stdin) <= 0)
				break;
			error = ring_up(till, line);
		}
		client_process(till->client, input.revents != 0 ? 0 : 20);
	}
	free(line);
	if (error == ERR_NONE && client_flush(till->client, (uint64_t)till->wait_s * 1000) != ERR_NONE)
		fprintf(stderr, "till: %llu sales wait for orders; they are sent at the next start\n",
			(unsigned long long)client_waiting(till->client));
	return error;
}

static int usage(void)
{
	fprintf(stderr, "usage: till --door ENDPOINT --outlet CODE --terminal CODE --spool FOLDER "
			"[--currency GBP] [--wait SECONDS] [--key FILE --server-key KEY]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {{"door", 1, NULL, 'd'},	  {"outlet", 1, NULL, 'o'},
					      {"terminal", 1, NULL, 't'}, {"spool", 1, NULL, 's'},
					      {"currency", 1, NULL, 'c'}, {"wait", 1, NULL, 'w'},
					      {"key", 1, NULL, 'k'},	  {"server-key", 1, NULL, 'S'},
					      {NULL, 0, NULL, 0}};
	struct till till = {.currency = "GBP", .wait_s = 10};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == '?')
			return usage();
		if (option == 'w')
			till.wait_s = (int)strtol(optarg, NULL, 10);
		else
			*(option == 'd'	  ? &till.door
			  : option == 'o' ? &till.outlet
			  : option == 't' ? &till.terminal
			  : option == 's' ? &till.spool
			  : option == 'k' ? &till.key
			  : option == 'S' ? &till.server_key
					  : &till.currency) = optarg;
	}
	if (till.door == NULL || till.outlet == NULL || till.terminal == NULL || till.spool == NULL)
		return usage();
	struct client_options options = {.name = till.terminal, .endpoint = till.door, .spool = till.spool};
	options.key_file = till.key;
	options.server_key = till.server_key;
	options.on_verdict = on_verdict;
	options.on_held = on_held;
	options.keep_events = 20000; /* some weeks: what a network that was restored from a backup may ask for again */
	int error = client_open(&till.client, &options);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (error == ERR_NONE)
		error = run(&till);
	else
		fprintf(stderr, "till: %s, %s: %s\n", till.spool, till.key != NULL ? till.key : "no key", error_text(error));
	client_close(&till.client);
	return error == ERR_NONE ? 0 : 1;
}
