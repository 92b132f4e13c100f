"""Loads libraries into a process that will be forked, without risking it."""

import gc
import importlib
import os
import select
import sys
import time

from . import descriptors, processes

_LONGEST = 120.0  # seconds for all libraries of one generator


def load(names):
    """Imports the modules that can be imported; returns the names loaded.

    Modules not yet loaded are tried in a child first: one that crashes, never
    ends, exits or starts threads (which do not survive a fork) is left to the
    samples that need it.
    """
    wanted = [name for name in sorted(names) if not _is_loaded(name)]
    loaded = [name for name in sorted(names) if name in sys.modules]
    deadline = time.monotonic() + _LONGEST
    safe = []
    while wanted and time.monotonic() < deadline:
        good, tried = _try(wanted, deadline)
        safe.extend(good)
        wanted = wanted[tried:]
    for name in safe:
        if _import(name):
            loaded.append(name)
    return sorted(loaded)


def _is_loaded(name):
    if name in sys.modules:
        return True
    parent, _, attribute = name.rpartition(".")
    # "from a import b" names a.b, which need not be a module.
    return parent in sys.modules and hasattr(sys.modules[parent], attribute)


def _import(name):
    if _is_loaded(name):
        return name in sys.modules
    try:
        importlib.import_module(name)
        return True
    except BaseException:  # foreign code: SystemExit and worse happen
        return False


def _try(names, deadline):
    """Imports names in a child; returns (the good ones, how many were tried)."""
    read, write = descriptors.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            processes.die_with_parent(9, parent)
            _report(names, write)
        finally:
            os._exit(0)
    descriptors.close(write)
    answers = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([read], [], [], left)[0]:
            break
        data = os.read(read, 4096)
        if not data:
            break
        answers += data
    descriptors.close(read)
    processes.send_signal(child, 9)
    os.waitpid(child, 0)
    good = [name for name, answer in zip(names, answers) if answer == ord("+")]
    # The first without an answer is the one that ended the child.
    return good, min(len(names), len(answers) + 1)


def _report(names, write):
    threads = processes.thread_count()
    for name in names:
        good = _import(name)
        for _ in range(50):  # a thread that is about to end
            if processes.thread_count() <= threads:
                break
            time.sleep(0.002)
        else:
            return  # this child's later answers would blame others
        os.write(write, b"+" if good else b"-")


def settle():
    """Puts all that lives now out of the collector's sight: forks then share
    its memory instead of copying it at the first collection."""
    gc.collect()
    gc.freeze()
