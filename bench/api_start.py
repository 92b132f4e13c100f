#!/usr/bin/env python3
"""Measures the API's start, to its first answer, with the settings that the image can have.

    python3 bench/api_start.py [RUNS [CLONE]]

Publishes the API plain and compiled ahead (ReadyToRun) into a temporary folder, then starts each RUNS times (default 5) with tiered
compilation on and off, in turns; with CLONE, a clone of this repository at another commit, the API of that too. Prints the median
processor seconds of the process, which other load disturbs least, and wall seconds. Standard library alone.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from server import ROOT, publish, used

KINDS = {"plain": False, "ReadyToRun": True}


def start(program: pathlib.Path, tiered: str) -> tuple:
    """Processor and wall seconds until the server listens, and until it has answered."""
    with tempfile.TemporaryDirectory() as data:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOTNET_Tiered", "AWS_", "ASPNETCORE_"))}
        environment |= {"DOTNET_TieredCompilation": tiered, "DOTNET_TieredPGO": "0", "DATA_DIR": data, "PORT": "0", "EMBEDDED_WORKER": "false",
                        "GENERATORS_DIR": str(ROOT / "generators")}
        begin = time.monotonic()
        process = subprocess.Popen(["dotnet", str(program)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            log = []
            for line in process.stdout:
                log.append(line)
                if found := re.search(r"Now listening on: (\S+)", line):
                    break
            else:
                raise SystemExit("the API ended: " + "".join(log))
            listening = used(process.pid), time.monotonic() - begin
            with urllib.request.urlopen(f"{found[1]}/v1/jobs", timeout=60) as answer:
                answer.read()
            return (*listening, used(process.pid), time.monotonic() - begin)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def main(runs: int, clones: list) -> None:
    roots = {"this": ROOT, **{"clone": pathlib.Path(clone).resolve() for clone in clones}}
    kinds = {(name, kind): (root, ahead) for name, root in roots.items() for kind, ahead in KINDS.items()}
    with tempfile.TemporaryDirectory() as folder:
        programs = {kind: publish(root, "ControlPlane", pathlib.Path(folder, *kind), ahead) for kind, (root, ahead) in kinds.items()}
        variants = [(kind, tiered) for kind in kinds for tiered in ("0", "1")]
        measured = {variant: [] for variant in variants}
        for run in range(runs):
            # Backwards every other time, so that no variant always follows the same one.
            for kind, tiered in variants if run % 2 == 0 else reversed(variants):
                measured[kind, tiered].append(start(programs[kind], tiered))
    print("| Sources | Build | TieredCompilation | CPU s to listening | CPU s to the first answer | wall s to the first answer |\n| --- | --- | --- | --- | --- | --- |")
    for ((name, kind), tiered), found in measured.items():
        listening, _, answered, wall = (statistics.median(column) for column in zip(*found))
        print(f"| {name} | {kind} | {'on' if tiered == '1' else 'off'} | {listening:.2f} | {answered:.2f} | {wall:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:3])
