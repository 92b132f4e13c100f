"""The fields of a generator's ``TaskConfig`` as JSON Schema, from the source alone."""

import ast

from . import annotations
from .literals import UNKNOWN, constants, literal

CONFIG = "TaskConfig"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf"}
_LENGTHS = {"array": ("minItems", "maxItems"), "string": ("minLength", "maxLength"), "object": ("minProperties", "maxProperties")}


def read(trees):
    """{name: schema} of the fields of ``TaskConfig`` and of its bases; the schema
    is None for what cannot be told."""
    holder = next((tree for tree in trees.values() if _class(tree, CONFIG)), None)
    fields = {}
    if holder is None:
        return fields
    for definition, tree in reversed(list(_ancestry(holder, CONFIG, trees))):
        names = constants(tree)
        for statement in definition.body:
            name, schema = _field(statement, tree, names)
            if name:
                fields[name] = schema
    return fields


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
