"""The zygote: loads the heavy libraries once and forks lanes from itself."""

import os
import platform
import selectors
import signal
import sys
import time

from . import clock_reads, conformer, descriptors, imports, lane, messages, parameters, preload, processes
from .messages import MessageError, field
from .signals import SignalPipe
from .trees import remove_tree

HEAVY = ("numpy", "PIL", "cv2", "pydantic")
# Parts that nearly all generators use and that importing the whole leaves out.
_PARTS = {"PIL": ("PIL.Image", "PIL.ImageDraw", "PIL.ImageFont", "PIL.PngImagePlugin")}
_END_SECONDS = 10.0      # for lanes to clean up after themselves
_INSPECT_SECONDS = 60    # processor time of one inspection
_DEFAULT_RENEWAL = 500   # samples
_DEFAULT_GROWTH = 512    # MiB


class _WorkerGone(Exception):
    pass


class Zygote:
    """Reads requests from one descriptor and writes events to another."""

    def __init__(self, requests, events, search_path, sandbox, processors):
        self._requests, self._events = requests, events
        self._sandbox = sandbox
        self._processors = processors
        self._search_path = search_path
        self._signals = SignalPipe()
        self._lines = messages.LineReader()
        self._lanes = {}        # pid: request
        self._inspections = {}  # pid: id

    def load(self, names):
        """Imports the heavy libraries; returns {name: version, or None if missing}."""
        modules = {}
        for name in names:
            try:
                module = __import__(name)
                for part in _PARTS.get(name, ()):
                    __import__(part)
                modules[name] = _version(module)
            except Exception:
                modules[name] = None
        if "cv2" in sys.modules:
            sys.modules["cv2"].setNumThreads(1)
        if "PIL.Image" in sys.modules:
            sys.modules["PIL.Image"].preinit()  # the usual formats
        preload.settle()
        return modules

    def serve(self, modules):
        """Serves until the worker closes its end. Kills all lanes then."""
        processes.become_subreaper()
        processes.wake_when_parent_dies()
        self._send({"event": "ready", "python": platform.python_version(), "modules": modules,
                    "sandbox": self._sandbox.message(), "conforms": conformer.is_possible()})
        selector = selectors.PollSelector()
        selector.register(self._requests, selectors.EVENT_READ)
        selector.register(self._signals, selectors.EVENT_READ)
        try:
            while not self._signals.ended:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._signals in ready:
                    self._signals.clear()
                    self._note_ends()
                if self._requests in ready:
                    data = os.read(self._requests, 65536)
                    if not data:
                        break
                    for line in self._lines.feed(data):
                        self._answer(line)
        except _WorkerGone:
            pass
        finally:
            selector.close()
            self._end_lanes()

    def _send(self, message):
        try:
            data = messages.encode(message)
            while data:
                data = data[os.write(self._events, data):]
        except BrokenPipeError:
            raise _WorkerGone from None

    def _answer(self, line):
        request = {}
        try:
            request = messages.parse(line)
            operation = field(request, "op", str)
            if operation == "lane":
                self._fork_lane(request)
            elif operation == "inspect":
                self._fork_inspection(request)
            else:
                raise MessageError(f"unknown op '{operation}'")
        except (MessageError, OSError) as error:
            echo = {name: request[name] for name in ("id", "socket") if isinstance(request.get(name), (str, int))}
            self._send({"event": "error", "message": str(error), **echo})

    def _fork_lane(self, request):
        checked = {
            "socket": _path(request, "socket"),
            "scratch": _path(request, "scratch"),
            "generator": _path(request, "generator"),
            "entry": _entry(request),
            "library": _library(request),
            "memory_mb": field(request, "memory_mb", int, None),
            "renew_after": field(request, "renew_after", int, _DEFAULT_RENEWAL),
            "renew_growth_mb": field(request, "renew_growth_mb", int, _DEFAULT_GROWTH),
        }
        for name in ("memory_mb", "renew_after", "renew_growth_mb"):
            if checked[name] is not None and checked[name] < 1:
                raise MessageError(f"field '{name}' must be at least 1")
        if not os.path.isfile(os.path.join(checked["generator"], checked["entry"])):
            raise MessageError(f"'{checked['generator']}' has no {checked['entry']}")
        if (checked["generator"] + os.sep).startswith(checked["scratch"].rstrip(os.sep) + os.sep):
            raise MessageError("field 'scratch' must not hold the generator: it is removed at the end")
        if any(other["scratch"] == checked["scratch"] for other in self._lanes.values()):
            raise MessageError("field 'scratch' is in use by another lane")
        pid = self._fork(lambda: lane.serve(checked, self._search_path, self._sandbox, self._processors), signal.SIGTERM)
        self._lanes[pid] = checked

    def _fork_inspection(self, request):
        number = field(request, "id", (int, str))
        folder, entry, library = _path(request, "generator"), _entry(request), _library(request)
        pid = self._fork(lambda: self._inspect(number, folder, entry, library), signal.SIGKILL)
        self._inspections[pid] = number

    def _fork(self, work, death_signal):
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            processes.die_with_parent(death_signal, parent)
            descriptors.close_all(*(() if death_signal == signal.SIGTERM else (self._events,)))
            work()
            code = 0
        except BaseException as error:
            print(f"generator host: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)

    def _inspect(self, number, folder, entry, library):
        signal.setitimer(signal.ITIMER_PROF, _INSPECT_SECONDS)
        sys.path[:] = self._search_path
        answer = {"id": number, "missing": [], "flags": []}
        try:
            found = imports.analyse(folder, entry, library)
            answer["missing"], answer["optional"] = imports.missing(found)
            answer["flags"] = found.flags
            answer["reads_clock"] = clock_reads.find(found, folder, library)
            answer.update(parameters.answer(found))
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            answer["error"] = f"{type(error).__name__}: {error}"[:1000]
        self._send(answer)

    def _note_ends(self):
        ends = processes.reap()
        known = {*self._lanes, *self._inspections} - ends.keys()
        if not set(processes.children(os.getpid())) <= known:
            # What a killed lane has left behind; before its scratch goes, in which it may write.
            ends.update(processes.kill_descendants(known))
        for pid, (status, _) in ends.items():
            code = os.waitstatus_to_exitcode(status)
            if pid in self._lanes:
                request = self._lanes.pop(pid)
                # A lane that was killed could not clean up.
                remove_tree(request["scratch"])
                self._send({"event": "lane_ended", "pid": pid, "socket": request["socket"], "code": code})
            elif pid in self._inspections:
                number = self._inspections.pop(pid)
                if code:
                    self._send({"id": number, "missing": [], "flags": [],
                                "error": f"the inspection ended with {code}"})

    def _end_lanes(self):
        for pid in self._lanes:
            processes.send_signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + _END_SECONDS
        waiting = set(self._lanes)
        while waiting and time.monotonic() < deadline:
            waiting -= set(processes.reap())
            time.sleep(0.002)
        processes.kill_descendants()
        for pid in waiting:
            remove_tree(self._lanes[pid]["scratch"])


def _path(request, name):
    path = field(request, name, str)
    if not os.path.isabs(path) or "\0" in path:
        raise MessageError(f"field '{name}' must be an absolute path")
    return os.path.normpath(path)


def _entry(request):
    entry = os.path.normpath(field(request, "entry", str, imports.ENTRY))
    if os.path.isabs(entry) or entry.startswith("..") or "\0" in entry:
        raise MessageError("field 'entry' must be a path below the generator")
    return entry


def _library(request):
    return _path(request, "library") if request.get("library") is not None else None


def _version(module):
    for name in ("__version__", "VERSION"):
        version = getattr(module, name, None)
        if isinstance(version, str):
            return version
    return "unknown"
