"""Starts more processes or threads than it may, for some seeds or as ``--kind`` says.

It is safe without a limit too: each start takes a token from a pipe that holds 2,000, and all that was started ends by
itself after seconds of the machine's clock.
"""

import argparse
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

MOST = 2000
HOPS = 300  # more than may exist at once
SECONDS = 6
HOPS_SECONDS = 25
WORKERS = 8


class Tokens:
    def __init__(self, count, seconds):
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.write(write, bytes(count))
        os.close(write)
        self._end = os.times().elapsed + seconds

    def left(self):
        return self._end - os.times().elapsed

    def take(self):
        return self.left() > 0 and os.read(self._read, 1) != b""


def sleep(seconds):
    select.select([], [], [], seconds)


def fork(tokens):
    """The child's pid, 0 in the child, None where nothing may be started any more."""
    if not tokens.take():
        return None
    pid = os.fork()
    if pid == 0:
        # Not inherited: each process has its own end.
        signal.alarm(SECONDS)
    return pid


def exponential(tokens):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    main = os.getpid()
    while True:
        try:
            pid = fork(tokens)
        except OSError:
            sleep(0.001)  # as a bomb does that means to go on
            continue
        if pid is None:
            break
        if pid == 0:
            os.setsid()
    sleep(max(0, tokens.left()))
    if os.getpid() != main:
        os._exit(0)


def chain(tokens):
    """Each process starts the next one and ends."""
    read, write = os.pipe()
    if fork(tokens) != 0:
        os.close(write)
        hops = len(os.read(read, 1)) + sum(iter(lambda: len(os.read(read, 4096)), 0))
        print(f"{hops} hops")
        return
    os.close(read)
    while True:
        os.write(write, b".")
        if fork(tokens) != 0:
            os._exit(0)


def left_chain(tokens):
    """The same, and the script does not wait for it."""
    if fork(tokens) == 0:
        os.setsid()
        while fork(tokens) == 0:
            pass
        os._exit(0)


def threads(tokens):
    while tokens.take():
        threading.Thread(target=sleep, args=(max(0, tokens.left()),)).start()


def _square(number, connection):
    connection.send(number * number)


def workers(tokens):
    """What a generator may well do."""
    programs = [subprocess.Popen([sys.executable, "-c", f"print({number})"], stdout=subprocess.PIPE)
                for number in range(WORKERS)]
    assert [int(program.communicate()[0]) for program in programs] == list(range(WORKERS))
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    processes = [context.Process(target=_square, args=(number, theirs)) for number in range(WORKERS)]
    for process in processes:
        process.start()
    assert sum(mine.recv() for _ in processes) == sum(number * number for number in range(WORKERS))
    for process in processes:
        process.join()
    with ThreadPoolExecutor(WORKERS) as pool:
        assert sum(pool.map(abs, range(-100, 0))) == 5050
    for _ in range(HOPS):
        subprocess.run(["true"], check=True)


KINDS = {"exponential": exponential, "chain": chain, "left-chain": left_chain, "threads": threads, "workers": workers}

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
parser.add_argument("--kind", choices=sorted(KINDS))
asked = parser.parse_args()
kind = asked.kind or ("exponential" if tiny_samples.misbehaves(asked.seed) else None)
if kind is not None:
    KINDS[kind](Tokens(HOPS, HOPS_SECONDS) if kind == "chain" else Tokens(MOST, SECONDS))
tiny_samples.write(asked, "many_processes")
