"""Small steps as people write them, made from text: each has a file and a module of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest

_NUMBERS = count()

SOFTMAX = """
import numpy as np

rng = np.random.default_rng(0)
params = {"W": rng.normal(size=(4, 3)), "b": np.zeros(3)}
X, Y = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
place, lr, history = 0, 0.1, []


def step():
    global place
    x, y = X[place : place + 5], Y[place : place + 5]
    place = (place + 5) % 20
    scores = x @ params["W"] + params["b"]
    p = np.exp(scores)
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(5), y]).mean()
    history.append(loss)
    d = p.copy()
    d[np.arange(5), y] -= 1
    d /= 5
    params["W"] -= lr * (x.T @ d)
    params["b"] -= lr * d.sum(0)
    RETURN
"""


@pytest.fixture
def module_of(tmp_path: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Makes a module of a text, in a folder of its own."""
    made: list[str] = []

    def make(text: str) -> ModuleType:
        name = f"own_step_{next(_NUMBERS)}"
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.py").write_text(text)
        spec = spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[name] = module
        made.append(name)
        spec.loader.exec_module(module)
        return module

    yield make
    for name in made:
        del sys.modules[name]
