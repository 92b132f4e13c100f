"""scripts/setup.sh: what a Python that lacks a wanted module is told."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]

# Everything is there but one module.
STUB = """#!/bin/sh
case "$*" in *"$LACKING"*) exit 1 ;; esac
"""


class TestSetUp(unittest.TestCase):
    def set_up(self, lacking):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("python3", "dotnet"):
                stub = pathlib.Path(folder, name)
                stub.write_text(STUB)
                stub.chmod(0o755)
            environment = {**os.environ, "PATH": f"{folder}:/usr/bin:/bin", "PYTHON": f"{folder}/python3", "LACKING": lacking}
            return subprocess.run(["bash", "-c", ". scripts/setup.sh; set_up; echo ready"], cwd=ROOT, env=environment,
                                  capture_output=True, text=True, timeout=60)

    def test_a_python_without_matplotlib_is_taken_and_the_lack_is_told(self):
        done = self.set_up("matplotlib")
        self.assertEqual("ready\n", done.stdout)
        self.assertIn("lacks matplotlib, so generators that draw with it cannot be used here; "
                      "install python3-matplotlib (Debian) or matplotlib (pip).", done.stderr)

    def test_a_python_without_pyav_is_taken_and_the_lack_is_told(self):
        done = self.set_up("import av")
        self.assertEqual("ready\n", done.stdout)
        self.assertIn('lacks av, so jobs with "video" are refused here; install python3-av (Debian) or av (pip).', done.stderr)

    def test_a_python_with_all_is_taken_in_silence(self):
        done = self.set_up("nothing at all")
        self.assertEqual(("ready\n", ""), (done.stdout, done.stderr))


if __name__ == "__main__":
    sys.exit(unittest.main())
