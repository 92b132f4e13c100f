"""Keeps the pixels of the stills that a script saves with Pillow, for the process that conforms the sample.

The files are written as ever, and nobody but that process reads what is kept (captured_stills.py).
"""

import functools
import os
import sys

from .captured_stills import LARGEST, STILLS, CapturedStills


class StillCapture:
    """Of one runner. store: where the pixels go."""

    def __init__(self, store):
        self._store, self._pid = store, os.getpid()
        self._stills = None

    def install(self):
        module = sys.modules.get("PIL.Image")
        if module is None:
            return
        real = module.Image.save

        @functools.wraps(real)
        def save(image, fp, *arguments, **named):
            real(image, fp, *arguments, **named)
            if self._stills is not None and not named.get("save_all"):
                self._keep(image, fp)

        module.Image.save = save

    def begin(self, sample):
        """sample: its number in the lane."""
        self._stills = CapturedStills(self._store, sample)

    def end(self):
        self._stills = None

    def _keep(self, image, path):
        try:
            path = os.fspath(path)
            if os.path.basename(path) not in STILLS or image.mode != "RGB" or os.getpid() != self._pid:
                return
            with open(path, "rb") as file:
                data = file.read(LARGEST)
            self._stills.add(data, image.tobytes(), image.size)
        except Exception:
            pass  # it is decoded then
