"""scripts/setup.sh: what a Python that lacks a wanted module is told, which generators there are, the address, the build."""

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


class TestGenerators(unittest.TestCase):
    def name(self, **values):
        kept = {name: value for name, value in os.environ.items() if name not in ("GENERATORS_DIR", "BUILT_IN_GENERATORS")}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f". {ROOT}/scripts/setup.sh; name_generators; echo \"${{GENERATORS_DIR-unset}}\""],
                              capture_output=True, text=True, env={**kept, **values}, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else done.stderr.strip()

    def test_the_built_in_ones_stay_after_those_that_are_named(self):
        self.assertEqual("unset", self.name())
        self.assertEqual("/mine:generators", self.name(GENERATORS_DIR="/mine"))
        self.assertEqual("/mine:/other:generators", self.name(GENERATORS_DIR="/mine:/other", BUILT_IN_GENERATORS="true"))

    def test_the_built_in_ones_can_be_left_out(self):
        self.assertEqual("/mine:/other", self.name(GENERATORS_DIR="/mine:/other", BUILT_IN_GENERATORS="false"))
        self.assertIn("GENERATORS_DIR is not set; allowed: a folder", self.name(BUILT_IN_GENERATORS="false"))
        self.assertIn("BUILT_IN_GENERATORS is 'no'; allowed: true or false", self.name(BUILT_IN_GENERATORS="no"))


class TestAnnounce(unittest.TestCase):
    def announce(self, **values):
        kept = {name: value for name, value in os.environ.items() if name != "PORT" and not name.startswith(("ASPNETCORE_", "Kestrel__"))}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f". {ROOT}/scripts/setup.sh; announce"],
                              capture_output=True, text=True, env={**kept, **values}, timeout=60)
        self.assertEqual((0, ""), (done.returncode, done.stdout))
        return done.stderr

    def test_the_address_is_that_of_the_port(self):
        self.assertIn("Console http://127.0.0.1:8080 - API http://127.0.0.1:8080/v1/jobs", self.announce())
        self.assertIn("Swagger UI http://127.0.0.1:18080/swagger", self.announce(PORT="18080"))

    def test_no_address_is_told_that_the_server_may_not_have(self):
        for name, value in (("PORT", "0"), ("ASPNETCORE_URLS", "http://0.0.0.0:9090"), ("ASPNETCORE_HTTP_PORTS", "9090"),
                            ("ASPNETCORE_HTTPS_PORTS", "9443"), ("Kestrel__Endpoints__Main__Url", "http://0.0.0.0:9090")):
            told = self.announce(**{name: value})
            self.assertNotIn("http://", told)
            self.assertIn("where the server says that it listens", told)


class TestBuild(unittest.TestCase):
    def test_a_second_run_builds_only_what_changed(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            stub = folder / "bin" / "dotnet"
            stub.parent.mkdir()
            # A build that writes a program.
            stub.write_text(f'#!/bin/sh\necho "$*" >>"{folder}/calls"\n[ ! -e "{folder}/broken" ] || exit 1\n'
                            f'mkdir -p src/Cli/bin/Release src/ControlPlane/obj && echo "$*" >src/Cli/bin/Release/vmds.dll\n')
            stub.chmod(0o755)
            source = folder / "src" / "Cli" / "Program.cs"
            source.parent.mkdir(parents=True)
            source.write_text("one")
            (folder / "src" / "ControlPlane" / "obj").mkdir(parents=True)
            library = folder / "generators" / "_shared" / "samplekit" / "run.py"
            library.parent.mkdir(parents=True)

            def build():
                calls = folder / "calls"
                calls.unlink(missing_ok=True)
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", f". {ROOT}/scripts/setup.sh; build"], cwd=folder, capture_output=True, text=True,
                                      env={**os.environ, "PATH": f"{folder}/bin:/usr/bin:/bin"}, timeout=60)
                return done.returncode, calls.exists()

            self.assertEqual(build(), (0, True))
            self.assertEqual(build(), (0, False))
            for change in (lambda: source.write_text("other"), lambda: source.with_name("New.cs").touch(), lambda: source.with_name("New.cs").unlink(), library.touch,
                           lambda: os.utime(source, (1, 1)), lambda: (folder / "src/Cli/bin/Release/vmds.dll").unlink(),
                           lambda: (folder / "src/Cli/bin/Release/vmds.dll").write_text("of another build"),
                           lambda: (folder / "Directory.Build.props").touch()):
                change()
                self.assertEqual(build(), (0, True))
                self.assertEqual(build(), (0, False))
            # What did not build is built again.
            source.write_text("wrong")
            (folder / "broken").touch()
            self.assertEqual(build(), (1, True))
            self.assertEqual(build(), (1, True))
            (folder / "broken").unlink()
            self.assertEqual(build(), (0, True))


if __name__ == "__main__":
    sys.exit(unittest.main())
