"""Compares what a sample costs with two builds of the product, in processor time: a check for changes, in five minutes.

usage: compare.py OTHER [--generator FOLDER] [--samples N] [--pairs N]

OTHER is another clone of the repository, such as one of the commit before, built with its ./run.sh demo; this one is built likewise.
Both take turns: a server of each makes a job of N samples twice and is measured in the second. Prints processor milliseconds a sample
of the server, of the lanes' supervisors and of the processes that draw, those of the clock, in which processors may stand idle, and the
ratio of each pair. Processor time depends less than seconds on what else the machine does; ratios of a quiet machine differ by some
hundredths. Linux; run it with the Python that runs the generators, and TMPDIR in memory: README.md tells why.
"""

import argparse
import pathlib
import statistics

import server
from server import ROOT, Server, tree

PARTS = ("server", "supervisors", "drawing", "altogether", "on the clock")


def spent(process: int) -> dict:
    """Processor seconds of each process of a server so far, exact to the nanosecond."""
    found = {}
    for pid in tree(process):
        try:
            threads = [file.read_text() for file in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")]
        except OSError:
            continue  # it has ended meanwhile
        found[pid] = sum(int(text.split()[0]) for text in threads) / 1e9
    return found


def measure(clone: pathlib.Path, generator: pathlib.Path, samples: int, seed: int) -> list:
    """Milliseconds a sample of each part."""
    server.SERVER = clone / "src/ControlPlane/bin/Release/net10.0/ControlPlane.dll"
    with Server(generator.parent, CHECK_GENERATORS="false") as running:
        running.make(generators=[generator.name], samples=samples, seed=seed)
        before = spent(running.process.pid)
        taken = running.make(generators=[generator.name], samples=samples, seed=seed + samples)
        after = spent(running.process.pid)
        depths = tree(running.process.pid)
    parts = dict.fromkeys(PARTS, 0.0)
    for pid, seconds in after.items():
        # Below the server: the zygote, which does nothing meanwhile, the lanes' supervisors, and what they start.
        parts[PARTS[max(0, min(depths.get(pid, 0), 3) - 1)]] += 1000 * (seconds - before.get(pid, 0)) / samples
    parts["altogether"] = sum(parts.values())
    parts["on the clock"] = 1000 * taken / samples
    return [parts[name] for name in PARTS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("--generator", type=pathlib.Path, default=ROOT / "generators/chess-task-data-generator")
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--pairs", type=int, default=5)
    asked = parser.parse_args()
    clones = (asked.other.resolve(), ROOT)
    found = {clone: [] for clone in clones}
    for pair in range(asked.pairs):
        for clone in clones if pair % 2 == 0 else reversed(clones):
            found[clone].append(measure(clone, asked.generator.resolve(), asked.samples, 1_000_000 * (pair + 1)))
    print("| part | other, ms a sample | this, ms a sample | this / other: median (min to max) |\n| --- | --- | --- | --- |")
    for number, part in enumerate(PARTS):
        before, now = ([run[number] for run in found[clone]] for clone in clones)
        ratios = [b / a for a, b in zip(before, now)]
        print(f"| {part} | {statistics.median(before):.2f} | {statistics.median(now):.2f} | {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f} to {max(ratios):.2f}) |")


if __name__ == "__main__":
    main()
