"""A maze with a start, a goal and the path between them."""

from dataclasses import dataclass
from typing import List, Tuple

from . import config
from .carving import ALGORITHMS

Cell = Tuple[int, int]  # (row, column), from the top left


@dataclass
class Maze:
    algorithm: str
    rows: int
    columns: int
    passages: List[Tuple[Cell, Cell]]
    path: List[Cell]  # from start to goal, both included


def invent(rng, fewest=6, most=14, algorithm=None, difficulty=None):
    """A maze of `fewest` to `most` cells along a side, carved by any algorithm or this one."""
    if fewest > most:
        raise ValueError(f"--min-size is {fewest}, above --max-size, {most}")
    if difficulty:
        low, high = config.LEVELS[difficulty]
        if high < fewest or low > most:
            raise ValueError(f"--difficulty {difficulty} has {low} to {high} cells along a side; "
                             f"--min-size and --max-size allow {fewest} to {most}")
        fewest, most = max(fewest, low), min(most, high)
    rows, columns = (rng.randint(fewest, most) for _ in range(2))
    chosen = rng.choice(list(ALGORITHMS))
    algorithm = algorithm or chosen
    passages = ALGORITHMS[algorithm](rng, rows, columns)
    return Maze(algorithm, rows, columns, passages, _long_path(rng, passages))


def _long_path(rng, passages):
    """From any cell to one at least half as far away as the farthest."""
    doors = {}
    for one, other in passages:
        doors.setdefault(one, []).append(other)
        doors.setdefault(other, []).append(one)
    start = rng.choice(sorted(doors))
    came_from, distance, order = {}, {start: 0}, [start]
    for cell in order:  # grows while we walk it: breadth first
        for n in doors[cell]:
            if n not in distance:
                came_from[n], distance[n] = cell, distance[cell] + 1
                order.append(n)
    farthest = distance[order[-1]]
    cell = rng.choice([cell for cell in order if distance[cell] * 2 >= farthest])
    path = [cell]
    while cell != start:
        cell = came_from[cell]
        path.append(cell)
    return path[::-1]
