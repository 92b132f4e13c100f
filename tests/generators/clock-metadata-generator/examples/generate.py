"""Writes the hour into metadata.json; takes --output-dir."""

import datetime
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")
tiny_samples.write(tiny_samples.options("--output-dir"), "clock_metadata", timestamp=now)
