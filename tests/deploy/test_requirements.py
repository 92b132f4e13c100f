import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

import scripts

sys.path.insert(0, str(scripts.SCRIPTS))
try:
    import requirement_merge
except ModuleNotFoundError:
    requirement_merge = None


def wheel(folder: pathlib.Path, name: str, version: str, *requires: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


@unittest.skipIf(requirement_merge is None, f"{sys.executable} has neither pip nor packaging")
class RequirementsTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.generators = pathlib.Path(folder.name, "generators")
        self.generators.mkdir()
        self.wheels = pathlib.Path(folder.name, "wheels")
        self.wheels.mkdir()
        self.output = self.generators / "requirements-all.txt"

    def generator(self, name: str, text) -> None:
        file = self.generators / name / "requirements.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def collect(self, *arguments, code: int = 0) -> str:
        result = scripts.run("collect_requirements.sh", "--generators", self.generators, *arguments, PYTHON=sys.executable,
                             PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self.wheels))
        self.assertEqual(result.returncode, code, result.stderr)
        return result.stderr

    def written(self) -> list:
        return [line for line in self.output.read_text().splitlines() if not line.startswith("#")]

    def head(self) -> str:
        return "".join(line for line in self.output.read_text().splitlines(True) if line.startswith("#"))

    def test_requirements_of_one_distribution_are_intersected_under_any_spelling(self):
        self.generator("a", "Foo.Bar>=1.0  # comment\nplain\n\n# nothing\nwith-extra[x]>=2")
        self.generator("b", "foo_bar<3,!=2.5\nwith_extra[y]\n")
        self.generator("_shared", "hidden==1")
        (self.generators / "c").mkdir()
        (self.generators / "requirements.txt").write_text("foo-bar>=1.5\n")

        messages = self.collect("--no-pin")

        self.assertEqual(self.written(), ["foo-bar>=1.0,>=1.5,!=2.5,<3", "plain", "with-extra[x,y]>=2"])
        self.assertIn("3 requirements.txt, 6 requirements of 3 distributions", messages)
        self.assertIn("without requirements.txt: c", messages)
        self.assertIn("NOT PINNED", self.head())

    def test_a_conflict_names_both_generators_and_lines(self):
        self.generator("a", "# first\nfoo==1.0\n")
        self.generator("b", "foo>=2\n")
        self.generator("c", "foo>=2\nbar\n")

        messages = self.collect("--no-pin", code=1)

        self.assertIn("error: foo: >=2 (b/requirements.txt:1 and 1 more) against ==1.0 (a/requirements.txt:2)", messages)
        self.assertIn("--allow-conflicts", messages)
        self.assertFalse(self.output.exists())

    def test_allowed_conflicts_keep_the_newest_and_say_so(self):
        self.generator("a", "foo==1.0\nbar>=2,<3\n")
        self.generator("b", "foo==2.0\nbar==1.5\n")
        self.generator("c", "foo==1.10\nbar\n")

        messages = self.collect("--no-pin", "--allow-conflicts")

        self.assertEqual(self.written(), ["bar>=2,<3", "foo==2.0"])
        for text in (messages, self.head()):
            self.assertIn("conflict: foo: ==2.0 is kept as the newest; ==1.10, ==1.0 is not satisfied", text)
            self.assertIn("conflict: bar: >=2,<3 is kept as the newest; ==1.5 is not satisfied", text)

    def test_three_can_disagree_though_any_two_agree(self):
        for name, text in (("a", "foo!=2.0"), ("b", "foo>=2.0"), ("c", "foo<=2.0")):
            self.generator(name, text)
        messages = self.collect("--no-pin", code=1)
        for place in ("a/requirements.txt:1", "b/requirements.txt:1", "c/requirements.txt:1"):
            self.assertIn(place, messages)

    def test_opencv_is_one_import(self):
        self.generator("a", "opencv-python==4.10.0.84")
        self.generator("b", "opencv_python_headless>=4.6")
        self.collect("--no-pin")
        self.assertEqual(self.written(), ["opencv-python-headless==4.10.0.84,>=4.6"])
        self.assertIn("opencv-python-headless stands for opencv-python, opencv-python-headless", self.head())

        self.generator("c", "opencv-contrib-python")
        self.collect("--no-pin")
        self.assertEqual(self.written(), ["opencv-contrib-python-headless==4.10.0.84,>=4.6"])

        self.generator("d", "opencv-contrib-python==4.5.0.1")
        self.assertIn("(d/requirements.txt:1)", self.collect("--no-pin", code=1))

    def test_lines_that_cannot_be_merged_are_reported(self):
        lines = ["-e ./core", "git+https://example.com/x.git", "y @ https://example.com/y.whl", "./local.whl", "--index-url https://example.com",
                 "-r missing.txt", "-r ../../outside.txt", "old==1; python_version < '3'", "foo 1.0"]
        (self.generators.parent / "outside.txt").write_text("stolen")
        self.generator("a", "\n".join([*lines, "foo==1.0 --hash=sha256:" + "0" * 64]))

        messages = self.collect("--no-pin")

        self.assertEqual(self.written(), ["foo==1.0"])
        for number, line in enumerate(lines, 1):
            for text in (messages, self.head()):
                self.assertIn(f"left out: a/requirements.txt:{number}: {line} - ", text)

    def test_included_files_joined_lines_and_other_encodings_are_read(self):
        self.generator("a", "-r more.txt\nfoo \\\n  >=1\nlast==3\n")
        (self.generators / "a" / "more.txt").write_text("included==2\n-r requirements.txt\n")
        self.generator("b", "bar==1\r\n".encode("utf-16"))
        self.generator("c", "\ufeffbaz==1\n".encode())

        messages = self.collect("--no-pin")

        self.assertEqual(self.written(), ["bar==1", "baz==1", "foo>=1", "included==2", "last==3"])
        self.assertIn("left out: a/more.txt:2: -r requirements.txt", messages)

    def test_pinning_resolves_exact_versions_and_what_they_need(self):
        for version in ("1.0", "1.4", "2.0"):
            wheel(self.wheels, "foo", version, "Needed_Thing>=1")
        wheel(self.wheels, "needed_thing", "1.2")
        wheel(self.wheels, "unrelated", "1.0")
        self.generator("a", "Foo>=1.0")
        self.generator("b", "foo<2")

        self.collect("--no-hashes")

        self.assertEqual(self.written(), ["foo==1.4", "needed-thing==1.2"])
        self.assertIn("Exact versions, resolved for Python 3", self.head())

    def test_a_file_that_changed_since_it_was_pinned_is_not_installed(self):
        wheel(self.wheels, "foo", "1.0")
        self.generator("a", "foo")
        self.collect()
        file = self.wheels / "foo-1.0-py3-none-any.whl"
        self.assertEqual(self.written(), [f"foo==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"])
        allowed = self.install()
        self.assertEqual(allowed.returncode, 0, allowed.stderr)

        with zipfile.ZipFile(file, "a") as changed:
            changed.writestr("foo.py", "")

        refused = self.install()
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("DO NOT MATCH THE HASHES", refused.stderr)

    def install(self) -> subprocess.CompletedProcess:
        """What the image's build does, without writing anything."""
        return subprocess.run([sys.executable, "-m", "pip", "install", "--dry-run", "--report", os.devnull, "--ignore-installed", "--no-index", "--no-cache-dir",
                               "--find-links", str(self.wheels), "--requirement", str(self.output)],
                              capture_output=True, text=True, check=False)

    def test_a_second_opencv_that_something_brings_is_noticed(self):
        wheel(self.wheels, "opencv_python_headless", "4.6")
        wheel(self.wheels, "opencv_python", "4.6")
        wheel(self.wheels, "foo", "1.0", "opencv-python")
        self.generator("a", "foo\nopencv-python")
        self.collect()
        self.assertIn("opencv-python and opencv-python-headless are both there", self.head())

    def test_what_pip_cannot_resolve_leaves_the_old_file(self):
        self.output.write_text("old\n")
        self.generator("a", "nowhere==1.0")

        messages = self.collect(code=1)

        self.assertIn("No matching distribution found for nowhere==1.0", messages)
        self.assertIn("--no-pin", messages)
        self.assertEqual(self.output.read_text(), "old\n")

    def test_a_folder_without_requirements_is_an_error(self):
        self.assertIn("has a requirements.txt", self.collect(code=1))

    def test_wrong_arguments_are_named(self):
        self.assertIn("'--pin' is not an option; allowed:", self.collect("--pin", code=2))
        result = scripts.run("collect_requirements.sh", "--generators", self.generators / "none")
        self.assertEqual(result.returncode, 2)
        self.assertIn("none', which is no folder", result.stderr)

    def test_satisfiable_knows_the_edges_of_ranges(self):
        for text, expected in ((">=1,<1", False), (">=1,<=1", True), (">1,<1.0.1", True), ("==1.*,>=2", False), ("==1.*,>=1.9", True),
                               ("~=1.4.2,>=1.5", False), ("~=1.4,>=1.5", True), ("<0.1", True), (">2,<3,!=2.5", True), ("==1.0+cpu", True),
                               ("==1.0rc1,<1.0", False), ("", True), ("<1,>2", False), ("===weird", True)):
            self.assertEqual(requirement_merge.satisfiable(requirement_merge.SpecifierSet(text)), expected, text)


if __name__ == "__main__":
    unittest.main()
