"""The zygote's protocol, and that everything ends when the worker does."""

import os
import shutil
import signal
import subprocess
import sys
import unittest

from generator_host_client import GENERATORS, PACKAGES, HostTest, is_running, processes, until

LIGHT = ("--preload", "json")


class Protocol(HostTest):
    arguments = ("--preload", "numpy,PIL,no_such_library")

    def test_ready_tells_what_is_loaded(self):
        self.assertEqual(self.host.ready["event"], "ready")
        self.assertEqual(self.host.ready["python"], sys.version.split()[0])
        modules = self.host.ready["modules"]
        self.assertEqual(set(modules), {"numpy", "PIL", "no_such_library"})
        self.assertIsNone(modules["no_such_library"])
        self.assertRegex(modules["PIL"], r"^\d")

    def test_a_lane_tells_when_it_is_ready(self):
        lane = self.host.lane("ok-generator")
        self.assertEqual(lane.ready["event"], "ready")
        self.assertTrue(is_running(lane.ready["pid"]))
        self.assertIn("PIL.ImageDraw", lane.ready["preloaded"])
        self.assertNotIn("tiny_samples", lane.ready["preloaded"])
        self.assertLess(lane.ready["seconds"], 20)

    def test_bad_lines_are_answered(self):
        lane = self.host.lane("ok-generator")
        good = {"op": "lane", "socket": "/none/a.sock", "generator": str(GENERATORS / "ok-generator"),
                "scratch": str(self.host.folder / "none"), "memory_mb": None, "renew_after": 500}
        for message, part in (
                (b"{", "not JSON"), (b"17", "JSON object"), ({"op": "fly"}, "unknown op"), ({}, "'op' is missing"),
                ({**good, "socket": "a.sock"}, "'socket' must be an absolute path"),
                ({**good, "generator": str(GENERATORS)}, "has no examples/generate.py"),
                ({**good, "memory_mb": "4"}, "'memory_mb' must be int"),
                ({**good, "renew_after": 0}, "'renew_after' must be at least 1"),
                ({**good, "scratch": str(GENERATORS)}, "'scratch' must not hold the generator"),
                ({**good, "scratch": str(lane.scratch)}, "'scratch' is in use"),
                ({"op": "inspect", "generator": "/"}, "'id' is missing")):
            with self.subTest(part):
                answer = self.host.ask(message)
                self.assertEqual(answer["event"], "error")
                self.assertIn(part, answer["message"])
                if isinstance(message, dict) and "socket" in message:
                    self.assertEqual(answer["socket"], message["socket"])
        self.assertEqual(self.host.ask({"op": "inspect", "id": 9, "generator": "/none"})["id"], 9)
        self.end(lane)

    def test_a_lane_that_cannot_connect_is_told(self):
        path = str(self.host.folder / "nobody.sock")
        answer = self.host.ask({"op": "lane", "socket": path, "generator": str(GENERATORS / "ok-generator"),
                                "scratch": str(self.host.folder / "scratch-nobody")})
        self.assertEqual((answer["event"], answer["socket"], answer["code"]), ("lane_ended", path, 1))

    def test_a_lane_ends_when_told(self):
        lane = self.host.lane("ok-generator")
        self.assertEqual(lane.draw()["status"], "ok")
        lane.send({"op": "end"})
        self.assertIsNone(lane.receive())
        ended = self.host.receive()
        self.assertEqual((ended["event"], ended["pid"], ended["code"]), ("lane_ended", lane.ready["pid"], 0))
        self.assertFalse(lane.scratch.exists())

    def test_an_entry_with_a_syntax_error_fails_in_its_samples(self):
        original = self.host.copy("ok-generator")
        (original / "examples" / "generate.py").write_text("def (\n")
        lane = self.host.lane(original)
        answer = lane.draw()
        self.assertEqual((answer["status"], answer["type"]), ("raised", "SyntaxError"))
        self.end(lane)

    def test_a_library_that_breaks_its_process_is_not_preloaded(self):
        library = self.host.folder / "libraries"
        library.mkdir()
        bodies = {"breaks": "import os; os.kill(os.getpid(), 9)", "exits": "raise SystemExit(3)",
                  "threads": "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
                  "works": "VALUE = 3"}
        for name, body in bodies.items():
            (library / f"lib_{name}.py").write_text(body)
        host = self.new_host(*LIGHT, libraries=[library])
        original = host.copy("ok-generator")
        (original / "examples" / "generate.py").write_text(
            "def never():\n" + "".join(f"    import lib_{name}\n" for name in bodies)
            + "import lib_works\nprint(lib_works.VALUE)\n")
        lane = host.lane(original)
        self.assertEqual([name for name in lane.ready["preloaded"] if name.startswith("lib_")], ["lib_works"])
        self.assertEqual(lane.draw()["log"], "3\n")

    def end(self, lane):
        lane.close()
        self.assertEqual(self.host.receive()["event"], "lane_ended")


class Inspection(HostTest):
    arguments = LIGHT

    def inspect(self, folder, **fields):
        return self.host.ask({"op": "inspect", "id": 4, "generator": str(folder), **fields})

    def test_a_good_generator(self):
        self.assertEqual(self.inspect(GENERATORS / "ok-generator"),
                         {"id": 4, "missing": [], "optional": [], "flags": ["--num-samples", "--output", "--seed"],
                          "reads_clock": []})
        self.assertIn("--output-dir", self.inspect(GENERATORS / "clock-metadata-generator")["flags"])
        self.assertEqual(self.inspect(GENERATORS / "clock-metadata-generator")["reads_clock"],
                         [{"file": "examples/generate.py", "function": "datetime.datetime.now"}])

    def test_options_left_to_a_module(self):
        root = self.host.folder / "delegating" / "examples"
        root.mkdir(parents=True)
        (root / "generate.py").write_text("import options\n")
        (root / "options.py").write_text("import argparse\nargparse.ArgumentParser().add_argument('--seed')\n")
        self.assertEqual(self.inspect(root.parent)["flags"], ["--seed"])

    def test_modules_of_a_library_from_elsewhere_are_its_own(self):
        root, library = self.host.folder / "far" / "borrower", self.host.folder / "lent" / "_kit"
        (root / "examples").mkdir(parents=True)
        (root / "examples" / "generate.py").write_text("from lent_flags import run\n")
        (library / "lent_flags").mkdir(parents=True)
        (library / "lent_flags" / "__init__.py").write_text("from time import time\nimport argparse\nprint(time())\n"
                                                            "argparse.ArgumentParser().add_argument('--seed')\n")
        self.assertEqual(self.inspect(root)["missing"], ["lent_flags"])
        self.assertEqual(self.inspect(root, library=str(library)), {
            "id": 4, "missing": [], "optional": [], "flags": ["--seed"],
            "reads_clock": [{"file": "_kit/lent_flags/__init__.py", "function": "time.time"}]})

    def test_what_is_missing_and_what_may_be(self):
        root = self.host.folder / "generator"
        for folder in ("examples", "src/inner", "core"):
            (root / folder).mkdir(parents=True)
        (root / "examples" / "generate.py").write_text(
            "import argparse, sys, typing\n"
            "from core import *\nfrom src.model import Model\nimport absent_one.part\n"
            "try:\n    import absent_tried\nexcept ImportError:\n    import absent_instead\n"
            "if typing.TYPE_CHECKING:\n    import absent_typing\n"
            "def late():\n    import absent_late\n    import src.late\n"
            "class Inside:\n    import absent_in_class\n"
            "parser = argparse.ArgumentParser()\nparser.add_argument('-n', '--num-samples')\n"
            "parser.add_argument('--seed')\nparser.add_argument('--output-dir')\n")
        (root / "core" / "__init__.py").write_text("from .writer import write\n")
        (root / "core" / "writer.py").write_text("import absent_in_core\nimport helper_elsewhere\n")
        (root / "src" / "model.py").write_text("from .inner import thing\nfrom ..beyond import nothing\n")
        (root / "src" / "inner" / "thing.py").write_text("import absent_in_namespace, json\n")
        (root / "src" / "late.py").write_text("import absent_when_late\n")
        (root / "src" / "helper_elsewhere.py").write_text("")
        (root / "src" / "unreached.py").write_text("import absent_unreached\n")
        marker = root / "ran"
        (root / "src" / "__init__.py").write_text(f"open({str(marker)!r}, 'w')\n")
        self.assertEqual(self.inspect(root), {
            "id": 4, "missing": ["absent_in_class", "absent_in_core", "absent_in_namespace", "absent_one"],
            "optional": ["absent_instead", "absent_late", "absent_tried", "absent_when_late"],
            "flags": ["--num-samples", "--output-dir", "--seed"], "reads_clock": []})
        self.assertFalse(marker.exists(), "nothing of the generator is run")

    def test_what_cannot_be_read(self):
        answer = self.inspect(self.host.folder / "nothing")
        self.assertIn("FileNotFoundError", answer["error"])
        (self.host.folder / "broken" / "examples").mkdir(parents=True)
        (self.host.folder / "broken" / "examples" / "generate.py").write_text("def (")
        self.assertIn("SyntaxError", self.inspect(self.host.folder / "broken")["error"])


class Ends(HostTest):
    """However the worker ends, nothing goes on and the scratch is removed."""

    arguments = LIGHT

    def busy(self, host):
        """A lane in the middle of a sample that has forked all over the place."""
        lane = host.lane()
        out = lane.start(5, "--fault", "endless-hard")
        until(lambda: len(processes.descendants(lane.ready["pid"])) >= 7, "the script has forked")
        below = [lane.ready["pid"], *processes.descendants(lane.ready["pid"])]
        return lane, below, out

    def assert_all_end(self, pids, lane):
        until(lambda: self._no_children() is not None and not any(map(is_running, pids)), "all have ended")
        until(lambda: not lane.scratch.exists(), "the scratch is removed")

    def test_the_workers_socket_closes(self):
        lane, pids, _ = self.busy(self.host)
        lane.close()
        self.assertEqual(self.host.receive()["event"], "lane_ended")
        self.assert_all_end(pids, lane)

    def test_an_end_in_the_middle_of_a_sample(self):
        lane, pids, out = self.busy(self.host)
        lane.send({"op": "end"})
        self.assertIsNone(lane.receive())
        self.assertEqual(self.host.receive()["event"], "lane_ended")
        self.assert_all_end(pids, lane)
        self.assertTrue(out.parent.exists(), "the work folder is the worker's")

    def test_the_zygotes_input_closes(self):
        host = self.new_host(*LIGHT)
        lane, pids, _ = self.busy(host)
        host.process.stdin.close()
        self.assertEqual(host.process.wait(30), 0)
        self.assert_all_end(pids, lane)

    def test_the_zygote_is_killed(self):
        host = self.new_host(*LIGHT)
        lane, pids, _ = self.busy(host)
        host.process.send_signal(signal.SIGKILL)
        host.process.wait(30)
        self.assert_all_end(pids, lane)

    def test_the_zygote_is_terminated(self):
        host = self.new_host(*LIGHT)
        lane, pids, _ = self.busy(host)
        host.process.send_signal(signal.SIGTERM)
        self.assertEqual(host.process.wait(30), 0)
        self.assert_all_end(pids, lane)

    def test_a_supervisor_is_killed(self):
        lane, pids, _ = self.busy(self.host)
        os.kill(lane.ready["pid"], signal.SIGKILL)
        ended = self.host.receive()
        self.assertEqual((ended["event"], ended["code"]), ("lane_ended", -signal.SIGKILL))
        self.assert_all_end(pids, lane)

    def test_zygote_and_supervisor_are_killed(self):
        host = self.new_host(*LIGHT)
        lane = host.lane()
        lane.start(5, "--fault", "endless")
        until((lane.scratch / "work" / "1" / "tmp" / "home").exists, "a runner has begun")
        pids = [lane.ready["pid"], *processes.descendants(lane.ready["pid"])]
        # Stopped first: neither may clean up after the other.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in (lane.ready["pid"], host.process.pid):
                os.kill(pid, number)
        host.process.wait(30)
        until(lambda: self._no_children() is not None and not any(map(is_running, pids)), "all have ended")
        shutil.rmtree(lane.scratch)  # nobody was left to remove it

    def test_the_worker_is_killed(self):
        # The worker here is a shell of its own, so that a kill is a true one.
        host_code = (
            "import subprocess, sys\n"
            "host = subprocess.Popen([sys.executable, '-m', 'generator_host', '--preload', 'json'],"
            " stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
            "host.stdout.readline()\nprint(host.pid, flush=True)\nsys.stdin.read()\n")
        worker = subprocess.Popen([sys.executable, "-c", host_code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  env={**os.environ, "PYTHONPATH": str(PACKAGES)})
        pid = int(worker.stdout.readline())
        worker.kill()
        worker.communicate()
        until(lambda: self._no_children() is not None and not is_running(pid), "the zygote ends with its worker")


if __name__ == "__main__":
    unittest.main()
