"""Writes half a picture for some seeds."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
for folder in tiny_samples.write(asked, "bad_png"):
    if tiny_samples.misbehaves(asked.seed):
        picture = folder / "first_frame.png"
        data = picture.read_bytes()
        picture.write_bytes(data[:len(data) // 2])
