"""A sample starts fresh: neither its process nor its folder remembers another."""

import importlib.util
import json
import subprocess
import unittest

from generator_host_client import GENERATORS, HostTest, files


_TEMPORARY = """
import json, os, stat, sys
folder, home = os.environ["TMPDIR"], os.environ["HOME"]
place = os.path.dirname(folder)
out = sys.argv[sys.argv.index("--output") + 1]
with open(out + "/found.json", "w") as file:
    json.dump({
        "inside": os.listdir(folder), "home": os.listdir(home), "beside": sorted(os.listdir(place)),
        "modes": [os.lstat(path).st_mode for path in (place, folder, home)],
        "attributes": [os.listxattr(path) for path in (place, folder, home) if os.listxattr(path)],
    }, file)
exec(sys.argv[sys.argv.index("--change") + 1])
"""


class State(HostTest):
    arguments = ("--preload", "numpy,PIL,pydantic,cv2")

    def read(self, lane, fault, name, **fields):
        answer = lane.fault(fault, **fields)
        self.assertEqual(answer["status"], "ok", answer["log"])
        return (answer["out"] / name).read_text()

    def test_disorder_is_put_in_order(self):
        lane = self.host.lane()
        before = json.loads(self.read(lane, "report", "report.json"))
        pid = lane.pid()
        answer = lane.fault("disorder")
        self.assertEqual(answer["status"], "ok", answer["log"])
        after = json.loads(self.read(lane, "report", "report.json"))
        self.assertEqual(lane.pid(), pid, "the same process reports")
        self.maxDiff = None
        self.assertEqual(after, before)
        self.assertTrue(before["home"] and before["temporary"])
        self.assertEqual(before["argv"], ["examples/generate.py"])
        self.assertEqual(before["path"][0], before["cwd"] + "/examples")
        self.assertEqual(before["cwd"], str(lane.scratch / "generators" / "faulty-generator"))
        self.assertFalse([path for path in before["path"] if path.endswith("src/Worker")])

    def test_every_source_of_randomness_follows_the_seed(self):
        first, second = self.host.lane(), self.host.lane()
        ordered = [self.read(first, "randomness", "random.json")]
        first.draw(6, "--fault", "randomness")
        first.fault("disorder")
        ordered.append(self.read(first, "randomness", "random.json"))
        ordered.append(self.read(first, "randomness", "random.json", fresh=True))
        ordered.append(self.read(second, "randomness", "random.json"))
        self.assertEqual(len(set(ordered)), 1, ordered)
        answer = second.draw(7, "--fault", "randomness")
        other, found = json.loads((answer["out"] / "random.json").read_text()), json.loads(ordered[0])
        if importlib.util.find_spec("numpy"):
            self.assertIn("default_rng", found)
        same = {name for name in found if found[name] == other[name]}
        self.assertEqual(same, {"hash", "libc", "seeded"}, "those do not depend on the seed")

    def test_a_forced_seed_is_what_python_gives(self):
        import random
        found = json.loads(self.read(self.host.lane(), "randomness", "random.json"))
        self.assertEqual(found["seeded"], random.Random(7).random())

    def test_a_process_that_could_still_write_into_its_sample_draws_no_other(self):
        lane = self.host.lane()
        pid = lane.pid()
        self.assertEqual(lane.fault("keep-reading")["status"], "ok")
        self.assertEqual(lane.pid(), pid, "the same process goes on")
        self.assertEqual(lane.fault("keep-writing")["status"], "ok")
        self.assertNotEqual(lane.pid(), pid)

    def test_a_temporary_folder_is_as_new_whatever_was_done_to_the_one_before(self):
        generator = self.host.copy("ok-generator")
        (generator / "examples" / "generate.py").write_text(_TEMPORARY)
        lane = self.host.lane(generator)
        new = self.told(lane, "")
        self.assertTrue(new["inside"] == ["home"] and not new["home"] and not new["attributes"], new)
        for change in (
            "os.makedirs(home + '/.cache/library')", "open(folder + '/note', 'w').close()", "os.chmod(folder, 0o500)",
            "os.chmod(home, 0o777)", "os.rmdir(home)", "os.rmdir(home); os.symlink('/', home)",
            "os.rmdir(home); os.rmdir(folder); os.symlink('/', folder)", "os.rmdir(home); open(home, 'w').close()",
            "try:\n os.setxattr(folder, 'user.note', b'1')\nexcept OSError: pass",
            "open(place + '/note', 'w').close()", "os.chmod(place, 0o700)",
        ):
            with self.subTest(change):
                self.told(lane, change)
                self.assertEqual(self.told(lane, ""), new)

    def told(self, lane, change):
        """What a sample found in its temporary folder, before it made a change."""
        answer = lane.draw(5, "--change", change)
        self.assertEqual(answer["status"], "ok", answer["log"])
        return json.loads((answer["out"] / "found.json").read_text())

    def test_own_modules_start_anew(self):
        lane = self.host.lane()
        self.assertEqual([self.read(lane, "import-own", "count.txt") for _ in range(3)], ["1", "1", "1"])

    @unittest.skipUnless(importlib.util.find_spec("pydantic"), "needs pydantic")
    def test_models_with_validators_can_be_defined_again(self):
        lane = self.host.lane()
        self.assertEqual([self.read(lane, "validator", "model.txt") for _ in range(2)], ["3", "3"])

    def test_files_written_into_its_folder_are_gone(self):
        lane = self.host.lane()
        self.assertEqual([self.read(lane, "write-state", "state.txt") for _ in range(3)], ["0 1"] * 3)
        self.assertEqual(list((GENERATORS / "faulty-generator").glob("seen-*")), [])

    def test_a_deleted_folder_is_laid_anew(self):
        original = self.host.copy("folder-deleter-generator")
        lane = self.host.lane(original)
        whole = {seed: files(lane.draw(seed)["out"]) for seed in (3, 4, 8)}
        self.assertEqual([len(found) > 3 for found in whole.values()], [True] * 3)
        self.assertTrue((original / "examples" / "generate.py").exists())

    def test_a_changed_library_beside_it_is_laid_anew(self):
        original = self.host.copy("ok-generator")
        (original / "examples" / "generate.py").write_text(
            "from pathlib import Path\n"
            "shared = Path(__file__).resolve().parents[2] / '_shared' / 'note.txt'\n"
            "print(shared.exists())\nshared.write_text('x')\n")
        lane = self.host.lane(original)
        self.assertEqual([lane.draw()["log"] for _ in range(2)], ["False\n", "False\n"])
        self.assertFalse((original.parent / "_shared" / "note.txt").exists())

    def test_a_library_from_elsewhere_lies_beside_it_and_hides_nothing_there(self):
        original, library = self.host.copy("ok-generator"), self.host.folder / "lent" / "_shared"
        for package, text in (("tiny_kit", "lent"), ("own_kit", "lent")):
            (library / package).mkdir(parents=True)
            (library / package / "__init__.py").write_text(f"STATE = ['{text}']\n")
        (original.parent / "_shared" / "own_kit").mkdir()
        (original.parent / "_shared" / "own_kit" / "__init__.py").write_text("STATE = ['own']\n")
        (original / "examples" / "generate.py").write_text(
            "from pathlib import Path\nimport own_kit, tiny_kit\nimport time\n"
            "print(tiny_kit.STATE, own_kit.STATE, Path(tiny_kit.__file__).relative_to(Path(__file__).resolve().parents[2]))\n"
            "tiny_kit.STATE.append('x')\nPath(tiny_kit.__file__).write_text('STATE = 1')\n")
        lane = self.host.lane(original, library=str(library))
        said = "['lent'] ['own'] _shared/tiny_kit/__init__.py\n"
        self.assertEqual([lane.draw()["log"] for _ in range(2)], [said, said])
        self.assertEqual((library / "tiny_kit" / "__init__.py").read_text(), "STATE = ['lent']\n")
        self.assertFalse((original.parent / "_shared" / "tiny_kit").exists())
        self.assertIn("No module named", self.host.lane(original).draw()["message"])

    def test_credentials_are_not_passed_on(self):
        secrets = {"AWS_SECRET_ACCESS_KEY": "hidden", "MY_TOKEN": "hidden", "ANYTHING": "hidden", "WEBHOOK_SECRET": "hidden",
                   "OTEL_EXPORTER_OTLP_HEADERS": "hidden", "ADMIN_KEY_SHA256": "hidden", "JWT_AUTHORITY": "hidden", "JWT_AUDIENCE": "hidden"}
        host = self.new_host("--preload", "json", environment=secrets)
        original = host.copy("ok-generator")
        (original / "examples" / "generate.py").write_text(
            "import os\nfrom pathlib import Path\nprint(dict(os.environ))\n"
            "print(Path('/proc/self/environ').read_bytes())\n"
            "print(Path(f'/proc/{os.getppid()}/environ').read_bytes())\n")
        log = host.lane(original).draw()["log"]
        self.assertIn("'PYTHONHASHSEED': '0'", log)
        self.assertNotIn("hidden", log)

    def test_git_sees_the_generators_own_repository_or_none(self):
        original = self.host.copy("ok-generator")
        (original / "examples" / "generate.py").write_text(
            "import subprocess\n"
            "run = lambda *words: subprocess.run(['git', *words], capture_output=True, text=True).stdout.strip()\n"
            "print(run('rev-parse', 'HEAD'), run('status', '--porcelain'))\n")
        self.commit(self.host.folder, "stderr")
        lane = self.host.lane(original)
        self.assertEqual(lane.draw()["log"], " \n", "not the repository around the scratch")
        commit = self.commit(original, ".")
        lane = self.host.lane(original)
        self.assertFalse((lane.scratch / "generators" / "ok-generator" / ".git").exists())
        self.assertEqual(lane.draw()["log"], f"{commit} \n")

    @staticmethod
    def commit(folder, what):
        git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=b"]
        for words in (["init", "-q"], ["add", what], ["commit", "-q", "-m", "first"]):
            subprocess.run([*git, *words], check=True)
        head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
        return head.stdout.strip()


if __name__ == "__main__":
    unittest.main()
