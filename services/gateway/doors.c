/* doors.c -- whose key is shown at which door, and which key the door must have. */
#include "doors.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "guard/guard.h"
#include "log/log.h"

struct doors {
	struct bus *bus;
	const struct params *params;
	struct guard *guard;
	struct {
		char key[GUARD_KEY_TEXT + 1]; /* what the door shows; empty: not known */
		unsigned turns;
	} services[PARAMS_SERVICES];
	bool was_told; /* that there is no key to show */
};

static bool takes_keys(const struct params *params, unsigned service)
{
	return strncmp(params_endpoint(params, params_services[service]), "tcp://", 6) == 0 && !params->doors_plaintext_loopback;
}

/* What doors show according to the registry; the bus keeps to the last word. */
static void pin(struct doors *doors)
{
	for (unsigned i = 0; i < PARAMS_SERVICES; i++) {
		const char *key = takes_keys(doors->params, i) ? guard_key_of(doors->guard, params_services[i]) : NULL;

		if (key == NULL || strcmp(key, doors->services[i].key) == 0)
			continue;
		if (bus_pin(doors->bus, params_endpoint(doors->params, params_services[i]), key) != ERR_NONE)
			continue; /* no memory: with the next change */
		snprintf(doors->services[i].key, sizeof(doors->services[i].key), "%s", key);
		doors->services[i].turns++;
	}
}

int doors_open(struct doors **out, struct bus *bus, const struct params *params)
{
	struct doors *doors = calloc(1, sizeof(*doors));

	*out = NULL;
	if (doors == NULL)
		return ERR_MEMORY;
	doors->bus = bus;
	doors->params = params;
	int error = guard_open(&doors->guard, params->dir, NULL);
	if (error != ERR_NONE) {
		free(doors);
		return error;
	}
	bus_plaintext(bus, params->doors_plaintext_loopback);
	pin(doors);
	*out = doors;
	return ERR_NONE;
}

void doors_close(struct doors **out)
{
	if (*out != NULL)
		guard_close(&(*out)->guard);
	free(*out);
	*out = NULL;
}

/* The file is read each time: a key that was rotated is shown from the next link on. */
static int show_key(struct doors *doors, const char *name)
{
	struct registry_keypair pair;
	struct bus_keypair own;
	char path[4200];

	registry_key_path(doors->params->dir, name, path, sizeof(path));
	int error = registry_key_read(path, &pair);
	if (error != ERR_NONE)
		return error;
	memcpy(own.public_key, pair.public_key, sizeof(own.public_key));
	memcpy(own.secret_key, pair.secret_key, sizeof(own.secret_key));
	bus_identify(doors->bus, &own);
	return ERR_NONE;
}

/* R12: on tcp a door is spoken to with the gateway's own key for whoever shows a token, and with the operator's for the local token alone. */
int doors_connect(struct doors *doors, unsigned service, bool for_operator, bus_on_message *on_message, void *context,
		  struct bus_port **port)
{
	const char *endpoint = params_endpoint(doors->params, params_services[service]);

	*port = NULL;
	if (takes_keys(doors->params, service)) {
		bool shown = for_operator && show_key(doors, GUARD_OPERATOR) == ERR_NONE;
		int error = shown ? ERR_NONE : show_key(doors, "gateway");

		if (error != ERR_NONE && !doors->was_told)
			log_line(LOG_ALARM, "no_key", "file=%s/keys/gateway.key error=%s remedy=\"tributary keys enrol gateway gateway\"",
				 doors->params->dir, error_name(error));
		doors->was_told = error != ERR_NONE;
		if (error != ERR_NONE)
			return ERR_FORBIDDEN;
	}
	return bus_connect(doors->bus, endpoint, on_message, context, port);
}

void doors_look(struct doors *doors)
{
	if (guard_refresh(doors->guard))
		pin(doors);
}

unsigned doors_turns(const struct doors *doors, unsigned service)
{
	return doors->services[service].turns;
}
