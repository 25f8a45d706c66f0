"""The source of one document: straight-line packing and bounded unpacking per event."""

from .c_structs import item_struct, number, tables
from .names import quoted


def source(document):
    lines = [f"/* generated from schemas/{document.name}.yaml, edit that */",
             f'#include "events/{document.name}.h"', "", "#include <stddef.h>", "",
             '#include "events/take.h"', ""]
    for event in document.events:
        lines += [f"/* ---- {event.name} ---- */", ""] + tables(event)
        for field in event.lists():
            struct = item_struct(event, field)
            lines += enumerators(struct, field.fields) + key_function(event, struct, field.fields)
            lines += item_unpack(struct, field.fields) + list_unpack(event, field) + item_pack(struct, field)
            lines += item_sound(struct, field)
        lines += enumerators(event.c_name, event.fields) + key_function(event, event.c_name, event.fields)
        lines += event_unpack(event) + event_pack(event) + event_sound(event) + type_object(event)
    return "\n".join(lines)


def enumerator(struct, field):
    return f"{struct.upper()}_{field.name.upper()}"


def enumerators(struct, fields):
    return ["enum {"] + [f"\t{enumerator(struct, field)}," for field in fields] + ["};", ""]


def key(name):
    return f'KEY("\\x{0xa0 | len(name):x}", {quoted(name)})'


def key_function(event, struct, fields):
    """Which field the next key names, when it is none of their numbers: the expected one as packed bytes, else by length and bytes."""
    lines = [f"static unsigned {struct}_key(struct reader *reader, unsigned expected)", "{",
             "\tstruct text key;", "", "\tswitch (expected) {"]
    for field in fields:
        lines += [f"\tcase {enumerator(struct, field)}:",
                  f"\t\tif (take_key(reader, {key(field.name)}))",
                  f"\t\t\treturn {enumerator(struct, field)};"]
        # Behind an optional field the next one may follow; a required one is never left out in our own order.
        last = field.required or field is fields[-1]
        lines.append("\t\tbreak;" if last else "\t\t__attribute__((fallthrough));")
    lines += ["\tdefault:", "\t\tbreak;", "\t}", "\tif (take_later_number(reader))", "\t\treturn TAKE_UNKNOWN;",
              "\tkey = reader_text(reader, TAKE_KEY_MAX);",
              "\tswitch (key.size) {"]
    for size in sorted({len(field.name) for field in fields}):
        lines.append(f"\tcase {size}:")
        for field in (field for field in fields if len(field.name) == size):
            lines += [f"\t\tif (memcmp(key.data, {quoted(field.name)}, {size}) == 0)",
                      f"\t\t\treturn {enumerator(struct, field)};"]
        lines.append("\t\tbreak;")
    return lines + ["\tdefault:", "\t\tbreak;", "\t}", "\treturn take_other_key(reader, key);", "}", ""]


def taken(field):
    """The expression that reads one value within its bounds."""
    if field.kind == "text":
        return f"take_text(reader, {field.min}, {field.max})"
    if field.kind == "bool":
        return "reader_bool(reader)"
    if (field.min, field.max) == (-9007199254740991, 9007199254740991):
        value = "take_int(reader)"      # it keeps to these bounds by itself
    else:
        value = f"take_number(reader, {number(field.min)}, {number(field.max)})"
    member = {"money": "minor", "price": "e4", "quantity": "milli"}.get(field.kind)
    return value, member


def unpack_loop(event, struct, fields):
    lines = ["\tfor (; pairs > 0 && reader->error == ERR_NONE; pairs--) {",
             f"\t\tfield = take_numbered(reader, {len(fields)});",
             "\t\tif (field == TAKE_UNKNOWN)", f"\t\t\tfield = {struct}_key(reader, expected);",
             "\t\tif (field == TAKE_UNKNOWN)", "\t\t\tcontinue;",
             "\t\ttake_once(reader, &seen, field);", "\t\texpected = field + 1;",
             "\t\tswitch (field) {"]
    for field in fields:
        lines.append(f"\t\tcase {enumerator(struct, field)}:")
        if not field.required:
            lines.append(f"\t\t\tevent->has_{field.name} = true;")
        if field.kind == "list":
            lines.append(f"\t\t\t{event.c_name}_{field.name}_unpack(&event->{field.c_name}, reader, arena);")
        else:
            value = taken(field)
            if isinstance(value, tuple):
                value, member = value
                target = f"{field.c_name}.{member}" if member else field.c_name
            else:
                target = field.c_name
            lines.append(f"\t\t\tevent->{target} = {value};")
        lines.append("\t\t\tbreak;")
    return lines + ["\t\tdefault:", "\t\t\tbreak;", "\t\t}", "\t}",
                    f"\treturn take_end(reader, seen, {required_set(fields)}, field, {struct}_names);", "}", ""]


def required_set(fields):
    return f"UINT64_C({sum(1 << i for i, field in enumerate(fields) if field.required):#x})"


def unpack_variables():
    return ["\tuint32_t pairs = reader_map(reader, TAKE_PAIRS_MAX);", "\tuint64_t seen = 0;",
            "\tunsigned expected = 0, field = TAKE_UNKNOWN;", ""]


def item_unpack(struct, fields):
    return ([f"static int {struct}_unpack(struct {struct} *event, struct reader *reader)", "{"]
            + unpack_variables() + [f"\t*event = (struct {struct}){{0}};"]
            + unpack_loop(None, struct, fields))


def list_unpack(event, field):
    item = item_struct(event, field)
    return [f"static void {event.c_name}_{field.name}_unpack(struct {event.c_name}_{field.name} *list, "
            "struct reader *reader, struct arena *arena)", "{",
            f"\tstatic const int64_t bounds[2] = {{{field.min}, {field.max}}};", "\tuint32_t count;",
            f"\tstruct {item} *items = take_list(reader, arena, &count, bounds, sizeof *items);", "",
            "\tfor (uint32_t i = 0; i < count; i++)", f"\t\tif ({item}_unpack(&items[i], reader) != ERR_NONE)",
            "\t\t\treturn;", "\treader_leave(reader);",
            f"\t*list = (struct {event.c_name}_{field.name}){{items, count}};", "}", ""]


def event_unpack(event):
    unused = [] if event.lists() else ["\t(void)arena;"]
    return ([f"static int {event.c_name}_unpack(void *to, struct reader *reader, struct arena *arena)", "{",
             f"\tstruct {event.c_name} *event = to;"] + unpack_variables() + unused
            + [f"\t*event = (struct {event.c_name}){{0}};"] + unpack_loop(event, event.c_name, event.fields))


def pack_body(event, fields):
    required = sum(field.required for field in fields)
    optional = [f"event->has_{field.name}" for field in fields if not field.required]
    pairs = " + ".join([f"{required}u"] + optional)
    lines = [f"\twriter_map(writer, {pairs});"]
    for place, field in enumerate(fields):
        if field.kind == "text":
            value = f"writer_text(writer, event->{field.c_name});"
        elif field.kind == "bool":
            value = f"writer_bool(writer, event->{field.c_name});"
        elif field.kind == "list":
            value = f"{event.c_name}_{field.name}_pack(&event->{field.c_name}, writer);"
        else:
            member = taken(field)[1]
            value = f"writer_int(writer, event->{field.c_name}{'.' + member if member else ''});"
        lines_of_field = [f"put_key(writer, {place}, {key(field.name)});", value]
        if field.required:
            lines += ["\t" + line for line in lines_of_field]
        else:
            lines += [f"\tif (event->has_{field.name}) {{"] + ["\t\t" + line for line in lines_of_field] + ["\t}"]
    return lines


def item_pack(struct, field):
    owner = struct.removesuffix("_" + field.item)
    return ([f"static void {struct}_pack(const struct {struct} *event, struct writer *writer)", "{"]
            + pack_body(None, field.fields) + ["}", "",
            f"static void {owner}_{field.name}_pack(const struct {owner}_{field.name} *list, struct writer *writer)",
            "{", "\twriter_array(writer, list->count);", "\tfor (uint32_t i = 0; i < list->count; i++)",
            f"\t\t{struct}_pack(&list->items[i], writer);", "}", ""])


def event_pack(event):
    return ([f"static void {event.c_name}_pack(const void *from, struct writer *writer)", "{",
             f"\tconst struct {event.c_name} *event = from;", ""] + pack_body(event, event.fields) + ["}", ""])


def sound_value(owner, field):
    """The expression that says whether one value keeps its bounds."""
    if field.kind == "bool":
        return "true"
    if field.kind == "list":
        return f"{owner}_{field.name}_sound(&event->{field.c_name})"
    if field.kind == "text":
        return f"sound_text(event->{field.c_name}, {field.min}, {field.max})"
    member = taken(field)[1]
    return f"sound_number(event->{field.c_name}{'.' + member if member else ''}, {number(field.min)}, {number(field.max)})"


def sound_body(owner, fields):
    """A conjunction over all fields, an optional one being sound when it is not there."""
    terms = []
    for field in fields:
        value = sound_value(owner, field)
        if value != "true":
            terms.append(value if field.required else f"(!event->has_{field.name} || {value})")
    if not terms:
        return ["\t(void)event;", "\treturn true;", "}", ""]
    return ["\treturn " + " &&\n\t       ".join(terms) + ";", "}", ""]


def item_sound(struct, field):
    owner = struct.removesuffix("_" + field.item)
    return ([f"static bool {struct}_sound(const struct {struct} *event)", "{"] + sound_body(None, field.fields)
            + [f"static bool {owner}_{field.name}_sound(const struct {owner}_{field.name} *list)", "{",
               f"\tbool sound = sound_number(list->count, {field.min}, {field.max});", "",
               "\tfor (uint32_t i = 0; i < list->count && sound; i++)", f"\t\tsound = {struct}_sound(&list->items[i]);",
               "\treturn sound;", "}", ""])


def event_sound(event):
    return ([f"static bool {event.c_name}_sound(const void *from)", "{", f"\tconst struct {event.c_name} *event = from;", ""]
            + sound_body(event.c_name, event.fields))


def bytes_max(fields):
    """Upper bound of a packed map."""
    size = 3
    for field in fields:
        size += 1 + len(field.name)
        if field.kind == "text":
            size += field.max + (1 if field.max < 32 else 2)
        elif field.kind == "list":
            size += 5 + field.max * bytes_max(field.fields)
        else:
            size += 1 if field.kind == "bool" else 9
    return size


def type_object(event):
    subject = quoted(event.subject) if event.subject else "NULL"
    place = [f"\t.subject_offset = offsetof(struct {event.c_name}, {field.c_name})," for field in event.fields if field.name == event.subject]
    scope = [f"\t.scope_{word} = {quoted(event.scope[word])}," for word in ("outlet", "warehouse", "when", "is") if word in event.scope]
    scope += ["\t.is_dealers = true,"] if event.dealers else []
    explain = event.explain
    words = [f"\t.explain_{language} = {quoted(text)}," for language, text in (explain.texts if explain else {}).items()]
    rules = explain.rules if explain else []
    words += [f"\t.rules = {event.c_name}_rules," for _ in rules[:1]]
    table = [f"\t{{{', '.join(f'.{word} = {quoted(name)}' for word, name in rule.items())}}}," for rule in rules]
    lines = [f"static const struct event_rule {event.c_name}_rules[] = {{", *table, "\t{.kind = NULL}};", ""] if rules else []
    return [*lines, f"const struct event_type {event.c_name}_type = {{",
            f"\t.name = {quoted(event.name)},", f"\t.publisher = {quoted(event.publisher)},",
            f"\t.sentence = {quoted(event.sentence)},", f"\t.subject_field = {subject},", *scope, *place,
            f"\t.fields = {event.c_name}_fields,", f"\t.field_count = {len(event.fields)},",
            f"\t.struct_size = sizeof(struct {event.c_name}),", f"\t.bytes_max = {bytes_max(event.fields)},",
            f"\t.unpack = {event.c_name}_unpack,", f"\t.pack = {event.c_name}_pack,", f"\t.is_sound = {event.c_name}_sound,", *words, "};", ""]


def all_events(model):
    lines = ["/* generated from the documents in schemas/, edit those */"]
    lines += [f'#include "events/{document.name}.h"' for document in model.documents]
    lines += ["", "const struct event_type *const event_types[] = {"]
    lines += [f"\t&{event.c_name}_type," for event in model.events]
    return "\n".join(lines + ["};", "", f"const uint32_t event_type_count = {len(model.events)};", ""])
