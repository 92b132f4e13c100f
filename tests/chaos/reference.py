"""The samples of a run without faults: what every other run must give, byte for byte."""

import hashlib
import pathlib
import time

from client import MAX_SAMPLES, SEEDS

GENERATORS = ("ok-generator", "repeats-generator", "raises-generator")
# Jobs that replace duplicates look at further indices.
INDICES = MAX_SAMPLES + 60


class Reference:
    def __init__(self):
        self._samples = {}

    @staticmethod
    def draw(server, deadline: float) -> "Reference":
        reference = Reference()
        server.start()
        try:
            for seed in SEEDS:
                _, job = server.call("POST", "/v1/jobs", {"generators": list(GENERATORS), "samples": INDICES, "batch_size": 40, "seed": seed})
                while job["state"] in ("submitting", "running"):
                    if time.monotonic() > deadline:
                        raise TimeoutError("the reference was not drawn in time")
                    time.sleep(0.2)
                    job = server.call("GET", f"/v1/jobs/{job['id']}")[1] or job
                reference._read(seed, server.data / "store" / "jobs" / job["id"] / "data")
        finally:
            server.stop()
        return reference

    def _read(self, seed: int, data: pathlib.Path) -> None:
        for generator in GENERATORS:
            for sample in (data / generator).glob("*_task/*"):
                self._samples[generator, seed, int(sample.name[-8:])] = {file.name: digest(file.read_bytes()) for file in sample.iterdir()}

    def sample(self, generator: str, seed: int, index: int) -> "dict | None":
        """File names and hashes; None for one that fails."""
        return self._samples.get((generator, seed, index))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
