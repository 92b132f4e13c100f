"""The product as a process of its own on a free port, for tests from outside. Build it first: ./run.sh demo does."""

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
GENERATORS = ROOT / "tests" / "generators"


class Server:
    """On a data folder that outlives the process; its log is written beside it. ``settings``: more of the server's, by their names."""

    def __init__(self, data: pathlib.Path, **settings: str):
        self.data, self.log = data, data.with_suffix(".log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "DATA_DIR": str(data), "PORT": str(self.port), "GENERATORS_DIR": str(GENERATORS), "CHECK_GENERATORS": "false", **settings}
        self.process = None

    def start(self, seconds: float = 120) -> None:
        """Returns when it answers. Raises RuntimeError if it ends first, TimeoutError if it is not in time."""
        end = time.monotonic() + seconds
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(["dotnet", str(PROGRAM)], env=self.environment, stdout=log, stderr=log)
        while not self.alive():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode} at its start:\n{self.log.read_text(errors='replace')[-3000:]}")
            if time.monotonic() > end:
                raise TimeoutError("the server did not start in time")
            time.sleep(0.05)

    def alive(self) -> bool:
        return self.process.poll() is None and self.call("GET", "/health/live")[0] == 200

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None:
            return
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
