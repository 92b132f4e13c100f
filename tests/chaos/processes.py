"""Processes as /proc shows them."""

import os
import pathlib
import time


def below(pid: int) -> list:
    """Ids of all processes below one; of the server's, the generator host's zygote is the first."""
    found, waiting = [], [pid]
    while waiting:
        for child in _children(waiting.pop()):
            found.append(child)
            waiting.append(child)
    return found


def that_name(text: str, seconds: float = 10) -> list:
    """Ids and command lines of the processes whose command line names a text and that have not ended within some seconds."""
    end = time.monotonic() + seconds
    while (left := _that_name_now(text)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _that_name_now(text: str) -> list:
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace") if entry.name.isdigit() else ""
        except OSError:
            continue  # it has ended meanwhile
        if text in line and int(entry.name) != os.getpid():
            found.append(f"{entry.name} {line.strip()}")
    return found


def _children(pid: int) -> list:
    found = []
    try:
        for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (thread / "children").read_text().split()]
    except OSError:
        pass  # it has ended meanwhile
    return found
