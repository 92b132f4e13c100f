"""Remembers the state of a new runner and puts it back after each sample.

Covered: environment, search paths, loaded modules, built-ins, handlers
(signals, exit, warnings, logging, tracing), locale, limits of recursion and
collection, and the global settings of the libraries that most generators use.
Not covered: other variables inside libraries. The worker proves the reuse for
each generator by comparing bytes, and gives up reusing where that is not enough.
"""

import atexit
import builtins
import gc
import locale
import logging
import os
import signal
import sys
import tempfile
import threading
import warnings


class ProcessState:
    """Taken once in a new runner; ``restore`` brings it back.

    private_folder: modules from below it are the generator's own. They are
    dropped, unless they are kept (kept_modules.py), so that the next sample runs
    them from the start.
    """

    def __init__(self, private_folder):
        self._own = private_folder.rstrip(os.sep) + os.sep
        self._environment = dict(os.environ)
        self._modules = dict(sys.modules)
        self._builtins = dict(vars(builtins))
        self._lists = [(holder, list(holder)) for holder in (sys.path, sys.meta_path, sys.path_hooks)]
        self._hooks = [(owner, name, getattr(owner, name)) for owner, name in (
            (sys, "excepthook"), (sys, "displayhook"), (sys, "unraisablehook"), (sys, "breakpointhook"),
            (sys, "dont_write_bytecode"), (threading, "excepthook"), (warnings, "showwarning"),
            (warnings, "formatwarning"), (tempfile, "template"), (sys, "path"), (sys, "meta_path"),
            (sys, "path_hooks"), (sys, "modules"), (os, "environ"))]
        self._recursion = sys.getrecursionlimit()
        self._collection = gc.get_threshold()
        self._umask = os.umask(0o022)
        os.umask(self._umask)
        self._locale = locale.setlocale(locale.LC_ALL)
        self._signals = {number: signal.getsignal(number) for number in signal.valid_signals()}
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._filters = list(warnings.filters)
        self._logging = _Logging()
        self._libraries = [library for library in map(_take, (_Numpy, _Matplotlib, _Pydantic, _Pillow, _Decimal))
                           if library is not None]
        self.callbacks = []
        # The libraries' own exit functions: a runner leaves by os._exit, and
        # they must not run between two samples.
        atexit._clear()
        self._register = self._make_register()
        atexit.register = self._register

    def is_own(self, path):
        return isinstance(path, str) and path.startswith(self._own)

    def run_exit_functions(self):
        """Runs what the script registered with atexit, last first, once."""
        while self.callbacks:
            function, arguments, named = self.callbacks.pop()
            try:
                function(*arguments, **named)
            except BaseException:  # as the interpreter does: report, go on
                sys.excepthook(*sys.exc_info())

    def calm(self):
        """Takes back what would disturb the host itself, right after a script."""
        sys.settrace(None)
        sys.setprofile(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._restore_builtins()

    def own_modules(self):
        """The generator's modules that are loaded: {name: module}."""
        return {name: module for name, module in sys.modules.items()
                if name not in self._modules and module is not None and self._is_own_module(module)}

    def restore(self, kept=()):
        """kept: names of the generator's modules that stay."""
        self.calm()
        self.callbacks.clear()
        threading.settrace(None)
        threading.setprofile(None)
        for owner, name, value in self._hooks:
            setattr(owner, name, value)
        atexit.register = self._register
        atexit._clear()
        for holder, items in self._lists:
            if holder != items:
                holder[:] = items
        self._restore_modules(kept)
        self._restore_environment()
        self._restore_signals()
        os.umask(self._umask)
        if sys.getrecursionlimit() != self._recursion:
            sys.setrecursionlimit(self._recursion)
        gc.enable()
        gc.set_threshold(*self._collection)
        if locale.setlocale(locale.LC_ALL) != self._locale:
            locale.setlocale(locale.LC_ALL, self._locale)
        if warnings.filters != self._filters:
            warnings.filters[:] = self._filters
            warnings._filters_mutated()
        self._logging.restore()
        for library in self._libraries:
            library.restore()

    def _make_register(self):
        # Only what the generator's own code registers is run after its sample;
        # a library that is loaded late registers for the end of the process.
        callbacks, is_own, register = self.callbacks, self.is_own, atexit.register

        def register_for_sample(function, *arguments, **named):
            caller = sys._getframe(1).f_code.co_filename
            if is_own(caller):
                callbacks.append((function, arguments, named))
            else:
                register(function, *arguments, **named)
            return function

        register_for_sample.__name__ = register_for_sample.__qualname__ = "register"
        return register_for_sample

    def _restore_builtins(self):
        current = vars(builtins)
        for name, value in self._builtins.items():
            if current.get(name, self) is not value:
                current[name] = value
        for name in current.keys() - self._builtins.keys():
            del current[name]

    def _restore_modules(self, kept):
        modules, before = sys.modules, self._modules
        for name, module in before.items():
            if modules.get(name) is not module:
                modules[name] = module
        for name in [name for name in modules if name not in before and name not in kept]:
            module = modules[name]
            if module is None or self._is_own_module(module):
                del modules[name]
        cache = sys.path_importer_cache
        for path in [path for path in cache if self.is_own(path)]:
            del cache[path]

    def _is_own_module(self, module):
        try:
            if self.is_own(getattr(module, "__file__", None)):
                return True
            return any(self.is_own(path) for path in getattr(module, "__path__", None) or ())
        except Exception:  # a module may be any object
            return True

    def _restore_environment(self):
        current, before = os.environ, self._environment
        if current._data != before:
            for name in [name for name in current if name not in before]:
                del current[name]
            for name, value in before.items():
                if current.get(name) != value:
                    current[name] = value

    def _restore_signals(self):
        for number, handler in self._signals.items():
            if handler is not None and signal.getsignal(number) != handler:
                try:
                    signal.signal(number, handler)
                except (OSError, ValueError):
                    pass  # SIGKILL and SIGSTOP have no handlers
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


def _take(kind):
    try:
        return kind()
    except (ImportError, AttributeError, KeyError):
        return None  # not loaded, or of a version without this state


class _Logging:
    def __init__(self):
        root = logging.getLogger()
        self._root = (list(root.handlers), list(root.filters), root.level, root.disabled)
        self._known = set(logging.Logger.manager.loggerDict)
        self._disable = logging.Logger.manager.disable
        self._levels = dict(logging._levelToName)
        self._factories = logging.getLoggerClass(), logging.getLogRecordFactory()

    def restore(self):
        root = logging.getLogger()
        handlers, filters, level, root.disabled = self._root
        root.handlers[:], root.filters[:] = handlers, filters
        if root.level != level:
            root.setLevel(level)
        logging.disable(self._disable)
        logging.setLoggerClass(self._factories[0])
        logging.setLogRecordFactory(self._factories[1])
        for name, logger in list(logging.Logger.manager.loggerDict.items()):
            if name not in self._known and isinstance(logger, logging.Logger):
                # Made during a sample: as good as new. Removing it would part
                # a library that keeps it from those who configure it later.
                logger.handlers.clear()
                logger.filters.clear()
                logger.propagate, logger.disabled = True, False
                if logger.level:
                    logger.setLevel(logging.NOTSET)


class _Numpy:
    def __init__(self):
        self._numpy = sys.modules["numpy"]
        self._errors = self._numpy.geterr()
        self._printing = self._numpy.get_printoptions()

    def restore(self):
        if self._numpy.geterr() != self._errors:
            self._numpy.seterr(**self._errors)
        if self._numpy.get_printoptions() != self._printing:
            self._numpy.set_printoptions(**self._printing)


class _Matplotlib:
    def __init__(self):
        self._matplotlib = sys.modules["matplotlib"]
        # Past the mapping's own methods: they validate and may load a backend.
        self._parameters = dict.copy(self._matplotlib.rcParams)

    def restore(self):
        parameters = self._matplotlib.rcParams
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
            backend = self._parameters.get("backend")
            if isinstance(backend, str) and dict.get(parameters, "backend") != backend:
                pyplot.switch_backend(backend)
        dict.clear(parameters)
        dict.update(parameters, self._parameters)


class _Pydantic:
    """pydantic 1 refuses a validator of a name it has seen: a module that is
    run twice in one process would fail."""

    def __init__(self):
        self._seen = sys.modules["pydantic.class_validators"]._FUNCS
        self._before = set(self._seen)

    def restore(self):
        self._seen.intersection_update(self._before)


class _Pillow:
    def __init__(self):
        image, file = sys.modules["PIL.Image"], sys.modules["PIL.ImageFile"]
        self._settings = [(image, "MAX_IMAGE_PIXELS", image.MAX_IMAGE_PIXELS),
                          (file, "LOAD_TRUNCATED_IMAGES", file.LOAD_TRUNCATED_IMAGES)]

    def restore(self):
        for module, name, value in self._settings:
            setattr(module, name, value)


class _Decimal:
    def __init__(self):
        self._decimal = sys.modules["decimal"]
        self._context = self._decimal.getcontext().copy()

    def restore(self):
        self._decimal.setcontext(self._context.copy())
