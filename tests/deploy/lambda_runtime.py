"""A fake Lambda Runtime API: hands events to a program as Lambda does, and collects what it answers.

    with LambdaRuntime() as runtime:
        program = subprocess.Popen([...], env={**os.environ, **runtime.environment("my-function")})
        outcome = runtime.invoke({"Records": []}, timeout=30)
        outcome.payload, outcome.error

Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html (version 2018-06-01).
"""

import collections
import dataclasses
import http.server
import json
import os
import re
import signal
import sys
import threading
import time
import uuid

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:test"
LARGEST_RESPONSE = 6 * 1024 * 1024 + 100
PATH = re.compile(r"/2018-06-01/runtime/(?:invocation/(?P<id>[^/]+)/(?P<kind>response|error)|(?P<init>init/error))")


class RuntimeTimeout(AssertionError):
    """The program did not do in time what a test waits for."""


@dataclasses.dataclass
class Outcome:
    """What the program answered to one event: `body` as posted; `error` is Lambda's error type, None after a response."""

    request_id: str
    body: bytes
    headers: dict
    error: str | None

    @property
    def payload(self):
        return json.loads(self.body) if self.body else None


@dataclasses.dataclass
class _Invocation:
    request_id: str
    body: bytes
    seconds: float
    arn: str
    headers: dict


class LambdaRuntime:
    """Serves on a free port of this machine. Events are handed out one at a time, in order, as in one Lambda sandbox."""

    def __init__(self, deadline_seconds=900.0, arn=ARN):
        self.deadline_seconds, self.arn = deadline_seconds, arn
        self.init_errors, self.protocol_errors = [], []
        self._events, self._outcomes = collections.deque(), {}
        self._handed_out, self._waiting, self._closed, self._frozen_pid = None, 0, False, None
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with self._changed:
            self._closed = True
            self._thaw()
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self):
        """What AWS_LAMBDA_RUNTIME_API holds: host and port without a scheme."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def environment(self, function="test", memory_mb=1769, handler="bootstrap"):
        """The variables that Lambda sets for every function and that tell a program where it is."""
        return {
            "AWS_LAMBDA_RUNTIME_API": self.address, "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb), "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function}", "AWS_LAMBDA_LOG_STREAM_NAME": "test",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "_HANDLER": handler,
        }

    def freeze_between_events(self, pid):
        """Stops the process (and its descendants) whenever it asks for an event and there is none, as Lambda does."""
        with self._changed:
            self._frozen_pid = pid
            if self._waiting:
                signal_tree(pid, signal.SIGSTOP)

    def enqueue(self, event, deadline_seconds=None, arn=None, request_id=None, headers=None):
        """Queues an event (bytes are sent as they are, anything else as JSON) and returns its request id."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        seconds = self.deadline_seconds if deadline_seconds is None else deadline_seconds
        invocation = _Invocation(request_id or str(uuid.uuid4()), body, seconds, arn or self.arn, headers or {})
        with self._changed:
            self._events.append(invocation)
            self._thaw()
            self._changed.notify_all()
        return invocation.request_id

    def wait(self, request_id, timeout=30.0):
        """The outcome of an event; RuntimeTimeout when the program has posted none in time."""
        self._until(lambda: request_id in self._outcomes, timeout, f"an answer to {request_id}")
        return self._outcomes[request_id]

    def wait_until_idle(self, timeout=30.0):
        """Waits until the program asks for its next event, that is until its start-up or last invocation is over."""
        self._until(lambda: self._waiting and not self._events, timeout, "the program to ask for an event")

    def wait_for_init_error(self, timeout=30.0):
        self._until(lambda: self.init_errors, timeout, "an initialization error")
        return self.init_errors[0]

    def invoke(self, event, timeout=30.0, **settings):
        return self.wait(self.enqueue(event, **settings), timeout)

    def _until(self, condition, timeout, what):
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise RuntimeTimeout(f"waited {timeout} s for {what}; initialization errors: {self.init_errors}; "
                                     f"protocol errors: {self.protocol_errors}")

    def _next(self):
        with self._changed:
            # Lambda takes a request for the next event as the end of the last one, answered or not.
            self._handed_out = None
            self._waiting += 1
            self._changed.notify_all()
            if not self._events and self._frozen_pid and not self._closed:
                signal_tree(self._frozen_pid, signal.SIGSTOP)
            self._changed.wait_for(lambda: self._events or self._closed)
            self._waiting -= 1
            if self._closed:
                return None
            invocation = self._events.popleft()
            self._handed_out = invocation.request_id
            return invocation

    def _thaw(self):
        if self._frozen_pid:
            signal_tree(self._frozen_pid, signal.SIGCONT)

    def _answer(self, path, body, headers):
        """Takes a posted answer in; returns the HTTP status and Lambda's error type, None if there is no error."""
        error = headers.get("Lambda-Runtime-Function-Error-Type")
        match = PATH.fullmatch(path)
        with self._changed:
            if match is None:
                return self._refuse(404, "InvalidPath", path)
            outcome = Outcome(match["id"] or "", body, dict(headers), None)
            if match["init"] or match["kind"] == "error":
                outcome.error = error or "Unknown"
            if match["init"]:
                self.init_errors.append(outcome)
            elif match["id"] != self._handed_out or match["id"] in self._outcomes:
                return self._refuse(400, "InvalidRequestID", path)
            elif match["kind"] == "response" and len(body) > LARGEST_RESPONSE:
                return self._refuse(413, "RequestEntityTooLarge", f"{path}: {len(body)} bytes")
            else:
                self._outcomes[outcome.request_id] = outcome
            self._changed.notify_all()
            return 202, None

    def _refuse(self, status, kind, text):
        self.protocol_errors.append(f"{kind}: {text}")
        return status, kind


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A program that a test kills resets its connections.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def signal_tree(pid, number):
    """Sends a signal to a process and all below it."""
    children = collections.defaultdict(list)
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                children[int(stat.read().rpartition(")")[2].split()[1])].append(int(name))
        except OSError:
            continue
    tree = [pid]
    for parent in tree:
        tree.extend(children[parent])
    for member in tree:
        try:
            os.kill(member, number)
        except ProcessLookupError:
            continue


def _handler(runtime):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two writes: the second would wait 40 ms for the client's delayed acknowledgement of the first.
        disable_nagle_algorithm = True

        def do_GET(self):
            if self.path != "/2018-06-01/runtime/invocation/next":
                self._reply(404, json.dumps({"errorType": "InvalidPath"}).encode())
                return
            invocation = runtime._next()
            if invocation is None:
                self.close_connection = True
                return
            self._reply(200, invocation.body, {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.seconds) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
                "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
                **invocation.headers,
            })

        def do_POST(self):
            status, error = runtime._answer(self.path, self._body(), self.headers)
            answer = {"status": "OK"} if error is None else {"errorType": error, "errorMessage": self.path}
            self._reply(status, json.dumps(answer).encode())

        def _body(self):
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                continue  # trailers: a streamed response ends with its error in them
            return body

        def _reply(self, status, body, headers=None):
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_):
            return

    return Handler
