#!/usr/bin/env python3
"""Measures what a user waits for after a start, with tiered compilation on and off.

    ./run.sh demo; python3 bench/first_job.py [RUNS [SAMPLES]]

Starts the built server RUNS times (default 5) with each setting, in turns, and has it make three jobs of SAMPLES (default 300) trivial
samples, one after another. Prints medians: seconds until the server listens, until the first POST is answered, until the first sample
and the first dataset are there; and the server's processor time, for each sample of the jobs and altogether. Standard library alone.
"""

import statistics
import sys
import time

from server import ROOT, Server, used

COLUMNS = ("listens, s", "first POST, s", "first sample, s", "first dataset, s", "first job, ms", "second job, ms", "third job, ms", "altogether, s")


def make(server: Server, samples: int, seed: int) -> tuple:
    """Seconds until the POST's answer, the first sample and the dataset."""
    begin = time.monotonic()
    job = server.call("/v1/jobs", {"generators": ["ok-generator"], "samples": samples, "seed": seed})
    posted, first = time.monotonic() - begin, None
    while True:
        view = server.call(f"/v1/jobs/{job['id']}")
        if first is None and view["samples"]["done"]:
            first = time.monotonic() - begin
        if view.get("dataset", {}).get("state") == "ready":
            return posted, first, time.monotonic() - begin
        time.sleep(0.25 if first else 0.02)


def measure(tiered: str, samples: int) -> tuple:
    begin = time.monotonic()
    with Server(ROOT / "tests" / "generators", "/health/live", DOTNET_TieredCompilation=tiered, CHECK_GENERATORS="false") as server:
        listens, jobs, costs = time.monotonic() - begin, [], []
        for seed in (1, 100_000, 200_000):
            before = used(server.process.pid)
            jobs.append(make(server, samples, seed))
            costs.append((used(server.process.pid) - before) / samples * 1000)
        return (listens, *jobs[0], *costs, used(server.process.pid))


def main(runs: int, samples: int) -> None:
    measured = {"on": [], "off": []}
    for run in range(runs):
        # Backwards every other time, so that neither always follows the other.
        for name in measured if run % 2 == 0 else reversed(measured):
            measured[name].append(measure("1" if name == "on" else "0", samples))
    print(f"| TieredCompilation | {' | '.join(COLUMNS)} |\n|{' --- |' * (len(COLUMNS) + 1)}")
    for name, found in measured.items():
        print(f"| {name} | {' | '.join(f'{statistics.median(column):.2f}' for column in zip(*found))} |")


if __name__ == "__main__":
    main(*(int(text) for text in (sys.argv[1:] + ["5", "300"][len(sys.argv[1:]):])))
