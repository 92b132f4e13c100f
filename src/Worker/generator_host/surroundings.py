"""What a module may change in its process when it is imported, other than itself.

All that process_state.py puts back after a sample, and what each sample starts anew: a module that is kept must not
have set any of it, as no later sample would find it set.
"""

import atexit
import builtins
import decimal
import gc
import locale
import logging
import os
import pickle
import random
import signal
import sys
import tempfile
import threading
import warnings

from . import clock, randomness

_LIBRARIES = {
    "numpy": lambda numpy: (numpy.geterr(), numpy.get_printoptions()),
    "numpy.random": lambda numpy_random: pickle.dumps(numpy_random.get_state(legacy=False)),
    "matplotlib": lambda matplotlib: dict.copy(matplotlib.rcParams),
    "cv2": lambda cv2: (cv2.getNumThreads(), cv2.useOptimized()),
    "PIL.Image": lambda image: image.MAX_IMAGE_PIXELS,
    "PIL.ImageFile": lambda file: file.LOAD_TRUNCATED_IMAGES,
}


def _umask():
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def read(callbacks):
    """{name: value}, to be compared with a later one. callbacks: what the script registered with atexit."""
    root, manager = logging.getLogger(), logging.Logger.manager
    found = {
        "random's state": random.getstate(),
        "the system's random numbers, by reading them": randomness.taken(),
        "the clock, by reading it": clock.readings(),
        "the environment": dict(os.environ),
        "the current folder": os.getcwd(),
        "the umask": _umask(),
        "names of temporary files": tempfile.template,
        "sys.path": list(sys.path),
        "the import system": (list(sys.meta_path), list(sys.path_hooks), sys.dont_write_bytecode),
        "the built-ins": dict(vars(builtins)),
        "hooks of sys": (sys.excepthook, sys.displayhook, sys.unraisablehook, sys.breakpointhook, threading.excepthook),
        "signal handlers": ({number: signal.getsignal(number) for number in signal.valid_signals()},
                            signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "functions for the exit": (list(callbacks), atexit._ncallbacks()),
        "warnings": (list(warnings.filters), warnings.showwarning, warnings.formatwarning),
        "logging": (root.level, list(root.handlers), list(root.filters), root.disabled, manager.disable,
                    dict(logging._levelToName), logging.getLoggerClass(), logging.getLogRecordFactory()),
        "limits of recursion and collection": (sys.getrecursionlimit(), gc.get_threshold(), gc.isenabled()),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the decimal context": repr(decimal.getcontext()),
        "the number of threads": threading.active_count(),
    }
    for name, settings in _LIBRARIES.items():
        if name in sys.modules:
            found[f"{name}'s settings"] = settings(sys.modules[name])
    return found
