"""What the sandbox costs: seconds of a sample with it and without, in one reused process and in one per sample.

usage: sandbox.py [--samples N] GENERATOR_DIR...

The two sides take turns, sample by sample, each in a lane of its own; the figure that counts is the median of the
differences. Run it with a Python that imports numpy, Pillow, OpenCV and pydantic.
"""

import argparse
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "python"))

from generator_host_client import Host  # noqa: E402


def seconds_of(lane, seed, fresh):
    started = time.perf_counter()
    answer = lane.draw(seed, fresh=fresh)
    passed = time.perf_counter() - started
    if answer["status"] != "ok":
        sys.exit(f"{answer['status']}: {answer.get('message')}\n{answer['log']}")
    return passed


def measure(lanes, samples, fresh):
    """[(seconds without, seconds with)] of one sample each."""
    for lane in lanes:
        seconds_of(lane, 1, fresh)
    pairs = []
    for seed in range(samples):
        pair = {}
        # Who goes first changes, as the second finds warmer caches.
        for which in (0, 1) if seed % 2 else (1, 0):
            pair[which] = seconds_of(lanes[which], seed, fresh)
        pairs.append((pair[0], pair[1]))
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generators", nargs="+", type=pathlib.Path, metavar="GENERATOR_DIR")
    parser.add_argument("--samples", type=int, default=100)
    asked = parser.parse_args()
    hosts = [Host("--sandbox", mode) for mode in ("off", "required")]
    print("| generator | process | without ms | with ms | difference ms |\n| --- | --- | --- | --- | --- |")
    try:
        for generator in asked.generators:
            lanes = [host.lane(generator.resolve()) for host in hosts]
            for fresh in (False, True):
                pairs = measure(lanes, asked.samples, fresh)
                without, with_, more = (1000 * statistics.median(values) for values in (
                    [pair[0] for pair in pairs], [pair[1] for pair in pairs], [pair[1] - pair[0] for pair in pairs]))
                print(f"| {generator.resolve().name} | {'one per sample' if fresh else 'reused'} "
                      f"| {without:.2f} | {with_:.2f} | {more:+.2f} |", flush=True)
            for lane in lanes:
                lane.close()
    finally:
        for host in hosts:
            host.end()


if __name__ == "__main__":
    main()
