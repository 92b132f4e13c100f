"""Modules that are kept from sample to sample draw what new ones draw, and are not kept where they remember a sample."""

import importlib.util
import unittest

from generator_host_client import HostTest, files

_ENTRY = '''
import argparse, sys
from pathlib import Path

here = Path(__file__).resolve()
sys.path[:0] = [str(here.parents[2] / "_shared"), str(here.parents[1])]
import tiny_samples
import memory

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int)
parser.add_argument("--seed", type=int)
parser.add_argument("--output", type=Path)
asked = parser.parse_args()
tiny_samples.write(asked, "remembering", salt=int(memory.recall(asked.seed)))
'''

# recall() tells what the module remembers; in a new process it tells the same each time.
_KEPT = {
    "constants and definitions": """
import abc, dataclasses, enum, functools, logging, re, threading, typing
from collections import namedtuple, OrderedDict
from random import randint
from time import perf_counter
COLOURS = {"red": [(255, 0, 0), (200, 0, 0)], "blue": [(0, 0, 255)]}
NAMES, PATTERN, LOG, LOCK = frozenset(COLOURS), re.compile("[a-z]+"), logging.getLogger(__name__), threading.Lock()
Pair = namedtuple("Pair", "left right")
ORDERED = OrderedDict(a=Pair(1, 2), b=typing.Optional[int])
class Kind(enum.Enum):
    ROW = "row"
    COLUMN = "column"
class Base(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
@dataclasses.dataclass
class Box(Base):
    width: int = 3
    sides: list = dataclasses.field(default_factory=list)
    @property
    def double(self): return 2 * self.width
    @staticmethod
    def of(width): return Box(width)
    def area(self): return self.width ** 2
def twice(function):
    @functools.wraps(function)
    def wrapper(*arguments): return 2 * function(*arguments)
    return wrapper
@twice
def half(seed, box=Box(5)): return box.area() + seed
def recall(seed):
    perf_counter()
    assert Kind("row") is Kind.ROW and isinstance(Box(), Base) and NAMES == {"red", "blue"}
    return half(seed) + randint(0, 99) + Box.of(4).double
""",
    "a cache of functools, which is emptied": """
import functools
@functools.lru_cache(maxsize=None)
def seen(): return []
def recall(seed):
    seen().append(seed)
    return len(seen())
""",
}

_IMPORTED = {
    "a counter": """
COUNT = 0
def recall(seed):
    global COUNT
    COUNT += 1
    return COUNT
""",
    "a cache that fills": """
CACHE = {}
def recall(seed):
    CACHE.setdefault(seed % 3, seed)
    return len(CACHE)
""",
    "a set of used puzzles": """
USED = set()
def recall(seed):
    USED.add(seed)
    return len(USED)
""",
    "an attribute of a class": """
class Puzzle:
    made = 0
def recall(seed):
    Puzzle.made += 1
    return Puzzle.made
""",
    "an attribute of an instance": """
class Puzzle:
    def __init__(self): self.made = 0
PUZZLE = Puzzle()
def recall(seed):
    PUZZLE.made += 1
    return PUZZLE.made
""",
    "a slot": """
class Puzzle:
    __slots__ = ("made",)
PUZZLE = Puzzle()
PUZZLE.made = 0
def recall(seed):
    PUZZLE.made += 1
    return PUZZLE.made
""",
    "a default argument that grows": """
def recall(seed, used=[]):
    used.append(seed)
    return len(used)
""",
    "a keyword's default that grows": """
def recall(seed, *, used={}):
    used[seed] = len(used)
    return len(used)
""",
    "a closure": """
def make():
    count = 0
    def recall(seed):
        nonlocal count
        count += 1
        return count
    return recall
recall = make()
""",
    "an attribute of a function": """
def recall(seed):
    recall.calls = getattr(recall, "calls", 0) + 1
    return recall.calls
""",
    "a list that is shuffled": """
import random
ORDER = list(range(100))
def recall(seed):
    random.Random(seed).shuffle(ORDER)
    return ORDER[0]
""",
    "the order of a dictionary": """
ORDER = dict.fromkeys(range(7))
def recall(seed):
    first = next(iter(ORDER))
    ORDER[first] = ORDER.pop(first)
    return next(iter(ORDER))
""",
    "the order of an OrderedDict": """
from collections import OrderedDict
ORDER = OrderedDict.fromkeys(range(7))
def recall(seed):
    ORDER.move_to_end(next(iter(ORDER)))
    return next(iter(ORDER))
""",
    "data deep inside": """
class Table:
    rows = ({"cells": [[0]]},)
def recall(seed):
    Table.rows[0]["cells"][0][0] += 1
    return Table.rows[0]["cells"][0][0]
""",
    "an equal value of another type": """
FLAG = 1
def recall(seed):
    global FLAG
    was, FLAG = FLAG, True
    return 7 if was is True else 3
""",
    "a class of its own that extends dict": """
class Registry(dict): pass
REGISTRY = Registry()
def recall(seed):
    REGISTRY[seed] = seed
    return len(REGISTRY)
""",
    "a deque": """
from collections import deque
LAST = deque([0], maxlen=3)
def recall(seed):
    LAST.append(seed)
    return sum(LAST)
""",
    "a defaultdict that is asked": """
from collections import defaultdict
COUNTS = defaultdict(int)
def recall(seed):
    COUNTS[seed]
    return len(COUNTS)
""",
    "a bytearray": """
DATA = bytearray(4)
def recall(seed):
    DATA[0] += 1
    return DATA[0]
""",
    "random numbers of its own": """
import random
OWN = random.Random(5)
def recall(seed): return OWN.randrange(200)
""",
    "an iterator": """
import itertools
NUMBERS = itertools.count()
def recall(seed): return next(NUMBERS)
""",
    "a generator": """
def count():
    number = 0
    while True:
        yield number
        number += 1
NUMBERS = count()
def recall(seed): return next(NUMBERS)
""",
    "a thread's data": """
import threading
DATA = threading.local()
def recall(seed):
    DATA.count = getattr(DATA, "count", 0) + 1
    return DATA.count
""",
    "a context variable": """
import contextvars
COUNT = contextvars.ContextVar("count", default=0)
def recall(seed):
    COUNT.set(COUNT.get() + 1)
    return COUNT.get()
""",
    "a method bound to a list": """
add = [].append
def recall(seed):
    add(seed)
    return len(add.__self__)
""",
    "a partial function's list": """
import functools
def note(used, seed):
    used.append(seed)
    return len(used)
recall = functools.partial(note, [])
""",
    "a function that replaces itself": """
def recall(seed):
    global recall
    recall = lambda seed: 9
    return 4
""",
    "a name that is deleted": """
FIRST = True
def recall(seed):
    was = globals().pop("FIRST", False)
    return 4 if was else 9
""",
    "code that is replaced": """
def recall(seed):
    recall.__code__ = (lambda seed: 9).__code__
    return 4
""",
    "a cached property": """
import functools
class Puzzle:
    made = []
    @functools.cached_property
    def first(self):
        self.made.append(1)
        return len(self.made)
PUZZLE = Puzzle()
def recall(seed): return PUZZLE.first + len(Puzzle.made)
""",
    "a class that is registered": """
import abc
class Shape(abc.ABC): pass
class Square: pass
def recall(seed):
    was = issubclass(Square, Shape)
    Shape.register(Square)
    return 9 if was else 4
""",
    "a cache that its import fills": """
import functools
@functools.lru_cache(maxsize=None)
def used(): return []
used().append(0)
def recall(seed):
    used().append(seed)
    return len(used())
""",
    "a draw when it is imported": """
import random
DRAWN = random.randrange(200)
def recall(seed): return DRAWN
""",
    "seeding when it is imported": """
import random
random.seed(4)
def recall(seed): return random.randrange(200)
""",
    "a number from the system when it is imported": """
import os
DRAWN = os.urandom(1)[0]
def recall(seed): return DRAWN
""",
    "the clock when it is imported": """
import time
START = int(time.time() * 1000)
def recall(seed): return START
""",
    "the arguments when it is imported": """
import sys
SEED = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
def recall(seed): return SEED
""",
    "the environment that its import sets": """
import os
os.environ["COUNT_OF"] = "5"
def recall(seed): return int(os.environ.get("COUNT_OF", 8))
""",
    "the umask that its import sets": """
import os
os.umask(0o077)
def recall(seed):
    mask = os.umask(0)
    os.umask(mask)
    return mask
""",
    "a path that its import adds": """
import sys
sys.path.append("/nowhere")
def recall(seed): return 5 if "/nowhere" in sys.path else 8
""",
    "a setting of Pillow": """
from PIL import Image
Image.MAX_IMAGE_PIXELS = 5
def recall(seed): return Image.MAX_IMAGE_PIXELS % 199
""",
    "a filter of warnings": """
import warnings
warnings.simplefilter("error")
def recall(seed):
    try:
        warnings.warn("a")
    except UserWarning:
        return 3
    return 8
""",
    "more than can be compared": """
TABLE = [[number] for number in range(60_000)]
def recall(seed):
    TABLE[-1][0] += 1
    return TABLE[-1][0]
""",
    "a function for the exit": """
import atexit
DONE = []
@atexit.register
def end(): DONE.append(1)
def recall(seed): return len(DONE) + 3
""",
    "a folder of the sample": """
import tempfile
FOLDER = tempfile.mkdtemp()
def recall(seed):
    open(FOLDER + "/note", "w").close()
    return 3
""",
    "a module that is imported late": """
COUNT = [0]
def recall(seed):
    if seed % 2:
        import late
        return late.recall(seed)
    return 8
""",
    "what another module remembers": """
import late
def recall(seed): return late.recall(seed)
""",
    "what it remembers of some samples": """
USED = []
def recall(seed):
    if seed % 3 == 0: USED.append(seed)
    return len(USED)
""",
}
if importlib.util.find_spec("numpy"):
    _IMPORTED["an array that is written"] = """
import numpy
TABLE = numpy.zeros((3, 3))
def recall(seed):
    TABLE[1, 1] += 1
    return TABLE[1, 1]
"""
    _IMPORTED["numpy's random numbers of its own"] = """
import numpy
OWN = numpy.random.default_rng(5)
def recall(seed): return OWN.integers(200)
"""

_LATE = """
COUNT = 0
def recall(seed):
    global COUNT
    COUNT += 1
    return COUNT
"""
_SEEDS = (102, 103, 104, 105, 106, 107, 102)


class KeptModules(HostTest):
    def generator(self, memory):
        folder = self.host.copy("ok-generator")
        (folder / "examples" / "generate.py").write_text(_ENTRY)
        (folder / "memory.py").write_text(memory)
        (folder / "late.py").write_text(_LATE)
        return folder

    def draw(self, lane, **fields):
        """What each seed gave, and the answers."""
        answers = [lane.draw(seed, **fields) for seed in _SEEDS]
        for answer in answers:
            self.assertEqual(answer["status"], "ok", answer["log"])
        return [files(answer["out"]) for answer in answers], answers

    def check(self, memory):
        """The answers of one process, whose samples are those of processes of their own."""
        lane = self.host.lane(self.generator(memory))
        alone, _ = self.draw(lane, fresh=True, keep_after=1)
        drawn, answers = self.draw(lane, keep_after=1)
        for seed, expected, found in zip(_SEEDS, alone, drawn):
            self.assertEqual(found, expected, seed)
        self.assertFalse(answers[0]["kept"])
        lane.close()
        return answers

    def test_modules_that_remember_nothing_are_kept(self):
        for name, memory in _KEPT.items():
            with self.subTest(name):
                answers = self.check(memory)
                self.assertTrue(all(answer["kept"] for answer in answers[1:]), answers[-1])
                self.assertNotIn("imported_because", answers[-1])

    def test_modules_that_remember_are_imported_anew(self):
        for name, memory in _IMPORTED.items():
            with self.subTest(name):
                answers = self.check(memory)
                self.assertTrue([answer for answer in answers if "imported_because" in answer], answers[-1])
                changes_now_and_then = name in ("what it remembers of some samples", "a module that is imported late")
                self.assertEqual(any(answer["kept"] for answer in answers), changes_now_and_then, answers[-1])

    def test_a_reason_names_the_place(self):
        reasons = {name: self.check(_IMPORTED[name])[-1]["imported_because"] for name in (
            "a cache that fills", "an attribute of a class", "a generator", "seeding when it is imported",
            "a draw when it is imported")}
        self.assertEqual(reasons, {
            "a cache that fills": "a sample changes memory.CACHE",
            "an attribute of a class": "a sample changes memory.Puzzle.made",
            "a generator": "memory.NUMBERS is an object of builtins.generator",
            "seeding when it is imported": "importing the modules changes random's state",
            "a draw when it is imported": "importing the modules changes random's state",
        })

    def test_a_process_that_ends_as_its_modules_are_imported_alone_costs_no_sample(self):
        memory = "import os, sys\nif '--seed' not in sys.argv: os._exit(3)\ndef recall(seed): return 3\n"
        answers = self.check(memory)
        self.assertFalse(any(answer["kept"] for answer in answers))
        self.assertEqual(answers[-1]["imported_because"], "importing the modules alone ended the process or took too long")

    def test_modules_are_kept_after_as_many_samples_as_are_asked_for(self):
        lane = self.host.lane(self.generator(_KEPT["constants and definitions"]))
        _, answers = self.draw(lane, keep_after=3)
        self.assertEqual([answer["kept"] for answer in answers], [False] * 3 + [True] * 4)
        _, answers = self.draw(lane)
        self.assertFalse(any(answer["kept"] for answer in answers), "where it is not asked for")

    def test_a_configuration_is_laid_over_new_modules(self):
        memory = "class TaskConfig:\n    size = 3\ndef recall(seed): return TaskConfig.size\n"
        lane = self.host.lane(self.generator(memory))
        plain, answers = self.draw(lane, keep_after=1)
        self.assertTrue(answers[-1]["kept"])
        set_to, answers = self.draw(lane, keep_after=1, config={"size": 8})
        self.assertFalse(any(answer["kept"] for answer in answers))
        self.assertEqual(answers[-1]["imported_because"], "values are laid over its configuration")
        self.assertNotEqual(set_to, plain)
        self.assertEqual(self.draw(lane, keep_after=1)[0], plain)

    def test_modules_that_are_dropped_are_freed(self):
        memory = """
import os
class TaskConfig:
    size = 3
class Told:
    def __init__(self): self.itself = self
    def __del__(self): os.write(1, b"freed %d " % TaskConfig.size)
TOLD = Told()
def recall(seed): return TaskConfig.size
"""
        lane = self.host.lane(self.generator(memory))
        answers = [lane.draw(seed, keep_after=1) for seed in (1, 2, 3)]
        self.assertEqual([answer["kept"] for answer in answers], [False, True, True])
        # The kept modules are dropped before the next sample. What is freed after a sample is in its log or in the next one's.
        answers += [lane.draw(seed, config={"size": 8}) for seed in (4, 5)]
        freed = "".join(answer["log"] for answer in answers)
        self.assertEqual(freed.count("freed 3"), 1, freed)


if __name__ == "__main__":
    unittest.main()
