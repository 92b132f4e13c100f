"""The host's own file descriptors: kept out of the way and out of forks."""

import fcntl
import os

_FIRST = 700  # generators that close or count descriptors start at the bottom
_private = set()


def keep(descriptor):
    """Moves a descriptor to a high number, not inherited by exec; returns it."""
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST)
    except OSError:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    _private.add(moved)
    return moved


def pipe():
    """A pipe as (read, write), both kept."""
    read, write = os.pipe()
    return keep(read), keep(write)


def close(descriptor):
    if descriptor in _private:
        _private.discard(descriptor)
        os.close(descriptor)


def close_all(*spare):
    """In a forked child: closes what belongs to the parent, except ``spare``."""
    for descriptor in list(_private):
        if descriptor not in spare:
            close(descriptor)


def read_available(descriptor, most=1 << 20):
    """What a non-blocking descriptor holds, up to ``most`` bytes; ``None``
    when there is nothing and b"" at its end."""
    parts, size = [], 0
    while size < most:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            break
        except OSError:
            data = b""
        if not data:
            return b"".join(parts)
        parts.append(data)
        size += len(data)
    return b"".join(parts) if parts else None
