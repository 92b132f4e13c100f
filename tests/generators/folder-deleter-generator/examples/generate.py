"""Deletes its own folder for some seeds; its samples are fine."""

import argparse
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
tiny_samples.write(asked, "folder_deleter")
root = Path(__file__).resolve().parents[1]
# Only a copy: run by hand in its repository it leaves itself alone.
if tiny_samples.misbehaves(asked.seed) and not any((folder / ".git").exists() for folder in root.parents):
    shutil.rmtree(root)
