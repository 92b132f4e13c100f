"""Leaves 5,000 folders, each in the one before, for seed 1003."""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
for folder in tiny_samples.write(asked, "deep_folders"):
    if asked.seed == 1003:
        os.chdir(folder)
        for _ in range(5_000):
            os.mkdir("d")
            os.chdir("d")
