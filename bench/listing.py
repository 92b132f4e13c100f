#!/usr/bin/env python3
"""Measures the list of many jobs.

    ./run.sh demo; python3 bench/listing.py [JOBS]

Has a server make JOBS (default 10,000) jobs of one trivial sample, with their datasets: 10 minutes. Then asks 20 times each for the first and a later page of 100, and for a page of one state, after a restart too. Prints seconds
and the server's processor time. Standard library alone.
"""

import concurrent.futures
import statistics
import sys
import time

from server import ROOT, Server, used

TIMES = 20


class Restarted(Server):
    """Another process on the same data folder."""

    def __init__(self, data, **settings):
        super().__init__(ROOT / "tests" / "generators", DATA_DIR=str(data), **settings)


def submit(server: Server, number: int) -> None:
    server.call("/v1/jobs", {"generators": ["ok-generator"], "samples": 1, "seed": number})


def measure(server: Server, what: str, path: str) -> dict:
    times, before = [], used(server.process.pid)
    for _ in range(TIMES):
        started = time.perf_counter()
        page = server.call(path)
        times.append(1000 * (time.perf_counter() - started))
    if len(page["items"]) != 100:
        raise AssertionError(f"{path}: {len(page['items'])} items")
    cpu = 1000 * (used(server.process.pid) - before) / TIMES
    print(f"| {what} | {times[0]:.0f} | {statistics.median(times):.0f} | {max(times[1:]):.0f} | {cpu:.0f} |", flush=True)
    return page


def measure_all(server: Server) -> None:
    print("| list | first answer, ms | median, ms | longest after the first, ms | processor, ms |\n| --- | --- | --- | --- | --- |")
    page = measure(server, "first page", "/v1/jobs?limit=100")
    measure(server, "second page", f"/v1/jobs?limit=100&cursor={page['next_cursor']}")
    measure(server, "first page of the jobs that succeeded", "/v1/jobs?limit=100&state=succeeded")


def main(jobs: int) -> None:
    settings = {"CHECK_GENERATORS": "false"}
    with Server(ROOT / "tests" / "generators", **settings) as server:
        started = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for each in [pool.submit(submit, server, number) for number in range(jobs)]:
                each.result()
        pending = server.data / "store" / "pending"
        while any(pending.iterdir()):
            time.sleep(1)
        print(f"{jobs} jobs after {time.perf_counter() - started:.0f} s")
        measure_all(server)
        server.process.terminate()
        server.process.wait(timeout=60)
        with Restarted(server.data, **settings) as again:
            measure_all(again)
            server.process = again.process


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or ["10000"]))
