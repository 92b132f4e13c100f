import json
import random
import tempfile
import unittest
from collections import deque
from pathlib import Path

import numpy as np

from generators_kit import GeneratorContract, execute, load, picture

load("maze-data-generator", "maze_src")
from maze_src import carving, config, puzzle  # noqa: E402

SEEDS = 500


def search(doors, start):
    """Breadth first: the cells in reach, each with the one it was reached from."""
    came_from, queue = {start: None}, deque([start])
    while queue:
        cell = queue.popleft()
        for other in doors[cell]:
            if other not in came_from:
                came_from[other] = cell
                queue.append(other)
    return came_from


class PixelMaze:
    """A maze read back from a picture; of the metadata it takes only where the cells are."""

    def __init__(self, image, told):
        self.image, self.size = image, told["cell_size"]
        self.rows, self.columns, (self.left, self.top) = told["rows"], told["columns"], told["top_left"]
        self.cells = [(r, c) for r in range(self.rows) for c in range(self.columns)]
        self.doors = {cell: [] for cell in self.cells}
        self.leaks = []
        for row, column in self.cells:
            for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                other = (row + step[0], column + step[1])
                if self.is_open((row, column), other):
                    if other in self.doors:
                        self.doors[row, column].append(other)
                    else:
                        self.leaks.append((row, column))

    def centre(self, cell):
        return (self.top + cell[0] * self.size + self.size // 2,
                self.left + cell[1] * self.size + self.size // 2)

    def is_open(self, one, other):
        (y, x), (v, u) = self.centre(one), self.centre(other)
        # Outside the maze the next "centre" may lie outside the picture.
        strip = self.image[max(0, min(y, v)):max(y, v) + 1, max(0, min(x, u)):max(x, u) + 1]
        return bool((strip.sum(axis=2) > 240).all())  # only walls are darker

    def find(self, colour):
        """The one cell whose middle has this colour."""
        found = [cell for cell in self.cells if tuple(self.image[self.centre(cell)]) == colour]
        assert len(found) == 1, found
        return found[0]

    def halfway(self, one, other):
        (y, x), (v, u) = self.centre(one), self.centre(other)
        return tuple(self.image[(y + v) // 2, (x + u) // 2])


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "maze-data-generator", "maze", 20

    def mazes(self):
        for sample in self.samples:
            told = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]
            yield sample, told, PixelMaze(picture(sample / "first_frame.png"), told)

    def test_the_picture_is_a_closed_perfect_maze(self):
        for sample, _, maze in self.mazes():
            self.assertEqual([], maze.leaks, sample.name)
            self.assertEqual(set(maze.cells), set(search(maze.doors, (0, 0))), "all connected")
            passages = sum(map(len, maze.doors.values())) / 2
            self.assertEqual(len(maze.cells) - 1, passages, "connected and no circle: a tree")

    def test_the_path_told_is_the_one_in_the_picture(self):
        for sample, told, maze in self.mazes():
            start, goal = maze.find(config.START), maze.find(config.GOAL)
            came_from, path = search(maze.doors, start), [goal]
            while path[-1] != start:
                path.append(came_from[path[-1]])
            self.assertEqual([list(cell) for cell in path[::-1]], told["path"], sample.name)
            self.assertEqual([list(start), list(goal)], [told["start"], told["goal"]])

    def test_the_final_picture_marks_the_path_and_nothing_else(self):
        for sample, told, maze in self.mazes():
            final = PixelMaze(picture(sample / "final_frame.png"), told)
            self.assertEqual(maze.doors, final.doors, "the path crosses no wall")
            path = [tuple(cell) for cell in told["path"]]
            steps = {frozenset(step) for step in zip(path, path[1:])}
            marked = {frozenset((cell, other)) for cell in final.cells for other in final.doors[cell]
                      if final.halfway(cell, other) == config.PATH}
            self.assertEqual(steps, marked)
            unmarked = [cell for cell in maze.cells if cell not in path]
            for cell in unmarked:
                self.assertEqual(config.FLOOR, tuple(final.image[final.centre(cell)]))

    def test_the_first_picture_gives_nothing_away(self):
        for sample, _, maze in self.mazes():
            self.assertFalse((maze.image == np.array(config.PATH)).all(axis=2).any(), sample.name)


class Mazes(unittest.TestCase):
    def test_every_algorithm_carves_a_tree(self):
        for name, carve in carving.ALGORITHMS.items():
            for rows, columns in ((1, 2), (2, 1), (6, 14), (14, 6), (9, 9)):
                passages = carve(random.Random(3), rows, columns)
                doors = {(r, c): [] for r in range(rows) for c in range(columns)}
                for one, other in passages:
                    self.assertEqual(1, abs(one[0] - other[0]) + abs(one[1] - other[1]))
                    doors[one].append(other)
                    doors[other].append(one)
                self.assertEqual(rows * columns - 1, len(passages), name)
                self.assertEqual(rows * columns, len(search(doors, (0, 0))), name)

    def test_mazes_vary(self):
        mazes = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]
        prints = {(m.rows, m.columns, tuple(m.path), frozenset(map(frozenset, m.passages))) for m in mazes}
        self.assertEqual(SEEDS, len(prints))
        self.assertEqual(set(carving.ALGORITHMS), {m.algorithm for m in mazes})
        self.assertGreater(len({(m.rows, m.columns) for m in mazes}), 60)
        self.assertGreater(min(len(m.path) for m in mazes), 4, "no trivial mazes")

    def test_size_and_algorithm_can_be_chosen(self):
        for size in (3, 30):
            maze = puzzle.invent(random.Random(5), size, size, "wilson")
            self.assertEqual((size, size, "wilson"), (maze.rows, maze.columns, maze.algorithm))
        self.assertEqual(puzzle.invent(random.Random(5)), puzzle.invent(random.Random(5), 6, 14))
        with self.assertRaisesRegex(ValueError, "--min-size is 15, above --max-size, 14"):
            puzzle.invent(random.Random(5), 15, 14)

    def test_the_flags_reach_the_maze(self):
        with tempfile.TemporaryDirectory() as folder:
            result = execute("maze-data-generator", "--num-samples", 1, "--output", folder, "--min-size", 20, "--max-size", 20, "--algorithm", "prim")
            self.assertEqual("", result.stderr)
            told = json.loads(next(Path(folder).rglob("metadata.json")).read_text(encoding="utf-8"))["parameters"]
        self.assertEqual((20, 20, "prim"), (told["rows"], told["columns"], told["algorithm"]))


if __name__ == "__main__":
    unittest.main()
