"""A runner: the process that runs a generator's script, sample after sample.

It is forked from its lane's supervisor with the libraries loaded, reads one
request a line and answers with one line per sample, and a second line
(``{"ready":true}``) once its state is as it was before the sample: the worker
can look at the sample meanwhile.
"""

import faulthandler
import gc
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
import types
from importlib.machinery import SourceFileLoader

from . import clock, messages, preload, processes, randomness, sandbox
from .frame_capture import FrameCapture
from .kept_modules import KeptModules
from .overrides import Overrides
from .process_state import ProcessState

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MESSAGE_LIMIT = 4096     # characters
_TRACEBACK_LIMIT = 16384  # characters
STACK_SIGNAL = signal.SIGUSR2  # writes the script's stack to its log


class Setup:
    """What a runner needs to know of its lane; made once by the supervisor.

    root: the lane's copy of the generator; private: the folder whose modules
    are the generator's own; environment: variables for the script;
    memory_mb: limit or None; store: for captured frames, or None; code: the
    compiled entry or None; sandbox: what confines it, or None.
    """

    def __init__(self, root, entry, private, environment, memory_mb):
        self.root = root
        self.entry = os.path.join(root, entry)
        self.argv0 = entry
        self.private = private
        self.environment = environment
        self.memory_mb = memory_mb
        self.store = None
        self.code = None
        self.sandbox = None

    def compile(self):
        """Compiles the entry ahead; what fails here fails in the sample."""
        try:
            with open(self.entry, "rb") as file:
                self.code = compile(file.read(), self.entry, "exec", dont_inherit=True)
        except Exception:
            self.code = None


def run(setup, parent, requests, results, log, make=None):
    """The runner's life; never returns. The three are file descriptors. make: what serves in place of a runner."""
    try:
        processes.die_with_parent(signal.SIGKILL, parent)
        os.setsid()
        processes.no_core_files()
        processes.first_to_go()
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(setup.environment)
        peak = processes.PeakMemory()
        if setup.sandbox is not None:
            setup.sandbox.enter()
        (make or _Runner)(setup, peak, requests, results, log).serve()
    except BaseException:
        # Only the host's own errors get here; they belong into the log.
        try:
            os.write(log, traceback.format_exc().encode("utf-8", "replace"))
        finally:
            os._exit(70)
    os._exit(0)


class _Runner:
    def __init__(self, setup, peak, requests, results, log):
        self._setup, self._peak = setup, peak
        self._requests, self._results, self._log = requests, results, log
        self._main = sys.modules["__main__"]
        self._null = os.open(os.devnull, os.O_RDWR)
        self._pid = os.getpid()
        self._reported = 0.0
        self._open_streams()
        faulthandler.enable(file=2)
        faulthandler.register(STACK_SIGNAL, file=2, all_threads=True)
        sys.argv = [setup.argv0]
        self._state = ProcessState(setup.private)
        self._kept = KeptModules(self._state, setup, self._null)
        self._has_frozen = False  # whether kept modules are among what collections leave out
        self._capture = FrameCapture(setup.store) if setup.store is not None else None
        clock.install(self._state.is_own)
        processes.limit_memory(setup.memory_mb)
        self._threads = processes.thread_count()

    def serve(self):
        reader = messages.LineReader()
        while True:
            data = os.read(self._requests, 65536)
            if not data:
                return
            for line in reader.feed(data):
                self._sample(messages.parse(line))

    def _sample(self, request):
        has_peak = self._peak.reset()
        # Values of a configuration are laid over it when its module is imported.
        keep_after = 0 if request["config"] else request["keep_after"]
        if self._kept and not keep_after:
            self._kept.drop()
        result = {"kept": bool(self._kept)}
        self._prepare(request)
        result.update(self._run(request))
        if os.getpid() != self._pid:
            # The script forked and this is its child, come back from the
            # script: it ends here, as it would under a Python of its own.
            os._exit(result.get("code", 0 if result["status"] == "ok" else 1))
        if keep_after != request["keep_after"]:
            result["imported_because"] = "values are laid over its configuration"
        elif self._kept.reason:
            result["imported_because"] = self._kept.reason
        result["max_rss_kib"] = processes.status_kib("VmHWM") if has_peak else 0
        # With the tidying up after the sample before it.
        cpu, self._reported = self._reported, processes.cpu_seconds()
        result["cpu_ms"] = round((self._reported - cpu) * 1000)
        os.write(self._results, messages.encode(result))
        self._clean(keep_after if result["status"] == "ok" else 0)
        os.write(self._results, b'{"ready":true}\n')

    def _prepare(self, request):
        os.chdir(self._setup.root)
        self._open_streams()
        folder = request["tmp"]
        os.environ.update({"TMPDIR": folder, "TMP": folder, "TEMP": folder, "HOME": os.path.join(folder, "home")})
        tempfile.tempdir, tempfile._name_sequence = folder, None
        sys.argv = [self._setup.argv0, *request["argv"]]
        sys.path.insert(0, os.path.dirname(self._setup.entry))
        randomness.reset(request["seed"])
        clock.reset(request["seed"])
        if request["capture"]:
            self._capture.begin(request["capture"], os.path.dirname(folder))

    def _open_streams(self):
        # Each sample: the last one may have closed or replaced any of them.
        for target, source in ((0, self._null), (1, self._log), (2, self._log)):
            os.dup2(source, target)
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)
        # A line at a time: a script that is killed has said what it said.
        sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="surrogateescape",
                                           buffering=1, closefd=False)
        sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace",
                                           buffering=1, closefd=False)

    def _run(self, request):
        overrides = Overrides(request["config"], self._state.is_own) if request["config"] else None
        try:
            self._run_script()
            result = {"status": "ok"}
        except SystemExit as error:
            result = _exit_result(error.code)
        except BaseException as error:
            result = self._error_result(error)
        if overrides and result["status"] == "ok":
            result = overrides.verdict() or result
        self._state.calm()
        try:
            result["renew"] = self._finish_threads()
            self._state.run_exit_functions()
        except BaseException as error:
            result = {**self._error_result(error), "renew": True}
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        processes.flush_c_streams()
        if request["capture"]:
            self._capture.end()
            result["renew"] = result.get("renew", False) or self._capture.renew
        return result

    def _error_result(self, error):
        result = _error_result(error, self._setup.private)
        confined = self._setup.sandbox is not None and self._setup.sandbox.confines
        if confined and (hint := sandbox.hint(error)):
            result["message"] = f"{result['message']} - {hint}"
            print(hint, file=sys.stderr)
        return result

    def _run_script(self):
        setup = self._setup
        if setup.code is None:
            with open(setup.entry, "rb") as file:
                setup.code = compile(file.read(), setup.entry, "exec", dont_inherit=True)
        main = types.ModuleType("__main__")
        main.__file__ = setup.entry
        main.__loader__ = SourceFileLoader("__main__", setup.entry)
        main.__builtins__ = sys.modules["builtins"]
        main.__cached__ = None
        sys.modules["__main__"] = main
        exec(setup.code, main.__dict__)

    def _finish_threads(self):
        """Ends the script's threads as the interpreter would at its end: waits
        for all but daemons. True when any were left: the runner is then used
        up, since daemons go on and executors cannot start again."""
        if threading.active_count() > 1:
            threading._shutdown()
            return True
        # Threads of native libraries; one that has just been joined may need a
        # moment to be gone.
        for _ in range(10):
            if processes.thread_count() <= self._threads:
                return False
            time.sleep(0.001)
        return True

    def _clean(self, keep_after):
        sys.modules["__main__"] = self._main
        self._kept.settle(keep_after)
        os.chdir("/")
        # The dropped modules refer to themselves: only a collection frees them.
        if self._has_frozen == bool(self._kept):
            gc.collect()
            return
        if self._has_frozen:
            gc.unfreeze()
        # What is kept need not be looked through after each sample.
        self._has_frozen = bool(self._kept)
        preload.settle()


def _exit_result(code):
    if code is None:
        return {"status": "ok"}
    if isinstance(code, int):
        code &= 0xFF
        return {"status": "exited", "code": code} if code else {"status": "ok"}
    try:
        print(code, file=sys.stderr)
    except Exception:
        pass
    return {"status": "exited", "code": 1}


def _error_result(error, private):
    """type, message and traceback of an exception; also printed to the log."""
    try:
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") \
            else f"{kind.__module__}.{kind.__qualname__}"
        where = error.__traceback__
        while where is not None and where.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            where = where.tb_next
        text = "".join(traceback.format_exception(kind, error, where))
        try:
            message = str(error)
        except Exception:
            message = "<the exception's text could not be made>"
    except MemoryError:
        name, message, text = "MemoryError", "", ""
    try:
        sys.stderr.write(text)
    except Exception:
        pass
    text = text.replace(private.rstrip(os.sep) + os.sep, "")
    if len(text) > _TRACEBACK_LIMIT:
        text = text[:_TRACEBACK_LIMIT // 4] + "\n  [...]\n" + text[-_TRACEBACK_LIMIT // 4 * 3:]
    return {"status": "raised", "type": name[:256], "message": message[:_MESSAGE_LIMIT], "traceback": text}
