"""The maze as pixels, and the frames in which its path grows."""

import cv2
import numpy as np
from samplekit.steps import progress

from . import config


class Layout:
    """Where things are in the picture: the largest square cells that fit, in the middle."""

    def __init__(self, rows, columns):
        self.cell = (config.SIZE - 2 * config.MARGIN) // max(rows, columns)
        self.left = (config.SIZE - columns * self.cell) // 2
        self.top = (config.SIZE - rows * self.cell) // 2
        self.wall = max(3, self.cell // 10)

    def centre(self, cell):
        return (self.left + cell[1] * self.cell + self.cell // 2,
                self.top + cell[0] * self.cell + self.cell // 2)


def frames(maze):
    layout = Layout(maze.rows, maze.columns)
    empty = _empty_maze(maze, layout)
    route = np.array([layout.centre(cell) for cell in maze.path], np.int32)
    steps = len(route) - 1
    for reach in progress(steps, config.HOLD, config.DRAW):
        yield _with_path(empty, route, reach, layout)


def _with_path(empty, route, reach, layout):
    """The maze with the first `reach` steps of the path."""
    frame, whole = empty.copy(), int(reach)
    points = route[:whole + 1]
    if reach > whole:
        head = route[whole] + (route[whole + 1] - route[whole]) * (reach - whole)
        points = np.vstack([points, head.round().astype(np.int32)])
    if reach > 0:
        cv2.polylines(frame, [points], False, config.PATH, max(3, layout.cell // 4), cv2.LINE_AA)
    for at, colour in ((route[0], config.START), (route[-1], config.GOAL)):
        centre = (int(at[0]), int(at[1]))
        cv2.circle(frame, centre, int(layout.cell * 0.28), colour, cv2.FILLED, cv2.LINE_AA)
    return frame


def _empty_maze(maze, layout):
    canvas = np.empty((config.SIZE, config.SIZE, 3), np.uint8)
    canvas[:] = config.BACKGROUND
    cell, left, top = layout.cell, layout.left, layout.top
    right, bottom = left + maze.columns * cell, top + maze.rows * cell
    cv2.rectangle(canvas, (left, top), (right, bottom), config.FLOOR, cv2.FILLED)
    # Draw every wall, then open the passages: what is left joins up cleanly.
    for row in range(maze.rows + 1):
        y = top + row * cell
        cv2.line(canvas, (left, y), (right, y), config.WALL, layout.wall)
    for column in range(maze.columns + 1):
        x = left + column * cell
        cv2.line(canvas, (x, top), (x, bottom), config.WALL, layout.wall)
    inset = layout.wall // 2 + 1
    for one, other in maze.passages:
        first, last = sorted((one, other))
        corner = (left + first[1] * cell + inset, top + first[0] * cell + inset)
        opposite = (left + (last[1] + 1) * cell - inset, top + (last[0] + 1) * cell - inset)
        cv2.rectangle(canvas, corner, opposite, config.FLOOR, cv2.FILLED)
    return canvas
