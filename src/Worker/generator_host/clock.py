"""A clock for the generator's own modules that is a function of the seed.

A search that ends after ten seconds, or a time stamp, would otherwise make a sample depend on the machine's load.
Time starts at an instant derived from the seed, and each reading moves it on. Libraries keep the machine's clock.

Whose code reads is told as a name is looked up (``time.time``, ``from time import time``, ``datetime.now``): by the
frame that looks it up. So a function that is handed to a library, such as a ``default_factory``, stays virtual, and
``datetime`` stays the one class that it is for ``isinstance``, pickling and validators.
docs/decisions/0023-virtual-clock.md weighs the ways.
"""

import ctypes
import datetime
import gc
import itertools
import os
import sys
import threading
import time
import timeit
import types

_SECOND = 1_000_000_000
STEP = 1_000_003                  # ns a reading; no divisor of a second, so that fractions are never 0 by rule
_EPOCH = 1_735_689_600 * _SECOND  # 2025-01-01T00:00:00Z
_RANGE = 365 * 86_400             # the seconds in which starts lie
_STRIDE = 19_490_321              # prime to _RANGE: seeds of one job start at different seconds, far apart
_LONGEST_SLEEP = 86_400           # seconds; beyond it a generator waits for its end

_sleep = time.sleep
_localtime, _gmtime, _strftime, _asctime = time.localtime, time.gmtime, time.strftime, time.asctime
_PROCESSOR_CLOCKS = {getattr(time, name, None) for name in ("CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID")}


class _Clock:
    """The functions of module time, by their names there."""

    def __init__(self):
        self.reset(0)

    def reset(self, seed):
        self._start = _EPOCH + seed * _STRIDE % _RANGE * _SECOND
        self._readings = itertools.count(1)  # next() is atomic, as threads may read at once
        self._slept = 0
        self._lock = threading.Lock()

    def __reduce__(self):
        return "_clock"  # copies of its functions, as of any function, are themselves

    def _read(self):
        return next(self._readings) * STEP

    def time_ns(self):
        return self._start + self._slept + self._read()

    def monotonic_ns(self):
        return self.time_ns() - _EPOCH

    def process_time_ns(self):
        return self._read()

    def time(self):
        return self.time_ns() / _SECOND

    def monotonic(self):
        return self.monotonic_ns() / _SECOND

    def process_time(self):
        return self._read() / _SECOND

    perf_counter, perf_counter_ns = monotonic, monotonic_ns
    thread_time, thread_time_ns = process_time, process_time_ns

    def clock_gettime_ns(self, clock, /):
        time.clock_getres(clock)  # refuses what is no clock
        return self.time_ns() if clock == time.CLOCK_REALTIME \
            else self.process_time_ns() if clock in _PROCESSOR_CLOCKS else self.monotonic_ns()

    def clock_gettime(self, clock, /):
        return self.clock_gettime_ns(clock) / _SECOND

    def sleep(self, seconds, /):
        usual = isinstance(seconds, (int, float)) and 0 <= seconds <= _LONGEST_SLEEP
        # Whoever sleeps beside a thread or a child waits for it; so does one who sleeps for ever, for its end.
        if not usual or _has_company():
            _sleep(seconds)
        with self._lock:
            self._slept += round(seconds * _SECOND)

    def localtime(self, seconds=None, /):
        return _localtime(self.time() if seconds is None else seconds)

    def gmtime(self, seconds=None, /):
        return _gmtime(self.time() if seconds is None else seconds)

    def ctime(self, seconds=None, /):
        return _asctime(self.localtime(seconds))

    def asctime(self, *moment):
        return _asctime(*moment or (self.localtime(),))

    def strftime(self, format, *moment):
        return _strftime(format, *moment or (self.localtime(),))


_clock = _Clock()
_NAMES = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
          "process_time_ns", "thread_time", "thread_time_ns", "clock_gettime", "clock_gettime_ns", "sleep",
          "localtime", "gmtime", "ctime", "asctime", "strftime")


def _now(cls, tz=None):
    return cls.fromtimestamp(_clock.time(), tz)


def _utcnow(cls):
    return cls.fromtimestamp(_clock.time(), datetime.timezone.utc).replace(tzinfo=None)


def _today(cls):
    return cls.fromtimestamp(_clock.time())


def _has_company():
    """Whether the process has other threads, or children that have not been waited for."""
    if threading.active_count() > 1:
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


class _Readers:
    """Whose code the generator's own is."""

    is_own = staticmethod(lambda path: False)

    @classmethod
    def ask(cls):
        """Whether the code that looked up a name is the generator's; called by the descriptor that was asked."""
        try:
            frame = sys._getframe(2)
        except ValueError:
            return False  # native code on a thread of its own
        while frame is not None:
            path = frame.f_code.co_filename
            if path.startswith("<"):
                path = frame.f_globals.get("__file__")  # text that was compiled: of its module
            if path is not None:
                return cls.is_own(path)
            frame = frame.f_back  # of none, such as exec's: whoever runs it
        return False


class _Function:
    """A name of a module: the clock's function for the generator's modules, the module's own for all others.

    What a generator puts in its place holds for all, as it would in a plain module.
    """

    def __init__(self, name, virtual):
        self._name, self._virtual = name, virtual

    def lay(self, module):
        if self not in vars(type(module)).values():
            self._real = vars(module)[self._name]
            setattr(type(module), self._name, self)
        vars(module)[self._name] = self._real

    def __get__(self, module, kind=None):
        if module is None:
            return self
        try:
            found = vars(module)[self._name]
        except KeyError:
            raise AttributeError(f"module '{module.__name__}' has no attribute '{self._name}'") from None
        return self._virtual if found is self._real and _Readers.ask() else found

    def __set__(self, module, value):
        vars(module)[self._name] = value

    def __delete__(self, module):
        del vars(module)[self._name]


class _ClassMethod:
    """A class method of datetime or date, likewise."""

    def __init__(self, real, virtual):
        self._real, self._virtual = real, virtual

    def __get__(self, instance, kind=None):
        return types.MethodType(self._virtual, kind or type(instance)) if _Readers.ask() \
            else self._real.__get__(instance, kind)


_FUNCTIONS = [(time, _Function(name, getattr(_clock, name))) for name in _NAMES if hasattr(time, name)]
_FUNCTIONS.append((timeit, _Function("default_timer", _clock.perf_counter)))


class _ClockModule(types.ModuleType):
    """The class of module time, which needs one of its own for descriptors."""


class _TimerModule(types.ModuleType):
    """The class of module timeit."""


def install(is_own):
    """From now on the code of files for which is_own(path) is true reads the virtual clock. Once a process."""
    _Readers.is_own = staticmethod(is_own)
    for kind, name, virtual in ((datetime.datetime, "now", _now), (datetime.datetime, "utcnow", _utcnow),
                                (datetime.date, "today", _today)):
        names = gc.get_referents(kind.__dict__)[0]  # what the read-only view shows
        if not isinstance(names[name], _ClassMethod):
            names[name] = _ClassMethod(names[name], virtual)
            ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    reset(0)


def readings():
    """What tells whether the clock was read or slept by."""
    return repr(_clock._readings), _clock._slept


def reset(seed):
    """Starts the clock anew from ``seed``, a whole number of any size. What a generator replaced is put back."""
    _clock.reset(seed)
    time.__class__, timeit.__class__ = _ClockModule, _TimerModule
    for module, function in _FUNCTIONS:
        function.lay(module)
