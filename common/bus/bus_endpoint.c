/* bus_endpoint.c -- which addresses may be opened, and whether one is free. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "bus/bus_calls.h"
#include "log/log.h"

#define IPC "ipc://"
#define TCP "tcp://"

static int refused(const char *endpoint, const char *reason, const char *remedy)
{
	struct log_text quoted;

	log_line(LOG_ALARM, "endpoint_refused", "endpoint=%s reason=\"%s\" remedy=\"%s\"",
	         log_quote(&quoted, endpoint, strlen(endpoint)), reason, remedy);
	return ERR_USAGE;
}

static bool starts_with(const char *text, const char *head)
{
	return strncmp(text, head, strlen(head)) == 0;
}

static int check_ipc(const char *endpoint)
{
	const char *path = endpoint + strlen(IPC);

	if (path[0] != '/' && path[0] != '.' && strchr(path, '/') == NULL)
		return refused(endpoint, "an ipc endpoint names a file with its folder",
		               "write ipc:///folder/name.door");
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return refused(endpoint, "the path is longer than the 107 bytes of a socket address",
		               "choose a shorter folder for the run, or an endpoint in another folder");
	return ERR_NONE;
}

static bool is_loopback(const char *host, size_t size)
{
	static const char *const names[] = {"localhost", "[::1]"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == size && strncmp(names[i], host, size) == 0)
			return true;
	return size > 4 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == size;
}

bool bus_endpoint_wants_keys(const char *endpoint, bool plaintext)
{
	const char *host = endpoint + strlen(TCP), *colon = strrchr(endpoint, ':');

	return starts_with(endpoint, TCP) && !(plaintext && colon > host && is_loopback(host, (size_t)(colon - host)));
}

static int check_tcp(const char *endpoint, bool secured)
{
	const char *host = endpoint + strlen(TCP), *colon = strrchr(host, ':');
	char *end = NULL;
	unsigned long number =
	    colon != NULL && colon[1] >= '0' && colon[1] <= '9' ? strtoul(colon + 1, &end, 10) : 0;

	if (number == 0 || number > 65535 || *end != 0)
		return refused(endpoint, "a tcp endpoint ends with a port from 1 to 65535",
		               "write tcp://127.0.0.1:7101");
	if (!secured && !is_loopback(host, (size_t)(colon - host)))
		return refused(endpoint, "tcp without encryption stays on this machine",
		               "use a loopback address such as 127.0.0.1, or ipc");
	return ERR_NONE;
}

int bus_endpoint_check(const char *endpoint, bool secured)
{
	if (starts_with(endpoint, IPC))
		return check_ipc(endpoint);
	if (starts_with(endpoint, TCP))
		return check_tcp(endpoint, secured);
	return refused(endpoint, "only ipc and tcp are spoken", "write ipc://PATH or tcp://127.0.0.1:PORT");
}

/* Whether somebody accepts connections at a socket file. */
static bool is_served(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return true; /* not known: better not take it away */
	memcpy(address.sun_path, path, strlen(path) + 1);
	bool served = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN;
	close(fd);
	return served;
}

int bus_endpoint_clear(const char *endpoint)
{
	const char *path = endpoint + strlen(IPC);
	struct stat found;

	if (!starts_with(endpoint, IPC))
		return ERR_NONE;
	if (lstat(path, &found) != 0)
		return errno == ENOENT
		           ? ERR_NONE
		           : refused(endpoint, "its folder cannot be read", "create the folder first");
	if (!S_ISSOCK(found.st_mode))
		return refused(endpoint, "a file that is not a socket is there",
		               "choose another path, or remove the file");
	if (is_served(path))
		return ERR_STORE_BUSY;
	if (unlink(path) != 0 && errno != ENOENT)
		return ERR_SYSTEM;
	return ERR_NONE;
}

int bus_endpoint_close_to_others(const char *endpoint)
{
	if (starts_with(endpoint, IPC) && chmod(endpoint + strlen(IPC), 0600) != 0)
		return ERR_SYSTEM;
	return ERR_NONE;
}

void bus_endpoint_release(const char *endpoint)
{
	if (starts_with(endpoint, IPC))
		(void)unlink(endpoint + strlen(IPC)); /* what stays is cleared by the next door */
}
