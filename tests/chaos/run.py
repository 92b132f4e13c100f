"""Kills and stops the running product at random moments and then checks every sample of every job.

    ./run.sh demo                          builds
    python3 tests/chaos/run.py             30 kills (SIGKILL of the server), 10 stops (SIGSTOP of a Python process below it)
    python3 tests/chaos/run.py --kills 5 --stops 2 --seed 7

While faults happen, a client submits jobs of both formats, with and without duplicates replaced, with generators that fail, and retries, pauses,
resumes and deletes them. At the end every job must have ended; the samples must be exactly those of a run without faults, byte for byte, without a
hole or a duplicate; `SHA256SUMS` must verify; of deleted jobs nothing but their events may be left; no Python process may be left.

The same seed gives the same jobs and the same plan of faults; what a fault meets depends on the machine. Needs the Python that runs the generators.
"""

import argparse
import pathlib
import random
import sys
import tempfile
import time

import processes
from client import Client
from faults import Faults
from reference import Reference
from verdict import check

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "product"))

from server import Server  # noqa: E402

SETTINGS = {"LANES": "2", "SAMPLE_TIMEOUT_SECONDS": "8"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30, help="0 or more (default 30)")
    parser.add_argument("--stops", type=int, default=10, help="0 or more (default 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the jobs and of the plan of faults (default 1)")
    parser.add_argument("--minutes", type=float, default=20, help="after which the run fails (default 20)")
    asked = parser.parse_args()
    started = time.monotonic()
    deadline = started + asked.minutes * 60

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory(prefix="vmds-chaos-") as folder:
        folder = pathlib.Path(folder)
        say("drawing the samples of a run without faults")
        reference = Reference.draw(Server(folder / "reference", **SETTINGS), deadline)
        server = Server(folder / "data", **SETTINGS)
        server.start()
        try:
            client = Client(server, random.Random(asked.seed), say)
            faults = Faults(server, random.Random(asked.seed + 1), asked.kills, asked.stops, say)
            while faults.left:
                client.step()
                faults.step(deadline)
            say("no more faults: waiting for every job's end")
            client.finish(deadline)
            problems = check(client.jobs, server, reference)
        finally:
            server.stop()
        problems += [f"a process is left after the server's end: {line}" for line in processes.that_name(str(server.data))]
        (pathlib.Path(tempfile.gettempdir()) / "vmds-chaos.log").write_bytes(server.log.read_bytes())
    for problem in problems:
        say(f"PROBLEM: {problem}")
    say(f"{len(client.jobs)} jobs, {client.samples()} samples checked, {asked.kills} kills, {asked.stops} stops: "
        + (f"{len(problems)} problems" if problems else "no hole, no duplicate, every sum verifies"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
