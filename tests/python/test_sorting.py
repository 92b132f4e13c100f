import json
import random
import re
import unittest
from types import SimpleNamespace
from functools import lru_cache

import numpy as np

from generators_kit import GeneratorContract, load, picture

load("object-sorting-data-generator", "sorting_src")
from samplekit.shapes import text  # noqa: E402
from sorting_src import config, puzzle, task  # noqa: E402

SEEDS, DRAWN = 400, 26


def look(image, at, size=52):
    """The object that stands there as (colour, shape, height), or None."""
    x, y = at
    area = image[y - size:y + 1, x - size // 2:x + size // 2].astype(int)
    shares = {name: (area == colour).all(axis=2).sum()
              for name, colour in {**config.COLOURS, "grey": config.LINE}.items()}
    name = max(shares, key=shares.get)
    if shares[name] < 20:
        return None
    # Soft edges belong to what they resemble more.
    colour, ground = config.COLOURS.get(name, config.LINE), area[0, 0]
    mask = np.abs(area - colour).sum(axis=2) < np.abs(area - ground).sum(axis=2)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    share = mask.sum() / (height * width)
    widest = mask.sum(axis=1).argmax()
    pointed = "triangle" if widest > rows[0] + 0.8 * height else "star"
    shape = "square" if share > 0.95 else "circle" if share > 0.68 else pointed
    return name, shape, int(height)


@lru_cache(maxsize=None)
def tiles(colour, right, down):
    """The middle of a tile of this colour with each number. Halves are rounded to even, so it
    matters whether the tile is at an odd place."""
    found = {}
    for value in range(100):
        tile = np.full((21, 37, 3), colour, np.uint8)
        text(tile, str(value), 18 + right, 10 + down, 16, config.BOARD, 1)
        found[tile[down:down + 20, right:right + 36].tobytes()] = value
    return found


def number(image, at):
    """The number on the tile that stands there."""
    middle = at[1] - config.TILE // 2
    shown = image[middle - 10:middle + 10, at[0] - 18:at[0] + 18]
    return tiles(tuple(shown[0, 0].tolist()), at[0] % 2, middle % 2)[shown.tobytes()]


def cycles(order):
    """A row of n objects needs n swaps less its cycles."""
    seen, count = set(), 0
    for start in range(len(order)):
        count += start not in seen
        while start not in seen:
            seen.add(start)
            start = order[start]
    return count


def sort_row(values, descending):
    """Do as the prompt says; return the row after each swap."""
    row, rows = list(values), []
    for slot, value in enumerate(sorted(values, reverse=descending)):
        if row[slot] != value:
            other = row.index(value)
            row[slot], row[other] = row[other], row[slot]
            rows.append(row[:])
    return rows


class Film:
    """A puzzle as its prompt and its frames tell it, before the video loses detail."""

    def __init__(self, seed):
        sample = task.make_sample(random.Random(seed), SimpleNamespace(difficulty=None))
        self.told, self.prompt, self.seed = sample.parameters, sample.prompt, seed
        frames = list(sample.frames)
        steps = config.DRAW // len(self.told["moves"])
        # The first picture, and the one after each move.
        ends = [config.HOLD - 1 + steps * move for move in range(len(self.told["moves"]) + 1)]
        self.stages = [frames[end] for end in ends]
        assert (self.stages[0] == frames[0]).all() and (self.stages[-1] == frames[-1]).all()

    def row(self, stage, read):
        return [read(stage, at) for at in self.told["slots"]]


class Films(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.films = [Film(seed) for seed in range(DRAWN)]

    def by_rule(self, *rules):
        films = [film for film in self.films if film.told["rule"] in rules]
        self.assertGreater(len(films), 7)
        return films

    def test_the_first_picture_shows_the_objects_told(self):
        for film in self.films:
            things = [(t["colour"], t["shape"], t["side"]) for t in film.told["objects"]]
            shown = film.row(film.stages[0], look)
            if film.told["rule"] == "number":
                self.assertEqual([t["number"] for t in film.told["objects"]], film.row(film.stages[0], number))
                shown = [(colour, "square", side) for colour, _, side in shown]
            for (colour, shape, side), (_, _, height) in zip(things, shown):
                self.assertLess(abs(side - height), 4, film.seed)
            self.assertEqual([t[:2] for t in things], [s[:2] for s in shown], film.seed)

    def test_rows_are_sorted_as_the_prompt_says(self):
        for film in self.by_rule("size", "number"):
            read = number if film.told["rule"] == "number" else lambda image, at: look(image, at)[2]
            stages = [film.row(stage, read) for stage in film.stages]
            values = stages[0]
            self.assertEqual(len(values), len(set(values)), "no ties")
            descending = bool(re.search("largest|highest|fall", film.prompt))
            self.assertNotEqual(descending, bool(re.search("smallest|lowest|rise", film.prompt)))
            self.assertEqual(sort_row(values, descending), stages[1:], film.seed)
            self.assertEqual(sorted(values, reverse=descending), stages[-1])
            order = [sorted(values, reverse=descending).index(value) for value in values]
            self.assertEqual(len(values) - cycles(order), len(film.told["moves"]), "the fewest swaps")
            self.assertGreaterEqual(len(film.told["moves"]), 3)
            if film.told["rule"] == "size":
                ordered = sorted(values)
                self.assertGreater(min(b - a for a, b in zip(ordered, ordered[1:])), 3, "eyes can tell")

    def test_objects_go_into_their_bins_from_left_to_right(self):
        for film in self.by_rule("colour", "shape"):
            bins = self.bins(film)
            kind = 0 if film.told["rule"] == "colour" else 1
            self.assertIn(film.told["rule"], film.prompt)
            things = film.row(film.stages[0], look)
            filled = {name: [] for name in bins}
            for stage, thing in zip(film.stages[1:], things):
                filled[thing[kind]].append(thing)
                shown = {name: [look(stage, at, 38) for at in places] for name, places in bins.items()}
                for name, inside in filled.items():
                    self.assertEqual(inside + [None] * (6 - len(inside)), shown[name], film.seed)
                done = sum(map(len, filled.values()))
                self.assertEqual([None] * done + things[done:], film.row(stage, look), film.seed)
            self.assertTrue(all(filled.values()), "no bin stays empty")
            self.assertEqual(len(things), len(film.told["moves"]))

    @staticmethod
    def bins(film):
        """Read from the marks in the first picture what each bin takes, and where."""
        image, count = film.stages[0], len(film.told["bins"])
        found = {}
        for i in range(count):
            middle = (config.SIZE - config.BIN * (count - 1)) // 2 + i * config.BIN
            top = config.FLOOR - 3 * config.STACK - 10
            places = [(middle + side, config.FLOOR - 7 - layer * config.STACK)
                      for layer in range(3) for side in (-23, 23)]
            if film.told["rule"] == "colour":
                colours = [name for name, c in config.COLOURS.items() if tuple(image[top - 13, middle]) == c]
                found[colours[0]] = places
            else:
                found[look(image, (middle, top - 8), 30)[1]] = places
        assert list(found) == film.told["bins"], film.seed
        return found


class Puzzles(unittest.TestCase):
    def test_puzzles_vary(self):
        puzzles = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]
        self.assertEqual(SEEDS, len({repr(p) for p in puzzles}))
        self.assertEqual({5, 6, 7}, {len(p.things) for p in puzzles})
        for rule in config.PROMPTS:
            self.assertGreater(sum(p.rule == rule for p in puzzles), SEEDS / 6, rule)
        self.assertEqual({2, 3}, {len(p.bins) for p in puzzles if p.bins})
        self.assertLessEqual(max(len(p.moves) for p in puzzles), 7)
        self.assertEqual({False, True}, {p.descending for p in puzzles})


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "object-sorting-data-generator", "sorting", 24

    def test_files_hold_what_the_films_show(self):
        for sample in self.samples:
            metadata = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))
            film = Film(metadata["seed"])
            self.assertEqual(json.loads(json.dumps(film.told)), metadata["parameters"])
            self.assertEqual(film.prompt + "\n", (sample / "prompt.txt").read_text(encoding="utf-8"))
            for name, stage in (("first", film.stages[0]), ("final", film.stages[-1])):
                self.assertTrue((stage == picture(sample / f"{name}_frame.png")).all())


if __name__ == "__main__":
    unittest.main()
