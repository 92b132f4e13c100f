"""The server under test, as its own process on a data folder that outlives it."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "src/ControlPlane/bin/Release/net10.0/ControlPlane.dll"


class Server:
    def __init__(self, data: pathlib.Path, generators: pathlib.Path):
        self.data, self.log = data, data.with_suffix(".log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "DATA_DIR": str(data), "PORT": str(port), "GENERATORS_DIR": str(generators),
                            "CHECK_GENERATORS": "false", "LANES": "2", "SAMPLE_TIMEOUT_SECONDS": "8"}
        self.process = None

    def start(self, deadline: float) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(["dotnet", str(PROGRAM)], env=self.environment, stdout=log, stderr=log)
        while self.call("GET", "/health/live")[0] != 200:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode} at its start:\n{self.log.read_text()[-3000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError("the server did not start in time")
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def call(self, method: str, path: str, body=None, **headers: str) -> tuple:
        """Status and JSON; status 0 while nobody answers, or if the server dies meanwhile."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except (OSError, ValueError):
            return 0, None

    def python_processes(self) -> list:
        """Ids of the generator host's processes below the server: zygote, lanes, runners."""
        found, waiting = [], [self.process.pid]
        while waiting:
            for child in _children(waiting.pop()):
                found.append(child)
                waiting.append(child)
        return found

    def processes_left(self) -> list:
        """Command lines of processes that name this server's data folder, 10 s after its end at most."""
        end = time.monotonic() + 10
        while (left := self._named()) and time.monotonic() < end:
            time.sleep(0.1)
        return left

    def _named(self) -> list:
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace") if entry.name.isdigit() else ""
            except OSError:
                continue  # it has ended meanwhile
            if str(self.data) in line and int(entry.name) != os.getpid():
                found.append(f"{entry.name} {line.strip()}")
        return found


def _children(pid: int) -> list:
    found = []
    try:
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (thread / "children").read_text().split()]
    except OSError:
        pass  # it has ended meanwhile
    return found
