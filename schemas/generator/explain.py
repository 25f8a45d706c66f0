"""x-explain: the sentences that say a decision in words, in English and Chinese, and the rules that it applied.

In a sentence `{field}` is a value of the event, of a list how many items it has; `[...]` is left out unless all optional fields in it
are given; `<list|...>` says the part once for each item, and `{field}` in it is the item's.
"""

import re

LANGUAGES = ("en", "zh")
RULE_WORDS = ("kind", "code", "version")


class Explain:
    """What one message says of itself in words."""

    def __init__(self, texts, rules):
        self.texts = texts      # {language: sentence}
        self.rules = rules      # of {"kind": name of a record, "code": field, "version": field}; what is not known is absent


def explain_of(message, fields, where, fail):
    """The Explain of a message, None when it has none; fail(sentence) says what is wrong."""
    said = message.get("x-explain")
    if said is None:
        return None
    if not isinstance(said, dict) or set(said) - {"rule", "rules"} != set(LANGUAGES):
        fail(f"{where}: x-explain has a sentence for each of {', '.join(LANGUAGES)}, and may have a rule or a list of rules.")
    named = {language: check_text(said[language], fields, f"{where}: x-explain {language}", fail) for language in LANGUAGES}
    for language in LANGUAGES[1:]:
        if named[language] != named[LANGUAGES[0]]:
            odd = ", ".join(sorted(named[language] ^ named[LANGUAGES[0]]))
            fail(f"{where}: x-explain names {odd} in one language and not in the other.")
    return Explain({language: said[language] for language in LANGUAGES}, rules_of([said["rule"]] if "rule" in said else said.get("rules"), fields, where, fail))


def rules_of(said, fields, where, fail):
    """As said; else each `<kind>_version` is that of a rule, whose code is in the field `<kind>` where there is one."""
    names = {field.name: field for field in fields}
    if said is None:
        kinds = [name.removesuffix("_version") for name, field in names.items() if name.endswith("_version") and field.kind == "int"]
        return [{"kind": kind, **({"code": kind} if kind in names and names[kind].kind == "text" else {}), "version": kind + "_version"}
                for kind in kinds]
    for rule in said if isinstance(said, list) else [None]:
        if not isinstance(rule, dict) or "kind" not in rule or set(rule) - set(RULE_WORDS):
            fail(f"{where}: each of the rules of x-explain has a kind, and fields for its code and its version as far as the event has them.")
        for word, kind in (("code", "text"), ("version", "int")):
            if word in rule and (rule[word] not in names or names[rule[word]].kind != kind):
                fail(f"{where}: the {word} of a rule of x-explain is `{rule[word]}`, which is no such field of it.")
    return said


def check_text(text, fields, where, fail):
    """The names of the fields in a sentence, each checked to be there."""
    if not isinstance(text, str) or not text.strip() or len(text.encode()) > 400:
        fail(f"{where} has to be a sentence of at most 400 bytes.")
    lists = {field.name: field for field in fields if field.kind == "list"}
    named = set()
    for piece in re.split(r"(<[^<>]*>)", text):
        if not piece.startswith("<"):
            if "<" in piece or ">" in piece:
                fail(f"{where}: `<` and `>` stand around what is said for each item of a list.")
            named |= check_part(piece, fields, where, fail)
            continue
        name, bar, part = piece[1:-1].partition("|")
        if not bar or name not in lists:
            fail(f"{where}: `<{name}|...>` does not name a list of it.")
        named |= {f"{name}.{found}" for found in check_part(part, lists[name].fields, where, fail)} | {name}
    return named


def check_part(text, fields, where, fail):
    names, named = {field.name: field for field in fields}, set()
    for piece in re.split(r"(\[[^\[\]]*\])", text):
        left = re.sub(r"\{[a-z0-9_]+\}", "", piece)
        if "{" in left or "}" in left or (not piece.startswith("[") and ("[" in piece or "]" in piece)):
            fail(f"{where}: a brace or a bracket in `{piece.strip()}` stands alone.")
        found = re.findall(r"\{([a-z0-9_]+)\}", piece)
        for name in found:
            if name not in names:
                fail(f"{where}: `{{{name}}}` is not a field of it.")
            if not piece.startswith("[") and not names[name].required:
                fail(f"{where}: `{{{name}}}` is optional: what depends on it stands within [ ].")
        if piece.startswith("[") and all(names[name].required for name in found):
            fail(f"{where}: nothing in `{piece}` is optional, so the brackets say nothing.")
        named |= set(found)
    return named
