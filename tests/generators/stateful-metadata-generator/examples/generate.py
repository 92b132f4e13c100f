"""Counts its samples in its process and writes the count into metadata.json alone."""

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

# On a library's module: dropping the generator's own modules does not reset it.
random.drawn_by_stateful = getattr(random, "drawn_by_stateful", 0) + 1
tiny_samples.write(asked, "stateful_metadata", drawn=random.drawn_by_stateful)
