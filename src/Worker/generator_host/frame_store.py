"""Memory that a lane's processes share: the runner puts the pictures of a sample there, the conformer takes them.

It is bounded and can neither grow nor shrink, as the generator's own code runs in the process that writes to it.
"""

import ctypes
import fcntl
import os
import threading

from . import descriptors

LIMIT = 256 << 20   # bytes for the pictures of one sample
NOTES = 4096        # bytes behind them for what is to be said of them
_KEPT = 64 << 20    # bytes that stay from sample to sample: memory that is new costs a fault a page
_PUNCH_HOLE, _KEEP_SIZE = 2, 1  # fallocate(2)


class FrameStore:
    """descriptor: of the memory. Frames lie one behind the other; each sample begins at 0."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self._used = 0
        self._lock = threading.Lock()

    @classmethod
    def make(cls):
        """A store, or None where the system has no such memory."""
        if not hasattr(os, "memfd_create"):
            return None
        try:
            descriptor = descriptors.keep(os.memfd_create("frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
            os.ftruncate(descriptor, LIMIT + NOTES)
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        except OSError:
            return None
        return cls(descriptor)

    def clear(self):
        """Begins a sample."""
        self._used = 0

    def append(self, data):
        """Adds bytes; returns their offset, or None where they do not fit."""
        with self._lock:  # a script may write two videos at once
            offset = self._used
            if offset + len(data) > LIMIT:
                return None
            self._used += len(data)
        try:
            return offset if os.pwrite(self.descriptor, data, offset) == len(data) else None
        except OSError:
            return None

    def read(self, offset, buffer):
        """Fills the buffer from the offset. Raises OSError if there is less."""
        if offset + len(buffer) > LIMIT or os.preadv(self.descriptor, [buffer], offset) != len(buffer):
            raise OSError("the pictures are not in the store")

    def note(self, data):
        """Puts bytes, at most NOTES, behind the pictures, in place of those of before. Raises OSError."""
        os.pwrite(self.descriptor, data.ljust(NOTES), LIMIT)

    def noted(self):
        """The last bytes that were put there, with spaces to the end; zeros at first. Raises OSError."""
        return os.pread(self.descriptor, NOTES, LIMIT)

    def trim(self):
        """Gives back what a large sample took."""
        if os.fstat(self.descriptor).st_blocks * 512 > _KEPT:
            libc = ctypes.CDLL(None, use_errno=True)
            length = ctypes.c_long
            libc.fallocate(self.descriptor, _PUNCH_HOLE | _KEEP_SIZE, length(_KEPT), length(LIMIT - _KEPT))
