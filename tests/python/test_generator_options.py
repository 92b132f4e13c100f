"""Difficulty, size and rate of the built-in generators; without them the samples are those of always."""

import hashlib
import json
import tempfile
import unittest
from pathlib import Path

import cv2

from generators_kit import GENERATORS, execute, film, picture
from generator_host_client import PACKAGES  # noqa: F401  (makes the host importable)
from generator_host import imports, parameters

# SHA-256 over three samples of seed 7: of prompt and metadata, and, with the OpenCV of Debian 12, of pictures and video.
FINGERPRINTS = {
    "chess-task-data-generator": ("7b7cb7fa501f39e2", "1071448d870596fe"),
    "graph-shortest-path-data-generator": ("e342c329831b6bbd", "286f008f2594d47f"),
    "maze-data-generator": ("774aac4e67726cbd", "42e20b83cb39c702"),
    "mirror-reflection-data-generator": ("528dfc71bca9a446", "c6f62bc6632d27d9"),
    "object-sorting-data-generator": ("2562660f336613d8", "dddfb6e38fd3cda4"),
    "sliding-puzzle-data-generator": ("df8765ae583bc626", "88fabf15fd65b0ad"),
    "sudoku-data-generator": ("231f6b2df4909ca7", "3d7c5b1f538079df"),
    "tower-of-hanoi-data-generator": ("2f4d10a60b7aab3c", "214d7e04a9508ed1"),
}
LEVELS = ("easy", "medium", "hard")


def effort(generator, told):
    """A number that grows with the puzzle's difficulty."""
    return {
        "chess-task-data-generator": lambda: sum(letter.isalpha() for letter in told["fen"].split()[0]),
        "graph-shortest-path-data-generator": lambda: len(told["nodes"]),
        "maze-data-generator": lambda: told["rows"] + told["columns"],
        "mirror-reflection-data-generator": lambda: told["reflections"],
        "object-sorting-data-generator": lambda: len(told["objects"]),
        "sliding-puzzle-data-generator": lambda: len(told["moves"]),
        "sudoku-data-generator": lambda: told["side"],
        "tower-of-hanoi-data-generator": lambda: len(told["moves"]),
    }[generator]()


class Options(unittest.TestCase):
    def samples(self, generator, *flags):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        result = execute(generator, "--seed", 7, "--output", temporary.name, *flags)
        self.assertEqual((0, ""), (result.returncode, result.stderr), generator)
        return sorted(Path(temporary.name).glob("*/*"))

    def told(self, sample):
        return json.loads((sample / "metadata.json").read_text(encoding="utf-8"))["parameters"]

    def test_without_options_samples_are_those_of_always(self):
        def digest(samples, *names):
            return hashlib.sha256(b"".join((sample / name).read_bytes() for sample in samples for name in names)).hexdigest()[:16]

        self.assertEqual(set(FINGERPRINTS), {path.name for path in GENERATORS.glob("*-data-generator") if (path / "src/config.py").exists()
                                             and path.name in FINGERPRINTS})
        for generator, (texts, media) in FINGERPRINTS.items():
            samples = self.samples(generator, "--num-samples", 3)
            self.assertEqual(texts, digest(samples, "prompt.txt", "metadata.json"), generator)
            if cv2.__version__ == "4.6.0":
                self.assertEqual(media, digest(samples, "first_frame.png", "final_frame.png", "ground_truth.mp4"), generator)

    def test_difficulty_makes_puzzles_harder_and_is_told(self):
        for generator in FINGERPRINTS:
            efforts = []
            for level in LEVELS:
                told = [self.told(sample) for sample in self.samples(generator, "--num-samples", 4, "--difficulty", level)]
                self.assertEqual([level] * 4, [each["difficulty"] for each in told])
                efforts.append(sum(effort(generator, each) for each in told))
            self.assertEqual(sorted(set(efforts)), efforts, generator)

    def test_size_and_rate_change_the_media_and_not_the_puzzle(self):
        for generator in FINGERPRINTS:
            (plain,), (small,), (large,) = (self.samples(generator, "--num-samples", 1, *flags) for flags in (
                (), ("--size", 192), ("--size", 768, "--fps", 24)))
            for sample, side, rate in ((plain, 384, 12), (small, 192, 12), (large, 768, 24)):
                frames = film(sample / "ground_truth.mp4")
                self.assertEqual((side, side), frames[0].shape[:2], generator)
                self.assertEqual((side, side), picture(sample / "final_frame.png").shape[:2])
                self.assertEqual(len(film(plain / "ground_truth.mp4")), len(frames))
                self.assertEqual(rate, cv2.VideoCapture(str(sample / "ground_truth.mp4")).get(cv2.CAP_PROP_FPS))
            self.assertEqual((plain / "prompt.txt").read_bytes(), (large / "prompt.txt").read_bytes())
            told, scaled = self.told(plain), self.told(large)
            pixels = {"cell_size", "top_left", "goal_cell_size", "goal_top_left", "slots", "pegs", "goal_pegs", "floor", "goal_floor",
                      "thickness", "goal_thickness", "nodes", "edges", "objects"}
            self.assertEqual({key: told[key] for key in set(told) - pixels}, {key: scaled[key] for key in set(scaled) - pixels}, generator)
            for key in ("cell_size", "thickness", "goal_floor"):
                if key in told:
                    self.assertEqual(2 * told[key], scaled[key], generator)

    def test_pixels_told_are_those_of_the_resized_picture(self):
        (sample,) = self.samples("graph-shortest-path-data-generator", "--num-samples", 1, "--size", 512)
        image, told = picture(sample / "first_frame.png"), self.told(sample)
        x, y = told["nodes"][told["start"]]
        # Beside the letter in the disc's middle.
        red, green, blue = image[round(y) - 15, round(x)]
        self.assertTrue(green > red and green > blue, (red, green, blue))

    def test_options_are_parameters_with_their_choices(self):
        for generator in FINGERPRINTS:
            found = parameters.discover(imports.analyse(str(GENERATORS / generator)))["properties"]
            self.assertEqual(list(LEVELS), found["difficulty"]["enum"], generator)
            self.assertEqual((128, 1024, 2), tuple(found["size"][key] for key in ("minimum", "maximum", "multipleOf")))
            self.assertEqual((1, 60), (found["fps"]["minimum"], found["fps"]["maximum"]))

    def test_a_difficulty_beyond_the_sizes_asked_for_is_refused(self):
        result = execute("maze-data-generator", "--num-samples", 1, "--output", "/nowhere", "--difficulty", "easy", "--min-size", 12)
        self.assertIn("--difficulty easy has 6 to 8 cells along a side; --min-size and --max-size allow 12 to 14", result.stderr)


if __name__ == "__main__":
    unittest.main()
