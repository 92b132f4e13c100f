"""A board, a goal, and the only shortest way from one to the other."""

from dataclasses import dataclass
from typing import List

from . import config


@dataclass
class Sliding:
    rows: int
    columns: int
    start: List[int]  # row by row; 0 is the gap
    goal: List[int]
    moves: List[int]  # the tiles that move, in order


def invent(rng, difficulty=None):
    fewest, most, *lengths = config.LEVELS[difficulty]
    rows, columns = (rng.randint(fewest, most) for _ in range(2))
    near = _neighbours(rows, columns)
    length = rng.randint(*lengths)
    while True:
        goal = rng.sample(range(rows * columns), rows * columns)
        start = _walk(rng, goal, near, length)
        ways = list(_ways(start, goal, near, columns, length))
        # All ways that are no longer than the walk: a single one is the shortest.
        if len(ways) == 1:
            return Sliding(rows, columns, start, goal, ways[0])


def slide(board, tile):
    """The board after a tile has changed places with the gap."""
    return [{0: tile, tile: 0}.get(other, other) for other in board]


def _neighbours(rows, columns):
    cells = [divmod(cell, columns) for cell in range(rows * columns)]
    return [[other for other, (u, v) in enumerate(cells) if abs(r - u) + abs(c - v) == 1]
            for r, c in cells]


def _walk(rng, board, near, length):
    """Slide at random, but never the tile that has just moved."""
    last = None
    for _ in range(length):
        last = rng.choice([board[cell] for cell in near[board.index(0)] if board[cell] != last])
        board = slide(board, last)
    return board


def _ways(board, goal, near, columns, most, last=None):
    """All ways to the goal in at most so many moves, depth first."""
    if board == goal:
        yield []
        return
    # A move brings one tile one cell nearer at best.
    if _distance(board, goal, columns) > most:
        return
    for cell in near[board.index(0)]:
        tile = board[cell]
        if tile != last:
            for rest in _ways(slide(board, tile), goal, near, columns, most - 1, tile):
                yield [tile, *rest]


def _distance(board, goal, columns):
    total = 0
    for cell, tile in enumerate(board):
        if tile:
            (r, c), (u, v) = divmod(cell, columns), divmod(goal.index(tile), columns)
            total += abs(r - u) + abs(c - v)
    return total
