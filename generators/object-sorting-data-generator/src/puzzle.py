"""Objects in a row, a rule, and the moves that sort them."""

from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from . import config

Place = Tuple[int, ...]  # (slot,) in the row; (bin, position) in a bin, filled from the bottom left


@dataclass
class Thing:
    colour: str
    shape: str
    side: int
    number: Optional[int] = None


@dataclass
class Puzzle:
    rule: str
    descending: bool
    things: List[Thing]  # from left to right
    bins: List[str]  # what is sorted into each; empty if the row is sorted in place
    moves: List[Dict[int, Place]]  # which things go where, by their first slots


def invent(rng, difficulty=None):
    fewest, most, swaps, bins_allowed = config.LEVELS[difficulty]
    rule, count = rng.choice(list(config.PROMPTS)), rng.randint(fewest, most)
    descending = rng.random() < 0.5
    colours = [rng.choice(list(config.COLOURS)) for _ in range(count)]
    if rule in ("size", "number"):
        return _row(rng, rule, descending, colours, swaps)
    bins = rng.sample(config.SHAPES if rule == "shape" else list(config.COLOURS), rng.choice(bins_allowed))
    # One object for each bin, the others anywhere.
    kinds = bins + [rng.choice(bins) for _ in range(count - len(bins))]
    rng.shuffle(kinds)
    shapes = [rng.choice(config.SHAPES) for _ in range(count)]
    colours, shapes = (colours, kinds) if rule == "shape" else (kinds, shapes)
    things = [Thing(colour, shape, config.USUAL) for colour, shape in zip(colours, shapes)]
    filled, moves = dict.fromkeys(bins, 0), []
    for thing, kind in enumerate(kinds):
        moves.append({thing: (bins.index(kind), filled[kind])})
        filled[kind] += 1
    return Puzzle(rule, False, things, bins, moves)


def _row(rng, rule, descending, colours, fewest_swaps):
    count, shape = len(colours), rng.choice(config.SHAPES)
    moves = []
    while len(moves) < fewest_swaps:
        values = rng.sample(range(100 if rule == "number" else config.MOST), count)
        moves = _swaps(sorted(values, reverse=descending), values)
    if rule == "number":
        things = [Thing(colour, "square", config.TILE, value) for colour, value in zip(colours, values)]
    else:
        things = [Thing(colour, shape, config.SMALL + config.STEP * value)
                  for colour, value in zip(colours, values)]
    return Puzzle(rule, descending, things, [], moves)


def _swaps(ordered, values):
    """Each swap brings one object home for good, so there are no fewer that would do."""
    row, moves = list(range(len(values))), []
    for slot, value in enumerate(ordered):
        wrong, right = row[slot], values.index(value)
        if wrong != right:
            origin = row.index(right)
            row[slot], row[origin] = right, wrong
            moves.append({right: (slot,), wrong: (origin,)})
    return moves
