"""Deletes its own folder for some seeds; its samples are fine."""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
tiny_samples.write(asked, "folder_deleter")
root = Path(__file__).resolve().parents[1]
# Only a copy: run by hand in its repository it leaves itself alone.
if tiny_samples.misbehaves(asked.seed) and not any((folder / ".git").exists() for folder in root.parents):
    shutil.rmtree(root)
