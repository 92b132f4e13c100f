#!/usr/bin/env python3
"""Draws the pictures of generators for the docs: seed 42's first frame, a frame half way, the final frame.

    scripts/preview_pictures.py                          every built-in generator
    scripts/preview_pictures.py maze-data-generator      these folders of generators/ only
    scripts/preview_pictures.py --into FOLDER [NAME...]  elsewhere than docs/images/generators
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import cv2
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[1]
GENERATORS = ROOT / "generators"
SEED = 42
HEIGHT, GAP = 224, 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--into", type=pathlib.Path, default=ROOT / "docs" / "images" / "generators")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    for name in options.names or built_in():
        script = GENERATORS / name / "examples" / "generate.py"
        if not script.is_file():
            parser.error(f"'{name}' is no generator: {script} is missing; built in are {', '.join(built_in())}")
        with tempfile.TemporaryDirectory() as folder:
            compose(draw(script, folder)).save(options.into / f"{name}.png", optimize=True)


def built_in() -> list:
    """The generators that the table of generators/README.md shows."""
    table = (GENERATORS / "README.md").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"\]\(([A-Za-z0-9][\w.-]*)\) \|$", table, re.M)))


def draw(script: pathlib.Path, folder: str) -> list:
    """First, middle and final frame, or as many of them as the generator makes."""
    generate = [sys.executable, str(script)]
    flags = subprocess.run([*generate, "--help"], check=True, cwd=folder, capture_output=True, text=True).stdout
    output = "--output-dir" if "--output-dir" in flags else "--output"
    subprocess.run([*generate, "--num-samples", "1", "--seed", str(SEED), output, folder], check=True, cwd=folder)
    sample = next(pathlib.Path(folder).rglob("first_frame.png")).parent
    pictures = [sample / f"{name}_frame.png" for name in ("first", "final")]
    frames = [Image.open(picture).convert("RGB") for picture in pictures if picture.is_file()]
    return frames[:1] + middle(sample / "ground_truth.mp4") + frames[1:]


def middle(video: pathlib.Path) -> list:
    capture, frames = cv2.VideoCapture(str(video)), []
    while True:
        found, frame = capture.read()
        if not found:
            return frames[len(frames) // 2:][:1]
        frames.append(Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)))


def compose(frames: list) -> Image.Image:
    """Side by side, in few colours to keep the file small."""
    frames = [frame.resize((round(frame.width * HEIGHT / frame.height), HEIGHT), Image.LANCZOS) for frame in frames]
    strip = Image.new("RGB", (sum(frame.width + GAP for frame in frames) - GAP, HEIGHT), "white")
    left = 0
    for frame in frames:
        strip.paste(frame, (left, 0))
        left += frame.width + GAP
    return strip.quantize(96, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
