/* job.c -- who waits for which answer. */
#include "job.h"

#include <stdlib.h>
#include <string.h>

/* Token, path and arguments, each behind the other with a zero between. */
static char *key_of(const struct request *request, size_t *size)
{
	size_t need = strlen(request->caller.token) + strlen(request->path) + 2;

	for (unsigned i = 0; i < request->argument_count; i++)
		need += strlen(request->arguments[i].name) + strlen(request->arguments[i].value) + 2;
	char *key = malloc(need), *at = key;
	if (key == NULL)
		return NULL;
	at = stpcpy(at, request->caller.token) + 1;
	at = stpcpy(at, request->path) + 1;
	for (unsigned i = 0; i < request->argument_count; i++) {
		at = stpcpy(at, request->arguments[i].name) + 1;
		at = stpcpy(at, request->arguments[i].value) + 1;
	}
	*size = need;
	return key;
}

static bool add_waiter(struct job *job, struct request *request)
{
	struct waiter *waiter = malloc(sizeof(*waiter));

	if (waiter == NULL)
		return false;
	*waiter = (struct waiter){.next = job->waiters, .request = request_keep(request)};
	job->waiters = waiter;
	request->gateway->counts.requests_open++;
	return true;
}

static void job_free(struct job *job)
{
	buffer_free(&job->buffer);
	free(job->key);
	free(job);
}

static struct job *job_make(struct request *request, char *key, size_t size)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->gateway = request->gateway;
	job->key = key;
	job->key_size = size;
	memcpy(job->token, request->caller.token, sizeof(job->token));
	if (!add_waiter(job, request)) {
		free(job);
		return NULL;
	}
	return job;
}

bool job_join(struct request *request, void (*run)(struct job *job), struct job **made)
{
	struct job *running = NULL, *job;
	size_t size = 0;

	if (request->gateway->counts.requests_open >= REQUESTS_MAX) {
		request_problem(request, 503, "busy", "Too many requests wait already. Try again later.");
		return false;
	}
	char *key = key_of(request, &size);
	if (key != NULL)
		HASH_FIND(hh, request->gateway->jobs, key, size, running);
	if (running != NULL && running->following != NULL) {
		free(key);
		if (!add_waiter(running->following, request))
			request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return false;
	}
	job = key != NULL ? job_make(request, key, size) : NULL;
	if (job == NULL) {
		free(key);
		request_problem(request, 503, NULL, "The gateway is short of memory. Try again later.");
		return false;
	}
	job->run = run;
	*made = job;
	if (running != NULL)
		running->following = job;
	return true;
}

void job_begin(struct job *job)
{
	struct job *running = NULL;

	HASH_FIND(hh, job->gateway->jobs, job->key, job->key_size, running);
	if (running != NULL)
		return; /* it follows that one */
	HASH_ADD_KEYPTR(hh, job->gateway->jobs, job->key, job->key_size, job);
	job->run(job);
}

/* The job leaves the table, and the one behind it begins. */
static void job_leave(struct job *job)
{
	struct job *following = job->following;

	HASH_DEL(job->gateway->jobs, job);
	job_free(job);
	if (following != NULL)
		job_begin(following);
}

static struct request *take_waiter(struct job *job)
{
	struct waiter *waiter = job->waiters;
	struct request *request = waiter->request;

	job->waiters = waiter->next;
	free(waiter);
	job->gateway->counts.requests_open--;
	return request;
}

void job_done(struct job *job)
{
	struct body *body = body_of(&job->buffer);

	while (job->waiters != NULL) {
		struct request *request = take_waiter(job);

		request_answer(request, 200, "application/json", body != NULL ? body_hold(body) : NULL);
		request_release(request);
	}
	body_release(&body);
	job_leave(job);
}

bool job_is_unanswered(struct job *job)
{
	struct line_end end = {.error = ERR_TIMEOUT};

	for (unsigned i = job->first; i <= job->last; i++)
		if ((job->unreachable & 1u << i) == 0)
			return false;
	job_failed(job, job->first == job->last ? params_services[job->first] : "each of the services", &end);
	return true;
}

void job_failed(struct job *job, const char *service, const struct line_end *end)
{
	while (job->waiters != NULL) {
		struct request *request = take_waiter(job);

		request_failed(request, service, end);
		request_release(request);
	}
	job_leave(job);
}
