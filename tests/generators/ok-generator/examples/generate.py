"""A generator that always works."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

tiny_samples.write(tiny_samples.options(), "ok")
