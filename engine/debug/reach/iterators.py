"""Iterators in a state: where they stood, and how to have them there again.

Few iterators can be put back in place. So a new one takes the place of the old one wherever that
was held: it is built from what `__reduce__` says, down to the iterators inside. A generator that
has not begun is called again. For all others a `TapedIterator` takes their place.
"""

from __future__ import annotations

import gc
import inspect
import itertools
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from types import FunctionType, GeneratorType
from typing import Any

import numpy as np

from engine.debug.reach.contents import is_a
from engine.debug.reach.tapes import TapedIterator


class _Sequence:
    def __getitem__(self, place: int) -> int:
        raise IndexError


_EMPTY: dict[int, int] = {}
_SAMPLES: tuple[Any, ...] = (
    iter([]), reversed([]), iter(()), iter(range(0)), iter(range(2**70)), iter(set()), iter(""),
    iter("é"), iter(b""), iter(bytearray()), iter(memoryview(b"")), iter(deque()),
    reversed(deque()), iter(_Sequence()), iter(int, 0), iter(_EMPTY), iter(_EMPTY.values()),
    iter(_EMPTY.items()), reversed(_EMPTY), reversed(_EMPTY.values()), reversed(_EMPTY.items()),
    zip(), enumerate(()), map(abs, ()), filter(None, ()), reversed(_Sequence.__mro__),
    np.zeros(1).flat, *itertools.tee(()), next(iter(itertools.groupby("a")))[1],
)  # fmt: skip
_OF_ITERTOOLS = {kind for kind in vars(itertools).values() if isinstance(kind, type)}
ITERATORS = frozenset({GeneratorType, TapedIterator, *map(type, _SAMPLES), *_OF_ITERTOOLS})
Hold = Callable[[Any], Any]


class IteratorRef:
    """An iterator in a state.

    Attributes:
        itself: the iterator.
        reached: the objects that it reaches.
        nbytes: bytes held.
    """

    __slots__ = ("itself", "reached")
    nbytes = 300

    def __init__(self, itself: Any, reached: tuple[Any, ...] = ()) -> None:
        self.itself = itself
        self.reached = reached

    def remade(self, value: Hold) -> Any:
        """An iterator that gives what this one would have given.

        Args:
            value: gives the live object for a held one.
        """
        return self.itself

    def has_tape(self) -> bool:
        """Whether it, or an iterator inside, is a tape."""
        return False


class TapeRef(IteratorRef):
    """A tape at a place."""

    __slots__ = ("place",)

    def __init__(self, tape: TapedIterator) -> None:
        super().__init__(tape)
        self.place = tape.place

    @property
    def nbytes(self) -> int:  # type: ignore[override]
        """Bytes held, with what the tape has taken up since the last state."""
        found: int = self.itself.newly_held()
        return 100 + found

    def remade(self, value: Hold) -> Any:
        """The tape, wound to its place."""
        self.itself.place = self.place
        return self.itself

    def has_tape(self) -> bool:
        """It is a tape."""
        return True


class CopiedTee(IteratorRef):
    """One of the iterators of `itertools.tee`, which keep for each other what they have read."""

    __slots__ = ("copy",)

    def __init__(self, itself: Any) -> None:
        super().__init__(itself)
        self.copy = itself.__copy__()

    def remade(self, value: Hold) -> Any:
        """A copy at the same place."""
        return self.copy.__copy__()


class ReducedIterator(IteratorRef):
    """An iterator as the call that makes it, and the state that is then set."""

    __slots__ = ("arguments", "make", "state")

    def __init__(self, itself: Any, reduced: tuple[Any, ...], hold: Hold) -> None:
        self.make = reduced[0]
        arguments = reduced[1]
        state: Any = reduced[2] if len(reduced) > 2 else None
        if type(itself) is itertools.cycle:  # it goes on to write into its list
            state = (tuple(state[0]), state[1])
        super().__init__(itself, (arguments, state))
        self.arguments = hold(arguments)
        self.state = hold(state)

    def remade(self, value: Hold) -> Any:
        """A new iterator in the same state."""
        made = self.make(*value(self.arguments))
        state = value(self.state)
        if type(self.itself) is itertools.cycle:
            state = (list(state[0]), state[1])
        if state is not None:
            _quietly(lambda: made.__setstate__(state))
        return made

    def has_tape(self) -> bool:
        """Whether an iterator inside is a tape."""
        return has_tape(self.arguments) or has_tape(self.state)


class CalledGenerator(IteratorRef):
    """A generator that has not begun, as the call that makes it."""

    __slots__ = ("arguments", "function", "named")

    def __init__(self, itself: Any, function: FunctionType, hold: Hold) -> None:
        self.function = function
        code, given = function.__code__, dict(itself.gi_frame.f_locals)
        names = code.co_varnames
        many = code.co_argcount + code.co_kwonlyargcount
        arguments = tuple(given[name] for name in names[: code.co_argcount])
        if code.co_flags & inspect.CO_VARARGS:
            arguments += given[names[many]]
            many += 1
        named = {name: given[name] for name in names[code.co_argcount : many] if name in given}
        if code.co_flags & inspect.CO_VARARGS:
            named.pop(names[many - 1])
        if code.co_flags & inspect.CO_VARKEYWORDS:
            named.update(given[names[many]])
        super().__init__(itself, (function, arguments, tuple(named.values())))
        self.arguments = hold(arguments)
        self.named = {name: hold(argument) for name, argument in named.items()}

    def remade(self, value: Hold) -> Any:
        """A new generator; the old one if that has not begun either."""
        begun = inspect.getgeneratorstate(self.itself) != inspect.GEN_CREATED
        if not (begun or any(has_iterator(held) for held in self._all())):
            return self.itself
        named = {name: value(argument) for name, argument in self.named.items()}
        return self.function(*value(self.arguments), **named)

    def has_tape(self) -> bool:
        """Whether an iterator in its arguments is a tape."""
        return any(has_tape(held) for held in self._all())

    def _all(self) -> tuple[Any, ...]:
        return (self.arguments, *self.named.values())


def has_iterator(held: Any) -> bool:
    """Whether a held value is, or has, a reference to an iterator."""
    if type(held) is tuple:
        return any(has_iterator(item) for item in held)
    return is_a(held, IteratorRef)


def has_tape(held: Any) -> bool:
    """Whether a held value is, or has, a tape."""
    if type(held) is tuple:
        return any(has_tape(item) for item in held)
    return is_a(held, IteratorRef) and bool(held.has_tape())


def reference_to(iterator: Any, hold: Hold) -> IteratorRef:
    """An iterator of one of the kinds in `ITERATORS` as a reference.

    Args:
        iterator: the iterator.
        hold: gives what a state holds in place of a value.
    """
    kind = type(iterator)
    if kind is TapedIterator:
        return TapeRef(iterator)
    if kind is GeneratorType:
        function = _begins(iterator)
        if function is not None:
            return CalledGenerator(iterator, function, hold)
        if iterator.gi_frame is None:  # it has ended
            return IteratorRef(iterator)
        return TapeRef(TapedIterator(iterator))
    if hasattr(kind, "__copy__"):
        return CopiedTee(iterator)
    try:
        reduced = _quietly(iterator.__reduce__)
    except (TypeError, RuntimeError):  # RuntimeError: its dictionary or set has changed its size
        return TapeRef(TapedIterator(iterator))
    return ReducedIterator(iterator, reduced, hold)


def _begins(generator: Any) -> FunctionType | None:
    """The function of a generator that has not begun; None for one that has."""
    if inspect.getgeneratorstate(generator) != inspect.GEN_CREATED:
        return None
    return next((f for f in _functions_of(generator)), None)


def _functions_of(generator: Any) -> Iterator[FunctionType]:
    """Only the garbage collector shows the function that a generator has been made by."""
    for item in gc.get_referents(generator):
        if is_a(item, FunctionType) and item.__code__ is generator.gi_code:
            yield item


def _quietly(work: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():  # from 3.12 on, itertools warns that 3.14 has no `__reduce__`
        warnings.simplefilter("ignore", DeprecationWarning)
        return work()
