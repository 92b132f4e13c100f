"""Kills its lane's supervisor for some seeds."""

import argparse
import os
import select
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
if tiny_samples.misbehaves(asked.seed):
    os.kill(os.getppid(), signal.SIGKILL)
    select.select([], [], [], 10)  # until it ends with whatever it killed
tiny_samples.write(asked, "supervisor")
