import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from generators_kit import FILES, GENERATORS, contents

GUIDE = GENERATORS.parent / "docs" / "write-a-generator.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.M | re.S)


class Guide(unittest.TestCase):
    def test_code_and_commands_work_as_printed(self):
        with tempfile.TemporaryDirectory() as temporary:
            root = Path(temporary)
            for name in ("_shared", "maze-data-generator"):
                shutil.copytree(GENERATORS / name, root / "generators" / name)
            # In a folder of the reader's own, which has no library.
            script = root / "home" / "my-generators" / "square-data-generator" / "examples" / "generate.py"
            script.parent.mkdir(parents=True)
            script.write_text(next(code for code in blocks("python") if "import" in code), encoding="utf-8")

            # Readers call it python3; here that is the interpreter of the tests.
            python = root / "bin" / "python3"
            python.parent.mkdir()
            python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
            python.chmod(0o755)
            path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
            result = subprocess.run(["sh", "-ec", "".join(blocks("sh"))], cwd=root, timeout=60,
                                    env={**os.environ, "PATH": path, "HOME": str(root / "home")}, capture_output=True, text=True)

            self.assertEqual((0, "", "identical\nidentical\n"),
                             (result.returncode, result.stderr, result.stdout))
            for index in range(3):
                sample = root / "data" / "squares" / "square_task" / f"square_{index:08d}"
                self.assertEqual(FILES, set(contents(sample)))


if __name__ == "__main__":
    unittest.main()
