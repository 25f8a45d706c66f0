/* bench_drive_hear.c -- what the doors say: welcomes, acknowledgements, wants for more, restocks.
 */
#include "base/error.h"
#include "bench_drive_inside.h"
#include "events/inventory.h"

static void say(struct drive_link *link, const struct writer *writer)
{
	CHECK(writer->error == ERR_NONE);
	(void)bus_send(link->port, NULL, writer_bytes(writer)); /* lost: said again */
}

static uint32_t link_sources(const struct drive *drive, const struct drive_link *link,
                             struct message_source *sources)
{
	uint32_t count = 0;

	for (uint32_t i = 0; link != &drive->ear && i < BENCH_TILLS; i++)
		if (i % drive->options->links == link->index)
			sources[count++] = (struct message_source){
			    .source = text_of(drive->sales->tills[i].name),
			    .epoch = drive->options->epochs[i],
			    .seq = drive->sales->tills[i].first_seq + drive->tills[i].sent - 1};
	return count;
}

static void greet_link(struct drive *drive, struct drive_link *link)
{
	struct writer writer = writer_of(drive->frame, DRIVE_FRAME_BYTES);
	struct message_source sources[BENCH_TILLS];

	message_write_hello(&writer, TEXT_LITERAL("tributary bench"), sources,
	                    link_sources(drive, link, sources));
	say(link, &writer);
}

void bench_drive_ping(struct drive *drive, struct drive_link *link)
{
	struct writer writer = writer_of(drive->frame, DRIVE_FRAME_BYTES);
	struct message_source sources[BENCH_TILLS];

	if (link->session == 0) {
		greet_link(drive, link);
		return;
	}
	message_write_ping(&writer, link->session, sources, link_sources(drive, link, sources));
	say(link, &writer);
}

void bench_drive_greet_missing(struct drive *drive)
{
	for (uint32_t i = 0; i < drive->options->links; i++)
		if (drive->links[i].session == 0)
			greet_link(drive, &drive->links[i]);
	if (drive->ear.port != NULL && drive->ear.session == 0)
		greet_link(drive, &drive->ear);
}

bool bench_drive_greeted(const struct drive *drive)
{
	for (uint32_t i = 0; i < drive->options->links; i++)
		if (drive->links[i].session == 0)
			return false;
	return drive->ear.port == NULL || drive->listening;
}

static uint32_t till_of(struct text name, const struct drive *drive)
{
	uint32_t index = 0;

	while (index < BENCH_TILLS && !text_equal(text_of(drive->sales->tills[index].name), name))
		index++;
	return index;
}

/* Everything of a till up to this ticket is decided: the clock of each stops here. */
static void acknowledge(struct drive *drive, uint32_t index, uint32_t through)
{
	const struct bench_till *till = &drive->sales->tills[index];
	struct drive_till *at = &drive->tills[index];
	int64_t now_us = bus_monotonic_us(drive->bus);

	if (through > at->sent)
		through = at->sent;
	for (uint32_t i = at->acked; i < through && drive->options->rate > 0; i++)
		bench_drive_note(&drive->driven->acknowledged,
		                 now_us - bench_drive_due_us(drive, till->order[i]));
	if (through > at->acked) {
		drive->in_flight -= through - at->acked;
		drive->acked += through - at->acked;
		at->acked = through;
		drive->acked_us = now_us;
	}
}

/* Send again from what the door wants next. */
static void rewind_till(struct drive *drive, uint32_t index, uint64_t next_seq)
{
	struct drive_till *at = &drive->tills[index];
	uint64_t first = drive->sales->tills[index].first_seq;
	uint32_t next = next_seq > first ? (uint32_t)(next_seq - first) : 0;

	if (next >= at->sent)
		return;
	acknowledge(drive, index, next);
	drive->in_flight -= at->sent - next;
	at->sent = next;
}

static void on_ack(struct drive *drive)
{
	const struct message *m = &drive->message;
	uint32_t index = till_of(m->source, drive);

	if (index == BENCH_TILLS || m->epoch != drive->options->epochs[index])
		return;
	drive->driven->refused += m->refusal_count;
	for (uint32_t i = 0; i < m->range_count; i++)
		drive->driven->duplicates += m->ranges[i].last - m->ranges[i].first + 1;
	if (m->through >= drive->sales->tills[index].first_seq)
		acknowledge(drive, index,
		            (uint32_t)(m->through - drive->sales->tills[index].first_seq + 1));
}

static void on_resend(struct drive *drive)
{
	const struct message *m = &drive->message;
	uint32_t index = till_of(m->source, drive);

	if (index == BENCH_TILLS)
		return;
	if (m->seq == 0) {
		drive->failure = ERR_GONE;
		return;
	}
	rewind_till(drive, index, m->seq);
	drive->tills[index].hold_until_us =
	    bus_monotonic_us(drive->bus) + (int64_t)m->after_ms * 1000;
}

static void on_welcome(struct drive *drive, struct drive_link *link)
{
	const struct message *m = &drive->message;
	struct writer writer = writer_of(drive->frame, DRIVE_FRAME_BYTES);
	const struct text restocks = TEXT_LITERAL("restock.requested");

	link->session = m->session;
	for (uint32_t i = 0; i < m->source_count; i++) {
		uint32_t index = till_of(m->sources[i].source, drive);

		if (index < BENCH_TILLS && m->sources[i].seq == 0)
			drive->failure = ERR_GONE;
		else if (index < BENCH_TILLS)
			rewind_till(drive, index, m->sources[i].seq);
	}
	if (link != &drive->ear)
		return;
	drive->listening = true;
	drive->ear_owed = 0;
	message_write_subscribe(&writer, link->session, 1, &restocks, 1, NULL, 0, 0, DRIVE_CREDIT);
	say(link, &writer);
}

static void hear_restock(struct drive *drive, const struct envelope *envelope, int64_t now_us)
{
	struct reader reader = reader_of(envelope->data);
	uint8_t memory[64];
	struct arena arena = {memory, sizeof(memory), 0};
	struct restock_requested restock;
	uint32_t outlet, product;

	if (restock_requested_type.unpack(&restock, &reader, &arena) != ERR_NONE)
		return;
	drive->driven->restocks_heard++;
	if (!bench_sales_outlet_of(restock.place, &outlet) ||
	    !bench_sales_product_of(restock.sku, drive->options->stamp, &product) ||
	    product < BENCH_SOLD_PRODUCTS)
		return;
	uint32_t order = drive->sales->probe_order[bench_sales_probe(outlet, product)];
	if (order == UINT32_MAX || drive->driven->restocks_missing == 0)
		return;
	bench_drive_note(&drive->driven->restocked, now_us - bench_drive_due_us(drive, order));
	drive->driven->restocks_missing--;
}

static void on_batch(struct drive *drive)
{
	const struct message *m = &drive->message;
	struct reader reader = reader_of(m->events);
	struct writer writer = writer_of(drive->frame, DRIVE_FRAME_BYTES);
	int64_t now_us = bus_monotonic_us(drive->bus);

	for (uint32_t i = 0; i < m->event_count && reader.error == ERR_NONE; i++) {
		struct reader inside = reader_of(reader_value(&reader));
		struct envelope envelope;

		envelope_read(&inside, &envelope);
		if (inside.error == ERR_NONE)
			hear_restock(drive, &envelope, now_us);
	}
	drive->ear_owed += m->event_count;
	if (drive->ear_owed * 2 < DRIVE_CREDIT)
		return;
	message_write_credit(&writer, drive->ear.session, 1, drive->ear_owed, 0);
	say(&drive->ear, &writer);
	drive->ear_owed = 0;
}

static void on_message(void *context, struct bus_port *port, const struct bus_peer *from,
                       struct bytes frame)
{
	struct drive_link *link = context;
	struct drive *drive = link->drive;
	char reason[160];

	(void)port;
	(void)from;
	if (message_read(frame, &drive->message, reason, sizeof(reason)) != ERR_NONE)
		return;
	switch (drive->message.kind) {
	case MESSAGE_WELCOME:
		on_welcome(drive, link);
		return;
	case MESSAGE_ACK:
		on_ack(drive);
		return;
	case MESSAGE_RESEND:
		on_resend(drive);
		return;
	case MESSAGE_BATCH:
		on_batch(drive);
		return;
	case MESSAGE_ERROR:
		if (text_equal(drive->message.code, TEXT_LITERAL("hello_first")))
			link->session = 0; /* greeted again with the next ping */
		return;
	default:
		return;
	}
}

int bench_drive_connect(struct drive *drive)
{
	int error = ERR_NONE;

	for (uint32_t i = 0; i < drive->options->links && error == ERR_NONE; i++) {
		drive->links[i] = (struct drive_link){.drive = drive, .index = i};
		error = bus_connect(drive->bus, drive->options->orders, on_message,
		                    &drive->links[i], &drive->links[i].port);
	}
	drive->ear = (struct drive_link){.drive = drive};
	if (error == ERR_NONE && drive->options->inventory != NULL)
		error = bus_connect(drive->bus, drive->options->inventory, on_message, &drive->ear,
		                    &drive->ear.port);
	return error;
}
