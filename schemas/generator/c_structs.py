"""The header of one document: its events as C structs, and the tables that describe their fields."""

from .names import comment, quoted, width

C_TYPES = {"text": "struct text", "int": "int64_t", "bool": "bool", "time": "int64_t",
           "money": "struct money", "price": "struct price", "quantity": "struct quantity"}


def header(document):
    guard = f"TRIBUTARY_EVENTS_{document.name.upper()}_H"
    lines = [f"/* generated from schemas/{document.name}.yaml, edit that */",
             f"#ifndef {guard}", f"#define {guard}", "",
             '#include "base/bytes.h"', '#include "base/units.h"', '#include "pack/event.h"', ""]
    lines += comment(document.description) + [""]
    for event in document.events:
        for field in event.lists():
            lines += list_structs(event, field) + [""]
        text = f"{event.name} -- {event.sentence}"
        lines += comment(text) + [f"struct {event.c_name} {{"] + members(event, event.fields) + ["};", ""]
    for event in document.events:
        lines.append(f"extern const struct event_type {event.c_name}_type;")
    return "\n".join(lines + ["", "#endif", ""])


def item_struct(event, field):
    return f"{event.c_name}_{field.item}"


def list_structs(event, field):
    item = item_struct(event, field)
    return ([f"/* One of {event.name}'s {field.name}. */", f"struct {item} {{"]
            + members(event, field.fields) + ["};", ""]
            + [f"struct {event.c_name}_{field.name} {{", f"\tconst struct {item} *items;",
               "\tuint32_t count;", "};"])


def members(event, fields):
    lines = []
    for field in fields:
        if not field.required:
            lines.append(f"\tbool has_{field.name};")
        kind = f"struct {event.c_name}_{field.name}" if field.kind == "list" else C_TYPES[field.kind]
        member = f"\t{kind} {field.c_name};"
        note = field.sentence if not field.unit else f"{field.sentence[:-1]}; {field.unit}."
        if width(f"{member} /* {note} */") <= 110:
            lines.append(f"{member} /* {note} */")
        else:
            lines += comment(note, "\t") + [member]
    return lines


def tables(event):
    """The field tables of one event, items of lists first."""
    lines = []
    for field in event.lists():
        lines += table(event, item_struct(event, field), field.fields, prefix=field.name + ".")
    return lines + table(event, event.c_name, event.fields, prefix="")


def table(event, struct, fields, prefix):
    lines = []
    for field in fields:
        if field.choices:
            words = ", ".join(quoted(word) for word in field.choices)
            lines += [f"static const char *const {struct}_{field.name}_choices[] = {{{words}, NULL}};", ""]
    lines.append(f"static const struct field {struct}_fields[] = {{")
    for field in fields:
        lines += table_row(event, struct, field)
    lines += ["};", ""]
    lines.append(f"static const char *const {struct}_names[] = {{")
    lines += [f"\t{quoted(prefix + field.name)}," for field in fields]
    return lines + ["};", ""]


def table_row(event, struct, field):
    row = [f".name = {quoted(field.name)}, .kind = FIELD_{field.kind.upper()}, "
           f".required = {'true' if field.required else 'false'},",
           f".offset = offsetof(struct {struct}, {field.c_name}),"]
    if not field.required:
        row[-1] += f" .has_offset = offsetof(struct {struct}, has_{field.name}),"
    row.append(f".min = {number(field.min)}, .max = {number(field.max)}, .unit = {quoted(field.unit)},")
    row.append(f".sentence = {quoted(field.sentence)},")
    if field.choices:
        row.append(f".choices = {struct}_{field.name}_choices,")
    if field.kind == "list":
        item = item_struct(event, field)
        row.append(f".fields = {item}_fields, .field_count = {len(field.fields)}, "
                   f".item_size = sizeof(struct {item}),")
    return [f"\t{{{row[0]}"] + [f"\t {part}" for part in row[1:-1]] + [f"\t {row[-1].removesuffix(',')}}},"]


def number(value):
    if abs(value) == 9007199254740991:
        return "-NUMBER_MAX" if value < 0 else "NUMBER_MAX"
    return str(value)
