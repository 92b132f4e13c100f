"""Runs the main job once, from outside: starts the server on a free port, POSTs a job, watches it, checks every sample.

Exits with 0 only if the job succeeded and every sample is there.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SAMPLES = 20
BATCH_SIZE = 5
TIMEOUT_SECONDS = 300
REQUIRED = ("first_frame.png", "final_frame.png", "ground_truth.mp4", "prompt.txt", "metadata.json")
ABOUT = ("metadata.jsonl", "metadata.parquet", "README.md", "croissant.json", "SHA256SUMS")


def main() -> int:
    data = pathlib.Path(os.environ.get("DATA_DIR", "data/demo")).resolve()
    port = os.environ.get("PORT") or str(free_port())
    environment = {**os.environ, "DATA_DIR": str(data), "PORT": port}
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(["dotnet", sys.argv[1]], env=environment, stdout=log, stderr=log)
        try:
            return run(f"http://127.0.0.1:{port}", server, data)
        except (DemoError, OSError) as error:
            log.seek(0)
            sys.stderr.write(log.read()[-4000:].decode(errors="replace"))
            print(f"error: {error}", file=sys.stderr)
            return 1
        finally:
            server.terminate()
            server.wait(timeout=60)


def run(api: str, server: subprocess.Popen, data: pathlib.Path) -> int:
    wait_until_ready(api, server)
    generators = ["chess-task-data-generator", "maze-data-generator"]
    started = time.monotonic()
    job = call(api + "/v1/jobs", {"generators": generators, "samples": SAMPLES, "batch_size": BATCH_SIZE})
    print(f"job {job['id']}: {SAMPLES} samples of each of {', '.join(generators)}, seed {job['spec']['seed']}")
    while job["state"] in ("submitting", "running"):
        show(job)
        if time.monotonic() - started > TIMEOUT_SECONDS:
            raise DemoError(f"the job did not end within {TIMEOUT_SECONDS} s")
        time.sleep(0.2)
        job = call(f"{api}/v1/jobs/{job['id']}")
    show(job)
    print()
    while job["state"] == "succeeded" and job["dataset"]["state"] != "ready":
        if time.monotonic() - started > TIMEOUT_SECONDS:
            raise DemoError(f"the dataset was not written within {TIMEOUT_SECONDS} s")
        time.sleep(0.2)
        job = call(f"{api}/v1/jobs/{job['id']}")
    folder = data / "store" / "jobs" / job["id"] / "data"
    problems = missing_files(folder, generators)
    if job["state"] != "succeeded":
        problems.append(f"the job's state is '{job['state']}'; see {api}/v1/jobs/{job['id']}/failures")
    problems += [f"{folder / name} is missing" for name in ABOUT if not (folder / name).is_file()]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    print(f"{job['samples']['done']} of {job['samples']['total']} samples in {time.monotonic() - started:.1f} s")
    print(f"data: {folder}")
    print(f"load: datasets.load_dataset(\"{folder}\", split=\"train\")    # Python, after pip install datasets")
    return 1 if problems else 0


def missing_files(folder: pathlib.Path, generators: list) -> list:
    problems = []
    for generator in generators:
        samples = sorted((folder / generator).glob("*_task/*"))
        if len(samples) != SAMPLES:
            problems.append(f"{generator} has {len(samples)} samples instead of {SAMPLES}")
        problems += [f"{sample / name} is missing" for sample in samples for name in REQUIRED if not (sample / name).is_file()]
    return problems


def wait_until_ready(api: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while True:
        if server.poll() is not None:
            raise DemoError(f"the server ended with code {server.returncode}")
        try:
            call(api + "/health/ready")
            return
        except (DemoError, OSError) as error:
            if time.monotonic() > deadline:
                raise DemoError(f"the server is not ready: {error}") from error
        time.sleep(0.1)


def call(url: str, body: "dict | None" = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    key = os.environ.get("API_KEY")
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise DemoError(f"{url} answered {error.code}: {error.read().decode(errors='replace')}") from error


def show(job: dict) -> None:
    done, total = job["samples"]["done"], job["samples"]["total"]
    width = 40
    filled = width * done // total
    line = f"[{'#' * filled}{'.' * (width - filled)}] {done}/{total} {job['state']}"
    # On a terminal the bar grows in place; in a log it would only repeat itself.
    if sys.stdout.isatty():
        print(f"\r{line:<70}", end="", flush=True)
    elif done == total:
        print(line, end="")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DemoError(Exception):
    pass


if __name__ == "__main__":
    sys.exit(main())
