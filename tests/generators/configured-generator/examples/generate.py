"""A generator in the manner of the public template: flags, and a TaskConfig of its own."""

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2] / "_shared")]

import tiny_samples
from src.config import TaskConfig

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
parser.add_argument("--level", choices=["easy", "hard"], default="easy", help="how hard (default: %(default)s)")
parser.add_argument("--grid-size", type=int, default=3, help="cells along a side")
parser.add_argument("--no-videos", action="store_true", help="write no video")
asked = parser.parse_args()

config = TaskConfig(num_samples=asked.num_samples, random_seed=asked.seed, grid_size=asked.grid_size)
tiny_samples.write(asked, "configured", salt=20 * config.num_dots, says=f"{asked.level} {asked.no_videos} {config.told()}")
