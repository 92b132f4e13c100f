"""Processes: parent death, descendants, limits, memory. Linux only."""

import contextlib
import ctypes
import os
import resource
import signal
import time

from . import descriptors

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signal_number, parent):
    """Asks for a signal when the parent dies; ends at once if it already has."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def wake_when_parent_dies():
    """Asks to be continued, if stopped, when the parent dies: the end of its
    input is then noticed. Harmless to one that runs."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)


def become_subreaper():
    """Orphans below this process become its children instead of init's."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def flush_c_streams():
    """Writes out what native libraries have printed into C's own buffers."""
    _libc.fflush(None)


def seed_c_library():
    """Sets rand() to where a new process has it."""
    _libc.srand(1)


def limit_memory(megabytes):
    """Bounds private writable memory (MiB): beyond it allocations fail.

    The system then refuses this one process instead of ending another one.
    """
    if megabytes:
        limit = int(megabytes) << 20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def cpu_seconds(_own=time.process_time, _times=os.times):
    """Processor seconds of this process, its threads and its children that have ended."""
    times = _times()
    return _own() + times.children_user + times.children_system


def no_core_files():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def first_to_go():
    """When the machine runs out of memory, this process is ended first."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def status_kib(name, pid="self"):
    """A size in KiB from /proc/<pid>/status (VmRSS, VmHWM); 0 if unknown."""
    try:
        return int(_read(f"/proc/{pid}/status").partition(b"\n%s:" % name.encode())[2].split(None, 1)[0])
    except (OSError, ValueError, IndexError):
        return 0


def _read(path):
    """A file of the kernel, in fewer calls to it than Python's files make."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = b""
        while data := os.read(descriptor, 65536):
            found += data
        return found
    finally:
        os.close(descriptor)


class PeakMemory:
    """Of this process. The file is opened at once: a sandbox allows no later one to be written."""

    def __init__(self):
        try:
            self._file = descriptors.keep(os.open("/proc/self/clear_refs", os.O_WRONLY))
        except OSError:
            self._file = None

    def reset(self):
        """Starts VmHWM anew; False if the system does not allow it."""
        try:
            return self._file is not None and os.pwrite(self._file, b"5", 0) == 1
        except OSError:
            return False


def processors():
    """The numbers of the processors that this process may use, in order."""
    return sorted(os.sched_getaffinity(0))


def processors_for(lanes):
    """The numbers of this process's processors, if they are as many as lanes and several; else none."""
    allowed = processors()
    return allowed if 1 < len(allowed) == lanes else []


@contextlib.contextmanager
def on(numbers):
    """Has this thread, and what it starts, run on such processors meanwhile, if it may. Libraries of C count them."""
    try:
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, numbers)
    except (OSError, ValueError, OverflowError):
        before = None
    try:
        yield
    finally:
        if before is not None:
            os.sched_setaffinity(0, before)


def keep_to(processor, pid):
    """Has the main thread of a process, and what it starts from now on, run on one processor. One that is gone, or
    may not be used any more, is no error."""
    try:
        os.sched_setaffinity(pid, {processor})
    except OSError:
        pass


def thread_count(pid="self"):
    """Threads of a process, native ones included."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 1


def can_write_below(pid, folder):
    """Whether a process holds a file below a folder open for writing: it could change the file after it was read."""
    try:
        for number in os.listdir(f"/proc/{pid}/fd"):
            if os.readlink(f"/proc/{pid}/fd/{number}").startswith(folder + os.sep):
                with open(f"/proc/{pid}/fdinfo/{number}") as file:
                    flags = next(line for line in file if line.startswith("flags:"))
                if int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY:
                    return True
    except (OSError, StopIteration):
        return True  # it has just ended, or cannot be looked at
    return False


def children(pid):
    """Direct children of a process (those of all its threads)."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found.extend(map(int, _read(f"/proc/{pid}/task/{thread}/children").split()))
        return found
    except FileNotFoundError:
        if not os.path.exists(f"/proc/{pid}"):
            return []
    except OSError:
        return []
    return _children_by_scan(pid)


def _children_by_scan(pid):
    # For kernels without the children file.
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # The command's name stands in brackets and may hold anything.
                    if int(file.read().rpartition(b")")[2].split()[1]) == pid:
                        found.append(int(name))
            except (OSError, ValueError, IndexError):
                pass
    return found


def descendants(pid, spare=()):
    """All processes below ``pid``, without those in ``spare`` and below them."""
    found, waiting = [], [pid]
    seen = {pid, *spare}
    while waiting:
        for child in children(waiting.pop()):
            if child not in seen:
                seen.add(child)
                found.append(child)
                waiting.append(child)
    return found


def task_count(pid, spare=()):
    """Processes below ``pid`` and their threads, without those in ``spare`` and below them; ended processes count
    until they are reaped."""
    return sum(map(thread_count, descendants(pid, spare)))


def send_signal(pid, number):
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def reap():
    """Reaps every ended child; returns {pid: (wait status, rusage)}."""
    reaped = {}
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return reaped
        if not pid:
            return reaped
        reaped[pid] = (status, usage)


def kill_descendants(spare=(), seconds=10.0):
    """Kills and reaps everything below this process except ``spare``.

    The caller must be a subreaper, or orphans escape. Everything found is
    stopped before anything is killed, so that what forks all the time does
    not get away. Returns what reap() returned; gives up after ``seconds`` (a
    process the kernel cannot end, e.g. one that waits for a dead disk).
    """
    me, reaped = os.getpid(), {}
    deadline = time.monotonic() + seconds
    while True:
        stopped = set()
        while time.monotonic() < deadline:
            found = set(descendants(me, spare)) - stopped
            if not found:
                break
            for pid in found:
                send_signal(pid, signal.SIGSTOP)
            stopped |= found
        for pid in stopped:
            send_signal(pid, signal.SIGKILL)
        reaped.update(reap())
        if not descendants(me, spare) or time.monotonic() > deadline:
            return reaped
        time.sleep(0.0005)
