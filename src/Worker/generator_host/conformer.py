"""A conformer: the process of a lane that brings finished samples into the form that a job asks for (conform.py).

A video that a generator wrote is foreign, so it is decoded here: in a process that is confined as runners are, and that
never runs the generator's code, whose changes to libraries would show in the pictures. It reads one request a line and
answers with one line a sample.
"""

import faulthandler
import importlib.util
import os

from . import conform, messages, processes
from .video_source import Invalid

_MESSAGE_LIMIT = 1000  # characters
MISSING = ("the worker's Python lacks {module}, with which videos are conformed: install python3-av, python3-opencv and "
           "python3-pil (Debian), or av, opencv-python-headless and Pillow")


_LIBRARIES = ("av", "cv2", "numpy", "PIL")


def is_possible():
    """Whether this Python has what conforming takes, as far as that is known without importing it."""
    return all(importlib.util.find_spec(name) is not None for name in _LIBRARIES)


class Conformer:
    """What runner.run runs in place of a runner's own loop."""

    def __init__(self, setup, peak, requests, results, log):
        self._peak, self._requests, self._results = peak, requests, results
        self._store = setup.store
        self._reported = 0.0
        for target in (1, 2):
            os.dup2(log, target)
        faulthandler.enable(file=2)
        processes.limit_memory(setup.memory_mb)

    def serve(self):
        reader = messages.LineReader()
        while data := os.read(self._requests, 65536):
            for line in reader.feed(data):
                self._answer(messages.parse(line))

    def _answer(self, request):
        has_peak = self._peak.reset()
        result = _conformed(request["out"], request["seed"], request["video"], self._store, request["capture"])
        result["max_rss_kib"] = processes.status_kib("VmHWM") if has_peak else 0
        cpu, self._reported = self._reported, processes.cpu_seconds()
        result["cpu_ms"] = round((self._reported - cpu) * 1000)
        os.write(self._results, messages.encode(result))


def _conformed(output, seed, video, store, sample):
    try:
        import av  # noqa: F401
        import cv2
        cv2.setNumThreads(1)
        av.codec.Codec("libx264", "w")
        folder = conform.find(output, seed)
        return {"status": "ok", **(conform.conform(folder, video, store, sample) if folder else {})}
    except Invalid as error:
        return {"status": "invalid", "message": str(error)[:_MESSAGE_LIMIT]}
    except ModuleNotFoundError as error:
        return {"status": "unsupported", "message": MISSING.format(module=error.name)}
    except ImportError as error:
        return {"status": "unsupported", "message": f"the worker's Python cannot load what conforms videos: {error}"[:_MESSAGE_LIMIT]}
    except MemoryError:
        message = f"{conform.VIDEO}: to conform it takes more memory than a sample may have."
        return {"status": "invalid", "message": message}
    except Exception as error:
        if type(error).__name__ == "UnknownCodecError":
            return {"status": "unsupported", "message": "the worker's PyAV cannot write H.264 (libx264 is missing)"}
        message = f"{conform.VIDEO}: it could not be conformed: {type(error).__name__}: {error}"
        return {"status": "invalid", "message": message[:_MESSAGE_LIMIT]}
