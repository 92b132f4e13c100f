"""The data that a generator's own modules hold, and whether a sample changed it.

All that can be reached from the modules' globals is visited once: containers, classes, functions with their defaults,
attributes and closures, instances with their attributes and slots. A later look at the same objects tells whether one
of them holds another object, or in another order. Two imports that made the same data have equal ``tokens``.

State that cannot be seen is refused: that of generator objects, iterators, files and other objects of native code.
"""

import array
import collections
import datetime
import decimal
import fractions
import functools
import inspect
import logging
import pathlib
import pickle
import random
import re
import sys
import threading
import types
import uuid
from abc import ABCMeta
from operator import attrgetter, is_

try:
    from _abc import _get_dump
except ImportError:
    def _get_dump(made):
        return (made._abc_registry,)

_MOST_OBJECTS = 50_000   # that are compared after each sample, which then takes 2 to 3 ms
_LARGEST_DATA = 1 << 20  # bytes of arrays, likewise
_SLOT = 8                # bytes of a pointer in an object
# Python's own notes in a module. They are compared, what they hold is not visited.
_NOTES = frozenset(("__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__",
                    "__path__", "__spec__"))
# Of a class: how its instances show their attributes, and what ABCMeta finds again by itself.
_VIEWS = frozenset(("__dict__", "__weakref__", "_abc_impl"))
_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, range, slice, type(...), type(NotImplemented),
                    decimal.Decimal, fractions.Fraction, uuid.UUID, pathlib.PosixPath, pathlib.PurePosixPath,
                    datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone))
# They never change, or they are a library's, which has them put in order after each sample.
_FIXED = frozenset((types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType,
                    types.GetSetDescriptorType, types.MemberDescriptorType, types.CodeType, types.GenericAlias,
                    types.UnionType, re.Pattern, type(collections.namedtuple("_", "field").field),
                    logging.Logger, type(threading.Lock()), type(threading.RLock())))
_CACHE = type(functools.lru_cache(int))
_HOST = __name__.rpartition(".")[0] + "."
_DICTIONARY = vars(type)["__dict__"].__get__
# Builtin classes that others extend, with how to iterate over what their instances hold.
_CONTENTS = {kind: lambda held, kind=kind: (*kind.keys(held), *kind.values(held)) for kind in (dict, collections.OrderedDict)}
_CONTENTS[collections.defaultdict] = lambda held: (held.default_factory, *dict.keys(held), *dict.values(held))
_CONTENTS.update({kind: lambda held, kind=kind: (*kind.__iter__(held),)
                  for kind in (list, tuple, set, frozenset, collections.deque)})
_CONTENTS[types.MappingProxyType] = lambda view: (*view.keys(), *view.values())
_BASES = (*_CONTENTS, int, float, str, bytes, object)
_ENTRIES, _VIEW = _CONTENTS[dict], _CONTENTS[types.MappingProxyType]


class Unseen(Exception):
    """Some of the modules' state cannot be seen; the message says where and what it is."""


class ModuleState:
    """What modules hold now.

    modules: {name: module}, all of the generator's own; they stay the same objects. tokens: a list; places: where each
    stands. Raises Unseen.
    """

    def __init__(self, modules):
        self.modules = dict(modules)
        self.tokens, self.places = [], []
        self._numbers = {}  # by id, in the order of the visits
        self._kept = []     # so that no id is another object's
        self._same = []     # (read, thing, objects, where): the same objects, one by one
        self._equal = []    # (read, thing, value, where)
        self._caches = []
        self._objects = self._bytes = 0
        self._layouts = {}
        self._waiting = []
        for name, module in self.modules.items():
            self._visit_module(module, name)
            while self._waiting:
                self._visit(*self._waiting.pop())

    def find_change(self):
        """Where the modules hold other data than at first, or None. What functools.lru_cache has kept since is dropped."""
        for name, module in self.modules.items():
            if sys.modules.get(name) is not module:
                return name
            vars(module).pop("__warningregistry__", None)
        for read, thing, was, where in self._same:
            now = read(thing)
            if len(now) != len(was) or not all(map(is_, now, was)):
                return where
        for read, thing, was, where in self._equal:
            if read(thing) != was:
                return where
        for cache in self._caches:
            cache.cache_clear()
        return None

    def has_cached(self):
        """Whether a functools.lru_cache was called."""
        return any(cache.cache_info()[:2] != (0, 0) for cache in self._caches)

    def _visit(self, thing, where):
        kind = type(thing)
        if kind in _PLAIN:
            self._tell(where, kind.__name__, repr(thing))
            return
        number = self._numbers.get(id(thing))
        if number is not None:
            self._tell(where, number)
            return
        self._numbers[id(thing)] = len(self._kept)
        self._kept.append(thing)
        if isinstance(thing, types.ModuleType):
            if thing is sys.modules.get("__main__"):
                raise Unseen(f"{where} is the script itself")
            self._tell(where, "module", thing.__name__)
        elif isinstance(thing, (type, types.FunctionType, _CACHE)) and self._is_of_library(thing):
            self._tell(where, "library", thing.__module__, thing.__qualname__)
        elif isinstance(thing, type):
            self._visit_class(thing, where)
        elif kind is types.FunctionType:
            self._visit_function(thing, where)
        elif kind is types.CellType:
            self._watch(_cell, thing, where)
        elif kind is _CACHE:
            self._caches.append(thing)
            self._wait([vars(thing), thing.__wrapped__], where)
        elif kind is types.MethodType:
            self._wait([thing.__self__, thing.__func__], where)
        elif kind in (types.BuiltinMethodType, types.MethodWrapperType):
            self._tell(where, thing.__name__)
            if not isinstance(thing.__self__, types.ModuleType):
                self._wait([thing.__self__], where)
        elif kind in (property, staticmethod, classmethod):
            parts = (thing.fget, thing.fset, thing.fdel) if kind is property else (thing.__func__, vars(thing))
            self._wait(parts, where)
        elif kind is functools.partial:
            self._watch(lambda partial: (partial.func, partial.args, partial.keywords), thing, where)
            self._wait([vars(thing)], where)
        elif kind in _FIXED or _is_fixed(kind) or _is_shared(thing):
            self._tell(where, kind.__qualname__, repr(thing) if kind.__module__ in ("typing", "types", "re") else "")
        elif (read := _READERS.get(f"{kind.__module__}.{kind.__qualname__}")) is not None:
            self._visit_data(read, thing, where)
        else:
            self._visit_instance(thing, kind, where)

    def _tell(self, where, *token):
        self.tokens.append(token)
        self.places.append(where)

    def _wait(self, things, where):
        self._waiting.extend([(thing, where) for thing in things])

    def _watch(self, read, thing, where):
        """Compares later what read(thing) tells of; visits it now."""
        self._wait(self._compare(read, thing, where), where)

    def _compare(self, read, thing, where):
        held = read(thing)
        self._same.append((read, thing, held, where))
        self._objects += len(held)
        if self._objects > _MOST_OBJECTS:
            raise Unseen(f"the modules hold more than {_MOST_OBJECTS} objects, at {where}")
        return held

    def _visit_module(self, module, where):
        names = vars(module)
        names.pop("__warningregistry__", None)
        self._compare(_ENTRIES, names, where)
        # A package also gets its modules as attributes, each at its import.
        held = [name for name, value in names.items() if name not in _NOTES and not self._is_module(f"{where}.{name}", value)]
        self._tell(where, "names of", where, *held)
        self._waiting.extend([(names[name], f"{where}.{name}") for name in held])

    def _is_module(self, name, value):
        return self.modules.get(name, self) is value

    def _is_of_library(self, thing):
        """Whether it is what its name means in a module that is not the generator's."""
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(name, str) or module in self.modules or module == "__main__":
            return False
        found = sys.modules.get(module)
        for part in name.split("."):
            found = inspect.getattr_static(found, part, None)
        return getattr(found, "__func__", found) is thing

    def _visit_class(self, made, where):
        names = _DICTIONARY(made)
        self._compare(_VIEW, names, where)
        self._watch(lambda kind: (type(kind), *kind.__bases__), made, where)
        registered = 0
        if isinstance(made, ABCMeta):
            registered = _registered(made)
            self._equal.append((_registered, made, registered, where))
        held = [name for name in names if name not in _VIEWS]
        self._tell(where, "class", made.__qualname__, registered, *held)
        self._waiting.extend([(names[name], f"{where}.{name}") for name in held])

    def _visit_function(self, function, where):
        code = function.__code__
        self._tell(where, function.__qualname__, code.co_filename, code.co_firstlineno, hash(code))
        self._watch(_FUNCTION, function, where)
        self._wait(function.__closure__ or (), where)

    def _visit_data(self, read, thing, where):
        value = read(thing)
        if value is None:
            raise Unseen(f"{where} is an array of objects")
        self._bytes += sys.getsizeof(value)
        if self._bytes > _LARGEST_DATA:
            raise Unseen(f"{where} is large: arrays may have {_LARGEST_DATA >> 20} MiB in all")
        self._tell(where, type(thing).__qualname__, value)
        self._equal.append((read, thing, value, where))

    def _visit_instance(self, thing, kind, where):
        if kind not in self._layouts:
            self._layouts[kind] = _layout(kind)
        base, slots = self._layouts[kind]
        if base is None:
            raise Unseen(f"{where} is an object of {kind.__module__}.{kind.__qualname__}")
        content = _CONTENTS.get(base)
        if content is not None:
            self._tell(where, kind.__qualname__, base.__len__(thing))
            if base in (tuple, frozenset):
                self._wait(content(thing), where)
            else:
                self._watch(content, thing, where)
            if isinstance(thing, set):
                # Two sets of the same content may still take what comes next in another order.
                self._equal.append((sys.getsizeof, thing, sys.getsizeof(thing), where))
        else:
            self._tell(where, kind.__qualname__, "" if base is object else base.__repr__(thing))
        if kind is base:
            return
        self._wait([kind], where)
        if slots:
            self._watch(lambda instance: tuple(_value(slot, instance) for slot in slots), thing, where)
        if kind.__dictoffset__:
            self._watch(_attributes, thing, where)


def _attributes(thing):
    return _ENTRIES(object.__getattribute__(thing, "__dict__"))


_FUNCTION = attrgetter("__code__", "__defaults__", "__kwdefaults__", "__dict__")


def _cell(cell):
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


def _value(slot, instance):
    try:
        return slot.__get__(instance)
    except AttributeError:
        return None


def _registered(made):
    return len(_get_dump(made)[0])


def _is_fixed(kind):
    """Type hints, functions compiled ahead, pydantic 2's validators; and what the host itself gives to modules."""
    return kind.__module__ in ("typing", "pydantic_core._pydantic_core") or kind.__name__ == "cython_function_or_method" \
        or kind.__module__.startswith(_HOST)


def _is_shared(thing):
    """The generators of random numbers that all of a process share: each sample seeds them anew."""
    return thing is random._inst or thing is getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)


def _array(values):
    return None if values.dtype.hasobject else (values.dtype.str, values.shape, values.strides, values.tobytes())


_READERS = {
    "builtins.bytearray": bytes,
    "array.array": array.array.tobytes,
    "random.Random": random.Random.getstate,
    "numpy.ndarray": _array,
    "numpy.random._generator.Generator": lambda generator: pickle.dumps(generator.bit_generator.state),
    "numpy.random.mtrand.RandomState": lambda generator: pickle.dumps(generator.get_state(legacy=False)),
}


def _layout(kind):
    """(base, slots) of a class whose instances hold nothing but what can be seen: the builtin class that it extends,
    and the descriptors of its slots. (None, ()) for others: they have room for more."""
    base = next(found for found in kind.__mro__ if found in _BASES)
    slots = tuple(slot for found in kind.__mro__ if found not in _BASES for slot in _DICTIONARY(found).values()
                  if isinstance(slot, types.MemberDescriptorType))
    seen = base.__basicsize__ + _SLOT * (len(slots) + bool(kind.__dictoffset__) + bool(kind.__weakrefoffset__))
    return (base, slots) if kind.__basicsize__ <= seen else (None, ())
