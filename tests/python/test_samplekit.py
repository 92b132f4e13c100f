import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from generators_kit import SHARED, contents, execute, film

from samplekit import Sample, run, video
from samplekit.command_line import parse
from samplekit.steps import moves, progress

WRONG_FLAGS = (
    ((), ("--num-samples", "required")),
    (("--num-samples", "0"), ("--num-samples", "0 is out of range", "1 or more")),
    (("--num-samples", "many"), ("--num-samples", "'many' is not a whole number", "1 or more")),
    (("--num-samples", "1", "--seed", "-1"), ("--seed", "-1 is out of range", "0 to 2147483647")),
    (("--num-samples", "1", "--seed", "2147483648"), ("--seed", "out of range", "0 to 2147483647")),
    (("--num-samples", "1", "--start-index", "-3"), ("--start-index", "out of range", "0 or more")),
    (("--num-samples", "1", "--sed", "7"), ("unrecognized", "--sed")),
)


def square(x, side=64):
    frame = np.full((side, side, 3), 230, np.uint8)
    frame[20:40, x:x + 16] = (200, 40, 40)
    return frame


def moving_square(rng):
    start = rng.randrange(30)
    frames = (square(start + x) for x in range(10))
    return Sample("Move the square.", {"start": start}, frames, fps=10)


class CommandLine(unittest.TestCase):
    def test_wrong_flags_are_named_with_what_is_allowed(self):
        for flags, expected in WRONG_FLAGS:
            errors = io.StringIO()
            with self.subTest(flags=flags), contextlib.redirect_stderr(errors):
                with self.assertRaises(SystemExit) as stopped:
                    parse("", flags)
                self.assertEqual(2, stopped.exception.code)
                for text in expected:
                    self.assertIn(text, errors.getvalue())

    def test_generators_stop_with_exit_code_2(self):
        for generator in ("chess-task-data-generator", "maze-data-generator"):
            result = execute(generator, "--num-samples", 0)
            self.assertEqual(2, result.returncode)
            self.assertIn("--num-samples", result.stderr)

    def test_defaults_and_limits(self):
        options = parse("", ["--num-samples", "1"])
        self.assertEqual((1, 42, 0), (options.num_samples, options.seed, options.start_index))
        self.assertEqual(2**31 - 1, parse("", ["--num-samples", "1", "--seed", "2147483647"]).seed)


class InTemporaryFolder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def run_kit(self, make_sample, *flags):
        run("square-generator", "square", make_sample, [*flags, "--output", str(self.folder)])

    def sample(self, index):
        return self.folder / "square_task" / f"square_{index:08d}"


class Steps(unittest.TestCase):
    def test_stand_still_then_advance_evenly_then_stand_still(self):
        self.assertEqual([0, 0, 0.75, 1.5, 2.25, 3, 3, 3], list(progress(3, hold=2, draw=4)))

    def test_of_moves_every_one_comes_to_rest(self):
        self.assertEqual([0, 0, 0.5, 1, 1.5, 2, 2, 2, 2], list(moves(2, hold=2, draw=5)))
        self.assertEqual([0, 1, 2, 3, 3], list(moves(3, hold=1, draw=2)))
        for count in range(1, 9):
            film = list(moves(count, hold=2, draw=16))
            self.assertEqual(20, len(film))
            self.assertLessEqual(set(range(count + 1)), set(film))


class SampleLoop(InTemporaryFolder):
    def test_each_sample_gets_a_fresh_state_of_its_own_seed(self):
        drawn = []

        def make_sample(rng):
            drawn.append(rng.random())
            return moving_square(rng)

        self.run_kit(make_sample, "--num-samples", "3", "--start-index", "5", "--seed", "100")
        self.assertEqual([random.Random(seed).random() for seed in (105, 106, 107)], drawn)

    def test_a_sample_is_on_disk_before_the_next_one_is_made(self):
        made = []

        def make_sample(rng):
            for index in range(len(made)):
                self.assertEqual(5, len(contents(self.sample(index))))
            made.append(True)
            return moving_square(rng)

        self.run_kit(make_sample, "--num-samples", "3")
        self.assertEqual(3, len(made))

    def test_metadata_is_stable_text(self):
        self.run_kit(moving_square, "--num-samples", "1", "--seed", "7")
        text = (self.sample(0) / "metadata.json").read_text(encoding="utf-8")
        expected = {"task_id": "square_00000000", "domain": "square", "generator": "square-generator",
                    "seed": 7, "parameters": {"start": random.Random(7).randrange(30)}}
        self.assertEqual(expected, json.loads(text))
        self.assertEqual(json.dumps(expected, indent=2, sort_keys=True) + "\n", text)

    def test_pictures_are_the_ends_of_the_film_even_on_one_reused_canvas(self):
        def make_sample(_):
            def frames():
                canvas = square(0)
                for x in (0, 10, 30):
                    canvas[:] = square(x)
                    yield canvas
            return Sample("Move.", {}, frames())

        self.run_kit(make_sample, "--num-samples", "1")
        for name, x in (("first_frame.png", 0), ("final_frame.png", 30)):
            image = cv2.imread(str(self.sample(0) / name))[:, :, ::-1]
            self.assertTrue((image == square(x)).all(), name)

    def test_a_sample_without_frames_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no frames"):
            self.run_kit(lambda rng: Sample("Nothing.", {}, []), "--num-samples", "1")


class Video(InTemporaryFolder):
    def write(self, name, frames):
        with video.VideoFile(self.folder / name, 10) as file:
            for frame in frames:
                file.add(frame)
        return (self.folder / name).read_bytes()

    def test_same_frames_same_bytes_however_many_processors(self):
        frames = [square(x) for x in range(12)]
        here = [self.write(f"{i}.mp4", frames) for i in range(2)]
        self.assertEqual(here[0], here[1])
        script = ("import os, sys; sys.path[:0] = sys.argv[1:3]\n"
                  "if hasattr(os, 'sched_setaffinity'):\n"
                  "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
                  "from test_samplekit import square\nfrom samplekit.video import VideoFile\n"
                  "with VideoFile(sys.argv[3], 10) as file:\n"
                  "    for x in range(12): file.add(square(x))\n")
        other = self.folder / "other.mp4"
        subprocess.run([sys.executable, "-c", script, SHARED, str(Path(__file__).parent), str(other)],
                       check=True, timeout=60)
        self.assertEqual(here[0], other.read_bytes())

    def test_processors_are_given_back(self):
        if not hasattr(os, "sched_getaffinity"):
            self.skipTest("this system cannot pin processes")
        before = os.sched_getaffinity(0)
        self.write("a.mp4", [square(0)])
        self.assertEqual(before, os.sched_getaffinity(0))

    def test_takes_h264_where_opencv_has_it(self):
        probe = self.folder / "probe.mp4"
        with video._quiet():
            writer = cv2.VideoWriter(str(probe), cv2.VideoWriter_fourcc(*"avc1"), 10, (64, 64))
            expected = b"avc1" if writer.isOpened() else b"mp4v"
            writer.release()
        self.assertIn(expected, self.write("a.mp4", [square(0), square(9)]))

    def test_falls_back_quietly(self):
        script = ("import sys; sys.path[:0] = sys.argv[1:3]\n"
                  "from test_samplekit import square\nfrom samplekit import video\n"
                  "video.CODECS = ('zzzz', 'mp4v')\n"
                  "with video.VideoFile(sys.argv[3], 10) as file:\n"
                  "    for x in range(12): file.add(square(x))\n"
                  "print('still heard', file=sys.stderr)\n")
        path = self.folder / "fallback.mp4"
        result = subprocess.run(
            [sys.executable, "-c", script, SHARED, str(Path(__file__).parent), str(path)],
            capture_output=True, text=True, timeout=60)
        self.assertEqual((0, "still heard\n"), (result.returncode, result.stderr))
        self.assertIn(b"mp4v", path.read_bytes())
        self.assertEqual(12, len(film(path)))

    def test_no_codec_at_all_is_an_error(self):
        with mock.patch.object(video, "CODECS", ("zzzz",)):
            with self.assertRaisesRegex(RuntimeError, "zzzz"):
                self.write("a.mp4", [square(0)])

    def test_frames_opencv_would_drop_are_refused(self):
        with self.assertRaisesRegex(ValueError, "even"):
            self.write("odd.mp4", [square(0, side=65)])
        with self.assertRaisesRegex(ValueError, "66 x 66"):
            self.write("sizes.mp4", [square(0), square(0, side=66)])


if __name__ == "__main__":
    unittest.main()
