"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle


def make_sample(rng, options):
    hanoi = puzzle.invent(rng, options.difficulty)
    # Any disc may have any colour: sizes matter, colours only tell discs apart.
    colours = rng.sample(config.DISCS, len(hanoi.start))
    large, small = drawing.layouts(len(hanoi.start))
    return Sample(
        prompt=rng.choice(config.PROMPTS).format(moves=len(hanoi.moves)),
        parameters={
            # The peg of each disc, the smallest disc first; the pegs are 0, 1 and 2.
            "start": hanoi.start,
            "goal": hanoi.goal,
            "moves": hanoi.moves,  # disc and the peg it goes to
            "discs": len(hanoi.start),
            "colours": colours,
            # In pixels, so that a reader can find the discs in the pictures.
            "pegs": large.pegs,
            "floor": large.floor,
            "thickness": large.thickness,
            "goal_pegs": small.pegs,
            "goal_floor": small.floor,
            "goal_thickness": small.thickness,
        },
        frames=drawing.frames(hanoi, colours),
        fps=config.FPS,
        pixels=("pegs", "floor", "thickness", "goal_pegs", "goal_floor", "goal_thickness"))
