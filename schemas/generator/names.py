"""Words, comments and files: what every part of the generator writes with."""

import textwrap


def quoted(text):
    """A C string literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def width(line):
    """Columns of a line with tabs of eight."""
    return len(line.expandtabs(8))


def comment(text, indent=""):
    """A C comment of one line, or of as many as it takes."""
    if width(f"{indent}/* {text} */") <= 110:
        return [f"{indent}/* {text} */"]
    wrapped = textwrap.wrap(text, 104 - width(indent))
    return [f"{indent}/*"] + [f"{indent} * {line}" for line in wrapped] + [f"{indent} */"]


def write_if_changed(path, text):
    """Write a file unless it already says the same, so that nothing is compiled again for nothing."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)
