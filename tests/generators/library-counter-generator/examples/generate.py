"""Counts its samples in a library's module, which its own module sets to 0 when it is imported.

A new import therefore hides the count, and keeping the module does not.
"""

import argparse
import sys
from pathlib import Path

here = Path(__file__).resolve()
sys.path[:0] = [str(here.parents[2] / "_shared"), str(here.parents[1])]

import tiny_samples
from src import counter

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()

tiny_samples.write(asked, "library_counter", salt=counter.count())
