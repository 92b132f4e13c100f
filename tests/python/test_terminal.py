"""vmds in a terminal: what a person sees, at widths, without colours, and at Ctrl-C."""

import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VMDS = ROOT / "src" / "Cli" / "bin" / "Release" / "net10.0" / "vmds.dll"
JOB = "20261123-130501-9f3c2a7b"
HOSTILE = "[red]x[/] \x1b]0;owned\x07 \x1b[2J \u202e"
TIMEOUT = 60


class Api(http.server.ThreadingHTTPServer):
    """A control plane of one job; `away` answers with 503 so many times, `looks` is how often the job was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.state, self.away, self.looks, self.posted = "running", 0, 0, []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def answer(self, method, path):
        if method == "POST":
            self.posted.append(path)
        if path.endswith("/jobs/plan"):
            return 200, {"basis": "default", "samples": 10, "batches": 1, "batch_size": 10, "best_batch_size": 10, "bytes": 1000,
                         "seconds": {"low": 1, "likely": 2, "high": 3}, "generators": [], "warnings": [{"code": "x", "message": HOSTILE}]}
        if path.startswith("/v1/jobs?"):
            return 200, {"items": [self.job()]}
        if "/failures" in path:
            failure = {"generator": HOSTILE, "start_index": 3, "samples": 1, "attempt": 3, "permanent": True, "kind": "raised",
                       "message": HOSTILE, "traceback": HOSTILE, "failed_at": "2026-01-01T00:00:00Z"}
            cause = {"generator": HOSTILE, "kind": "raised", "message": HOSTILE, "samples": 1, "permanent_samples": 1,
                     "batches": 1, "first_index": 3, "newest": failure}
            if "/causes" in path:
                return 200, {"items": [cause], "left_out": 0, "records": 1, "complete": True}
            return 200, {"items": [failure]}
        if method == "POST":
            return 202, self.job()
        self.looks += 1
        if self.away > 0:
            self.away -= 1
            return 503, {"detail": "The store is silent."}
        return 200, self.job()

    def job(self):
        counts = {"total": 10, "done": 6, "failed": 1}
        return {"id": JOB, "state": self.state, "samples": counts, "batches": {"total": 1, "done": 0, "failed": 0}, "samples_per_second": 2.5,
                "eta_seconds": 4, "reason": HOSTILE, "links": {"self": f"/v1/jobs/{JOB}"},
                "generators": [{"name": name, "state": self.state, "samples": counts, "batches": {"total": 1, "done": 0, "failed": 0}}
                               for name in ("chess-task-data-generator", HOSTILE)],
                "actual": {"seconds": 3, "cost_usd": 0.25, "measured_samples": 6,
                           "generators": [{"name": "chess-task-data-generator", "samples": 6, "failed": 1, "seconds_per_sample": 0.5}]}}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.server.answer(self.command, self.path)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Terminal:
    """A program with a pseudo-terminal of its own as stdin, stdout and stderr."""

    def __init__(self, api, *arguments, width=80, **variables):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("VMDS_", "API_", "AWS_", "NO_COLOR", "COLUMNS", "XDG_CONFIG"))}
        environment |= {"VMDS_URL": api.address, "POLL_SECONDS": "0.05", "TERM": "xterm-256color", **variables}
        self.text, self.width = b"", width
        self.process = subprocess.Popen(["dotnet", VMDS, *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment,
                                        preexec_fn=self._own)
        os.close(slave)

    @staticmethod
    def _own():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        # A shell has what it starts in the background ignore it, and children inherit that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def until(self, expected):
        """Reads until the text was written."""
        deadline = time.monotonic() + TIMEOUT
        while expected.encode() not in self.text:
            if not self._read(deadline):
                raise AssertionError(f"{expected!r} was not written: {self.text!r}")

    def keys(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """The exit code, when all that was written has been read."""
        deadline = time.monotonic() + TIMEOUT
        while self._read(deadline):
            pass
        code = self.process.wait(TIMEOUT)
        os.close(self.master)
        return code

    def _read(self, deadline):
        readable, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
        try:
            block = os.read(self.master, 65536) if readable else b""
        except OSError:
            block = b""
        self.text += block
        return bool(block)

    @property
    def plain(self):
        return re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|=)", "", self.text.decode(errors="replace"))


@unittest.skipUnless(shutil.which("dotnet") and VMDS.exists(), "src/Cli is not built")
class TerminalTests(unittest.TestCase):
    def setUp(self):
        self.api = Api()
        self.addCleanup(self.api.server_close)
        self.addCleanup(self.api.shutdown)

    def harmless(self, terminal):
        """Nothing of the API's text steers the terminal; it is there to be read."""
        self.assertNotIn(b"\x1b]0;", terminal.text)
        self.assertNotIn(b"\x07", terminal.text)
        self.assertNotIn(b"\x1b[2J", terminal.text)
        self.assertNotIn("\u202e", terminal.text.decode(errors="replace"))
        self.assertIn("[red]x[/]", terminal.plain)

    def test_watch_shows_a_table_within_the_width_and_ends_with_the_job(self):
        for width in (80, 200):
            with self.subTest(width=width):
                self.api.state = "running"
                terminal = Terminal(self.api, "watch", JOB, width=width)
                terminal.until("running")
                self.api.state = "succeeded"
                self.assertEqual(terminal.end(), 0, terminal.text)
                self.assertIn("chess-task-data-generator", terminal.plain)
                for part in ("6/10", "2.5 a second", "4 s left", "$0.25 so far", "raised", "█"):
                    self.assertIn(part, " ".join(terminal.plain.split()))
                self.assertLessEqual(max(map(len, terminal.plain.replace("\r", "\n").split("\n"))), width)
                # What was drawn in place is drawn over, and the cursor is back.
                self.assertRegex(terminal.text, rb"\x1b\[[0-9]+A")
                self.assertTrue(terminal.text.rindex(b"\x1b[?25h") > terminal.text.rindex(b"\x1b[?25l"))
                self.harmless(terminal)

    def test_without_colours_none_are_written(self):
        self.api.state = "succeeded"
        for variables in ({"NO_COLOR": "1"}, {}):
            terminal = Terminal(self.api, "watch", JOB, **variables)
            self.assertEqual(terminal.end(), 0, terminal.text)
            coloured = re.search(rb"\x1b\[[0-9;]*(3[0-7]|38;5;[0-9]+|9[0-7])m", terminal.text) is not None
            self.assertEqual(coloured, not variables, terminal.text)

    def test_control_c_during_watch_leaves_the_job_running_and_says_so(self):
        terminal = Terminal(self.api, "watch", JOB)
        terminal.until("running")
        terminal.keys("\x03")
        self.assertEqual(terminal.end(), 130, terminal.text)
        self.assertIn("The job goes on without this program", terminal.plain)
        self.assertIn(f"vmds watch {JOB}", terminal.plain)
        self.assertEqual(self.api.posted, [])
        self.assertTrue(terminal.text.rindex(b"\x1b[?25h") > terminal.text.rindex(b"\x1b[?25l"))

    def test_watch_outlives_an_api_that_is_away(self):
        self.api.away = 0
        terminal = Terminal(self.api, "watch", JOB)
        terminal.until("running")
        self.api.away = 3
        terminal.until("waiting: ")
        self.api.state = "succeeded"
        self.assertEqual(terminal.end(), 0, terminal.text)

    def test_elsewhere_watch_writes_plain_lines(self):
        self.api.state = "succeeded"
        environment = {**os.environ, "VMDS_URL": self.api.address, "TERM": "xterm-256color"}
        done = subprocess.run(["dotnet", VMDS, "watch", JOB], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertEqual(done.stdout.decode().splitlines()[0], "succeeded: 6 of 10 samples, 1 failed, 2.5 a second, 4 s left, $0.25 so far")

    def test_lists_fit_the_terminal_and_show_hostile_text_as_text(self):
        for verb in (["list"], ["show", JOB], ["failures", JOB, "--log"], ["failures", JOB, "--by-cause", "--log"]):
            terminal = Terminal(self.api, *verb, width=80)
            self.assertEqual(terminal.end(), 0, terminal.text)
            if verb[0] != "list":
                self.harmless(terminal)

    def test_submit_shows_the_plan_and_asks(self):
        submit = ("submit", "--generator", "a", "--samples", "10")
        terminal = Terminal(self.api, *submit)
        terminal.until("Submit? [y/N] ")
        terminal.keys("n\r")
        self.assertEqual(terminal.end(), 1)
        self.assertIn("time: 2 s (1 s to 3 s)", terminal.plain)
        self.assertEqual(self.api.posted, ["/v1/jobs/plan"])
        self.harmless(terminal)
        terminal = Terminal(self.api, *submit)
        terminal.until("Submit? [y/N] ")
        terminal.keys("y\r")
        self.assertEqual(terminal.end(), 0, terminal.text)
        self.assertEqual(self.api.posted, ["/v1/jobs/plan"] * 2 + ["/v1/jobs"])
        terminal = Terminal(self.api, *submit)
        terminal.until("Submit? [y/N] ")
        terminal.keys("\x03")
        self.assertEqual(terminal.end(), 130, terminal.text)


if __name__ == "__main__":
    unittest.main()
