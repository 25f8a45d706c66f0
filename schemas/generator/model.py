"""The events of schemas/*.yaml as Python objects: files read, references followed, every rule of the house checked."""

import pathlib

import yaml

from .explain import explain_of

NUMBER_MAX = 9007199254740991
KEY_BYTES_MAX = 31      # so that a key's header is one byte
FIELDS_MAX = 64         # so that a 64-bit set can say which were seen

C_KEYWORDS = set("""auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
bool true false""".split())


class SchemaError(Exception):
    """A sentence for whoever edited the schemas or a service folder."""


class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML in which a key that stands twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise SchemaError(f"{node.start_mark.name}:{node.start_mark.line + 1}: `{key}` stands twice.")
        return super().construct_mapping(node, deep)


class Field:
    """One key of an event or of an item of its list."""

    def __init__(self, name, schema, required, where):
        self.name = name
        self.c_name = name + "_" if name in C_KEYWORDS else name
        self.required = required
        self.sentence = sentence_of(schema, where)
        self.choices = schema.get("x-choices", [])
        self.unit = schema.get("x-unit", "")
        self.example = schema.get("examples", [None])[0]
        self.fields = []        # of a list's items
        self.item = None        # singular name of a list's item
        kind = schema.get("type")
        if not (name.isascii() and name.replace("_", "a").isalnum() and name == name.lower()):
            raise SchemaError(f"{where}: a field's name is lower case letters, digits and underscores.")
        if len(name) > KEY_BYTES_MAX:
            raise SchemaError(f"{where}: a field's name has at most {KEY_BYTES_MAX} letters.")
        if kind == "integer":
            self.kind = schema.get("x-kind", "int")
            self.min, self.max = bounds(schema, "minimum", "maximum", where)
            if not -NUMBER_MAX <= self.min <= self.max <= NUMBER_MAX:
                raise SchemaError(f"{where}: a number stays within +-{NUMBER_MAX}.")
            if not self.unit:
                raise SchemaError(f"{where}: a number needs an x-unit.")
        elif kind == "boolean":
            self.kind, self.min, self.max = "bool", 0, 1
        elif kind == "string":
            self.kind = "text"
            self.min, self.max = bounds(schema, "minLength", "maxLength", where)
        elif kind == "array":
            self.kind = "list"
            self.min, self.max = bounds(schema, "minItems", "maxItems", where)
            self.item = schema.get("x-item", name.removesuffix("s"))
            self.fields = fields_of(schema.get("items", {}), where, nested=True)
        else:
            raise SchemaError(f"{where}: type `{kind}` cannot be in an event; "
                              "use integer, boolean, string or array (there is no floating point).")
        if self.kind not in ("text", "bool", "list") and self.example is None:
            raise SchemaError(f"{where}: a number needs one of `examples`.")
        if self.kind not in ("text", "int", "bool", "money", "price", "quantity", "time", "list"):
            raise SchemaError(f"{where}: x-kind `{self.kind}` is not known; "
                              "known are money, price, quantity and time.")

    @property
    def number(self):
        return self.kind in ("int", "money", "price", "quantity", "time")


class Event:
    """One message of one document."""

    def __init__(self, name, document, message, schema):
        where = f"schemas/{document.name}.yaml: {name}"
        self.name = name
        self.c_name = name.replace(".", "_")
        self.document = document
        self.publisher = document.publisher
        self.sentence = message.get("summary", "").strip()
        if not self.sentence.endswith("."):
            raise SchemaError(f"{where}: `summary` has to be a sentence.")
        self.live = message.get("x-live", False)
        self.subject = message.get("x-subject")
        self.fields = fields_of(schema, where)
        if self.subject and self.subject not in [f.name for f in self.fields if f.kind == "text"]:
            raise SchemaError(f"{where}: x-subject `{self.subject}` is not a text field of it.")
        self.scope = scope_of(message, [f.name for f in self.fields if f.kind == "text"], where)
        self.dealers = dealers_of(message, self.scope, where)
        self.explain = explain_of(message, self.fields, where, refuse)

    def lists(self):
        return [field for field in self.fields if field.kind == "list"]


def refuse(sentence):
    raise SchemaError(sentence)


def scope_of(message, texts, where):
    """Which fields name the outlet and the warehouse whose event it is; nothing: it is for the principal alone."""
    scope = message.get("x-scope")
    if scope is None:
        raise SchemaError(f"{where}: x-scope has to say which field names the outlet or the warehouse, or `principal`.")
    if scope == "principal":
        return {}
    if not isinstance(scope, dict) or not set(scope) <= {"outlet", "warehouse", "when", "is"} or ("when" in scope) != ("is" in scope):
        raise SchemaError(f"{where}: x-scope has the keys outlet and warehouse, and when and is together, or it is `principal`.")
    for word in ("outlet", "warehouse", "when"):
        if word in scope and scope[word] not in texts:
            raise SchemaError(f"{where}: x-scope names `{scope[word]}`, which is not a text field of it.")
    if "outlet" not in scope and "warehouse" not in scope:
        raise SchemaError(f"{where}: x-scope names neither outlet nor warehouse.")
    return scope


def dealers_of(message, scope, where):
    """Whether the dealer of its outlet may say it as well."""
    dealers = message.get("x-dealer", False)
    if dealers is not False and (dealers is not True or "outlet" not in scope or "when" in scope):
        raise SchemaError(f"{where}: x-dealer is true, for what names an outlet in its x-scope.")
    return dealers


class Document:
    """One AsyncAPI document: what one publisher says."""

    def __init__(self, name, text):
        info = text["info"]
        self.name = name
        self.publisher = info["x-publisher"]
        self.role = info["x-role"]
        self.description = " ".join(info["description"].split())
        self.events = []
        if self.publisher != name or self.role not in ("service", "outside", "kernel"):
            raise SchemaError(f"schemas/{name}.yaml: x-publisher is `{name}`, x-role is service, outside or kernel.")


class Model:
    """All documents of a schemas folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.files = {}
        self.documents = []
        for path in sorted(self.folder.glob("*.yaml")):
            with open(path, encoding="utf-8") as file:
                self.files[path.name] = yaml.load(file, StrictLoader)
        for file_name, text in self.files.items():
            if "asyncapi" in text:
                self.documents.append(self.read_document(file_name, text))
        self.events = sorted((e for d in self.documents for e in d.events), key=lambda e: e.name)
        names = [event.c_name for event in self.events]
        for name in names:
            if names.count(name) > 1:
                raise SchemaError(f"two events are called {name} in C.")

    def read_document(self, file_name, text):
        document = Document(file_name.removesuffix(".yaml"), text)
        for name, message in text["channels"]["events"]["messages"].items():
            schema = self.resolve(message["payload"], file_name)
            document.events.append(Event(name, document, message, schema))
        return document

    def by_c_name(self, c_name):
        for event in self.events:
            if event.c_name == c_name:
                return event
        return None

    def resolve(self, schema, file_name):
        """The schema without $ref and allOf: later parts add properties and override single words."""
        if "$ref" in schema:
            return self.resolve(*self.follow(schema["$ref"], file_name))
        merged = {}
        for part in schema.get("allOf", []):
            merge(merged, self.resolve(part, file_name))
        own = {key: value for key, value in schema.items() if key != "allOf"}
        if "properties" in own:
            own["properties"] = {k: self.resolve(v, file_name) for k, v in own["properties"].items()}
        if "items" in own:
            own["items"] = self.resolve(own["items"], file_name)
        merge(merged, own)
        return merged

    def follow(self, reference, file_name):
        target, _, pointer = reference.partition("#/")
        target = target or file_name
        place = self.files.get(target)
        for step in pointer.split("/"):
            if place is None or step not in place:
                raise SchemaError(f"schemas/{file_name}: nothing is at {reference}.")
            place = place[step]
        return place, target


def merge(into, part):
    for key, value in part.items():
        if key == "properties":
            into.setdefault("properties", {}).update(value)
        elif key == "required":
            into["required"] = into.get("required", []) + value
        else:
            into[key] = value


def sentence_of(schema, where):
    sentence = " ".join(schema.get("description", "").split())
    if not sentence.endswith("."):
        raise SchemaError(f"{where}: `description` has to be a sentence.")
    return sentence


def bounds(schema, low, high, where):
    if low not in schema or high not in schema:
        raise SchemaError(f"{where}: {low} and {high} have to be given.")
    return schema[low], schema[high]


def fields_of(schema, where, nested=False):
    if schema.get("type") != "object" or "properties" not in schema:
        raise SchemaError(f"{where}: has to be an object with properties.")
    required = schema.get("required", [])
    for name in required:
        if name not in schema["properties"]:
            raise SchemaError(f"{where}: `{name}` is required but not described.")
    fields = [Field(name, part, name in required, f"{where}.{name}")
              for name, part in schema["properties"].items()]
    if len(fields) > FIELDS_MAX:
        raise SchemaError(f"{where}: has more than {FIELDS_MAX} fields.")
    if nested and any(field.kind == "list" for field in fields):
        raise SchemaError(f"{where}: a list within a list is not supported.")
    return fields
