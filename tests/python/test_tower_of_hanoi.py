import itertools
import json
import random
import re
import unittest

import numpy as np

from generators_kit import GENERATORS, GeneratorContract, difference, film, load, picture

load("tower-of-hanoi-data-generator", "hanoi_src")
from hanoi_src import config, puzzle  # noqa: E402

SEEDS = 500


def steps(towers):
    """Every legal move as (disc, peg) and the towers after it; a tower's last disc is its top."""
    for origin, target in itertools.permutations(range(3), 2):
        if towers[origin] and (not towers[target] or towers[origin][-1] < towers[target][-1]):
            after = [list(tower) for tower in towers]
            disc = after[origin].pop()
            after[target].append(disc)
            yield (disc, target), tuple(map(tuple, after))


def shortest(start, most):
    """Every shortest series of moves to each arrangement at most so many moves away."""
    known, layer = {}, {start: [()]}
    for _ in range(most + 1):
        known.update(layer)
        following = {}
        for towers, ways in layer.items():
            for move, after in steps(towers):
                if after not in known:
                    following.setdefault(after, []).extend((*way, move) for way in ways)
        layer = following
    return known


def towers(pegs):
    """From the peg of each disc, the smallest first."""
    return tuple(tuple(disc for disc in reversed(range(len(pegs))) if pegs[disc] == peg) for peg in range(3))


def read_towers(image, told, prefix=""):
    """Colour and width of the discs on each peg, from below; of the metadata it takes only where
    the pegs are."""
    pegs, thickness = told[prefix + "pegs"], told[prefix + "thickness"]
    found = []
    for x in pegs:
        discs, y = [], told[prefix + "floor"] - thickness // 2
        while True:
            same = (image[y] == image[y, x]).all(axis=1)
            left, right = (next(d for d in range(1, 200) if not same[x + d * way]) for way in (-1, 1))
            if left + right < (pegs[1] - pegs[0]) / 5:  # a bare peg
                break
            discs.append((tuple(int(part) for part in image[y, x]), left + right))
            y -= thickness
        found.append(discs)
    return found


def by_size(found):
    """The colours of all discs, from the smallest, after a look that sizes are distinct."""
    discs = sorted((width, colour) for tower in found for colour, width in tower)
    assert all(b[0] - a[0] >= 4 for a, b in zip(discs, discs[1:])), discs
    return [colour for _, colour in discs]


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "tower-of-hanoi-data-generator", "hanoi", 20

    def puzzles(self):
        for sample in self.samples:
            yield sample, json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]

    def test_the_picture_has_one_shortest_solution_and_the_final_picture_shows_it(self):
        for sample, told in self.puzzles():
            first, final = (picture(sample / f"{name}_frame.png") for name in ("first", "final"))
            shown = [read_towers(first, told), read_towers(first, told, "goal_"), read_towers(final, told)]
            colours = by_size(shown[0])
            self.assertEqual(told["discs"], len(set(colours)), sample.name)
            self.assertEqual([colours] * 3, [by_size(one) for one in shown], "the same sizes everywhere")
            start, goal, end = (tuple(tuple(colours.index(colour) for colour, _ in tower) for tower in one)
                                for one in shown)
            self.assertEqual((towers(told["start"]), towers(told["goal"])), (start, goal))
            for tower in start + goal:
                self.assertEqual(sorted(tower, reverse=True), list(tower), "larger discs below")
            moves = tuple(map(tuple, told["moves"]))
            self.assertEqual([moves], shortest(start, len(moves))[goal], sample.name)
            self.assertEqual(goal, end)
            above = config.MARGIN + config.PANEL
            self.assertTrue((first[:above] == final[:above]).all(), "the goal stays as it is")

    def test_discs_move_frame_by_frame_one_at_a_time(self):
        for sample, told in itertools.islice(self.puzzles(), 2):
            moves = len(told["moves"])
            drawn = film(sample / "ground_truth.mp4")[config.HOLD - 1:config.HOLD + config.DRAW // moves * moves]
            for one, other in zip(drawn, drawn[1:]):
                self.assertGreater(difference(one, other), 0.2, sample.name)
                # A disc leaves one place and is in another, at a turn also a second disc.
                changed = (np.abs(one - other).sum(axis=2) > 150).sum()
                self.assertLess(changed, 4 * told["thickness"] * (told["pegs"][1] - told["pegs"][0]))

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

    def test_the_search_itself_knows_the_classic_puzzle(self):
        ways = shortest(towers([0] * 4), 15)
        self.assertEqual((15, 1), (len(ways[towers([2] * 4)][0]), len(ways[towers([2] * 4)])))
        self.assertEqual(3 ** 4, len(ways))

    def test_the_way_is_the_only_shortest_one(self):
        for found in self.puzzles[:100]:
            ways = shortest(towers(found.start), len(found.moves))
            self.assertEqual([tuple(found.moves)], ways[towers(found.goal)])

    def test_puzzles_vary(self):
        discs = {len(p.start) for p in self.puzzles}
        self.assertEqual(set(range(config.LEVELS[None][0], config.LEVELS[None][1] + 1)), discs)
        self.assertEqual(set(range(config.LEVELS[None][2], config.LEVELS[None][3] + 1)), {len(p.moves) for p in self.puzzles})
        # Two of 500 with four discs may be alike but for their colours.
        self.assertGreater(len({(p.start, p.goal) for p in self.puzzles}), SEEDS * 0.98)

    def test_there_are_more_than_ten_thousand_as_the_readme_says(self):
        pairs = 0
        for start in itertools.product(range(3), repeat=6):
            ways = shortest(towers(start), config.LEVELS[None][3])
            pairs += sum(len(one) == 1 and len(one[0]) >= config.LEVELS[None][2] for one in ways.values())
        readme = (GENERATORS / Samples.GENERATOR / "README.md").read_text(encoding="utf-8")
        self.assertGreater(pairs, 10_000)
        self.assertIn(f"{pairs:,} such pairs", readme)


if __name__ == "__main__":
    unittest.main()
