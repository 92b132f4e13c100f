"""The limit on a sample's processes and threads. Every script here is bounded without it too."""

import os
import select
import signal
import unittest

from generator_host_client import HostTest, files, is_running, processes, until

from generator_host import process_limit, sandbox

GENERATOR = "many-processes-generator"
LIGHT = ("--preload", "PIL")  # the less there is in memory, the faster are forks
BOUNDED = sandbox.probe("auto").bounded


class Cases(HostTest):
    """Without the limit: what it does not touch."""

    arguments = (*LIGHT, "--sandbox", "off")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lane = cls.host.lane(GENERATOR)

    def draw(self, kind, lane=None, **fields):
        """The answer, and the most processes and threads that were seen below the lane meanwhile."""
        lane = lane or self.lane
        lane.start(5, "--kind", kind, **fields)
        most = 0
        while not select.select([lane.connection], [], [], 0.001)[0]:
            most = max(most, processes.task_count(lane.ready["pid"]))
        return lane.receive(), most

    def assert_next_is_ok(self, lane=None):
        answer = (lane or self.lane).draw(5)
        self.assertEqual(answer["status"], "ok", answer)
        self.assertIn("many_processes_task/many_processes_0000/prompt.txt", files(answer["out"]))

    def test_workers_are_not_touched(self):
        for fresh in (False, True):
            answer, _ = self.draw("workers", fresh=fresh)
            self.assertEqual(answer["status"], "ok", answer["log"])
        self.assert_next_is_ok()

    def test_a_chain_is_no_crowd(self):
        answer, _ = self.draw("chain")
        self.assertEqual(answer["status"], "ok", answer["log"])
        self.assertTrue(answer["log"].startswith("300 hops"), answer["log"])
        self.assert_next_is_ok()


@unittest.skipUnless(BOUNDED, "the kernel cannot have a supervisor asked")
class Limit(Cases):
    arguments = (*LIGHT, "--sandbox", "auto")

    def assert_too_many(self, kind, lane=None, **fields):
        answer, most = self.draw(kind, lane, **fields)
        self.assertEqual((answer["status"], answer.get("type")), ("raised", "TooManyProcesses"), answer)
        self.assertEqual(answer["message"],
                         "the generator started more than 256 processes and threads; allowed: at most 256")
        # Two more runners at rest; what was allowed and had not begun is not in a count.
        self.assertLess(most, 2 * process_limit.MOST)
        self.assertLessEqual(len(processes.descendants((lane or self.lane).ready["pid"])), 2, "nothing is left")
        self.assert_next_is_ok(lane)

    def test_an_exponential_forker(self):
        for fresh in (False, True):
            self.assert_too_many("exponential", fresh=fresh)

    def test_many_threads(self):
        self.assert_too_many("threads")

    def test_a_chain_that_is_left(self):
        answer, _ = self.draw("left-chain")
        self.assertEqual(answer["status"], "ok", answer["log"])
        self.assertLessEqual(len(processes.descendants(self.lane.ready["pid"])), 2, "nothing is left")
        self.assert_next_is_ok()

    def test_a_lane_beside_goes_on(self):
        beside = self.host.lane(GENERATOR)
        self.lane.start(5, "--kind", "exponential")
        for _ in range(3):
            self.assert_next_is_ok(beside)
        self.assertEqual(self.lane.receive()["type"], "TooManyProcesses")
        self.assert_next_is_ok()

    def test_a_supervisor_that_is_killed_leaves_nobody_waiting(self):
        host = self.new_host(*self.arguments)
        lane = host.lane(GENERATOR)
        lane.start(5, "--kind", "exponential")
        pid = lane.ready["pid"]
        until(lambda: len(processes.descendants(pid)) >= 5, "the script has forked")
        os.kill(pid, signal.SIGSTOP)
        below = processes.descendants(pid)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not any(map(is_running, below)), "all have ended")
        until(lambda: not lane.scratch.exists(), "the scratch is removed")

    def test_without_landlock(self):
        host = self.new_host(*self.arguments, "--landlock", "0")
        self.assertNotIn("the number of processes", host.ready["sandbox"]["unconfined"])
        self.assert_too_many("exponential", host.lane(GENERATOR))


class Told(unittest.TestCase):
    def test_a_kernel_that_cannot(self):
        status = sandbox.Status("auto", 7, True, False)
        self.assertEqual((status.whole, status.unconfined), (False, ["the number of processes"]))


if __name__ == "__main__":
    unittest.main()
