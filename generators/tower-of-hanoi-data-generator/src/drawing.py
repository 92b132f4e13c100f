"""Pegs and discs as pixels, and the frames in which discs move."""

import numpy as np
from samplekit.shapes import rounded_box, text
from samplekit.steps import moves

from . import config
from .puzzle import PEGS, play


class Layout:
    """Where pegs and discs are. `floor` is the y on which the lowest disc lies, `spacing` the
    distance of the pegs, `thickness` that of a disc."""

    def __init__(self, discs, floor, spacing, thickness):
        self.floor, self.thickness = floor, thickness
        self.pegs = [config.SIZE // 2 + (peg - 1) * spacing for peg in range(PEGS)]
        self.widths = np.linspace(0.3, 0.92, discs) * spacing
        self.tip = floor - (config.MOST + 0.6) * thickness  # of the pegs

    def places(self, state):
        """For each disc the middle of its underside."""
        return [(self.pegs[peg], self.floor - self.thickness * state[disc + 1:].count(peg))
                for disc, peg in enumerate(state)]

    def lifted(self, start, end, part):
        """On the way from one place up over the tips of the pegs and down to another."""
        top = self.tip - 4
        corners = np.array([start, (start[0], top), (end[0], top), end], float)
        lengths = np.abs(np.diff(corners, axis=0)).sum(axis=1)
        at = np.concatenate([[0], lengths.cumsum()])
        return [np.interp(part * at[-1], at, corners[:, axis]) for axis in (0, 1)]


def layouts(discs):
    """Of the large pegs, and of the goal above them."""
    return (Layout(discs, config.SIZE - 24, 120, 23),
            Layout(discs, config.MARGIN + config.PANEL - 14, 66, 11))


def frames(puzzle, colours):
    large, small = layouts(len(puzzle.start))
    backdrop = np.empty((config.SIZE, config.SIZE, 3), np.uint8)
    backdrop[:] = config.BACKGROUND
    rounded_box(backdrop, config.MARGIN, config.MARGIN, config.SIZE - config.MARGIN,
                config.MARGIN + config.PANEL, 10, config.SHEET)
    text(backdrop, "GOAL", 52, config.MARGIN + config.PANEL / 2, 16, config.LABEL, 1)
    for layout in (small, large):
        _draw_pegs(backdrop, layout)
    for disc, place in enumerate(small.places(puzzle.goal)):
        _draw_disc(backdrop, small, disc, place, colours)

    state, moved = puzzle.start, 0
    for done in moves(len(puzzle.moves), config.HOLD, config.DRAW):
        while moved < int(done):
            state = play(state, puzzle.moves[moved])
            moved += 1
        places = large.places(state)
        if done > moved:
            disc = puzzle.moves[moved][0]
            target = large.places(play(state, puzzle.moves[moved]))[disc]
            places[disc] = large.lifted(places[disc], target, done - moved)
        frame = backdrop.copy()
        for disc, place in enumerate(places):
            _draw_disc(frame, large, disc, place, colours)
        yield frame


def _draw_pegs(picture, layout):
    half, thick = layout.widths[-1] / 2, layout.thickness / 6
    for x in layout.pegs:
        rounded_box(picture, x - thick, layout.tip, x + thick, layout.floor, thick, config.WOOD)
    rounded_box(picture, layout.pegs[0] - half - 4, layout.floor, layout.pegs[-1] + half + 4,
                layout.floor + layout.thickness * 0.4, thick, config.WOOD)


def _draw_disc(picture, layout, disc, place, colours):
    (x, y), half = place, layout.widths[disc] / 2
    rounded_box(picture, x - half, y - layout.thickness + 1, x + half, y, layout.thickness * 0.35, colours[disc])
