"""The states of random generators: read them, and put them back.

A run depends on the generators of its own objects, and on numpy's and Python's global ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from engine.debug.reach.contents import attributes_of, is_a

Array = np.ndarray[Any, Any]
_PER_ARRAY = 700  # bytes of an array besides its content, as measured
_STEPS, _MOST = 4, 500  # so far, and so wide, generators are looked for
RANDOM = (
    np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random
)  # fmt: skip


def global_states() -> tuple[Any, Any]:
    """The states of numpy's and Python's global random generators."""
    return np.random.get_state(), random.getstate()


def put_global_states(wanted: tuple[Any, Any], current: tuple[Any, Any]) -> None:
    """Put both states back where they differ: setting takes four times as long as comparing."""
    if not _is_state_of_numpy(wanted[0], current[0]):
        np.random.set_state(wanted[0])
    if wanted[1] != current[1]:
        random.setstate(wanted[1])


def _is_state_of_numpy(first: Any, second: Any) -> bool:
    """Whether two states of the usual form, (name, numbers, place, ...), are equal."""
    usual = isinstance(first, tuple) and isinstance(second, tuple)
    alike = usual and (first[0], *first[2:]) == (second[0], *second[2:])
    return alike and np.array_equal(first[1], second[1])


@lru_cache(maxsize=1)  # the numbers seldom change between two states
def _packed(numbers: tuple[int, ...]) -> Array:
    return np.array(numbers, np.uint32)  # 2.5 KB in place of 24


class GlobalRandom:
    """The states of numpy's and Python's global random generators."""

    __slots__ = ("numpy", "python")

    def __init__(self) -> None:
        self.numpy = np.random.get_state()
        version, numbers, gauss = random.getstate()
        self.python = version, _packed(numbers), gauss

    def restore(self) -> None:
        """Put them back."""
        np.random.set_state(self.numpy)
        version, numbers, gauss = self.python
        random.setstate((version, tuple(numbers.tolist()), gauss))

    def equals(self, other: GlobalRandom) -> bool:
        """Whether these are the same states."""
        (_, numbers, gauss), (_, others, its_gauss) = self.python, other.python
        same = gauss == its_gauss and np.array_equal(numbers, others)
        return same and _is_state_of_numpy(self.numpy, other.numpy)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """A context that begins with these states, and puts the present ones back."""
        present = GlobalRandom()
        self.restore()
        try:
            yield
        finally:
            present.restore()

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return 2 * (self.python[1].nbytes + _PER_ARRAY)


def generator_state(generator: Any) -> Any:
    """The state of one of numpy's or Python's generators."""
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, np.random.BitGenerator):
        return generator.state
    return generator.get_state() if hasattr(generator, "get_state") else generator.getstate()


def put_generator_state(generator: Any, state: Any) -> None:
    """Put the state of a generator back."""
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, np.random.BitGenerator):
        generator.state = state
    elif hasattr(generator, "set_state"):
        generator.set_state(state)
    else:
        generator.setstate(state)


def are_equal(first: Any, second: Any) -> bool:
    """Whether two states of a generator are equal."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(
            are_equal(first[name], second[name]) for name in first
        )
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(are_equal, first, second))
    return bool(np.array_equal(first, second))


def generators_in(values: Iterable[Any]) -> list[Any]:
    """The random generators that these values are, or hold within a few steps."""
    found: dict[int, Any] = {}
    nearest = list(values)
    for _ in range(_STEPS):
        held: list[Any] = []
        for value in nearest[:_MOST]:
            if is_a(value, RANDOM):
                found[id(value)] = value
            elif is_a(value, dict):
                held += value.values()
            elif is_a(value, (list, tuple)):
                held += value
            elif not is_a(value, (np.ndarray, type, ModuleType)):
                held += attributes_of(value).values()
        nearest = held
    return list(found.values())
