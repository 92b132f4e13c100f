"""Type annotations as JSON Schema, from the source alone."""

import ast

from .literals import UNKNOWN, literal

_SIMPLE = {"int": "integer", "float": "number", "str": "string", "bool": "boolean", "list": "array", "List": "array",
           "tuple": "array", "Tuple": "array", "Sequence": "array", "dict": "object", "Dict": "object", "None": "null"}
_LONGEST_TEXT = 300  # characters


def last_name(node):
    """``b`` of ``b``, ``a.b`` and ``a.b[c]``; None of anything else."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def shortened(text):
    """A description as the schema shows it."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT - 1] + "…"


def types(schema):
    """The schema's types as a list."""
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def without_annotated(node):
    """The annotation inside Annotated[...], and the calls beside it."""
    if last_name(node) == "Annotated" and isinstance(node, ast.Subscript):
        inner = _arguments(node)
        return inner[0], [call for call in inner[1:] if isinstance(call, ast.Call)]
    return node, []


def schema_of(node, tree, names):
    """A schema, or None for what cannot be told."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return {"type": "null"}
        try:
            return schema_of(ast.parse(node.value, mode="eval").body, tree, names) if isinstance(node.value, str) else None
        except SyntaxError:
            return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([schema_of(side, tree, names) for side in (node.left, node.right)])
    name = last_name(node)
    if not isinstance(node, ast.Subscript):
        return {"type": _SIMPLE[name]} if name in _SIMPLE else _enumeration(name, tree, names)
    inner = _arguments(node)
    if name == "Literal":
        values = [literal(value, names) for value in inner]
        return None if UNKNOWN in values else {"enum": values}
    if name == "Optional":
        return _union([schema_of(inner[0], tree, names), {"type": "null"}])
    if name == "Union":
        return _union([schema_of(each, tree, names) for each in inner])
    if name in ("list", "List", "Sequence"):
        return _array([schema_of(inner[0], tree, names)])
    if name in ("tuple", "Tuple"):
        if isinstance(inner[-1], ast.Constant) and inner[-1].value is Ellipsis:
            return _array([schema_of(inner[0], tree, names)])
        return _tuple([schema_of(each, tree, names) for each in inner])
    if name in ("dict", "Dict") and len(inner) == 2:
        value = schema_of(inner[1], tree, names)
        return value and {"type": "object", "additionalProperties": value}
    return None


def _arguments(node):
    inner = node.slice
    return inner.elts if isinstance(inner, ast.Tuple) else [inner]


def _array(items):
    return items[0] and {"type": "array", "items": items[0]}


def _tuple(items):
    if None in items:
        return None
    length = {"minItems": len(items), "maxItems": len(items)}
    if all(item == items[0] for item in items):
        return {"type": "array", "items": items[0], **length}
    return {"type": "array", "prefixItems": items, **length}


def _union(sides):
    """One schema for several: as its keywords hold for values of their own type
    alone, sides of different types can be laid together."""
    if None in sides:
        return None
    merged = {}
    for side in sides:
        if "enum" in side or "enum" in merged:
            values = merged.get("enum", [None] if types(merged) == ["null"] else [] if not merged else None)
            more = side.get("enum", [None] if types(side) == ["null"] else None)
            if values is None or more is None:
                return None
            merged = {"enum": values + [value for value in more if value not in values]}
            continue
        rest = {key: value for key, value in side.items() if key != "type"}
        if any(merged.get(key, value) != value for key, value in rest.items()):
            return None
        kinds = types(merged) + [kind for kind in types(side) if kind not in types(merged)]
        merged = {**merged, **rest, "type": kinds[0] if len(kinds) == 1 else kinds}
    return merged


def _enumeration(name, tree, names):
    """An Enum of the same module, by its values."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name \
                and any((last_name(base) or "").endswith("Enum") for base in node.bases):
            values = [literal(member.value, names) for member in node.body if isinstance(member, ast.Assign)]
            # Of JSON's arrays, none would be taken for a tuple.
            return {"enum": values} if values and all(isinstance(value, (str, int, float)) for value in values) else None
    return None
