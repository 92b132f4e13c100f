"""How near x264's presets come to the pictures that generators draw, what they take and how large their files are.

usage: encoders.py [--size 512x512] [--frames 81] [--seed 7] GENERATOR_DIR...

Takes the pictures of one sample of each generator as it hands them to cv2.VideoWriter, brings them to the size as a job
with `video` does, and encodes every one with each setting. The last row is what a job does: a picture that is shown again
is not encoded again. Errors are those of the encoder alone: against the pictures after
the way to 4:2:0 and back, of 255. Run it with a Python that imports numpy, Pillow, OpenCV, pydantic and av.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "src" / "Worker"))

CABAC = ":cabac=1"
SETTINGS = [("medium", "crf", 15, 0), ("faster", "crf", 15, 0), ("veryfast", "crf", 15, 0), ("superfast", "crf", 15, 0),
            ("ultrafast", "crf", 15, 1), ("ultrafast", "qp", 8, 1), ("ultrafast", "qp", 10, 0), ("ultrafast", "qp", 10, 1),
            ("ultrafast", "qp", 12, 1)]  # preset, rate control and its value, CABAC where the preset leaves it out
PRODUCT = ("ultrafast", "qp", 10, 1)

_CAPTURE = """
import sys, cv2, numpy, runpy
entry, made, folder, seed = sys.argv[1:]
pictures, writer = [], cv2.VideoWriter
class Writer:
    def __init__(self, *arguments):
        self._writer = writer(*arguments)
    def write(self, picture):
        pictures.append(picture.copy())
        self._writer.write(picture)
    def __getattr__(self, name):
        return getattr(self._writer, name)
cv2.VideoWriter = Writer
sys.argv = [entry, "--num-samples", "1", "--seed", seed, "--output", folder]
sys.path.insert(0, "examples")
try:
    runpy.run_path(entry, run_name="__main__")
finally:
    numpy.save(made, numpy.array(pictures))
"""


def drawn(generator, seed, folder):
    """The pictures of a sample's video: frames x height x width x 3, BGR, 0 to 255."""
    import numpy
    made = os.path.join(folder, "pictures.npy")
    subprocess.run([sys.executable, "-c", _CAPTURE, "examples/generate.py", made, os.path.join(folder, "out"), str(seed)],
                   cwd=generator, check=True, stdout=subprocess.DEVNULL)
    pictures = numpy.load(made)
    if not len(pictures):
        sys.exit(f"{generator.name}: it handed no picture to cv2.VideoWriter")
    return pictures


def merged(pictures):
    """The pictures, one that is shown again as the same array."""
    before = None
    for picture in pictures:
        if before is None or (picture != before).any():
            before = picture
        yield before


def measure(frames, size, setting, repeats, path):
    """(processor ms, KB, signal to noise in dB, error that 1 of 1,000 values exceeds, largest error). repeats: whether a
    picture that is shown again is encoded again."""
    import cv2
    import numpy
    from generator_host import encoder
    from generator_host.video_source import VideoSource, bgr
    preset, control, value, cabac = setting
    made = {"_QUALITY": {"preset": preset, control: str(value)},
            "_REPEATABLE": encoder._REPEATABLE.removesuffix(CABAC) + (CABAC if cabac else ""),
            **({"_repetition": lambda size: None} if repeats else {})}
    with mock.patch.multiple(encoder, **made):
        started = time.process_time()
        encoder.encode(frames, size, 16, path)
        taken = time.process_time() - started
    errors = numpy.array([cv2.absdiff(found, bgr(frame)) for found, frame in zip(VideoSource(path).pictures(), frames)])
    noise = numpy.mean(errors.astype(numpy.float32) ** 2)
    return (1000 * taken, os.path.getsize(path) / 1024, 10 * numpy.log10(255 ** 2 / max(noise, 1e-6)),
            numpy.percentile(errors, 99.9), errors.max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--frames", type=int, default=81)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("generators", nargs="+", type=pathlib.Path)
    asked = parser.parse_args()
    import cv2
    from generator_host.scaling import Scaler
    from generator_host.video_source import evenly
    cv2.setNumThreads(1)
    size = tuple(map(int, asked.size.split("x")))
    found = {(*setting, True): [] for setting in SETTINGS} | {(*PRODUCT, False): []}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "video.mp4")
        for generator in asked.generators:
            pictures = drawn(generator.resolve(), asked.seed, folder)
            chosen = merged(pictures[number] for number in evenly(len(pictures), asked.frames))
            frames = list(Scaler(size, lambda: [255] * 3, pictures[0].shape).frames((each, slice(0, len(each))) for each in chosen))
            for *setting, repeats in found:
                found[(*setting, repeats)].append(measure(frames, size, setting, repeats, path))
    print("| preset | quality | CABAC | encoded | CPU ms | KB | dB | 999 of 1,000 values within | largest error |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for (preset, control, value, cabac, repeats), rows in found.items():
        *columns, errors = zip(*rows)
        cpu, size, noise, most = (statistics.mean(column) for column in columns)
        own, times = "yes" if cabac or preset != "ultrafast" else "no", "always" if repeats else "once"
        print(f"| {preset} | {control.upper()} {value} | {own} | {times} | {cpu:.0f} | {size:.0f} | {noise:.1f} | {most:.1f} | "
              f"{max(errors)} |")


if __name__ == "__main__":
    main()
