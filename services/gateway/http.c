/* http.c -- connections: who may come, how long they may take, and what the library tells us of them. */
#include "http_inside.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "log/log.h"

struct gateway *http_gateway(struct lws *handle)
{
	return lws_context_user(lws_get_context(handle));
}

static struct peer *peer_of(struct lws *handle)
{
	struct peer *peer = NULL;

	HASH_FIND_PTR(http_gateway(handle)->peers, &handle, peer);
	return peer;
}

void http_until(struct lws *handle, int64_t us)
{
	struct peer *peer = peer_of(handle);

	if (peer != NULL)
		peer->until_us = us > 0 ? bus_monotonic_us(http_gateway(handle)->bus) + us : 0;
}

/* ---- connections come and go ---- */

static void address_of(int socket, char *out, size_t size)
{
	struct sockaddr_storage place;
	socklen_t length = sizeof(place);
	const void *number = NULL;

	snprintf(out, size, "?");
	if (getpeername(socket, (struct sockaddr *)&place, &length) != 0)
		return;
	if (place.ss_family == AF_INET)
		number = &((struct sockaddr_in *)&place)->sin_addr;
	else if (place.ss_family == AF_INET6)
		number = &((struct sockaddr_in6 *)&place)->sin6_addr;
	if (number != NULL)
		inet_ntop(place.ss_family, number, out, (socklen_t)size);
}

/* R2: connections are bounded, in all and of one address; whoever is too much is turned away before a byte is read. */
static bool may_come(struct gateway *gateway, int socket)
{
	char address[ADDRESS_SIZE];
	unsigned same = 0;

	if (gateway->stopping || gateway->counts.connections >= CONNECTIONS_MAX)
		return false;
	if (gateway->counts.connections < CONNECTIONS_ADDRESS_MAX)
		return true;
	address_of(socket, address, sizeof(address));
	for (struct peer *peer = gateway->peers; peer != NULL; peer = peer->hh.next)
		same += strcmp(peer->address, address) == 0;
	return same < CONNECTIONS_ADDRESS_MAX;
}

static int on_come(struct gateway *gateway, struct lws *handle)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return -1;
	peer->handle = handle;
	address_of(lws_get_socket_fd(handle), peer->address, sizeof(peer->address));
	HASH_ADD_PTR(gateway->peers, handle, peer);
	gateway->counts.connections++;
	http_until(handle, HEAD_US);
	return 0;
}

static void on_gone(struct gateway *gateway, struct lws *handle)
{
	struct peer *peer = peer_of(handle);

	if (peer == NULL)
		return;
	HASH_DEL(gateway->peers, peer);
	gateway->counts.connections--;
	free(peer);
}

static void on_request_gone(struct seat *seat)
{
	struct request *request = seat != NULL ? seat->request : NULL;

	if (request == NULL)
		return;
	seat->request = NULL;
	request->handle = NULL;
	if (request->is_stream)
		request->gateway->counts.streams--;
	if (request->on_gone != NULL)
		request->on_gone(request);
	request_release(request);
}

/* R3: whoever is slow with a head, with a body or with taking an answer is not waited for. */
void http_second(struct gateway *gateway)
{
	int64_t now_us = bus_monotonic_us(gateway->bus);

	for (struct peer *peer = gateway->peers; peer != NULL; peer = peer->hh.next)
		if (peer->until_us != 0 && peer->until_us < now_us)
			lws_set_timeout(peer->handle, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* ---- requests ---- */

static int begin_request(struct lws *handle, struct seat *seat)
{
	struct gateway *gateway = http_gateway(handle);
	struct request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		return -1;
	request->gateway = gateway;
	request->handle = handle;
	request->holders = 1;
	on_request_gone(seat);
	seat->request = request;
	lws_set_timeout(handle, NO_PENDING_TIMEOUT, 0);
	http_until(handle, BODY_US);
	if (!http_head(request))
		request->close = true;
	if (request->answered)
		return http_write(handle, request);
	if (request->body_length > 0) {
		request->body = malloc(request->body_length + 1);
		return request->body != NULL ? 0 : -1;
	}
	http_until(handle, 0);
	route(request);
	return request->answered ? http_write(handle, request) : 0;
}

static int more_body(struct seat *seat, const void *in, size_t size)
{
	struct request *request = seat->request;

	if (request == NULL || request->answered || request->body == NULL)
		return 0; /* thrown away behind an answer that is out */
#if !defined(MUTANT_BODY_UNBOUNDED)
	if (size > request->body_length - request->body_size)
		return -1;
#endif
	memcpy(request->body + request->body_size, in, size);
	request->body_size += size;
	return 0;
}

static int whole_body(struct lws *handle, struct seat *seat)
{
	struct request *request = seat->request;

	if (request == NULL || request->answered || request->body == NULL)
		return 0; /* of a length of 0 the library says that it is whole as well */
	if (request->body_size != request->body_length)
		return -1;
	request->body[request->body_size] = 0;
	http_until(handle, 0);
	lws_set_timeout(handle, NO_PENDING_TIMEOUT, 0);
	route(request);
	return request->answered ? http_write(handle, request) : 0;
}

void http_answer(struct request *request)
{
	lws_callback_on_writable(request->handle);
}

void http_drop(struct request *request)
{
	if (request->handle != NULL)
		lws_set_timeout(request->handle, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* Only WebSockets are an upgrade; the library would also turn to HTTP/2. */
static int on_upgrade(struct lws *handle)
{
	char upgrade[32];

	http_header(handle, WSI_TOKEN_UPGRADE, upgrade, sizeof(upgrade));
	if (strcasecmp(upgrade, "websocket") != 0)
		return -1;
	return live_welcome(handle, http_gateway(handle)) ? 0 : 1;
}

static int on_library(struct lws *handle, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct seat *seat = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		if (may_come(http_gateway(handle), (int)(intptr_t)in))
			return 0;
		http_gateway(handle)->counts.connections_refused++;
		return -1;
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		return on_come(http_gateway(handle), handle);
	case LWS_CALLBACK_WSI_DESTROY:
		on_gone(http_gateway(handle), handle);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(handle);
	case LWS_CALLBACK_HTTP:
		return begin_request(handle, seat);
	case LWS_CALLBACK_HTTP_BODY:
		return more_body(seat, in, size);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return whole_body(handle, seat);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return seat != NULL && seat->request != NULL && seat->request->answered ? http_write(handle, seat->request) : 0;
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		on_request_gone(seat);
		return 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLOSED:
		return live_callback(handle, reason, seat, in, size);
	default:
		return 0;
	}
}

/* ---- listening ---- */

static void on_library_log(int level, const char *line)
{
	struct log_text text;

	log_line(level == LLL_ERR ? LOG_UNUSUAL : LOG_TRACE, "http_library", "said=%s", log_quote(&text, line, strcspn(line, "\n")));
}

static bool stays_here(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "localhost") == 0;
}

/* R13: tokens and cookies leave this machine only over TLS, or where plain HTTP was explicitly allowed. */
static bool secure(struct gateway *gateway, const char *address, struct lws_context_creation_info *info)
{
	const struct params_gateway *params = gateway->params.gateway;

	if ((params->certificate == NULL) != (params->key == NULL)) {
		log_line(LOG_ALARM, "no_tls", "reason=\"gateway.certificate and gateway.key belong together\"");
		return false;
	}
	gateway->is_tls = params->certificate != NULL;
	if (gateway->is_tls) {
		info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info->ssl_cert_filepath = params->certificate;
		info->ssl_private_key_filepath = params->key;
		info->ssl_options_set = (long)(SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION);
		info->alpn = "http/1.1"; /* the library would turn to HTTP/2 */
		return true;
	}
	if (stays_here(address) || params->plaintext)
		return true;
	log_line(LOG_ALARM, "no_tls", "address=%s reason=\"others could read tokens on their way\" remedy=\"gateway.certificate and gateway.key, or "
		 "gateway.plaintext where something else does TLS\"", address);
	return false;
}

int http_open(struct gateway *gateway, const char *listen, char *url, size_t size)
{
	static const struct lws_protocols protocols[] = {
	    {.name = "http", .callback = on_library, .per_session_data_size = sizeof(struct seat), .tx_packet_size = WRITE_BYTES + 4096},
	    {.name = "tributary.v1", .callback = on_library, .per_session_data_size = sizeof(struct seat), .rx_buffer_size = MESSAGE_BYTES_MAX},
	    {0}};
	char address[64];
	const char *colon = strrchr(listen, ':');
	void *loops[1] = {bus_loop(gateway->bus)};
	struct lws_context_creation_info info = {.protocols = protocols,
						 .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_IPV6,
						 .foreign_loops = loops,
						 .user = gateway,
						 .gid = -1,
						 .uid = -1,
						 .count_threads = 1,
						 .timeout_secs = HEAD_US / US_PER_SECOND,
						 .keepalive_timeout = IDLE_US / US_PER_SECOND,
						 .max_http_header_data = HEADER_BYTES_MAX,
						 .max_http_header_pool = CONNECTIONS_MAX,
						 .fd_limit_per_thread = CONNECTIONS_MAX + 64,
						 .server_string = "tributary"};

	if (colon == NULL || (size_t)(colon - listen) >= sizeof(address))
		return ERR_USAGE;
	snprintf(address, sizeof(address), "%.*s", (int)(colon - listen), listen);
	info.iface = address;
	if (!secure(gateway, address, &info))
		return ERR_USAGE;
	info.port = (int)strtol(colon + 1, NULL, 10);
	lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
	gateway->http = lws_create_context(&info);
	struct lws_vhost *host = gateway->http != NULL ? lws_get_vhost_by_name(gateway->http, "default") : NULL;
	if (host == NULL || lws_get_vhost_listen_port(host) <= 0)
		return gateway->is_tls ? ERR_USAGE : ERR_STORE_BUSY;
	snprintf(url, size, "%s://%s:%d", gateway->is_tls ? "https" : "http", address, lws_get_vhost_listen_port(host));
	return ERR_NONE;
}

void http_close(struct gateway *gateway)
{
	gateway->stopping = true;
	lws_context_destroy(gateway->http);
}

/* The library frees the rest of itself when its handles are closed and it is asked once more. */
void http_end(struct gateway *gateway)
{
	if (gateway->http != NULL)
		lws_context_destroy(gateway->http);
	gateway->http = NULL;
}
