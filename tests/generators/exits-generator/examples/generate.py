"""Exits with code 7 for some seeds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
if tiny_samples.misbehaves(asked.seed):
    print("giving up", file=sys.stderr)
    sys.exit(7)
tiny_samples.write(asked, "exits")
