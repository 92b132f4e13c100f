"""Leaves 10,000 files for seed 1003."""

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
for folder in tiny_samples.write(asked, "many_files"):
    if asked.seed == 1003:
        for number in range(10_000):
            (folder / f"part{number:05d}.txt").write_text("part", encoding="utf-8")
