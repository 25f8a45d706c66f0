/* bus_calls.c -- one bus for its callers, whichever of the two it is. */
#include "bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bus/bus_calls.h"
#include "log/log.h"

int bus_open(struct bus **out, struct bus_network *network)
{
	struct bus *bus = calloc(1, sizeof(*bus));

	*out = NULL;
	if (bus == NULL)
		return ERR_MEMORY;
	int error = network != NULL ? bus_virtual_open(bus, network) : bus_loop_open(bus);
	if (error != ERR_NONE) {
		free(bus);
		return error;
	}
	*out = bus;
	return ERR_NONE;
}

void bus_close(struct bus **out)
{
	struct bus *bus = *out;

	if (bus == NULL)
		return;
	while (bus->ports != NULL) {
		struct bus_port *port = bus->ports;

		bus_unplug(&port);
	}
	while (bus->timers != NULL) {
		struct bus_timer *timer = bus->timers;

		bus_timer_stop(&timer);
	}
	bus->operations->close(bus);
	for (struct pin *next; bus->pins != NULL; bus->pins = next) {
		next = bus->pins->next;
		free(bus->pins);
	}
	memset(&bus->own, 0, sizeof(bus->own));
	free(bus);
	*out = NULL;
}

/* ---- keys ---- */

void bus_identify(struct bus *bus, const struct bus_keypair *own)
{
	bus->own = *own;
}

int bus_pin(struct bus *bus, const char *endpoint, const char *key)
{
	struct pin *pin = calloc(1, sizeof(*pin) + strlen(endpoint) + 1);

	if (pin == NULL)
		return ERR_MEMORY;
	snprintf(pin->key, sizeof(pin->key), "%s", key);
	strcpy(pin->endpoint, endpoint); /* house: it was measured */
	pin->next = bus->pins; /* the last word counts */
	bus->pins = pin;
	return ERR_NONE;
}

void bus_plaintext(struct bus *bus, bool is_allowed)
{
	bus->plaintext = is_allowed;
}

void bus_on_arrival(struct bus *bus, bus_on_arrival_call *on_arrival, void *context)
{
	bus->on_arrival = on_arrival;
	bus->arrival_context = context;
}

const char *bus_pin_of(const struct bus *bus, const char *endpoint)
{
	const struct pin *pin = bus->pins;

	while (pin != NULL && strcmp(pin->endpoint, endpoint) != 0)
		pin = pin->next;
	return pin != NULL ? pin->key : NULL;
}

enum bus_arrival bus_arrival_of(struct bus *bus, const char *key)
{
	enum bus_arrival arrival = bus->on_arrival != NULL ? bus->on_arrival(bus->arrival_context, key) : BUS_STRANGER;

#if defined(MUTANT_STRANGER_ADMITTED)
	arrival = BUS_COME_IN;
#endif
	if (arrival == BUS_COME_IN)
		bus->usage.arrived++;
	else
		bus->usage.strangers++;
	return arrival;
}

/* What is opened on tcp without keys would be open to everybody on the way. */
static int check_keys(const struct bus *bus, const struct bus_port *port, const char *endpoint)
{
	const char *missing = NULL;

	if (port->is_secured && bus->own.secret_key[0] == 0)
		missing = "there is no key of our own";
	else if (port->is_secured && !port->is_door && bus_pin_of(bus, endpoint) == NULL)
		missing = "the public key of that door is not known";
	if (missing == NULL)
		return ERR_NONE;
	struct log_text quoted;
	log_line(LOG_ALARM, "endpoint_refused", "endpoint=%s reason=\"tcp takes keys, and %s\" remedy=\"%s\"",
		 log_quote(&quoted, endpoint, strlen(endpoint)), missing,
		 "enrol it (tributary keys), or use ipc, or say doors_plaintext_loopback for an address on this machine");
	return ERR_USAGE;
}

static int port_open(struct bus *bus, bool is_door, const char *endpoint, bus_on_message *on_message,
                     void *context, struct bus_port **out)
{
	struct bus_port *port = calloc(1, sizeof(*port));

	*out = NULL;
	if (port == NULL)
		return ERR_MEMORY;
	*port =
	    (struct bus_port){.bus = bus, .on_message = on_message, .context = context, .is_door = is_door};
	port->is_secured = bus_endpoint_wants_keys(endpoint, bus->plaintext);
	int error = check_keys(bus, port, endpoint);
	if (error == ERR_NONE)
		error = bus->operations->port_open(bus, port, endpoint);
	if (error != ERR_NONE) {
		free(port);
		return error;
	}
	port->next = bus->ports;
	bus->ports = port;
	*out = port;
	return ERR_NONE;
}

int bus_bind(struct bus *bus, const char *endpoint, bus_on_message *on_message, void *context,
             struct bus_port **port)
{
	return port_open(bus, true, endpoint, on_message, context, port);
}

int bus_connect(struct bus *bus, const char *endpoint, bus_on_message *on_message, void *context,
                struct bus_port **port)
{
	return port_open(bus, false, endpoint, on_message, context, port);
}

void bus_unplug(struct bus_port **out)
{
	struct bus_port *port = *out;

	if (port == NULL)
		return;
	for (struct bus_port **at = &port->bus->ports; *at != NULL; at = &(*at)->next)
		if (*at == port) {
			*at = port->next;
			break;
		}
	port->bus->operations->port_close(port);
	free(port);
	*out = NULL;
}

struct bus_kept *bus_keep(struct bus *bus)
{
	return bus->operations->keep(bus);
}

int bus_send(struct bus_port *port, const struct bus_peer *peer, struct bytes message)
{
	struct bus_usage *usage = &port->bus->usage;
	int error = message.size <= BUS_MESSAGE_MAX ? port->bus->operations->send(port, peer, message)
	                                            : ERR_TOO_LARGE;

	if (error == ERR_NONE) {
		usage->messages_out++;
		usage->bytes_out += message.size;
	} else {
		usage->refused++;
	}
	return error;
}

void bus_cut(struct bus_port *port, const struct bus_peer *peer)
{
	bool is_cut = port->is_door && peer->key[0] != 0;

#if defined(MUTANT_NOBODY_CUT)
	is_cut = false;
#endif
	if (is_cut)
		port->bus->operations->cut(port, peer);
}

void bus_pause(struct bus_port *port, bool paused)
{
	if (port->paused == paused)
		return;
	port->paused = paused;
	port->bus->operations->pause(port);
}

int bus_timer_start(struct bus *bus, uint64_t delay_ms, uint64_t repeat_ms, bus_on_timer *on_timer,
                    void *context, struct bus_timer **out)
{
	struct bus_timer *timer = calloc(1, sizeof(*timer));

	*out = NULL;
	if (timer == NULL)
		return ERR_MEMORY;
	*timer = (struct bus_timer){.bus = bus, .on_timer = on_timer, .context = context};
	int error = bus->operations->timer_start(timer, delay_ms, repeat_ms);
	if (error != ERR_NONE) {
		free(timer);
		return error;
	}
	timer->next = bus->timers;
	bus->timers = timer;
	*out = timer;
	return ERR_NONE;
}

void bus_timer_stop(struct bus_timer **out)
{
	struct bus_timer *timer = *out;

	if (timer == NULL)
		return;
	for (struct bus_timer **at = &timer->bus->timers; *at != NULL; at = &(*at)->next)
		if (*at == timer) {
			*at = timer->next;
			break;
		}
	timer->bus->operations->timer_stop(timer);
	free(timer);
	*out = NULL;
}

void bus_on_wake(struct bus *bus, bus_on_timer *on_wake, void *context)
{
	bus->on_wake = on_wake;
	bus->wake_context = context;
}

void bus_wake(struct bus *bus)
{
	bus->operations->wake(bus);
}

int bus_on_signal(struct bus *bus, bus_on_timer *on_signal, void *context)
{
	bus->on_signal = on_signal;
	bus->signal_context = context;
	return bus->operations->on_signal(bus);
}

int64_t bus_now_us(const struct bus *bus)
{
	return bus->operations->now_us(bus);
}

int64_t bus_monotonic_us(const struct bus *bus)
{
	return bus->operations->monotonic_us(bus);
}

void bus_run(struct bus *bus)
{
	bus->operations->run(bus, false, 0);
}

void bus_run_once(struct bus *bus, uint64_t wait_ms)
{
	bus->operations->run(bus, true, wait_ms);
}

void *bus_loop(const struct bus *bus)
{
	return bus->operations->loop != NULL ? bus->operations->loop(bus) : NULL;
}

void bus_stop(struct bus *bus)
{
	bus->operations->stop(bus);
}

void bus_usage(struct bus *bus, struct bus_usage *usage)
{
	*usage = bus->usage;
	bus->usage.loop_lag_us_max = 0;
}
