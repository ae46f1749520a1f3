"""Find layers that write into arrays of other layers, and so spoil gradients.

A layer that halves its input in place also halves the array that the previous layer keeps for its
backward. A layer that zeroes its `dout` in place changes it for every later reader. The check of
each layer by itself cannot find this. The network therefore runs once while every call is watched
for writes into its arguments and into arrays that other layers keep. Then each call that wrote runs
again on copies. If that changes no gradient, the write is harmless, and is not reported.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from engine.numeric.checks.findings import Overwritten, fitted
from engine.numeric.working_copy import WorkingCopy
from engine.own_code import dictionary_of

Array = np.ndarray[Any, Any]
Call = tuple[str, str]  # a layer's name, and "forward" or "backward"
CHANGED = 1e-6  # a gradient has changed if it differs by more than this times its largest element
METHODS = ("forward", "backward")


@dataclass(frozen=True, eq=False)
class _Write:
    """A call that changed an array that is not its own; `victim` is "" if no layer keeps it."""

    call: Call
    victim: str
    attribute: str


def find_overwrites(copy: WorkingCopy, suspicious: Sequence[str]) -> list[Overwritten]:
    """The layers whose writes change the gradients by these parameters, in the order of the run.

    Args:
        copy: of the network, in float64; unchanged.
        suspicious: names of parameters whose gradients are wrong although each layer is right.

    """
    watch = _Watch(copy)
    actual = watch.gradients()
    found = []
    for call in dict.fromkeys(write.call for write in watch.writes):
        alone = _Watch(copy, {(call[0], method) for method in METHODS}).gradients()
        spoiled = tuple(name for name in suspicious if _differ(alone.get(name), actual.get(name)))
        if not spoiled:
            continue
        write = next(write for write in watch.writes if write.call == call)
        file, line = _Watch(copy, traced=write).line()
        source = linecache.getline(file, line).strip() if file else ""
        layer, method = call
        argument = "dout" if method == "backward" else "x"
        found.append(
            Overwritten(layer, method, argument, write.victim, write.attribute, file, line, source,
                        spoiled)
        )  # fmt: skip
    return found


def without_overwrites(copy: WorkingCopy) -> dict[str, Array]:
    """The gradients of a run in which every layer gets copies, so that no write has an effect."""
    names = (*copy.layer_names, _name_of(copy.network.loss))
    return _Watch(copy, {(name, method) for name in names for method in METHODS}).gradients()


def _name_of(loss: Any) -> str:
    return str(getattr(loss, "name", type(loss).__name__))


def _differ(first: Array | None, second: Array | None) -> bool:
    if first is None or second is None:
        return first is not second
    largest = max(float(np.abs(array).max(initial=0)) for array in (first, second))
    return not bool(np.all(np.abs(first - second) <= CHANGED * largest))


class _Watch:
    """A forward and backward run of a copy of the network, with each call of a layer watched.

    Args:
        copy: the network, of which another copy runs.
        alone: the calls that get copies as arguments, so that their writes have no effect.
        traced: a write whose line is to be found.

    """

    def __init__(
        self, copy: WorkingCopy, alone: set[Call] | None = None, traced: _Write | None = None
    ) -> None:
        self.copy = deepcopy(copy)
        self.alone = alone or set()
        self.traced = traced
        self.place = ("", 0)
        self.writes: list[_Write] = []
        network = self.copy.network
        self.holders = dict(zip(self.copy.layer_names, self.copy.layers, strict=True))
        loss = network.loss
        self.holders[_name_of(loss)] = loss
        for name, layer in self.holders.items():
            for method in METHODS:
                self._wrap(layer, name, method)

    def gradients(self) -> dict[str, Array]:
        """Run the network, and return the gradients in their parameters' shapes."""
        network = self.copy.network
        network.forward(self.copy.x.copy(), self.copy.t)
        network.backward()
        found = {
            name: fitted(gradient, self.copy.parameters[name].shape)
            for name, gradient in network.gradients().items()
            if name in self.copy.parameters
        }
        return {name: array for name, array in found.items() if array is not None}

    def line(self) -> tuple[str, int]:
        """Run the network, and return the line of the write: file and number, or "" and 0."""
        self.gradients()
        return self.place

    def _wrap(self, layer: Any, name: str, method: str) -> None:
        """Watch a layer's method, by an attribute that hides the class's method."""
        plain = getattr(layer, method)

        def watched(*given: Any) -> Any:
            return self._call((name, method), plain, given)

        try:
            setattr(layer, method, watched)
        except AttributeError:  # a layer with `__slots__` cannot be watched
            return

    def _call(self, call: Call, plain: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if call in self.alone:
            given = tuple(
                argument.copy(order="K") if isinstance(argument, np.ndarray) else argument
                for argument in given
            )
        before = [(victim, attribute, array, array.copy())
                  for victim, attribute, array in self._others(call, given)]  # fmt: skip
        if self.traced is not None and self.traced.call == call:
            result = self._trace(plain, given)
        else:
            result = plain(*given)
        self.writes += [
            _Write(call, victim, attribute)
            for victim, attribute, array, kept in before
            if not np.array_equal(array, kept, equal_nan=array.dtype.kind in "fc")
        ]
        return result

    def _others(self, call: Call, given: tuple[Any, ...]) -> Iterator[tuple[str, str, Array]]:
        """The arrays that other layers keep, and then the argument of the call."""
        for victim, holder in self.holders.items():
            if victim == call[0]:
                continue
            for attribute, value in list((dictionary_of(holder) or {}).items()):
                for place, array in _arrays(attribute, value):
                    yield victim, place, array
        if given and isinstance(given[0], np.ndarray):
            yield "", "", given[0]

    def _trace(self, plain: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        """Call a method, and check after each of its lines whether the array has changed."""
        assert self.traced is not None
        arrays = [
            array for victim, attribute, array in self._others(self.traced.call, given)
            if (victim, attribute) == (self.traced.victim, self.traced.attribute)
        ]  # fmt: skip
        before = [array.copy() for array in arrays]
        last: dict[FrameType, tuple[str, int]] = {}

        def look(frame: FrameType, event: str, _: object) -> Any:
            if not self.place[0] and event in ("line", "return") and frame in last:
                same = (np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
                        for a, b in zip(arrays, before, strict=True))  # fmt: skip
                if not all(same):
                    self.place = last[frame]
            last[frame] = frame.f_code.co_filename, frame.f_lineno
            return look

        previous = sys.gettrace()
        sys.settrace(look)
        try:
            return plain(*given)
        finally:
            sys.settrace(previous)


def _arrays(place: str, value: Any) -> Iterator[tuple[str, Array]]:
    """The array in an attribute, or the arrays in its dictionary, list or tuple."""
    if isinstance(value, np.ndarray):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, np.ndarray):
                yield f"{place}[{key!r}]", item
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            if isinstance(item, np.ndarray):
                yield f"{place}[{number}]", item
