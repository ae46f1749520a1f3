"""Tapes: what an iterator gives is taken up, so that it can be given again.

A generator that has begun cannot be copied. A tape takes its place: it hands on what the generator
gives and keeps a copy. After going back it gives the copies, and then goes on with the generator.
With each item the tape keeps the states that random generators had after it, since a generator that
shuffles draws from generators that the step may use, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.debug.reach.random_states import (
    GlobalRandom,
    are_equal,
    generator_state,
    generators_in,
    put_generator_state,
)

_PER_ITEM = 400  # bytes besides the arrays


class _Taken:
    """One item of a tape: a value that was given, or an exception that was raised."""

    __slots__ = ("error", "nbytes", "randoms", "value")

    def __init__(self, value: Any, error: BaseException | None) -> None:
        self.value, self.nbytes = _copied(value)
        self.error = error
        self.nbytes += _PER_ITEM
        self.randoms: list[Callable[[], None]] = []

    def give(self) -> Any:
        """The value again, as a copy; raises the exception."""
        for put in self.randoms:
            put()
        if self.error is not None:
            raise self.error.with_traceback(None)
        return _copied(self.value)[0]


class TapedIterator(Iterator[Any]):
    """Takes the place of an iterator that cannot be copied.

    Attributes:
        source: the iterator.
        place: the number of the item that is given next.
        nbytes: the bytes of all items.
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self.place = 0
        self.nbytes = 0
        self._items: list[_Taken] = []
        self._counted = 0

    def newly_held(self) -> int:
        """The bytes that were taken up since this was last asked."""
        new, self._counted = self.nbytes - self._counted, self.nbytes
        return new

    def __next__(self) -> Any:
        return self._step(lambda: next(self.source))

    def send(self, value: Any) -> Any:
        """Send a value to the generator; on the tape, what it gave to the value of that time."""
        return self._step(lambda: self.source.send(value))

    def throw(self, error: BaseException) -> Any:
        """Raise an exception in the generator; on the tape, what came of the one of that time."""
        return self._step(lambda: self.source.throw(error))

    def close(self) -> None:
        """End it: it gives nothing more."""
        self._step(self._ended)

    def _ended(self) -> Any:
        if hasattr(self.source, "close"):
            self.source.close()
        return None

    def _step(self, work: Callable[[], Any]) -> Any:
        if self.place < len(self._items):
            self.place += 1
            return self._items[self.place - 1].give()
        value, error = None, None
        before = _Randoms(self.source)
        try:
            value = work()
        except Exception as raised:
            error = raised
        taken = _Taken(value, error)
        taken.randoms = before.changed()
        self.nbytes += taken.nbytes + 5000 * len(taken.randoms)
        self._items.append(taken)
        self.place += 1
        if error is not None:
            raise error
        return value


# A person sees it among the variables, under the name of what it nearly always stands for.
TapedIterator.__name__ = TapedIterator.__qualname__ = "generator"


class _Randoms:
    """The random generators that a generator may draw from, with their states."""

    def __init__(self, source: Any) -> None:
        frame = getattr(source, "gi_frame", None)
        held = [] if frame is None else [*frame.f_locals.values(), *_variables_of(frame)]
        self._generators = [(found, generator_state(found)) for found in generators_in(held)]
        self._global = GlobalRandom()

    def changed(self) -> list[Callable[[], None]]:
        """For each generator that has been drawn from, what puts its present state."""
        found: list[Callable[[], None]] = []
        for generator, before in self._generators:
            state = generator_state(generator)
            if not are_equal(state, before):
                found.append(_put(generator, state))
        now = GlobalRandom()
        if not now.equals(self._global):
            found.append(now.restore)
        return found


def _put(generator: Any, state: Any) -> Callable[[], None]:
    return lambda: put_generator_state(generator, state)


def _variables_of(frame: Any) -> list[Any]:
    names = frame.f_code.co_names
    return [frame.f_globals[name] for name in names if name in frame.f_globals]


def _copied(value: Any) -> tuple[Any, int]:
    """A value with copies of its arrays and containers, and the bytes of the copies."""
    if type(value) is np.ndarray and not value.dtype.hasobject:
        return value.copy(order="K"), value.nbytes
    if type(value) in (list, tuple):
        parts = [_copied(item) for item in value]
        return type(value)(item for item, _ in parts), sum(size for _, size in parts)
    if type(value) is dict:
        copies = {key: _copied(item) for key, item in value.items()}
        return {key: item for key, (item, _) in copies.items()}, sum(
            size for _, size in copies.values()
        )
    return value, 0
