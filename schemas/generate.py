#!/usr/bin/env python3
"""generate.py -- turn the schemas into C, documents and golden bytes.

    generate.py --out DIR       write the C code into DIR (the build does this)
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import c_codec, c_structs, services  # noqa: E402
from generator.model import Model, SchemaError  # noqa: E402
from generator.names import write_if_changed  # noqa: E402


def write_code(model, services_folder, out):
    for document in model.documents:
        write_if_changed(out / "events" / f"{document.name}.h", c_structs.header(document))
        write_if_changed(out / "events" / f"{document.name}.c", c_codec.source(document))
    write_if_changed(out / "events" / "all.c", c_codec.all_events(model))
    write_if_changed(out / "events" / "take.h", (HERE / "generator" / "take.h").read_bytes())
    for name, heard in services.services_of(model, services_folder).items():
        write_if_changed(out / name / "events.h", services.header(model, name, heard))
        write_if_changed(out / name / "routes.c", services.routes(model, name, heard))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--schemas", type=pathlib.Path, default=HERE, help="the folder of the schemas")
    parser.add_argument("--services", type=pathlib.Path, default=HERE.parent / "services",
                        help="the folder of the service folders")
    parser.add_argument("--out", type=pathlib.Path, help="write the C code into this folder")
    options = parser.parse_args()
    try:
        model = Model(options.schemas)
        if options.out:
            write_code(model, options.services, options.out)
    except SchemaError as error:
        sys.exit(f"generate.py: {error}")


if __name__ == "__main__":
    main()
