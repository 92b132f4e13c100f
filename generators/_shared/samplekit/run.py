"""The sample loop."""

import random
from pathlib import Path

from . import command_line
from .sample import write


def run(generator, domain, make_sample, arguments=None, add_flags=None):
    """Parse the command line, then write one sample after the other.

    `make_sample(rng)` must take all its chance from `rng`: nothing is carried from sample to
    sample, so a sample depends on its own seed alone and only one is in memory at a time.
    With `add_flags(parser)`, which declares flags of the generator's own, it is called as
    `make_sample(rng, options)`.
    """
    options = command_line.parse(f"Write {domain} samples.", arguments, add_flags)
    more = (options,) if add_flags else ()
    folder = Path(options.output) / f"{domain}_task"
    for index in range(options.start_index, options.start_index + options.num_samples):
        seed = options.seed + index
        task_id = f"{domain}_{index:08d}"
        identity = {"task_id": task_id, "domain": domain, "generator": generator, "seed": seed}
        sample = make_sample(random.Random(seed), *more)
        # Only where it was asked for: a sample of no options tells of none.
        if getattr(options, "difficulty", None):
            sample.parameters["difficulty"] = options.difficulty
        write(sample, folder / task_id, identity, options.size, options.fps)
