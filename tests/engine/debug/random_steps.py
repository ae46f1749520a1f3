"""Random step functions: views, lists and dicts of arrays, writes in place, loops, rebinding.

Whole numbers are what they compute with, so that nothing overflows with a warning.
"""

from __future__ import annotations

import importlib.util
import sys
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from engine.debug.reach.placeholders import FadedArray

HEAD = """\
import numpy as np


class Layer:
    def __init__(self):
        self.seen = np.arange(4)

    def forward(self, x):
        self.x = x
        self.seen += x
        self.kept = [x * 2, {"k": x}]
        self.y = self.kept[0] + 1
        return self.y


class Inner:
    def __init__(self):
        self.a = np.arange(4)


class Net:
    loss = None

    def __init__(self):
        self.W = np.arange(4)
        self.M = np.arange(12).reshape(3, 4)
        self.V = self.M[1]
        self.items = [np.ones(4, int), np.ones(4, int)]
        self.cache = {"k": np.ones(4, int), "m": [np.ones(4, int)]}
        self.inner = Inner()
        self.layer = Layer()
        self.layers = ()

    def parameters(self):
        return {"W": self.W}

    def gradients(self):
        return {}


def spoil(array, other):
    array[1:] += other[1:]
    other = other + 1
    return other


def made(array):
    fresh = np.zeros(4, int)
    fresh += array
    return fresh


def step(net, optimizer, x, t):
    i = 0
    a, b, c = np.zeros(4, int), np.ones(4, int), np.arange(4)
    M = np.arange(12).reshape(3, 4)
    L = [np.zeros(4, int), np.ones(4, int)]
    D = {"k": np.ones(4, int), "m": [np.zeros(4, int)]}
    T = (np.ones(4, int), [np.ones(4, int)])
"""
NAMES = ["a", "b", "c"]
PLACES = [
    *NAMES, "L[0]", "L[1]", "D['k']", "D['m'][0]", "net.W", "net.items[0]", "net.items[-1]",
    "net.cache['k']", "net.cache['m'][0]", "net.inner.a", "net.layer.seen",
]  # fmt: skip
MEMORIES = [*PLACES, "T[0]", "T[1][0]", "M[0]", "M[i % 3]", "M[2, ::-1]", "net.V", "net.M[i % 3]"]
SIMPLE = [
    "{p} += {e}", "{p} = {p} + {e}", "{p} = {e} * 2", "{p} = {e}.copy()", "{p} = {e}[::-1]",
    "{m}[...] = {e}", "{m}[1:3] *= 3", "{m}[i % 4] = 2", "{m}[{e} % 4] += 1", "{m}[{e} > 1] = i",
    "np.add({m}, {e}, out={m})", "np.copyto({m}, {e})", "{m}.fill(i)", "np.multiply({m}, 3, {m})",
    "{m}.sort()", "L.append({e} + 1)", "L = [{e} + 1, {e} - 1]", "D['n'] = {e} + i",
    "D.pop('n', None)", "D = {{'k': {e}, 'm': [{e} + 1]}}", "T = ({e}, [{e} + 2])",
    "net.items = [one + 1 for one in net.items]", "net.items.append({e} + i)",
    "net.cache = dict(net.cache)", "net.cache['k'] = {e} - 1", "net.V = {e}[::-1]",
    "net.M = net.M + 1", "a, b = b, a", "c = spoil({m}, {e})", "{p} = made({e})",
    "{p} = net.layer.forward({e})", "{p} = made({e}) + spoil({m}, {e}) + made({m})",
    "x = np.ones(60)", "M = M + 1", "M = M[::-1]", "for row in M: row += i",
    "for one in L: one -= 1", "setattr(net, 'V', {e} + 2)", "del L[2:]", "del net.items[2:]",
]  # fmt: skip
LOADED = count()


def simple() -> st.SearchStrategy[str]:
    """One statement."""

    def filled(parts: tuple[str, str, str, str]) -> str:
        text, place, memory, value = parts
        return text.format(p=place, m=memory, e=value)

    places, memories = st.sampled_from(PLACES), st.sampled_from(MEMORIES)
    return st.tuples(st.sampled_from(SIMPLE), places, memories, memories).map(filled)


def loop(body: list[str], times: int) -> str:
    return "\n".join([f"for i in range({times}):", *("    " + line for line in body)])


def blocks() -> st.SearchStrategy[str]:
    """A statement, or a loop of some."""
    bodies = st.lists(simple(), min_size=1, max_size=5)
    return st.one_of(simple(), st.builds(loop, bodies, st.integers(2, 14)))


def texts() -> st.SearchStrategy[str]:
    """The source of a module with a random `step`."""

    def written(parts: list[str]) -> str:
        lines = [line for part in parts for line in part.splitlines()]
        return HEAD + "".join(f"    {line}\n" for line in [*lines, "return 0.0"])

    return st.lists(blocks(), min_size=3, max_size=9).map(written)


def load(folder: Path, text: str) -> ModuleType:
    """Import a module made of this text."""
    file = folder / f"random_step_{next(LOADED)}.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def forget(module: ModuleType) -> None:
    """Remove a module that was loaded."""
    del sys.modules[module.__name__]
    if module.__file__:
        Path(module.__file__).unlink()


def not_kept(value: Any, seen: set[int] | None = None) -> int:
    """How many outlines of arrays a value holds in place of the arrays."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, FadedArray):
        return 1
    if isinstance(value, dict):
        return sum(not_kept(item, seen) for item in value.values())
    if isinstance(value, (list, tuple)):
        return sum(not_kept(item, seen) for item in value)
    return (
        sum(not_kept(item, seen) for item in vars(value).values())
        if hasattr(value, "__dict__") and not callable(value)
        else 0
    )
