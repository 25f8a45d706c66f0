/*
 * scene.c -- malloc and its kin while a scene is entered: blocks one behind the other, between poisoned gaps, none used twice by one
 * execution. Pages are written to when a first write has shown that they are wanted, and those are put back at the end.
 *
 * A sanitizer's heap spends several times as long on such executions as they take.
 */
#include "scene.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <sanitizer/asan_interface.h>

#define PAGE ((size_t)4096)
#define SCENE_BYTES ((size_t)256 << 20)
#define PAGES (SCENE_BYTES / PAGE)
#define GAP ((size_t)16) /* before each block: its head, poisoned */
#define LARGE_BYTES ((size_t)16 << 10)
#define LARGE_MAX 256
#define POISONED_BYTES ((size_t)32 << 10) /* the beginning of a large block that was given back */
#define FREED_MAX (1u << 20)
#define FORGET_AFTER 1024 /* executions: pages that few write to are not put back for ever */
#define LENT UINT64_C(0x6c656e745f5f5f31)
#define GIVEN_BACK UINT64_C(0x6261636b5f5f5f32)

int __interceptor_clock_gettime(clockid_t clock, struct timespec *out);
void *__interceptor_malloc(size_t size);
void *__interceptor_calloc(size_t count, size_t size);
void *__interceptor_realloc(void *block, size_t size);
void __interceptor_free(void *block);

struct head {
	uint64_t size, state;
};

/* Large blocks are never given up, so that what surrounds them stays poisoned; an execution that wants the same size has it again. */
struct large {
	uint8_t *block;
	size_t size;
	bool lent, lent_kept, used;
};

struct scene {
	uint8_t *base, *mirror; /* the scene, and how it was kept: pages that were not blank */
	size_t top, kept_top, low;
	uint64_t live, kept_live, executions, moments, kept_moments;
	uint32_t *hot, hot_count;
	uint8_t *is_hot, *is_kept; /* by page */
	struct large large[LARGE_MAX];
	unsigned large_count;
	bool kept;
};

bool scene_prints;
uint64_t scene_print;

static struct scene scenes[SCENES_MAX], *now; /* of the process, as a heap is; now: NULL between executions */
static uint8_t *freed[FREED_MAX];		/* blocks that were kept, and that this execution gave back */
static uint32_t freed_count;
static struct sigaction before, alarm_before;
static __thread bool entered;

/* What a sanitizer looks at must not be seen by it here. */
static void blank(void *to, size_t size)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(0) : "memory");
}

static void copy(void *to, const void *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static bool is_blank(const uint8_t *page)
{
	for (size_t i = 0; i < PAGE; i += sizeof(uint64_t))
		if (*(const uint64_t *)(const void *)(page + i) != 0)
			return false;
	return true;
}

static void fail(const char *what)
{
	static const char head[] = "ERROR: scene: ";

	entered = false;
	(void)!write(STDERR_FILENO, head, sizeof(head) - 1);
	fprintf(stderr, "%s\n", what);
	abort();
}

/* ---- pages ---- */

static void on_fault(int number, siginfo_t *info, void *context)
{
	uint8_t *at = info->si_addr;

	if (now != NULL && now->kept && at >= now->base && at < now->base + SCENE_BYTES) {
		size_t page = (size_t)(at - now->base) / PAGE;

		if (!now->is_hot[page] && mprotect(now->base + page * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0) {
			now->is_hot[page] = 1;
			now->hot[now->hot_count++] = (uint32_t)page;
			return;
		}
	}
	if ((before.sa_flags & SA_SIGINFO) != 0)
		before.sa_sigaction(number, info, context);
	else
		abort();
}

/* Whoever watches how long an execution takes looks at the true time. */
static void on_alarm(int number, siginfo_t *info, void *context)
{
	bool was_entered = entered;

	entered = false;
	alarm_before.sa_sigaction(number, info, context);
	entered = was_entered;
}

static void watch_alarm(void)
{
	struct sigaction action;

	if (sigaction(SIGALRM, NULL, &action) != 0 || (action.sa_flags & SA_SIGINFO) == 0 || action.sa_sigaction == on_alarm)
		return;
	alarm_before = action;
	action.sa_sigaction = on_alarm;
	if (sigaction(SIGALRM, &action, NULL) != 0)
		fail("no handler");
}

static void *pages_of(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages == MAP_FAILED)
		fail("no memory");
	return pages;
}

static void make(struct scene *scene)
{
	static const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
	struct sigaction old;

	if (sigaction(SIGSEGV, &action, &old) != 0)
		fail("no handler");
	if (old.sa_sigaction != on_fault)
		before = old;
	watch_alarm();
	scene->base = pages_of(SCENE_BYTES);
	scene->mirror = pages_of(SCENE_BYTES);
	scene->hot = pages_of(PAGES * sizeof(*scene->hot));
	scene->is_hot = pages_of(PAGES);
	scene->is_kept = pages_of(PAGES);
	scene->low = SCENE_BYTES;
	__asan_poison_memory_region(scene->base, SCENE_BYTES);
}

static void cool(struct scene *scene)
{
	if (mprotect(scene->base, SCENE_BYTES, PROT_READ) != 0)
		fail("no protection");
	for (uint32_t i = 0; i < scene->hot_count; i++)
		scene->is_hot[scene->hot[i]] = 0;
	scene->hot_count = 0;
}

/* ---- an execution ---- */

bool scene_enter(unsigned number)
{
	now = &scenes[number];
	if (now->base == NULL)
		make(now);
	entered = true;
	return !now->kept;
}

void scene_keep(void)
{
	for (size_t page = 0; page < PAGES; page++) {
		if (page * PAGE >= now->top && (page + 1) * PAGE <= now->low)
			continue;
		now->is_kept[page] = !is_blank(now->base + page * PAGE);
		if (now->is_kept[page])
			copy(now->mirror + page * PAGE, now->base + page * PAGE, PAGE);
	}
	for (unsigned i = 0; i < now->large_count; i++)
		now->large[i].lent_kept = now->large[i].lent;
	now->kept_top = now->top;
	now->kept_live = now->live;
	now->kept_moments = now->moments;
	now->kept = true;
	cool(now);
}

static void put_pages_back(struct scene *scene)
{
	for (uint32_t i = 0; i < scene->hot_count; i++) {
		size_t at = scene->hot[i] * PAGE;

		if (scene->is_kept[scene->hot[i]])
			copy(scene->base + at, scene->mirror + at, PAGE);
		else
			blank(scene->base + at, PAGE);
	}
}

static size_t poisoned_of(const struct large *large)
{
	return large->size < POISONED_BYTES ? large->size : POISONED_BYTES;
}

static void put_large_back(struct scene *scene)
{
	for (unsigned i = 0; i < scene->large_count; i++) {
		struct large *large = &scene->large[i];

		large->used = large->lent_kept;
		if (large->lent == large->lent_kept)
			continue;
		large->lent = large->lent_kept;
		if (large->lent)
			__asan_unpoison_memory_region(large->block, poisoned_of(large));
		else
			__asan_poison_memory_region(large->block, poisoned_of(large));
	}
}

/* Of what this execution wrote, whatever those before it wrote to. */
static uint64_t print_of(const struct scene *scene)
{
	uint64_t print = scene->top;

	for (uint32_t i = 0; i < scene->hot_count; i++) {
		size_t at = scene->hot[i] * PAGE;
		uint64_t page = at;
		bool is_changed = false;

		for (size_t word = at; word < at + PAGE; word += sizeof(uint64_t)) {
			uint64_t is = *(const uint64_t *)(const void *)(scene->base + word);

			is_changed |= is != *(const uint64_t *)(const void *)(scene->mirror + word);
			page = (page ^ is) * UINT64_C(0x9E3779B97F4A7C15);
			page ^= page >> 29;
		}
		print += is_changed ? page : 0;
	}
	return print;
}

void scene_leave(void)
{
	if (now->live != 0)
		fail("blocks were not given back");
	scene_drop();
}

void scene_drop(void)
{
	struct scene *scene = now;

	if (scene_prints)
		scene_print = print_of(scene);
	put_pages_back(scene);
	put_large_back(scene);
	for (uint32_t i = 0; i < freed_count; i++)
		__asan_unpoison_memory_region(freed[i], ((struct head *)(void *)(freed[i] - GAP))->size);
	freed_count = 0;
	if (scene->top > scene->kept_top)
		__asan_poison_memory_region(scene->base + scene->kept_top, scene->top - scene->kept_top);
	scene->top = scene->kept_top;
	scene->live = scene->kept_live;
	scene->moments = scene->kept_moments;
	if (++scene->executions % FORGET_AFTER == 0)
		cool(scene);
	entered = false;
	now = NULL;
}

/* ---- blocks ---- */

static bool is_ours(const void *block)
{
	return now != NULL && (const uint8_t *)block >= now->base && (const uint8_t *)block < now->base + SCENE_BYTES;
}

/* The kernel, which may fill a buffer of a file, writes to no page that is protected. */
static void want(uint8_t *block, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE)
		*(volatile uint8_t *)(block + at) = 0;
	if (size > 0)
		*(volatile uint8_t *)(block + size - 1) = 0;
}

/* Of a block that this execution has had already; pages that are not hot were not written to, and were blank before unless they are kept. */
static void blank_large(const struct large *large)
{
	size_t from = (size_t)(large->block - now->base) / PAGE, count = (large->size + PAGE - 1) / PAGE;

	for (size_t page = from; page < from + count; page++)
		if (now->is_hot[page] || now->is_kept[page])
			blank(now->base + page * PAGE, PAGE);
}

/* Blank, however it was asked for: an execution does not see what the one before left. */
static void *take_large(size_t size)
{
	struct large *large = NULL;
	bool fresh = false;

	for (unsigned i = 0; i < now->large_count && large == NULL; i++)
		if (!now->large[i].lent && now->large[i].size == size)
			large = &now->large[i];
	if (large == NULL) {
		size_t room = (size + GAP + PAGE - 1) / PAGE * PAGE + PAGE;

		if (now->large_count == LARGE_MAX || now->low < now->top + room + PAGE)
			return NULL;
		now->low -= room;
		large = &now->large[now->large_count++];
		*large = (struct large){.block = now->base + now->low + PAGE, .size = size};
		fresh = true;
	}
	if (large->used)
		blank_large(large);
	__asan_unpoison_memory_region(large->block, fresh ? size : poisoned_of(large));
	large->lent = large->used = true;
	now->live++;
	return large->block;
}

static struct large *large_of(const void *block)
{
	for (unsigned i = 0; i < now->large_count; i++)
		if (now->large[i].block == block)
			return &now->large[i];
	return NULL;
}

/* NULL: the scene is full, or this thread is not in it. */
static void *take(size_t size)
{
	size_t room = GAP + (size + GAP - 1) / GAP * GAP;

	if (!entered)
		return NULL;
	if (size >= LARGE_BYTES)
		return take_large(size);
	if (now->top + room + GAP > now->low)
		return NULL;
	uint8_t *block = now->base + now->top + GAP;
	want(block, size);
	*(struct head *)(void *)(block - GAP) = (struct head){size, LENT};
	now->top += room;
	now->live++;
	__asan_unpoison_memory_region(block, size);
	return block;
}

static size_t size_of(const void *block)
{
	const struct large *large = large_of(block);

	return large != NULL ? large->size : ((const struct head *)(const void *)((const uint8_t *)block - GAP))->size;
}

static void give_back(uint8_t *block)
{
	struct head *head = (struct head *)(void *)(block - GAP);
	struct large *large = (size_t)(block - now->base) >= now->low ? large_of(block) : NULL;

	if (large != NULL ? !large->lent : head->state != LENT)
		fail("given back twice, or never lent");
	now->live--;
	if (large != NULL) {
		large->lent = false;
		__asan_poison_memory_region(block, poisoned_of(large));
		return;
	}
	head->state = GIVEN_BACK;
	__asan_poison_memory_region(block, head->size);
	if (now->kept && (size_t)(block - now->base) < now->kept_top && freed_count < FREED_MAX)
		freed[freed_count++] = block;
}

void *malloc(size_t size)
{
	void *block = take(size);

	return block != NULL ? block : __interceptor_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;

	if (!entered || __builtin_mul_overflow(count, size, &bytes))
		return __interceptor_calloc(count, size);
	void *block = take(bytes);
	return block != NULL ? block : __interceptor_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	if (block == NULL)
		return malloc(size);
	if (!is_ours(block))
		return __interceptor_realloc(block, size);
	size_t had = size_of(block);
	void *moved = malloc(size);
	if (moved == NULL)
		return NULL;
	copy(moved, block, size < had ? size : had);
	give_back(block);
	return moved;
}

void free(void *block)
{
	if (is_ours(block))
		give_back(block);
	else
		__interceptor_free(block);
}

char *strndup(const char *text, size_t most)
{
	size_t size = 0;

	while (size < most && text[size] != 0)
		size++;
	char *twin = malloc(size + 1);
	if (twin == NULL)
		return NULL;
	copy(twin, text, size);
	twin[size] = 0;
	return twin;
}

char *strdup(const char *text)
{
	return strndup(text, SIZE_MAX - 1);
}

/* ---- time ---- */

/* A microsecond goes by whenever somebody looks: how long things took is the same whenever an input is played. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
	if (!entered)
		return __interceptor_clock_gettime(clock, out);
	uint64_t us = ++now->moments;
	*out = (struct timespec){.tv_sec = 1773216000 + (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
	return 0;
}
