"""Measures the product against the obvious ways, pair by pair in one run, and prints tables.

The built-in chess and maze generators are always measured; --generator adds others, such as cloned repositories, and --generators all that a
folder holds. --json FOLDER keeps the rows (results.py).
Build first: ./run.sh does. Run it with the Python that runs the generators, and TMPDIR in memory: README.md tells why.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import results
from server import ROOT, Server

PYTHON = os.environ.get("PYTHON", sys.executable)
# The loops run as on anybody's machine: with compiled modules kept.
PLAIN = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
BUILT_IN = ROOT / "generators"
WORKERS = os.cpu_count()
# What loops leave goes when all is measured: a file system may be slow for minutes after many files were removed.
LEFT = "vmds-bench-left-"
RATIOS = {"plain": "times faster than a plain loop", "warm": "time by that of warm loops"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", action="append", default=[], type=pathlib.Path, metavar="FOLDER",
                        help="another generator to measure; may be repeated")
    parser.add_argument("--generators", type=pathlib.Path, metavar="FOLDER", help="a folder of generators, all of which are measured")
    parser.add_argument("--json", type=pathlib.Path, metavar="FOLDER", help="where the rows of plain and warm are kept")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs, 1 or more (default 5)")
    measures = {"plain": plain, "warm": warm, "memory": memory, "status": status}
    parser.add_argument("what", nargs="*", metavar="|".join(measures), help="default: all")
    asked = parser.parse_args()
    if unknown := set(asked.what) - set(measures):
        parser.error(f"{', '.join(unknown)} is not a measure; allowed: {', '.join(measures)}")
    with tempfile.TemporaryDirectory(prefix="vmds-bench-") as folder:
        others = asked.generator + sorted(path for path in (asked.generators.iterdir() if asked.generators else ())
                                          if (path / "examples").is_dir())
        generators = gather(pathlib.Path(folder), others)
        for what in asked.what or measures:
            rows = measures[what](generators, asked.pairs)
            if asked.json and rows:
                print(f"\n{results.save(asked.json, what, RATIOS[what], rows)}")


def gather(folder: pathlib.Path, others: list) -> pathlib.Path:
    """One generators directory with copies of all that is measured."""
    always = [BUILT_IN / name for name in ("_shared", "chess-task-data-generator", "maze-data-generator")]
    for path in dict.fromkeys(path.resolve() for path in always + others):
        if (folder / path.name).exists():
            sys.exit(f"{path}: another generator that is measured has this folder's name; allowed: one of each name.")
        shutil.copytree(path, folder / path.name)
    return folder


def names(generators: pathlib.Path) -> list:
    return sorted(folder.name for folder in generators.iterdir() if folder.name[0] != "_")


def plain(generators: pathlib.Path, pairs: int) -> list:
    rows = []
    print(f"\nAgainst a plain loop (python examples/generate.py --num-samples N, then copy file by file); {WORKERS} cores")
    print("The service is running and has met the generator before; its time is that until the dataset is written.")
    print("Seconds are medians; the ratio is that of each pair.\n")
    print("| generator | N | plain loop s | product s | times faster: median (min to max) |")
    print("| --- | --- | --- | --- | --- |")
    with Server(generators) as server, tempfile.TemporaryDirectory(prefix=LEFT) as left:
        for name in names(generators):
            warm_up(server, name)
            for samples in (10, 100):
                loop, product = [], []
                for pair in range(pairs):
                    in_turns(pair, lambda: loop.append(plain_loop(generators / name, samples, 100 + pair, left)),
                             lambda: product.append(server.make(generators=[name], samples=samples, seed=100 + pair)))
                rows.append(row(name, samples, loop, product, [a / b for a, b in zip(loop, product)]))
    return rows


def warm_up(server: Server, name: str) -> None:
    """A job as large as those that are measured: a server lives long, and compiles what it calls often once more."""
    server.make(generators=[name], samples=WORKERS * 100, seed=1)


def in_turns(pair: int, *sides) -> None:
    """Neither side always follows the other."""
    for side in sides if pair % 2 == 0 else reversed(sides):
        side()


def plain_loop(generator: pathlib.Path, samples: int, seed: int, left: str) -> float:
    folder = pathlib.Path(tempfile.mkdtemp(dir=left))
    output, store = folder / "out", folder / "store"
    started = time.perf_counter()
    subprocess.run([PYTHON, "examples/generate.py", "--num-samples", str(samples), "--seed", str(seed), "--output", str(output)],
                   cwd=generator, env=PLAIN, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for path in sorted(output.rglob("*")):
        if path.is_file():
            target = store / path.relative_to(output)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return time.perf_counter() - started


def warm(generators: pathlib.Path, pairs: int) -> list:
    samples, rows = 200, []
    print(f"\nAgainst a warm in-process loop with default malloc: {WORKERS} loops of {samples} samples at once, one a core,")
    print(f"and a job of {WORKERS * samples} samples. Imports are paid before in both; the product also checks, names and stores,\nand its time is that until the dataset is written.\n")
    print("| generator | samples | warm loops s | product s | product's time / loop's: median (min to max) |")
    print("| --- | --- | --- | --- | --- |")
    with Server(generators) as server, tempfile.TemporaryDirectory(prefix=LEFT) as left:
        for name in names(generators):
            warm_up(server, name)
            loop, product = [], []
            for pair in range(pairs):
                seed = 1_000 * (pair + 1)
                in_turns(pair, lambda: loop.append(warm_loops(generators / name, samples, seed, left)),
                         lambda: product.append(server.make(generators=[name], samples=WORKERS * samples, seed=seed)))
            rows.append(row(name, WORKERS * samples, loop, product, [b / a for a, b in zip(loop, product)]))
    return rows


def warm_loops(generator: pathlib.Path, samples: int, seed: int, left: str) -> float:
    loops = [subprocess.Popen([PYTHON, str(ROOT / "bench/warm_loop.py"), str(generator), str(samples), str(seed + samples * core),
                               tempfile.mkdtemp(dir=left)], cwd=generator, env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for core in range(WORKERS)]
    return max(float(loop.communicate()[0]) for loop in loops)


def memory(generators: pathlib.Path, pairs: int) -> None:
    print("\nPeak memory (proportional set size) of server, worker and generator host, for 1,000 samples of maze-data-generator\n")
    print("| batch size | peak MB: median (min to max) |")
    print("| --- | --- |")
    peaks = {100: [], 1_000: []}
    for _ in range(min(pairs, 3)):
        for batch_size, seen in peaks.items():
            with Server(generators) as server, server.peak_memory() as watch:
                server.run(generators=["maze-data-generator"], samples=1_000, batch_size=batch_size, seed=5)
            seen.append(watch.peak)
    for batch_size, seen in peaks.items():
        print(f"| {batch_size} | {spread(seen, '.0f')} |")
    print(f"\n1,000 against 100: {statistics.median(peaks[1_000]) / statistics.median(peaks[100]):.3f}")


def status(generators: pathlib.Path, pairs: int) -> None:
    batches = 2_000
    with Server(ROOT / "tests/generators") as server:
        server.run(generators=["ok-generator"], samples=batches, batch_size=1, seed=5)
        times = []
        for _ in range(20 * pairs):
            started = time.perf_counter()
            server.call(f"/v1/jobs/{server.job}")
            times.append(1_000 * (time.perf_counter() - started))
    print(f"\nGET /v1/jobs/{{id}} of a job with {batches} finished batches: {spread(times, '.1f')} ms, median (min to max);")
    print("LISTs: one each of sent/, done/ and dead/, and no object is opened but job.json, once.")


def row(name: str, samples: int, loop: list, product: list, ratios: list) -> dict:
    print(f"| {name} | {samples} | {statistics.median(loop):.2f} | {statistics.median(product):.2f} | {spread(ratios, '.2f')} |", flush=True)
    return results.pair_row({"generator": name, "samples": samples}, product, loop, ratios)


def spread(values: list, form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


if __name__ == "__main__":
    main()
