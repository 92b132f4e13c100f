"""What a script passes to ``TaskConfig``, from the source alone: which fields, and which of them a flag's value."""

import ast

from . import annotations
from .fields import CONFIG
from .literals import UNKNOWN, literal

_PARSED = {"args", "arguments", "opts", "options", "namespace"}  # of functions that are handed the command line
_PARSES = {"parse_args", "parse_known_args"}


def explicit(entry):
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


def feeds(tree):
    """[(dest of a flag, field)]: the fields to which the module passes a flag's value as it is."""
    assigned, parsed = {}, set(_PARSED)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    # A name that is given two values tells of neither.
                    assigned[target.id] = None if target.id in assigned else node.value
                    if isinstance(node.value, ast.Call) and annotations.last_name(node.value.func) in _PARSES:
                        parsed.add(target.id)
    found = []
    for field, value in _values(tree):
        dest = _dest(value, assigned, parsed)
        if dest:
            found.append((dest, field))
    return found


def _values(tree):
    """(field, expression) of what is passed to TaskConfig, by whatever dict, or set on what it made."""
    calls = [node for node in ast.walk(tree) if _makes_config(node)]
    given = [keyword for call in calls for keyword in call.keywords]
    yield from ((keyword.arg, keyword.value) for keyword in given if keyword.arg)
    starred = [keyword.value for keyword in given if not keyword.arg]
    for value in starred:
        yield from _items(value)
    dicts = {value.id for value in starred if isinstance(value, ast.Name)}
    made = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update" \
                and isinstance(node.func.value, ast.Name) and node.func.value.id in dicts:
            yield from _items(node)
            for value in node.args:
                yield from _items(value)
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                if _makes_config(node.value):
                    made.add(target.id)
                elif target.id in dicts:
                    yield from _items(node.value)
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id in dicts:
                key = literal(target.slice, {})
                if isinstance(key, str):
                    yield key, node.value
            elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in made:
                yield target.attr, node.value


def _items(value):
    """(key, expression) of a dict that is written out, or of the keywords of a call."""
    if isinstance(value, ast.Dict):
        for key, inner in zip(value.keys, value.values):
            name = literal(key, {}) if key is not None else UNKNOWN
            if isinstance(name, str):
                yield name, inner
    elif isinstance(value, ast.Call):
        yield from ((keyword.arg, keyword.value) for keyword in value.keywords if keyword.arg)


def _dest(value, assigned, parsed, depth=3):
    """``x`` of ``args.x``, of a name that is it, of a conversion of it, and of one that gives way to a default; else None."""
    if depth == 0 or value is None:
        return None
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id in parsed:
        return value.attr
    if isinstance(value, ast.Name):
        return _dest(assigned.get(value.id), assigned, parsed, depth - 1)
    if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        return _dest(value.values[0], assigned, parsed, depth - 1)
    if isinstance(value, ast.IfExp):
        return _dest(value.body, assigned, parsed, depth - 1) or _dest(value.orelse, assigned, parsed, depth - 1)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and len(value.args) == 1 and not value.keywords:
        return _dest(value.args[0], assigned, parsed, depth - 1) if value.func.id in ("int", "float", "str", "Path") else None
    return None
