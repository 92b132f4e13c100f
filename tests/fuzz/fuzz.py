"""Sends the API requests that nobody would, and holds every answer to docs/openapi.json.

    ./run.sh demo                                   builds
    python3 tests/fuzz/fuzz.py                      3,000 requests, seed 1
    python3 tests/fuzz/fuzz.py --requests 20000 --seed 7

Every operation of the document is sent about as often, with good, wrong and hostile values in its path, query, headers and body, as an admin, a reader,
a stranger or with a wrong key. An answer fails the run if its status is 5xx, or one that the operation does not name, or if its content
type is not the one that the document gives for that status, or if it takes more than 10 seconds. Each such request is printed. The same seed
sends the same requests, but for the ids of the jobs that the run made before.
"""

import argparse
import http.client
import json
import pathlib
import random
import sys
import tempfile
import time

from product import Product
from requests import Requests

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
PATIENCE = 10  # seconds


def main(arguments: list) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000, help="1 or more (default 3,000)")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    asked = parser.parse_args(arguments)
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="vmds-fuzz-") as folder, Product(pathlib.Path(folder)) as product:
        requests = Requests(document, random.Random(asked.seed), product)
        failures, statuses = [], {}
        for number in range(asked.requests):
            request = requests.next()
            problem, status, content = send(product, request)
            requests.learn(request, status, content)
            statuses[status] = statuses.get(status, 0) + 1
            if problem:
                failures.append(problem)
                print(f"request {number}: {problem}\n    {request}", flush=True)
        if not product.alive():
            failures.append("the server has ended")
        errors = product.log_of_errors()
    print(f"{asked.requests} requests over {requests.operations} operations, seed {asked.seed}: {len(failures)} failed; "
          f"statuses {dict(sorted(statuses.items()))}")
    if failures and errors:
        print("errors in the server's log:", *errors[:20], sep="\n    ")
    return 1 if failures else 0


def send(product: Product, request) -> tuple:
    """What is wrong with the answer, or None; its status; its JSON."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE)
    try:
        connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body is not None:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        answer = connection.getresponse()
        # A stream has no end: its beginning is enough.
        kind = (answer.getheader("Content-Type") or "").partition(";")[0]
        body = b"" if kind == "text/event-stream" else answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer after {time.monotonic() - started:.1f} s: {error!r}", 0, None
    finally:
        connection.close()
    problem = judge(request, answer.status, kind, body)
    return problem, answer.status, json.loads(body) if kind == "application/json" and not problem and body else None


def judge(request, status: int, kind: str, body: bytes) -> "str | None":
    if status >= 500:
        return f"{status}: {body[:300]!r}"
    # A request that is no operation of the document has at least the promise of every error: it is a problem document.
    named = request.operation["responses"] if request.operation else {"default": {"content": {"application/problem+json": {}}}}
    answer = named.get(str(status)) or (named.get("default") if status >= 400 else None)
    if answer is None:
        return f"{status} is not named for {request.method} {request.route}: {body[:300]!r}"
    allowed = answer.get("content", {})
    if request.method == "HEAD":
        return None
    if body and kind not in allowed:
        return f"{status} with the type '{kind}'; the document names {sorted(allowed) or 'none'}"
    if kind.endswith("json"):
        try:
            content = json.loads(body)
        except ValueError:
            return f"{status} with a body that is no JSON: {body[:300]!r}"
        if kind == "application/problem+json" and content.get("status") != status:
            return f"{status} with a problem document that says {content.get('status')}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
