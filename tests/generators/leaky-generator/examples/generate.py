"""Keeps 64 MB a sample where only the end of its process frees it."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

random.kept_by_leaky = getattr(random, "kept_by_leaky", []) + [b"\1" * (64 << 20)]
tiny_samples.write(tiny_samples.options(), "leaky")
