"""What a generator can be told: its flags and the fields of its ``TaskConfig``,
read from its source. None of its code is run, and nothing is guessed.

The result is a JSON Schema (draft 2020-12). How a parameter is set stands
beside it: ``x-flag`` is the flag that takes it (with ``x-negative-flag`` where
there is one for false), ``x-field`` the field of ``TaskConfig``. A flag and a
field of one name are one parameter, and the flag sets it: its author made it
for that.

Left out are what the pipeline itself sets, paths, fields that the entry passes
to ``TaskConfig(...)``, as that wins over any default, fields that nothing
reads, and what has a type that cannot be told from the source.

``python3 -m generator_host.parameters FOLDER ENTRY ...`` writes a line for each folder, with its reads of the clock
(clock_reads.py).
"""

import ast
import json
import sys

from . import annotations, clock_reads, flags, imports
from .literals import UNKNOWN, constants, literal

CONFIG = "TaskConfig"
_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_SETS_ITSELF = {"num_samples", "samples", "domain", "seed", "random_seed", "base_seed", "output", "output_dir",
                "output_path", "out", "out_dir", "start_index", "help", "version"}
_PATHS = {"path", "paths", "dir", "dirs", "directory", "folder", "file", "files", "filename", "root", "output", "url"}
_READS_ALL = {"model_dump", "model_dump_json", "dict", "json", "asdict", "vars", "__dict__"}
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf"}
_LENGTHS = {"array": ("minItems", "maxItems"), "string": ("minLength", "maxLength"), "object": ("minProperties", "maxProperties")}


def discover(found):
    """The schema for what imports.analyse found; None when there is nothing to set."""
    entry = next(iter(found.trees.values()))
    properties = {}
    read = _reads(found.trees)
    for name, schema in _fields(found.trees, entry):
        if _is_free(name) and (read is None or name in read):
            properties[name] = _ordered({**schema, "x-field": name})
    for names, schema in flags.read(found.trees, entry):
        if all(map(_is_free, names)):
            properties[names[0]] = _ordered(schema)
    if not properties:
        return None
    return {"$schema": _SCHEMA, "type": "object", "properties": properties, "additionalProperties": False}


def answer(found):
    """The part of an answer that tells of parameters."""
    try:
        schema = discover(found)
    except (ValueError, TypeError, RecursionError) as error:
        return {"parameters_error": f"{type(error).__name__}: {error}"[:1000]}
    return {"parameters": schema} if schema else {}


def _is_free(name):
    # Whoever may submit a job is not to write where the worker may.
    return name not in _SETS_ITSELF and name.rpartition("_")[2] not in _PATHS


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


def _fields(trees, entry):
    """(name, schema) of every field of TaskConfig that a default can set."""
    holder = next((tree for tree in trees.values() if _class(tree, CONFIG)), None)
    if holder is None:
        return
    explicit = _explicit(entry)
    if explicit is None:
        return  # the entry passes what only a run can tell
    fields = {}
    for definition, tree in reversed(list(_ancestry(holder, CONFIG, trees))):
        names = constants(tree)
        for statement in definition.body:
            name, schema = _field(statement, tree, names)
            if name:
                fields[name] = schema
    for name, schema in fields.items():
        if schema is not None and name not in explicit:
            yield name, schema


def _ancestry(tree, name, trees):
    """The class and its own bases, each with its module's tree, nearest first."""
    waiting, seen = [(tree, name)], set()
    while waiting:
        tree, name = waiting.pop(0)
        definition = _class(tree, name)
        if definition is None:
            holders = [other for other in trees.values() if _class(other, name)]
            if len(holders) != 1:
                continue  # a library's, or one of several
            tree = holders[0]
            definition = _class(tree, name)
        if id(definition) in seen:
            continue
        seen.add(id(definition))
        yield definition, tree
        waiting.extend((tree, annotations.last_name(base)) for base in definition.bases)


def _class(tree, name):
    return next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)


def _field(statement, tree, names):
    """(name, schema) of a statement of a class; the schema is None where the
    field must be left out, the name where there is no field."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        # An attribute without annotation: its default tells its type.
        name, annotation = statement.targets[0].id, None
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        name, annotation = statement.target.id, statement.annotation
        if annotations.last_name(annotation) == "ClassVar":
            return None, None
    else:
        return None, None
    if name.startswith("_") or name == "model_config":
        return None, None
    options, default = _declaration(statement.value, names)
    if annotation is None:
        return name, _of_default(default)
    annotation, inner = annotations.without_annotated(annotation)
    for call in inner:
        options = {**_declaration(call, names)[0], **options}
    schema = annotations.schema_of(annotation, tree, names)
    if schema is None:
        return name, None
    for option, keyword in _BOUNDS.items():
        if isinstance(options.get(option), (int, float)):
            schema[keyword] = options[option]
    for kind, keywords in _LENGTHS.items():
        if kind in annotations.types(schema):
            for keyword, given in zip(keywords, (("min_length", "min_items"), ("max_length", "max_items"))):
                schema.update({keyword: options[option] for option in given if isinstance(options.get(option), int)})
    return name, _described(schema, options.get("description"), default)


def _declaration(value, names):
    """(keyword arguments of Field(...) or field(...), default)."""
    if not isinstance(value, ast.Call) or annotations.last_name(value.func) not in ("Field", "field"):
        return {}, UNKNOWN if value is None else literal(value, names)
    options = {keyword.arg: literal(keyword.value, names) for keyword in value.keywords if keyword.arg}
    default = options.get("default", UNKNOWN)
    if value.args:
        default = literal(value.args[0], names)
    factory = next((keyword.value for keyword in value.keywords if keyword.arg == "default_factory"), None)
    if isinstance(factory, ast.Lambda):
        default = literal(factory.body, names)
    elif isinstance(factory, ast.Name) and factory.id in ("list", "dict"):
        default = [] if factory.id == "list" else {}
    return options, UNKNOWN if default is Ellipsis else default


def _of_default(default):
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(default, kind):
            return _described({"type": name}, None, default)
    return None


def _described(schema, description, default):
    if isinstance(description, str) and description.strip():
        schema["description"] = annotations.shortened(description)
    unsaid = default is None and "null" not in annotations.types(schema) and None not in schema.get("enum", ())
    if default is not UNKNOWN and not unsaid:
        schema["default"] = default
    return schema


def _is_json(value):
    try:
        return json.loads(json.dumps(value, allow_nan=False)) == value
    except (ValueError, TypeError):
        return False


def _explicit(entry):
    """Names that the entry passes to TaskConfig, or sets on it; None where that
    cannot be told."""
    names, made = set(), set()
    for node in ast.walk(entry):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and _makes_config(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            made.update(target.id for target in targets if isinstance(target, ast.Name))
        if not _makes_config(node):
            continue
        if node.args:
            return None
        for keyword in node.keywords:
            passed = {keyword.arg} if keyword.arg else _keys(keyword.value, entry)
            if passed is None:
                return None
            names |= passed
    for node in ast.walk(entry):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) \
                and isinstance(node.value, ast.Name) and node.value.id in made:
            names.add(node.attr)
    return names


def _makes_config(node):
    return isinstance(node, ast.Call) and annotations.last_name(node.func) == CONFIG


def _keys(value, entry):
    """The keys of a dict that is written out, or of a name that is only ever
    given such dicts and single keys."""
    if isinstance(value, ast.Dict):
        keys = [literal(key, {}) if key is not None else UNKNOWN for key in value.keys]
        return set(keys) if all(isinstance(key, str) for key in keys) else None
    if isinstance(value, ast.Call) and annotations.last_name(value.func) == "dict" and not value.args:
        keys = [keyword.arg for keyword in value.keywords]
        return set(keys) if all(keys) else None
    if not isinstance(value, ast.Name):
        return None
    names, mentions = set(), 0
    for node in ast.walk(entry):
        if isinstance(node, ast.Name) and node.id == value.id:
            mentions += 1
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                keys = None
                if isinstance(target, ast.Name) and target.id == value.id:
                    keys = _keys(node.value, entry) if isinstance(node.value, (ast.Dict, ast.Call)) else None
                elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == value.id:
                    key = literal(target.slice, {})
                    keys = {key} if isinstance(key, str) else None
                else:
                    continue
                if keys is None:
                    return None
                names |= keys
                mentions -= 1
    # What is left is the call itself: any other mention may add keys.
    return names if mentions == 1 else None


def _ordered(schema):
    first = ("type", "enum", "description", "default")
    keys = (*first, *(key for key in schema if key not in first))
    # JSON has no infinity, and Python writes one all the same.
    return {key: schema[key] for key in keys if key in schema and _is_json(schema[key])}


def main(arguments):
    """arguments: a folder and its entry script for each generator."""
    for folder, entry in zip(arguments[::2], arguments[1::2]):
        try:
            found = imports.analyse(folder, entry)
            line = {"reads_clock": clock_reads.find(found, folder), **answer(found)}
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            line = {"parameters_error": f"{type(error).__name__}: {error}"[:1000]}
        print(json.dumps(line, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
