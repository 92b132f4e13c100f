import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import scripts

SERVER = scripts.ROOT / "src" / "ControlPlane" / "bin" / "Release" / "net10.0" / "ControlPlane.dll"
JOB = "20261123-130501-9f3c2a7b"


def submit(*arguments, **values) -> subprocess.CompletedProcess:
    return scripts.run("submit_tasks.sh", *arguments, **{"POLL_SECONDS": "0.05", **values})


@unittest.skipUnless(shutil.which("dotnet"), "dotnet is not on PATH")
@unittest.skipUnless(SERVER.exists(), f"{SERVER.relative_to(scripts.ROOT)} is not built")
class RealServerTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        cls.api = f"http://127.0.0.1:{port}"
        log = open(pathlib.Path(folder.name, "log"), "w+")
        cls.addClassCleanup(log.close)
        # The interpreter of the tests was chosen for the generators' modules.
        environment = scripts.environment(DATA_DIR=f"{folder.name}/data", PORT=str(port), EMBEDDED_WORKER="false", PYTHON=sys.executable)
        server = subprocess.Popen(["dotnet", str(SERVER)], env=environment, cwd=scripts.ROOT, stdout=log, stderr=log)
        cls.addClassCleanup(server.wait, 60)
        cls.addClassCleanup(server.terminate)
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(cls.api + "/health/live", timeout=5).close()
                return
            except OSError as error:
                if server.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise AssertionError(f"the server does not answer: {error}\n{log.read()}") from error
            time.sleep(0.05)

    def job(self, result: subprocess.CompletedProcess) -> dict:
        self.assertEqual(result.returncode, 0, result.stderr)
        first, second = result.stdout.splitlines()
        with urllib.request.urlopen(second.removeprefix("status "), timeout=30) as response:
            job = json.load(response)
        self.assertEqual(first, f"job {job['id']}")
        return job

    def test_every_option_reaches_the_job(self):
        job = self.job(submit("--generator", "maze-data-generator, chess-task-data-generator", "--samples", 12, "--batch-size", 5, "--seed", "0042",
                              "--output-format", "webdataset", "--start-index", 3, API_URL=self.api + "/"))
        self.assertEqual(job["spec"], {"generators": ["maze-data-generator", "chess-task-data-generator"], "samples": 12, "batch_size": 5,
                                       "seed": 42, "output_format": "webdataset", "start_index": 3})

    def test_all_asks_for_every_generator_and_the_rest_is_the_apis_choice(self):
        result = submit("--generator", "all", "--samples", 600, API_URL=self.api)
        spec = self.job(result)["spec"]
        self.assertLessEqual({"chess-task-data-generator", "maze-data-generator"}, set(spec["generators"]))
        self.assertEqual((spec["batch_size"], spec["output_format"], spec["start_index"]), (12, "files", 0))
        self.assertIn(f"seed {spec['seed']}", result.stderr)

    def test_what_the_api_refuses_is_shown_field_by_field(self):
        result = submit("--generator", "nosuch-generator", "--samples", 5, "--batch-size", 20000, "--start-index", 99999999, API_URL=self.api)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("answered 400", result.stderr)
        for field in ('generators[0] is "nosuch-generator"', "batch_size is 20000", "start_index + samples is 100,000,004"):
            self.assertIn(field, result.stderr)
        self.assertNotIn("{", result.stderr)


class Api:
    """A control plane of a few answers; each look at the job takes the next state."""

    def __init__(self, states: list, submitted=(202, None)):
        self.states = states
        self.submitted = submitted
        self.requests = []

    def answer(self, method, path, headers, body):
        self.requests.append((method, path, headers, body))
        if method == "POST":
            status, problem = self.submitted
            return status, {}, problem if problem is not None else self.job("submitting", 0)
        if path.partition("?")[0] == f"/v1/jobs/{JOB}/failures":
            return 200, {}, {"items": [{"generator": "a", "start_index": 7, "samples": 1, "attempt": 3, "kind": "raised", "permanent": True,
                                        "message": "ValueError: no\x1b[31m puzzle [bold]", "failed_at": "2026-01-01T00:00:00Z"}]}
        state = self.states.pop(0)
        if isinstance(state, int):
            return state, {"Content-Type": "application/problem+json"}, {"title": "Error", "status": state, "detail": f"The detail of {state}.", "trace_id": "t-1"}
        return 200, {}, self.job(*state)

    def job(self, state: str, done: int, failed: int = 0) -> dict:
        return {"id": JOB, "state": state, "samples": {"total": 10, "done": done, "failed": failed}, "batches": {"total": 1, "done": 0, "failed": 0},
                "spec": {"generators": ["a"], "samples": 10, "batch_size": 10, "seed": 1, "output_format": "files", "start_index": 0},
                "links": {"self": f"/v1/jobs/{JOB}"}, "samples_per_second": 2.5, "eta_seconds": 4}


@unittest.skipUnless(scripts.VMDS.exists(), "src/Cli is not built")
class SubmitTests(unittest.TestCase):
    def submit(self, api: Api, *arguments, **values) -> subprocess.CompletedProcess:
        with scripts.serving(api.answer) as address:
            self.address = address
            return submit("--generator", "a", "--samples", 10, *arguments, **{"API_URL": address, **values})

    def test_wait_shows_progress_and_succeeds_with_the_job(self):
        result = self.submit(Api([("running", 3), ("running", 3), ("succeeded", 10)]), "--wait")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, f"job {JOB}\nstatus {self.address}/v1/jobs/{JOB}\n")
        self.assertEqual(result.stderr.splitlines()[1:], ["submitting: 0 of 10 samples, 2.5 a second, 4 s left",
                                                          "running: 3 of 10 samples, 2.5 a second, 4 s left",
                                                          "succeeded: 10 of 10 samples, 2.5 a second, 4 s left"])

    def test_wait_fails_with_the_job(self):
        result = self.submit(Api([("failed", 9, 1)]), "--wait")
        self.assertEqual(result.returncode, 1)
        self.assertIn("9 of 10 samples, 1 failed", result.stderr)
        self.assertIn("failed: a 7: raised, attempt 3, given up: ValueError: no\\u001b[31m puzzle [bold]", result.stderr)
        self.assertIn(f"the job's state is 'failed'; see {self.address}/v1/jobs/{JOB}/failures", result.stderr)

    def test_wait_lives_through_a_server_that_is_gone_for_a_while(self):
        result = self.submit(Api([503, 429, ("running", 1), 500, ("succeeded", 10)]), "--wait")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_wait_ends_when_the_job_is_unknown_or_the_server_stays_away(self):
        result = self.submit(Api([404]), "--wait")
        self.assertEqual(result.returncode, 1)
        self.assertIn("The detail of 404.", result.stderr)
        result = self.submit(Api([500] * 30), "--wait", POLL_SECONDS="0")
        self.assertEqual(result.returncode, 1)
        self.assertIn("The job goes on without this program", result.stderr)
        self.assertIn("trace_id t-1", result.stderr)

    def test_without_wait_the_job_is_not_looked_at(self):
        api = Api([])
        self.assertEqual(self.submit(api).returncode, 0)
        self.assertEqual([(method, path) for method, path, _, _ in api.requests], [("POST", "/v1/jobs")])
        self.assertEqual(json.loads(api.requests[0][3]), {"generators": ["a"], "samples": 10})
        self.assertEqual(api.requests[0][2]["Content-Type"], "application/json")
        self.assertIsNone(api.requests[0][2]["Authorization"])

    def test_parameters_go_as_an_object(self):
        api = Api([])
        self.assertEqual(self.submit(api, "--parameters", '{"size": 5}').returncode, 0)
        self.assertEqual(json.loads(api.requests[0][3]), {"generators": ["a"], "samples": 10, "parameters": {"size": 5}})
        for wrong in ("size=5", "[1]"):
            result = submit("--generator", "a", "--samples", 1, "--parameters", wrong)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"--parameters is '{wrong}'; allowed: a JSON object", result.stderr)

    def test_a_key_is_sent_as_a_bearer_and_is_no_argument_of_any_process(self):
        api = Api([("succeeded", 10)])
        with tempfile.TemporaryDirectory() as folder:
            record = pathlib.Path(folder, "record")
            scripts.stand_in(pathlib.Path(folder), "dotnet", f'printf "%s\\n" "$@" >>"{record}"\nexec "{shutil.which("dotnet")}" "$@"\n')
            result = self.submit(api, "--wait", API_KEY="vmd_abc_secret", PATH=f"{folder}:{os.environ['PATH']}")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertNotIn("vmd_abc_secret", record.read_text())
        self.assertEqual([headers["Authorization"] for _, _, headers, _ in api.requests], ["Bearer vmd_abc_secret"] * 2)

    def test_a_key_that_is_missing_or_does_not_hold_is_named(self):
        refusal = (401, {"title": "Unauthorized", "status": 401, "detail": "There is no credential."})
        self.assertIn("API_KEY is not set", self.submit(Api([], refusal)).stderr)
        result = self.submit(Api([], refusal), API_KEY="vmd_abc_secret")
        self.assertIn("API_KEY does not hold there", result.stderr)
        self.assertNotIn("vmd_abc_secret", result.stderr)

    def test_answers_that_are_no_problem_details_are_shown_as_they_are(self):
        for answer, expected in (((502, b"<html>Bad gateway</html>"), "<html>Bad gateway</html>"), ((403, {"Message": "Forbidden"}), "Forbidden"),
                                 ((202, {"hello": 1}), "this is no job"), ((200, {}), "answered 200")):
            result = self.submit(Api([], answer))
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn(expected, result.stderr)

    def test_a_server_that_is_not_there_is_named(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{probe.getsockname()[1]}"
            result = submit("--generator", "a", "--samples", 1, API_URL=address)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(f"error: {address} does not answer: Connection refused", result.stderr)
        self.assertNotIn("may have been accepted", result.stderr)

    def test_wrong_arguments_are_named(self):
        base = ["--generator", "a", "--samples", "1"]
        for arguments, values, expected in (
            (["--samples", "1"], {}, "--generator is missing; allowed: all, or names"),
            (["--generator", "a"], {}, "--samples is missing"),
            (["--generator", "a", "--samples", "0"], {}, "--samples is '0'; allowed: an integer from 1"),
            ([*base, "--batch-size", "ten"], {}, "--batch-size is 'ten'; allowed"),
            ([*base, "--seed", "2147483648"], {}, "--seed is '2147483648'; allowed: an integer from 0 to 2147483647"),
            ([*base, "--start-index", "-1"], {}, "--start-index is '-1'; allowed"),
            ([*base, "--output-format", "zip"], {}, "--output-format is 'zip'; allowed: files, webdataset"),
            ([*base, "--seed"], {}, "--seed needs a value"),
            ([*base, "--fast"], {}, "'--fast' is not an option; allowed"),
            (base, {"API_URL": "localhost:8080"}, "API_URL is 'localhost:8080'; allowed: http://"),
            (base, {"API_KEY": 'a" url = "http://elsewhere'}, "API_KEY has characters"),
            (base, {"POLL_SECONDS": "often"}, "POLL_SECONDS is 'often'; allowed"),
            ([*base, "--sign"], {}, "AWS_ACCESS_KEY_ID is not set"),
            ([*base, "--sign"], {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}, "AWS_REGION is not set"),
        ):
            result = submit(*arguments, **values)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertIn(expected, result.stderr)


@unittest.skipUnless(scripts.VMDS.exists(), "src/Cli is not built")
class SigningTests(unittest.TestCase):
    KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
    HOST = "abc123.lambda-url.eu-west-1.on.aws"

    def signed(self, *arguments, **values) -> list:
        """Submits to a function URL's name that leads here; returns the requests."""
        api = Api([("succeeded", 10)])
        with scripts.serving(api.answer) as address:
            port = address.rsplit(":", 1)[1]
            # As a proxy gets them: with the whole address.
            result = submit("--generator", "a", "--samples", 10, "--wait", *arguments, http_proxy=address, no_proxy=None, NO_PROXY=None,
                            **{"API_URL": f"http://{self.HOST}:{port}", **self.KEYS, **values})
        self.assertEqual(result.returncode, 0, result.stderr)
        return [(method, "/" + path.split("/", 3)[3], headers, body) for method, path, headers, body in api.requests]

    def check(self, request: tuple, region: str) -> list:
        """Computes the signature anew, as AWS documents it; returns the names of the signed headers."""
        method, path, headers, body = request
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", headers["Authorization"])
        self.assertIsNotNone(match, headers["Authorization"])
        names = match[2].split(";")
        moment = headers["X-Amz-Date"]
        scope = f"{moment[:8]}/{region}/lambda/aws4_request"
        self.assertEqual(match[1], f"{self.KEYS['AWS_ACCESS_KEY_ID']}/{scope}")
        canonical = "\n".join([method, path, "", *(f"{name}:{headers[name].strip()}" for name in names), "", match[2], hashlib.sha256(body).hexdigest()])
        key = ("AWS4" + self.KEYS["AWS_SECRET_ACCESS_KEY"]).encode()
        for part in (moment[:8], region, "lambda", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        self.assertEqual(match[3], hmac.new(key, text.encode(), hashlib.sha256).hexdigest())
        return names

    def test_a_profiles_credentials_are_those_of_the_aws_cli(self):
        with tempfile.TemporaryDirectory() as folder:
            found = {"Version": 1, "AccessKeyId": self.KEYS["AWS_ACCESS_KEY_ID"], "SecretAccessKey": self.KEYS["AWS_SECRET_ACCESS_KEY"], "SessionToken": "a/b=="}
            scripts.stand_in(pathlib.Path(folder), "aws", f'[ "$*" = "configure export-credentials --format process" ] || exit 1\necho \'{json.dumps(found)}\'\n')
            [first, _] = self.signed(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, PATH=f"{folder}:{os.environ['PATH']}")
        self.assertEqual(first[2]["x-amz-security-token"], "a/b==")
        self.check(first, "eu-west-1")

    def test_function_urls_are_signed_without_being_told(self):
        requests = self.signed()
        self.assertEqual([method for method, *_ in requests], ["POST", "GET"])
        for request in requests:
            self.check(request, "eu-west-1")
            self.assertIsNone(request[2]["X-Amz-Security-Token"])

    def test_the_session_token_is_sent_and_signed(self):
        for request in self.signed(AWS_SESSION_TOKEN="Token/With+Signs=="):
            self.assertEqual(request[2]["X-Amz-Security-Token"], "Token/With+Signs==")
            self.assertIn("x-amz-security-token", self.check(request, "eu-west-1"))

    def test_a_key_goes_beside_the_signature(self):
        for request in self.signed(API_KEY="vmd_abc_secret"):
            self.check(request, "eu-west-1")
            self.assertEqual(request[2]["X-Api-Key"], "vmd_abc_secret")

    def test_function_urls_are_not_signed_when_told(self):
        for request in self.signed("--no-sign", API_KEY="vmd_abc_secret"):
            self.assertEqual(request[2]["Authorization"], "Bearer vmd_abc_secret")

    def test_any_other_host_is_signed_when_told(self):
        for request in self.signed("--sign", API_URL="http://api.example.com", AWS_REGION="us-west-2"):
            self.check(request, "us-west-2")

    def test_keys_are_no_arguments_of_any_process(self):
        with tempfile.TemporaryDirectory() as folder:
            record = pathlib.Path(folder, "record")
            scripts.stand_in(pathlib.Path(folder), "dotnet", f'printf "%s\\n" "$@" >>"{record}"\nexec "{shutil.which("dotnet")}" "$@"\n')
            self.signed(AWS_SESSION_TOKEN="the-token", PATH=f"{folder}:{os.environ['PATH']}")
            arguments = record.read_text()
        self.assertIn("submit", arguments)
        for secret in ("the-token", self.KEYS["AWS_SECRET_ACCESS_KEY"]):
            self.assertNotIn(secret, arguments)


if __name__ == "__main__":
    unittest.main()
