"""What the tests of the scripts share: running one, programs that stand in for others, a small HTTP server."""

import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
VMDS = ROOT / "src" / "Cli" / "bin" / "Release" / "net10.0" / "vmds.dll"

# What could reach the tests from the developer's own shell.
FOREIGN = ("AWS_", "GITHUB_", "GIT_", "PIP_", "API_", "VMDS_", "POLL_SECONDS", "XDG_CONFIG_HOME")


def environment(**values: str) -> dict:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **{k: v for k, v in values.items() if v is not None}}


def run(script: str, *arguments, timeout: float = 120, cwd=None, **values: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(SCRIPTS / script), *map(str, arguments)], env=environment(**values), cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)


def stand_in(folder: pathlib.Path, name: str, body: str) -> None:
    """A program of this name in the folder; put the folder first on PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/usr/bin/env bash\n" + body)
    program.chmod(0o755)


@contextlib.contextmanager
def serving(answer):
    """Serves answer(method, path, headers, body) -> (status, headers, body) on a free port; yields the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_one(self):
            length = int(self.headers.get("Content-Length") or 0)
            status, headers, body = answer(self.command, self.path, self.headers, self.rfile.read(length))
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = handle_one

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
