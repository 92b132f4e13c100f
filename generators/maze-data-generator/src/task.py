"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle


def make_sample(rng, options):
    maze = puzzle.invent(rng, options.min_size, options.max_size, options.algorithm, options.difficulty)
    layout = drawing.Layout(maze.rows, maze.columns)
    return Sample(
        prompt=rng.choice(config.PROMPTS),
        parameters={
            "algorithm": maze.algorithm,
            "rows": maze.rows,
            "columns": maze.columns,
            "start": maze.path[0],
            "goal": maze.path[-1],
            "path": maze.path,
            # In pixels, so that a reader can find the cells in the pictures.
            "cell_size": layout.cell,
            "top_left": (layout.left, layout.top),
        },
        frames=drawing.frames(maze),
        fps=config.FPS,
        pixels=("cell_size", "top_left"))
