"""The server that is fuzzed, with a few jobs in it."""

import hashlib
import pathlib
import secrets
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "product"))

from server import Server  # noqa: E402


class Product:
    """A server that asks for keys; a context manager."""

    def __init__(self, folder: pathlib.Path):
        self.admin = unused_key("admin")
        self._server = Server(folder / "data", ADMIN_KEY_SHA256=hashlib.sha256(self.admin.encode()).hexdigest(), REQUESTS_PER_MINUTE="1000000", LOG_FORMAT="json",
                              WEBHOOK_SECRET="whsec_" + "A" * 43 + "=", WEBHOOK_ALLOW_PRIVATE="true")
        self.port, self.alive = self._server.port, self._server.alive
        self.reader, self.jobs, self.files, self.letters, self.keys = "", [], [], [], []

    def __enter__(self) -> "Product":
        try:
            self._server.start()
            self._wait(lambda: self._server.call("GET", "/health/ready")[0] == 200, "the server is ready")
            reader = self._call("POST", "/v1/keys", {"name": "reader", "role": "read"})
            self.reader = reader["key"]
            self.keys = [self._call("POST", "/v1/keys", {"name": f"key {number}", "role": "read"})["id"] for number in range(5)]
            self._make_jobs()
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_) -> None:
        self._server.stop()

    def log_of_errors(self) -> list:
        return [line for line in self._server.log.read_text(errors="replace").splitlines() if '"LogLevel":"Error"' in line or '"LogLevel":"Critical"' in line]

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
        status, content = self._server.call(method, path, body, Authorization=f"Bearer {self.admin}")
        if status not in (200, 201, 202):
            raise RuntimeError(f"{method} {path} was answered with {status}: {content}\n{self._server.log.read_text(errors='replace')[-3000:]}")
        return content

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
