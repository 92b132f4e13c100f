"""Makes one long job of small samples and watches what grows: memory, open files, files in the scratch folder.

usage: soak.py [--samples N] [--batch N]

Prints a row each tenth of the job, and at its end compares the indices of the dataset's table with those that were asked for. Run it
with the Python that runs the generators, after ./run.sh demo.
"""

import argparse
import json
import os
import pathlib
import time

from server import ROOT, Server, pss, tree


def row(server: Server, done: int, started: float, scratch: pathlib.Path) -> None:
    lanes = [pid for pid in tree(server.process.pid) if pid != server.process.pid]
    descriptors = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    files = sum(len(names) + len(folders) for _, folders, names in os.walk(scratch))
    print(f"| {done} | {time.perf_counter() - started:.0f} | {pss(server.process.pid) / 1024:.0f} | {sum(map(pss, lanes)) / 1024:.0f} | "
          f"{len(lanes)} | {descriptors} | {files} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=500)
    asked = parser.parse_args()
    print("| samples | s | server, MB | generator host, MB | its processes | open files of the server | files in scratch |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with Server(ROOT / "tests/generators", CHECK_GENERATORS="false") as server:
        started = time.perf_counter()
        job = {"generators": ["ok-generator"], "samples": asked.samples, "batch_size": asked.batch, "seed": 5,
               "output_format": "webdataset"}
        view = server.call("/v1/jobs", job)
        scratch, steps = server.data / "scratch", 0
        while view["state"] in ("submitting", "running") or view["dataset"]["state"] != "ready":
            time.sleep(0.5)
            view = server.call(f"/v1/jobs/{view['id']}")
            tenth = view["samples"]["done"] * 10 // asked.samples
            if tenth > steps:
                row(server, view["samples"]["done"], started, scratch)
                steps = tenth
        if view["state"] != "succeeded":
            raise SystemExit(f"the job ended as {view['state']}")
        tables = (server.data / "store/jobs" / view["id"]).rglob("*.jsonl")
        indices = sorted(json.loads(line)["index"] for table in tables for line in table.open() if '"index"' in line)
        print(f"\n{len(indices)} rows in the dataset's tables; every index there, once: {indices == list(range(asked.samples))}")


if __name__ == "__main__":
    main()
