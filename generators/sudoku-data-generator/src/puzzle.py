"""A sudoku, its solution, and an order in which each digit follows from those before."""

from dataclasses import dataclass
from typing import List, Tuple

from . import config


@dataclass
class Sudoku:
    box: Tuple[int, int]  # rows and columns of a box
    side: int
    solution: List[int]  # row by row
    steps: List[int]  # the empty cells, in the order of filling

    @property
    def givens(self):
        """The solution with 0 for the empty cells."""
        empty = set(self.steps)
        return [0 if cell in empty else digit for cell, digit in enumerate(self.solution)]


def invent(rng, difficulty=None):
    box = config.BOXES[difficulty] if difficulty else rng.choice(list(config.LEVELS))
    units = _units(*box)
    solution = [0] * len(units)
    _fill(rng, solution, _peers(units), box[0] * box[1])
    steps = _empty(rng, solution, units, rng.randint(*config.LEVELS[box]))
    return Sudoku(box, box[0] * box[1], solution, steps)


def _units(rows, columns):
    """For each cell its row, its column and its box, as lists of cells."""
    side = rows * columns
    names = [(("row", r), ("column", c), ("box", r // rows, c // columns))
             for r in range(side) for c in range(side)]
    members = {}
    for cell, own in enumerate(names):
        for name in own:
            members.setdefault(name, []).append(cell)
    return [[members[name] for name in own] for own in names]


def _peers(units):
    return [sorted(set(sum(own, [])) - {cell}) for cell, own in enumerate(units)]


def _fill(rng, grid, peers, side):
    """Fill the grid at random; False if that is impossible."""
    best, choice = None, range(side + 1)
    for cell, digit in enumerate(grid):
        if digit == 0:
            seen = {grid[peer] for peer in peers[cell]}
            free = [d for d in range(1, side + 1) if d not in seen]
            # The cell with the fewest choices first, or dead ends would be found too late.
            if len(free) < len(choice):
                best, choice = cell, free
    if best is None:
        return True
    for grid[best] in rng.sample(choice, len(choice)):
        if _fill(rng, grid, peers, side):
            return True
    grid[best] = 0
    return False


def _empty(rng, solution, units, wanted):
    """Empty up to `wanted` cells, each only if what is left forces its digit. Backwards this is a
    way to fill them without a guess, so there is no second solution."""
    grid, peers, emptied = solution[:], _peers(units), []
    for cell in rng.sample(range(len(grid)), len(grid)):
        digit, grid[cell] = grid[cell], 0
        if len(emptied) < wanted and _is_forced(grid, cell, digit, units, peers):
            emptied.append(cell)
        else:
            grid[cell] = digit
    return emptied[::-1]


def _is_forced(grid, cell, digit, units, peers):
    """No other digit fits into the cell, or no other cell of its row, column or box takes it."""
    if len({grid[peer] for peer in peers[cell]} - {0}) == len(units[cell][0]) - 1:
        return True
    return any(all(grid[other] or other == cell or any(grid[peer] == digit for peer in peers[other])
                   for other in unit)
               for unit in units[cell])
