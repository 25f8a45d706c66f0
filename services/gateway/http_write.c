/* http_write.c -- an answer on its way out: the head once, then the body or the stream piece by piece. */
#include "http_inside.h"

#include <sys/socket.h>
#include <time.h>

/* R9: every answer carries these, so that a page of ours runs only what is ours and nobody frames, sniffs or reads it from elsewhere. */
static const char security[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

static const char *word_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 204:
		return "No Content";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 411:
		return "Length Required";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 501:
		return "Not Implemented";
	default:
		return "Service Unavailable";
	}
}

static size_t write_head(const struct request *request, int64_t now_us, char *out, size_t size)
{
	time_t now = (time_t)(now_us / US_PER_SECOND);
	char length[48] = "", date[40];
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &parts);
	if (!request->is_stream && request->status != 204 && request->status != 304)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n", request->answer->size);
	int used = snprintf(out, size, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s%s%s%s%s%s%s%s\r\n", request->status, word_of(request->status), date,
			    request->type != NULL ? "Content-Type: " : "", request->type != NULL ? request->type : "",
			    request->type != NULL ? "\r\n" : "", length, request->close ? "Connection: close\r\n" : "",
			    strstr(request->headers, "Cache-Control") == NULL ? "Cache-Control: no-store\r\n" : "", security,
			    request->gateway->is_tls ? "Strict-Transport-Security: max-age=31536000\r\n" : "",
			    request->headers);

	CHECK(used > 0 && (size_t)used < size);
	return (size_t)used;
}

/* Behind a body that will not be read: our word is out, what still comes is thrown away for a moment, so that it is heard. */
static int linger(struct lws *handle)
{
	shutdown(lws_get_socket_fd(handle), SHUT_WR);
	http_until(handle, 2 * US_PER_SECOND);
	return 0;
}

static int complete(struct lws *handle, struct request *request)
{
	struct seat *seat = lws_wsi_user(handle);
	bool unread = request->body_size < request->body_length, close = request->close;

	if (unread)
		return linger(handle);
	request->handle = NULL;
	seat->request = NULL;
	request_release(request);
	if (close)
		return -1;
	http_until(handle, IDLE_US);
	return lws_http_transaction_completed(handle) != 0 ? -1 : 0;
}

int http_write(struct lws *handle, struct request *request)
{
	static unsigned char place[LWS_PRE + 2048 + WRITE_BYTES]; /* house: large, and the loop's thread is one */
	unsigned char *out = place + LWS_PRE;
	size_t used = 0;
	bool bare = request->method == METHOD_HEAD || request->status == 204 || request->status == 304;

	if (!request->head_sent)
		used = write_head(request, bus_now_us(request->gateway->bus), (char *)out, 2048);
	request->head_sent = true;
	if (request->is_stream) {
		used += request->fill(request, (char *)out + used, WRITE_BYTES);
	} else if (!bare) {
		size_t piece = request->answer->size - request->sent < WRITE_BYTES ? request->answer->size - request->sent : WRITE_BYTES;

		memcpy(out + used, request->answer->bytes + request->sent, piece);
		request->sent += piece;
		used += piece;
	}
	bool over = !request->is_stream && (bare || request->sent == request->answer->size);
	request->gateway->counts.bytes_out += used;
	if (used > 0 && lws_write(handle, out, used, over ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
		return -1;
	if (used > 0)
		http_until(handle, READER_US);
	if (over)
		return complete(handle, request);
	if (!request->is_stream || used >= WRITE_BYTES / 2)
		lws_callback_on_writable(handle);
	return 0;
}

void http_refuse(struct lws *handle, const struct request *request)
{
	unsigned char place[LWS_PRE + 4096];
	size_t used = write_head(request, bus_now_us(request->gateway->bus), (char *)place + LWS_PRE, 2048);

	if (request->answer->size <= 2048) {
		memcpy(place + LWS_PRE + used, request->answer->bytes, request->answer->size);
		used += request->answer->size;
	}
	(void)lws_write(handle, place + LWS_PRE, used, LWS_WRITE_HTTP_FINAL);
}
