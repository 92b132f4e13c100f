import json
import random
import unittest
from itertools import combinations

import numpy as np

from generators_kit import GeneratorContract, load, picture

load("graph-shortest-path-data-generator", "graph_src")
from graph_src import config, drawing, puzzle  # noqa: E402

SEEDS = 200


def routes(weights, start, goal):
    """Every way from start to goal that visits no node twice, with its length."""
    doors = {}
    for (one, other), weight in weights.items():
        doors.setdefault(one, []).append((other, weight))
        doors.setdefault(other, []).append((one, weight))
    unfinished = [([start], 0)]
    while unfinished:
        path, length = unfinished.pop()
        if path[-1] == goal:
            yield length, path
        else:
            unfinished += [(path + [n], length + w) for n, w in doors[path[-1]] if n not in path]


def looks(pixels, colour):
    return np.abs(pixels - colour).max(axis=-1) < 40


class PixelGraph:
    """A graph read back from a picture; of the metadata it takes only where things are."""

    def __init__(self, image, told):
        self.image, self.nodes = image, {name: np.array(at) for name, at in told["nodes"].items()}
        self.plates = [tuple(edge["label"]) for edge in told["edges"]]
        shares = {pair: self.shares(pair) for pair in combinations(sorted(self.nodes), 2)}
        # Where two edges meet in a node the wide path covers a little of its neighbour.
        self.edges = [pair for pair, (edge, path) in shares.items() if edge + path > 0.9]
        self.marked = [pair for pair in self.edges if shares[pair][1] > 0.9]
        self.weights = {}
        for pair in self.edges:
            on = [at for at in self.plates if self.is_between(np.array(at), *pair, 0.5)]
            assert len(on) == 1, (pair, on)
            self.weights[pair] = self.weight(on[0])

    def shares(self, pair):
        """How much of the line from disc to disc is an edge, and how much is path."""
        a, b = (self.nodes[name] for name in pair)
        length = np.linalg.norm(b - a)
        others = [at for name, at in self.nodes.items() if name not in pair]
        if any(self.is_between(at, *pair) for at in others):
            return 0, 0  # an edge would run through a disc
        points = [a + (b - a) * t / length for t in np.arange(20, length - 20, 2)]
        points = [p for p in np.round(points).astype(int) if not self.is_under_plate(p)]
        pixels = np.array([self.image[y, x] for x, y in points])
        return [looks(pixels, colour).mean() for colour in (config.EDGE, config.PATH)]

    def is_under_plate(self, point):
        return any(abs(point[0] - x) <= 14 and abs(point[1] - y) <= 11 for x, y in self.plates)

    def is_between(self, at, one, other, detour=6):
        a, b = self.nodes[one], self.nodes[other]
        way = np.linalg.norm(at - a) + np.linalg.norm(at - b)
        return way - np.linalg.norm(b - a) < detour

    def weight(self, at):
        found = []
        for weight in range(1, config.HEAVIEST + 1):
            plate = drawing.plate(weight)
            top, left = at[1] - plate.shape[0] // 2, at[0] - plate.shape[1] // 2
            shown = self.image[top:top + plate.shape[0], left:left + plate.shape[1]]
            found += [weight] if (shown == plate).all() else []
        assert len(found) == 1, found
        return found[0]

    def coloured(self, colour):
        """The nodes whose disc has this colour below its letter."""
        return [name for name, (x, y) in self.nodes.items() if looks(self.image[y + 12, x], colour)]


class Samples(GeneratorContract, unittest.TestCase):
    GENERATOR, DOMAIN, FRAMES = "graph-shortest-path-data-generator", "graph", 20

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.graphs = []
        for sample in cls.samples:
            told = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]
            cls.graphs.append((sample, told, PixelGraph(picture(sample / "first_frame.png"), told)))

    def test_the_picture_shows_the_graph_told(self):
        for sample, told, graph in self.graphs:
            edges = {tuple(edge["ends"]): edge["weight"] for edge in told["edges"]}
            self.assertEqual(edges, graph.weights, sample.name)
            self.assertEqual([told["start"]], graph.coloured(config.START))
            self.assertEqual([told["goal"]], graph.coloured(config.GOAL))
            self.assertEqual([], graph.marked, "the first picture gives nothing away")
            self.assertEqual([], graph.coloured(config.PATH))

    def test_the_path_told_is_the_shortest_in_the_picture(self):
        for sample, told, graph in self.graphs:
            start, goal = graph.coloured(config.START)[0], graph.coloured(config.GOAL)[0]
            (length, path), (second, _) = sorted(routes(graph.weights, start, goal))[:2]
            self.assertLess(length, second, sample.name)
            self.assertEqual((length, path), (told["length"], told["path"]), sample.name)

    def test_the_final_picture_marks_the_path_and_nothing_else(self):
        for sample, told, graph in self.graphs:
            final = PixelGraph(picture(sample / "final_frame.png"), told)
            self.assertEqual(graph.weights, final.weights, "every number is still legible")
            steps = {tuple(sorted(step)) for step in zip(told["path"], told["path"][1:])}
            self.assertEqual(steps, set(final.marked), sample.name)
            self.assertEqual(set(told["path"][1:-1]), set(final.coloured(config.PATH)))

    def test_the_prompt_names_start_and_goal(self):
        for sample, told, _ in self.graphs:
            words = (sample / "prompt.txt").read_text(encoding="utf-8").replace(".", " ").split()
            self.assertLess(words.index(told["start"]), words.index(told["goal"]))


class Graphs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.puzzles = [puzzle.invent(random.Random(seed)) for seed in range(SEEDS)]

    def test_one_path_is_shortest_and_not_for_its_looks(self):
        for found in self.puzzles[:60]:
            start, goal = found.path[0], found.path[-1]
            (length, path), (second, _) = sorted(routes(found.weights, start, goal))[:2]
            self.assertEqual((length, path), (found.length, found.path))
            self.assertLess(length, second)
            drawn = {(a, b): abs(found.nodes[a] - found.nodes[b]) for a, b in found.weights}
            self.assertNotEqual(min(routes(drawn, start, goal))[1], path)
            steps = min(len(other) for _, other in routes(found.weights, start, goal))
            self.assertGreater(len(path), max(3, steps))

    def test_nothing_hides_anything(self):
        parts = np.linspace(0, 1, 60)
        for found in self.puzzles[:100]:
            nodes, labels = np.array(found.nodes), np.array(list(found.labels.values()))
            lines = [found.nodes[a] + (found.nodes[b] - found.nodes[a]) * parts for a, b in found.labels]
            # Discs are 35 pixels wide, plates at most 26.
            for i, (line, ends) in enumerate(zip(lines, found.labels)):
                others = np.delete(labels, i)
                self.assertGreater(np.abs(others[:, None] - line).min(), 17)
                self.assertGreater(np.abs(others - labels[i]).min(), 30)
                self.assertGreater(np.abs(nodes - labels[i]).min(), 32)
                passed = np.delete(nodes, ends)
                self.assertGreater(np.abs(passed[:, None] - line).min(), 30)
            for axis in (nodes.real, nodes.imag):
                self.assertTrue(20 < axis.min() and axis.max() < config.SIZE - 20)

    def test_puzzles_vary(self):
        prints = {(*p.nodes, *sorted(p.weights.items()), p.path[0], p.path[-1]) for p in self.puzzles}
        self.assertEqual(SEEDS, len(prints))
        self.assertEqual({7, 8, 9, 10}, {len(p.nodes) for p in self.puzzles})
        self.assertGreaterEqual(min(len(p.weights) for p in self.puzzles), 9, "15^9 sets of lengths at least")
        self.assertLessEqual({4, 5, 6}, {len(p.path) for p in self.puzzles})
        self.assertGreater(len({tuple(p.path) for p in self.puzzles}), 150)


if __name__ == "__main__":
    unittest.main()
