"""What keeping a generator's own modules saves: time of a sample with kept modules and with imported ones.

usage: kept_modules.py [--samples N] GENERATOR_DIR...

The two sides take turns, sample by sample, each in a reused process of a lane of its own; the files of both must have the
same bytes. Processor time is that of the sample's process, with its tidying up. Run it with a Python that imports numpy,
Pillow, OpenCV and pydantic.
"""

import argparse
import pathlib
import shutil
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "python"))

from generator_host_client import Host, files  # noqa: E402


def draw(lane, seed, keep_after):
    """(answer, files, ms from the request to the answer and the next readiness)."""
    started = time.monotonic()
    answer = lane.draw(seed, timeout=300, keep_after=keep_after)
    lane.send({"op": "draw"})  # refused at once, when the lane has tidied up
    lane.receive()
    spent = 1000 * (time.monotonic() - started)
    if answer["status"] != "ok":
        sys.exit(f"{answer['status']}: {answer.get('message')}\n{answer['log']}")
    drawn = files(answer["out"])
    shutil.rmtree(answer["out"].parent)
    return answer, drawn, spent


def measure(host, generator, samples):
    imported, kept = host.lane(generator), host.lane(generator)
    spent, cpu, answer = {0: [], 1: []}, {0: [], 1: []}, None
    for seed in range(1, samples + 3):
        drawn = {}
        for keep_after, lane in ((0, imported), (1, kept)):
            answer, drawn[keep_after], seconds = draw(lane, seed, keep_after)
            if seed > 2:  # the first samples of the lanes pay for imports
                spent[keep_after].append(seconds)
                cpu[keep_after].append(1000 * answer["cpu_seconds"])
        if drawn[0] != drawn[1]:
            sys.exit(f"{generator.name}: seed {seed} differs")
    imported.close()
    kept.close()
    times = [statistics.median(spent[side]) for side in (0, 1)]
    processor = [statistics.mean(cpu[side]) for side in (0, 1)]
    print(f"| {generator.name} | {times[0]:.1f} | {times[1]:.1f} | {times[1] / times[0]:.2f} | {processor[1] / processor[0]:.2f} | "
          f"{'yes' if answer['kept'] else answer['imported_because']} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=40)
    parser.add_argument("generators", nargs="+", type=pathlib.Path)
    asked = parser.parse_args()
    print("| generator | imported, ms | kept, ms | kept / imported | the same of processor time | kept |\n| --- | --- | --- | --- | --- | --- |")
    host = Host("--preload", "numpy,PIL,cv2,pydantic")
    try:
        for generator in asked.generators:
            measure(host, generator.resolve(), asked.samples)
    finally:
        host.end()
        shutil.rmtree(host.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
