#!/usr/bin/env python3
"""Write mirror samples: see `generate.py --help`."""

import sys
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(GENERATOR), str(GENERATOR.parent / "_shared")]

from samplekit import run  # noqa: E402  (importable only now)
from src import config  # noqa: E402
from src.options import add_flags  # noqa: E402
from src.task import make_sample  # noqa: E402

if __name__ == "__main__":
    run(config.NAME, config.DOMAIN, make_sample, add_flags=add_flags)
