"""A lane's private copy of its generator, and the proof that it is unchanged."""

import os
import shutil
import stat

from .trees import remove_tree

_LEFT_OUT = {".git", "__pycache__"}


class Workspace:
    """The copy of one generator below ``<scratch>/generators``.

    A generator may write into its own folder or delete it; the copy keeps that
    from the original and from other lanes, and is laid anew when it changed.
    Shared libraries (sibling folders whose names start with ``_``) lie beside it. So does ``library``, a folder from
    elsewhere or None; what a sibling of its name has already is not replaced.
    """

    def __init__(self, original, scratch, library=None):
        self.original = os.path.realpath(original)
        self._lent = library and os.path.realpath(library)
        self.scratch = os.path.realpath(scratch)
        self.folder = os.path.join(self.scratch, "generators")
        self.library = library and os.path.join(self.folder, os.path.basename(library))
        self.root = os.path.join(self.folder, os.path.basename(self.original))
        self.links = []  # where its links lead, as absolute paths without further links
        self._snapshot = None

    def lay(self):
        """Makes the copy, replacing what is in its folder, but not the folder: the sandbox knows it. No process of
        the generator may run meanwhile. Raises OSError."""
        os.makedirs(self.folder, exist_ok=True)
        remove_tree(self.folder, keep=True)
        self.links = []
        parent = os.path.dirname(self.original)
        for entry in sorted(os.scandir(parent), key=lambda entry: entry.name):
            if entry.name.startswith("_") and entry.name not in _LEFT_OUT and entry.is_dir() \
                    and entry.path != self.original:
                _copy(entry.path, os.path.join(self.folder, entry.name), entry.path, self.links)
        if self._lent:
            self._lend()
        _copy(self.original, self.root, self.original, self.links)
        self._snapshot = _snapshot(self.folder)

    def _lend(self):
        os.makedirs(self.library, exist_ok=True)
        for entry in os.scandir(self._lent):
            goal = os.path.join(self.library, entry.name)
            if entry.is_dir() and entry.name not in _LEFT_OUT and not os.path.lexists(goal):
                _copy(entry.path, goal, entry.path, [])

    def changed(self):
        """Whether anything in the copy differs in path, kind, size or time."""
        try:
            return _snapshot(self.folder) != self._snapshot
        except OSError:
            return True


def copy_files(source, target):
    """Copies a folder's own files, if there are any. Raises OSError."""
    os.makedirs(target, exist_ok=True)
    if os.path.isdir(source):
        for entry in os.scandir(source):
            if entry.is_file():
                shutil.copy2(entry.path, os.path.join(target, entry.name))


def _copy(source, target, top, links):
    """Copies a folder with its times, so that compiled modules stay valid."""
    os.makedirs(target, exist_ok=True)
    for entry in os.scandir(source):
        goal = os.path.join(target, entry.name)
        if entry.name == ".git":
            continue
        if entry.is_symlink():
            _copy_link(entry.path, goal, top)
            links.append(os.path.realpath(entry.path))
        elif entry.is_dir():
            _copy(entry.path, goal, top, links)
        elif entry.is_file():
            shutil.copy2(entry.path, goal)
    # The original may be read-only; the generator expects to own its folder.
    os.chmod(target, stat.S_IMODE(os.stat(source).st_mode) | 0o700)
    times = os.stat(source)
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))


def _copy_link(path, goal, top):
    # A link inside the folder stays as it is; one that leaves it is made
    # absolute, since the copy stands elsewhere.
    pointed = os.readlink(path)
    resolved = os.path.realpath(path)
    if os.path.isabs(pointed) or resolved.startswith(top + os.sep):
        os.symlink(pointed, goal)
    else:
        os.symlink(resolved, goal)


def _snapshot(folder):
    """{path: (kind, size, mtime)} below a folder, without compiled modules.

    A folder's own time is left out: writing compiled modules changes it, and
    its entries say the same.
    """
    found, waiting = {}, [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name == "__pycache__":
                    continue
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    found[entry.path] = ("folder", 0, 0)
                    waiting.append(entry.path)
                else:
                    found[entry.path] = (stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns)
    return found
