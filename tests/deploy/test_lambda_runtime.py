"""The fake Runtime API keeps to Lambda's protocol; a program made of a few lines answers it."""

import json
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

from lambda_runtime import LARGEST_RESPONSE, LambdaRuntime, RuntimeTimeout

ECHO = """
import json, os, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
while True:
    with urllib.request.urlopen(base + "invocation/next") as answer:
        event, headers = json.load(answer), answer.headers
    here = base + "invocation/" + headers["Lambda-Runtime-Aws-Request-Id"]
    kind = "error" if event.get("fail") else "response"
    body = json.dumps({"event": event, "arn": headers["Lambda-Runtime-Invoked-Function-Arn"],
                       "deadline": headers["Lambda-Runtime-Deadline-Ms"]}).encode()
    urllib.request.urlopen(urllib.request.Request(here + "/" + kind, body, method="POST",
        headers={"Lambda-Runtime-Function-Error-Type": "Echo.Asked"} if event.get("fail") else {})).close()
"""


class LambdaRuntimeTests(unittest.TestCase):
    def setUp(self):
        self.runtime = self.enterContext(LambdaRuntime())

    def start(self):
        program = subprocess.Popen([sys.executable, "-c", ECHO], env=self.runtime.environment("echo"))
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        return program

    def state(self, program):
        with open(f"/proc/{program.pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0]

    def post(self, path, body=b"{}"):
        request = urllib.request.Request(f"http://{self.runtime.address}/2018-06-01/runtime/{path}", body, method="POST")
        return urllib.request.urlopen(request, timeout=10).status

    def test_each_event_gets_its_own_answer(self):
        self.start()
        ids = [self.runtime.enqueue({"number": number}, arn=f"arn:{number}") for number in range(3)]
        answers = [self.runtime.wait(request_id) for request_id in ids]
        self.assertEqual([0, 1, 2], [answer.payload["event"]["number"] for answer in answers])
        self.assertEqual(["arn:0", "arn:1", "arn:2"], [answer.payload["arn"] for answer in answers])
        self.assertEqual([None] * 3, [answer.error for answer in answers])

    def test_deadline_counts_from_the_moment_the_event_is_handed_out(self):
        self.start()
        near, far = (int(self.runtime.invoke({}, deadline_seconds=seconds).payload["deadline"]) for seconds in (5, 500))
        self.assertGreaterEqual(far - near, 495_000)

    def test_error_is_told_from_a_response(self):
        self.start()
        self.assertEqual("Echo.Asked", self.runtime.invoke({"fail": True}).error)

    def test_program_that_does_not_answer_is_a_time_out(self):
        with self.assertRaisesRegex(RuntimeTimeout, "an answer to"):
            self.runtime.invoke({}, timeout=0.05)

    def test_frozen_program_is_thawed_for_its_event(self):
        program = self.start()
        self.runtime.wait_until_idle()
        self.runtime.freeze_between_events(program.pid)
        patience = time.monotonic() + 10
        while self.state(program) != "T":
            self.assertLess(time.monotonic(), patience, "the program was not stopped")
            time.sleep(0.005)
        self.assertEqual({"a": 1}, self.runtime.invoke({"a": 1}).payload["event"])

    def test_answer_to_an_event_that_was_not_handed_out_is_refused(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.post("invocation/unknown/response")
        refused.exception.close()
        self.assertEqual(400, refused.exception.code)
        self.assertEqual(1, len(self.runtime.protocol_errors))

    def test_response_larger_than_lambda_takes_is_refused(self):
        request_id = self.runtime.enqueue({})
        with urllib.request.urlopen(f"http://{self.runtime.address}/2018-06-01/runtime/invocation/next") as event:
            self.assertEqual({}, json.load(event))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.post(f"invocation/{request_id}/response", b"x" * (LARGEST_RESPONSE + 1))
        refused.exception.close()
        self.assertEqual(413, refused.exception.code)
        self.assertEqual(202, self.post(f"invocation/{request_id}/response", b"x" * LARGEST_RESPONSE))

    def test_initialization_error_is_kept(self):
        self.assertEqual(202, self.post("init/error", b'{"errorMessage": "no generators"}'))
        self.assertEqual("no generators", self.runtime.wait_for_init_error().payload["errorMessage"])


if __name__ == "__main__":
    unittest.main()
