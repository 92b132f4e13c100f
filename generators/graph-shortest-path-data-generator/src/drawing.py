"""The graph as pixels, and the frames in which its path grows."""

import cv2
import numpy as np
from samplekit.shapes import text
from samplekit.steps import progress

from . import config


def frames(puzzle):
    edges, plates = _edges(puzzle), [plate(puzzle.weights[e]) for e in puzzle.labels]
    route = [puzzle.nodes[node] for node in puzzle.path]
    length = sum(abs(b - a) for a, b in zip(route, route[1:]))
    for reach in progress(length, config.HOLD, config.DRAW):
        canvas = edges.copy()
        colours = _path(canvas, puzzle, route, reach)
        for at, image in zip(puzzle.labels.values(), plates):
            height, width = image.shape[:2]
            left, top = pixel(at)[0] - width // 2, pixel(at)[1] - height // 2
            canvas[top:top + height, left:left + width] = image
        for node, at in enumerate(puzzle.nodes):
            colour = colours.get(node, config.NODES)
            cv2.circle(canvas, pixel(at), config.NODE, colour, cv2.FILLED, cv2.LINE_AA)
            text(canvas, letter(node), *pixel(at), 13, config.LETTERS, 1)
        yield canvas


def letter(node):
    return chr(ord("A") + node)


def plate(weight):
    """A weight on a plate that covers the middle of its edge."""
    width = 26 if weight > 9 else 20
    image = np.full((20, width, 3), config.PLATE, np.uint8)
    text(image, str(weight), width / 2, 10, 10, config.WEIGHT, 1)
    return image


def _edges(puzzle):
    canvas = np.full((config.SIZE, config.SIZE, 3), config.BACKGROUND, np.uint8)
    for one, other in puzzle.weights:
        _line(canvas, puzzle.nodes[one], puzzle.nodes[other], config.EDGE, 3)
    return canvas


def _path(canvas, puzzle, route, reach):
    """Draw the first `reach` pixels of the path; return the colours of special nodes."""
    colours = {}
    for node, a, b in zip(puzzle.path[1:], route, route[1:]):
        step = abs(b - a)
        if reach > 0:
            _line(canvas, a, a + (b - a) * min(1, reach / step), config.PATH, 9)
        reach -= step
        if reach > -config.NODE:  # the line has met the disc
            colours[node] = config.PATH
    return {**colours, puzzle.path[0]: config.START, puzzle.path[-1]: config.GOAL}


def _line(canvas, a, b, colour, width):
    cv2.line(canvas, pixel(a), pixel(b), colour, width, cv2.LINE_AA)


def pixel(point):
    return round(point.real), round(point.imag)
