import pathlib
import shutil
import subprocess
import tempfile
import unittest

import scripts

ENTRY = {"examples/generate.py": "print('a generator')\n"}


class GitHub:
    """A GitHub REST API with two repositories a page, whose clone URLs are bare repositories on disk."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.organisations = {"vm-dataset": [], "VBVR-DataFactory": []}
        self.requests = []
        self.refusal = None

    def add(self, name: str, files: dict, organisation: str = "vm-dataset") -> None:
        bare = self.folder / organisation / f"{name}.git"
        git("init", "--quiet", "--bare", "--initial-branch=main", bare)
        self.organisations[organisation].append(name)
        if files:
            self.commit(name, files, organisation)

    def commit(self, name: str, files: dict, organisation: str = "vm-dataset") -> str:
        bare = self.folder / organisation / f"{name}.git"
        with tempfile.TemporaryDirectory() as work:
            git("clone", "--quiet", bare, work)
            git("-C", work, "checkout", "--quiet", "-B", "main")
            for path, text in files.items():
                target = pathlib.Path(work, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                if text is None:
                    target.unlink()
                else:
                    target.write_text(text)
            git("-C", work, "add", "--all")
            git("-C", work, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Change")
            git("-C", work, "push", "--quiet", "origin", "main")
            return git("-C", work, "rev-parse", "HEAD")

    def url(self, name: str, organisation: str = "vm-dataset") -> str:
        return (self.folder / organisation / f"{name}.git").as_uri()

    def answer(self, method, path, headers, body):
        self.requests.append((path, headers.get("Authorization")))
        if self.refusal:
            return self.refusal
        organisation = path.split("/")[2]
        page = int(path.split("page=")[-1]) if "&page=" in path else 1
        names = self.organisations[organisation]
        entries = [{"name": name, "clone_url": self.url(name, organisation)} for name in names[2 * page - 2:2 * page]]
        more = {"Link": f'<{self.address}/orgs/{organisation}/repos?per_page=2&page={page + 1}>; rel="next", <x>; rel="last"'}
        return 200, more if len(names) > 2 * page else {}, entries


def git(*arguments) -> str:
    result = subprocess.run(["git", *map(str, arguments)], env=scripts.environment(), capture_output=True, text=True, check=True)
    return result.stdout.strip()


@unittest.skipUnless(shutil.which("git") and shutil.which("flock"), "git or flock is not on PATH")
class DownloadTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.into = pathlib.Path(folder.name, "generators")
        self.github = GitHub(pathlib.Path(folder.name, "github"))
        server = scripts.serving(self.github.answer)
        self.github.address = server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)

    def download(self, *arguments, code: int = 0, **values):
        result = scripts.run("download_all_repos.sh", "--into", self.into, "-j", 3, *arguments,
                             GITHUB_API_URL=self.github.address, **values)
        self.assertEqual(result.returncode, code, result.stderr)
        return result.stderr

    def head(self, name: str) -> str:
        return git("--git-dir", self.into / name / ".git", "rev-parse", "HEAD")

    def lock(self) -> list:
        lines = (self.into / "generators.lock").read_text().splitlines()
        return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]

    def folders(self) -> list:
        return sorted(entry.name for entry in self.into.iterdir() if entry.is_dir())

    def test_every_page_of_both_organisations_is_cloned_shallow_and_locked(self):
        for name in ("e_generator", "b_generator", "d_generator", "a_generator", "c_generator"):
            self.github.add(name, ENTRY)
            self.github.commit(name, {"README.md": "second commit"})
        self.github.add("f_generator", ENTRY, "VBVR-DataFactory")

        summary = self.download()

        names = [f"{letter}_generator" for letter in "abcdef"]
        self.assertEqual(self.folders(), names)
        self.assertIn("6 cloned, 0 updated, 0 unchanged, 0 skipped, 0 no generators, 0 failed", summary)
        organisation = {"f_generator": "VBVR-DataFactory"}
        self.assertEqual(self.lock(), [(name, self.github.url(name, organisation.get(name, "vm-dataset")), self.head(name)) for name in names])
        self.assertEqual(git("--git-dir", self.into / "a_generator" / ".git", "rev-list", "--count", "HEAD"), "1")

    def test_clones_are_ignored_by_the_repository_around_them_and_generators_of_ones_own_are_not(self):
        around = self.into.parent
        git("init", "--quiet", around)
        for name in ("a_generator", "b_generator"):
            self.github.add(name, ENTRY)
        own = self.into / "own_generator" / "examples" / "generate.py"
        own.parent.mkdir(parents=True)
        own.write_text("print('mine')\n")
        for _ in range(2):
            self.download()

        self.assertEqual(git("-C", around, "status", "--porcelain", "--untracked-files=all", "generators").splitlines(),
                         ["?? generators/generators.lock", "?? generators/own_generator/examples/generate.py"])
        excluded = (around / ".git" / "info" / "exclude").read_text().splitlines()
        self.assertEqual([line for line in excluded if not line.startswith("#")], ["/generators/a_generator/", "/generators/b_generator/"])

    def test_a_second_run_leaves_complete_clones_alone_and_redoes_half_ones(self):
        self.github.add("whole_generator", ENTRY)
        self.github.add("half_generator", ENTRY)
        self.github.add("killed_generator", ENTRY)
        self.download()
        first = self.head("whole_generator")
        self.github.commit("whole_generator", {"README.md": "newer"})
        (self.into / "whole_generator" / "notes.txt").write_text("mine")
        shutil.rmtree(self.into / "half_generator")
        git("init", "--quiet", self.into / "half_generator")
        (self.into / "killed_generator").rename(self.into / ".partial-killed_generator")
        (self.into / ".partial-killed_generator" / "examples" / "generate.py").unlink()

        summary = self.download()

        self.assertIn("2 cloned, 0 updated, 1 unchanged", summary)
        self.assertEqual(self.head("whole_generator"), first)
        self.assertEqual((self.into / "whole_generator" / "notes.txt").read_text(), "mine")
        for name in ("half_generator", "killed_generator"):
            self.assertTrue((self.into / name / "examples" / "generate.py").is_file(), name)
        self.assertEqual(self.folders(), ["half_generator", "killed_generator", "whole_generator"])

    def test_a_clone_whose_replacement_was_interrupted_is_put_back(self):
        self.github.add("a_generator", ENTRY)
        self.download()
        (self.into / "a_generator").rename(self.into / ".replaced-a_generator")

        self.assertIn("0 cloned, 0 updated, 1 unchanged", self.download())
        self.assertEqual(self.folders(), ["a_generator"])

    def test_one_failure_does_not_stop_the_others(self):
        self.github.add("good_generator", ENTRY)
        self.github.organisations["vm-dataset"].append("gone_generator")
        self.github.add("other_generator", ENTRY)

        summary = self.download(code=1)

        self.assertEqual(self.folders(), ["good_generator", "other_generator"])
        self.assertEqual([name for name, _, _ in self.lock()], ["good_generator", "other_generator"])
        self.assertIn("2 cloned, 0 updated, 0 unchanged, 0 skipped, 0 no generators, 1 failed", summary)
        self.assertRegex(summary, r"failed +gone_generator: .+")
        self.assertTrue(summary.rstrip().endswith("\n  gone_generator"), summary)

    def test_what_is_no_generator_is_not_kept(self):
        self.github.add("website", {"index.html": "hello"})
        self.github.add("empty", {})
        self.github.add(".github", {"README.md": "profile"})
        self.github.add("a_generator", ENTRY)

        summary = self.download()

        self.assertEqual(self.folders(), ["a_generator"])
        self.assertIn("not kept  website: no generator: it has no examples/generate.py", summary)
        self.assertIn("not kept  empty: no generator: the repository is empty", summary)
        self.assertIn("vm-dataset/.github: its name is not a generator's name", summary)

    def test_a_folder_that_is_no_clone_is_never_touched(self):
        self.github.add("chess-task-data-generator", ENTRY)
        builtin = self.into / "chess-task-data-generator"
        builtin.mkdir(parents=True)
        (builtin / "mine.py").write_text("built in")

        for mode in ((), ("--update",)):
            self.assertIn("a folder of this name is there that is not a clone", self.download(*mode))
            self.assertEqual([entry.name for entry in builtin.iterdir()], ["mine.py"])
            self.assertEqual(self.lock(), [])

    def test_a_name_in_both_organisations_gives_two_folders(self):
        self.github.add("template", {**ENTRY, "which": "first"})
        self.github.add("template", {**ENTRY, "which": "second"}, "VBVR-DataFactory")

        self.download()

        self.assertEqual((self.into / "template" / "which").read_text(), "first")
        self.assertEqual((self.into / "VBVR-DataFactory.template" / "which").read_text(), "second")

    def test_update_moves_clones_to_the_newest_commit_and_rewrites_the_lock(self):
        self.github.add("old_generator", ENTRY)
        self.github.add("same_generator", ENTRY)
        self.github.add("changed_generator", ENTRY)
        self.github.add("emptied_generator", ENTRY)
        self.download()
        before = {name: commit for name, _, commit in self.lock()}
        newest = self.github.commit("old_generator", {"README.md": "newer"})
        self.github.commit("changed_generator", {"README.md": "newer"})
        self.github.commit("emptied_generator", {"examples/generate.py": None, "README.md": "moved"})
        (self.into / "changed_generator" / "examples" / "generate.py").write_text("mine")

        summary = self.download("--update", code=1)

        self.assertIn("0 cloned, 1 updated, 1 unchanged, 0 skipped, 0 no generators, 2 failed", summary)
        self.assertRegex(summary, "failed +changed_generator: its clone has changes of your own")
        self.assertRegex(summary, "failed +emptied_generator: its newest commit has no examples/generate.py any more")
        self.assertEqual({name: commit for name, _, commit in self.lock()}, {**before, "old_generator": newest})
        self.assertEqual((self.into / "old_generator" / "README.md").read_text(), "newer")
        self.assertEqual((self.into / "changed_generator" / "examples" / "generate.py").read_text(), "mine")
        self.assertEqual(len(self.folders()), 4)

    def test_locked_fetches_the_locked_commits_without_the_api(self):
        self.github.add("a_generator", ENTRY)
        self.github.add("b_generator", ENTRY)
        self.download()
        locked = self.lock()
        for name in ("a_generator", "b_generator"):
            self.github.commit(name, {"README.md": "newer"})
        self.download("--update")
        self.assertNotEqual(self.lock(), locked)
        shutil.rmtree(self.into / "b_generator")
        text = "".join("\t".join(entry) + "\n" for entry in locked)
        (self.into / "generators.lock").write_text(text)
        asked = len(self.github.requests)

        summary = self.download("--locked")

        self.assertIn("1 cloned, 1 updated", summary)
        self.assertEqual([(name, self.head(name)) for name, _, _ in locked], [(name, commit) for name, _, commit in locked])
        self.assertFalse((self.into / "a_generator" / "README.md").exists())
        self.assertEqual((self.into / "generators.lock").read_text(), text)
        self.assertEqual(len(self.github.requests), asked)

    def test_a_locked_commit_that_is_gone_fails(self):
        self.github.add("a_generator", ENTRY)
        self.into.mkdir()
        (self.into / "generators.lock").write_text(f"a_generator\t{self.github.url('a_generator')}\t{'0' * 39}1\n")

        self.assertRegex(self.download("--locked", code=1), "failed +a_generator: ")
        self.assertEqual(self.folders(), [])

    def test_a_wrong_or_missing_lock_file_is_named(self):
        self.assertIn("there is no lock file", self.download("--locked", code=1))
        (self.into / "generators.lock").write_text("../evil\tfile:///x\t" + "0" * 40 + "\n")
        self.assertIn("has a line that is not name, URL and commit, separated by tabs: ../evil", self.download("--locked", code=1))

    def test_the_token_is_sent_only_if_set(self):
        self.github.add("a_generator", ENTRY)
        self.download()
        self.download(GITHUB_TOKEN="secret")
        self.assertEqual({token for _, token in self.github.requests}, {None, "Bearer secret"})
        self.assertEqual([token for _, token in self.github.requests], [None, None, "Bearer secret", "Bearer secret"])

    def test_a_used_up_rate_limit_is_explained(self):
        self.github.refusal = 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"}, {"message": "limit"}
        message = self.download(code=1)
        self.assertIn("rate limit is used up (403); try again after 2023-11-14 22:13:20 UTC", message)
        self.assertIn("set GITHUB_TOKEN", message)
        self.github.refusal = 429, {"Retry-After": "30"}, {"message": "slow down"}
        message = self.download(code=1, GITHUB_TOKEN="secret")
        self.assertIn("(429); try again in 30 s.", message)
        self.assertNotIn("set GITHUB_TOKEN", message)

    def test_other_refusals_of_the_api_are_explained(self):
        for refusal, expected in (((404, {}, {}), "no organisation 'vm-dataset'"), ((401, {}, {}), "does not accept the token"),
                                  ((200, {}, {"message": "hello"}), "did not answer with a list of repositories"),
                                  ((200, {"Link": '<https://example.com/2>; rel="next"'}, []), "which is another server")):
            self.github.refusal = refusal
            self.assertIn(expected, self.download(code=1))
        self.assertFalse((self.into / "generators.lock").exists())

    def test_two_runs_in_one_folder_are_kept_apart(self):
        self.into.mkdir()
        with subprocess.Popen(["flock", self.into, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdin.write(b"held\n")
            holder.stdin.flush()
            self.assertEqual(holder.stdout.readline(), b"held\n")
            self.assertIn("another run is downloading into", self.download(code=1))

    def test_wrong_arguments_are_named(self):
        for arguments, expected in ((["--all"], "'--all' is not an option; allowed: --into FOLDER"), (["-j", "0"], "-j is '0'; allowed"),
                                    (["-j"], "-j needs a value"), (["--update", "--locked"], "exclude each other")):
            self.assertIn(expected, self.download(*arguments, code=2))


class GitIgnoreTests(unittest.TestCase):
    def ignored(self, path: str) -> bool:
        return subprocess.run(["git", "-C", scripts.ROOT, "check-ignore", "--quiet", "--no-index", path], env=scripts.environment(), check=False).returncode == 0

    @unittest.skipUnless(shutil.which("git") and (scripts.ROOT / ".git").exists(), "this is no git repository, or git is not on PATH")
    def test_clones_are_ignored_and_our_own_files_are_not(self):
        for path in ("O_57_chess_data_generator/examples/generate.py", ".partial-x/a", ".replaced-x/a", "generators.lock.tmp"):
            self.assertTrue(self.ignored("generators/" + path), path)
        for path in ("README.md", "requirements.txt", "_shared/a.py", "chess-task-data-generator/a.py", "my-own-data-generator/a.py",
                     "generators.lock", "requirements-all.txt"):
            self.assertFalse(self.ignored("generators/" + path), path)


if __name__ == "__main__":
    unittest.main()
