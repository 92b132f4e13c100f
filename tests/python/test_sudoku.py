import json
import random
import unittest

from digit_reader import is_empty, number
from generators_kit import GeneratorContract, film, load, picture

load("sudoku-data-generator", "sudoku_src")
from sudoku_src import config, puzzle  # noqa: E402

SEEDS = 300


class Judge:
    """A sudoku whose boxes may have any shape: groups of cells that hold each digit once."""

    def __init__(self, side, boxes):
        cells = [(r, c) for r in range(side) for c in range(side)]
        rows, columns = ([[cell for cell in cells if cell[axis] == i] for i in range(side)] for axis in (0, 1))
        self.side, self.cells, self.groups = side, cells, rows + columns + boxes

    def options(self, grid, cell):
        taken = {grid.get(other) for group in self.groups if cell in group for other in group}
        return set(range(1, self.side + 1)) - taken

    def solutions(self, grid):
        """Every way to complete the grid, each as a dictionary of all cells."""
        options = {cell: self.options(grid, cell) for cell in self.cells if cell not in grid}
        if not options:
            yield grid
            return
        cell = min(options, key=lambda cell: len(options[cell]))
        for digit in options[cell]:
            yield from self.solutions({**grid, cell: digit})

    def follows(self, grid, cell, digit):
        """Without a guess: only this digit fits here, or it fits only here in some group."""
        if self.options(grid, cell) == {digit}:
            return True
        return any(not any(digit in self.options(grid, other) for other in group
                           if other != cell and other not in grid)
                   for group in self.groups if cell in group)

    @staticmethod
    def of(sudoku):
        """A puzzle straight from the generator, and its givens."""
        (rows, columns), side = sudoku.box, sudoku.side
        boxes = {}
        for r in range(side):
            for c in range(side):
                boxes.setdefault((r // rows, c // columns), []).append((r, c))
        givens = {divmod(i, side): digit for i, digit in enumerate(sudoku.givens) if digit}
        return Judge(side, list(boxes.values())), givens


class PixelSudoku:
    """A grid read back from a picture; of the metadata it takes only where the cells are."""

    def __init__(self, image, told):
        self.image, self.side, self.size = image, told["side"], told["cell_size"]
        self.left, self.top = told["top_left"]
        self.cells = [(r, c) for r in range(self.side) for c in range(self.side)]

    def pixels(self, cell):
        y, x = self.top + cell[0] * self.size, self.left + cell[1] * self.size
        return self.image[y + 4:y + self.size - 3, x + 4:x + self.size - 3]

    def digits(self):
        found = {cell: number(self.pixels(cell), self.side) for cell in self.cells}
        return {cell: digit for cell, digit in found.items() if digit}

    def boxes(self):
        """The areas within thick outlines: thin lines are lighter."""
        left, boxes = set(self.cells), []
        while left:
            box = [left.pop()]
            for r, c in box:  # grows while we walk it
                y, x = self.top + r * self.size, self.left + c * self.size
                half = self.size // 2
                for other, (v, u) in (((r - 1, c), (y, x + half)), ((r + 1, c), (y + self.size, x + half)),
                                      ((r, c - 1), (y + half, x)), ((r, c + 1), (y + half, x + self.size))):
                    if other in left and self.image[v, u].sum() > 300:
                        left.remove(other)
                        box.append(other)
            boxes.append(box)
        return boxes


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "sudoku-data-generator", "sudoku", 20

    def sudokus(self):
        for sample in self.samples:
            told = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]
            yield sample, told, PixelSudoku(picture(sample / "first_frame.png"), told)

    def test_the_picture_has_one_solution_and_the_final_picture_shows_it(self):
        for sample, told, shown in self.sudokus():
            boxes = shown.boxes()
            self.assertEqual([told["side"]] * told["side"], [len(box) for box in boxes], sample.name)
            givens = shown.digits()
            solutions = list(Judge(told["side"], boxes).solutions(givens))
            self.assertEqual(1, len(solutions), sample.name)
            final = PixelSudoku(picture(sample / "final_frame.png"), told)
            self.assertEqual(solutions[0], final.digits())
            for cell in givens:
                self.assertTrue((shown.pixels(cell) == final.pixels(cell)).all(), "givens stay as they are")
            for key, grid in (("puzzle", givens), ("solution", solutions[0])):
                text = "".join(str(grid.get(cell, ".")) for cell in shown.cells)
                self.assertEqual(text, "".join(told[key]))
            self.assertEqual(len(shown.cells) - len(givens), told["empty_cells"])

    def test_the_video_fills_the_cells_in_the_order_told(self):
        for sample, told, shown in self.sudokus():
            order, counts = [tuple(step[:2]) for step in told["steps"]], []
            for frame in film(sample / "ground_truth.mp4"):
                seen = PixelSudoku(frame, told)
                filled = {cell for cell in order if not is_empty(seen.pixels(cell))}
                counts.append(len(filled))
                self.assertEqual(set(order[:len(filled)]), filled, sample.name)
            self.assertEqual((0, len(order)), (counts[0], counts[-1]))
            self.assertEqual(sorted(counts), counts)
            self.assertLessEqual(max(b - a for a, b in zip(counts, counts[1:])), 2)

    def test_every_step_follows_from_those_before(self):
        for sample, told, shown in self.sudokus():
            judge, grid = Judge(told["side"], shown.boxes()), shown.digits()
            for row, column, digit in told["steps"]:
                self.assertTrue(judge.follows(grid, (row, column), digit), (sample.name, row, column))
                grid[row, column] = digit

    def test_prompt_names_the_digits(self):
        for sample, told, _ in self.sudokus():
            self.assertIn(f"1 to {told['side']}", (sample / "prompt.txt").read_text(encoding="utf-8"))
        for prompt in config.PROMPTS:
            self.assertIn("1 to {side}", prompt)


class Puzzles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.puzzles = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]

    def test_the_judge_counts_the_known_number_of_grids(self):
        boxes = [[(r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1)] for r in (0, 2) for c in (0, 2)]
        self.assertEqual(288, sum(1 for _ in Judge(4, boxes).solutions({})))

    def test_puzzles_have_one_solution(self):
        for sudoku in self.puzzles[:40]:
            judge, givens = Judge.of(sudoku)
            self.assertEqual([sudoku.solution],
                             [[grid[cell] for cell in judge.cells] for grid in judge.solutions(givens)])

    def test_puzzles_vary(self):
        self.assertEqual(SEEDS, len({(p.box, *p.givens) for p in self.puzzles}))
        for box, (fewest, most) in config.LEVELS.items():
            here = [p for p in self.puzzles if p.box == box]
            self.assertGreater(len(here), SEEDS / 5)
            self.assertEqual((fewest, most), (min(len(p.steps) for p in here), max(len(p.steps) for p in here)))
            if box != (2, 2):  # of which there are only 288
                self.assertEqual(len(here), len({tuple(p.solution) for p in here}))


if __name__ == "__main__":
    unittest.main()
