"""A generator with a real video that draws the same puzzle for two seeds in a row."""

import argparse
from pathlib import Path

import cv2
import numpy

SIZE = 64  # pixels a side

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()


def picture(puzzle, step):
    frame = numpy.full((SIZE, SIZE, 3), 255, numpy.uint8)
    top = puzzle % 48
    frame[top:top + 16, 12 * step:12 * step + 16] = (puzzle // 48 % 256, 16, 200)
    return frame


for index in range(asked.num_samples):
    folder = asked.output / "repeating_task" / f"repeating_{index:04d}"
    folder.mkdir(parents=True)
    frames = [picture((asked.seed + index) // 2, step) for step in range(5)]
    cv2.imwrite(str(folder / "first_frame.png"), frames[0])
    cv2.imwrite(str(folder / "final_frame.png"), frames[-1])
    (folder / "prompt.txt").write_text("Move the square to the right.\n", encoding="utf-8")
    writer = cv2.VideoWriter(str(folder / "ground_truth.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 5, (SIZE, SIZE))
    for frame in frames:
        writer.write(frame)
    writer.release()
