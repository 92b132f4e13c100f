"""An emulator of AWS (moto_server) on a free port, and the AWS CLI pointed at it."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

REGION = "us-west-2"
ACCOUNT = "123456789012"


def needs(*tools: str):
    """Skips a test when one of the tools is missing, and names it."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return unittest.skipIf(missing, f"not on PATH: {', '.join(missing)}")


class Moto:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()
        self._server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)],
                                        stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
                                        # Its sitecustomize.py makes conditional writes atomic, as they are on S3.
                                        env=os.environ | {"PYTHONPATH": str(pathlib.Path(__file__).parent.parent / "emulator")})
        # What the developer's own shell says of AWS must not reach the tests, least of all real credentials.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.endpoint}
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _wait_until_ready(self):
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.endpoint}/moto-api/data.json", timeout=5).close()
                return
            if self._server.poll() is not None or time.monotonic() > end:
                self._log.seek(0)
                raise RuntimeError(f"moto_server did not start: {self._log.read().decode(errors='replace')}")
            time.sleep(0.05)

    def reset(self):
        request = urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def aws(self, *arguments: str):
        """Runs the AWS CLI; returns what its JSON says, or None where it says nothing."""
        # The endpoint as an argument: version 1 of the CLI ignores the variable for SQS.
        done = subprocess.run(["aws", "--endpoint-url", self.endpoint, "--output", "json", *arguments],
                              env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def receive(self, queue: str) -> list:
        """The messages of one receive, which stay visible. Without the AWS CLI, which takes a second to start: for tests that ask often."""
        request = urllib.request.Request(f"{self.endpoint}/", json.dumps({"QueueUrl": queue, "VisibilityTimeout": 0, "WaitTimeSeconds": 0}).encode(), {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.ReceiveMessage",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=none"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer).get("Messages", [])

    def close(self):
        self._server.terminate()
        self._server.wait(timeout=30)
        self._log.close()
