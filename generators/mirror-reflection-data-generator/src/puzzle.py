"""A square of cells, some with mirrors, and the way of a beam through it."""

from dataclasses import dataclass
from typing import Dict, List, Tuple

from . import config

Cell = Tuple[int, int]  # (row, column), from the top left


@dataclass
class Puzzle:
    size: int
    mirrors: Dict[Cell, str]  # "/" or "\\"
    entry: int  # gates are numbered from 1, clockwise from the top left
    exit: int
    beam: List[Cell]  # the cells it passes, in order; outside the grid the first and the last


def invent(rng, difficulty=None):
    smallest, largest, fewest, most = config.LEVELS[difficulty]
    while True:
        size = rng.randint(smallest, largest)
        cells = [(row, column) for row in range(size) for column in range(size)]
        share = rng.uniform(config.SPARSEST, config.DENSEST)
        mirrors = {cell: rng.choice("/\\") for cell in rng.sample(cells, round(share * len(cells)))}
        gates = gates_of(size)
        beams = [trace(mirrors, size, *gate) for gate in gates.values()]
        beams = [beam for beam in beams if fewest <= _reflections(mirrors, beam) <= most]
        if beams:
            beam = rng.choice(beams)
            numbers = {outside: number for number, (outside, _) in gates.items()}
            return Puzzle(size, mirrors, numbers[beam[0]], numbers[beam[-1]], beam)


def gates_of(size):
    """For each number the cell just outside the grid, and the step that leads inside."""
    along = range(size)
    gates = [((-1, i), (1, 0)) for i in along] + [((i, size), (0, -1)) for i in along]
    gates += [((size, i), (-1, 0)) for i in along[::-1]] + [((i, -1), (0, 1)) for i in along[::-1]]
    return dict(enumerate(gates, 1))


def trace(mirrors, size, outside, step):
    """A beam never circles: going back from any cell of it leads to its one gate."""
    beam = [outside]
    while True:
        cell = beam[-1][0] + step[0], beam[-1][1] + step[1]
        beam.append(cell)
        if not (0 <= cell[0] < size and 0 <= cell[1] < size):
            return beam
        if cell in mirrors:
            step = step[::-1] if mirrors[cell] == "\\" else (-step[1], -step[0])


def _reflections(mirrors, beam):
    return sum(cell in mirrors for cell in beam)
