"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle


def make_sample(rng, options):
    found = puzzle.invent(rng, options.difficulty)
    start, goal = (drawing.letter(found.path[end]) for end in (0, -1))
    return Sample(
        prompt=rng.choice(config.PROMPTS).format(start=start, goal=goal),
        parameters={
            # In pixels, so that a reader can find the nodes and weights in the pictures.
            "nodes": {drawing.letter(n): drawing.pixel(at) for n, at in enumerate(found.nodes)},
            "edges": [{"ends": [drawing.letter(n) for n in e], "weight": weight,
                       "label": drawing.pixel(found.labels[e])}
                      for e, weight in sorted(found.weights.items())],
            "start": start,
            "goal": goal,
            "path": [drawing.letter(node) for node in found.path],
            "length": found.length,
        },
        frames=drawing.frames(found),
        fps=config.FPS,
        pixels=("nodes", "label"))
