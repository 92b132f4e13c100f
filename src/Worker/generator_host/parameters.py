"""What a generator can be told: its flags and the fields of its ``TaskConfig``,
read from its source. None of its code is run, and nothing is guessed.

The result is a JSON Schema (draft 2020-12). How a parameter is set stands
beside it: ``x-flag`` is the flag that takes it (with ``x-negative-flag`` where
there is one for false), ``x-field`` the field of ``TaskConfig``. A flag and a
field of one name are one parameter, and the flag sets it: its author made it
for that.

Left out are what the pipeline itself sets, paths, fields that the entry passes
to ``TaskConfig(...)``, as that wins over any default, fields that nothing
reads, and what has a type that cannot be told from the source. A flag whose
value goes to a field of ``TaskConfig`` has that field's bounds.

``python3 -m generator_host.parameters FOLDER ENTRY ...`` writes a line for each folder, with its reads of the clock
(clock_reads.py).
"""

import ast
import json
import sys

from . import annotations, clock_reads, fields, flags, imports, passed, reserved
from .literals import literal

_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_READS_ALL = {"model_dump", "model_dump_json", "dict", "json", "asdict", "vars", "__dict__"}
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "enum")


def discover(found):
    """The schema for what imports.analyse found; None when there is nothing to set."""
    entry = next(iter(found.trees.values()))
    properties, required = {}, []
    known, read, explicit = fields.read(found.trees), _reads(found.trees), passed.explicit(entry)
    for name, schema in known.items():
        # Of an entry that passes what only a run can tell, no field is offered.
        if schema is not None and explicit is not None and name not in explicit and reserved.is_free(name, schema) \
                and (read is None or name in read):
            properties[name] = _ordered({**schema, "x-field": name})
    fed = {}
    for tree in found.trees.values():
        for dest, field in passed.feeds(tree):
            fed.setdefault(dest, []).append(field)
    for flag in flags.read(found.trees, entry):
        goals = fed.get(flag.dest, [])
        if all(reserved.is_free(name, flag.schema) for name in (*flag.names, flag.dest, *goals)):
            properties[flag.names[0]] = _ordered(_bounded(flag.schema, [known.get(goal) for goal in goals]))
            if flag.required:
                required.append(flag.names[0])
    if not properties:
        return None
    schema = {"$schema": _SCHEMA, "type": "object", "properties": properties}
    return {**schema, **({"required": required} if required else {}), "additionalProperties": False}


def answer(found):
    """The part of an answer that tells of parameters."""
    try:
        schema = discover(found)
    except (ValueError, TypeError, RecursionError) as error:
        return {"parameters_error": f"{type(error).__name__}: {error}"[:1000]}
    return {"parameters": schema} if schema else {}


def _bounded(flag, goals):
    """A flag's schema with the bounds of the fields to which its value goes."""
    kinds = set(annotations.types(flag))
    bounded = dict(flag)
    for goal in goals:
        wanted = set(annotations.types(goal or {}))
        if "number" in wanted:
            wanted.add("integer")
        if goal is None or wanted and not kinds <= wanted or kinds & {"array", "boolean"}:
            continue
        bounds = {key: goal[key] for key in _BOUNDS if key in goal and key not in bounded}
        if "enum" in bounds:
            bounds["enum"] = [value for value in bounds["enum"] if flags.fits(value, flag)]
        # A default beyond them is the script's word for "none", and not to be refused.
        if bounds.get("enum") != [] and ("default" not in flag or _holds(flag["default"], bounds)):
            bounded.update(bounds)
    return bounded


def _holds(value, bounds):
    if "enum" in bounds and value not in bounds["enum"]:
        return False
    size = len(value) if isinstance(value, str) else value
    least, most = ("minLength", "maxLength") if isinstance(value, str) else ("minimum", "maximum")
    return bounds.get(least, size) <= size <= bounds.get(most, size) \
        and ("exclusiveMinimum" not in bounds or size > bounds["exclusiveMinimum"]) \
        and ("exclusiveMaximum" not in bounds or size < bounds["exclusiveMaximum"])


def _reads(trees):
    """Names of the attributes that the source reads of anything; None where it
    takes a whole configuration at once."""
    names = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                names.add(node.attr)
                if node.attr in _READS_ALL and _is_config(node.value):
                    return None
            elif isinstance(node, ast.Call) and node.args:
                called = annotations.last_name(node.func)
                if called in _READS_ALL and _is_config(node.args[0]):
                    return None
                if called == "getattr" and len(node.args) > 1:
                    name = literal(node.args[1], {})
                    if not isinstance(name, str):
                        return None
                    names.add(name)
    return names


def _is_config(node):
    return "config" in (annotations.last_name(node) or "").lower() or (annotations.last_name(node) == "self")


def _is_json(value):
    try:
        return json.loads(json.dumps(value, allow_nan=False)) == value
    except (ValueError, TypeError):
        return False


def _ordered(schema):
    first = ("type", "enum", "description", "default")
    keys = (*first, *(key for key in schema if key not in first))
    # JSON has no infinity, and Python writes one all the same.
    return {key: schema[key] for key in keys if key in schema and _is_json(schema[key])}


def main(arguments):
    """arguments: for each generator its folder, its entry script and its library, which may be empty."""
    for folder, entry, library in zip(arguments[::3], arguments[1::3], arguments[2::3]):
        try:
            found = imports.analyse(folder, entry, library or None)
            line = {"reads_clock": clock_reads.find(found, folder, library or None), **answer(found)}
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            line = {"parameters_error": f"{type(error).__name__}: {error}"[:1000]}
        print(json.dumps(line, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
