"""What a generator imports, read from its source: none of its code is run.

The generator's own modules are followed from its entry script; every
other module named is a library. An import counts as *required* when it stands
at the top of a module that is itself required: not in a function, not under
``try``, ``if`` or ``with``, where the author may have provided for its absence.
"""

import ast
import importlib.util
import os
import sys

ENTRY = os.path.join("examples", "generate.py")
_LARGEST_SOURCE = 4 << 20  # bytes; beyond it is data, not a program


class Imports:
    """libraries: {dotted name: required}; flags: option strings of the entry;
    trees: {path: syntax tree} of the generator's own modules, the entry first."""

    def __init__(self):
        self.libraries = {}
        self.flags = []
        self.trees = {}


def search_folders(root, entry=ENTRY, library=None):
    """Where the generator's own modules may be: beside its entry, its root, src/,
    the shared folders beside it whose names start with ``_``, and the library."""
    folders = [os.path.dirname(os.path.join(root, entry)), root, os.path.join(root, "src")]
    parent = os.path.dirname(os.path.abspath(root))
    try:
        beside = sorted(entry.path for entry in os.scandir(parent)
                        if entry.name.startswith("_") and entry.is_dir())
    except OSError:
        beside = []
    return folders + beside + ([parent] if beside else []) + ([library] if library else [])


def analyse(root, entry=ENTRY, library=None):
    """Reads the generator in folder ``root`` from its script ``entry``; returns Imports. library: a folder of modules
    that count as its own, or None.

    Raises OSError or SyntaxError when the entry itself cannot be read; other
    unreadable files are passed over, since running them tells more.
    """
    result = Imports()
    folders = search_folders(root, entry, library)
    entry = os.path.join(root, entry)
    tree = _parse(entry)
    result.flags = _flags(tree)
    waiting, seen = [(entry, tree, "", True)], {}
    other_flags = []
    while waiting:
        path, tree, package, required = waiting.pop()
        if seen.get(path) in (True, required):
            continue
        seen[path] = required
        if tree is None:
            try:
                tree = _parse(path)
            except (OSError, SyntaxError, ValueError, RecursionError):
                continue
            other_flags.extend(_flags(tree))
        result.trees[path] = tree
        for name, names, level, needed in _imports(tree):
            needed = needed and required
            if level:
                name = _absolute(package, name, level)
                if name is None:
                    continue
            own = _own_files(folders, name, names)
            if own is None:
                if level:
                    continue
                _note(result.libraries, name, needed)
                for part in names:
                    _note(result.libraries, f"{name}.{part}", False)
            else:
                waiting.extend((file, None, inside, needed) for file, inside in own)
    # A module found anywhere in the folder may be reached through sys.path in
    # ways not followed here: its name is never taken for a library's.
    own = _module_names(root)
    result.libraries = {name: required for name, required in result.libraries.items()
                        if name.partition(".")[0] not in own}
    if not result.flags:
        # The entry may leave its options to a module of its own.
        result.flags = sorted(set(other_flags))
    return result


def missing(found):
    """(required, optional): libraries that cannot be found, as sorted top-level names."""
    required = {name.partition(".")[0] for name, needed in found.libraries.items() if needed}
    named = {name.partition(".")[0] for name in found.libraries}
    absent = {name for name in named if not _can_be_found(name)}
    return sorted(absent & required), sorted(absent - required)


def _can_be_found(name):
    if name in sys.modules or name in sys.builtin_module_names:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _parse(path):
    with open(path, "rb") as file:
        source = file.read(_LARGEST_SOURCE + 1)
    if len(source) > _LARGEST_SOURCE:
        raise OSError(f"{path} is too large")
    return ast.parse(source, path)


def _note(libraries, name, required):
    if name and not name.startswith("__future__"):
        libraries[name] = libraries.get(name, False) or required


def _flags(tree):
    flags = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name == "add_argument":
                flags.update(argument.value for argument in node.args
                             if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                             and argument.value.startswith("--"))
    return sorted(flags)


def _imports(tree):
    """Yields (module, names, level, needed) for every import in a tree."""
    waiting = [(node, True) for node in tree.body]
    while waiting:
        node, needed = waiting.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, [], 0, needed
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names if alias.name != "*"]
            yield node.module or "", names, node.level, needed
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in (getattr(node.test, "id", ""), getattr(node.test, "attr", "")):
            waiting.extend((child, False) for child in node.orelse)
        else:
            # A class body runs at once, all else below the top may not.
            needed = needed and isinstance(node, ast.ClassDef)
            waiting.extend((child, needed) for child in ast.iter_child_nodes(node)
                           if not isinstance(child, ast.expr))


def _absolute(package, name, level):
    parts = package.split(".") if package else []
    if level - 1 > len(parts):
        return None
    parts = parts[:len(parts) - (level - 1)]
    return ".".join(parts + ([name] if name else [])) or None


def _own_files(folders, name, names):
    """Files of the generator that importing ``name`` (and ``names`` from it)
    runs, as (path, package) pairs; None when the module is not its own."""
    parts = name.split(".") if name else []
    for folder in folders:
        found = _files_in(folder, parts, names)
        if found is not None:
            return found
    return None


def _files_in(folder, parts, names):
    files, here = [], folder
    for number, part in enumerate(parts):
        package = ".".join(parts[:number])
        inner = ".".join(parts[:number + 1])
        module = os.path.join(here, part + ".py")
        here = os.path.join(here, part)
        if os.path.isfile(os.path.join(here, "__init__.py")):
            files.append((os.path.join(here, "__init__.py"), inner))
        elif os.path.isfile(module):
            files.append((module, package))
            return files
        elif not (os.path.isdir(here) and _holds_source(here)):
            return files or None
    if not parts:
        return None
    inner = ".".join(parts)
    for name in names:
        module, sub = os.path.join(here, name + ".py"), os.path.join(here, name, "__init__.py")
        if os.path.isfile(sub):
            files.append((sub, f"{inner}.{name}"))
        elif os.path.isfile(module):
            files.append((module, inner))
    return files


def _module_names(root):
    names = set()
    for folder, inner, files in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        sources = [name[:-3] for name in files if name.endswith(".py")]
        names.update(sources)
        if sources and folder != root:
            names.add(os.path.basename(folder))
    return names


def _holds_source(folder):
    # A folder without __init__.py is a package too, but "data" or "assets"
    # beside the source must not hide a library of that name.
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(".py") for entry in entries)
    except OSError:
        return False
