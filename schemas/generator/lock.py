"""events.lock: what has shipped, so that a change of it is noticed before anybody stores it."""

from . import golden
from .model import SchemaError

INTRODUCTION = """\
# events.lock -- every event and every field that has shipped, and the digests of its golden versions.
# Written by schemas/generate.py and only ever appended to: journals hold these events for years.
"""


def field_lines(fields, prefix=""):
    """{field path: what may not change about it}, in order."""
    lines = {}
    for field in fields:
        words = f"{field.kind} {field.min}..{field.max} {'required' if field.required else 'optional'}"
        lines[prefix + field.name] = words + (f"; {field.unit}" if field.unit else "")
        lines.update(field_lines(field.fields, prefix + field.name + "."))
    return lines


def entry(event, folder):
    lines = [f"{event.name} publisher={event.publisher} subject={event.subject or ''}"]
    lines += [f"\t{name} {words}" for name, words in field_lines(event.fields).items()]
    lines += [f"\tgolden {version['version']} {golden.digest(version)}" for version in golden.grown(folder, event)]
    return lines


def read(path):
    """{event name: (first line, {field: words}, {golden version: digest})}."""
    shipped = {}
    if not path.exists():
        return shipped
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, _, words = line.strip().partition(" ")
        if not line.startswith("\t"):
            shipped[name] = current = (words, {}, {})
        elif name == "golden":
            number, _, digest = words.partition(" ")
            current[2][int(number)] = digest
        else:
            current[1][name] = words
    return shipped


def text_of(model):
    lines = []
    for event in model.events:
        lines += entry(event, model.folder)
    return INTRODUCTION + "\n".join(lines) + "\n"


def instead(event_name):
    return (f"What has shipped stays as it is: restore it, and append an optional field with a new name instead, "
            f"or describe a new type {event_name}.v2.")


def check_shipped(model, shipped):
    """Refuse any change of what has shipped."""
    events = {event.name: event for event in model.events}
    for name, (words, fields, digests) in shipped.items():
        event = events.get(name)
        if event is None:
            raise SchemaError(f"{name} has shipped and is gone from schemas/. {instead(name)}")
        check_event(event, words, fields)
        for version in golden.read(model.folder, event):
            gone = [field for field in version["fields"] if field not in field_lines(event.fields)]
            if gone:
                raise SchemaError(f"schemas/golden/{name}.json: version {version['version']} has shipped with {gone[0]}, which is "
                                  f"gone from schemas/. {instead(name)}")
            if digests.get(version["version"], golden.digest(version)) != golden.digest(version):
                raise SchemaError(f"schemas/golden/{name}.json: version {version['version']} has shipped and was "
                                  "edited. Golden versions are only ever appended; restore the file.")
        if len(golden.read(model.folder, event)) < len(digests):
            raise SchemaError(f"schemas/golden/{name}.json has lost a version that has shipped; restore the file.")


def check_event(event, words, fields):
    where = f"schemas/{event.document.name}.yaml: {event.name}"
    now = field_lines(event.fields)
    present = f"publisher={event.publisher} subject={event.subject or ''}"
    if words != present:
        raise SchemaError(f"{where} has shipped with {words} and now has {present}. {instead(event.name)}")
    for field, shipped in fields.items():
        if field not in now:
            raise SchemaError(f"{where}.{field} has shipped and is gone. {instead(event.name)}")
        if now[field] != shipped:
            raise SchemaError(f"{where}.{field} has shipped as `{shipped}` and is now `{now[field]}`. "
                              f"{instead(event.name)}")
    if [field for field in now if field in fields] != list(fields):
        raise SchemaError(f"{where}: the shipped fields stand in another order, which changes the bytes of equal "
                          f"events. {instead(event.name)}")
    check_places(where, now, fields)
    for field, words_now in now.items():
        parent_is_new = "." in field and field.partition(".")[0] not in fields
        if field not in fields and " required" in words_now and not parent_is_new:
            raise SchemaError(f"{where}.{field} is new and required, but the events that have shipped do not have it. "
                              f"Make it optional, or describe a new type {event.name}.v2.")


def check_places(where, now, fields):
    """A field's place in its map is its number in journals: new ones stand behind those that have shipped."""
    for parent in {field.rpartition(".")[0] for field in now}:
        siblings = [field for field in now if field.rpartition(".")[0] == parent]
        shipped = [field in fields for field in siblings]
        if shipped != sorted(shipped, reverse=True):
            moved = siblings[shipped.index(False)]
            raise SchemaError(f"{where}.{moved} is new and stands before a field that has shipped, which would move that to another "
                              "place, and places are the numbers of keys in journals. Move it behind them.")
