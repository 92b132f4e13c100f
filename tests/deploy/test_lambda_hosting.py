"""The API as a Lambda function through Amazon.Lambda.AspNetCoreServer.Hosting answers as it does over Kestrel.

Needs a ControlPlane.dll built with -p:AwsPackages=true, named by LAMBDA_HOSTING_DLL (docs/lambda-hosting.md).
"""

import collections
import dataclasses
import http.client
import json
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

import function_url
from lambda_runtime import LambdaRuntime
from moto import REGION, Moto, needs

DLL = os.environ.get("LAMBDA_HOSTING_DLL", "")
GENERATORS = pathlib.Path(__file__).resolve().parents[2] / "generators"
PATIENCE = 60
OWN_SETTINGS = ("PORT", "DATA_DIR", "GENERATORS_DIR", "GENERATORS_INDEX", "ENGINE", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS",
                "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API")
FOLDER = "jobs/adhoc-42/data/maze-data-generator/maze_task/maze_00000000"
BROKEN_JOB = "20260101-000000-0badf00d"
NOISE = random.Random(42).randbytes(300_000)
FILES = {
    "first_frame.png": b"\x89PNG\r\n\x1a\n" + NOISE, "ground_truth.mp4": NOISE, "shard.tar": NOISE, "picture.webp": NOISE, "film.webm": NOISE,
    "photo.jpg": NOISE, "moving.gif": NOISE, "raw.bin": NOISE, "prompt.txt": "Find the way \u2192 out".encode(), "latin.txt": b"caf\xe9",
    "metadata.json": b'{"a": "\xe2\x86\x92"}', "empty.txt": b"",
}
TEXT = re.compile(r"text/(html|css|javascript)|application/(problem\+)?json")
HSTS = "strict-transport-security"
# What belongs to the connection, not to the answer.
TRANSPORT = {"date", "server", "content-length", "transfer-encoding", "connection"}

Request = collections.namedtuple("Request", "method path headers body", defaults=({}, None))
JSON = {"Content-Type": "application/json"}
JOB = json.dumps({"generators": ["maze-data-generator"], "samples": 30, "seed": 7}).encode()


def file(name, method="GET", headers=None):
    return Request(method, f"/v1/{FOLDER.replace('/data/', '/files/')}/{name}", headers or {})


class Server:
    """One ControlPlane process with a data folder of its own that holds FILES, and no worker."""

    def __init__(self, folder, environment):
        samples = pathlib.Path(folder, "store", FOLDER)
        samples.mkdir(parents=True)
        for name, content in FILES.items():
            (samples / name).write_bytes(content)
            os.utime(samples / name, (1_767_225_600, 1_767_225_600))
        broken = pathlib.Path(folder, "store", "jobs", BROKEN_JOB, "job.json")
        broken.parent.mkdir()
        broken.write_text("{", encoding="utf-8")
        own = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
        self.process = subprocess.Popen(
            ["dotnet", DLL], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**own, "DATA_DIR": folder, "GENERATORS_DIR": str(GENERATORS), "EMBEDDED_WORKER": "false", **environment})
        self.lines, self.log = queue.Queue(), []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line)
            self.lines.put(line)

    def address(self):
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError("the server told no address: " + "".join(self.log)) from None
            if found := re.search(r"Now listening on: http://(\S+)", line):
                return found[1]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


@unittest.skipUnless(DLL, "LAMBDA_HOSTING_DLL is not set: it names a ControlPlane.dll built with -p:AwsPackages=true")
@unittest.skipUnless(shutil.which("dotnet"), "dotnet is missing")
class LambdaHostingTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not pathlib.Path(DLL).is_file():
            raise FileNotFoundError(f"LAMBDA_HOSTING_DLL is '{DLL}', which is no file")
        cls.runtime = cls.enterClassContext(LambdaRuntime())
        folders = [cls.enterClassContext(tempfile.TemporaryDirectory()) for _ in range(2)]
        cls.function = Server(folders[0], {**cls.runtime.environment(), "ALLOW_ANONYMOUS": "everyone-who-can-reach-it"})
        cls.addClassCleanup(cls.function.close)
        cls.kestrel = Server(folders[1], {"PORT": "0", "ALLOW_ANONYMOUS": "everyone-who-can-reach-it"})
        cls.addClassCleanup(cls.kestrel.close)
        cls.address = cls.kestrel.address()
        cls.runtime.wait_until_idle(PATIENCE)
        cls.runtime.freeze_between_events(cls.function.process.pid)

    def over_kestrel(self, request):
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        self.addCleanup(connection.close)
        # The host that the event names, since some answers hold it.
        connection.request(request.method, request.path, request.body, {"Host": function_url.DOMAIN, **request.headers})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return function_url.HttpResponse(answer.status, headers, answer.read())

    def over_lambda(self, request, as_base64=False):
        outcome = self.runtime.invoke(function_url.event(*request, as_base64=as_base64), PATIENCE)
        self.assertIsNone(outcome.error, outcome.body)
        answer = function_url.response(outcome.payload)
        # HTTP has no body there, whatever a function gives.
        return dataclasses.replace(answer, body=b"") if request.method == "HEAD" else answer

    def check_same(self, request, status, as_base64=False):
        kestrel, function = self.over_kestrel(request), self.over_lambda(request, as_base64)
        self.assertEqual(status, function.status, function.body[:500])
        self.assertEqual(kestrel.status, function.status)
        self.assertEqual(self.headers(kestrel), self.headers(function))
        # A function URL is https alone; the other server is asked over plain HTTP, where the header has no meaning.
        self.assertEqual((None, "max-age=31536000"), (kestrel.headers.get(HSTS), function.headers.get(HSTS)))
        self.assertEqual(self.masked(kestrel), self.masked(function))
        return function

    @staticmethod
    def headers(answer):
        return {name: masked(value) for name, value in answer.headers.items() if name not in TRANSPORT | {HSTS}}

    @staticmethod
    def masked(answer):
        return masked(answer.body.decode()) if TEXT.match(answer.headers.get("content-type", "")) else answer.body

    def test_pages_and_lists(self):
        for path in ("/health/live", "/v1/generators", "/v1/generators/maze-data-generator", "/v1/queue", "/v1/jobs?limit=1",
                     "/openapi/v1.json", "/swagger", "/swagger/index.html", "/swagger/swagger-ui.css", "/swagger/swagger-ui-bundle.js",
                     "/swagger/favicon-32x32.png", "/health/ready"):
            with self.subTest(path):
                self.check_same(Request("GET", path), {"/swagger": 301}.get(path, 200))

    def test_the_console_has_its_pages_and_sends_its_forms(self):
        for name, ask in (("__Host-vmds_form", self.over_lambda), ("vmds_form", self.over_kestrel)):
            with self.subTest(name):
                page = ask(Request("GET", "/jobs/new"))
                html = page.body.decode()
                self.assertEqual((200, "text/html; charset=utf-8"), (page.status, page.headers["content-type"]))
                cookie, _, rest = (page.cookies or (page.headers["set-cookie"],))[0].partition(";")
                self.assertEqual((name, name.startswith("__Host-")), (cookie.partition("=")[0], "secure" in rest))
                for path in re.findall(r'"(/assets/[^"]+)"', html):
                    self.check_same(Request("GET", path), 200)
                token = re.search('name="form_token" value="([^"]+)"', html)[1]
                form = urllib.parse.urlencode(
                    {"form_token": token, "generators": "maze-data-generator", "samples": 30, "do": "submit"}).encode()
                headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
                made = ask(Request("POST", "/jobs/new", headers, form))
                self.assertEqual(303, made.status, made.body[:500])
                self.assertIn("The job is submitted.", ask(Request("GET", made.headers["location"])).body.decode())
                self.assertEqual(400, ask(Request("POST", "/jobs/new", {**headers, "Cookie": "a=b"}, form)).status)
                run = made.headers["location"].partition("?")[0]
                for path in ("/", "/jobs", "/generators", "/generators/maze-data-generator", "/operations", "/operations/dead-letters/delete?id=7",
                             *(run + part for part in ("/gallery", "/gallery?shuffle=1", "/failures", "/batches", "/timeline", "/exports",
                                                       "/request", "/cancel", "/retry"))):
                    page = ask(Request("GET", path))
                    self.assertEqual((200, 1), (page.status, page.body.decode().count("<h1")), path)
                cancelled = ask(Request("POST", run + "/cancel", headers, urllib.parse.urlencode({"form_token": token, "reason": "enough"}).encode()))
                self.assertEqual(303, cancelled.status, cancelled.body[:500])
                self.assertIn("enough", ask(Request("GET", run)).body.decode())

    def test_jobs_are_taken_from_plain_and_base64_bodies(self):
        for as_base64 in (False, True):
            with self.subTest(as_base64=as_base64):
                answer = self.check_same(Request("POST", "/v1/jobs", JSON, JOB), 202, as_base64)
                job = json.loads(answer.body)
                self.assertEqual(30, job["samples"]["total"])
                looked_at = self.over_lambda(Request("GET", answer.headers["location"]))
                self.assertEqual((200, job["id"]), (looked_at.status, json.loads(looked_at.body)["id"]))

    def test_problems_come_through(self):
        requests = {
            "not JSON": (Request("POST", "/v1/jobs", JSON, b'{"generators": '), 400),
            "wrong fields": (Request("POST", "/v1/jobs", JSON, b'{"generators": ["maze"], "samples": -1}'), 400),
            "not UTF-8": (Request("POST", "/v1/jobs", JSON, b'{"generators": "\xff"}'), 400),
            "empty body": (Request("POST", "/v1/jobs", JSON, b""), 400),
            "too large": (Request("POST", "/v1/jobs", JSON, b" " * (1 << 20) + b"{}"), 413),
            "not JSON by its type": (Request("POST", "/v1/jobs", {"Content-Type": "text/plain"}, JOB), 415),
            "unknown query": (Request("GET", "/v1/jobs?colour=red"), 400),
            "unknown job": (Request("GET", "/v1/jobs/20260101-000000-00000000"), 404),
            "unknown route": (Request("GET", "/v2/jobs"), 404),
            "wrong method": (Request("DELETE", "/v1/jobs"), 405),
            "unknown file": (file("absent.png"), 404),
            "job that cannot be read": (Request("POST", f"/v1/jobs/{BROKEN_JOB}/cancel"), 409),
        }
        for name, (request, status) in requests.items():
            with self.subTest(name):
                answer = self.check_same(request, status, as_base64=name == "not UTF-8")
                self.assertEqual("application/problem+json", answer.headers["content-type"].partition(";")[0])
                self.assertEqual(status, json.loads(answer.body)["status"])

    def test_files_keep_their_bytes(self):
        for name, content in FILES.items():
            with self.subTest(name):
                answer = self.check_same(file(name), 200)
                self.assertEqual(content, answer.body)
                self.assertTrue(answer.is_base64)

    def test_files_by_part_by_tag_and_by_head(self):
        part = self.check_same(file("ground_truth.mp4", headers={"Range": "bytes=1000-1999"}), 206)
        self.assertEqual(FILES["ground_truth.mp4"][1000:2000], part.body)
        self.check_same(file("ground_truth.mp4", headers={"Range": "bytes=999999-"}), 416)
        whole = self.over_lambda(file("first_frame.png"))
        self.check_same(file("first_frame.png", headers={"If-None-Match": whole.headers["etag"]}), 304)
        self.check_same(file("first_frame.png", headers={"If-Modified-Since": whole.headers["last-modified"]}), 304)
        head = self.check_same(file("first_frame.png", "HEAD"), 200)
        self.assertEqual((str(len(FILES["first_frame.png"])), b""), (head.headers["content-length"], head.body))
        self.assertEqual(b"", self.check_same(file("absent.png", "HEAD"), 404).body)

    def test_caller_is_the_one_whom_iam_names_and_not_who_claims_to_be(self):
        claim = json.dumps({"authorizer": {"iam": {"userArn": "arn:aws:iam::123456789012:user/mallory"}}})
        for iam, expected in (({"iam": {"userArn": "arn:aws:iam::123456789012:user/ann"}}, "iam:arn:aws:iam::123456789012:user/ann"), (None, "local")):
            event = function_url.event("GET", "/v1/whoami", {"x-amzn-request-context": claim})
            if iam is not None:
                event["requestContext"]["authorizer"] = iam
            outcome = self.runtime.invoke(event, PATIENCE)
            self.assertIsNone(outcome.error, outcome.body)
            self.assertEqual(expected, json.loads(function_url.response(outcome.payload).body)["id"])

    def test_failed_invocation_does_not_end_the_function(self):
        self.assertIsNotNone(self.runtime.invoke(b'{"not": "a request"}', PATIENCE).error)
        self.assertEqual(200, self.over_lambda(Request("GET", "/health/live")).status)


@unittest.skipUnless(DLL, "LAMBDA_HOSTING_DLL is not set: it names a ControlPlane.dll built with -p:AwsPackages=true")
@needs("dotnet", "moto_server", "aws")
class LambdaHostingOnAwsTests(unittest.TestCase):
    """The AWS engine within a function that stands still as soon as it has answered."""

    def test_answered_job_is_on_the_queue_as_a_whole(self):
        aws = Moto()
        self.addCleanup(aws.close)
        queues = [aws.aws("sqs", "create-queue", "--queue-name", name)["QueueUrl"] for name in ("tasks", "dlq")]
        aws.aws("s3api", "create-bucket", "--bucket", "out", "--create-bucket-configuration", f"LocationConstraint={REGION}")
        runtime = self.enterContext(LambdaRuntime())
        function = Server(self.enterContext(tempfile.TemporaryDirectory()), {
            **aws.environment, "ENGINE": "Aws", "SQS_QUEUE_URL": queues[0], "SQS_DLQ_URL": queues[1], "OUTPUT_BUCKET": "out",
            "ALLOW_ANONYMOUS": "everyone-who-can-reach-it", **runtime.environment()})
        self.addCleanup(function.close)
        runtime.wait_until_idle(PATIENCE)
        runtime.freeze_between_events(function.process.pid)

        body = json.dumps({"generators": ["maze-data-generator"], "samples": 250, "batch_size": 1, "seed": 7}).encode()
        outcome = runtime.invoke(function_url.event("POST", "/v1/jobs", JSON, body), PATIENCE)

        answer = function_url.response(outcome.payload)
        self.assertEqual((202, "running"), (answer.status, json.loads(answer.body)["state"]))
        counts = aws.aws("sqs", "get-queue-attributes", "--queue-url", queues[0], "--attribute-names", "ApproximateNumberOfMessages")
        self.assertEqual("250", counts["Attributes"]["ApproximateNumberOfMessages"])


def masked(text):
    """Job ids, moments and trace ids are each server's own."""
    text = re.sub(r'("next_cursor": ?)"[^"]*"', r'\1"CURSOR"', text)
    text = re.sub(r"\d{8}-\d{6}-[0-9a-f]{8}", "JOB", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)", "TIME", text)
    return re.sub(r'("trace_id": ?)"[^"]*"', r'\1"TRACE"', text)


if __name__ == "__main__":
    unittest.main()
