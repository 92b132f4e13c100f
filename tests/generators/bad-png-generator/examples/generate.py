"""Writes half a picture for some seeds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
for folder in tiny_samples.write(asked, "bad_png"):
    if tiny_samples.misbehaves(asked.seed):
        picture = folder / "first_frame.png"
        data = picture.read_bytes()
        picture.write_bytes(data[:len(data) // 2])
