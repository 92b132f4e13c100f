"""Starts the zygote: ``python3 -m generator_host [--preload a,b,c]``."""

import argparse
import os
import sys

from . import descriptors, environment, lane, processes, sandbox
from .zygote import HEAVY, Zygote


def _ensure_environment(arguments):
    """Starts this program again if its environment is not the host's own.

    Hash seed and allocator are read when a process starts, and what it was
    started with stays readable in /proc: neither can be mended later.
    """
    wanted = environment.host_environment(os.environ)
    if dict(os.environ) != wanted:
        os.execve(sys.executable, [sys.executable, "-m", __package__, *arguments], wanted)


def _search_path():
    """sys.path as a script would have it, without the host's folder."""
    # The first entry is the folder that -m was started in.
    return [entry for entry in sys.path[1:] if os.path.realpath(entry) != lane.PACKAGE_PARENT]


def main(arguments):
    parser = argparse.ArgumentParser(prog="generator_host", description=__doc__)
    parser.add_argument("--preload", default=",".join(HEAVY), metavar="NAMES",
                        help="libraries to load once, separated by commas")
    parser.add_argument("--cache", metavar="FOLDER",
                        help="where libraries may keep caches that all lanes share")
    parser.add_argument("--sandbox", choices=sandbox.MODES, default="auto",
                        help="whether generators are confined; it is for the worker to refuse what is too little")
    parser.add_argument("--lanes", type=int, default=1, metavar="N",
                        help="samples that are drawn at once: with N processors each keeps to one")
    # Takes the kernel for one with this version of Landlock, 0 for none: for tests.
    parser.add_argument("--landlock", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    # The protocol's own descriptors; stray prints go to the worker's log.
    requests, events = descriptors.keep(os.dup(0)), descriptors.keep(os.dup(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if options.cache:
        os.environ["MPLCONFIGDIR"] = os.path.join(os.path.abspath(options.cache), "matplotlib")
    search_path = _search_path()
    os.chdir("/")
    zygote = Zygote(requests, events, search_path, sandbox.probe(options.sandbox, options.landlock),
                    processes.processors_for(options.lanes))
    zygote.serve(zygote.load([name for name in options.preload.split(",") if name]))


if __name__ == "__main__":
    if sys.version_info < (3, 9) or not sys.platform.startswith("linux"):
        sys.exit("generator_host needs Linux and Python 3.9 or newer")
    _ensure_environment(sys.argv[1:])
    main(sys.argv[1:])
