"""Writes the machine's own time into metadata.json, from where no Python module of it reads a clock: a file's time."""

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

asked.output.mkdir(parents=True, exist_ok=True)
tiny_samples.write(asked, "machine_clock", timestamp=os.stat(asked.output).st_mtime_ns)
