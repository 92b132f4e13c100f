"""Landlock, the kernel's sandbox for processes without privileges: three system calls (landlock(7))."""

import ctypes
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
# The same numbers on every architecture.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVS = 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE, MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, \
    MAKE_FIFO, MAKE_BLOCK, MAKE_SYM, REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(16))
# All that may be asked for a path that is no folder.
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
# Bits that a version knows, from the lowest on.
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_TCP = 0b11       # bind and connect, from version 4 on
_SCOPES = 0b11    # abstract Unix sockets and signals, from version 6 on


def version():
    """The version of Landlock that the kernel has; 0: none, or not for this process."""
    return max(0, _libc.syscall(ctypes.c_long(_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))


def create(abi):
    """A new ruleset that refuses all that version ``abi`` can refuse; returns its descriptor. Raises OSError."""
    fields = [(1 << _FS_BITS.get(abi, 16)) - 1]
    if abi >= 4:
        fields.append(_TCP)
    if abi >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return _call(_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))


def allow(ruleset, abi, path, rights):
    """Adds a rule for a path and all below it. Raises OSError, if there is no such path too."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights &= (1 << _FS_BITS.get(abi, 16)) - 1
        if not os.path.isdir(f"/proc/self/fd/{descriptor}"):
            rights &= FILE_RIGHTS
        rule = struct.pack("=Qi", rights, descriptor)
        _call(_ADD, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


def no_new_privileges():
    """From now on no program that is started gains rights. Raises OSError."""
    if _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise _error()


def restrict(ruleset):
    """Confines the calling thread, and what it starts, for ever. Raises OSError."""
    _call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))


def _call(number, *arguments):
    result = _libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise _error()
    return result


def _error():
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
