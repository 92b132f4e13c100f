"""Values that stand in the source as they are."""

import ast


class _Unknown:
    """A value that only a run can tell; None is a value."""

    def __repr__(self):
        return "UNKNOWN"


UNKNOWN = _Unknown()


def literal(node, names):
    """The value of an expression of literals and of ``names``, or UNKNOWN.
    Tuples come back as lists, as JSON has no others."""
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, (ast.Tuple, ast.List)):
        values = [literal(element, names) for element in node.elts]
        return UNKNOWN if UNKNOWN in values else values
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN
    return _as_json(value)


def constants(tree):
    """{name: value} of a module's names that are given one literal, once."""
    values = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 \
            else node.target if isinstance(node, ast.AnnAssign) and node.value else None
        if isinstance(target, ast.Name):
            values[target.id] = UNKNOWN if target.id in values else literal(node.value, {})
    return {name: value for name, value in values.items() if value is not UNKNOWN}


def _as_json(value):
    if isinstance(value, (tuple, list)):
        return [_as_json(element) for element in value]
    if isinstance(value, dict):
        return {key: _as_json(element) for key, element in value.items()}
    return value
