"""What the tests of the built-in generators share."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

GENERATORS = Path(__file__).resolve().parents[2] / "generators"
SHARED = str(GENERATORS / "_shared")
FILES = {"first_frame.png", "final_frame.png", "ground_truth.mp4", "prompt.txt", "metadata.json"}
if SHARED not in sys.path:
    sys.path.insert(0, SHARED)


def load(generator, alias):
    """Import a generator's `src` package. Every generator calls it `src`, hence the alias."""
    folder = GENERATORS / generator / "src"
    spec = importlib.util.spec_from_file_location(
        alias, folder / "__init__.py", submodule_search_locations=[str(folder)])
    sys.modules[alias] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[alias])


def execute(generator, *flags, **options):
    """Run a generator's script in a process of its own."""
    script = GENERATORS / generator / "examples" / "generate.py"
    return subprocess.run([sys.executable, str(script), *map(str, flags)],
                          capture_output=True, text=True, timeout=60, **options)


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def picture(path):
    """RGB as signed numbers, so that differences do not wrap around."""
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB).astype(int)


def film(path):
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        ok, frame = capture.read()
        if not ok:
            return frames
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).astype(int))


def difference(one, other):
    return float(np.abs(one - other).mean())


class GeneratorContract:
    """Mix into a TestCase that names GENERATOR, DOMAIN and FRAMES (per video)."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.root = Path(temporary.name)
        cls.result = execute(cls.GENERATOR, "--num-samples", 5, "--start-index", 3,
                             "--seed", 42, "--output", cls.root / "all")
        if cls.result.returncode:
            raise AssertionError(cls.result.stderr)
        cls.samples = [cls.sample("all", index) for index in range(3, 8)]

    @classmethod
    def sample(cls, run, index):
        return cls.root / run / f"{cls.DOMAIN}_task" / f"{cls.DOMAIN}_{index:08d}"

    def test_writes_exactly_the_samples_asked_for(self):
        self.assertEqual([f"{self.DOMAIN}_{index:08d}" for index in range(3, 8)],
                         sorted(path.name for path in self.samples[0].parent.iterdir()))
        for sample in self.samples:
            self.assertEqual(FILES, set(contents(sample)))
            self.assertTrue((sample / "prompt.txt").read_text(encoding="utf-8").strip())

    def test_keeps_stderr_clean(self):
        self.assertEqual("", self.result.stderr)

    def test_metadata_says_what_and_nothing_of_when_or_where(self):
        for index, sample in enumerate(self.samples, 3):
            metadata = json.loads((sample / "metadata.json").read_text(encoding="utf-8"))
            self.assertTrue(metadata.pop("parameters"))
            self.assertEqual({"task_id": sample.name, "domain": self.DOMAIN,
                              "generator": self.GENERATOR, "seed": 42 + index}, metadata)

    def test_a_sample_depends_on_its_seed_alone(self):
        # Alone in a fresh process, on one processor only, with the index moved into the seed.
        pinned = {}
        if hasattr(os, "sched_setaffinity"):
            one = {min(os.sched_getaffinity(0))}
            pinned["preexec_fn"] = lambda: os.sched_setaffinity(0, one)
        for index in (3, 7):
            run = f"single-{index}"
            execute(self.GENERATOR, "--num-samples", 1, "--seed", 42 + index,
                    "--output-dir", self.root / run, **pinned)
            expected, actual = contents(self.sample("all", index)), contents(self.sample(run, 0))
            expected["metadata.json"] = expected["metadata.json"].replace(
                f"{self.DOMAIN}_{index:08d}".encode(), f"{self.DOMAIN}_00000000".encode())
            for name in FILES:
                self.assertEqual(expected[name], actual[name], f"{name} of index {index}")

    def test_video_runs_from_the_first_picture_to_the_final_one(self):
        for sample in self.samples:
            first, final = (picture(sample / f"{name}_frame.png") for name in ("first", "final"))
            frames = film(sample / "ground_truth.mp4")
            self.assertEqual(self.FRAMES, len(frames))
            self.assertEqual(first.shape, frames[0].shape)
            # The codec loses a little; the puzzle's change is small too, so look where it is.
            changed = np.abs(first - final).sum(axis=2) > 60
            self.assertTrue(changed.any())
            for frame, near, far in ((frames[0], first, final), (frames[-1], final, first)):
                self.assertLess(difference(frame, near), 4)
                self.assertLess(difference(frame[changed], near[changed]) * 3,
                                difference(frame[changed], far[changed]))

    def test_samples_differ(self):
        for name in ("first_frame.png", "ground_truth.mp4"):
            self.assertEqual(5, len({(sample / name).read_bytes() for sample in self.samples}))
