"""Two arrangements of discs, and the only shortest way from one to the other."""

from dataclasses import dataclass
from typing import List, Tuple

from . import config

PEGS = 3


@dataclass
class Hanoi:
    start: Tuple[int, ...]  # the peg of each disc, the smallest disc first
    goal: Tuple[int, ...]
    moves: List[Tuple[int, int]]  # disc and the peg it goes to


def invent(rng, difficulty=None):
    fewest, most, *lengths = config.LEVELS[difficulty]
    discs, length = rng.randint(fewest, most), rng.randint(*lengths)
    while True:
        start = tuple(rng.randrange(PEGS) for _ in range(discs))
        came_from, goals = _search(start, length)
        if goals:  # from nearly everywhere
            goal = rng.choice(goals)
            return Hanoi(start, goal, _way(came_from, goal))


def moves(state):
    """Every legal move: a disc with no smaller one on its peg, to a peg without a smaller one."""
    for disc, peg in enumerate(state):
        smaller = state[:disc]
        if peg not in smaller:
            yield from ((disc, to) for to in range(PEGS) if to != peg and to not in smaller)


def play(state, move):
    disc, peg = move
    return state[:disc] + (peg,) + state[disc + 1:]


def _search(start, length):
    """Breadth first: whence each arrangement is reached, and those at the given distance to which
    one shortest way leads."""
    came_from, layer, ways = {start: None}, [start], {start: 1}
    for _ in range(length):
        following, ways_there = [], {}
        for state in layer:
            for move in moves(state):
                after = play(state, move)
                if after not in came_from:
                    came_from[after] = (state, move)
                    following.append(after)
                    ways_there[after] = 0
                if after in ways_there:
                    ways_there[after] += ways[state]
        layer, ways = following, ways_there
    return came_from, [state for state in layer if ways[state] == 1]


def _way(came_from, state):
    way = []
    while came_from[state]:
        state, move = came_from[state]
        way.append(move)
    return way[::-1]
