"""Values laid over the defaults of a generator's ``TaskConfig``.

The class is met when its module runs, which is anew for each sample with
values, so nothing of it outlasts the sample; the hook itself is a built-in, and those are
put back after every script. What a script passes to the class itself would
win over a default: that, and a field that is not there or is never asked
for, fails the sample, since its picture would not be what was asked for.
"""

import builtins
import copy
import dataclasses
import enum
import functools

from .fields import CONFIG


class ParameterNotApplied(Exception):
    """A parameter of the job did not reach the generator's configuration."""

    __module__ = "builtins"  # told by its plain name


class Overrides:
    """From now on the generator's own class TaskConfig has these values.

    is_own: whether a path is the generator's.
    """

    def __init__(self, values, is_own):
        self._values = values
        self._is_own = is_own
        self._applied = False
        self._reason = f"it ran no class {CONFIG} of its own"
        self._build = builtins.__build_class__
        builtins.__build_class__ = self._build_class

    def verdict(self):
        """The result of a sample whose script ended well without the values; else None."""
        if self._applied:
            return None
        message = f"The generator did not take {', '.join(sorted(self._values))}: {self._reason}."
        return {"status": "raised", "type": ParameterNotApplied.__qualname__, "message": message, "traceback": ""}

    def _build_class(self, body, name, *bases, **keywords):
        made = self._build(body, name, *bases, **keywords)
        if name == CONFIG and isinstance(made, type) and self._is_own(body.__code__.co_filename):
            self._lay_over(made)
        return made

    def _lay_over(self, made):
        # pydantic 2, then pydantic 1.
        fields = getattr(made, "model_fields", None) or getattr(made, "__fields__", None)
        model = isinstance(fields, dict)
        known = fields if model else {name for kind in made.__mro__ for name in (*vars(kind), *vars(kind).get("__annotations__", ()))}
        unknown = sorted(name for name in self._values if name not in known)
        if unknown:
            self._reason = f"{CONFIG} has no field {', '.join(unknown)}"
        elif model:
            self._reason = f"it made no {CONFIG} by calling it"
            self._fill_in(made, fields)
        else:
            self._set_attributes(made)
            self._applied = True

    def _fill_in(self, model, fields):
        """A model gets the values when it is made, as if the script had passed
        them: it then checks and converts them by its own rules."""
        keys = {name: getattr(fields[name], "validation_alias", None) or getattr(fields[name], "alias", None) or name
                for name in self._values}
        keys = {name: key if isinstance(key, str) else name for name, key in keys.items()}
        make, assign = model.__init__, model.__setattr__
        made = {}

        def set_field(instance, name, value):
            # A validator may do so while the model is made; the same value again does no harm.
            if name in keys and made.get(id(instance), (None, {}))[1].get(name, value) != value:
                raise ParameterNotApplied(f"The generator itself sets {name} of {CONFIG}.")
            assign(instance, name, value)

        def initialise(instance, /, *arguments, **given):
            passed = sorted(name for name, key in keys.items() if key in given or name in given)
            if passed:
                raise ParameterNotApplied(f"The generator itself sets {', '.join(passed)} of {CONFIG}.")
            make(instance, *arguments, **given, **{key: _like(self._values[name], fields[name]) for name, key in keys.items()})
            taken = getattr(instance, "model_fields_set", None)
            taken = instance.__fields_set__ if taken is None else taken
            lost = sorted(self._values.keys() - taken)
            if lost:
                raise ParameterNotApplied(f"{CONFIG} did not take {', '.join(lost)}.")
            # With the instance itself, so that no other one gets its id.
            made[id(instance)] = instance, {name: getattr(instance, name, None) for name in keys}
            self._applied = True

        model.__init__, model.__setattr__ = initialise, set_field

    def _set_attributes(self, made):
        """Attributes become the defaults of a data class, whose decorator reads
        them only after this, and stand for themselves in any other class."""
        for name, value in self._values.items():
            inherited = getattr(made, "__dataclass_fields__", {}).get(name)
            before = vars(made).get(name, getattr(made, name, None) if inherited is None else inherited)
            value = _like(value, before)
            if isinstance(value, (list, dict)) and isinstance(before, dataclasses.Field):
                value = dataclasses.field(default_factory=functools.partial(copy.deepcopy, value))
            if inherited is not None:
                # A field of a data class above: an annotation makes it one of this class.
                made.__annotations__ = {**vars(made).get("__annotations__", {}), name: inherited.type}
            setattr(made, name, value)


def _like(value, field):
    """A copy of a value, with tuples and members of enumerations where the
    field's default has some: JSON knows lists and plain values alone, and
    libraries for pictures take no list for a colour."""
    default = getattr(field, "default", field)
    if isinstance(default, enum.Enum) and value is not None:
        return type(default)(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, (list, dict)):
        return copy.deepcopy(value)
    factory = getattr(field, "default_factory", None)
    if callable(factory) and (isinstance(value, dict) or any(isinstance(element, list) for element in value)):
        try:
            default = factory()
        except TypeError:
            pass  # it wants what the model has so far
    if isinstance(value, dict):
        return {key: _like(element, default.get(key) if isinstance(default, dict) else None) for key, element in value.items()}
    elements = [_like(element, default[0] if isinstance(default, (list, tuple)) and default else None) for element in value]
    return tuple(elements) if isinstance(default, tuple) else elements
