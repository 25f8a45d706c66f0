#!/usr/bin/env python3
"""generate.py -- turn the schemas into C, documents and golden bytes.

    generate.py                 write the committed documents: EVENTS.md, golden/, events.lock
    generate.py --check         say whether those are current and whether anything that has shipped was changed
    generate.py --out DIR       write the C code into DIR (the build does this)
    generate.py --forget EVENT  drop an event from events.lock and golden/, as long as no journal anywhere holds it
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import c_codec, c_structs, documents, golden, lock, services  # noqa: E402
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
    for event in model.events:
        for version in golden.read(model.folder, event):
            for case in version["cases"]:
                sample = f"{version['version']}-{case['case']}"
                write_if_changed(out / "corpus" / event.c_name / sample, bytes.fromhex(case["hex"]))
                write_if_changed(out / "golden" / event.c_name / f"{sample}.json", golden.compact(case["data"]))


def write_documents(model, services_folder):
    lock_path = model.folder / "events.lock"
    lock.check_shipped(model, lock.read(lock_path))
    for event in model.events:
        versions = golden.grown(model.folder, event)
        write_if_changed(golden.path_of(model.folder, event.name), golden.text_of(event, versions))
    write_if_changed(lock_path, lock.text_of(model))
    write_if_changed(model.folder / "EVENTS.md", documents.catalogue(model, services_folder))


def check_documents(model, services_folder):
    lock_path = model.folder / "events.lock"
    lock.check_shipped(model, lock.read(lock_path))
    for event in model.events:
        golden.check(model.folder, event)
    current = {lock_path: lock.text_of(model), model.folder / "EVENTS.md": documents.catalogue(model, services_folder)}
    for path, text in current.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            raise SchemaError(f"schemas/{path.name} is not what the schemas say; run schemas/generate.py.")


def forget(model, names):
    lock_path = model.folder / "events.lock"
    kept, skipping = [], False
    for line in lock_path.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.startswith(("\t", "#")):
            skipping = line.split(" ")[0] in names
        if not skipping:
            kept.append(line)
    write_if_changed(lock_path, "".join(kept))
    for name in names:
        golden.path_of(model.folder, name).unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schemas", type=pathlib.Path, default=HERE, help="the folder of the schemas")
    parser.add_argument("--services", type=pathlib.Path, default=HERE.parent / "services",
                        help="the folder of the service folders")
    parser.add_argument("--out", type=pathlib.Path, help="write the C code into this folder")
    parser.add_argument("--check", action="store_true", help="change nothing, look")
    parser.add_argument("--forget", nargs="+", metavar="EVENT", help="drop events that no journal holds")
    options = parser.parse_args()
    try:
        model = Model(options.schemas)
        if options.forget:
            forget(model, options.forget)
        if options.check:
            check_documents(model, options.services)
        elif options.out:
            write_code(model, options.services, options.out)
        else:
            write_documents(model, options.services)
    except SchemaError as error:
        sys.exit(f"generate.py: {error}")


if __name__ == "__main__":
    main()
