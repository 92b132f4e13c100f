"""Puts links to what does not belong to it in the place of its output, for three seeds.

``foreign.txt`` beside ``examples`` names the folder that they lead to."""

import argparse
import os
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
for folder in tiny_samples.write(asked, "linking"):
    foreign = Path(__file__).resolve().parents[1].joinpath("foreign.txt").read_text(encoding="utf-8")
    if asked.seed == 1003:  # the sample
        shutil.rmtree(folder)
        os.symlink(foreign, folder)
    if asked.seed == 1007:  # the task
        shutil.rmtree(folder.parent)
        os.symlink(os.path.dirname(foreign), folder.parent)
    if asked.seed == 1011:  # a file
        os.link(os.path.join(foreign, "secret.txt"), folder / "secret.txt")
