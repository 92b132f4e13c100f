"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle


def make_sample(rng, options):
    found = puzzle.invent(rng, options.difficulty)
    layout = drawing.Layout(found.size)
    return Sample(
        prompt=rng.choice(config.PROMPTS),
        parameters={
            "size": found.size,
            "mirrors": ["".join(found.mirrors.get((row, column), ".") for column in range(found.size))
                        for row in range(found.size)],
            "entry": found.entry,
            "exit": found.exit,
            "beam": found.beam,
            "reflections": sum(cell in found.mirrors for cell in found.beam),
            # In pixels, so that a reader can find the cells in the pictures.
            "cell_size": layout.cell,
            "top_left": (layout.corner, layout.corner),
        },
        frames=drawing.frames(found),
        fps=config.FPS,
        pixels=("cell_size", "top_left"))
