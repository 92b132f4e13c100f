"""Leaves a file whose name is not UTF-8 for seed 1003."""

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
for folder in tiny_samples.write(asked, "odd_name"):
    if asked.seed == 1003:
        open(bytes(folder) + b"/caf\xe9.txt", "w").close()
