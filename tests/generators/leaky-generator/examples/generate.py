"""Keeps 64 MB a sample where only the end of its process frees it."""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()

random.kept_by_leaky = getattr(random, "kept_by_leaky", []) + [b"\1" * (64 << 20)]
tiny_samples.write(asked, "leaky")
