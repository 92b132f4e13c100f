"""The loop its author would write: one warm process that draws N samples. Prints the seconds of the loop alone.

usage: warm_loop.py GENERATOR_DIR N SEED OUTPUT_DIR
"""

import pathlib
import runpy
import sys
import tempfile
import time


def draw(entry: pathlib.Path, samples: int, seed: int, output: str) -> float:
    """Seconds that the samples took. What they left stays."""
    started = time.perf_counter()
    tempfile.tempdir = output
    sys.argv = [str(entry), "--num-samples", str(samples), "--seed", str(seed), "--output", output]
    try:
        runpy.run_path(str(entry), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    return time.perf_counter() - started


def main() -> None:
    folder, samples, seed, output = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    entry = folder / "examples/generate.py"
    sys.path.insert(0, str(entry.parent))
    printed, sys.stdout = sys.stdout, open("/dev/null", "w")
    draw(entry, 2, seed, tempfile.mkdtemp(dir=output))  # imports, fonts and caches are paid here
    print(draw(entry, samples, seed, tempfile.mkdtemp(dir=output)), file=printed)


if __name__ == "__main__":
    main()
