/* intake.c -- the record of a run of inputs: order, stamp, and, of what no journal holds, the bytes. */
#include "base/error.h"
#include "kernel/engine.h"

void intake_write(struct writer *writer, const struct run *run, int64_t now_us)
{
	writer_array(writer, run->feed ? 6 : 7);
	writer_text(writer, run->source);
	writer_uint(writer, run->epoch);
	writer_uint(writer, run->after);
	writer_uint(writer, run->through);
	writer_uint(writer, run->count);
	writer_int(writer, now_us);
	if (!run->feed)
		writer_bin(writer, run->events);
}

bool intake_read(struct bytes record, struct run *run)
{
	struct reader reader = reader_of(record);
	uint32_t items = reader_array(&reader, 7);

	*run = (struct run){.feed = items == 6};
	run->source = reader_text(&reader, SOURCE_TEXT_MAX);
	run->epoch = reader_uint(&reader);
	run->after = reader_uint(&reader);
	run->through = reader_uint(&reader);
	run->count = (uint32_t)reader_uint(&reader);
	run->now_us = reader_int(&reader);
	if (items == 7)
		run->events = reader_bin(&reader, UINT32_MAX);
	reader_leave(&reader);
	return (items == 6 || items == 7) && reader_finish(&reader) == ERR_NONE;
}
