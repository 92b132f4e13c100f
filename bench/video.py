"""What conforming costs: time of a sample with `video` and without, in one reused process, and how near the stills are.

usage: video.py [--samples N] [--size 512x512] [--frames 81] [--fps 16] [--as-drawn] [--keep FOLDER] GENERATOR_DIR...

The two sides take turns, sample by sample, each in a lane of its own. Every video is decoded again and held to what was
asked for. On a busy machine the seconds are not to be trusted; processor time is that of the sample's processes. Run it
with a Python that imports numpy, Pillow, OpenCV, pydantic and av.
"""

import argparse
import pathlib
import shutil
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "python"))

from generator_host_client import Host  # noqa: E402

from generator_host.video_source import bgr  # noqa: E402

FIELDS = ("width", "height", "frames", "fps")


def decoded(path):
    """((width, height, frames, frames a second, codec, pixel format) of a video, its first frame, its last), every frame
    decoded."""
    import av
    frames, first, last = 0, None, None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for last in container.decode(stream):
            first, frames = first or last, frames + 1
        coding = stream.codec_context
        return (coding.width, coding.height, frames, stream.average_rate, coding.name, coding.pix_fmt), bgr(first), bgr(last)


def distances_of(folder, first, last):
    """Mean absolute differences, of 255, of a video's first and last picture from the stills."""
    import cv2
    stills = (cv2.imread(str(folder / name)) for name in ("first_frame.png", "final_frame.png"))
    return [cv2.absdiff(picture, still).mean() for picture, still in zip((first, last), stills)]


def draw(lane, seed, **fields):
    answer = lane.draw(seed, timeout=300, **fields)
    if answer["status"] != "ok":
        sys.exit(f"{answer['status']}: {answer.get('message')}\n{answer['log']}")
    return answer


def measure(host, generator, wanted, samples, keep):
    plain, conforming = host.lane(generator), host.lane(generator)
    seconds, cpu, distances, before, drawn = {True: [], False: []}, {True: [], False: []}, [], "", None
    for seed in range(1, samples + 2):
        for video in (False, True):
            answer = draw(conforming if video else plain, seed, **({"video": wanted} if video else {}))
            found = next(answer["out"].rglob("ground_truth.mp4"))
            if not video:
                drawn, *_ = decoded(found)
                before = "{0} x {1}, {2} at {3}, {4}".format(*drawn)
            else:
                # All that was asked for, and what was not, as it was drawn.
                width, height, frames, rate = (wanted.get(name, own) for name, own in zip(FIELDS, drawn))
                is_as, *ends = decoded(found)
                if is_as != (width, height, frames, rate, "h264", "yuv420p"):
                    sys.exit(f"{generator.name}: {is_as} of {drawn}")
                distances.append(distances_of(found.parent, *ends))
                if keep and seed == 1:
                    shutil.copyfile(found, keep / f"{generator.name}.mp4")
            if seed > 1:  # the first sample of a lane pays for imports
                seconds[video].append(answer["seconds"])
                cpu[video].append(answer["cpu_seconds"])
    plain.close()
    conforming.close()
    added = [1000 * (statistics.median(each[True]) - statistics.median(each[False])) for each in (seconds, cpu)]
    first, final = (max(each) for each in zip(*distances))
    alone = 1000 * statistics.median(seconds[False])
    print(f"| {generator.name} | {before} | {alone:.0f} | {added[0]:.0f} | {added[1]:.0f} | {1 + added[0] / alone:.2f} "
          f"| {first:.1f} | {final:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--frames", type=int, default=81)
    parser.add_argument("--fps", type=int, default=16)
    parser.add_argument("--as-drawn", action="store_true", help="size, frames and rate of the generator's own video")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for a video of each generator")
    parser.add_argument("generators", nargs="+", type=pathlib.Path)
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    wanted = {"codec": "h264"} if asked.as_drawn else dict(zip(FIELDS, (width, height, asked.frames, asked.fps)))
    print("| generator | its video | ms a sample | ms more | CPU ms more | times | first frame off by | final frame off by |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- |")
    host = Host()
    try:
        for generator in asked.generators:
            measure(host, generator.resolve(), wanted, asked.samples, asked.keep)
    finally:
        host.end()
        shutil.rmtree(host.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
