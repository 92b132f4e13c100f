#!/usr/bin/env python3
"""Measures what a user waits for after a start, with tiered compilation on and off.

    ./run.sh demo; python3 bench/first_job.py [RUNS [SAMPLES]]

Starts the built server RUNS times (default 5) with each setting, in turns, and has it make three jobs of SAMPLES (default 300) trivial
samples, one after another. Prints medians: seconds until the server listens, until the first POST is answered, until the first sample
and the first dataset are there; and the server's processor time, for each sample of the jobs and altogether. Standard library alone.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
SERVER = ROOT / "src" / "ControlPlane" / "bin" / "Release" / "net10.0" / "ControlPlane.dll"
TICKS = os.sysconf("SC_CLK_TCK")
COLUMNS = ("listens, s", "first POST, s", "first sample, s", "first dataset, s", "first job, ms", "second job, ms", "third job, ms", "altogether, s")


def used(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def call(url: str, body=None):
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=60) as answer:
        return json.load(answer)


def make(server: str, samples: int, seed: int) -> tuple:
    """Seconds until the POST's answer, the first sample and the dataset."""
    begin = time.monotonic()
    job = call(f"{server}/v1/jobs", {"generators": ["ok-generator"], "samples": samples, "seed": seed})
    posted, first = time.monotonic() - begin, None
    while True:
        view = call(f"{server}/v1/jobs/{job['id']}")
        if first is None and view["samples"]["done"]:
            first = time.monotonic() - begin
        if view.get("dataset", {}).get("state") == "ready":
            return posted, first, time.monotonic() - begin
        time.sleep(0.25 if first else 0.02)


def measure(tiered: str, samples: int) -> tuple:
    with tempfile.TemporaryDirectory() as data:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOTNET_T", "AWS_", "ASPNETCORE_"))}
        environment |= {"DOTNET_TieredCompilation": tiered, "DATA_DIR": data, "PORT": "0", "CHECK_GENERATORS": "false",
                        "GENERATORS_DIR": str(ROOT / "tests" / "generators")}
        begin = time.monotonic()
        process = subprocess.Popen(["dotnet", str(SERVER)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            found = next(filter(None, (re.search(r"Now listening on: (\S+)", line) for line in process.stdout)), None)
            if found is None:
                raise SystemExit("the server ended; ./run.sh demo builds it and finds a Python for PYTHON")
            listens, jobs, costs = time.monotonic() - begin, [], []
            for seed in (1, 100_000, 200_000):
                before = used(process.pid)
                jobs.append(make(found[1], samples, seed))
                costs.append((used(process.pid) - before) / samples * 1000)
            return (listens, *jobs[0], *costs, used(process.pid))
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


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
