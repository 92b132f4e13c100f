"""Notes in its own module which seeds it has drawn."""

import argparse
import sys
from pathlib import Path

here = Path(__file__).resolve()
sys.path[:0] = [str(here.parents[2] / "_shared"), str(here.parents[1])]

import tiny_samples
from src import drawn

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()

tiny_samples.write(asked, "remembering", salt=drawn.note(asked.seed))
