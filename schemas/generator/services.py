"""Routes: the file on_<event>.c in a service's folder, or in a room of it, is its subscription to the event."""

from .model import SchemaError


def handlers(folder):
    """The handlers' files of a service: in its folder, and in its rooms, one level below."""
    return sorted([*folder.glob("on_*.c"), *folder.glob("*/on_*.c")])


def heard_by(model, folder):
    """The events that a service folder has handlers for, by name."""
    heard, places = [], {}
    for path in handlers(folder):
        event, place = model.by_c_name(path.stem.removeprefix("on_")), f"services/{path.relative_to(folder.parent)}"
        if event is None:
            raise SchemaError(f"{place}: no event is called {path.stem.removeprefix('on_')}; describe it in schemas/ or rename the file.")
        if event.name in places:
            raise SchemaError(f"{place}: {places[event.name]} hears {event.name} already; one event is one file.")
        places[event.name] = place
        heard.append(event)
    return sorted(heard, key=lambda event: event.name)  # where a file's name sorts otherwise: the kernel looks routes up by name


def services_of(model, services):
    """{service: events it hears}, for every service that publishes or listens."""
    names = {document.name for document in model.documents if document.role == "service"}
    if services.is_dir():
        names |= {folder.name for folder in services.iterdir() if handlers(folder)}
    return {name: heard_by(model, services / name) for name in sorted(names)}


def own_events(model, name):
    return [event for event in model.events if event.publisher == name and not event.live]


def follows(heard):
    return sorted({event.publisher for event in heard if event.document.role == "service"})


def header(model, name, heard):
    own = own_events(model, name)
    guard = f"TRIBUTARY_{name.upper()}_EVENTS_H"
    documents = sorted({event.document.name for event in heard}
                       | {document.name for document in model.documents if document.name == name})
    lines = [f"/* generated from the files on_<event>.c of services/{name} and schemas/{name}.yaml, edit those */",
             f"#ifndef {guard}", f"#define {guard}", "", '#include "kernel/kernel.h"']
    lines += [f'#include "events/{document}.h"' for document in documents] + [""]
    if heard:
        lines.append(f"/* What {name} hears. */")
        lines += [f"void on_{event.c_name}(struct turn *turn, const struct {event.c_name} *event);"
                  for event in heard] + [""]
    if own:
        lines.append(f"/* What {name} says; each returns the sequence of the event. */")
        lines += [f"uint64_t emit_{event.c_name}(struct turn *turn, const struct {event.c_name} *event);"
                  for event in own] + [""]
    lines += [f"extern const struct route {name}_routes[]; /* ends with a row of NULL, not counted */",
              f"extern const unsigned {name}_route_count;",
              f"extern const char *const {name}_follows[]; /* ends with NULL */", "", "#endif", ""]
    return "\n".join(lines)


def routes(model, name, heard):
    own = own_events(model, name)
    lines = [f"/* generated from the files on_<event>.c of services/{name} and schemas/{name}.yaml, edit those */",
             f'#include "{name}/events.h"', ""]
    for event in heard:
        lines += [f"static void handle_{event.c_name}(struct turn *turn, const void *event)", "{",
                  f"\ton_{event.c_name}(turn, event);", "}", ""]
    for event in own:
        lines += [f"uint64_t emit_{event.c_name}(struct turn *turn, const struct {event.c_name} *event)", "{",
                  f"\treturn turn_emit(turn, &{event.c_name}_type, event);", "}", ""]
    lines.append(f"const struct route {name}_routes[] = {{")
    lines += [f"\t{{&{event.c_name}_type, handle_{event.c_name}}}," for event in heard]
    lines += ["\t{NULL, NULL},", "};", "", f"const unsigned {name}_route_count = {len(heard)};", ""]
    lines.append(f"const char *const {name}_follows[] = {{")
    lines += [f'\t"{service}",' for service in follows(heard)]
    return "\n".join(lines + ["\tNULL,", "};", ""])
