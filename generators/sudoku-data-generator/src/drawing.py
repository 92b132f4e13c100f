"""The grid as pixels, and the frames in which it fills up."""

import cv2
import numpy as np
from samplekit.shapes import text
from samplekit.steps import progress

from . import config


class Layout:
    """Where the cells are in the picture."""

    def __init__(self, side):
        self.side = side
        self.cell = (config.SIZE - 2 * config.MARGIN) // side
        self.start = (config.SIZE - side * self.cell) // 2  # left and top alike

    def corner(self, row, column):
        return self.start + column * self.cell, self.start + row * self.cell


def frames(sudoku):
    layout = Layout(sudoku.side)
    canvas = _empty_grid(sudoku, layout)
    for cell, digit in enumerate(sudoku.givens):
        if digit:
            _write(canvas, layout, cell, digit, config.GIVEN)
    written = 0
    for done in progress(len(sudoku.steps), config.HOLD, config.DRAW):
        while written < int(done):
            cell = sudoku.steps[written]
            _write(canvas, layout, cell, sudoku.solution[cell], config.WRITTEN)
            written += 1
        if done == written:
            yield canvas
        else:  # half way to the next digit: mark its cell
            frame, cell = canvas.copy(), sudoku.steps[written]
            x, y = layout.corner(*divmod(cell, sudoku.side))
            frame[y + 3:y + layout.cell - 2, x + 3:x + layout.cell - 2] = config.CURRENT
            yield frame


def _write(canvas, layout, cell, digit, colour):
    x, y = layout.corner(*divmod(cell, layout.side))
    half = layout.cell / 2
    text(canvas, str(digit), x + half, y + half, layout.cell // 2, colour, 1 + layout.cell // 30)


def _empty_grid(sudoku, layout):
    canvas = np.empty((config.SIZE, config.SIZE, 3), np.uint8)
    canvas[:] = config.BACKGROUND
    (rows, columns), side = sudoku.box, sudoku.side
    for cell in range(side * side):
        row, column = divmod(cell, side)
        tone = config.DARK if (row // rows + column // columns) % 2 else config.LIGHT
        cv2.rectangle(canvas, layout.corner(row, column), layout.corner(row + 1, column + 1),
                      tone, cv2.FILLED)
    for colour, width, down, across in ((config.LINE, 1, 1, 1), (config.OUTLINE, 3, rows, columns)):
        for row in range(0, side + 1, down):
            cv2.line(canvas, layout.corner(row, 0), layout.corner(row, side), colour, width)
        for column in range(0, side + 1, across):
            cv2.line(canvas, layout.corner(0, column), layout.corner(side, column), colour, width)
    return canvas
