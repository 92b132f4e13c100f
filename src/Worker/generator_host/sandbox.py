"""The sandbox of a runner: what foreign code may read and write, and that it reaches nothing else.

Landlock confines files, TCP, signals and abstract sockets; a filter of system calls what Landlock leaves open
(call_filter.py); capabilities go, as the worker may be root. All of it is laid on each runner, after its fork, and
stays on whatever it starts. docs/security.md tells it to users.
"""

import ctypes
import errno
import glob
import os
import struct
import sys

from . import call_filter, descriptors, landlock
from .landlock import EXECUTE, IOCTL_DEV, MAKE_DIR, MAKE_FIFO, MAKE_REG, MAKE_SOCK, MAKE_SYM, READ_DIR, READ_FILE, \
    REFER, REMOVE_DIR, REMOVE_FILE, TRUNCATE, WRITE_FILE

MODES = ("auto", "required", "off")
HINT = ("The sandbox lets a generator read Python, its libraries, fonts and its own folder, and write its own folder, "
        "its work and its temporary folder; it refuses all else, and the network (docs/security.md).")

# Version 1 cannot let a file be moved between two folders, which generators do: it is taken for none.
_OLDEST = 2
# Only from here on it keeps all that docs/security.md promises.
_WHOLE = 6

_READ = READ_FILE | READ_DIR
_RUN = _READ | EXECUTE
# No devices; sockets and pipes are for the reader of the sample to refuse.
_OWN = _RUN | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | REFER \
    | MAKE_DIR | MAKE_REG | MAKE_SYM | MAKE_FIFO | MAKE_SOCK

# Of the system: programs, libraries, fonts.
_PROGRAMS = ("/usr", "/lib*", "/bin", "/sbin", "/nix/store")
# Of /etc what libraries read. Not all of it: the worker may be root, and then it holds secrets it could read.
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "fonts", "localtime", "timezone",
             "locale.alias", "passwd", "group", "nsswitch.conf", "alternatives", "mime.types", "magic", "os-release",
             "python3*", "matplotlibrc", "ImageMagick*", "ssl/certs", "ssl/openssl.cnf", "pki/tls",
             "crypto-policies", "glvnd", "gnutls/config")
_READABLE = ("/var/cache/fontconfig", "/proc", "/sys/devices/system", "/sys/fs/cgroup",
             "/sys/kernel/mm/transparent_hugepage", "/dev/random", "/dev/urandom")
_SINKS = ("/dev/null", "/dev/zero", "/dev/full")
_SEARCHED = ("PATH", "LD_LIBRARY_PATH")


class Status:
    """What the sandbox can do here.

    mode: as demanded; abi: Landlock's version, 0 for none; name: "landlock-<version>", "off" or "unsupported";
    unconfined: what foreign code can still do of what the sandbox is to refuse, a phrase each; filtered: whether calls
    are refused; bounded: whether the number of processes is (process_limit.py).
    """

    def __init__(self, mode, abi, filtered, bounded):
        self.mode, self.abi, self.filtered, self.bounded = mode, abi, filtered, bounded
        self.name = f"landlock-{abi}" if abi else "off" if mode == "off" else "unsupported"
        self.unconfined = [] if abi else ["files", "network", "signals to other processes"]
        if abi:
            if abi < 3:
                self.unconfined.append("truncation of files")
            if not filtered:
                self.unconfined.append("sockets other than TCP" if abi >= 4 else "network")
                self.unconfined.append("modes and owners of files")
            if abi < 6:
                self.unconfined.append("signals to other processes")
        if not bounded:
            self.unconfined.append("the number of processes")

    @property
    def whole(self):
        """Whether it keeps all that is promised of it."""
        return self.abi >= _WHOLE and self.filtered and self.bounded

    def message(self):
        return {"name": self.name, "whole": self.whole, "unconfined": self.unconfined}


def probe(mode, abi=None):
    """Finds out, in a child, what a sandbox can do here. ``abi`` stands for the kernel's version: for tests alone."""
    if mode == "off":
        return Status(mode, 0, False, False)
    abi = min(landlock.version() if abi is None else abi, 7)
    if abi < _OLDEST or not _try(lambda: landlock.restrict(_prepared(abi))):
        abi = 0
    known = call_filter.is_known()
    return Status(mode, abi, abi > 0 and known and _try(lambda: _filter(True, False)),
                  known and _try(lambda: _filter(abi > 0, True)))


def _prepared(abi):
    landlock.no_new_privileges()
    return landlock.create(abi)


def _filter(refuses, asks):
    landlock.no_new_privileges()
    call_filter.CallFilter(refuses, asks).install()


def _try(work):
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


class Sandbox:
    """The rules of one lane's runners, made once by its supervisor.

    status: from probe(); generator, original, links: the generator's folder as the worker named it, where it really
    is, and the copy's links (absolute path of each link's end); own: folders that the runners may write, which
    must exist and must not be replaced; environment: the runners' variables; limit: their ProcessLimit or None.
    """

    def __init__(self, status, generator, original, links, own, environment, scratch, limit):
        self._filter = call_filter.CallFilter(status.filtered, status.bounded) \
            if status.filtered or status.bounded else None
        self._limit = limit
        self._abi = status.abi
        self._scratch = os.path.realpath(scratch)
        self._root = os.path.realpath(os.path.dirname(generator))
        self.ruleset = None
        if not status.abi:
            return
        _bound_capabilities()
        self.ruleset = descriptors.keep(landlock.create(status.abi))
        for pattern in (*_PROGRAMS, *(os.path.join("/etc", name) for name in _SETTINGS), *_READABLE):
            for path in glob.glob(pattern):
                self._allow(path, _RUN if pattern in _PROGRAMS else _READ)
        for path in _SINKS:
            self._allow(path, READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV)
        for path in sorted({os.path.realpath(path) for path in _python() | _named(environment)}):
            self._allow_library(path, _RUN)
        # Its git repository tells a generator its version.
        for path in (original, *(end for end in links if self._is_shared(end))):
            self._allow_library(path, _READ)
        for path in own:
            landlock.allow(self.ruleset, self._abi, path, _OWN)

    @property
    def descriptors(self):
        """What a runner needs to enter."""
        return (self.ruleset, *((self._limit.runners_end,) if self._limit is not None else ()))

    @property
    def confines(self):
        return self._abi > 0

    def _is_shared(self, path):
        """A link may lead to what lies beside the generator; to anything else it would open the machine."""
        return path.startswith(self._root + os.sep) and not self._holds_scratch(path)

    def _holds_scratch(self, path):
        return (self._scratch + os.sep).startswith(path.rstrip(os.sep) + os.sep)

    def _allow_library(self, path, rights):
        if self._holds_scratch(path):
            # Its samples, and those of other lanes, would lie open.
            print(f"the sandbox leaves out '{path}', which holds the worker's own folders", file=sys.stderr)
            return
        self._allow(path, rights)

    def _allow(self, path, rights):
        try:
            landlock.allow(self.ruleset, self._abi, path, rights)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP):
                raise

    def enter(self):
        """Confines this process, which must have one thread, for ever. Raises OSError."""
        if self.ruleset is not None:
            _drop_capabilities()
            landlock.no_new_privileges()
            landlock.restrict(self.ruleset)
            descriptors.close(self.ruleset)
        if self._filter is not None:
            landlock.no_new_privileges()
            listener = self._filter.install()
            if listener is not None:
                self._limit.hand_over(listener)


def _python():
    """Folders and archives of the interpreter and of what it can import."""
    found = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, os.path.dirname(sys.executable),
             *sys.path}
    for module in list(sys.modules.values()):
        # Installed for editing, a package lies outside of the search path.
        found.update(path for path in getattr(module, "__path__", None) or () if isinstance(path, str))
    return {path for path in found if path and path != os.sep}


def _named(environment):
    """What the environment names: programs, libraries, fonts and caches."""
    found = set()
    for name in _SEARCHED:
        found.update(environment.get(name, "").split(os.pathsep))
    for name in ("XDG_DATA_DIRS", "XDG_CONFIG_DIRS"):
        for folder in environment.get(name, "").split(os.pathsep):
            found.update(os.path.join(folder, part) for part in ("fonts", "fontconfig"))
    found.update(environment.get(name, "") for name in ("FONTCONFIG_FILE", "FONTCONFIG_PATH", "MPLCONFIGDIR"))
    return {path for path in found if os.path.isabs(path) and path != os.sep}


_libc = ctypes.CDLL(None, use_errno=True)
_PR_CAPBSET_DROP = 24
_CAPABILITY_VERSION_3 = 0x20080522


def _bound_capabilities():
    """No program that is started from here on gains a root's rights. Of who has none this only fails."""
    for number in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0):
            break


def _drop_capabilities():
    """A root's rights over modules of the kernel, its clock and other users' files are none of a generator's."""
    _libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24))


def hint(error, depth=8):
    """HINT if a refusal is behind an exception, perhaps below others; else None."""
    while error is not None and depth:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EXDEV):
            return HINT
        error, depth = error.__cause__ or error.__context__, depth - 1
    return None
