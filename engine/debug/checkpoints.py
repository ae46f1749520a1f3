"""States of a run, stored every so many batches, thinning as the run grows.

A state is everything that the next batch depends on, and whatever else the objects keep from one
batch to the next: the attributes of network, layers, loss and optimizer, the arrays, containers and
random generators that they reach, and the process's global random states. It is put back into the
same objects, bit for bit, so that names, aliases and views stay what they were.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import ReferenceType, ref

import numpy as np

from engine.debug.history import attributes_of, put_attributes, refill, root_of
from engine.debug.writes import CONTAINERS

Array = np.ndarray[Any, Any]
_LEAVES = (int, float, complex, str, bytes, bool, type(None), np.generic, np.dtype, ModuleType, BuiltinFunctionType)  # fmt: skip
_LIBRARIES = ("builtins", "numpy", "engine.nn", "engine.data", "typing")


@dataclass(frozen=True, slots=True)
class _ArrayRef:
    """An array in a state: which root, and how it looks at it."""

    root: int
    itself: ReferenceType[Array]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int


@dataclass(frozen=True, slots=True)
class _Root:
    """The memory of a root array."""

    itself: ReferenceType[Array]
    copy: Array


class State:
    """All that a set of objects reaches, at one moment: before minibatch `batch`.

    With `copies=False` the arrays are only listed, for who wants to know which there are.
    """

    __slots__ = (
        "arrays", "attributes", "batch", "cells", "class_values", "containers", "copies",
        "generators", "global_random", "nbytes", "roots",
    )  # fmt: skip

    def __init__(self, things: Iterable[Any], batch: int = 0, copies: bool = True) -> None:
        self.batch = batch
        self.copies = copies
        self.nbytes = 0
        self.roots: dict[int, _Root] = {}
        self.arrays: dict[int, _ArrayRef] = {}
        self.attributes: list[tuple[Any, dict[str, Any]]] = []
        self.containers: list[tuple[Any, Any]] = []
        self.generators: list[tuple[Any, Any]] = []
        self.cells: list[tuple[CellType, Any]] = []
        self.class_values: list[tuple[type, str, Any]] = []
        self.global_random = (np.random.get_state(), random.getstate())
        self._walk(list(things))

    # Capturing ---------------------------------------------------------------------------------

    def _walk(self, pending: list[Any]) -> None:
        seen: set[int] = set()
        while pending:
            thing = pending.pop()
            if isinstance(thing, _LEAVES) or id(thing) in seen:
                continue
            seen.add(id(thing))
            if isinstance(thing, np.ndarray):
                self._note_array(thing, pending)
            elif isinstance(thing, CONTAINERS):
                pending += self._note_container(thing)
            elif isinstance(thing, (tuple, frozenset)):
                pending += thing
            elif isinstance(thing, np.random.Generator):
                self.generators.append((thing, thing.bit_generator.state))
            elif isinstance(thing, np.random.RandomState):
                self.generators.append((thing, thing.get_state()))
            elif isinstance(thing, random.Random):
                self.generators.append((thing, thing.getstate()))
            elif isinstance(thing, MethodType):
                pending += [thing.__self__, thing.__func__]
            elif isinstance(thing, FunctionType):
                pending += self._note_closure(thing)
            elif isinstance(thing, type):
                pending += self._note_class(thing)
            else:
                pending += self._note_object(thing)

    def _note_array(self, array: Array, pending: list[Any]) -> None:
        root = root_of(array)
        if id(root) not in self.roots:
            copy = root.view(np.ndarray)
            if self.copies:
                copy = copy.copy(order="K")
            self.nbytes += copy.nbytes
            self.roots[id(root)] = _Root(ref(root), copy)
            if root.dtype.hasobject:
                pending += root.ravel().tolist()
        if id(array) not in self.arrays:
            start = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
            self.arrays[id(array)] = _ArrayRef(
                id(root), ref(array), array.shape, array.strides, array.dtype, start
            )

    def _note_container(self, container: Any) -> list[Any]:
        self.containers.append((container, self._shallow(container)))
        self.nbytes += 64 + 16 * len(container)
        if isinstance(container, dict):
            return [*container.values(), *container.keys()]
        return [] if isinstance(container, bytearray) else list(container)

    def _note_closure(self, function: FunctionType) -> list[Any]:
        found = []
        for cell in function.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:  # an empty cell
                continue
            self.cells.append((cell, self._held(value)))
            found.append(value)
        return found

    def _note_class(self, cls: type) -> list[Any]:
        """Class-level state, such as a `params = {}` that all layers of a class share."""
        found = []
        if not cls.__module__.startswith(_LIBRARIES):
            for base in cls.__mro__[:-1]:
                for name, value in vars(base).items():
                    if name.startswith("__") or callable(value) or hasattr(value, "__get__"):
                        continue
                    self.class_values.append((base, name, self._held(value)))
                    found.append(value)
        return found

    def _note_object(self, thing: Any) -> list[Any]:
        attributes = attributes_of(thing)
        held = {name: self._held(value) for name, value in attributes.items()}
        self.attributes.append((thing, held))
        self.nbytes += 64 + 32 * len(held)
        return [*attributes.values(), type(thing)]

    def _held(self, value: Any) -> Any:
        """What a state keeps of a value: arrays by reference, so that old ones can be freed."""
        if isinstance(value, np.ndarray):
            self._note_array(value, [])
            return self.arrays[id(value)]
        if type(value) is tuple:
            return tuple(self._held(item) for item in value)
        return value

    def _shallow(self, container: Any) -> Any:
        if isinstance(container, dict):
            fresh = container.copy()
            for key, value in container.items():
                fresh[key] = self._held(value)
            return fresh
        if isinstance(container, list):
            return [self._held(item) for item in container]
        return container.copy()

    # Putting back ------------------------------------------------------------------------------

    def restore(self) -> None:
        """Put everything back, into the same objects where they still exist."""
        live = _Live(self)
        for thing, held in self.attributes:
            put_attributes(
                thing,
                {name: live.value(v) for name, v in held.items()},
                attributes_of(thing).keys(),
            )
        for container, held in self.containers:
            if isinstance(container, dict):
                held = {key: live.value(value) for key, value in held.items()}
            elif isinstance(container, list):
                held = [live.value(item) for item in held]
            refill(container, held)
        for cell, held in self.cells:
            cell.cell_contents = live.value(held)
        for cls, name, held in self.class_values:
            value = live.value(held)
            if vars(cls).get(name) is not value:
                setattr(cls, name, value)
        for generator, state in self.generators:
            if isinstance(generator, np.random.Generator):
                generator.bit_generator.state = state
            elif isinstance(generator, np.random.RandomState):
                generator.set_state(state)
            else:
                generator.setstate(state)
        np.random.set_state(self.global_random[0])
        random.setstate(self.global_random[1])

    def live_arrays(self) -> list[Array]:
        """The root arrays of this state that still exist."""
        return [array for root in self.roots.values() if (array := root.itself()) is not None]

    def live_containers(self) -> list[Any]:
        """The containers of this state."""
        return [container for container, _ in self.containers]


class _Live:
    """The live arrays of a state while it is put back."""

    def __init__(self, state: State) -> None:
        self.roots: dict[int, Array] = {}
        for number, root in state.roots.items():
            array = root.itself()
            if array is None or array.shape != root.copy.shape or array.dtype != root.copy.dtype:
                array = root.copy.copy(order="K")
            elif array.flags.writeable:
                np.copyto(array, root.copy)
            self.roots[number] = array
        self.arrays: dict[int, Array] = {}

    def value(self, held: Any) -> Any:
        if isinstance(held, _ArrayRef):
            array = held.itself()
            root = self.roots[held.root]
            if array is not None and root_of(array) is root:
                return array
            if held.shape == root.shape and held.strides == root.strides:
                return root
            key = id(held)
            if key not in self.arrays:
                memory = root.ravel("K").view(np.uint8)
                self.arrays[key] = np.ndarray(
                    held.shape, held.dtype, memory, held.offset, held.strides
                )
            return self.arrays[key]
        if type(held) is tuple:
            return tuple(self.value(item) for item in held)
        return held


class Checkpoints:
    """Stored states within a byte budget.

    States are offered at every batch and kept every `interval` batches. When they outgrow the
    budget every second one goes and the interval doubles, so that a run of any length has its
    states spread evenly. The first stays always.
    """

    def __init__(self, budget: int, interval: int = 8) -> None:
        self.budget = budget
        self.interval = interval
        self.states: dict[int, State] = {}
        self._batches: list[int] = []

    def wants(self, batch: int) -> bool:
        """Whether a state at this batch would be kept."""
        return batch % self.interval == 0 and batch not in self.states

    def keep(self, state: State) -> None:
        """Keep a state; thin out if the budget is passed."""
        self.states[state.batch] = state
        self._batches = sorted(self.states)
        while self.nbytes > self.budget and len(self.states) > 1:
            self.interval *= 2
            first = self._batches[0]
            self.states = {
                batch: kept
                for batch, kept in self.states.items()
                if batch % self.interval == 0 or batch == first
            }
            self._batches = sorted(self.states)
            if len(self.states) == 1:
                break

    def before(self, batch: int) -> State:
        """The latest state at or before a batch."""
        return self.states[self._batches[bisect_right(self._batches, batch) - 1]]

    def forget_after(self, batch: int) -> None:
        """Drop the states of a future that will not be."""
        self.states = {b: state for b, state in self.states.items() if b <= batch}
        self._batches = sorted(self.states)

    @property
    def nbytes(self) -> int:
        """Bytes of all states."""
        return sum(state.nbytes for state in self.states.values())
