"""Its pictures depend on how many samples its process has drawn."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

# On a library's module: dropping the generator's own modules does not reset it.
random.drawn_by_stateful = getattr(random, "drawn_by_stateful", 0) + 1
tiny_samples.write(tiny_samples.options(), "stateful", salt=random.drawn_by_stateful)
