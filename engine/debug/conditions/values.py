"""The values that an expression sees of a program: numbers, text, arrays and containers.

An array is seen as a read-only view. A container is the program's own: an expression can only read
single items of it, and an operation that needs all items gets a copy. Of any other object an
expression sees only the class, because reading more would run the object's code.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NoReturn

import numpy as np

from engine.debug.conditions.costs import LIMITS, NESTING, CostUnit, Meter
from engine.errors import NotForExpressions, TooMuch

Array = np.ndarray[Any, Any]

_NUMPY = frozenset(np.sctypeDict.values())
NUMBERS: frozenset[type] = frozenset(
    {bool, int, float, complex}
    | {kind for kind in _NUMPY if issubclass(kind, (np.number, np.bool_))}
)
_DATES = frozenset(kind for kind in _NUMPY if issubclass(kind, (np.datetime64, np.timedelta64)))
SCALARS: frozenset[type] = NUMBERS | _DATES
SIMPLE: frozenset[type] = SCALARS | {type(None), type(...), str, bytes}
SEQUENCES = (list, tuple, str, bytes)
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset, range})
NUMERIC = "biufcmM"  # dtype kinds with which numpy computes without calling Python
_ARRAYS = frozenset({np.ndarray, np.memmap})  # other classes may redefine operators


class Opaque:
    """An object of which an expression sees only the class."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __bool__(self) -> NoReturn:
        refuse(f"{words_for(self)} has no truth value in expressions")


def refuse(problem: str) -> NoReturn:
    """Raise NotForExpressions: an expression cannot do this with a value."""
    raise NotForExpressions(problem)


def as_seen(value: Any) -> Any:
    """A value of the program as an expression sees it."""
    kind = type(value)
    if kind in SIMPLE or kind in _CONTAINERS:
        return value
    if kind in _ARRAYS:
        view = np.ndarray.view(value, np.ndarray)
        view.flags.writeable = False
        return view
    # Not isinstance, which would ask the object itself for its class.
    base = next((known for known in _BASES if issubclass(kind, known)), None)
    return Opaque(_name_of(kind)) if base is None else _as_base(value, base)


def _as_base(value: Any, base: type) -> Any:
    """The value as its built-in base class has it, without calling overridden methods."""
    if base in (Opaque, np.dtype):
        return value
    if base is str:
        return str.__str__(value)
    if base is float:
        return float.__float__(value)
    if base is int:
        return int.__index__(value)
    length: int = base.__len__(value)  # type: ignore[attr-defined]
    if length > LIMITS[CostUnit.ITEMS]:
        return Opaque(_name_of(type(value)))
    if base is dict:
        return dict.copy(value)
    if base is tuple:
        return tuple.__getitem__(value, slice(None))
    return list(deque.__iter__(value)) if base is deque else list.copy(value)


_BASES: tuple[type, ...] = (Opaque, np.dtype, str, float, int, dict, deque, list, tuple)
_name_of = type.__dict__["__name__"].__get__  # past a metaclass


def words_for(value: Any) -> str:
    """The kind of a value in words: `an array (100, 50) of float32`."""
    if isinstance(value, np.ndarray):
        return f"an array {value.shape} of {value.dtype}"
    if type(value) is int and value.bit_length() > 64:
        return f"an integer of {value.bit_length():,} bits"
    if type(value) in SCALARS:
        return (
            "a complex number" if isinstance(value, (complex, np.complexfloating)) else "a number"
        )
    names = {
        str: "text", bytes: "bytes", list: "a list", tuple: "a tuple", dict: "a dictionary",
        set: "a set", frozenset: "a set", range: "a range", slice: "a slice", type(...): "...",
        type(None): "None",
    }  # fmt: skip
    if isinstance(value, np.dtype):
        return "a dtype"
    return names.get(type(value)) or f"an object of class {_class_of(value)}"


def _class_of(value: Any) -> str:
    return value.kind if isinstance(value, Opaque) else type(value).__name__


def truth(value: Any) -> bool:
    """Whether a value is true; an array has a truth value only if its size is 1."""
    if isinstance(value, np.ndarray) and value.size != 1:
        many = "several elements" if value.size else "no elements"
        raise ValueError(f"it is an array of {many}: use all(...) or any(...)")
    if isinstance(value, np.ndarray) and value.dtype.kind not in NUMERIC:
        refuse(f"{words_for(value)} has no truth value in expressions")
    return bool(value)


def copied(value: Any, operation: str, meter: Meter, numeric: bool = False) -> Any:
    """A deep copy of a container, for an operation that reads every item.

    With `numeric` it may hold only numbers and arrays of numbers, else only numbers and text.

    Raises:
        NotForExpressions: it holds something else.
        TooMuch: it holds too much.
    """
    return value if type(value) in SIMPLE else _Copier(operation, meter, numeric).copy(value)


class _Copier:
    """Copies a container and counts its items on all levels."""

    def __init__(self, operation: str, meter: Meter, numeric: bool) -> None:
        self._operation, self._meter, self._numeric = operation, meter, numeric
        self._simple = SCALARS if numeric else SIMPLE
        self._containers = frozenset({list, tuple, range}) if numeric else _CONTAINERS
        self._taken = dict.fromkeys((CostUnit.ITEMS, CostUnit.BYTES), 0)

    def copy(self, value: Any, depth: int = 0) -> Any:
        """A copy of a value and of everything in it."""
        kind = type(value)
        if kind in self._simple:
            return value
        if depth > NESTING:
            refuse(f"{self._operation} reads at most {NESTING} levels of nested lists")
        if kind in self._containers:
            self._take(len(value), CostUnit.ITEMS)
            items = value.items() if kind is dict else value
            found = [self.copy(item, depth + 1) for item in items]
            return found if kind in (list, range) else kind(found)
        shown = as_seen(value)
        if self._numeric and isinstance(shown, np.ndarray) and shown.dtype.kind in NUMERIC:
            self._take(shown.size * max(shown.itemsize, 16), CostUnit.BYTES)
            return shown
        if type(shown) is not kind:
            return self.copy(shown, depth)
        where = "a list that holds " if depth else ""
        refuse(f"{self._operation} does not work on {where}{words_for(shown)}")

    def _take(self, amount: int, unit: CostUnit) -> None:
        self._taken[unit] += amount
        if self._taken[unit] > LIMITS[unit]:  # the limit of one operation, over all levels
            raise TooMuch(self._operation, self._taken[unit], LIMITS[unit], str(unit))
        self._meter.take(self._operation, amount, unit)


def numbers(value: Any, operation: str, meter: Meter) -> Any:
    """A number or an array of numbers, also one made from a list; None for anything else.

    Raises:
        NotForExpressions, TooMuch: a list holds something else, or too much.
    """
    kind = type(value)
    if kind is np.ndarray:
        return value if value.dtype.kind in NUMERIC else None
    if kind in SCALARS:
        return value if kind is not int or -(2**63) <= value < 2**64 else None
    if kind not in (list, tuple, range):
        return None
    array = np.asarray(copied(value, operation, meter, numeric=True))
    return array if array.dtype.kind in NUMERIC else None
