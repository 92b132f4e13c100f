"""Writes a prompt of white space for some seeds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
for folder in tiny_samples.write(asked, "empty_prompt"):
    if tiny_samples.misbehaves(asked.seed):
        (folder / "prompt.txt").write_text(" \n", encoding="utf-8")
