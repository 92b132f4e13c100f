"""Command-line flags as JSON Schema: argparse calls, read from the source."""

import ast
import re
from typing import NamedTuple

from .annotations import last_name, shortened
from .literals import UNKNOWN, constants, literal

_MOST_CHOICES = 100  # that are written out
_TYPES = {"int": "integer", "float": "number", "str": "string"}


class Flag(NamedTuple):
    """names: the parameter's, then its flag's other spellings. dest: the attribute that holds its value."""

    names: list
    dest: str
    schema: dict
    required: bool


def read(trees, entry):
    """The flags of the entry, or, where that has none and leaves its command
    line to others, of the generator's other modules."""
    found = list(_of(entry))
    if not found:
        found = [flag for tree in trees.values() if tree is not entry for flag in _of(tree)]
    return found


def _of(tree):
    names = constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
            flag = _flag(node, names)
            if flag:
                yield flag


def _flag(call, names):
    options = [literal(argument, names) for argument in call.args]
    long = [option for option in options if isinstance(option, str) and option.startswith("--")]
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if not long or None in given or last_name(given.get("help")) == "SUPPRESS":
        return None
    schema = _schema(given, names, long[0])
    if schema is None:
        return None
    text = _help(literal(given["help"], names) if "help" in given else None, schema)
    if text:
        schema["description"] = text
    names_of = [option[2:].replace("-", "_") for option in long]
    dest = literal(given["dest"], names) if "dest" in given else names_of[0]
    # Nobody knows where another value ends.
    dest = dest if isinstance(dest, str) else "output"
    return Flag(names_of, dest, {**schema, "x-flag": long[0]}, "required" in given and literal(given["required"], names) is True)


def _schema(given, names, flag):
    action = literal(given["action"], names) if "action" in given else "store"
    default = literal(given["default"], names) if "default" in given else None
    if last_name(given.get("action")) == "BooleanOptionalAction":
        schema = {"type": "boolean", "x-negative-flag": "--no-" + flag[2:]}
        return {**schema, "default": default} if isinstance(default, bool) else schema
    if action in ("store_true", "store_false"):
        # The parameter says whether the flag is there, whatever it stores.
        return {"type": "boolean", "default": False}
    if action != "store" or last_name(given.get("type")) == "bool":
        return None  # argparse takes any text for true, "False" as well
    if last_name(_called(given.get("type"))) in ("Path", "PurePath", "FileType", "open"):
        return None
    schema = _value(given, names)
    many = literal(given["nargs"], names) if "nargs" in given else None
    if many is not None and many != "?":
        if not (many in ("*", "+") or (isinstance(many, int) and not isinstance(many, bool) and many > 0)):
            return None
        length = {"minItems": many, "maxItems": many} if isinstance(many, int) else {"minItems": 1}
        schema = {"type": "array", "items": schema, **length}
    if default is not None and default is not UNKNOWN and fits(default, schema):
        schema["default"] = default
    return schema


def _called(node):
    return node.func if isinstance(node, ast.Call) else node


def _value(given, names):
    # Without a known type the value is a text that the generator reads itself.
    schema = {"type": _TYPES.get(getattr(given.get("type"), "id", None), "string")}
    choices = given.get("choices")
    if isinstance(choices, ast.Call) and last_name(choices.func) == "range":
        bounds = [literal(argument, names) for argument in choices.args]
        if all(isinstance(bound, int) for bound in bounds):
            schema.update(_range(range(*bounds)))
    elif choices is not None:
        values = literal(choices, names)
        if isinstance(values, (list, dict)) and values and all(fits(value, schema) for value in values):
            schema["enum"] = list(values)
    return schema


def _range(choices):
    if not choices or choices.step < 1 or choices.start % choices.step:
        return {"enum": list(choices)} if 0 < len(choices) <= _MOST_CHOICES else {}
    step = {"multipleOf": choices.step} if choices.step > 1 else {}
    return {"minimum": choices[0], "maximum": choices[-1], **step}


def fits(value, schema):
    """Whether a value is of the type of a flag's schema."""
    kinds = {"integer": int, "number": (int, float), "string": str, "array": list}[schema["type"]]
    return isinstance(value, kinds) and not isinstance(value, bool)


def _help(text, schema):
    if not isinstance(text, str):
        return None
    text = re.sub(r"%\((\w+)\)\w", lambda match: str(schema.get(match[1], "…")), text).replace("%%", "%")
    return shortened(text)
