"""One sample and its files."""

import json
from dataclasses import dataclass
from typing import Any, Dict, Iterable

import numpy as np
from PIL import Image

from .video import VideoFile

# On flat drawings level 3 is about as small as 9 and several times faster.
PNG_LEVEL = 3


@dataclass
class Sample:
    """What a generator returns for one random state.

    `frames` may be lazy, and may yield the same canvas again and again: each frame is
    written before the next one is asked for. The first and the last frame are the pictures
    `first_frame.png` and `final_frame.png`, so video and pictures cannot disagree.
    """

    prompt: str
    parameters: Dict[str, Any]  # the puzzle and its solution, as JSON
    frames: Iterable[Any]  # RGB images of one size: Pillow or numpy
    fps: int = 12


def write(sample, folder, identity):
    """Write the five files; `identity` is what metadata.json says besides the parameters."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = None
    with VideoFile(folder / "ground_truth.mp4", sample.fps) as video:
        for frame in sample.frames:
            frame = np.asarray(frame)
            if video.frames == 0:
                _write_png(frame, folder / "first_frame.png")
            video.add(frame)
    if frame is None:
        raise ValueError("the sample has no frames")
    _write_png(frame, folder / "final_frame.png")
    _write_text(sample.prompt, folder / "prompt.txt")
    # Sorted keys, no clock and no path: the same sample is the same bytes everywhere.
    metadata = {**identity, "parameters": sample.parameters}
    _write_text(json.dumps(metadata, indent=2, sort_keys=True), folder / "metadata.json")


def _write_png(frame, path):
    Image.fromarray(frame).save(path, compress_level=PNG_LEVEL)


def _write_text(text, path):
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
