"""Writes nothing for some seeds, and says it did."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
if tiny_samples.misbehaves(asked.seed):
    print("wrote no_output_0000")
else:
    tiny_samples.write(asked, "no_output")
