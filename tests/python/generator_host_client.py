"""What the tests of the generator host share: a small worker in Python."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = REPOSITORY / "src" / "Worker"
GENERATORS = REPOSITORY / "tests" / "generators"
DEADLINE = 30.0  # seconds; nothing here takes long unless it is broken

sys.path.insert(0, str(PACKAGES))

from generator_host import landlock, processes  # noqa: E402
from generator_host.trees import remove_tree  # noqa: E402

# How the script of a test's generator begins: ``asked`` has its flags, ``folder`` is that of its one sample.
VIDEO_SCRIPT = '''
import argparse
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int)
parser.add_argument("--seed", type=int)
parser.add_argument("--output", type=Path)
asked = parser.parse_args()
folder = asked.output / "video_task" / "video_0000"
folder.mkdir(parents=True)
'''


def until(condition, what):
    """Polls until the condition holds; fails with ``what`` at the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {DEADLINE} s: {what}")
        os.sched_yield()


def is_running(pid):
    """Whether a process exists and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


class Lane:
    """The worker's end of a lane. ``ready`` is its first message."""

    def __init__(self, host, connection, scratch):
        self.host, self.connection, self.scratch = host, connection, scratch
        connection.settimeout(DEADLINE)
        self._file = connection.makefile("rb")
        self.ready = self.receive()

    def send(self, message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.connection.sendall(data + b"\n")

    def receive(self):
        line = self._file.readline()
        return json.loads(line) if line else None

    def request(self, seed=5, *extra, fresh=False, timeout=DEADLINE, **fields):
        work = self.host.folder / f"work-{self.host.next()}"
        return {"op": "draw", "work": str(work), "seed": seed, "timeout": timeout, "fresh": fresh,
                "argv": ["--num-samples", "1", "--seed", str(seed), "--output", str(work / "out"), *extra], **fields}

    def start(self, *arguments, **fields):
        """Sends a draw request; returns its output folder."""
        request = self.request(*arguments, **fields)
        self.send(request)
        return Path(request["work"]) / "out"

    def draw(self, *arguments, **fields):
        """Draws; returns the answer, with ``out`` added: the output folder."""
        out = self.start(*arguments, **fields)
        answer = self.receive()
        if answer is None:
            raise AssertionError("the lane ended")
        answer["out"] = out
        return answer

    def fault(self, name, **fields):
        return self.draw(5, "--fault", name, **fields)

    def pid(self):
        """The process id of the runner that draws next, found by drawing."""
        return int(self.fault("pid")["log"])

    def close(self):
        self._file.close()
        self.connection.close()


class Host:
    """A zygote of its own in a temporary folder."""

    def __init__(self, *arguments, environment=None, libraries=()):
        self.folder = Path(tempfile.mkdtemp(prefix="generator-host-test-"))
        self._number = 0
        self.lanes = []
        if "--sandbox" not in arguments:
            arguments = (*arguments, "--sandbox", "required" if landlock.version() >= 6 else "auto")
        variables = {**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(map(str, (PACKAGES, *libraries)))}
        self.log = open(self.folder / "stderr", "w+b")
        self.process = subprocess.Popen([sys.executable, "-m", "generator_host", *arguments], env=variables,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        self.ready = self.receive()

    def next(self):
        self._number += 1
        return self._number

    def send(self, message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def ask(self, message):
        self.send(message)
        return self.receive()

    def lane(self, generator="faulty-generator", **fields):
        number = self.next()
        path, scratch = self.folder / f"{number}.sock", self.folder / f"scratch-{number}"
        folder = generator if isinstance(generator, Path) else GENERATORS / generator
        with socket.socket(socket.AF_UNIX) as listener:
            listener.settimeout(DEADLINE)
            listener.bind(str(path))
            listener.listen()
            self.send({"op": "lane", "socket": str(path), "generator": str(folder), "scratch": str(scratch), **fields})
            connection, _ = listener.accept()
        lane = Lane(self, connection, scratch)
        self.lanes.append(lane)
        return lane

    def copy(self, generator):
        """A private copy of a test generator with the shared folder beside it."""
        place = self.folder / f"generators-{self.next()}"
        for name in (generator, "_shared"):
            shutil.copytree(GENERATORS / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        return place / generator

    def end(self):
        """Ends the host as a worker does, and lets nothing remain."""
        for lane in self.lanes:
            lane.close()
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()


class HostTest(unittest.TestCase):
    """Gives each test class a host, and proves that it leaves nothing behind."""

    arguments = ("--preload", "numpy,PIL")

    @classmethod
    def setUpClass(cls):
        # What escapes a host becomes this process's child and is noticed.
        processes.become_subreaper()
        cls.hosts = []
        cls.host = cls.new_host(*cls.arguments)

    @classmethod
    def new_host(cls, *arguments, **fields):
        host = Host(*arguments, **fields)
        cls.hosts.append(host)
        return host

    @classmethod
    def tearDownClass(cls):
        try:
            for host in cls.hosts:
                host.end()
            until(cls._no_children, "the host's processes have all ended")
            for host in cls.hosts:
                left = [path.name for path in host.folder.glob("scratch-*")]
                if left:
                    raise AssertionError(f"{left} are left behind")
        finally:
            for host in cls.hosts:
                remove_tree(str(host.folder))

    @staticmethod
    def _no_children():
        processes.reap()
        return not processes.children(os.getpid())


def files(folder):
    """{relative path: bytes} of all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
