"""Runs the images that try_images.sh built, and checks what they do: called by that script.

Worker image: as a Lambda function (fake Runtime API) and as a poller. API image: its target `adapter` as a web server, and its default target
as a function. AWS is moto_server on this machine. Standard library alone; every wait has a time-out.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "deploy"))

import function_url  # noqa: E402
from lambda_runtime import LambdaRuntime  # noqa: E402

PATIENCE = 120
REGION = "eu-west-1"
BUCKET = "vm-dataset-outputs"
GENERATORS = {"chess-task-data-generator": "chess", "maze-data-generator": "maze"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, condition, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"waited {patience} s for {what}")


def http(method, url, body=None):
    """Status and body; status None while nobody answers."""
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return None, b""


class Emulator:
    """moto_server with the queue, the dead-letter queue and the bucket that compose.yaml's set-up makes."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.url}
        self._environment = {**os.environ, **credentials, "AWS_DEFAULT_REGION": REGION}
        self._log = open(folder / "emulator.log", "wb")
        self._process = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=self._log, stderr=self._log)
        wait_for("the emulator", lambda: http("GET", self.url)[0])
        subprocess.run([ROOT / "docker" / "create-resources.sh"], env=self._environment, check=True, stdout=subprocess.DEVNULL)
        self.queue = self.aws("sqs", "get-queue-url", "--queue-name", "vm-dataset-tasks")["QueueUrl"]
        self.dlq = self.aws("sqs", "get-queue-url", "--queue-name", "vm-dataset-tasks-dlq")["QueueUrl"]
        self.settings = {**credentials, "SQS_QUEUE_URL": self.queue, "SQS_DLQ_URL": self.dlq, "OUTPUT_BUCKET": BUCKET}

    def aws(self, *arguments):
        done = subprocess.run(["aws", "--endpoint-url", self.url, "--output", "json", *arguments], env=self._environment,
                              check=True, capture_output=True, text=True)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def send(self, message):
        self.aws("sqs", "send-message", "--queue-url", self.queue, "--message-body", json.dumps(message))

    def receive(self):
        """Messages as Lambda's event source mapping would hand them to a function."""
        messages = self.aws("sqs", "receive-message", "--queue-url", self.queue, "--max-number-of-messages", "10",
                            "--attribute-names", "All").get("Messages", [])
        return {"Records": [{
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": message["Attributes"], "messageAttributes": {}, "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs", "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:vm-dataset-tasks", "awsRegion": REGION,
        } for message in messages]}

    def depth(self):
        """Messages waiting and in flight."""
        values = self.aws("sqs", "get-queue-attributes", "--queue-url", self.queue, "--attribute-names", "All")["Attributes"]
        return int(values["ApproximateNumberOfMessages"]), int(values["ApproximateNumberOfMessagesNotVisible"])

    def keys(self, prefix):
        listed = self.aws("s3api", "list-objects-v2", "--bucket", BUCKET, "--prefix", prefix)
        return {item["Key"]: item["Size"] for item in listed.get("Contents", [])}

    def read(self, key):
        path = pathlib.Path(tempfile.mkstemp()[1])
        try:
            self.aws("s3api", "get-object", "--bucket", BUCKET, "--key", key, str(path))
            return path.read_bytes()
        finally:
            path.unlink()

    def close(self):
        self._process.terminate()
        self._process.wait(30)
        self._log.close()


class Container:
    """An image's own entry point in a container of its own, as the image's own user."""

    def __init__(self, buildah, image, environment, log):
        self._buildah = buildah
        config = json.loads(self._call("inspect", "--type", "image", image))["Docker"]["config"]
        self._health = config.get("Healthcheck", {}).get("Test")
        self.name = self._call("from", "--pull-never", image).strip()
        settings = [part for item in environment.items() for part in ("--env", "=".join(item))]
        self._log_path = log
        self._log = open(log, "wb")
        # A chroot gives no PID namespace, so the program's processes are ours to find.
        self._process = subprocess.Popen([*buildah, "run", "--isolation", "chroot", *settings, self.name, "--", *config["Entrypoint"]],
                                         stdout=self._log, stderr=self._log)

    def _call(self, *arguments):
        return subprocess.run([*self._buildah, *arguments], check=True, capture_output=True, text=True).stdout

    def healthy(self, port):
        """What the image's own HEALTHCHECK says, asked about another port than 8080."""
        assert self._health and self._health[0] == "CMD", self._health
        command = [part.replace("/8080", f"/{port}") for part in self._health[1:]]
        return subprocess.run([*self._buildah, "run", "--isolation", "chroot", self.name, "--", *command], capture_output=True).returncode == 0

    def run(self, *command, **environment):
        """Another program in the container, beside the entry point."""
        settings = [part for item in environment.items() for part in ("--env", "=".join(item))]
        return subprocess.run([*self._buildah, "run", "--isolation", "chroot", *settings, self.name, "--", *command], capture_output=True, text=True)

    def log(self):
        return self._log_path.read_text(errors="replace")

    def running(self):
        return self._process.poll() is None

    def program(self):
        """The process id of the entry point itself."""
        def find():
            assert self.running(), f"the container ended with {self._process.returncode}:\n{self.log()[-3000:]}"
            return next((pid for pid in descendants(self._process.pid) if executable(pid) == "dotnet"), None)
        return wait_for("the program in the container", find)

    def stop(self, patience=60):
        """SIGTERM, as Docker, ECS and Kubernetes send it; the exit status and the seconds until then."""
        started = time.monotonic()
        os.kill(self.program(), signal.SIGTERM)
        return self._process.wait(patience), time.monotonic() - started

    def close(self):
        if self.running():
            for pid in [*descendants(self._process.pid), self._process.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait(30)
        self._log.close()
        self._call("rm", self.name)


def descendants(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def executable(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name
    return None


def user(pid):
    # Not the owner of /proc/PID: that is root for a process that may not be dumped, as the worker.
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1])


class Checks:
    def __init__(self, arguments, folder):
        self.folder, self.arguments = folder, arguments
        self.buildah = ["buildah", "--root", f"{arguments.storage}/images", "--runroot", f"{arguments.storage}/run",
                        "--storage-driver", arguments.driver]
        self.emulator = Emulator(folder)

    @contextlib.contextmanager
    def container(self, image, name, environment):
        container = Container(self.buildah, image, {**self.emulator.settings, **environment}, self.folder / f"{name}.log")
        try:
            yield container
        except Exception:
            print(f"--- last lines of {name}:\n{container.log()[-4000:]}", file=sys.stderr)
            raise
        finally:
            container.close()

    def samples(self, job, generator, count):
        """Checks every file of the manifests of a job against their sizes and contents; returns the bytes."""
        manifests = [key for key in self.emulator.keys(f"jobs/{job}/done/{generator}/")]
        records = [(manifest, record) for key in manifests for manifest in [json.loads(self.emulator.read(key))]
                   for record in manifest["samples"]]
        assert len(records) == count, f"{generator}: {len(records)} samples in {manifests}, not {count}"
        data, total = self.emulator.keys(f"jobs/{job}/data/{generator}/"), 0
        for manifest, record in records:
            folder = f"jobs/{job}/data/{generator}/{GENERATORS[generator]}_task/{GENERATORS[generator]}_{record['index']:08}/"
            files = {key.removeprefix(folder): self.emulator.read(key) for key in data if key.startswith(folder)}
            assert {"first_frame.png", "prompt.txt", "ground_truth.mp4"} <= files.keys(), f"{folder}: {sorted(files)}"
            assert files["first_frame.png"].startswith(b"\x89PNG\r\n\x1a\n"), folder
            assert files["ground_truth.mp4"][4:8] == b"ftyp", folder
            assert files["prompt.txt"].strip(), folder
            lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files) if name != "metadata.json"]
            assert hashlib.sha256("".join(lines).encode()).hexdigest() == record["fingerprint"], f"{folder}: fingerprint"
            total += sum(map(len, files.values()))
        return total

    def worker_as_lambda(self):
        for start, generator in enumerate(GENERATORS):
            self.emulator.send({"type": generator, "start_index": start, "num_samples": 3, "seed": 42})
        event = wait_for("both messages", lambda: (found := self.emulator.receive())["Records"] and found)
        assert len(event["Records"]) == len(GENERATORS), event
        with LambdaRuntime() as runtime:
            started = time.monotonic()
            environment = runtime.environment("vm-dataset-generator", memory_mb=3538)
            with self.container(self.arguments.worker, "worker-lambda", environment) as worker:
                runtime.wait_until_idle(PATIENCE)
                ready = time.monotonic() - started
                outcome = runtime.invoke(event, PATIENCE)
                assert outcome.error is None, outcome.body.decode()
                assert outcome.payload == {"batchItemFailures": []}, outcome.payload
                owner = user(worker.program())
        assert owner == 1000, f"the worker runs as user {owner}"
        total = sum(self.samples("adhoc-42", generator, 3) for generator in GENERATORS)
        return f"6 samples, {total} bytes; asks for its first event after {ready:.1f} s"

    def worker_as_poller(self):
        for generator in GENERATORS:
            self.emulator.send({"type": generator, "start_index": 0, "num_samples": 4, "seed": 7})
        with self.container(self.arguments.worker, "worker-poller", {"LANES": "2"}) as worker:
            def done():
                assert worker.running(), "the worker ended by itself"
                return all(self.emulator.keys(f"jobs/adhoc-7/done/{name}/") for name in GENERATORS) and self.emulator.depth()[1] == 0
            wait_for("both manifests", done)
            total = sum(self.samples("adhoc-7", generator, 4) for generator in GENERATORS)
            # Stopped in the middle of long work: what is drawn is published, the rest goes back.
            self.emulator.send({"type": "maze-data-generator", "start_index": 0, "num_samples": 5000, "seed": 8})
            wait_for("the long batch to begin", lambda: self.emulator.depth() == (0, 1))
            wait_for("its first samples", lambda: len(self.emulator.keys("jobs/adhoc-8/data/")) > 20)
            status, seconds = worker.stop()
        assert status == 0, f"exit status {status} after SIGTERM"
        published = sum(json.loads(self.emulator.read(key))["num_samples"] for key in self.emulator.keys("jobs/adhoc-8/done/"))
        # The long poll that the stop broke off may still have taken the message: then it comes back when its lease of 60 s ends.
        left = [json.loads(record["body"]) for record in wait_for("the rest", lambda: self.emulator.receive()["Records"])]
        assert sum(message["num_samples"] for message in left) == 5000 - published < 5000, (published, left, worker.log()[-3000:])
        self.emulator.aws("sqs", "purge-queue", "--queue-url", self.emulator.queue)
        return f"8 samples, {total} bytes; SIGTERM: exit 0 after {seconds:.1f} s, {published} of 5000 published, the rest back on the queue"

    def api(self):
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        started = time.monotonic()
        environment = {"ASPNETCORE_HTTP_PORTS": str(port), "PRESIGNED_LINKS": "false", "ALLOW_ANONYMOUS": "everyone-who-can-reach-it"}
        with self.container(self.arguments.api, "api", environment) as api:
            wait_for("GET /health/ready to be 200", lambda: api.running() and http("GET", f"{address}/health/ready")[0] == 200)
            ready = time.monotonic() - started
            owner = user(api.program())
            assert api.healthy(port) and not api.healthy(free_port()), "HEALTHCHECK"
            status, body = http("GET", f"{address}/v1/generators")
            assert status == 200 and all(name in body.decode() for name in GENERATORS), body
            status, body = http("POST", f"{address}/v1/jobs", {"generators": list(GENERATORS), "samples": 5, "seed": 42})
            assert status == 202, (status, body)
            job = json.loads(body)["id"]
            with self.container(self.arguments.worker, "api-worker", {"LANES": "2"}) as worker:
                for container in (api, worker):
                    shown = container.run("vmds", "show", job, "--json", VMDS_URL=address)
                    assert shown.returncode == 0 and json.loads(shown.stdout)["id"] == job, shown

                def done():
                    assert worker.running(), "the worker ended by itself"
                    return json.loads(http("GET", f"{address}/v1/jobs/{job}")[1])["state"] not in ("submitting", "running")
                wait_for("the job to end", done)
            job_view = json.loads(http("GET", f"{address}/v1/jobs/{job}")[1])
            assert api.stop()[0] == 0
        assert owner == 1654, f"the API runs as user {owner}"
        assert job_view["state"] == "succeeded", job_view
        total = sum(self.samples(job, generator, 5) for generator in GENERATORS)
        return f"ready after {ready:.1f} s; a job of 10 samples, {total} bytes, made by the worker's image"

    def api_as_lambda(self):
        with LambdaRuntime() as runtime:
            started = time.monotonic()
            with self.container(self.arguments.api_lambda, "api-lambda", {**runtime.environment("vm-dataset-api"), "ALLOW_ANONYMOUS": "everyone-who-can-reach-it"}):
                runtime.wait_until_idle(PATIENCE)
                ready = time.monotonic() - started
                answer = function_url.response(runtime.invoke(function_url.event("GET", "/health/ready"), PATIENCE).payload)
                assert answer.status == 200, answer.body.decode()
                body = json.dumps({"generators": ["maze-data-generator"], "samples": 2, "seed": 1}).encode()
                event = function_url.event("POST", "/v1/jobs", {"Content-Type": "application/json"}, body)
                answer = function_url.response(runtime.invoke(event, PATIENCE).payload)
                assert answer.status == 202, answer.body.decode()
        return f"asks for its first event after {ready:.1f} s; takes a job"

    def close(self):
        self.emulator.close()


def report_layers(buildah, image):
    """Size of each layer, and the instruction that made it."""
    config = json.loads(subprocess.run([*buildah, "inspect", "--type", "image", image], check=True, capture_output=True, text=True).stdout)
    stored = {layer["id"]: layer for layer in json.loads((pathlib.Path(buildah[2]) / f"{buildah[6]}-layers" / "layers.json").read_text())}
    top = next(item["layer"] for item in json.loads((pathlib.Path(buildah[2]) / f"{buildah[6]}-images" / "images.json").read_text())
               if item["id"] == config["FromImageID"])
    sizes = []
    while top:
        sizes.append(stored[top].get("diff-size", 0))
        top = stored[top].get("parent")
    steps = [entry["created_by"] for entry in config["OCIv1"]["history"] if not entry.get("empty_layer")]
    print(f"{image}: {sum(sizes) / 1e6:.0f} MB without compression")
    for size, step in zip(reversed(sizes), steps):
        # Buildah's notation: "|2 ARG=value ARG=value /bin/sh -c command", "/bin/sh -c #(nop) COPY dir:<hash> in /target".
        step = re.sub(r"^(\|\d+ .*?)?/bin/sh -c (#\(nop\) )?", "", step)
        print(f"  {size / 1e6:8.1f} MB  {re.sub(r'(dir|file|multi):[0-9a-f]{64} in', '...', ' '.join(step.split()))[:90]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("storage", "driver", "worker", "api", "api-lambda"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    for tool in ("buildah", "moto_server", "aws"):
        if not shutil.which(tool):
            parser.error(f"{tool} is not on PATH")

    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        checks = Checks(arguments, pathlib.Path(folder))
        try:
            for check in (checks.worker_as_lambda, checks.worker_as_poller, checks.api, checks.api_as_lambda):
                if check == checks.api_as_lambda and not arguments.api_lambda:
                    skipped += 1
                    print("skipped: api_as_lambda: there is no such image here", flush=True)
                    continue
                try:
                    print(f"passed: {check.__name__}: {check()}", flush=True)
                    passed += 1
                except Exception:
                    failed += 1
                    traceback.print_exc()
                    print(f"FAILED: {check.__name__}", flush=True)
        finally:
            checks.close()
        for image in filter(None, (arguments.worker, arguments.api, arguments.api_lambda)):
            report_layers(checks.buildah, image)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
