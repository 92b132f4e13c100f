"""Turns a random state into a sample."""

from dataclasses import asdict

from samplekit import Sample

from . import config, drawing, puzzle

ORDERS = {"size": (("smallest", "up"), ("largest", "down")),
          "number": (("lowest", "rise"), ("highest", "fall"))}


def make_sample(rng, options):
    found = puzzle.invent(rng, options.difficulty)
    order, trend = ORDERS[found.rule][found.descending] if found.rule in ORDERS else ("", "")
    return Sample(
        prompt=rng.choice(config.PROMPTS[found.rule]).format(order=order, trend=trend),
        parameters={
            "rule": found.rule,
            "descending": found.descending,
            "objects": [asdict(thing) for thing in found.things],
            "bins": found.bins,
            "moves": [[{"object": thing, "to": place} for thing, place in move.items()]
                      for move in found.moves],
            # In pixels, the middle of each object's base, so that a reader can find it.
            "slots": [drawing.spot(found, number) for number in range(len(found.things))],
        },
        frames=drawing.frames(found),
        fps=config.FPS,
        pixels=("slots", "side"))
