"""Reads numbers in pictures of puzzles, by likeness to numbers that it writes itself."""

import functools

import cv2
import numpy as np


def ink(cell):
    """How far each pixel is from the background, 0 to 1. The background is the top left pixel."""
    distance = np.abs(cell - cell[0, 0]).sum(axis=2)
    return distance / max(1, distance.max())


def is_empty(cell):
    """One colour, but for what a codec does to it."""
    return np.abs(cell - cell[0, 0]).sum(axis=2).max() < 120


def number(cell, most):
    """The number from 1 to `most` in the cell, or 0 if the cell is empty."""
    if is_empty(cell):
        return 0
    seen = _crop(ink(cell))
    height, width = seen.shape
    unlikeness = {}
    for name in range(1, most + 1):
        for thickness in (3, 5, 8):
            model = _model(str(name), thickness)
            stretched = abs(np.log(width / height * model.shape[0] / model.shape[1]))
            model = cv2.resize(model, (width, height), interpolation=cv2.INTER_AREA)
            unlikeness[name, thickness] = stretched + np.abs(model - seen).mean()
    return min(unlikeness, key=unlikeness.get)[0]


@functools.lru_cache(maxsize=None)
def _model(name, thickness):
    canvas = np.zeros((100, 160), np.uint8)
    cv2.putText(canvas, name, (20, 80), cv2.FONT_HERSHEY_DUPLEX, 2, 255, thickness, cv2.LINE_AA)
    return _crop(canvas / 255)


def _crop(marks):
    rows, columns = (np.flatnonzero((marks > 0.4).any(axis=axis)) for axis in (1, 0))
    return marks[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
