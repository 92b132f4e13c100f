"""Turns a random state into a sample."""

from samplekit import Sample

from . import config, drawing, puzzle


def make_sample(rng, options):
    sudoku = puzzle.invent(rng, options.difficulty)
    layout = drawing.Layout(sudoku.side)
    return Sample(
        prompt=rng.choice(config.PROMPTS).format(side=sudoku.side),
        parameters={
            "side": sudoku.side,
            "box": sudoku.box,  # rows and columns
            "empty_cells": len(sudoku.steps),
            "puzzle": _rows(sudoku.givens, sudoku.side),
            "solution": _rows(sudoku.solution, sudoku.side),
            "steps": [(*divmod(cell, sudoku.side), sudoku.solution[cell]) for cell in sudoku.steps],
            # In pixels, so that a reader can find the cells in the pictures.
            "cell_size": layout.cell,
            "top_left": layout.corner(0, 0),
        },
        frames=drawing.frames(sudoku),
        fps=config.FPS,
        pixels=("cell_size", "top_left"))


def _rows(digits, side):
    return ["".join(map(str, digits[i:i + side])).replace("0", ".") for i in range(0, side * side, side)]
