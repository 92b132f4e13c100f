"""The grid as pixels, and the frames in which the beam grows."""

import cv2
import numpy as np
from samplekit.shapes import text
from samplekit.steps import progress

from . import config
from .puzzle import gates_of


class Layout:
    """Where things are in the picture."""

    def __init__(self, size):
        self.cell = (config.SIZE - 2 * config.MARGIN) // size
        self.corner = (config.SIZE - size * self.cell) // 2
        self.end = self.corner + size * self.cell

    def centre(self, cell):
        """The middle of a cell; for one outside, of the border beside it."""
        row, column = (self.corner + i * self.cell + self.cell // 2 for i in cell)
        low, high = self.corner - config.MARGIN // 2, self.end + config.MARGIN // 2
        return min(high, max(low, column)), min(high, max(low, row))


def frames(puzzle):
    layout = Layout(puzzle.size)
    dark = _grid(puzzle, layout)
    route = np.array([layout.centre(cell) for cell in puzzle.beam], float)
    steps = len(route) - 1
    for reach in progress(steps, config.HOLD, config.DRAW):
        yield _lit(dark, puzzle, layout, route, reach)


def _lit(dark, puzzle, layout, route, reach):
    """The grid with the first `reach` steps of the beam."""
    frame, whole = dark.copy(), int(reach)
    points = route[:whole + 1]
    if reach > whole:
        points = np.vstack([points, points[-1] + (route[whole + 1] - route[whole]) * (reach - whole)])
    for colour, width in ((config.GLOW, 11), (config.BEAM, 4)):
        if reach > 0:
            cv2.polylines(frame, [points.round().astype(np.int32)], False, colour, width, cv2.LINE_AA)
    _mirrors(frame, puzzle, layout)
    _arrow(frame, puzzle, layout)
    if whole == len(route) - 1:
        at = layout.centre(puzzle.beam[-1])
        cv2.circle(frame, at, 13, config.BEAM, cv2.FILLED, cv2.LINE_AA)
        text(frame, str(puzzle.exit), *at, config.TEXT, config.MARKED, 1)
    return frame


def _grid(puzzle, layout):
    canvas = np.full((config.SIZE, config.SIZE, 3), config.BACKGROUND, np.uint8)
    start, end = layout.corner, layout.end
    cv2.rectangle(canvas, (start, start), (end, end), config.FLOOR, cv2.FILLED)
    for line in range(start, end + 1, layout.cell):
        cv2.line(canvas, (line, start), (line, end), config.GRID, 1)
        cv2.line(canvas, (start, line), (end, line), config.GRID, 1)
    for number, (outside, _) in gates_of(puzzle.size).items():
        if number != puzzle.entry:
            text(canvas, str(number), *layout.centre(outside), config.TEXT, config.NUMBER, 1)
    return canvas


def _mirrors(frame, puzzle, layout):
    reach = layout.cell // 3
    for cell, mirror in puzzle.mirrors.items():
        (x, y), rise = layout.centre(cell), reach if mirror == "/" else -reach
        cv2.line(frame, (x - reach, y + rise), (x + reach, y - rise), config.MIRROR, 5, cv2.LINE_AA)


def _arrow(frame, puzzle, layout):
    """A triangle at the entry, pointing inside."""
    outside, (down, right) = gates_of(puzzle.size)[puzzle.entry]
    x, y = layout.centre(outside)
    points = [(x + 12 * right, y + 12 * down),
              (x - 10 * right + 11 * down, y - 10 * down + 11 * right),
              (x - 10 * right - 11 * down, y - 10 * down - 11 * right)]
    cv2.fillPoly(frame, [np.array(points, np.int32)], config.BEAM, cv2.LINE_AA)
