"""What the sandbox costs: time of a sample with it and without, in one reused process and in one per sample.

usage: sandbox.py [--samples N] GENERATOR_DIR...

The two sides take turns, sample by sample, each in a lane of its own. On a busy machine the seconds are not to be
trusted; processor time is that of a lane's processes, over all samples, in steps of 10 ms in all. Run it with a Python that imports numpy, Pillow, OpenCV and pydantic.
"""

import argparse
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "python"))

from generator_host_client import Host, processes  # noqa: E402


def processor_seconds(lane):
    """Of the lane's supervisor, its runners, and those that have ended."""
    ticks = 0
    for pid in (lane.ready["pid"], *processes.children(lane.ready["pid"])):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def seconds_of(lane, seed, fresh):
    started = time.perf_counter()
    answer = lane.draw(seed, fresh=fresh)
    passed = time.perf_counter() - started
    if answer["status"] != "ok":
        sys.exit(f"{answer['status']}: {answer.get('message')}\n{answer['log']}")
    return passed


def measure(lanes, samples, fresh):
    """[(seconds without, seconds with)] of one sample each, and each side's processor seconds per sample."""
    for lane in lanes:
        seconds_of(lane, 1, fresh)
    pairs, before = [], list(map(processor_seconds, lanes))
    for seed in range(samples):
        pair = {}
        # Who goes first changes, as the second finds warmer caches.
        for which in (0, 1) if seed % 2 else (1, 0):
            pair[which] = seconds_of(lanes[which], seed, fresh)
        pairs.append((pair[0], pair[1]))
    return pairs, [(processor_seconds(lane) - start) / samples for lane, start in zip(lanes, before)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generators", nargs="+", type=pathlib.Path, metavar="GENERATOR_DIR")
    parser.add_argument("--samples", type=int, default=100)
    asked = parser.parse_args()
    hosts = [Host("--sandbox", mode) for mode in ("off", "required")]
    print("| generator | process | without ms | with ms | processor ms without | with |\n| --- | --- | --- | --- | --- | --- |")
    try:
        for generator in asked.generators:
            lanes = [host.lane(generator.resolve()) for host in hosts]
            for fresh in (False, True):
                pairs, processor = measure(lanes, asked.samples, fresh)
                without, with_ = (1000 * statistics.median(pair[which] for pair in pairs) for which in (0, 1))
                print(f"| {generator.resolve().name} | {'one per sample' if fresh else 'reused'} "
                      f"| {without:.2f} | {with_:.2f} | {1000 * processor[0]:.2f} | {1000 * processor[1]:.2f} |", flush=True)
            for lane in lanes:
                lane.close()
    finally:
        for host in hosts:
            host.end()


if __name__ == "__main__":
    main()
