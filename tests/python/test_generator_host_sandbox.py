"""What a runner's sandbox refuses, that the refusal is told, and what it leaves alone."""

import errno
import importlib.util
import json
import os
import signal
import socket
import stat
import unittest

from generator_host_client import PACKAGES, HostTest, files, is_running

from generator_host import call_filter, landlock, sandbox
from generator_host.trees import remove_tree

LIGHT = ("--preload", "numpy,PIL")
HAS_LANDLOCK = landlock.version() >= 6


def script(folder, body):
    """Makes a generator of a body, in which ``out`` is the output folder and ``word`` what a test passes."""
    (folder / "examples").mkdir(parents=True)
    (folder / "examples" / "generate.py").write_text(
        "import argparse, ctypes, os, signal, socket, subprocess, sys, threading, time\nfrom pathlib import Path\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ('num-samples', 'seed', 'output', 'body', 'word'):\n    parser.add_argument('--' + name)\n"
        "asked = parser.parse_args()\nout, word = Path(asked.output), asked.word\n" + body)
    return folder


@unittest.skipUnless(HAS_LANDLOCK, "the kernel has no Landlock of version 6")
class Refusals(HostTest):
    arguments = (*LIGHT, "--sandbox", "required")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.generator = script(cls.host.folder / "generators" / "bad", "exec(asked.body)\n")
        cls.lane = cls.host.lane(cls.generator)
        cls.secret = cls.host.folder / "data" / "queue.db"
        cls.secret.parent.mkdir()
        cls.secret.write_text("secret")

    def run_body(self, body, word="", lane=None, **fields):
        return (lane or self.lane).draw(5, "--body", body, "--word", str(word), **fields)

    def assert_refused(self, body, word="", error="PermissionError"):
        answer = self.run_body(body, word)
        self.assertEqual((answer["status"], answer.get("type")), ("raised", error), answer)
        self.assertIn("The sandbox lets a generator read", answer["message"])
        self.assertIn("docs/security.md", answer["message"])
        self.assertIn("it refuses all else", answer["log"])
        self.assertEqual(self.run_body("(out / 'fine').write_text('yes')")["status"], "ok", "the next sample is drawn")

    def test_the_host_tells_of_it(self):
        self.assertEqual(self.host.ready["sandbox"],
                         {"name": f"landlock-{min(landlock.version(), 7)}", "whole": True, "unconfined": []})

    def test_reading_elsewhere(self):
        for path in (self.secret, "/etc/shadow", self.host.folder / "stderr", PACKAGES / "Program.cs"):
            with self.subTest(path):
                self.assert_refused("open(word).read()", path)
        self.assert_refused("os.listdir(word)", self.secret.parent)
        # Other generators, of its own folder and of another one.
        for beside in (self.generator.parent / "other", self.host.folder / "more-generators" / "other"):
            if not beside.exists():
                script(beside, "pass\n")
            self.assert_refused("os.listdir(word)", beside)
            self.assert_refused("open(word).read()", beside / "examples" / "generate.py")

    def test_writing_elsewhere(self):
        self.assert_refused("open(word, 'w')", self.secret)
        self.assert_refused("os.truncate(word, 0)", self.secret)
        self.assert_refused("os.unlink(word)", self.secret)
        self.assert_refused("os.mkdir(word)", self.host.folder / "more")
        self.assert_refused("os.mkdir(word)", self.lane.scratch / "more")
        self.assert_refused("open('/tmp/x' + word, 'w')", os.getpid())
        self.assert_refused("open('/dev/shm/x' + word, 'w')", os.getpid())
        self.assertEqual(self.secret.read_text(), "secret")

    def test_what_changes_a_file_without_opening_it(self):
        before = self.secret.stat()
        self.assertEqual(self.run_body("os.chmod(word, 0o777)", self.secret)["status"], "ok", "as if it were done")
        self.assertEqual(stat.S_IMODE(self.secret.stat().st_mode), stat.S_IMODE(before.st_mode))
        self.assert_refused("os.chown(word, 1, 1)", self.secret)
        self.assertEqual(self.run_body("os.setxattr(word, 'user.a', b'1')", self.secret)["status"], "raised")

    def test_links_lead_nowhere(self):
        self.assert_refused("os.link(word, out / 'x')", self.secret, "OSError")
        self.assert_refused("os.symlink(word, out / 'x'); open(out / 'x').read()", self.secret)

    def test_a_link_in_the_repository(self):
        other = script(self.host.folder / "generators" / "linked", "exec(asked.body)\n")
        (other / "beside").symlink_to("../bad/examples")
        (other / "away").symlink_to(self.secret.parent)
        lane = self.host.lane(other)
        self.assertEqual(self.run_body("open('beside/generate.py').read()", lane=lane)["status"], "ok",
                         "a generator may link to what lies beside it")
        answer = self.run_body("open('away/queue.db').read()", lane=lane)
        self.assertEqual((answer["status"], answer["type"]), ("raised", "PermissionError"))
        lane.close()
        self.assertEqual(self.host.receive()["event"], "lane_ended")

    def test_other_processes(self):
        zygote, supervisor = self.host.process.pid, self.lane.ready["pid"]
        for pid in (os.getpid(), zygote, supervisor):
            for name in ("environ", "mem", "maps", "root/etc/hostname", "cwd/x"):
                with self.subTest(pid=pid, name=name):
                    self.assert_refused(f"open('/proc/{pid}/{name}').read()")
            self.assert_refused(f"os.readlink('/proc/{pid}/fd/0')")
            self.assert_refused(f"open('/proc/{pid}/fd/2', 'w')")
            for number in (0, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
                self.assert_refused(f"os.kill({pid}, {int(number)})")
            self.assert_refused(f"import resource; resource.prlimit({pid}, resource.RLIMIT_NOFILE, (0, 0))")
        self.assertTrue(is_running(zygote) and is_running(supervisor))

    def test_the_network(self):
        with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local, \
                socket.socket(socket.AF_UNIX) as abstract:
            port = server.getsockname()[1]
            self.assert_refused("socket.create_connection(('127.0.0.1', int(word)))", port)
            self.assert_refused("socket.create_server(('127.0.0.1', 0))")
            self.assert_refused("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
            self.assert_refused("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)")
            local.bind(str(self.host.folder / "service.sock"))
            local.listen()
            self.assert_refused("socket.socket(socket.AF_UNIX).connect(word)", self.host.folder / "service.sock")
            abstract.bind("\0generator-host-test-%d" % os.getpid())
            abstract.listen()
            self.assert_refused("socket.socket(socket.AF_UNIX).connect('\\0generator-host-test-' + word)", os.getpid())
            self.assert_refused("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)")
        self.assertEqual(self.run_body("a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'")["status"], "ok")

    @unittest.skipIf(os.geteuid(), "only root has rights to lose")
    def test_a_roots_rights(self):
        for body in ("os.mknod(out / 'x', 0o600 | 0o020000, os.makedev(1, 1))", "os.setuid(1000)",
                     "time.clock_settime(time.CLOCK_REALTIME, 0)"):
            with self.subTest(body):
                self.assert_refused(body)
        answer = self.run_body("subprocess.run(['grep', 'CapEff', '/proc/self/status'])")
        self.assertEqual(answer["log"].split(), ["CapEff:", "0" * 16], "what it starts has none again")

    def test_what_it_starts_is_confined_too(self):
        answer = self.run_body("subprocess.run(['cat', word])", self.secret)
        self.assertIn("Permission denied", answer["log"])
        self.assertEqual(answer["status"], "ok")

    def test_another_lanes_folder(self):
        other = self.host.lane(self.generator)
        try:
            self.run_body("(out / 'x').write_text('mine')", lane=other)
            for path in (other.scratch, other.scratch / "work", other.scratch / "generators"):
                self.assert_refused("os.listdir(word)", path)
                self.assert_refused("open(word + '/x', 'w')", path)
        finally:
            other.close()
            self.assertEqual(self.host.receive()["event"], "lane_ended")

    def test_an_earlier_sample_is_out_of_reach(self):
        before = self.run_body("(out / 'x').write_text('mine')")
        self.assert_refused("open(word).read()", before["out"] / "x")
        self.assertEqual((before["out"] / "x").read_text(), "mine")

    def test_a_cause_further_down(self):
        answer = self.run_body("try:\n    open(word)\nexcept OSError as error:\n    raise ValueError('no puzzle') from error", self.secret)
        self.assertEqual(answer["type"], "ValueError")
        self.assertTrue(answer["message"].startswith("no puzzle - The sandbox lets"), answer["message"])

    def test_other_errors_have_no_hint(self):
        answer = self.run_body("open(word)", self.host.folder / "none")
        self.assertEqual(answer["type"], "FileNotFoundError")
        self.assertNotIn("sandbox", answer["message"])

    def test_no_descriptor_leads_outside(self):
        answer = self.run_body("print([os.readlink(f'/proc/self/fd/{name}') for name in os.listdir('/proc/self/fd')"
                               " if os.path.exists(f'/proc/self/fd/{name}')])")
        open_files = {name.partition(":")[0] for name in eval(answer["log"])}
        self.assertLessEqual({name for name in open_files if name not in ("pipe", "/dev/null")},
                             {name for name in open_files if name.endswith("/clear_refs")})

    def test_a_filter_of_its_own_answers_no_fork(self):
        """Nor can it make a listener: the kernel allows one."""
        for action, flags, told in ((0x7FC00000, 8, f"-1 {errno.EBUSY}"), (0x7FFF0000, 0, "0 ")):
            answer = self.run_body(
                "import struct\n"
                f"code = ctypes.create_string_buffer(struct.pack('=HBBI', 6, 0, 0, {action}), 8)\n"
                "program = struct.pack('@HP', 1, ctypes.addressof(code))\n"
                "libc = ctypes.CDLL(None, use_errno=True)\n"
                f"print(libc.syscall({call_filter._MACHINES[os.uname().machine][1]}, 1, {flags}, program), ctypes.get_errno())\n"
                "for _ in range(300):\n    threading.Thread(target=time.sleep, args=(3,)).start()\n")
            self.assertEqual(answer.get("type"), "TooManyProcesses", answer)
            self.assertTrue(answer["log"].startswith(told), answer["log"])

    def test_what_generators_need(self):
        for body in ("import json, tempfile; json.dump(1, tempfile.TemporaryFile('w'))",
                     "subprocess.run([sys.executable, '-c', 'import numpy, PIL'], check=True)",
                     "import shutil; shutil.copy2(__file__, out); shutil.move(out / 'generate.py', os.environ['TMPDIR'])",
                     "import pwd; pwd.getpwuid(os.getuid())", "os.cpu_count(); open('/proc/meminfo').read()",
                     "open(os.devnull, 'w').write('x')", "(out / 'x').touch(); assert (out / 'x').exists()",
                     "os.mkfifo(out / 'pipe'); socket.socket(socket.AF_UNIX).bind(os.environ['TMPDIR'] + '/s')",
                     "Path(__file__).with_name('note').write_text('x')", "Path.home().joinpath('.cache').mkdir()",
                     "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"):
            with self.subTest(body):
                answer = self.run_body(body)
                self.assertEqual(answer["status"], "ok", answer["log"])


@unittest.skipUnless(HAS_LANDLOCK, "the kernel has no Landlock of version 6")
class Exchanges(HostTest):
    """Foreign code that exchanges what its supervisor, which is not confined, is about to use."""

    arguments = LIGHT

    def setUp(self):
        self.folder = self.host.folder / f"generators-{self.host.next()}"
        self.outside = self.host.folder / "outside"
        self.outside.mkdir(exist_ok=True)
        (self.outside / "kept").write_text("kept")

    def lane(self, body):
        lane = self.host.lane(script(self.folder / "bad", body))
        self.addCleanup(self.host.receive)
        self.addCleanup(lane.close)
        return lane

    def draw(self, lane, word=""):
        return lane.draw(5, "--word", str(word))

    def assert_untouched(self):
        self.assertEqual(files(self.outside), {"kept": b"kept"})

    def test_the_output_is_a_link(self):
        lane = self.lane("os.rmdir(out)\nos.symlink(word, out)\n")
        answer = self.draw(lane, self.outside)
        self.assertEqual(answer["status"], "ok")
        self.assertTrue(answer["out"].is_dir() and not answer["out"].is_symlink())
        self.assertEqual(files(answer["out"]), {})
        self.assert_untouched()

    def test_the_work_folder_is_a_link(self):
        lane = self.lane("place = out.parent\nplace.rename(place.with_name('away'))\nplace.symlink_to(word)\n")
        answer = self.draw(lane, self.outside)
        self.assertEqual((answer["status"], files(answer["out"])), ("ok", {}))
        self.assert_untouched()

    def test_the_temporary_folder_is_a_link(self):
        lane = self.lane("os.rename(out.parent / 'tmp', out.parent / 'old')\n(out.parent / 'tmp').symlink_to(word)\n")
        self.assertEqual(self.draw(lane, self.outside)["status"], "ok")
        self.assert_untouched()

    def test_the_next_place_is_taken(self):
        lane = self.lane("later = out.parent.with_name(str(int(out.parent.name) + 1))\n"
                         "later.symlink_to(word) if asked.word else (later / 'out').mkdir(parents=True)\n"
                         "(out / 'x').write_text('mine')\n")
        for word in ("", self.outside, ""):
            answer = self.draw(lane, word)
            self.assertEqual((answer["status"], files(answer["out"])), ("ok", {"x": b"mine"}))
        self.assert_untouched()

    def test_its_own_folder_is_a_link(self):
        lane = self.lane("own = Path(__file__).parents[1]\nown.rename(own.with_name('away'))\nown.symlink_to(word)\n")
        for _ in range(2):
            self.assertEqual(self.draw(lane, self.outside)["status"], "ok")
        self.assert_untouched()

    def test_a_runner_that_answers_for_itself(self):
        lane = self.lane("import glob\n"
                         "for name in map(int, os.listdir('/proc/self/fd')):\n"
                         "    try:\n"
                         "        if name > 2 and os.get_blocking(name) and 'pipe' in os.readlink(f'/proc/self/fd/{name}'):\n"
                         "            os.write(name, word.encode() + b'\\n')\n"
                         "    except OSError:\n        pass\n")
        for line in ("no JSON", "[]", '{"status": 7}', '{"status": "refused"}', '{"status": "exited", "code": "x" }',
                     '{"status": "ok", "max_rss_kib": 1e400}', '{"status": "ok", "cpu_ms": -7}',
                     '{"status": "ok", "cpu_ms": "x"}', '{"status":"exited","code":99999999999999999999}'):
            with self.subTest(line):
                answer = self.draw(lane, line)
                self.assertIn(answer["status"], ("raised", "exited", "ok"))
                self.assertIn(answer.get("code", 1), range(256))

    def test_a_deep_folder_of_any_mode(self):
        # Deeper than Python recurses (1,000) and than most processes may open files (1,024), with a path longer than Linux takes (4,096 bytes).
        # Not deeper: the kernel checks each new folder against Landlock's rules by walking up to the root.
        lane = self.lane("os.chdir(out)\nfor _ in range(1100):\n    os.mkdir('deep')\n    os.chdir('deep')\n"
                         "os.chdir(os.environ['TMPDIR'])\nfor _ in range(1100):\n    os.mkdir('deep', 0o300)\n    os.chdir('deep')\n")
        answer = self.draw(lane)
        self.assertEqual(answer["status"], "ok", answer["log"])
        remove_tree(str(answer["out"]))
        self.assertFalse(answer["out"].exists())
        self.assertEqual(self.draw(lane)["status"], "ok")
        self.assertEqual(os.listdir(lane.scratch / "work"), [])


@unittest.skipUnless(importlib.util.find_spec("matplotlib"), "needs matplotlib")
class SharedCache(HostTest):
    """matplotlib's list of fonts, made by whoever comes first."""

    DRAW = "plt.plot([1, 2])\nplt.savefig(out / 'a.png')\nprint(matplotlib.get_cachedir())\n"
    HIDDEN = "import importlib\nmatplotlib = importlib.import_module('matplotlib')\nplt = importlib.import_module('matplotlib.pyplot')\n"

    def test_lanes_cannot_spoil_it_for_each_other(self):
        host = self.new_host(*LIGHT, "--cache", str(self.host.folder / "cache"))
        generators = host.folder / "generators"
        plain = script(generators / "plain", "import matplotlib\nimport matplotlib.pyplot as plt\n" + self.DRAW)
        hidden = script(generators / "hidden", self.HIDDEN + self.DRAW)
        # As its import shows nowhere, no supervisor has made the list for the first one.
        for generator in (hidden, plain, hidden):
            lane = host.lane(generator)
            answer = lane.draw()
            self.assertEqual((answer["status"], list(files(answer["out"]))), ("ok", ["a.png"]), answer["log"])
            if generator == hidden:
                self.assertTrue(answer["log"].startswith(str(lane.scratch)), answer["log"])
        self.assertTrue(list((self.host.folder / "cache" / "matplotlib").glob("fontlist*")), "a supervisor has made it")


class Settings(HostTest):
    """What is said and done where the kernel lacks something."""

    arguments = (*LIGHT, "--sandbox", "off")

    def reads(self, host):
        folder = script(host.folder / "generators" / "reads", "print(open(word).read())\n")
        (host.folder / "note").write_text("note")
        answer = host.lane(folder).draw(5, "--word", str(host.folder / "note"))
        return answer["status"] == "ok"

    def test_off(self):
        self.assertEqual(self.host.ready["sandbox"]["name"], "off")
        self.assertTrue(self.reads(self.host))

    def test_a_kernel_without_it(self):
        for abi in ("0", "1"):
            host = self.new_host(*LIGHT, "--landlock", abi)
            self.assertEqual(host.ready["sandbox"], {
                "name": "unsupported", "whole": False, "unconfined": ["files", "network", "signals to other processes"]})
            self.assertTrue(self.reads(host))

    @unittest.skipUnless(HAS_LANDLOCK, "the kernel has no Landlock of version 6")
    def test_an_older_kernel(self):
        for abi, missing in (("2", ["truncation of files", "signals to other processes"]),
                             ("3", ["signals to other processes"]), ("5", ["signals to other processes"]), ("6", [])):
            host = self.new_host(*LIGHT, "--landlock", abi)
            told = host.ready["sandbox"]
            self.assertEqual((told["name"], told["unconfined"]), (f"landlock-{abi}", missing))
            self.assertIs(told["whole"], not missing)
            self.assertFalse(self.reads(host))

    def test_the_message_is_json(self):
        json.dumps(sandbox.probe("auto").message())


if __name__ == "__main__":
    unittest.main()
