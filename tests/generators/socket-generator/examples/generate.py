"""Leaves a Unix socket, which cannot be opened, for seed 1003."""

import argparse
import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
for folder in tiny_samples.write(asked, "socket"):
    if asked.seed == 1003:
        os.chdir(folder)
        socket.socket(socket.AF_UNIX).bind("x.sock")
