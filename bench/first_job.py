#!/usr/bin/env python3
"""Measures what a user waits for after a start, with tiered compilation on and off.

    ./run.sh demo; python3 bench/first_job.py [RUNS [SAMPLES [GENERATOR]]]

Starts the built server RUNS times (default 5) with each setting, in turns, and has it make three jobs of SAMPLES (default 300) samples,
one after another, of GENERATOR (default a trivial one of the tests). Prints medians: seconds until the server listens; after the first
POST was sent, until it is answered, until the first sample is in the store, until the status counts one, which it does by batches, and
until the first dataset is there; and the server's processor time, for each sample of the jobs and altogether. Standard library alone.
"""

import statistics
import sys
import time

from server import ROOT, Server, used

COLUMNS = ("listens, s", "first POST, s", "first sample, s", "first counted, s", "first dataset, s", "first job, ms", "second job, ms", "third job, ms", "altogether, s")


def make(server: Server, generator: str, samples: int, seed: int) -> tuple:
    """Seconds until the POST's answer, the first sample, the first that is counted, and the dataset."""
    begin = time.monotonic()
    job = server.call("/v1/jobs", {"generators": [generator], "samples": samples, "seed": seed})
    posted, first, counted = time.monotonic() - begin, None, None
    data = server.data / "store" / "jobs" / job["id"] / "data"
    while True:
        if first is None:
            if next(data.glob("*/*/*/metadata.json"), None):
                first = time.monotonic() - begin
            time.sleep(0.005)
            continue
        view = server.call(f"/v1/jobs/{job['id']}")
        if counted is None and view["samples"]["done"]:
            counted = time.monotonic() - begin
        if view.get("dataset", {}).get("state") == "ready":
            return posted, first, counted, time.monotonic() - begin
        time.sleep(0.25 if counted else 0.02)


def measure(tiered: str, samples: int, generator: str) -> tuple:
    begin = time.monotonic()
    folders = f"{ROOT / 'tests' / 'generators'}:{ROOT / 'generators'}"
    with Server(folders, "/health/live", DOTNET_TieredCompilation=tiered, CHECK_GENERATORS="false") as server:
        listens, jobs, costs = time.monotonic() - begin, [], []
        for seed in (1, 100_000, 200_000):
            before = used(server.process.pid)
            jobs.append(make(server, generator, samples, seed))
            costs.append((used(server.process.pid) - before) / samples * 1000)
        return (listens, *jobs[0], *costs, used(server.process.pid))


def main(runs: int = 5, samples: int = 300, generator: str = "ok-generator") -> None:
    measured = {"on": [], "off": []}
    for run in range(int(runs)):
        # Backwards every other time, so that neither always follows the other.
        for name in measured if run % 2 == 0 else reversed(measured):
            measured[name].append(measure("1" if name == "on" else "0", int(samples), generator))
    print(f"| TieredCompilation | {' | '.join(COLUMNS)} |\n|{' --- |' * (len(COLUMNS) + 1)}")
    for name, found in measured.items():
        print(f"| {name} | {' | '.join(f'{statistics.median(column):.2f}' for column in zip(*found))} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
