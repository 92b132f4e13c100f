"""Prints 8 MB for some seeds; its samples are fine."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
if tiny_samples.misbehaves(asked.seed):
    for number in range(80_000):
        print(f"{number:07d} " + "noise " * 15)
tiny_samples.write(asked, "noisy")
