import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import cv2

from generators_kit import GENERATORS

ROOT = GENERATORS.parent
SCRIPT = ROOT / "scripts" / "preview_pictures.py"


class PreviewPictures(unittest.TestCase):
    def test_draws_first_middle_and_final_frame_side_by_side(self):
        with tempfile.TemporaryDirectory() as temporary:
            subprocess.run([sys.executable, str(SCRIPT), "--into", temporary, "maze-data-generator"], check=True)
            pictures = list(Path(temporary).iterdir())
            self.assertEqual(["maze-data-generator.png"], [picture.name for picture in pictures])
            drawn = cv2.imread(str(pictures[0]))
        height, width = drawn.shape[:2]
        self.assertEqual(3, width // height)
        # The way is in none, half and all of the three: blue grows.
        blue = [int(((part[..., 0] > 180) & (part[..., 2] < 120)).sum())
                for part in (drawn[:, x:x + height] for x in range(0, 3 * (height + 12), height + 12))]
        self.assertEqual(sorted(set(blue)), blue)

    def test_every_built_in_generator_has_a_small_picture_and_a_row(self):
        # Clones of other repositories may lie beside them.
        names = sorted(script.parents[1].name for script in GENERATORS.glob("*/examples/generate.py")
                       if not (script.parents[1] / ".git").exists())
        self.assertIn("maze-data-generator", names)
        table = (GENERATORS / "README.md").read_text(encoding="utf-8")
        for name in names:
            picture = ROOT / "docs" / "images" / "generators" / f"{name}.png"
            self.assertTrue(0 < picture.stat().st_size < 60_000, f"run {SCRIPT.relative_to(ROOT)} {name}")
            self.assertIn(f'src="../docs/images/generators/{name}.png"', table)
            self.assertIn(f"]({name})", table)


if __name__ == "__main__":
    unittest.main()
