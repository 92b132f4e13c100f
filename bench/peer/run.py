#!/usr/bin/env python3
"""Measures the worker against the Lambda handler of another pipeline for the same generators.

    git clone https://github.com/Video-Reason/VBVR-DataFactory ~/peer
    ./run.sh demo; dotnet build -c Release bench/scale
    python3 bench/peer/run.py --python /usr/bin/python3 ~/peer GENERATOR_DIR...

Both are warm, get the same messages in turns and write to the same S3 in memory, which takes --latency ms for an answer: the peer's handler
in one process, the worker as a Lambda function under a fake Runtime API. With --cores 1 each has one processor and the worker one lane
(1,769 MB); with --cores 2 each may use both and the worker has two lanes (3,538 MB). The peer has no checks, no manifest and no metrics to
wait for. --python imports what the generators need, and boto3 and pydantic (python3-boto3 and python3-pydantic of Debian). Prints seconds and
ratios; --json FOLDER keeps the rows (results.py). Standard library alone.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "deploy"), str(ROOT / "bench")]

import results  # noqa: E402
from lambda_runtime import LambdaRuntime  # noqa: E402

ARN = "arn:aws:sqs:eu-central-1:000000000000:tasks"


def start(command, **named):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, **named)


def pinned(command, cores):
    """With one core the two sides have the first, and S3 the rest."""
    return ["taskset", "-c", "0", *command] if cores == 1 else command


class Peer:
    def __init__(self, arguments, aws, generators, folder):
        environment = {**os.environ, **aws, "GENERATORS_PATH": str(generators), "AWS_DEFAULT_REGION": aws["AWS_REGION"]}
        self._log = open(folder / "peer.log", "w")
        command = [arguments.python, str(pathlib.Path(__file__).with_name("handler.py")), str(arguments.clone.resolve())]
        self._process = start(pinned(command, arguments.cores), env=environment, stderr=self._log)
        if self._process.stdout.readline().strip() != "ready":
            sys.exit(f"the peer's handler cannot be loaded:\n{(folder / 'peer.log').read_text()[-2000:]}")

    def run(self, message):
        """(seconds, samples)"""
        self._process.stdin.write(json.dumps(message) + "\n")
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"the peer's handler ended:\n{pathlib.Path(self._log.name).read_text()[-2000:]}")
        answer = json.loads(line)
        return answer["seconds"], answer["samples"]

    def end(self):
        self._process.stdin.close()
        self._process.wait(timeout=30)


class Worker:
    def __init__(self, arguments, aws, generators, folder, runtime):
        self._runtime, self._aws = runtime, aws
        self.log = folder / "worker.log"
        environment = {**os.environ, **aws, **runtime.environment(memory_mb=1769 * arguments.cores), "GENERATORS_DIR": str(generators),
                       "PYTHON": arguments.python, "SCRATCH_DIR": str(folder / "scratch"), "DOTNET_TieredPGO": "0"}
        command = ["dotnet", str(ROOT / "src/Worker/bin/Release/net10.0/Worker.dll")]
        self._process = subprocess.Popen(pinned(command, arguments.cores), env=environment, stdout=open(self.log, "w"),
                                         stderr=subprocess.STDOUT)
        runtime.wait_until_idle(60)

    def run(self, message):
        """(seconds, samples)"""
        # As Lambda's mapping does, before the clock starts: the worker extends the lease of a message that was received.
        form = {"files": "files", "tar": "webdataset"}[message["output_format"]]
        self._ask("SendMessage", MessageBody=json.dumps({**message, "output_format": form}))
        (received,) = self._ask("ReceiveMessage")["Messages"]
        record = {"messageId": received["MessageId"], "receiptHandle": received["ReceiptHandle"], "body": received["Body"],
                  "attributes": received["Attributes"], "eventSource": "aws:sqs", "eventSourceARN": ARN, "awsRegion": self._aws["AWS_REGION"]}
        started = time.perf_counter()
        outcome = self._runtime.invoke({"Records": [record]}, timeout=900)
        seconds = time.perf_counter() - started
        if outcome.error or json.loads(outcome.body).get("batchItemFailures"):
            sys.exit(f"the worker failed: {outcome.body!r}; its log ends with\n{self.log.read_text()[-3000:]}")
        self._ask("DeleteMessage", ReceiptHandle=received["ReceiptHandle"])
        return seconds, self._stored(f"jobs/adhoc-{message['seed']}/done/")

    def _stored(self, prefix):
        """Samples by the manifests below a prefix: a message that was refused or failed has none."""
        bucket = f"{self._aws['AWS_ENDPOINT_URL']}/{self._aws['OUTPUT_BUCKET']}"
        with urllib.request.urlopen(f"{bucket}?list-type=2&prefix={prefix}", timeout=60) as answer:
            keys = re.findall("<Key>([^<]*)</Key>", answer.read().decode())
        stored = 0
        for key in keys:
            with urllib.request.urlopen(f"{bucket}/{key}", timeout=60) as answer:
                stored += json.load(answer)["num_samples"]
        return stored

    def _ask(self, action, **fields):
        body = json.dumps({"QueueUrl": self._aws["SQS_QUEUE_URL"], **fields}).encode()
        request = urllib.request.Request(self._aws["AWS_ENDPOINT_URL"], body, {"X-Amz-Target": f"AmazonSQS.{action}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "{}")

    def end(self):
        self._process.terminate()
        self._process.wait(timeout=60)


def measure(arguments, aws, folder):
    generators = folder / "generators"
    generators.mkdir()
    for generator in arguments.generators:
        (generators / generator.resolve().name).symlink_to(generator.resolve())
    rows, seed = [], 1
    with LambdaRuntime() as runtime:
        peer, worker = Peer(arguments, aws, generators, folder), Worker(arguments, aws, generators, folder, runtime)
        try:
            for generator in sorted(path.name for path in generators.iterdir()):
                # The worker's proof of reuse, and what else is paid once, such as the second compilation of what it calls often.
                for side, count in ((peer, 6), (worker, 60)):
                    side.run({"type": generator, "start_index": 0, "num_samples": count, "seed": 990_000, "output_format": "files"})
                for form in arguments.formats:
                    for count in arguments.counts:
                        pairs = []
                        for number in range(arguments.pairs):
                            seed += 10_000
                            message = {"type": generator, "start_index": 0, "num_samples": count, "seed": seed, "output_format": form}
                            taken = {}
                            for side in (peer, worker) if number % 2 == 0 else (worker, peer):
                                taken[side], samples = side.run(message)
                                if samples != count:
                                    sys.exit(f"{generator}: {samples} samples of {count}")
                            pairs.append((taken[peer], taken[worker]))
                        rows.append(report(generator, form, count, pairs))
        finally:
            peer.end()
            worker.end()
    return rows


def report(generator, form, count, pairs):
    peer, own = zip(*pairs)
    row = results.pair_row({"generator": generator, "format": form, "samples": count}, own, peer, [a / b for a, b in pairs])
    median, least, most = row["ratio"]
    print(f"| {generator} | {form} | {count} | {row['other_seconds']:.2f} | {row['product_seconds']:.2f} "
          f"| {median:.2f} ({least:.2f} to {most:.2f}) |", flush=True)
    return row


@contextlib.contextmanager
def storage(arguments):
    """The variables of S3 in memory."""
    program = ROOT / "bench/scale/bin/Release/net10.0/Scale.dll"
    if not program.exists():
        sys.exit("S3 in memory is not built: dotnet build -c Release bench/scale")
    command = ["dotnet", str(program), "aws", "--latency", str(arguments.latency)]
    server = start(["taskset", "-c", f"1-{os.cpu_count() - 1}", *command] if arguments.cores == 1 and os.cpu_count() > 1 else command)
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(timeout=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--cores", type=int, choices=(1, 2), default=2)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--counts", type=lambda text: [int(part) for part in text.split(",")], default=[10, 100], metavar="10,100")
    parser.add_argument("--formats", type=lambda text: text.split(","), default=["files"], metavar="files,tar")
    parser.add_argument("--latency", type=int, default=10)
    parser.add_argument("--json", type=pathlib.Path, metavar="FOLDER", help="where the rows are kept")
    parser.add_argument("clone", type=pathlib.Path)
    parser.add_argument("generators", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    print("| generator | format | batch | peer s | worker s | times faster: median (min to max) |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, storage(arguments) as aws:
        rows = measure(arguments, aws, pathlib.Path(folder))
    if arguments.json:
        measure_name = f"peer-{arguments.cores}-core{'s' if arguments.cores > 1 else ''}"
        print(f"\n{results.save(arguments.json, measure_name, 'times faster than the peer', rows, latency_ms=arguments.latency)}")


if __name__ == "__main__":
    main()
