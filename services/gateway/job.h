/*
 * job.h -- an answer that several requests may wait for.
 *
 * Requests that ask the same with the same token while such an answer is not begun share it. One that is under way is not shared: what
 * it says may be older than the request. So nobody is answered with less than what was committed when they asked.
 */
#ifndef TRIBUTARY_GATEWAY_JOB_H
#define TRIBUTARY_GATEWAY_JOB_H

#include <uthash.h>

#include "cursor.h"
#include "pack/question.h"
#include "request.h"

struct waiter {
	struct waiter *next;
	struct request *request;
};

struct job {
	UT_hash_handle hh;
	struct gateway *gateway;
	char *key; /* token, path and arguments */
	size_t key_size;
	char token[TOKEN_MAX + 1];
	struct waiter *waiters;
	struct job *following; /* the same, for those who came since it began */
	void (*run)(struct job *job);

	/* of rows.c and lag.c */
	const struct rows_kind *kind;
	struct question question;
	struct cursor at;
	unsigned first, last; /* services that are asked: first to last */
	int64_t limit;
	unsigned count;	      /* rows so far */
	uint8_t unreachable;  /* a bit for each service */
	struct buffer buffer;
	int64_t heads[PARAMS_SERVICES], through[PARAMS_SERVICES];
};

/* job_join -- let the request wait for this answer; true: a job was made, which the caller fills in and hands to job_begin. */
bool job_join(struct request *request, void (*run)(struct job *job), struct job **made) must_check;
void job_begin(struct job *job);

/* job_done -- everybody gets this answer.   job_failed -- everybody gets this problem. The job is gone then. */
void job_done(struct job *job);
void job_failed(struct job *job, const char *service, const struct line_end *end);

/* job_is_unanswered -- whether none of the services from first to last was there; then everybody was told, and the job is gone. */
bool job_is_unanswered(struct job *job) must_check;

#endif
