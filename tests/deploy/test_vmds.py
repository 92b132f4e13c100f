"""scripts/vmds: which program it runs."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import scripts


class VmdsTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name, "tree")
        (self.tree / "scripts").mkdir(parents=True)
        shutil.copy(scripts.SCRIPTS / "vmds", self.tree / "scripts")
        self.bin = pathlib.Path(folder.name, "bin")
        scripts.stand_in(self.bin, "dotnet", 'echo "dotnet $*"\n')

    def run_it(self):
        # The script's own folder first: it must not find itself.
        environment = scripts.environment(PATH=f"{self.tree}/scripts:{self.bin}:/usr/bin:/bin")
        return subprocess.run([self.tree / "scripts" / "vmds", "list", "--json"], env=environment, capture_output=True, text=True, timeout=60)

    def test_the_program_of_the_tree_goes_first_then_the_one_on_the_path(self):
        scripts.stand_in(self.bin, "vmds", 'echo "installed $*"\n')
        self.assertEqual(self.run_it().stdout, "installed list --json\n")
        built = self.tree / "src" / "Cli" / "bin" / "Release" / "net10.0" / "vmds.dll"
        built.parent.mkdir(parents=True)
        built.touch()
        self.assertEqual(self.run_it().stdout, f"dotnet {built} list --json\n")

    def test_where_there_is_none_the_way_to_one_is_told(self):
        done = self.run_it()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("vmds is neither built here nor on PATH. Build it: dotnet build src/Cli", done.stderr)


if __name__ == "__main__":
    unittest.main()
