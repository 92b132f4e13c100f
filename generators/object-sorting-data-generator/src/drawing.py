"""The objects as pixels, and the frames in which they move."""

from math import cos, pi, sin

import cv2
import numpy as np
from samplekit.shapes import text
from samplekit.steps import moves

from . import config

# Corners on a square of side 1 around the middle of its base, y upwards.
STAR = [(sin(k * pi / 5) * reach, 0.45 + cos(k * pi / 5) * reach)
        for k, reach in enumerate([0.55, 0.22] * 5)]
OUTLINES = {"square": [(-0.5, 0), (-0.5, 1), (0.5, 1), (0.5, 0)],
            "triangle": [(-0.5, 0), (0, 1), (0.5, 0)], "star": STAR}


def frames(puzzle):
    empty = _furniture(puzzle)
    places = [spot(puzzle, i) for i in range(len(puzzle.things))]
    moved = 0
    for done in moves(len(puzzle.moves), config.HOLD, config.DRAW):
        while moved < int(done):
            places = _moved(puzzle, places, puzzle.moves[moved], 1)
            moved += 1
        yield _frame(empty, puzzle, _moved(puzzle, places, puzzle.moves[moved], done - moved) if done > moved else places)


def _moved(puzzle, places, move, part):
    """The places when a part of a move, from 0 to 1, is done."""
    goals = {thing: spot(puzzle, *place) for thing, place in move.items()}
    return [_between(place, goals[thing], part, arc=not puzzle.bins) if thing in goals else place
            for thing, place in enumerate(places)]


def spot(puzzle, number, position=None):
    """Where the middle of an object's base is: in the row, or in a bin, two in a layer."""
    if position is not None:
        layer, right = divmod(position, 2)
        return bin_middle(puzzle, number) + (23 if right else -23), config.FLOOR - 7 - layer * config.STACK
    left = (config.SIZE - config.SLOT * (len(puzzle.things) - 1)) // 2
    return left + number * config.SLOT, config.ROW_ABOVE_BINS if puzzle.bins else config.ROW


def bin_middle(puzzle, number):
    return (config.SIZE - config.BIN * (len(puzzle.bins) - 1)) // 2 + number * config.BIN


def _between(start, goal, part, arc):
    """On the way; of two that are swapped, one flies above and the other below."""
    eased = part * part * (3 - 2 * part)
    x, y = (a + (b - a) * eased for a, b in zip(start, goal))
    bend = 75 * sin(pi * eased) * (1 if goal[0] < start[0] else -1) if arc else 0
    return round(x), round(y + bend)


def _frame(empty, puzzle, places):
    frame = empty.copy()
    for thing, at in zip(puzzle.things, places):
        draw(frame, thing.shape, thing.side, config.COLOURS[thing.colour], at)
        if thing.number is not None:
            text(frame, str(thing.number), at[0], at[1] - thing.side // 2, 16, config.BOARD, 1)
    return frame


def draw(canvas, shape, side, colour, base):
    if shape == "circle":
        centre = (base[0], base[1] - side // 2)
        cv2.circle(canvas, centre, side // 2, colour, cv2.FILLED, cv2.LINE_AA)
        return
    corners = [(base[0] + x * side, base[1] - y * side) for x, y in OUTLINES[shape]]
    cv2.fillPoly(canvas, [np.array(corners).round().astype(np.int32)], colour, cv2.LINE_AA)


def _furniture(puzzle):
    """Slots and bins without objects."""
    canvas = np.full((config.SIZE, config.SIZE, 3), config.BACKGROUND, np.uint8)
    for number in range(len(puzzle.things)):
        x, y = spot(puzzle, number)
        cv2.rectangle(canvas, (x - 22, y + 2), (x + 22, y + 6), config.LINE, cv2.FILLED)
    for number, kind in enumerate(puzzle.bins):
        x, top = bin_middle(puzzle, number), config.FLOOR - 3 * config.STACK - 10
        colour = config.COLOURS.get(kind, config.LINE)
        cv2.rectangle(canvas, (x - 50, top), (x + 50, config.FLOOR), config.BOARD, cv2.FILLED)
        walls = [(x - 50, top), (x - 50, config.FLOOR), (x + 50, config.FLOOR), (x + 50, top)]
        cv2.polylines(canvas, [np.array(walls, np.int32)], False, colour, 5, cv2.LINE_AA)
        if puzzle.rule == "shape":
            draw(canvas, kind, 24, colour, (x, top - 8))
        else:
            cv2.rectangle(canvas, (x - 20, top - 18), (x + 20, top - 8), colour, cv2.FILLED)
    return canvas
