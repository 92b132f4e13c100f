"""Makes every source of randomness a function of the sample's seed.

Generators mostly seed Python's and numpy's global generators themselves. Some
also use generators that seed themselves from the operating system (an unseeded
``random.Random()``, ``numpy.random.default_rng()``, ``uuid4``, ``secrets``,
names of temporary files): those read a stream derived from the seed instead.
"""

import hashlib
import os
import random
import sys

from . import processes


class _Stream:
    """Bytes derived from a seed: in place of os.urandom and os.getrandom."""

    def __init__(self):
        self.reset(0)

    def reset(self, seed):
        self._seed = str(seed).encode()
        self._count = 0

    def urandom(self, size):
        self._count += 1
        return hashlib.shake_256(b"%s:%d" % (self._seed, self._count)).digest(size)

    def getrandom(self, size, flags=0):
        return self.urandom(size)


_stream = _Stream()
_seed_of_random = random.Random.seed


def _seed(self, a=None, version=2):
    """random.Random.seed; without a seed it takes one from the stream."""
    if a is None:
        # The C code would ask the operating system directly.
        a = int.from_bytes(_stream.urandom(32), "big")
    _seed_of_random(self, a, version)


_seed.__name__, _seed.__qualname__ = "seed", "Random.seed"


def taken():
    """How often the stream was read since it was reset."""
    return _stream._count


def reset(seed):
    """Starts all sources anew from ``seed``, a whole number of any size.

    Patches are laid again each time: a generator may have replaced them.
    numpy's ``default_rng()``, ``SeedSequence()`` and ``RandomState()`` read
    ``secrets``, and so ``random._urandom``.
    """
    _stream.reset(seed)
    os.urandom = random._urandom = _stream.urandom
    if hasattr(os, "getrandom"):
        os.getrandom = _stream.getrandom
    random.Random.seed = _seed
    random.seed = random._inst.seed
    random.seed(seed)
    processes.seed_c_library()
    # Not imported here: what is not loaded has no state to reset.
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(seed & 0xFFFFFFFF)
    cv2 = sys.modules.get("cv2")
    if cv2 is not None:
        cv2.setRNGSeed(seed & 0x7FFFFFFF)
        cv2.setNumThreads(1)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed & 0x7FFFFFFFFFFFFFFF)
