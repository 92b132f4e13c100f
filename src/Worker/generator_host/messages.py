"""JSON lines: one message a line, UTF-8, and a bounded memory of a sample's log."""

import collections
import json


class LineReader:
    """Collects bytes and gives back whole lines.

    A line longer than ``limit`` bytes is given up (returned as ``None`` once),
    so that a peer gone wrong cannot fill the memory.
    """

    def __init__(self, limit=1 << 20):
        self._limit = limit
        self._pending = bytearray()
        self._skipping = False

    def feed(self, data):
        """Adds bytes; returns the lines they completed, without line ends."""
        lines = []
        parts = data.split(b"\n")
        for number, part in enumerate(parts):
            if number:
                lines.append(None if self._skipping else bytes(self._pending))
                self._pending.clear()
                self._skipping = False
            if not self._skipping:
                self._pending += part
                if len(self._pending) > self._limit:
                    self._pending.clear()
                    self._skipping = True
        return [line for line in lines if line is None or line.strip()]


class MessageError(ValueError):
    """A line that is not a usable message; the text says why."""


def parse(line):
    """Returns the JSON object in a line; raises MessageError."""
    if line is None:
        raise MessageError("the line is too long")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise MessageError("a message must be a JSON object")
    return message


def encode(message):
    """Returns the message as one line of bytes.

    ASCII only, and without lone surrogates: strict JSON readers refuse them,
    and a generator's exception may carry any text.
    """
    return json.dumps(_clean(message), separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _clean(value):
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value


def field(message, name, kinds, default=...):
    """Returns a field, checked for its type; raises MessageError naming it.

    ``default`` makes the field optional. JSON's true and false are not taken
    for numbers unless ``bool`` is among the kinds.
    """
    if name not in message or (message[name] is None and default is not ...):
        if default is ...:
            raise MessageError(f"field '{name}' is missing")
        return default
    value = message[name]
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise MessageError(f"field '{name}' must be {wanted}")
    return value


class LogTail:
    """The last ``limit`` bytes of a stream and the count of all of them."""

    def __init__(self, limit):
        self._limit = limit
        self._chunks = collections.deque()
        self._kept = 0
        self.total = 0

    def add(self, data):
        self.total += len(data)
        data = data[-self._limit:]
        self._chunks.append(data)
        self._kept += len(data)
        while self._kept - len(self._chunks[0]) >= self._limit:
            self._kept -= len(self._chunks.popleft())

    def text(self):
        """The kept bytes as text; a character cut at the start is dropped."""
        data = b"".join(self._chunks)[-self._limit:]
        if self.total > len(data):
            start = 0
            while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
                start += 1
            data = data[start:]
        return data.decode("utf-8", "replace")
