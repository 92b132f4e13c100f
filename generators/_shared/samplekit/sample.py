"""One sample and its files."""

import json
from dataclasses import dataclass
from typing import Any, Dict, Iterable

import cv2
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
    pixels: Iterable[str] = ()  # keys of `parameters`, at any depth, whose numbers are pixels


def write(sample, folder, identity, size=None, fps=None):
    """Write the five files; `identity` is what metadata.json says besides the parameters.

    `size` is the longer side of the pictures in pixels and `fps` the video's rate; None leaves
    them as the sample has them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frame, scale = None, 1
    with VideoFile(folder / "ground_truth.mp4", fps or sample.fps) as video:
        for frame in sample.frames:
            frame = np.asarray(frame)
            if size:
                scale = size / max(frame.shape[:2])
                frame = _resized(frame, scale)
            if video.frames == 0:
                _write_png(frame, folder / "first_frame.png")
            video.add(frame)
    if frame is None:
        raise ValueError("the sample has no frames")
    _write_png(frame, folder / "final_frame.png")
    _write_text(sample.prompt, folder / "prompt.txt")
    # Sorted keys, no clock and no path: the same sample is the same bytes everywhere.
    parameters = sample.parameters if scale == 1 else _scaled(sample.parameters, scale, set(sample.pixels))
    metadata = {**identity, "parameters": parameters}
    _write_text(json.dumps(metadata, indent=2, sort_keys=True), folder / "metadata.json")


def _resized(frame, scale):
    if scale == 1:
        return frame
    height, width = (2 * round(side * scale / 2) for side in frame.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(frame, (width, height), interpolation=way)


def _scaled(value, scale, keys, inside=False):
    """The value with the numbers below these keys in pixels of the resized pictures."""
    if isinstance(value, dict):
        return {key: _scaled(inner, scale, keys, inside or key in keys) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scaled(inner, scale, keys, inside) for inner in value]
    if not inside or isinstance(value, (bool, str)) or value is None:
        return value
    pixels = round(value * scale, 2)
    return int(pixels) if pixels == int(pixels) else pixels


def _write_png(frame, path):
    Image.fromarray(frame).save(path, compress_level=PNG_LEVEL)


def _write_text(text, path):
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
