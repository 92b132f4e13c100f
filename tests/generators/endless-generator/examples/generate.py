"""Never ends for some seeds."""

import threading
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
if tiny_samples.misbehaves(asked.seed):
    threading.Event().wait()
tiny_samples.write(asked, "endless")
