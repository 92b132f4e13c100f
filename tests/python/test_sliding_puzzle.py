import itertools
import json
import math
import random
import re
import unittest

import numpy as np

from digit_reader import number
from generators_kit import GeneratorContract, difference, film, load, picture

load("sliding-puzzle-data-generator", "sliding_src")
from sliding_src import config, puzzle  # noqa: E402

SEEDS = 500


def slides(board, columns):
    """Every tile that can slide, and the board after it."""
    gap = board.index(0)
    for cell, tile in enumerate(board):
        beside = cell // columns == gap // columns and abs(cell - gap) == 1
        if beside or abs(cell - gap) == columns:
            after = list(board)
            after[gap], after[cell] = tile, 0
            yield tile, tuple(after)


def shortest(start, goal, columns):
    """Every shortest series of slides, breadth first over whole layers."""
    ways, layer = {}, {tuple(start): [()]}
    while tuple(goal) not in layer:
        ways.update(layer)
        following = {}
        for board, so_far in layer.items():
            for tile, after in slides(board, columns):
                if after not in ways:
                    following.setdefault(after, []).extend((*way, tile) for way in so_far)
        layer = following
    return layer[tuple(goal)]


def read_board(image, told, prefix=""):
    size, (left, top) = told[prefix + "cell_size"], told[prefix + "top_left"]
    rim, board = max(4, size // 7), []
    for r in range(told["rows"]):
        for c in range(told["columns"]):
            y, x = top + r * size, left + c * size
            board.append(number(image[y + rim:y + size - rim, x + rim:x + size - rim], told["rows"] * told["columns"] - 1))
    return board


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "sliding-puzzle-data-generator", "sliding", 20

    def puzzles(self):
        for sample in self.samples:
            yield sample, json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]

    def test_the_picture_has_one_shortest_solution_and_the_final_picture_shows_it(self):
        for sample, told in self.puzzles():
            first, final = (picture(sample / f"{name}_frame.png") for name in ("first", "final"))
            start, goal = read_board(first, told), read_board(first, told, "goal_")
            self.assertEqual(list(range(len(start))), sorted(start), sample.name)
            self.assertEqual((told["start"], told["goal"]), (start, goal))
            self.assertEqual([tuple(told["moves"])], shortest(start, goal, told["columns"]), sample.name)
            self.assertEqual(goal, read_board(final, told))
            above = told["top_left"][1] - 4
            self.assertTrue((first[:above] == final[:above]).all(), "the goal stays as it is")

    def test_tiles_slide_frame_by_frame(self):
        for sample, told in itertools.islice(self.puzzles(), 2):
            frames, size = film(sample / "ground_truth.mp4"), told["cell_size"]
            moves = len(told["moves"])
            drawn = frames[config.HOLD - 1:config.HOLD + config.DRAW // moves * moves]
            for one, other in zip(drawn, drawn[1:]):
                self.assertGreater(difference(one, other), 0.3, sample.name)
                # No jumps: what changes between two frames is one tile's way, or two at a turn.
                changed = (np.abs(one - other).sum(axis=2) > 150).sum()
                self.assertLess(changed, 3 * size * size)

    def test_prompts_tell_the_number_of_moves_or_ask_for_the_fewest(self):
        for sample, told in self.puzzles():
            numbers = re.findall(r"\d+", (sample / "prompt.txt").read_text(encoding="utf-8"))
            self.assertIn(numbers, ([], [str(len(told["moves"]))]))
        for prompt in config.PROMPTS:
            self.assertRegex(prompt, r"fewest|few moves|\{moves\}|short")


class Puzzles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.puzzles = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]

    def test_the_way_is_the_only_shortest_one(self):
        for found in self.puzzles[:100]:
            self.assertEqual([tuple(found.moves)], shortest(found.start, found.goal, found.columns))

    def test_puzzles_vary(self):
        self.assertEqual(SEEDS, len({(p.columns, *p.start, *p.goal) for p in self.puzzles}))
        self.assertEqual({(r, c) for r in (3, 4) for c in (3, 4)}, {(p.rows, p.columns) for p in self.puzzles})
        self.assertEqual(set(range(config.LEVELS[None][2], config.LEVELS[None][3] + 1)), {len(p.moves) for p in self.puzzles})
        # Any goal may come up, and has a start: on the smallest board alone there are 9! of them.
        self.assertGreater(math.factorial(config.LEVELS[None][0] ** 2), 10_000)
        self.assertEqual(set(range(16)), {p.goal.index(0) for p in self.puzzles if p.rows == p.columns == 4})


if __name__ == "__main__":
    unittest.main()
