"""Does what ``--fault`` says, for any seed: all that a script can do to its host."""

import argparse
import atexit
import builtins
import ctypes
import json
import locale
import logging
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
import warnings
from pathlib import Path

try:
    import numpy
except ImportError:
    numpy = None

HERE = Path(__file__).resolve().parents[1]


def forever():
    threading.Event().wait()


def sleeper():
    """A child process that goes on when its parent has ended."""
    return subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])


def endless_hard(out):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
            forever()
    print("forked", flush=True)
    while True:
        pass


def memory(out):
    kept = []
    while True:
        kept.append(b"\1" * (32 << 20))


def print_much(out):
    line = "x" * 1023 + "\n"
    for _ in range(50 * 1024):
        sys.stdout.write(line)
    sys.stderr.write("the end\n")


def daemon_thread(out):
    threading.Thread(target=forever, daemon=True).start()


def busy(seconds):
    """Works for a while, so that who does not wait for it is too early."""
    end = os.times().elapsed + seconds  # the machine's clock
    while os.times().elapsed < end:
        pass


def write_late(out):
    busy(0.3)
    (out / "late.txt").write_text("written")


def late_thread(out):
    # The interpreter waits for such a thread at its end.
    threading.Thread(target=write_late, args=(out,)).start()


def executor(out):
    from concurrent.futures import ThreadPoolExecutor
    pool = ThreadPoolExecutor(2)
    pool.submit(write_late, out)
    globals()["pool"] = pool


def child(out):
    (out / "child").write_text(str(sleeper().pid))


def fork_and_return(out):
    """Parent and child both come to the script's end, the child first."""
    if os.fork():
        busy(0.3)
        (out / "parent").write_text("written")


def write_state(out):
    count = len(list(HERE.glob("seen-*")))
    (HERE / f"seen-{count}").touch()
    (Path.home() / f"seen-{count}").touch()
    (out / "state.txt").write_text(f"{count} {len(list(Path.home().iterdir()))}")


def disorder(out):
    os.environ.update(DISORDER="1", PATH="/nowhere")
    os.environ.pop("TZ", None)
    os.umask(0o777)
    sys.path[:] = ["/nowhere"]
    sys.argv = []
    sys.meta_path = []
    sys.setrecursionlimit(77777)
    sys.modules["json"] = sys.modules["disorder"] = None
    builtins.open = builtins.disorder = None
    warnings.simplefilter("error")
    logging.basicConfig(level=logging.DEBUG)
    logging.getLogger("some.name").addHandler(logging.StreamHandler())
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    tempfile.tempdir = "/nowhere"
    random.Random.seed = os.urandom = random._urandom = None
    os.chdir("/")
    if numpy is not None:
        numpy.seterr(all="raise")
        numpy.set_printoptions(precision=1)
    sys.settrace(lambda *_: None)


def report(out):
    """What the script finds; the same whatever ran before it."""
    found = {
        "environment": {name: value for name, value in os.environ.items()
                        if name not in ("TMPDIR", "TMP", "TEMP", "HOME")},
        "home": os.environ["HOME"] == os.path.join(os.environ["TMPDIR"], "home"),
        "temporary": tempfile.gettempdir() == os.environ["TMPDIR"],
        "umask": os.umask(0o022), "path": sys.path, "argv": sys.argv[:1], "cwd": os.getcwd(),
        "recursion": sys.getrecursionlimit(), "builtins": sorted(vars(builtins)), "open": open.__module__,
        "filters": str(warnings.filters), "handlers": len(logging.getLogger().handlers),
        "level": logging.getLogger().level, "named": len(logging.getLogger("some.name").handlers),
        "disable": logging.root.manager.disable, "alarm": str(signal.getsignal(signal.SIGALRM)),
        "usr1": str(signal.getsignal(signal.SIGUSR1)), "timer": signal.getitimer(signal.ITIMER_REAL),
        "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "locale": locale.setlocale(locale.LC_ALL), "meta_path": len(sys.meta_path),
        "json": "json" in sys.modules and sys.modules["json"] is json, "disorder": "disorder" in sys.modules,
        "printing": str(numpy and numpy.get_printoptions()), "errors": str(numpy and numpy.geterr()),
        "trace": str(sys.gettrace()), "main": sys.modules["__main__"].__file__,
    }
    (out / "report.json").write_text(json.dumps(found))


class OwnRandom(random.Random):
    pass


def randomness(out):
    found = {
        "random": random.random(), "unseeded": random.Random().random(), "own": OwnRandom().random(),
        "system": random.SystemRandom().random(), "urandom": os.urandom(8).hex(), "uuid4": str(uuid.uuid4()),
        "secrets": secrets.token_hex(8), "name": Path(tempfile.mkdtemp()).name, "hash": hash("text"),
        "getrandom": os.getrandom(8).hex(), "libc": ctypes.CDLL(None).rand(),
    }
    random.seed()
    found["reseeded"] = random.random()
    random.seed(7)
    found["seeded"] = random.random()
    if numpy is not None:
        found.update(
            legacy=numpy.random.rand(), default_rng=numpy.random.default_rng().random(),
            state=numpy.random.RandomState().rand(), entropy=str(numpy.random.SeedSequence().entropy))
        numpy.random.seed()
        found["numpy_reseeded"] = numpy.random.rand()
    (out / "random.json").write_text(json.dumps(found))


def at_exit(out):
    atexit.register((out / "exit.txt").write_text, "run")


def close_streams(out):
    sys.stdout.close()
    for number in (0, 1, 2):
        os.close(number)
    (out / "closed.txt").write_text("closed")


def keep_descriptor(out, flags):
    path = out / "kept.txt"
    path.write_text("as it was")
    os.open(path, flags)  # no object closes it


def import_own(out):
    import own_module
    own_module.COUNT += 1
    (out / "count.txt").write_text(str(own_module.COUNT))


def validator(out):
    import pydantic

    class Checked(pydantic.BaseModel):
        number: int

        @pydantic.validator("number")
        def positive(cls, value):
            return abs(value)

    (out / "model.txt").write_text(str(Checked(number=-3).number))


class SlowEnd:
    """Keeps its process from being ready for the next sample, but not for ever."""

    def __del__(self, busy=busy, seconds=20):
        busy(seconds)


def slow_end(out):
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    globals()["slow"] = SlowEnd()


def recurse(out):
    recurse(out)


class BadError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def bad_error(out):
    raise BadError


FAULTS = {
    "none": lambda out: print("fine"),
    "raise": lambda out: {}["absent"],
    "surrogate": lambda out: (_ for _ in ()).throw(ValueError("half \ud83d of a pair")),
    "recurse": recurse,
    "bad-error": bad_error,
    "interrupt": lambda out: (_ for _ in ()).throw(KeyboardInterrupt),
    "exit-0": lambda out: sys.exit(0),
    "exit-none": lambda out: sys.exit(),
    "exit-5": lambda out: sys.exit(5),
    "exit-text": lambda out: sys.exit("no more puzzles"),
    "leave-0": lambda out: os._exit(0),
    "leave-3": lambda out: os._exit(3),
    "kill": lambda out: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda out: ctypes.string_at(0),
    "abort": lambda out: os.abort(),
    "endless": lambda out: forever(),
    "endless-hard": endless_hard,
    "print": print_much,
    "unicode": lambda out: print("häß 🎲 " + "\udce4", flush=True),
    "bytes": lambda out: os.write(1, b"\xff\xfe broken"),
    "memory": memory,
    "daemon-thread": daemon_thread,
    "late-thread": late_thread,
    "executor": executor,
    "child": child,
    "fork-and-return": fork_and_return,
    "write-state": write_state,
    "disorder": disorder,
    "report": report,
    "randomness": randomness,
    "at-exit": at_exit,
    "close-streams": close_streams,
    "import-own": import_own,
    "keep-reading": lambda out: keep_descriptor(out, os.O_RDONLY),
    "keep-writing": lambda out: keep_descriptor(out, os.O_RDWR),
    "validator": validator,
    "read-stdin": lambda out: print("read", len(sys.stdin.read())),
    "slow-end": slow_end,
    "pid": lambda out: print(os.getpid()),
    "processors": lambda out: print(sorted(os.sched_getaffinity(0))),
    "take-all-processors": lambda out: os.sched_setaffinity(0, range(os.cpu_count())),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--num-samples", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--fault", choices=sorted(FAULTS), default="none")
    asked = parser.parse_args()
    asked.output.mkdir(parents=True, exist_ok=True)
    FAULTS[asked.fault](asked.output)


if __name__ == "__main__":
    main()
