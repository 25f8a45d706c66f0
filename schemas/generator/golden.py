"""Golden vectors: for every event a few samples as JSON and as bytes, kept for ever.

A file golden/<event>.json holds a list of versions. A version names the fields that the event had when it shipped, and
samples of them. A version is never changed; when fields are appended to an event, the next version is appended to its
file. The bytes are packed here, independently of the C code that has to agree with them.
"""

import hashlib
import json
import struct

from .model import SchemaError

CASES = ("least", "full", "lowest", "highest")


def pack(value):
    """msgpack, shortest forms only, for the values that events are made of."""
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return pack_integer(value)
    if isinstance(value, str):
        data = value.encode("utf-8")
        return header(len(data), 0xa0, 32, ((0xd9, ">B", 1 << 8), (0xda, ">H", 1 << 16))) + data
    if isinstance(value, list):
        return header(len(value), 0x90, 16, ((0xdc, ">H", 1 << 16),)) + b"".join(pack(item) for item in value)
    return (header(len(value), 0x80, 16, ((0xde, ">H", 1 << 16),))
            + b"".join(pack(key) + pack(item) for key, item in value.items()))


def header(size, short, short_limit, longer):
    if size < short_limit:
        return bytes([short | size])
    for tag, form, limit in longer:
        if size < limit:
            return bytes([tag]) + struct.pack(form, size)
    raise ValueError("too large for an event")


def pack_integer(value):
    if 0 <= value < 128 or -32 <= value < 0:
        return struct.pack(">B" if value >= 0 else ">b", value)
    forms = ((0xcc, ">B"), (0xcd, ">H"), (0xce, ">I"), (0xcf, ">Q"))
    if value < 0:
        forms = ((0xd0, ">b"), (0xd1, ">h"), (0xd2, ">i"), (0xd3, ">q"))
    for tag, form in forms:
        try:
            return bytes([tag]) + struct.pack(form, value)
        except struct.error:
            continue
    raise ValueError("outside 64 bits")


def sample_text(field, case):
    if case == "lowest":
        return (field.example or "x")[:field.min] if field.min >= 3 else "x" * field.min
    if case == "highest" and field.min < field.max:
        # Three bytes for each character, so that bytes and characters are told apart.
        return "网" * (field.max // 3) + "x" * (field.max % 3)
    return field.example or field.name[:field.max]


def sample_value(field, case):
    if field.kind == "text":
        return sample_text(field, case)
    if field.kind == "bool":
        return case != "lowest"
    if field.kind == "list":
        if case == "lowest":
            return [sample(field.fields, case)] * field.min
        if case == "full":
            return ([sample(field.fields, "full"), sample(field.fields, "least")] + [sample(field.fields, "full")] * field.min)[:max(2, field.min)]
        return [sample(field.fields, case)] * (3 if case == "highest" else max(1, field.min))
    return {"lowest": field.min, "highest": field.max}.get(case, field.example)


def sample(fields, case):
    return {field.name: sample_value(field, case) for field in fields if field.required or case != "least"}


def field_names(event):
    names = []
    for field in event.fields:
        names.append(field.name)
        names += [f"{field.name}.{part.name}" for part in field.fields]
    return names


def version_of(event, number):
    cases = []
    for case in CASES:
        data = sample(event.fields, case)
        cases.append({"case": case, "data": data, "hex": pack(data).hex()})
    return {"version": number, "fields": field_names(event), "cases": cases}


def digest(version):
    """What events.lock remembers of a version, so that an edit of it is noticed."""
    return hashlib.sha256(json.dumps(version, sort_keys=True).encode()).hexdigest()[:16]


def path_of(folder, event_name):
    return folder / "golden" / f"{event_name}.json"


def read(folder, event):
    """The versions of an event that are on file."""
    path = path_of(folder, event.name)
    if not path.exists():
        return []
    with open(path, encoding="utf-8") as file:
        return json.load(file)["versions"]


def grown(folder, event):
    """The versions on file, and one more when the event has fields that the last does not know."""
    versions = read(folder, event)
    if not versions or set(versions[-1]["fields"]) != set(field_names(event)):
        versions.append(version_of(event, len(versions) + 1))
    return versions


def text_of(event, versions):
    """One line per sample, so that a difference can be read."""
    parts = []
    for version in versions:
        cases = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in version["cases"])
        parts.append(f'  {{"version": {version["version"]}, "fields": {json.dumps(version["fields"])},\n'
                     f'   "cases": [\n{cases}\n   ]}}')
    return f'{{"event": "{event.name}", "versions": [\n' + ",\n".join(parts) + "\n]}\n"


def compact(data):
    """JSON as event_to_json writes it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def check(folder, event):
    """Every sample on file packs to its bytes, and the last version knows every field."""
    versions = read(folder, event)
    where = f"schemas/golden/{event.name}.json"
    if not versions or set(versions[-1]["fields"]) != set(field_names(event)):
        raise SchemaError(f"{where} does not know all fields of {event.name}; run schemas/generate.py.")
    for version in versions:
        for case in version["cases"]:
            if pack(case["data"]).hex() != case["hex"]:
                raise SchemaError(f"{where}: version {version['version']}, case {case['case']}: the bytes are not "
                                  "those of the data. Golden bytes are never edited; restore the file.")
