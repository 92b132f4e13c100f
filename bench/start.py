#!/usr/bin/env python3
"""Measures what a user waits for who runs ./run.sh of a tree that has not changed, and then posts a first job.

    ./run.sh demo; python3 bench/start.py [RUNS [GENERATOR]]

Each of RUNS (default 5) has an empty data folder and a port of its own. Prints each and the medians, in seconds: from the command until
/health/live and /health/ready are answered; from the first POST, sent then, until its answer, until its first sample is in the store and
until all 20 are counted; and the answer to a second POST. Standard library alone.
"""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from server import ROOT, call, free_port

COLUMNS = ("live", "ready", "first POST", "first sample", "20 samples", "second POST")


def until(found) -> float:
    """Polls until the function finds something; the time then."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if found():
                return time.monotonic()
        except OSError:
            pass
        time.sleep(0.005)
    raise TimeoutError("90 s")


def measure(generator: str) -> tuple:
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        begin = time.monotonic()
        process = subprocess.Popen(["./run.sh"], cwd=ROOT, env={**os.environ, "DATA_DIR": data, "PORT": str(port)},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            live = until(lambda: call(f"{server}/health/live") or True) - begin
            ready = until(lambda: call(f"{server}/health/ready") or True) - begin
            begin = time.monotonic()
            job = call(f"{server}/v1/jobs", {"generators": [generator], "samples": 20, "seed": 1})["id"]
            posted = time.monotonic() - begin
            store = pathlib.Path(data) / "store" / "jobs" / job / "data"
            first = until(lambda: next(store.glob("*/*/*/metadata.json"), None)) - begin
            whole = until(lambda: call(f"{server}/v1/jobs/{job}")["samples"]["done"] == 20) - begin
            begin = time.monotonic()
            call(f"{server}/v1/jobs", {"generators": [generator], "samples": 20, "seed": 100})
            return live, ready, posted, first, whole, time.monotonic() - begin
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def main(runs: int = 5, generator: str = "chess-task-data-generator") -> None:
    print(f"| run | {' | '.join(COLUMNS)} |\n|{' --- |' * (len(COLUMNS) + 1)}")
    rows = []
    for run in range(int(runs)):
        rows.append(measure(generator))
        print(f"| {run + 1} | {' | '.join(f'{value:.2f}' for value in rows[-1])} |", flush=True)
    print(f"| median | {' | '.join(f'{statistics.median(column):.2f}' for column in zip(*rows))} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
