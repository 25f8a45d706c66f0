/*
 * session.c -- who asks: a token in the head, or a cookie that holds one, sealed.
 *
 * A session lives in its cookie alone, so that it outlives the gateway; the key that seals it lies in DIR/gateway.session. A session that
 * was ended is remembered until its time is over, by as many as SESSIONS_ENDED_MAX.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <sodium.h>

#include "pack/json.h"
#include "pack/question.h"
#include "routes.h"

#define COOKIE "tributary_session"
#define SESSION_US (12 * US_PER_HOUR)
#define SESSIONS_ENDED_MAX 4096
#define LOOK_US US_PER_SECOND

struct sealed {
	int64_t until_us;
	char token[TOKEN_MAX + 1];
};

#define CIPHER_BYTES (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + sizeof(struct sealed))
#define COOKIE_SIZE (CIPHER_BYTES * 2 + 1)
#define CSRF_BYTES 16

struct sessions {
	uint8_t key[crypto_secretbox_KEYBYTES];
	uint8_t ended[SESSIONS_ENDED_MAX][CSRF_BYTES];
	unsigned ended_at; /* of the next one; all before it are taken, up to SESSIONS_ENDED_MAX */
};

/* ---- the key ---- */

static int make_key(const char *path, uint8_t *key)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (file < 0)
		return ERR_SYSTEM;
	randombytes_buf(key, crypto_secretbox_KEYBYTES);
	bool written = write(file, key, crypto_secretbox_KEYBYTES) == crypto_secretbox_KEYBYTES;
	if (close(file) != 0 || !written) {
		(void)unlink(path);
		return ERR_SYSTEM;
	}
	return ERR_NONE;
}

static int read_key(const char *dir, uint8_t *key)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/gateway.session", dir);
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0)
		return make_key(path, key);
	bool whole = read(file, key, crypto_secretbox_KEYBYTES) == crypto_secretbox_KEYBYTES;
	close(file);
	if (whole)
		return ERR_NONE;
	(void)unlink(path); /* a torn one: nobody is signed in any more */
	return make_key(path, key);
}

int sessions_open(struct gateway *gateway)
{
	gateway->sessions = calloc(1, sizeof(*gateway->sessions));
	if (gateway->sessions == NULL)
		return ERR_MEMORY;
	if (sodium_init() < 0)
		return ERR_SYSTEM;
	sessions_look(gateway);
	return read_key(gateway->params.dir, gateway->sessions->key);
}

void sessions_close(struct gateway *gateway)
{
	if (gateway->sessions != NULL)
		sodium_memzero(gateway->sessions, sizeof(*gateway->sessions));
	free(gateway->sessions);
	gateway->sessions = NULL;
}

/* The local operator's token lies in DIR/gateway.token; without a registry there is no other. */
void sessions_look(struct gateway *gateway)
{
	char path[4200], text[TOKEN_MAX + 1] = "";

	snprintf(path, sizeof(path), "%s/keys/registry.yaml", gateway->params.dir);
	gateway->has_registry = access(path, F_OK) == 0;
	snprintf(path, sizeof(path), "%s/gateway.token", gateway->params.dir);
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t size = file >= 0 ? read(file, text, sizeof(text) - 1) : 0;
	if (file >= 0)
		close(file);
	text[size > 0 ? size : 0] = 0;
	text[strcspn(text, "\r\n")] = 0;
	memcpy(gateway->local_token, text, sizeof(text));
	gateway->looked_us = bus_monotonic_us(gateway->bus);
}

/* ---- cookies ---- */

static bool cookie_find(const char *cookies, char out[COOKIE_SIZE])
{
	const char *at = cookies;

	while ((at = strstr(at, COOKIE "=")) != NULL) {
		if (at == cookies || at[-1] == ' ' || at[-1] == ';') {
			size_t size = strspn(at + sizeof(COOKIE), "0123456789abcdef");

			if (size != COOKIE_SIZE - 1)
				return false;
			memcpy(out, at + sizeof(COOKIE), size);
			out[size] = 0;
			return true;
		}
		at++;
	}
	return false;
}

static void csrf_of(const struct sessions *sessions, const char *cookie, uint8_t out[CSRF_BYTES])
{
	(void)crypto_generichash(out, CSRF_BYTES, (const uint8_t *)cookie, COOKIE_SIZE - 1, sessions->key, sizeof(sessions->key));
}

static void cookie_make(const struct sessions *sessions, const char *token, int64_t until_us, char out[COOKIE_SIZE])
{
	uint8_t cipher[CIPHER_BYTES];
	struct sealed sealed = {.until_us = until_us};

	snprintf(sealed.token, sizeof(sealed.token), "%s", token);
	randombytes_buf(cipher, crypto_secretbox_NONCEBYTES);
	(void)crypto_secretbox_easy(cipher + crypto_secretbox_NONCEBYTES, (const uint8_t *)&sealed, sizeof(sealed), cipher, sessions->key);
	sodium_bin2hex(out, COOKIE_SIZE, cipher, sizeof(cipher));
}

static bool cookie_open(const struct sessions *sessions, const char *cookie, int64_t now_us, struct sealed *sealed)
{
	uint8_t cipher[CIPHER_BYTES], csrf[CSRF_BYTES];
	size_t size = 0;

	if (sodium_hex2bin(cipher, sizeof(cipher), cookie, COOKIE_SIZE - 1, NULL, &size, NULL) != 0 || size != sizeof(cipher))
		return false;
	if (crypto_secretbox_open_easy((uint8_t *)sealed, cipher + crypto_secretbox_NONCEBYTES, sizeof(cipher) - crypto_secretbox_NONCEBYTES,
				       cipher, sessions->key) != 0 ||
	    sealed->until_us < now_us)
		return false;
	csrf_of(sessions, cookie, csrf);
	for (unsigned i = 0; i < sessions->ended_at && i < SESSIONS_ENDED_MAX; i++)
		if (memcmp(sessions->ended[i], csrf, CSRF_BYTES) == 0)
			return false;
	return true;
}

/* ---- who asks ---- */

/* R6: what a token may see the door decides; only that of DIR/gateway.token is known here: who can read it can open the doors as well. */
static bool token_take(struct gateway *gateway, const char *token, struct caller *caller)
{
	size_t size = strlen(token);

	if (bus_monotonic_us(gateway->bus) - gateway->looked_us > LOOK_US)
		sessions_look(gateway);
	if (size > 0 && size == strlen(gateway->local_token) && sodium_memcmp(token, gateway->local_token, size) == 0) {
		caller->token[0] = 0; /* the doors are spoken to as the local operator */
		return true;
	}
	memmove(caller->token, token, size + 1);
	return size > 0 && gateway->has_registry;
}

bool caller_of(struct gateway *gateway, const char *token, const char *cookies, const char *csrf, bool guarded, struct caller *caller,
	       const char **why)
{
	char cookie[COOKIE_SIZE], expected[CSRF_BYTES * 2 + 1];
	uint8_t raw[CSRF_BYTES];
	struct sealed sealed;

	*why = "Show a token (Authorization: Bearer), or sign in at /v1/session.";
	caller->by_cookie = token[0] == 0;
	if (!caller->by_cookie)
		return token_take(gateway, token, caller);
	if (!cookie_find(cookies, cookie) || !cookie_open(gateway->sessions, cookie, bus_now_us(gateway->bus), &sealed))
		return false;
	csrf_of(gateway->sessions, cookie, raw);
	sodium_bin2hex(expected, sizeof(expected), raw, sizeof(raw));
#if defined(MUTANT_CSRF_UNCHECKED)
	guarded = false;
#endif
	if (guarded && (strlen(csrf) != strlen(expected) || sodium_memcmp(csrf, expected, strlen(expected)) != 0)) {
		*why = NULL;
		return false;
	}
	sealed.token[TOKEN_MAX] = 0;
	return token_take(gateway, sealed.token, caller);
}

/* R7: a cookie alone changes nothing: with it, whatever is not a GET must show the session's CSRF token. */
bool caller_find(struct request *request)
{
	bool guarded = request->method != METHOD_GET && request->method != METHOD_HEAD;
	struct caller caller;
	const char *why;

	if (caller_of(request->gateway, request->caller.token, request->cookie, request->csrf, guarded, &caller, &why)) {
		request->caller = caller;
		return true;
	}
	if (why == NULL)
		request_problem(request, 403, "csrf", "X-CSRF-Token is missing or not that of the session: see `csrf` of /v1/session.");
	else
		request_problem(request, 401, NULL, "%s", why);
	return false;
}

/* ---- the session's own requests ---- */

static void say_session(struct request *request, const char *cookie, int64_t until_us)
{
	char text[CSRF_BYTES * 2 + 1];
	uint8_t csrf[CSRF_BYTES];
	struct buffer buffer = {0};

	csrf_of(request->gateway->sessions, cookie, csrf);
	sodium_bin2hex(text, sizeof(text), csrf, sizeof(csrf));
	buffer_format(&buffer, "{\"csrf\":\"%s\",\"until_us\":%lld}\n", text, (long long)until_us);
	request_json(request, 200, &buffer);
}

void get_session(struct request *request)
{
	char cookie[COOKIE_SIZE];
	struct sealed sealed;

	if (cookie_find(request->cookie, cookie) &&
	    cookie_open(request->gateway->sessions, cookie, bus_now_us(request->gateway->bus), &sealed))
		say_session(request, cookie, sealed.until_us);
	else
		request_problem(request, 401, NULL, "There is no session. Sign in with POST /v1/session.");
}

/* The token waits behind the body of its request while a door is asked about it. */
static void on_known(void *context, const struct line_end *end, const struct message *message)
{
	struct request *request = context;
	struct gateway *gateway = request->gateway;
	bool unknown = message == NULL && (end->error == ERR_FORBIDDEN || text_equal(end->code, TEXT_LITERAL("forbidden")));
	char cookie[COOKIE_SIZE];
	int64_t until_us = bus_now_us(gateway->bus) + SESSION_US;

	if (unknown) {
		request_problem(request, 401, NULL, "This token is nobody's, or was revoked. Ask for another one.");
	} else if (message == NULL && end->code.size == 0) {
		request_failed(request, "kpi", end);
	} else {
		cookie_make(gateway->sessions, (const char *)request->body, until_us, cookie);
		request_header(request, "Set-Cookie: " COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", cookie,
			       (long long)(SESSION_US / US_PER_SECOND), gateway->is_tls ? "; Secure" : "");
		say_session(request, cookie, until_us);
	}
	request_release(request);
}

static bool session_token(struct request *request, char token[TOKEN_MAX + 1])
{
	size_t failed_at;
	const char *body = (const char *)request->body;

	if (strncmp(request->content_type, "application/json", 16) != 0) {
		request_problem(request, 415, NULL, "Content-Type must be application/json.");
		return false;
	}
	cJSON *object = body != NULL && strlen(body) == request->body_size && json_check(body, &failed_at) == ERR_NONE ? cJSON_Parse(body) : NULL;
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(object, "token");
	bool good = cJSON_IsString(text) && strlen(text->valuestring) <= TOKEN_MAX && strlen(text->valuestring) > 0;
	if (good)
		snprintf(token, TOKEN_MAX + 1, "%s", text->valuestring);
	else
		request_problem(request, 400, NULL, "The body must be {\"token\": \"...\"}, the token at most %d bytes.", TOKEN_MAX);
	cJSON_Delete(object);
	return good;
}

void post_session(struct request *request)
{
	struct caller caller = {0};
	struct question question;
	char token[TOKEN_MAX + 1];

	if (!session_token(request, token))
		return;
	if (!token_take(request->gateway, token, &caller)) {
		request_problem(request, 401, NULL, "This token is nobody's, or was revoked. Ask for another one.");
		return;
	}
	snprintf((char *)request->body, request->body_length + 1, "%s", token);
	question_begin(&question);
	question_text(&question, "target", "-");
	line_ask(request->gateway->lines, LINE_ASK, caller.token, service_index(TEXT_LITERAL("kpi")), "targets", question_end(&question),
		 bytes_of(NULL, 0), DOOR_MS, on_known, request_keep(request));
}

void delete_session(struct request *request)
{
	struct sessions *sessions = request->gateway->sessions;
	char cookie[COOKIE_SIZE];

	if (cookie_find(request->cookie, cookie))
		csrf_of(sessions, cookie, sessions->ended[sessions->ended_at++ % SESSIONS_ENDED_MAX]);
	request_header(request, "Set-Cookie: " COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0%s", request->gateway->is_tls ? "; Secure" : "");
	request_answer(request, 204, NULL, body_copy(bytes_of(NULL, 0)));
}
