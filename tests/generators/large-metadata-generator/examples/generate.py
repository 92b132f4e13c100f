"""Writes 10 MB of metadata for seed 1003."""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
for folder in tiny_samples.write(asked, "large_metadata"):
    if asked.seed == 1003:
        text = json.dumps({"task_id": "x" * 10_000_000, "parameters": {}})
        (folder / "metadata.json").write_text(text, encoding="utf-8")
