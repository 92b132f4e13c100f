"""Keeps a generator's own modules from sample to sample, where that cannot be told from importing them anew.

After some samples the host imports the modules itself, twice, from other seeds. They are kept if both imports and the
script's own left the same data (module_state.py), and if importing them changes nothing but the modules. After each
sample the kept ones are compared with what they were at their import. Once one differs, all are dropped, and the next
sample imports them anew, as it does where they cannot be kept.
docs/decisions/0030-kept-modules.md tells why.
"""

import importlib
import itertools
import os
import sys

from . import clock, randomness, surroundings
from .module_state import ModuleState, Unseen

_SEEDS = (271_828_182, 314_159_265)  # any two that no sample has
_ATTEMPTS = 3


class KeptModules:
    """Of one runner. null: a descriptor that takes what is written. reason: why they are not kept, or None."""

    def __init__(self, state, setup, null):
        self._process, self._setup, self._null = state, setup, null
        self._kept = None
        self._samples = 0
        self._attempts = _ATTEMPTS
        self.reason = None

    def __bool__(self):
        return self._kept is not None

    def drop(self):
        """Has the next sample import its modules."""
        self._kept = None
        self._process.restore()

    def settle(self, keep_after):
        """Restores the process after a sample. keep_after: samples after which modules may be kept; 0: never."""
        self._samples += 1
        if self._kept is not None:
            found = self._process.own_modules()
            new = found.keys() - self._kept.modules.keys()
            change = f"{min(new)} was imported late" if new else self._kept.find_change()
            if change is None:
                self._process.restore(self._kept.modules)
                return
            self.reason = change if new else f"a sample changes {change}"
            self._kept = None
        elif 0 < keep_after <= self._samples and self._attempts > 0:
            self._attempts -= 1
            self._try()
            return
        self._process.restore()

    def _try(self):
        try:
            drawn = ModuleState(self._process.own_modules())
            path = list(sys.path)
            self._process.restore()
            first = self._import(drawn.modules, path, _SEEDS[0])
            self._process.restore()
            second = self._import(drawn.modules, path, _SEEDS[1])
        except Unseen as unseen:
            self._refuse(str(unseen))
            return
        except BaseException as error:  # whatever a module raises that is imported without its script
            self._refuse(f"the modules cannot be imported and read alone: {type(error).__name__}")
            return
        if first.tokens != second.tokens:
            self._refuse("their data depends on the seed or differs from import to import")
        elif drawn.tokens != first.tokens:
            # Another sample may leave them as they were.
            self.reason = f"a sample changes {_difference(drawn, first)}"
            self._process.restore()
        else:
            self.reason, self._kept = None, second
            self._process.restore(second.modules)

    def _refuse(self, reason):
        self.reason, self._attempts = reason, 0
        self._process.restore()

    def _import(self, names, path, seed):
        """Imports the modules in a process that is as new; returns their state."""
        os.chdir(self._setup.root)
        for number in (1, 2):  # what they print was in the log of the sample that imported them
            os.dup2(self._null, number)
        sys.argv, sys.path[:] = [self._setup.argv0], path
        randomness.reset(seed)
        clock.reset(seed)
        before = surroundings.read(self._process.callbacks)
        for name in names:
            importlib.import_module(name)
        after = surroundings.read(self._process.callbacks)
        for name, value in before.items():
            if after[name] != value:
                raise Unseen(f"importing the modules changes {name}")
        modules = self._process.own_modules()
        if modules.keys() != names.keys():
            raise Unseen("importing the modules alone imports others")
        state = ModuleState(modules)
        if state.has_cached():
            raise Unseen("importing the modules fills a cache of functools.lru_cache")
        return state


def _difference(one, other):
    """Where the data of one state first differs from that of the other."""
    pairs = itertools.zip_longest(one.tokens, other.tokens, one.places)
    return next(place for token, expected, place in pairs if token != expected) or "what they hold"
