"""Runs ten jobs of different generators, formats and batch sizes on a local server and compares each with its plan.

The generators are calibrated first, as POST /v1/jobs/plan does it. Build first: ./run.sh does. About 5 minutes.
"""

import argparse
import pathlib
import shutil
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from server import ROOT, Server  # noqa: E402

CHESS, MAZE, SUDOKU = "chess-task-data-generator", "maze-data-generator", "sudoku-data-generator"
HANOI, SORTING = "tower-of-hanoi-data-generator", "object-sorting-data-generator"
GRAPH, MIRROR = "graph-shortest-path-data-generator", "mirror-reflection-data-generator"
SLIDING = "sliding-puzzle-data-generator"
ALL = [CHESS, MAZE, SUDOKU, HANOI, SORTING, GRAPH, MIRROR, SLIDING]

JOBS = [
    ([CHESS], 100, 10, "files"),
    ([MAZE], 200, 50, "webdataset"),
    ([SUDOKU], 150, 25, "files"),
    ([HANOI], 100, 100, "webdataset"),
    ([SORTING, MIRROR], 100, 20, "files"),
    ([GRAPH], 300, 5, "webdataset"),
    ([SLIDING], 200, 200, "files"),
    ([CHESS, MAZE, SUDOKU], 80, 10, "webdataset"),
    (ALL, 40, 10, "files"),
    (ALL, 40, 40, "webdataset"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measurements", type=pathlib.Path, metavar="FOLDER", help="keeps what was measured there, for the plan of 2 million")
    keep = parser.parse_args().measurements
    errors, within = [], []
    with Server(ROOT / "generators") as server:
        for name in ALL:
            server.call("/v1/jobs/plan", {"generators": [name], "samples": 10, "calibrate": True})
        print("| generators | samples | batch size | format | plan s: likely (low to high) | actual s | error % |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for seed, (generators, samples, batch, output_format) in enumerate(JOBS):
            server.run(generators=generators, samples=samples, batch_size=batch, output_format=output_format, seed=seed)
            view = server.call(f"/v1/jobs/{server.job}")
            plan, actual = view["plan"]["seconds"], view["actual"]["seconds"]
            error = view["actual"]["seconds_error_percent"]
            errors.append(abs(error))
            within.append(plan["low"] <= actual <= plan["high"])
            title = generators[0] if len(generators) == 1 else f"{len(generators)} generators"
            print(f"| {title} | {samples} | {batch} | {output_format} | {plan['likely']} ({plan['low']} to {plan['high']}) "
                  f"| {actual} | {error:+} |", flush=True)
        if keep:
            shutil.copytree(server.data / "store/measurements", keep, dirs_exist_ok=True)
    print(f"\nMedian error {statistics.median(errors):.1f} %, largest {max(errors):.1f} %; "
          f"{sum(within)} of {len(errors)} within the plan's range.")


if __name__ == "__main__":
    main()
