"""Where a generator reads the clock, by its source: none of its code is run.

Found are names of ``time``, ``timeit`` and ``datetime``, under whatever name a module imports them. What goes round
the names, such as ``getattr``, is not found; it reads the virtual clock (clock.py) all the same.
"""

import ast
import os

# Functions that tell a time they are given: how many arguments they have then.
_GIVEN = {"localtime": 1, "gmtime": 1, "ctime": 1, "asctime": 1, "strftime": 2}
_TIME = ("time", "monotonic", "perf_counter", "process_time", "thread_time", "clock_gettime")
FUNCTIONS = {
    *(f"time.{name}{unit}" for name in _TIME for unit in ("", "_ns")), *(f"time.{name}" for name in _GIVEN),
    "time.sleep", "timeit.default_timer",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
}
_MODULES = ("time", "timeit", "datetime")
_MOST = 100  # reads that are told


def find(found, root, library=None):
    """[{"file", "function"}] for what imports.analyse found, each once, ordered; paths are below ``root`` or, for
    modules beside it or in ``library``, below its parent."""
    reads = {(_below(root, path, library), function) for path, tree in found.trees.items() for function in _reads(tree)}
    return [{"file": file, "function": function} for file, function in sorted(reads)[:_MOST]]


def _below(root, path, library):
    if library and path.startswith(library + os.sep):
        return os.path.relpath(path, os.path.dirname(library))
    inside = os.path.relpath(path, root)
    return os.path.relpath(path, os.path.dirname(os.path.abspath(root))) if inside.startswith(os.pardir) else inside


def _reads(tree):
    names = _names(tree)
    if not names:
        return
    told = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            told[node.func] = len(node.args) + len(node.keywords)
    for node in ast.walk(tree):
        function = _full_name(node, names)
        if function in FUNCTIONS:
            given = _GIVEN.get(function.rpartition(".")[2])
            # Handed over without a call, such a function may well be given a time.
            if given is None or told.get(node, given) < given:
                yield function


def _names(tree):
    """{name: what it stands for}, of all scopes."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname or alias.name: alias.name for alias in node.names if alias.name in _MODULES})
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES and not node.level:
            for alias in node.names:
                if alias.name == "*":
                    names.update({each: f"{node.module}.{each}" for each in _public(node.module)})
                else:
                    names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _public(module):
    return {function.split(".")[1] for function in FUNCTIONS if function.startswith(module + ".")}


def _full_name(node, names):
    if isinstance(node, ast.Name):
        return names.get(node.id) if isinstance(node.ctx, ast.Load) else None
    if isinstance(node, ast.Attribute):
        before = _full_name(node.value, names)
        return before and f"{before}.{node.attr}"
    return None
