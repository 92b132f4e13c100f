"""Signals as readable events, for the processes that wait in select."""

import os
import signal

from . import descriptors


class SignalPipe:
    """``fileno`` becomes readable on SIGCHLD and SIGTERM; ``ended`` tells SIGTERM."""

    def __init__(self):
        self.ended = False
        self._read, self._write = descriptors.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        signal.signal(signal.SIGCHLD, self._nothing)
        signal.signal(signal.SIGTERM, self._end)
        # Ctrl-C reaches every process of a terminal; the worker decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def fileno(self):
        return self._read

    def clear(self):
        descriptors.read_available(self._read)

    @staticmethod
    def _nothing(number, frame):
        pass

    def _end(self, number, frame):
        self.ended = True
