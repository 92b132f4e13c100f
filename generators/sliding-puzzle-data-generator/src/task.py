"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle


def make_sample(rng, options):
    sliding = puzzle.invent(rng, options.difficulty)
    board, goal = drawing.layouts(sliding)
    return Sample(
        prompt=rng.choice(config.PROMPTS).format(moves=len(sliding.moves)),
        parameters={
            "rows": sliding.rows,
            "columns": sliding.columns,
            # Row by row; 0 is the gap.
            "start": sliding.start,
            "goal": sliding.goal,
            "moves": sliding.moves,
            # In pixels, so that a reader can find the cells in the pictures.
            "cell_size": board.cell,
            "top_left": (board.left, board.top),
            "goal_cell_size": goal.cell,
            "goal_top_left": (goal.left, goal.top),
        },
        frames=drawing.frames(sliding),
        fps=config.FPS,
        pixels=("cell_size", "top_left", "goal_cell_size", "goal_top_left"))
