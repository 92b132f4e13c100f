"""A generator whose samples have videos and stills of any size and kind, for what conforms them.

Its parameters are flags. A picture is white, with a red square that goes from the left to the right; the final frame is the last one
unless --wrong-final is given.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
parser.add_argument("--width", type=int, default=96)
parser.add_argument("--height", type=int, default=64)
parser.add_argument("--frames", type=int, default=7)
parser.add_argument("--rate", type=int, default=10)
parser.add_argument("--still", type=int, default=0, help="width of the stills; 0: the video's")
parser.add_argument("--alpha", action="store_true")
parser.add_argument("--wrong-final", action="store_true")
parser.add_argument("--no-video", action="store_true")
parser.add_argument("--background", type=int, default=255)
parser.add_argument("--name", default="ground_truth.mp4")
parser.add_argument("--damage", choices=("none", "cut", "noise", "empty"), default="none")
parser.add_argument("--own-original", action="store_true")
asked = parser.parse_args()


def picture(part, width, height):
    frame = numpy.full((height, width, 3), asked.background, numpy.uint8)
    side = max(2, min(width, height) // 4)
    left = round((width - side) * part)
    frame[height // 2 - side // 2:height // 2 - side // 2 + side, left:left + side] = (200, 16, asked.seed % 100)
    return frame


def still(part):
    width = asked.still or asked.width
    image = Image.fromarray(picture(part, width, asked.height * width // asked.width))
    if asked.alpha:
        image.putalpha(image.convert("L").point(lambda value: 255 if value > 100 else 128))
    return image


for index in range(asked.num_samples):
    folder = asked.output / "video_task" / f"video_{index:04d}"
    folder.mkdir(parents=True)
    still(0).save(folder / "first_frame.png")
    still(0 if asked.wrong_final else 1).save(folder / "final_frame.png")
    (folder / "prompt.txt").write_text("Move the square to the right.\n", encoding="utf-8")
    if asked.own_original:
        (folder / "original").mkdir()
    if asked.no_video:
        continue
    path = folder / asked.name
    code = "mp4v" if path.suffix == ".mp4" else "MJPG"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), asked.rate, (asked.width, asked.height))
    if not writer.isOpened():
        sys.exit("no video writer")
    for number in range(asked.frames):
        frame = picture(number / max(1, asked.frames - 1), asked.width, asked.height)
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    if asked.damage == "none":
        continue
    data = bytearray(path.read_bytes())
    if asked.damage == "noise":
        # The boxes stay whole; what lies in them can no longer be decoded.
        at = data.index(b"mdat") + 4
        end = data.index(b"moov") - 4 if data.index(b"moov") > at else len(data)
        data[at:end] = bytes((7 * number) % 251 for number in range(end - at))
    if asked.damage == "cut":
        data = data[:len(data) // 2]
    if asked.damage == "empty":
        data = data[:0]
    path.write_bytes(data)
