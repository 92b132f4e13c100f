"""How samples end, what is told about it, and that the next one is not hurt."""

import json
import os
import signal
import time
import unittest

from generator_host_client import HostTest, files, is_running, processes, until

from generator_host import lane


class Samples(HostTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lane = cls.host.lane()

    def assert_next_is_ok(self):
        answer = self.lane.fault("none")
        self.assertEqual((answer["status"], answer["log"]), ("ok", "fine\n"))

    def test_a_sample_that_ends_well(self):
        answer = self.lane.fault("none")
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(answer["log_bytes"], 5)
        self.assertGreater(answer["seconds"], 0)
        self.assertGreater(answer["max_rss_mb"], 5)
        self.assertGreater(answer["cpu_seconds"], 0)
        self.assertIs(answer["fresh"], False)
        self.assertTrue(answer["out"].is_dir())
        self.assertFalse((answer["out"].parent / "tmp").exists())

    def test_one_process_draws_many_samples(self):
        self.assertEqual(self.lane.pid(), self.lane.pid())

    def test_a_fresh_sample_has_a_process_of_its_own(self):
        reused = self.lane.pid()
        fresh = self.lane.fault("pid", fresh=True)
        again = self.lane.fault("pid", fresh=True)
        self.assertIs(fresh["fresh"], True)
        self.assertEqual(len({reused, int(fresh["log"]), int(again["log"])}), 3)
        self.assertEqual(self.lane.pid(), reused)

    def test_an_exception(self):
        answer = self.lane.fault("raise")
        self.assertEqual((answer["status"], answer["type"], answer["message"]), ("raised", "KeyError", "'absent'"))
        self.assertTrue(answer["traceback"].startswith("Traceback (most recent call last):\n"), answer["traceback"])
        self.assertIn('File "faulty-generator/examples/generate.py"', answer["traceback"])
        self.assertNotIn("generator_host", answer["traceback"])
        self.assertIn("KeyError: 'absent'", answer["log"])
        self.assert_next_is_ok()

    def test_exceptions_that_are_hard_to_tell(self):
        self.assertEqual(self.lane.fault("surrogate")["message"], "half ? of a pair")
        self.assertEqual(self.lane.fault("interrupt")["type"], "KeyboardInterrupt")
        answer = self.lane.fault("recurse")
        self.assertEqual(answer["type"], "RecursionError")
        self.assertLess(len(answer["traceback"]), 20000)
        answer = self.lane.fault("bad-error")
        self.assertEqual((answer["status"], answer["type"]), ("raised", "BadError"))
        self.assert_next_is_ok()

    def test_exits(self):
        for name in ("exit-0", "exit-none", "leave-0"):
            with self.subTest(name):
                self.assertEqual(self.lane.fault(name)["status"], "ok")
        for name, code in (("exit-5", 5), ("leave-3", 3), ("exit-text", 1)):
            with self.subTest(name):
                answer = self.lane.fault(name)
                self.assertEqual((answer["status"], answer["code"]), ("exited", code))
        self.assertEqual(answer["log"], "no more puzzles\n")
        self.assert_next_is_ok()

    def test_wrong_arguments_exit_with_their_message(self):
        answer = self.lane.fault("no-such-fault")
        self.assertEqual((answer["status"], answer["code"]), ("exited", 2))
        self.assertIn("invalid choice", answer["log"])

    def test_signals(self):
        for name, number in (("kill", signal.SIGKILL), ("segfault", signal.SIGSEGV), ("abort", signal.SIGABRT)):
            with self.subTest(name):
                answer = self.lane.fault(name)
                self.assertEqual((answer["status"], answer["signal"], answer["signal_name"]),
                                 ("killed", number, number.name))
                self.assertGreater(answer["max_rss_mb"], 5)
                if number != signal.SIGKILL:
                    self.assertIn("Fatal Python error", answer["log"])
                    self.assertIn("faulty-generator/examples/generate.py", answer["log"])
        self.assert_next_is_ok()

    def test_a_script_that_never_ends(self):
        answer = self.lane.fault("endless", timeout=1)
        self.assertEqual((answer["status"], answer["limit"]), ("timed_out", 1))
        self.assertGreaterEqual(answer["seconds"], 1)
        self.assertIn("in forever", answer["log"], "the log tells where the script was")
        self.assert_next_is_ok()

    def test_a_script_that_defends_itself(self):
        answer = self.lane.fault("endless-hard", timeout=1)
        self.assertEqual(answer["status"], "timed_out")
        self.assertIn("forked", answer["log"])
        self.assert_next_is_ok()
        self.assert_only_runners_run()

    def assert_only_runners_run(self):
        supervisor = self.lane.ready["pid"]
        until(lambda: all(not processes.children(pid) for pid in processes.children(supervisor)),
              "runners have no children")
        until(lambda: len(processes.children(supervisor)) <= 2, "at most two runners are at rest")

    def test_much_output(self):
        answer = self.lane.fault("print")
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(answer["log_bytes"], 50 * 1024 * 1024 + 8)
        self.assertLessEqual(len(answer["log"]), 16384)
        self.assertTrue(answer["log"].endswith("x\nthe end\n"))

    def test_output_of_any_kind(self):
        self.assertEqual(self.lane.fault("unicode")["log"], "häß 🎲 \ufffd\n")
        self.assertEqual(self.lane.fault("bytes")["log"], "\ufffd\ufffd broken")

    def test_input_is_empty(self):
        self.assertEqual(self.lane.fault("read-stdin")["log"], "read 0\n")

    def test_closed_streams_are_opened_for_the_next(self):
        answer = self.lane.fault("close-streams")
        self.assertEqual(answer["status"], "ok", answer["log"])
        self.assertEqual((answer["out"] / "closed.txt").read_text(), "closed")
        self.assert_next_is_ok()

    def test_exit_functions_run_once_at_the_end_of_their_sample(self):
        answer = self.lane.fault("at-exit")
        (answer["out"] / "exit.txt").unlink()
        self.lane.fault("none")
        self.assertFalse((answer["out"] / "exit.txt").exists())

    def test_threads_are_waited_for_and_end_their_process(self):
        for name in ("late-thread", "executor"):
            with self.subTest(name):
                before = self.lane.pid()
                answer = self.lane.fault(name)
                self.assertEqual(answer["status"], "ok", answer["log"])
                self.assertEqual((answer["out"] / "late.txt").read_text(), "written")
                self.assertNotEqual(self.lane.pid(), before)

    def test_a_daemon_thread_ends_with_its_process(self):
        before = self.lane.pid()
        self.assertEqual(self.lane.fault("daemon-thread")["status"], "ok")
        self.assertNotEqual(self.lane.pid(), before)
        until(lambda: not is_running(before), "the runner with the thread has ended")

    def test_children_are_killed_before_the_answer(self):
        before = self.lane.pid()
        answer = self.lane.fault("child")
        self.assertEqual(answer["status"], "ok")
        self.assertFalse(is_running((answer["out"] / "child").read_text()))
        self.assertNotEqual(self.lane.pid(), before)

    def test_a_forked_copy_of_the_script_is_not_taken_for_it(self):
        answer = self.lane.fault("fork-and-return")
        self.assertEqual(answer["status"], "ok", answer["log"])
        self.assertTrue((answer["out"] / "parent").exists(), "the answer waits for the script itself")
        self.assert_next_is_ok()

    def test_the_worker_can_abort_a_sample(self):
        self.lane.start(5, "--fault", "endless")
        self.lane.send({"op": "abort"})
        answer = self.lane.receive()
        self.assertEqual((answer["status"], answer["aborted"]), ("killed", True))
        self.assert_next_is_ok()

    def test_an_abort_while_the_last_sample_is_cleared_away(self):
        self.assertEqual(self.lane.fault("slow-end")["status"], "ok")
        begun = time.monotonic()
        self.lane.start(5, "--fault", "endless")
        self.lane.send({"op": "abort"})
        answer = self.lane.receive()
        self.assertEqual((answer["status"], answer.get("aborted")), ("killed", True))
        self.assertLess(time.monotonic() - begun, lane._READY_SECONDS, "it does not wait for the old runner")
        self.assert_next_is_ok()

    def test_an_abort_that_comes_late_is_ignored(self):
        self.lane.send({"op": "abort"})
        self.assert_next_is_ok()

    def test_bad_requests_are_refused_with_the_field(self):
        good = self.lane.request()
        for change, part in (
                ({"work": None}, "'work' is missing"), ({"work": "here"}, "'work' must be an absolute"),
                ({"argv": "x"}, "'argv' must be list"), ({"argv": [1]}, "'argv' must hold strings"),
                ({"seed": "1"}, "'seed' must be int"), ({"seed": True}, "'seed' must be int"),
                ({"timeout": 0}, "'timeout' must be above 0"), ({"fresh": 1}, "'fresh' must be bool"),
                ({"op": "paint"}, "unknown op 'paint'"), ({"work": "/proc/none"}, "cannot be used")):
            request = {name: value for name, value in {**good, **change}.items() if value is not None}
            with self.subTest(part):
                self.lane.send(request)
                answer = self.lane.receive()
                self.assertEqual(answer["status"], "refused")
                self.assertIn(part, answer["message"])
        for line in (b"{", b"[]", b"\xff", b"[" * 100000, b"x" * (2 << 20)):
            with self.subTest(line[:9]):
                self.lane.send(line)
                self.assertEqual(self.lane.receive()["status"], "refused")
        self.assert_next_is_ok()

    def test_requests_sent_ahead_are_answered_in_turn(self):
        for name in ("exit-5", "none"):
            self.lane.start(5, "--fault", name)
        self.assertEqual([self.lane.receive()["status"] for _ in range(2)], ["exited", "ok"])

    def test_seeds_of_any_size(self):
        for seed in (0, -1, 2**31, 2**32, 2**64):
            answer = self.lane.draw(seed)
            self.assertEqual(answer["status"], "ok", answer["log"])


class Limits(HostTest):
    arguments = ("--preload", "numpy,PIL")

    def test_a_memory_bomb_fails_alone(self):
        lane = self.host.lane(memory_mb=600)
        answer = lane.fault("memory")
        self.assertEqual((answer["status"], answer["type"]), ("raised", "MemoryError"))
        self.assertLess(answer["max_rss_mb"], 900)
        self.assertEqual(lane.fault("none")["status"], "ok")

    def test_a_runner_is_renewed_after_its_samples(self):
        lane = self.host.lane(renew_after=2)
        pids = [lane.pid() for _ in range(6)]
        self.assertEqual([pids[0] == pids[1], pids[1] == pids[2], pids[2] == pids[3]], [True, False, True])
        self.assertEqual(len(set(pids)), 3)

    def test_a_runner_that_grows_is_renewed(self):
        lane = self.host.lane("leaky-generator", renew_growth_mb=200)
        sizes = [lane.draw(seed)["max_rss_mb"] for seed in range(8)]
        self.assertGreater(max(sizes) - min(sizes), 60, "it grows")
        self.assertLess(max(sizes) - min(sizes), 400, "and is renewed")


class NamedGenerators(HostTest):
    """The generators that the worker's own tests use do what their names say."""

    arguments = ("--preload", "PIL")

    def outcome(self, name, seed, **fields):
        lane = self.host.lane(f"{name}-generator")
        try:
            return lane.draw(seed, **fields)
        finally:
            lane.close()

    def test_failures(self):
        for name, status in (("raises", "raised"), ("exits", "exited"), ("killed", "killed"), ("endless", "timed_out")):
            with self.subTest(name):
                self.assertEqual(self.outcome(name, 8, timeout=1)["status"], status)
                answer = self.outcome(name, 9)
                self.assertEqual(answer["status"], "ok", answer["log"])
                self.assertIn(f"{name}_task/{name}_0000/first_frame.png", files(answer["out"]))

    def test_successes_with_a_flaw(self):
        for name in ("no-output", "bad-png", "empty-prompt", "noisy", "forking", "folder-deleter", "several-samples"):
            with self.subTest(name):
                answer = self.outcome(name, 8)
                self.assertEqual(answer["status"], "ok", answer["log"])
                bad, good = files(answer["out"]), files(self.outcome(name, 9)["out"])
                self.assertIn("prompt.txt", str(good))
                if name in ("no-output", "several-samples"):
                    self.assertNotEqual(len(bad), len(good))

    def test_bytes_do_not_depend_on_order(self):
        lane = self.host.lane("ok-generator")
        ahead = {seed: files(lane.draw(seed)["out"]) for seed in range(6)}
        back = {seed: files(lane.draw(seed, fresh=seed % 2 == 0)["out"]) for seed in reversed(range(6))}
        self.assertEqual(ahead, back)
        self.assertNotEqual(ahead[0], ahead[1])

    def test_hidden_state_shows_in_a_reused_process_alone(self):
        lane = self.host.lane("stateful-generator")
        fresh = files(lane.draw(1, fresh=True)["out"])
        self.assertEqual(files(lane.draw(1)["out"]), fresh)
        self.assertNotEqual(files(lane.draw(1)["out"]), fresh)
        self.assertEqual(files(lane.draw(1, fresh=True)["out"]), fresh)


if __name__ == "__main__":
    unittest.main()
