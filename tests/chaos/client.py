"""What users do meanwhile. Every request may be lost, so each can be repeated."""

import dataclasses
import random
import time

FORMATS = ("files", "webdataset")
SEEDS = (100, 101)
MAX_SAMPLES = 60
MOST_OPEN = 3
ENDED = ("succeeded", "failed", "cancelled")


@dataclasses.dataclass
class Job:
    body: dict
    key: str
    id: str = ""
    state: str = ""
    deleted: bool = False
    retries: int = 0

    @property
    def fails(self) -> bool:
        return "raises-generator" in self.body["generators"]


class Client:
    def __init__(self, server, chance: random.Random, say):
        self.server, self._chance, self._say = server, chance, say
        self.jobs = []
        self._next = 0.0

    def samples(self) -> int:
        return sum(job.body["samples"] * len(job.body["generators"]) for job in self.jobs if not job.deleted)

    def step(self) -> None:
        """One thing, at most every 0.3 s."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 0.3
        self._look()
        open_jobs = [job for job in self.jobs if not job.deleted and job.state not in ENDED]
        if unsent := [job for job in self.jobs if not job.id]:
            self._submit(unsent[0])
        elif len(open_jobs) < MOST_OPEN:
            self.jobs.append(self._new())
            self._submit(self.jobs[-1])
        elif self._chance.random() < 0.15:
            self._operate(self._chance.choice(open_jobs))
        elif (ended := [job for job in self.jobs if job.state in ENDED and not job.deleted]) and self._chance.random() < 0.1:
            self._after_its_end(self._chance.choice(ended))

    def finish(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            self._look()
            for job in self.jobs:
                if not job.id:
                    self._submit(job)
                elif job.state == "paused":
                    self.server.call("POST", f"/v1/jobs/{job.id}/resume")
                elif job.state == "cancelled":
                    self.server.call("POST", f"/v1/jobs/{job.id}/retry")
                elif job.deleted and job.state != "gone":
                    self._delete(job)
            if all(self._settled(job) for job in self.jobs):
                return
            time.sleep(0.5)
        waiting = [f"{job.id} is {job.state}" for job in self.jobs if not self._settled(job)]
        raise TimeoutError(f"not every job ended in time: {', '.join(waiting)}")

    def _settled(self, job: Job) -> bool:
        if job.deleted:
            return job.state == "gone"
        if job.state not in ("succeeded", "failed"):
            return False
        status, view = self.server.call("GET", f"/v1/jobs/{job.id}")
        return status == 200 and view["dataset"]["state"] == "ready"

    def _new(self) -> Job:
        chance = self._chance
        kind = chance.choice(["plain", "plain", "unique", "failing"])
        generators = {"plain": ["ok-generator", "repeats-generator"], "unique": ["repeats-generator"], "failing": ["raises-generator", "ok-generator"]}[kind]
        body = {"generators": generators, "samples": 30 if kind == "unique" else chance.randrange(10, MAX_SAMPLES), "batch_size": chance.choice([3, 7, 20]),
                "seed": chance.choice(SEEDS), "output_format": chance.choice(FORMATS)}
        if kind == "unique":
            body["unique"] = True
        return Job(body, f"chaos-{len(self.jobs)}-{chance.randrange(10**9)}")

    def _submit(self, job: Job) -> None:
        status, view = self.server.call("POST", "/v1/jobs", job.body, **{"Idempotency-Key": job.key})
        if status in (200, 202):
            job.id, job.state = view["id"], view["state"]
            self._say(f"job {job.id}: {job.body}")
        elif status != 0:
            raise AssertionError(f"a submission was answered with {status}: {view}")

    def _look(self) -> None:
        for job in self.jobs:
            if job.id and not job.deleted:
                status, view = self.server.call("GET", f"/v1/jobs/{job.id}")
                if status == 200:
                    job.state = view["state"]
                elif status not in (0, 503):
                    raise AssertionError(f"job {job.id} was answered with {status}: {view}")

    def _operate(self, job: Job) -> None:
        if job.state == "paused":
            self._say_what(job, "resume")
        elif job.id:
            self._say_what(job, self._chance.choice(["pause", "cancel", "retry"]))

    def _after_its_end(self, job: Job) -> None:
        if self._chance.random() < 0.5:
            job.deleted = True
            self._say(f"job {job.id}: delete")
            self._delete(job)
        elif job.state in ("failed", "cancelled") and job.retries < 2:
            job.retries += 1
            self._say_what(job, "retry")

    def _say_what(self, job: Job, verb: str) -> None:
        status, _ = self.server.call("POST", f"/v1/jobs/{job.id}/{verb}")
        self._say(f"job {job.id}: {verb} ({status or 'no answer'})")
        # 409: its state changed meanwhile.
        if status not in (0, 200, 202, 409, 503):
            raise AssertionError(f"{verb} was answered with {status}")

    def _delete(self, job: Job) -> None:
        status, _ = self.server.call("DELETE", f"/v1/jobs/{job.id}")
        if status in (204, 404):
            job.state = "gone"
        elif status not in (0, 202, 409, 503):
            raise AssertionError(f"DELETE was answered with {status}")
