"""Layers that write into arrays of others, and so spoil gradients although each alone is right.

A layer that halves its input in place halves what the layer before it has kept for its way back;
one that zeroes its `dout` in place does it to whoever looks at that again. Neither shows in a layer
by itself. So the network is run once as it is, watching what each call does to arrays that it was
given and that others keep; a call that wrote is run again with copies of its own. Where that makes
no difference to a gradient, the write has hurt nobody, and nothing is said of it.
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

from engine.numeric.findings import Overwritten, fitted
from engine.numeric.working_copy import WorkingCopy
from engine.own_code import dictionary_of

Array = np.ndarray[Any, Any]
Call = tuple[str, str]  # a layer's name, and "forward" or "backward"
CHANGED = 1e-6  # of the largest element: a gradient that differs by more is another one
METHODS = ("forward", "backward")


@dataclass(frozen=True, eq=False)
class _Write:
    """A call that changed an array which is not its own; `victim` is "" where nobody keeps it."""

    call: Call
    victim: str
    attribute: str


def find_overwrites(copy: WorkingCopy, suspicious: Sequence[str]) -> list[Overwritten]:
    """The layers whose writes change the gradients by these parameters, in the order of the run.

    Args:
        copy: of the network, in float64; left as it is.
        suspicious: names of parameters whose gradients are wrong, and no layer's mistake.

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
    """The gradients where every layer has copies of its own, so that none can spoil another's."""
    names = (*copy.layer_names, _name_of(copy.network.loss))
    return _Watch(copy, {(name, method) for name in names for method in METHODS}).gradients()


def _name_of(loss: Any) -> str:
    return str(getattr(loss, "name", type(loss).__name__))


def _differ(first: Array | None, second: Array | None) -> bool:
    if first is None or second is None:
        return first is not second
    largest = max(float(np.abs(one).max(initial=0)) for one in (first, second))
    return not bool(np.all(np.abs(first - second) <= CHANGED * largest))


class _Watch:
    """One run of a copy of the network, forward and back, each call of a layer watched.

    Args:
        copy: what is run; another copy is made of it.
        alone: the calls that are given copies, so that their writes reach nobody.
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
        """Run it; the gradients in their parameters' shapes."""
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
        """Run it, and find the line of the write: its file and number; "" and 0 if not found."""
        self.gradients()
        return self.place

    def _wrap(self, layer: Any, name: str, method: str) -> None:
        """Have a layer's method watched; the attribute goes before the class's."""
        plain = getattr(layer, method)

        def watched(*given: Any) -> Any:
            return self._call((name, method), plain, given)

        try:
            setattr(layer, method, watched)
        except AttributeError:  # it has `__slots__`: its calls are not watched
            return

    def _call(self, call: Call, plain: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        if call in self.alone:
            given = tuple(
                one.copy(order="K") if isinstance(one, np.ndarray) else one for one in given
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
        """The arrays that others keep, and at last what the call was given."""
        for victim, holder in self.holders.items():
            if victim == call[0]:
                continue
            for attribute, value in list((dictionary_of(holder) or {}).items()):
                for place, array in _arrays(attribute, value):
                    yield victim, place, array
        if given and isinstance(given[0], np.ndarray):
            yield "", "", given[0]

    def _trace(self, plain: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        """Call it, looking after each of its lines whether the array has been written to."""
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

        there = sys.gettrace()
        sys.settrace(look)
        try:
            return plain(*given)
        finally:
            sys.settrace(there)


def _arrays(place: str, value: Any) -> Iterator[tuple[str, Array]]:
    """The array that an attribute is, or those of a dictionary, a list or a tuple."""
    if isinstance(value, np.ndarray):
        yield place, value
    elif isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, np.ndarray):
                yield f"{place}[{key!r}]", one
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            if isinstance(one, np.ndarray):
                yield f"{place}[{number}]", one
