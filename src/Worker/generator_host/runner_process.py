"""The supervisor's side of a runner: fork, talk, listen."""

import os
import signal

from . import descriptors, runner, messages, processes


class RunnerProcess:
    """One forked runner, or what ``make`` makes in its place (conformer.py). Ends are noticed by the lane, which sets
    ``ended`` to (wait status, rusage)."""

    def __init__(self, setup, make=None):
        requests_read, self._requests = descriptors.pipe()
        self.results, results_write = descriptors.pipe()
        self.log, log_write = descriptors.pipe()
        self.samples = 0
        self.captures = None  # once it has had a sample: whether the frames of its videos are captured
        self.ready = True
        self.ended = None
        self.closed = False  # the results' far end
        self._lines = messages.LineReader()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                sandbox = setup.sandbox.descriptors if setup.sandbox is not None else ()
                store = (setup.store.descriptor,) if setup.store is not None else ()
                descriptors.close_all(requests_read, results_write, log_write, *sandbox, *store)
                runner.run(setup, parent, requests_read, results_write, log_write, make)
            finally:
                os._exit(70)
        for descriptor in (requests_read, results_write, log_write):
            descriptors.close(descriptor)
        for descriptor in (self.results, self.log):
            os.set_blocking(descriptor, False)
        self.start_kib = None

    def send(self, request):
        """Starts a sample; a runner that has ended is noticed elsewhere."""
        if self.start_kib is None:
            self.start_kib = self.memory_kib()
        self.ready = False
        self.samples += 1
        self.captures = bool(request["capture"])
        try:
            os.write(self._requests, messages.encode(request))
        except BrokenPipeError:
            pass

    def receive(self):
        """Reads what there is; returns the sample's result or None."""
        result = None
        data = descriptors.read_available(self.results)
        self.closed = data == b""
        for line in self._lines.feed(data) if data else ():
            try:
                message = messages.parse(line)
            except messages.MessageError:
                message = {}
            if "ready" in message:
                self.ready = True
            else:
                result = _checked(message)
        return result

    def memory_kib(self):
        return processes.status_kib("VmRSS", self.pid)

    def close(self):
        for descriptor in (self._requests, self.results, self.log):
            descriptors.close(descriptor)


def _checked(message):
    """The result in a runner's line. Foreign code shares the runner's process and can write any line."""
    result = {name: value for name, value in message.items() if isinstance(value, _FIELDS.get(name, ()))}
    if result.get("status") not in ("ok", "raised", "exited", "invalid", "unsupported"):
        return {"status": "raised", "type": "BrokenRunner", "traceback": "",
                "message": "the runner gave no usable answer"}
    result["code"] = result.get("code", 1) & 0xFF
    result["max_rss_kib"] = min(max(0, result.get("max_rss_kib", 0)), _MOST_KIB)
    result["cpu_ms"] = min(max(0, result.get("cpu_ms", 0)), _MOST_MS)
    for name in _DISTANCES & result.keys():
        result[name] = min(max(0.0, result[name]), 255.0)  # in this order 0 for what is no number
    if result["status"] != "exited":
        del result["code"]
    return result


_FIELDS = {"status": str, "type": str, "message": str, "traceback": str, "code": int, "renew": bool, "max_rss_kib": int,
           "cpu_ms": int, "kept": bool, "imported_because": str, "static_video": bool, "captured": bool,
           "first_frame_distance": (int, float), "final_frame_distance": (int, float)}
_DISTANCES = {"first_frame_distance", "final_frame_distance"}
_MOST_KIB = 1 << 40
_MOST_MS = 1 << 40
