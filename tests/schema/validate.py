# SPDX-License-Identifier: MIT
"""validate.py SCHEMA FILE…: whether the files are JSON, strictly, and what the schema says.

--strict SCHEMA FILE: whether the schema would notice a member that is missing or unknown, in any
object of the file that has members of its own in the schema."""
import copy
import json
import sys

import jsonschema

# Objects whose members are the data's, or not all of which are always there.
OPEN = {"parameters"}


def refuse_constant(name):
    raise ValueError(name + " is no JSON")


def unique_members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a member is there twice among " + ", ".join(names))
    return dict(pairs)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(
            file, parse_constant=refuse_constant, object_pairs_hook=unique_members
        )


def shorten(value):
    """The same with one item of each array of objects."""
    if isinstance(value, dict):
        return {name: shorten(member) for name, member in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [shorten(value[0])]
    return value


def objects(value, path=()):
    """Paths of all objects in it."""
    if isinstance(value, dict) and (not path or path[-1] not in OPEN):
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        if isinstance(member, (dict, list)):
            yield from objects(member, path + (name,))


def at(value, path):
    for name in path:
        value = value[name]
    return value


def unnoticed(validator, document):
    validator.validate(document)
    for path in objects(document):
        for name in [*at(document, path), None]:
            changed = copy.deepcopy(document)
            members = at(changed, path)
            if name is None:
                members["unknown"] = 0
            else:
                del members[name]
            if validator.is_valid(changed):
                yield "/".join(map(str, path)) + ": " + ("one more" if name is None else name)


def main(arguments):
    strict = arguments[0] == "--strict"
    schema, *paths = arguments[1:] if strict else arguments
    validator = jsonschema.Draft202012Validator(load(schema))
    validator.check_schema(validator.schema)
    complaints = 0
    for path in paths:
        document = load(path)
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
        if strict:
            errors += unnoticed(validator, shorten(document))
        for error in errors:
            print(f"{path}: {error}")
        complaints += len(errors)
    return complaints > 0


sys.exit(main(sys.argv[1:]))
