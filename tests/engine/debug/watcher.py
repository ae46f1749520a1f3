"""A naive recorder to hold the real one against: it copies everything at every event.

While `watching()` is on, each event that a recording takes in is looked at from outside: the frame
that reports it is found on the interpreter's own stack, and deep copies of the event's value, of
that frame's variables and of the attributes of its `self` are put aside. Nothing here knows how the
recorder remembers old values.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

from engine.debug.instrument.sites import SITES, TOKEN
from engine.debug.record import recording as recording_module
from engine.own_code import DEBUGGER

_MACHINERY = (DEBUGGER, __file__)
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")
_QUIET = ("<genexpr>", "<lambda>")
_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
_PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...), slice, range, np.generic)


@dataclass(frozen=True)
class Copy:
    """A deep copy that compares by content, bit by bit, and by kind."""

    kind: str
    content: Any

    def __repr__(self) -> str:
        if self.kind == "array" and isinstance(self.content[2], bytes):
            dtype, shape, cells = self.content
            return f"{dtype} {shape} {np.frombuffer(cells, np.dtype(dtype))[:8]}"
        return f"{self.kind} {self.content!r:.200}"


@dataclass(frozen=True)
class Same:
    """An object without content of its own here: it compares by identity."""

    thing: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def copy_of(value: Any, inside: tuple[int, ...] = ()) -> Any:
    """A deep copy of arrays and containers; of anything else the object itself."""
    if id(value) in inside:
        return Copy("cycle", None)
    inside = (*inside, id(value))
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            cells: Any = tuple(copy_of(cell, inside) for cell in value.ravel().tolist())
        else:
            cells = value.tobytes()
        return Copy("array", (value.dtype.str, value.shape, cells))
    if isinstance(value, _PLAIN):
        return Copy(type(value).__name__, repr(value))
    if isinstance(value, dict):
        return Copy("dict", tuple((copy_of(k), copy_of(v, inside)) for k, v in value.items()))
    if isinstance(value, (list, tuple, deque)):
        return Copy(type(value).__name__, tuple(copy_of(item, inside) for item in value))
    if isinstance(value, _VIEWS):
        return Copy(type(value).__name__, tuple(copy_of(item, inside) for item in value))
    if isinstance(value, (set, frozenset)):
        return Copy("set", frozenset(copy_of(item, inside) for item in value))
    if isinstance(value, bytearray):
        return Copy("bytearray", bytes(value))
    if type(value).__name__ in ("method", "method-wrapper", "builtin_function_or_method"):
        return Copy("method", (value.__name__, Same(value.__self__)))
    return Same(value)


def copies_of(values: dict[str, Any]) -> dict[str, Any]:
    return {name: copy_of(value) for name, value in values.items()}


def attributes_of(thing: Any) -> dict[str, Any]:
    """What is stored on an object: its `__dict__` and its filled slots."""
    found = dict(vars(thing)) if hasattr(thing, "__dict__") else {}
    for cls in type(thing).__mro__:
        for name, member in vars(cls).items():
            if type(member).__name__ == "member_descriptor":
                try:
                    found[name] = member.__get__(thing)
                except AttributeError:
                    continue
    return found


def state_of(thing: Any, seen: set[int] | None = None) -> Any:
    """A deep copy through objects too, to compare two runs with each other."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return "again"
    if (
        isinstance(thing, (*_PLAIN, np.ndarray))
        and not getattr(thing, "dtype", np.dtype(int)).hasobject
    ):
        return copy_of(thing)
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return ("objects", thing.shape, [state_of(item, seen) for item in thing.ravel().tolist()])
    if isinstance(thing, dict):
        return [(copy_of(k), state_of(v, seen)) for k, v in thing.items()]
    if isinstance(thing, (list, tuple, deque)):
        return [type(thing).__name__, *(state_of(item, seen) for item in thing)]
    if isinstance(thing, (np.random.Generator, np.random.RandomState)):
        bits = thing.bit_generator if isinstance(thing, np.random.Generator) else thing
        return repr(bits.state if isinstance(thing, np.random.Generator) else bits.get_state())
    if isinstance(thing, type) or (callable(thing) and not hasattr(thing, "forward")):
        return getattr(thing, "__qualname__", type(thing).__name__)
    return (type(thing).__name__, [(n, state_of(v, seen)) for n, v in attributes_of(thing).items()])


@dataclass
class Seen:
    """What was true when an event came in."""

    kind: str
    source: str
    value: Any
    locals: dict[str, Any]
    owner: Any
    attributes: dict[str, Any]
    globals: dict[str, Any]
    looked: Any = None


class _ObservedEvents(list):  # type: ignore[type-arg]
    """The list of a recording's events, which looks around at each that comes in."""

    def __init__(self, look: Callable[[], Any]) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self.look = look

    def append(self, item: Any) -> None:
        super().append(item)
        number, frame, value = item
        site = SITES[number]
        variables = _variables(sys._getframe(1), frame)
        names = [] if variables is None else list(variables)
        if site.kind == "call":
            value = {name: variables[name] for name in value}
        owner = frame.owner
        self.seen.append(
            Seen(
                str(site.kind),
                site.source,
                copy_of(value),
                {name: copy_of(variables[name]) for name in names},
                owner,
                copies_of(attributes_of(owner)) if owner is not None else {},
                copies_of(_globals(sys._getframe(1), frame)),
                self.look(),
            )
        )


@lru_cache
def _global_names(code: CodeType) -> frozenset[str]:
    """The globals that a function's instructions name, those of comprehensions and lambdas too."""
    names = {i.argval for i in dis.get_instructions(code) if i.opname.endswith("_GLOBAL")}
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and inner.co_name in (*_COMPREHENSIONS, *_QUIET):
            names |= _global_names(inner)
    return frozenset(names)


def _globals(place: FrameType | None, frame: Any) -> dict[str, Any]:
    while place is not None and place.f_code.co_filename.startswith(_MACHINERY):
        place = place.f_back
    while place is not None and place.f_code.co_name in _COMPREHENSIONS:
        place = place.f_back
    if place is None or place.f_code.co_qualname != frame.function:
        return {}
    return global_variables(place)


def global_variables(place: FrameType) -> dict[str, Any]:
    """The global variables that a running function names: no functions, classes, modules."""
    around, names = place.f_globals, _global_names(place.f_code)
    code = (type, ModuleType, np.ufunc, type(np.where))
    return {
        name: around[name]
        for name in sorted(names & around.keys())
        if not isinstance(around[name], code) and not inspect.isroutine(around[name])
    }


def _variables(place: FrameType | None, frame: Any) -> dict[str, Any] | None:
    """The variables of the user's frame that reports an event; of a finished one none are left."""
    while place is not None and place.f_code.co_filename.startswith(_MACHINERY):
        place = place.f_back
    inner: list[dict[str, Any]] = []
    while place is not None and place.f_code.co_name in _COMPREHENSIONS:
        inner.append(dict(place.f_locals))
        place = place.f_back
    if place is None or place.f_code.co_qualname != frame.function:
        return {}  # the event of an exception, whose frames are gone
    found = dict(place.f_locals)
    for variables in reversed(inner):
        found.update(variables)
    return {n: v for n, v in found.items() if n != TOKEN and n[0] not in ".<" and n != "__class__"}


@contextmanager
def watching(look: Callable[[], Any] = lambda: None) -> Iterator[None]:
    """Every recording made meanwhile is watched; what `look` answers at each event is kept."""
    plain = recording_module.Recording.__init__

    def watched(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs)
        self.events = _ObservedEvents(look)

    recording_module.Recording.__init__ = watched  # type: ignore[method-assign]
    try:
        yield
    finally:
        recording_module.Recording.__init__ = plain  # type: ignore[method-assign]


def differences(trace: Any, events: Collection[int] | None = None) -> list[str]:
    """Where a watched trace does not say what was true: at these events (None: at all)."""
    found: list[str] = []
    for index, seen in enumerate(trace._raw.seen):
        if events is not None and index not in events:
            continue
        place = f"event {index}, {seen.kind} of {seen.source!r}"
        value = copy_of(trace.value(index))
        if value != seen.value:
            found.append(f"{place}: value {value}, was {seen.value}")
        if seen.kind == "exception":
            continue
        found += _different(f"{place}: ", copies_of(trace.locals_at(index)), seen.locals)
        shown = copies_of(trace.globals_at(index))
        found += _different(f"{place}: global ", shown, seen.globals)
        if seen.owner is not None:
            attributes = copies_of(trace.attributes_at(index, seen.owner))
            found += _different(f"{place}: self.", attributes, seen.attributes)
    return found


def _different(place: str, shown: dict[str, Any], was: dict[str, Any]) -> Iterator[str]:
    for name in sorted(shown.keys() | was.keys()):
        if name not in shown:
            yield f"{place}{name} is missing, was {was[name]}"
        elif name not in was:
            yield f"{place}{name} is shown as {shown[name]}, was not there"
        elif shown[name] != was[name]:
            yield f"{place}{name} is shown as {shown[name]}, was {was[name]}"
