"""The server that is fuzzed, with a few jobs in it."""

import hashlib
import json
import os
import pathlib
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "src/ControlPlane/bin/Release/net10.0/ControlPlane.dll"
GENERATORS = ROOT / "tests" / "generators"


class Product:
    """A server on a free port that asks for keys; a context manager."""

    def __init__(self, folder: pathlib.Path):
        self.admin, self._log = unused_key("admin"), folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        settings = {"DATA_DIR": str(folder / "data"), "PORT": str(self.port), "GENERATORS_DIR": str(GENERATORS), "CHECK_GENERATORS": "false",
                    "ADMIN_KEY_SHA256": hashlib.sha256(self.admin.encode()).hexdigest(), "REQUESTS_PER_MINUTE": "1000000", "LOG_FORMAT": "json",
                    "WEBHOOK_SECRET": "whsec_" + "A" * 43 + "=", "WEBHOOK_ALLOW_PRIVATE": "true"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(["dotnet", str(PROGRAM)], env={**os.environ, **settings}, stdout=log, stderr=log)
        self.reader, self.jobs, self.files, self.letters, self.keys = "", [], [], [], []

    def __enter__(self) -> "Product":
        try:
            self._wait(lambda: self._try("GET", "/health/ready")[0] == 200, "the server is ready")
            reader = self._call("POST", "/v1/keys", {"name": "reader", "role": "read"})
            self.reader = reader["key"]
            self.keys = [self._call("POST", "/v1/keys", {"name": f"key {number}", "role": "read"})["id"] for number in range(5)]
            self._make_jobs()
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def alive(self) -> bool:
        return self._process.poll() is None and self._try("GET", "/health/live")[0] == 200

    def log_of_errors(self) -> list:
        return [line for line in self._log.read_text(errors="replace").splitlines() if '"LogLevel":"Error"' in line or '"LogLevel":"Critical"' in line]

    def _make_jobs(self) -> None:
        bodies = [{"generators": ["ok-generator"], "samples": 4, "seed": 5}, {"generators": ["ok-generator"], "samples": 4, "output_format": "webdataset"},
                  {"generators": ["raises-generator"], "samples": 10, "batch_size": 2, "seed": 0}, {"generators": ["repeats-generator"], "samples": 10, "unique": True}]
        self.jobs = [self._call("POST", "/v1/jobs", body)["id"] for body in bodies]
        self._wait(lambda: all(self._call("GET", f"/v1/jobs/{job}")["state"] in ("succeeded", "failed") for job in self.jobs), "the jobs have ended")
        letters = self._call("GET", "/v1/dead-letters")["items"]
        self.letters = [letter["id"] for letter in letters]
        for sample in self._call("GET", f"/v1/jobs/{self.jobs[0]}/samples")["items"]:
            self.files += [file["url"].partition("/files/")[2] for file in sample["files"]]

    def _call(self, method: str, path: str, body=None) -> dict:
        status, content = self._try(method, path, body)
        if status not in (200, 201, 202):
            raise RuntimeError(f"{method} {path} was answered with {status}: {content}\n{self._log.read_text(errors='replace')[-3000:]}")
        return content

    def _try(self, method: str, path: str, body=None) -> tuple:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", None if body is None else json.dumps(body).encode(),
                                         {"Authorization": f"Bearer {self.admin}", "Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except OSError:
            return 0, None

    @staticmethod
    def _wait(condition, what: str, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s until {what}")
            time.sleep(0.1)


def unused_key(name: str) -> str:
    """A text that has the form of a key."""
    return f"vmd_{name}_{secrets.token_urlsafe(32)}"
