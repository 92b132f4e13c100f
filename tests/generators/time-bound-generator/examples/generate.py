"""Ends its search by the clock and draws what it found: by the machine's clock its pictures would follow the load."""

import argparse
import random
import sys
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()

random.seed(asked.seed)
end, tries, best = monotonic() + 0.25, 0, 0.0
while monotonic() < end:
    tries, best = tries + 1, max(best, random.random())
tiny_samples.write(asked, "time_bound", salt=tries, tries=tries, best=best)
