import json
import random
import unittest

import numpy as np

from generators_kit import GeneratorContract, load, picture

load("mirror-reflection-data-generator", "mirror_src")
from mirror_src import config, puzzle  # noqa: E402
from samplekit.shapes import text  # noqa: E402

SEEDS = 500
TURNS = {"/": {"N": "E", "E": "N", "S": "W", "W": "S"}, "\\": {"N": "W", "W": "N", "S": "E", "E": "S"}}
STEPS = {"N": (-1, 0), "E": (0, 1), "S": (1, 0), "W": (0, -1)}


def gates(size):
    """Clockwise from the top left: the cell outside, and the heading that leads in."""
    return ([((-1, i), "S") for i in range(size)] + [((i, size), "W") for i in range(size)]
            + [((size, size - 1 - i), "N") for i in range(size)]
            + [((size - 1 - i, -1), "E") for i in range(size)])


def follow(rows, outside, heading):
    size, cells = len(rows), [outside]
    while True:
        cell = tuple(a + b for a, b in zip(cells[-1], STEPS[heading]))
        cells.append(cell)
        if not all(0 <= i < size for i in cell):
            return cells
        heading = TURNS.get(rows[cell[0]][cell[1]], {}).get(heading, heading)


class PixelGrid:
    """A grid read back from a picture; of the metadata it takes only where the cells are."""

    def __init__(self, image, told):
        self.image, self.size, self.cell, self.corner = image, told["size"], told["cell_size"], told["top_left"]
        self.rows = ["".join(self.mirror((r, c)) for c in range(self.size)) for r in range(self.size)]

    def centre(self, cell):
        """(y, x); gates are half a margin beside the grid."""
        low, high = (self.corner[0] + side for side in (-config.MARGIN // 2, config.MARGIN // 2))
        return tuple(min(high + self.size * self.cell,
                         max(low, self.corner[0] + i * self.cell + self.cell // 2)) for i in cell)

    def at(self, y, x):
        return tuple(self.image[y, x])

    def mirror(self, cell):
        (y, x), off = self.centre(cell), self.cell // 5
        rising = [self.at(y - off, x + off), self.at(y + off, x - off)]
        falling = [self.at(y - off, x - off), self.at(y + off, x + off)]
        shown = {"/": rising == [config.MIRROR] * 2, "\\": falling == [config.MIRROR] * 2}
        assert sum(shown.values()) < 2, cell
        assert any(shown.values()) or rising + falling == [config.FLOOR] * 4, cell
        return next((mirror for mirror in shown if shown[mirror]), ".")

    def lit_gates(self):
        """Gates filled with the beam's colour, by number; beside the number if there is one."""
        found = []
        for number, (outside, _) in enumerate(gates(self.size), 1):
            y, x = self.centre(outside)
            found += [number] if self.at(y + 8, x) == config.BEAM or self.at(y - 8, x) == config.BEAM else []
        return found

    def entry(self):
        """The gate with a triangle, which is wide at the border and narrow at the grid."""
        found = []
        for number, (outside, heading) in enumerate(gates(self.size), 1):
            (y, x), (down, right) = self.centre(outside), STEPS[heading]
            back = [(y - 8 * down + side * right, x - 8 * right + side * down) for side in (-8, 8)]
            front = [(y + 8 * down + side * right, x + 8 * right + side * down) for side in (-8, 8)]
            if all(self.at(*p) == config.BEAM for p in back) and not any(self.at(*p) == config.BEAM for p in front):
                found.append(number)
        assert len(found) == 1, found
        return found[0]

    def beam(self):
        """Neighbouring cells, gates included, with light on the line between them."""
        found = set()
        for row in range(-1, self.size):
            for column in range(-1, self.size):
                for other in ((row, column + 1), (row + 1, column)):
                    if any(i not in range(self.size) for i in other) and -1 in (row, column):
                        continue
                    # On the line between two cells, a little inside the later one.
                    y = self.corner[1] + other[0] * self.cell + (1 if other[0] > row else self.cell // 2)
                    x = self.corner[0] + other[1] * self.cell + (1 if other[1] > column else self.cell // 2)
                    if self.at(y, x) == config.BEAM:
                        found.add(frozenset(((row, column), other)))
        return found


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "mirror-reflection-data-generator", "mirror", 20

    def grids(self, name="first"):
        for sample in self.samples:
            told = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]
            yield sample, told, PixelGrid(picture(sample / f"{name}_frame.png"), told)

    def test_the_picture_shows_mirrors_and_entry(self):
        for sample, told, grid in self.grids():
            self.assertEqual(told["mirrors"], grid.rows, sample.name)
            self.assertEqual(told["entry"], grid.entry())
            self.assertEqual(set(), grid.beam(), "the first picture gives nothing away")

    def test_every_gate_but_the_entry_shows_its_number(self):
        for _, told, grid in self.grids():
            for number, (outside, _) in enumerate(gates(grid.size), 1):
                if number != told["entry"]:
                    y, x = grid.centre(outside)
                    expected = np.full(grid.image.shape, config.BACKGROUND, np.uint8)
                    text(expected, str(number), x, y, config.TEXT, config.NUMBER, 1)
                    here = slice(y - 10, y + 10), slice(x - 14, x + 14)
                    self.assertTrue((grid.image[here] == expected[here]).all(), number)

    def test_the_beam_told_is_the_one_the_mirrors_make(self):
        for sample, told, grid in self.grids():
            beam = follow(grid.rows, *gates(grid.size)[grid.entry() - 1])
            self.assertEqual([list(cell) for cell in beam], told["beam"], sample.name)
            self.assertEqual(beam[-1], gates(grid.size)[told["exit"] - 1][0])
            self.assertEqual(told["reflections"], sum(grid.rows[r][c] != "." for r, c in beam[1:-1]))

    def test_the_final_picture_shows_the_beam_and_marks_the_exit(self):
        for sample, told, grid in self.grids("final"):
            self.assertEqual(told["mirrors"], grid.rows, sample.name)
            beam = [tuple(cell) for cell in told["beam"]]
            self.assertEqual(set(map(frozenset, zip(beam, beam[1:]))), grid.beam())
            self.assertEqual([told["exit"]], [n for n in grid.lit_gates() if n != told["entry"]])

    def test_prompts_fit_and_say_what_is_asked(self):
        for sample, told, _ in self.grids():
            prompt = (sample / "prompt.txt").read_text(encoding="utf-8")
            for word in ("arrow", "mirror", "number"):
                self.assertIn(word, prompt)
            self.assertNotIn(str(told["exit"]), prompt.replace("90 degrees", ""))


class Mirrors(unittest.TestCase):
    def test_the_way_of_every_beam(self):
        for seed in range(100):
            found = puzzle.invent(random.Random(seed))
            rows = ["".join(found.mirrors.get((r, c), ".") for c in range(found.size))
                    for r in range(found.size)]
            beam = follow(rows, *gates(found.size)[found.entry - 1])
            self.assertEqual((beam, gates(found.size)[found.exit - 1][0]), (found.beam, beam[-1]))
            self.assertNotEqual(found.entry, found.exit)
            self.assertTrue(4 <= sum(rows[r][c] != "." for r, c in beam[1:-1]) <= 12)

    def test_puzzles_vary(self):
        puzzles = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]
        self.assertEqual(SEEDS, len({(p.size, p.entry, *sorted(p.mirrors.items())) for p in puzzles}))
        self.assertEqual({5, 6, 7, 8}, {p.size for p in puzzles})
        self.assertGreater(min(len(p.mirrors) for p in puzzles), 5)
        self.assertGreater(len({(p.size, p.exit) for p in puzzles}), 70, "any exit may be the answer")


if __name__ == "__main__":
    unittest.main()
