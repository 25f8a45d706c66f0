/* stage.c -- an engine and the smallest world around it. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "kernel/tools.h"

#define ODD_BYTES 4096 /* no row that is spoilt is longer */

static const struct service *handed_over;

/* In place of the kernel's: keeps the description and serves nobody. */
int service_main(int argc, char **argv, const struct service *service)
{
	(void)argc;
	(void)argv;
	handed_over = service;
	return 0;
}

const struct service *stage_service(int (*main_of)(int argc, char **argv))
{
	CHECK(main_of(0, NULL) == 0);
	return handed_over;
}

void stage_open(struct stage *stage, const struct service *service, const char *dir)
{
	char path[512];
	struct engine_options options = {.path = path,
	                                 .memory = dir == NULL,
	                                 .map_bytes = 64 << 20,
	                                 .map_bytes_max = 1 << 30,
	                                 .now_us = 1};

	*stage = (struct stage){.time_us = INT64_C(1772355600000000)};
	snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : "stage", service->name);
	CHECK(engine_open(&stage->engine, service, &options) == ERR_NONE);
	CHECK(arena_open(&stage->arena, 4 << 20) == ERR_NONE);
}

void stage_commit(struct stage *stage)
{
	if (stage->open > 0)
		CHECK(engine_commit(stage->engine) == ERR_NONE);
	stage->open = 0;
}

void stage_close(struct stage *stage)
{
	stage_commit(stage);
	engine_close(&stage->engine);
	arena_close(&stage->arena);
}

static uint64_t next_seq(struct stage *stage, const char *source)
{
	unsigned i = 0;

	while (stage->sources[i].name != NULL && strcmp(stage->sources[i].name, source) != 0) {
		i++;
		CHECK(i < STAGE_SOURCES_MAX);
	}
	stage->sources[i].name = source;
	return ++stage->sources[i].seq;
}

void stage_hear(struct stage *stage, const char *source, const struct event_type *type, const void *event)
{
	static uint8_t packed[EVENT_OWN_BYTES_MAX];
	struct writer writer = writer_of(packed, sizeof(packed));
	uint64_t seq = next_seq(stage, source);
	struct envelope envelope = {
	    .source = text_of(source), .seq = seq, .type = text_of(type->name), .time_us = stage->time_us};
	struct admission admission;

	envelope_write(&writer, &envelope);
	type->pack(event, &writer);
	CHECK(writer.error == ERR_NONE);
	struct run run = {.source = text_of(source),
	                  .epoch = 1,
	                  .after = seq - 1,
	                  .count = 1,
	                  .events = writer_bytes(&writer)};
	if (stage->open == 0)
		CHECK(engine_begin(stage->engine, stage->time_us + US_PER_DAY) == ERR_NONE);
	engine_admit(stage->engine, &run, &admission);
	CHECK(admission.state == ADMISSION_DONE && admission.admitted == 1);
	if (++stage->open >= stage->turn_size)
		stage_commit(stage);
}

bool stage_said(struct stage *stage, const struct event_type **type, const void **event)
{
	struct view view = {0};
	struct envelope envelope;
	uint64_t number;

	stage_commit(stage);
	if (stage->said >= engine_meta(stage->engine)->head)
		return false;
	CHECK(view_open(&view, engine_store(stage->engine)) == ERR_NONE);
	struct bytes entry = view_log_seek(&view, KERNEL_JOURNAL, stage->said + 1, &number);
	arena_reset(&stage->arena);
	uint8_t *copy = arena_take(&stage->arena, entry.size);
	memcpy(copy, entry.data, entry.size);
	view_close(&view);
	struct reader reader = reader_of(bytes_of(copy, entry.size));
	envelope_read(&reader, &envelope);
	*type = event_type_find(envelope.type);
	CHECK(*type != NULL);
	void *data = arena_take(&stage->arena, (*type)->struct_size);
	struct reader body = reader_of(envelope.data);
	CHECK((*type)->unpack(data, &body, &stage->arena) == ERR_NONE);
	*event = data;
	stage->said = number;
	return true;
}

uint64_t stage_hash(struct stage *stage)
{
	struct view view = {0};
	uint64_t number, hash;

	stage_commit(stage);
	CHECK(view_open(&view, engine_store(stage->engine)) == ERR_NONE);
	hash = view_state_hash(&view);
	for (struct bytes entry = view_log_seek(&view, KERNEL_JOURNAL, 1, &number); entry.data != NULL;
	     entry = view_log_next(&view, KERNEL_JOURNAL, &number)) {
		struct reader reader = reader_of(entry);
		struct envelope envelope;

		envelope_read(&reader, &envelope); /* not its stamp: that is another one in every run */
		hash = hash_seeded(envelope.data, hash + number + (uint64_t)envelope.time_us);
	}
	view_close(&view);
	return hash;
}

uint64_t stage_random(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % below;
}

void stage_folder(char dir[64])
{
	snprintf(dir, 64, "%s/test_stage_XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	CHECK(mkdtemp(dir) != NULL);
}

void stage_folder_remove(const char *dir, const struct service *service)
{
	static const char *const files[] = {"/data.mdb", "/lock.mdb", "/suspect", ""};
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", dir, service->name, files[i]);
		(void)remove(path);
	}
	(void)remove(dir);
}

int stage_check(const struct service *service, const char *dir)
{
	struct tool_options options = {.dir = dir, .map_bytes_max = 1 << 30, .out = fopen("/dev/null", "w")};

	CHECK(options.out != NULL);
	int wrongs = tool_check(service, &options);
	fclose(options.out);
	return wrongs;
}

bool stage_check_says(const struct service *service, const char *dir, const char *text)
{
	char *findings = NULL;
	size_t size = 0;
	struct tool_options options = {.dir = dir, .map_bytes_max = 1 << 30, .out = open_memstream(&findings, &size)};

	CHECK(options.out != NULL);
	int wrongs = tool_check(service, &options);
	fclose(options.out);
	bool says = wrongs > 0 && strstr(findings, text) != NULL;
	if (!says)
		fprintf(stderr, "not found: %s, but %d others:\n%s", text, wrongs, findings);
	free(findings);
	return says;
}

void stage_write(const struct service *service, const char *dir, unsigned table, struct bytes key, struct bytes value)
{
	struct stage stage;

	stage_open(&stage, service, dir);
	CHECK(engine_begin(stage.engine, 2) == ERR_NONE);
	if (value.data != NULL)
		store_put(engine_store(stage.engine), KERNEL_TABLES + table, key, value);
	else
		store_del(engine_store(stage.engine), KERNEL_TABLES + table, key);
	CHECK(store_commit(engine_store(stage.engine)) == ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}

void stage_spoil(const struct service *service, const char *dir, const struct odd *odd)
{
	struct bytes key = bytes_of(odd->key, odd->key_size), row;
	uint8_t room[ODD_BYTES] = {0};
	struct stage stage;

	stage_open(&stage, service, dir);
	CHECK(engine_begin(stage.engine, 2) == ERR_NONE);
	row = store_get(engine_store(stage.engine), KERNEL_TABLES + odd->table, key);
	size_t size = odd->size > 0 ? odd->size : row.size;
	CHECK(row.size <= sizeof(room) && size <= sizeof(room) && odd->offset + sizeof(odd->value) <= sizeof(room));
	if (row.size > 0)
		memcpy(room, row.data, row.size);
	memcpy(room + odd->offset, &odd->value, sizeof(odd->value));
	store_put(engine_store(stage.engine), KERNEL_TABLES + odd->table, key, bytes_of(room, size));
	CHECK(store_commit(engine_store(stage.engine)) == ERR_NONE);
	engine_close(&stage.engine);
	arena_close(&stage.arena);
}
