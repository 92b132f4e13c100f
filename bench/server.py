"""Starts the product for a measurement and speaks to it over HTTP."""

import json
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVER = ROOT / "src/ControlPlane/bin/Release/net10.0/ControlPlane.dll"


def used(pid: int) -> float:
    """Processor seconds of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def call(address: str, body: "dict | None" = None) -> dict:
    """The answer of a GET, or of a POST of the body; {} if it is empty."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read() or "{}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def publish(root: pathlib.Path, program: str, folder: pathlib.Path, ahead: bool) -> pathlib.Path:
    """Publishes a program of a clone as its image does, compiled ahead (ReadyToRun) or not; the path of its DLL."""
    architecture = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    subprocess.run(["dotnet", "publish", str(root / "src" / program), "--configuration", "Release", "--arch", architecture,
                    "--self-contained", "false", f"-p:PublishReadyToRun={str(ahead).lower()}", "-p:UseAppHost=false", "-v", "quiet",
                    "--artifacts-path", str(folder / "build"), "--output", str(folder / "published")], check=True, stdout=sys.stderr)
    return folder / "published" / f"{program}.dll"


class Server:
    """A server on a data folder and port of its own; a context manager, which waits until ``ready`` is answered with 200."""

    def __init__(self, generators: pathlib.Path, ready: str = "/health/ready", **settings: str):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="vmds-bench-"))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "DATA_DIR": str(self.data), "PORT": str(port), "GENERATORS_DIR": str(generators), **settings}
        self.ready = ready
        self.process = subprocess.Popen(["dotnet", str(SERVER)], env=environment, stdout=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                self.call(self.ready)
                return self
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("the server is not ready")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        shutil.rmtree(self.data)

    def call(self, path: str, body: "dict | None" = None) -> dict:
        return call(self.url + path, body)

    def run(self, **job) -> float:
        """Submits a job and waits for its end; seconds from before the POST until it is seen to have succeeded."""
        return self._wait_for(lambda view: True, job)

    def make(self, **job) -> float:
        """The same until the job's dataset has its tables, card and checksums too."""
        return self._wait_for(lambda view: view["dataset"]["state"] == "ready", job)

    def _wait_for(self, is_made, job: dict) -> float:
        started = time.perf_counter()
        view = self.call("/v1/jobs", job)
        self.job = view["id"]
        while view["state"] in ("submitting", "running") or (view["state"] == "succeeded" and not is_made(view)):
            view = self._look_again(started)
        if view["state"] != "succeeded":
            raise RuntimeError(f"the job ended as {view['state']}: {self.call(view['links']['failures'])}")
        return time.perf_counter() - started

    def _look_again(self, started: float) -> dict:
        # Asking costs processor time too: a twentieth of the time so far, a tenth of a second at most, is exact enough.
        time.sleep(max(0.01, min(0.1, (time.perf_counter() - started) / 20)))
        return self.call(f"/v1/jobs/{self.job}")

    def peak_memory(self) -> "PeakMemory":
        return PeakMemory(self.process.pid)


class PeakMemory:
    """Samples the proportional set size (MB) of a process and all below it, every 50 ms, in a thread of its own."""

    def __init__(self, pid: int):
        import threading

        self.pid, self.peak, self._end = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _watch(self):
        while not self._end.wait(0.05):
            self.peak = max(self.peak, sum(pss(pid) for pid in tree(self.pid)) / 1024)


def tree(pid: int) -> dict:
    """How many processes below ``pid`` each one is: {process: depth}, with 0 for itself."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
            except OSError:
                pass  # it has ended meanwhile
    depths, left = {pid: 0}, [pid]
    while left:
        above = left.pop()
        for child in children.get(above, []):
            depths[child] = depths[above] + 1
            left.append(child)
    return depths


def pss(pid: int) -> int:
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # it has ended meanwhile
    return 0
