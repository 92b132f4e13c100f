"""Writes two samples where one was asked for, for some seeds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
if tiny_samples.misbehaves(asked.seed):
    asked.num_samples += 1
tiny_samples.write(asked, "several_samples")
