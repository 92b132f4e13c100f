"""A lane's supervisor: draws one generator's samples, one at a time.

It never runs the generator's code. It keeps the private copy of the generator,
forks runners, passes requests to them, bounds their time, keeps their log,
kills what they leave behind, and answers the worker over a Unix socket.
"""

import os
import selectors
import signal
import socket
import sys
import time

from . import conformer, descriptors, environment, imports, messages, preload, process_limit, processes
from .runner import STACK_SIGNAL, Setup
from .runner_process import RunnerProcess
from .frame_store import FrameStore
from .messages import MessageError, field
from .sandbox import Sandbox
from .signals import SignalPipe
from .trees import remove_tree
from .workplace import Workplace
from .workspace import Workspace, copy_files

_LOG_LIMIT = 16384          # bytes kept of a sample's output
_READY_SECONDS = 5.0        # for a runner to restore its state after a sample
_STACK_SECONDS = 0.5        # for a script to write its stack before it is killed
_QUIET_SECONDS = 0.05       # without output: the stack has been written
PACKAGE_PARENT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


class _End(Exception):
    """The worker is done with this lane, or gone."""


def serve(request, search_path, status, processors):
    """Runs a lane until the worker ends it. search_path: sys.path without the
    host's own entries; status: what the sandbox can do; processors: those that
    lanes may each have one of, or none. Raises OSError if the socket cannot be reached."""
    started = time.monotonic()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(request["socket"])
    connection = socket.socket(fileno=descriptors.keep(connection.detach()))
    scratch = request["scratch"]
    try:
        lane = _Lane(request, connection, search_path, status, processors)
        try:
            lane.start(started)
            lane.loop()
        finally:
            processes.kill_descendants()
    except (_End, BrokenPipeError, ConnectionResetError):
        pass
    except OSError as error:
        connection.sendall(messages.encode({"event": "failed", "message": str(error)}))
    finally:
        os.chdir("/")
        remove_tree(scratch)


class _Lane:
    def __init__(self, request, connection, search_path, status, processors):
        self._connection = connection
        self._processors = processors
        self._status = status
        self._generator = request["generator"]
        self._signals = SignalPipe()
        self._scratch = os.path.realpath(request["scratch"])
        self._renew_after = request["renew_after"]
        self._growth_kib = request["renew_growth_mb"] * 1024
        self._search_path = search_path
        self._workspace = Workspace(request["generator"], self._scratch, request["library"])
        self._workplace = Workplace(self._scratch)
        self._setup = Setup(self._workspace.root, request["entry"], self._workspace.folder, {}, request["memory_mb"])
        self._drawn = 0
        self._may_capture = True
        self._lines = messages.LineReader()
        self._waiting = []
        # Runners at rest: the one that is used again, and a new one.
        self._reused = None
        self._spare = None
        self._active = None
        # The process that conforms samples, once one was to be, and the runner that waits meanwhile.
        self._conformer = None
        self._held = None
        self._may_keep = True
        self._ending = set()  # pids of runners that have been told to end
        self._selector = selectors.PollSelector()
        self._selector.register(self._connection, selectors.EVENT_READ)
        self._selector.register(self._signals, selectors.EVENT_READ)
        self._limit = process_limit.ProcessLimit() if status.bounded else None
        if self._limit is not None:
            self._selector.register(self._limit, selectors.EVENT_READ)

    def start(self, started):
        processes.become_subreaper()
        for name in ("cache", "config", "home", "tmp"):
            os.makedirs(os.path.join(self._scratch, name), exist_ok=True)
        self._workspace.lay()
        self._workplace.lay()
        self._setup.environment = environment.lane_environment(
            os.environ, PACKAGE_PARENT, self._scratch, self._workspace.original, self._workspace.folder)
        home, folder = os.path.join(self._scratch, "home"), os.path.join(self._scratch, "tmp")
        os.environ.clear()
        os.environ.update(self._setup.environment, HOME=home, TMPDIR=folder, TEMP=folder, TMP=folder)
        # From here on no folder of the generator or the host is searched.
        sys.path[:] = self._search_path + ([self._workspace.library] if self._workspace.library else [])
        os.chdir(self._scratch)
        preloaded = []
        try:
            preloaded = preload.load(imports.analyse(self._workspace.root, self._setup.argv0).libraries)
        except (OSError, SyntaxError, ValueError, RecursionError):
            pass  # an entry that cannot be read fails in its samples
        self._setup.sandbox = self._make_sandbox()
        self._setup.compile()
        preload.settle()
        self._spare = RunnerProcess(self._setup)
        self._send({"event": "ready", "pid": os.getpid(), "preloaded": preloaded,
                    "seconds": round(time.monotonic() - started, 3)})

    def _make_sandbox(self):
        variables = self._setup.environment
        # Supervisors share matplotlib's list of fonts; runners get a copy, as they could spoil each other's.
        private = os.path.join(variables["XDG_CACHE_HOME"], "matplotlib")
        if variables["MPLCONFIGDIR"] != private:
            copy_files(variables["MPLCONFIGDIR"], private)
            variables["MPLCONFIGDIR"] = private
        own = [self._workspace.folder, self._workplace.work, variables["XDG_CACHE_HOME"], variables["XDG_CONFIG_HOME"]]
        return Sandbox(self._status, self._generator, self._workspace.original, self._workspace.links, own, variables,
                       self._scratch, self._limit)

    def loop(self):
        while True:
            self._answer(self._next_line())

    def _answer(self, line):
        try:
            request = messages.parse(line)
            operation = field(request, "op", str)
            if operation == "end":
                raise _End
            if operation == "abort":
                return  # the sample it was meant for has ended
            if operation != "draw":
                raise MessageError(f"unknown op '{operation}'")
            sample = _Sample(request)
        except MessageError as error:
            self._send({"status": "refused", "message": str(error)})
            return
        self._draw(sample)

    # Talking with the worker

    def _send(self, message):
        self._connection.sendall(messages.encode(message))

    def _next_line(self):
        while not self._waiting:
            self._select(None)
        return self._waiting.pop(0)

    def _select(self, timeout):
        """Waits for an event; returns the ready files other than the lane's own."""
        ready = [key.fileobj for key, _ in self._selector.select(timeout)]
        if self._signals in ready:
            ready.remove(self._signals)
            self._signals.clear()
            self._note_ends(processes.reap())
        if self._signals.ended:
            raise _End
        if self._limit in ready:
            ready.remove(self._limit)
            self._limit.serve(self._at_rest())
        if self._connection in ready:
            ready.remove(self._connection)
            data = self._connection.recv(65536)
            if not data:
                raise _End
            self._waiting.extend(self._lines.feed(data))
        return ready

    def _ignore(self, file):
        if file in self._selector.get_map():
            self._selector.unregister(file)

    def _note_ends(self, ends):
        self._ending -= ends.keys()
        for runner in (self._reused, self._spare, self._active, self._conformer, self._held):
            if runner is not None and runner.pid in ends:
                runner.ended = ends[runner.pid]

    # Drawing

    def _draw(self, sample):
        started = time.monotonic()
        try:
            sample.prepare(self._workplace)
        except OSError as error:
            self._send({"status": "refused", "message": f"the work folder cannot be used: {error}"})
            return
        self._drawn += 1
        # Where the generator's own video is to be kept, it is what is conformed.
        if sample.video is not None and not sample.video.get("keep_original") and self._has_store():
            sample.capture = self._drawn
        runner = self._active = self._take(sample.fresh, sample.capture is not None)
        if self._limit is not None:
            self._limit.exceeded = False
        log = messages.LogTail(_LOG_LIMIT)
        for file in (runner.results, runner.log):
            self._selector.register(file, selectors.EVENT_READ)
        self._place(runner, sample)
        try:
            runner.send(sample.for_runner(self._may_keep))
            result = self._watch(runner, sample, log, time.monotonic() + sample.timeout)
        finally:
            for file in (runner.results, runner.log):
                self._ignore(file)
        usable = self._clear_up(runner, result)
        self._drain_log(runner, log)
        for name in ("first_frame_distance", "final_frame_distance", "static_video", "captured"):
            result.pop(name, None)  # a runner has none to tell
        if sample.video is not None and result["status"] == "ok":
            result = self._conform(runner, sample, result, log, started + sample.timeout)
        try:
            self._workplace.close(sample.place, sample.out)
        except OSError as error:
            self._send({"status": "refused", "message": f"the work folder cannot be used: {error}"})
            self._end(runner)
            self._active = None
            return
        peak = result.pop("max_rss_kib", 0)
        if not peak and runner.ended:
            peak = runner.ended[1].ru_maxrss
        cpu = result.pop("cpu_ms", 0) / 1000
        if not cpu and runner.ended:
            cpu = runner.ended[1].ru_utime + runner.ended[1].ru_stime
        result.pop("renew", None)
        if sample.keep_after and not self._may_keep:
            result["imported_because"] = "importing the modules alone ended the process or took too long"
        self._send({**result, "seconds": round(time.monotonic() - started, 4), "log": log.text(),
                    "log_bytes": log.total, "max_rss_mb": round(peak / 1024, 1),
                    "cpu_seconds": round(cpu, 3), "fresh": sample.fresh})
        # The worker has its answer: all else is done while it looks at the sample.
        self._keep_or_end(runner, usable and not sample.fresh)
        self._active = None
        if sample.capture is not None:
            self._setup.store.trim()
        self._renew(sample.fresh)

    def _conform(self, runner, sample, drawn, log, deadline):
        """Has the sample that was drawn conformed, within what is left of its time; returns the result of both."""
        self._held = runner
        conforming = self._conformer
        if conforming is None or conforming.ended is not None:
            if conforming is not None:
                conforming.close()
            conforming = self._conformer = RunnerProcess(self._setup, conformer.Conformer)
        self._active = conforming
        for file in (conforming.results, conforming.log):
            self._selector.register(file, selectors.EVENT_READ)
        self._place(conforming, sample)
        try:
            conforming.send(sample.for_conformer())
            result = self._watch(conforming, sample, log, deadline)
        finally:
            for file in (conforming.results, conforming.log):
                self._ignore(file)
        usable = self._clear_up(conforming, result)
        self._drain_log(conforming, log)
        if not usable or conforming.samples >= self._renew_after \
                or conforming.memory_kib() - conforming.start_kib > self._growth_kib:
            self._end(conforming)
            self._conformer = None
        self._active, self._held = runner, None
        if conforming.ended and "cpu_ms" not in result and "aborted" not in result and result["status"] != "timed_out":
            end = result.get("signal_name") or f"exit code {result.get('code', 0)}"
            result = {"status": "invalid", "message": f"the sample ended the process that was to conform it ({end})"}
        return {**result, "cpu_ms": drawn.get("cpu_ms", 0) + result.get("cpu_ms", 0),
                "max_rss_kib": max(drawn.get("max_rss_kib", 0), result.get("max_rss_kib", 0))}

    def _place(self, process, sample):
        # Each time: a script may have chosen others.
        if self._processors and sample.processor is not None:
            processes.keep_to(self._processors[sample.processor % len(self._processors)], process.pid)

    def _has_store(self):
        """Whether frames can be captured. The store is made for the first sample that needs it: other lanes' runners hold
        none. Processes that were forked before have no part in it."""
        if self._setup.store is None and self._may_capture:
            self._setup.store = FrameStore.make()
            self._may_capture = self._setup.store is not None
            for process in (self._spare, self._conformer):
                if process is not None:
                    self._end(process)
            self._spare = self._conformer = None
        return self._setup.store is not None

    def _take(self, fresh, captures):
        if not fresh and self._reused is not None:
            runner, self._reused = self._reused, None
            if runner.captures != captures:
                pass  # its modules may hold OpenCV's writer, or that which captures
            elif self._is_ready(runner):
                return runner
            else:
                # Modules that are imported without their script may end the process or hang.
                self._may_keep = self._may_keep and self._find_abort() is not None
            self._end(runner)
        runner, self._spare = self._spare, None
        if runner is not None and runner.ended is None:
            return runner
        if runner is not None:
            runner.close()
        return RunnerProcess(self._setup)

    def _is_ready(self, runner):
        deadline = time.monotonic() + _READY_SECONDS
        self._active = runner
        self._selector.register(runner.results, selectors.EVENT_READ)
        try:
            while not runner.ready and runner.ended is None and time.monotonic() < deadline \
                    and self._find_abort() is None:
                self._select(deadline - time.monotonic())
                runner.receive()
        finally:
            self._ignore(runner.results)
        return runner.ready and runner.ended is None

    def _watch(self, runner, sample, log, deadline):
        """Waits for the sample's end; returns its result."""
        while True:
            # First: it may have come together with its draw.
            number = self._find_abort()
            if number is not None:
                del self._waiting[number]
                return {"status": "killed", "signal": int(signal.SIGKILL), "signal_name": "SIGKILL", "aborted": True}
            left = deadline - time.monotonic()
            if left <= 0:
                self._ask_for_stack(runner, log)
                return {"status": "timed_out", "limit": sample.timeout}
            ready = self._select(left)
            if self._limit is not None and self._limit.exceeded:
                return dict(process_limit.FAILURE)
            if runner.log in ready:
                self._read_log(runner, log)
            if runner.results in ready or runner.ended:
                result = runner.receive()
                if result is not None:
                    return result
                if runner.closed:
                    self._ignore(runner.results)
            if runner.ended:
                return _result_of_end(runner.ended[0])

    def _find_abort(self):
        """Where among the waiting requests the worker wishes the running sample ended; None: nowhere."""
        for number, line in enumerate(self._waiting):
            try:
                operation = messages.parse(line).get("op")
            except MessageError:
                continue
            if operation == "abort":
                return number
            if operation == "end":
                raise _End
        return None

    def _ask_for_stack(self, runner, log):
        # Tells the generator's author where it was; written piece by piece.
        processes.send_signal(runner.pid, STACK_SIGNAL)
        before, deadline = log.total, time.monotonic() + _STACK_SECONDS
        while runner.ended is None and time.monotonic() < deadline:
            ready = self._select(_QUIET_SECONDS if log.total > before else deadline - time.monotonic())
            if runner.log in ready:
                self._read_log(runner, log)
            elif not ready and log.total > before:
                break

    def _read_log(self, runner, log):
        data = descriptors.read_available(runner.log)
        if data:
            log.add(data)
        elif data is not None:
            self._ignore(runner.log)  # closed at the far end

    def _drain_log(self, runner, log):
        for _ in range(64):
            data = descriptors.read_available(runner.log)
            if not data:
                return
            log.add(data)

    def _clear_up(self, runner, result):
        """Kills what the sample has left; returns whether its runner may go on."""
        at_rest = self._at_rest()
        usable = result["status"] == "ok" and not result.get("renew") and runner.ended is None
        if usable and not processes.children(runner.pid) \
                and set(processes.children(os.getpid())) <= at_rest | {runner.pid} \
                and not processes.can_write_below(runner.pid, self._workplace.work):
            return True
        self._note_ends(processes.kill_descendants(at_rest))
        return False

    def _at_rest(self):
        """Pids of the runners that do not draw."""
        resting = (self._reused, self._spare, self._conformer, self._held)
        return {other.pid for other in resting if other is not None and other is not self._active} | self._ending

    # Between samples

    def _keep_or_end(self, runner, keep):
        if keep and runner.samples < self._renew_after \
                and runner.memory_kib() - runner.start_kib <= self._growth_kib:
            self._reused = runner
        else:
            self._end(runner)

    def _end(self, runner):
        if runner.ended is None:
            self._ending.add(runner.pid)
            processes.send_signal(runner.pid, signal.SIGKILL)
        runner.close()

    def _renew(self, fresh):
        if self._workspace.changed():
            for runner in (self._reused, self._spare, self._conformer):
                if runner is not None:
                    self._end(runner)
            self._reused = self._spare = self._conformer = None
            # None of them may be in the copy while it is laid.
            self._note_ends(processes.kill_descendants())
            try:
                self._workspace.lay()
            except OSError as error:
                print(f"the copy of the generator cannot be laid anew: {error}", file=sys.stderr)
        if self._spare is None and (fresh or self._reused is None):
            self._spare = RunnerProcess(self._setup)


class _Sample:
    """A checked draw request."""

    def __init__(self, request):
        self.work = field(request, "work", str)
        if not os.path.isabs(self.work):
            raise MessageError("field 'work' must be an absolute path")
        self.argv = field(request, "argv", list)
        if not all(isinstance(argument, str) and "\0" not in argument for argument in self.argv):
            raise MessageError("field 'argv' must hold strings")
        self.seed = field(request, "seed", int)
        self.timeout = field(request, "timeout", (int, float))
        if not 0 < self.timeout <= 86400:
            raise MessageError("field 'timeout' must be above 0 and at most 86400 seconds")
        self.fresh = field(request, "fresh", bool, False)
        self.keep_after = field(request, "keep_after", int, 0)
        self.config = field(request, "config", dict, None)
        self.video = field(request, "video", dict, None)
        self.processor = field(request, "processor", int, None)
        self.out = os.path.join(self.work, "out")
        self.place = None
        self.capture = None  # its number, if the frames of its videos are captured

    def prepare(self, workplace):
        """Makes the work folder and a place to draw. Raises OSError."""
        os.makedirs(self.work, exist_ok=True)
        remove_tree(self.out)
        self.place = workplace.open()

    def for_runner(self, may_keep):
        out = os.path.join(self.place, "out")
        return {"argv": [out if argument == self.out else argument for argument in self.argv], "seed": self.seed,
                "tmp": os.path.join(self.place, "tmp"), "config": self.config, "capture": self.capture,
                "keep_after": self.keep_after if may_keep and not self.fresh else 0}

    def for_conformer(self):
        return {"out": os.path.join(self.place, "out"), "seed": self.seed, "video": self.video,
                "capture": self.capture}


def _result_of_end(status):
    """The result of a script that ended its process itself, or was killed."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"SIG{number}"
        return {"status": "killed", "signal": number, "signal_name": name}
    code = os.waitstatus_to_exitcode(status)
    return {"status": "exited", "code": code} if code else {"status": "ok"}
