#!/usr/bin/env python3
"""Measures how long the worker's start as a Lambda function takes, until it asks for its first event.

    ./run.sh demo; python3 bench/lambda_init.py [RUNS]

Publishes the worker as Dockerfile.worker does, with ReadyToRun, and starts it under a fake Runtime API: on one processor, and on 0.58 of
one, which Lambda gives with 1,024 MB; with its files in the page cache, and without (as root, on Linux: the cache is dropped before each
start). 0.58 is had by stopping all of its processes for 42 of 100 ms. Prints seconds. Standard library alone.
"""

import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from server import ROOT, publish

sys.path.insert(0, str(ROOT / "tests" / "deploy"))

from lambda_runtime import LambdaRuntime, signal_tree  # noqa: E402

PERIOD = 0.1  # seconds


def throttle(pid: int, share: float, end: threading.Event) -> None:
    """Lets a process and all below it run for a share of the time."""
    while not end.wait(PERIOD * share):
        signal_tree(pid, signal.SIGSTOP)
        end.wait(PERIOD * (1 - share))
        signal_tree(pid, signal.SIGCONT)


def start(program: pathlib.Path, share: float, cold: bool, scratch: str) -> float:
    if cold:
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    with LambdaRuntime() as runtime:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOTNET_Tiered", "AWS_"))}
        environment |= {**runtime.environment(memory_mb=round(1769 * share)), "GENERATORS_DIR": str(ROOT / "generators"), "AWS_REGION": "eu-west-1",
                        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "OUTPUT_BUCKET": "bench", "SCRATCH_DIR": scratch,
                        "SQS_QUEUE_URL": "http://127.0.0.1:9/0/tasks", "SQS_DLQ_URL": "http://127.0.0.1:9/0/dead", "DOTNET_TieredPGO": "0",
                        "DOTNET_EnableDiagnostics": "0"}
        begin, end = time.monotonic(), threading.Event()
        process = subprocess.Popen(["taskset", "-c", "0", "dotnet", str(program)], env=environment, stdout=subprocess.DEVNULL)
        slowing = threading.Thread(target=throttle, args=(process.pid, share, end))
        if share < 1:
            slowing.start()
        try:
            runtime.wait_until_idle(120)
            return time.monotonic() - begin
        finally:
            end.set()
            if share < 1:
                slowing.join()
            signal_tree(process.pid, signal.SIGCONT)
            process.terminate()
            process.wait(timeout=60)


def main(runs: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = publish(ROOT, "Worker", pathlib.Path(folder), ahead=True)
        print("| processor | page cache | s until the first event is asked for: median (least to most) |\n| --- | --- | --- |")
        for share in (1.0, 0.58):
            for cold in (False, True):
                found = [start(program, share, cold, f"{folder}/scratch") for _ in range(int(runs))]
                print(f"| {share:g} | {'dropped' if cold else 'warm'} | {statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f}) |",
                      flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
