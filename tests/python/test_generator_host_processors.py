"""Which processors a sample may run on."""

import json
import os
import unittest

from generator_host_client import HostTest

ALLOWED = sorted(os.sched_getaffinity(0))
SEVERAL = len(ALLOWED) > 1


def on(lane, **fields):
    """The processors that a sample may use."""
    return json.loads(lane.fault("processors", **fields)["log"])


class OneProcessorALane(HostTest):
    arguments = ("--preload", "PIL", "--lanes", str(len(ALLOWED)))

    def test_each_sample_keeps_to_the_one_it_is_given(self):
        lane = self.host.lane()
        for number in (0, len(ALLOWED) - 1, 0):
            self.assertEqual(on(lane, processor=number), [ALLOWED[number]])

    def test_a_process_of_its_own_too(self):
        self.assertEqual(on(self.host.lane(), processor=len(ALLOWED) - 1, fresh=True), [ALLOWED[-1]])

    def test_a_script_that_takes_more_has_them_for_its_sample_alone(self):
        lane = self.host.lane()
        self.assertEqual(lane.fault("take-all-processors", processor=0)["status"], "ok")
        self.assertEqual(on(lane, processor=0), ALLOWED[:1])

    def test_without_a_number_nothing_is_chosen(self):
        self.assertEqual(on(self.host.lane()), ALLOWED)


class OtherNumbers(HostTest):
    arguments = ("--preload", "PIL", "--lanes", str(len(ALLOWED) + 1))

    def test_more_lanes_than_processors_share_them_all(self):
        self.assertEqual(on(self.host.lane(), processor=0), ALLOWED)

    @unittest.skipUnless(SEVERAL, "needs two processors")
    def test_fewer_lanes_than_processors_may_use_them_all(self):
        # Two workers of one lane each would both keep to the first.
        host = self.new_host("--preload", "PIL", "--lanes", str(len(ALLOWED) - 1))
        self.assertEqual(on(host.lane(), processor=0), ALLOWED)


if __name__ == "__main__":
    unittest.main()
