"""The boards as pixels, and the frames in which tiles slide."""

import numpy as np
from samplekit.shapes import rounded_box, text
from samplekit.steps import moves

from . import config
from .puzzle import slide


class Layout:
    """Where a board is in the picture: in the middle of a square of `room` pixels below `top`."""

    def __init__(self, rows, columns, room, top):
        self.columns, self.cell = columns, room // max(rows, columns)
        self.left = (config.SIZE - columns * self.cell) // 2
        self.top = top + (room - rows * self.cell) // 2
        self.right, self.bottom = self.left + columns * self.cell, self.top + rows * self.cell

    def corner(self, cell):
        row, column = divmod(cell, self.columns)
        return np.array([self.left + column * self.cell, self.top + row * self.cell])


def layouts(puzzle):
    """Of the board, and of the goal above it."""
    return (Layout(puzzle.rows, puzzle.columns, config.BOARD, config.SIZE - config.MARGIN - config.BOARD),
            Layout(puzzle.rows, puzzle.columns, config.GOAL, config.MARGIN))


def frames(puzzle):
    layout, goal = layouts(puzzle)
    backdrop = np.empty((config.SIZE, config.SIZE, 3), np.uint8)
    backdrop[:] = config.BACKGROUND
    for each in (layout, goal):
        rounded_box(backdrop, each.left - 4, each.top - 4, each.right + 4, each.bottom + 4, 6, config.TRAY)
    text(backdrop, "GOAL", goal.left / 2, config.MARGIN + config.GOAL / 2, 16, config.LABEL, 1)
    _put(backdrop, goal, puzzle.goal, _tiles(goal.cell, len(puzzle.goal)))

    tiles, board, moved = _tiles(layout.cell, len(puzzle.start)), puzzle.start, 0
    for done in moves(len(puzzle.moves), config.HOLD, config.DRAW):
        while moved < int(done):
            board = slide(board, puzzle.moves[moved])
            moved += 1
        moving = puzzle.moves[moved] if done > moved else None
        frame = backdrop.copy()
        _put(frame, layout, board, tiles, moving)
        if moving:
            here, gap = (layout.corner(board.index(tile)) for tile in (moving, 0))
            _paste(frame, tiles[moving], here + (gap - here) * (done - moved))
        yield frame


def _put(picture, layout, board, tiles, without=None):
    for cell, tile in enumerate(board):
        if tile and tile != without:
            _paste(picture, tiles[tile], layout.corner(cell))


def _paste(picture, tile, corner):
    x, y = np.round(corner).astype(int)
    picture[y:y + len(tile), x:x + len(tile)] = tile


def _tiles(cell, count):
    """The picture of each tile, with a rim of the tray. There is none of the gap."""
    tiles = [None]
    for number in range(1, count):
        tile = np.empty((cell, cell, 3), np.uint8)
        tile[:] = config.TRAY
        share = (number - 1) / (count - 2)
        colour = [round(a + (b - a) * share) for a, b in zip(config.FIRST, config.LAST)]
        rim = max(1, cell // 30)
        rounded_box(tile, rim, rim, cell - rim, cell - rim, cell / 8, colour)
        text(tile, str(number), cell / 2, cell / 2, cell * 2 // 5, config.DIGITS, 1 + cell // 35)
        tiles.append(tile)
    return tiles
