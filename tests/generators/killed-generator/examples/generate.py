"""Is killed by a signal for some seeds."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

asked = tiny_samples.options()
if tiny_samples.misbehaves(asked.seed):
    os.kill(os.getpid(), signal.SIGKILL)
tiny_samples.write(asked, "killed")
