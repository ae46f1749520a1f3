"""What is kept for going back: who wrote it, who reads it, and how much memory that is when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.snapshots.snapshot import CacheEntry, CacheState
from engine.nn.network import Network
from engine.options import Options, build_session
from tests.engine.debug.networks import DATASET, Recipe, recipes


def cache_of(session: Any) -> dict[str, CacheEntry]:
    return {entry.name: entry for entry in session.snapshot().cache}


def test_the_lines_that_wrote_and_the_expressions_that_read_the_cache_of_the_default_network():
    cache = cache_of(build_session(Options(network="784-50-10")))
    assert {name: entry.writer for name, entry in cache.items()} == {
        "Affine1.x": "self.x = x",
        "Sigmoid1.y": "self.y = 1 / (1 + np.exp(-x))",
        "Affine2.x": "self.x = x",
        "SoftmaxWithLoss.t": "self.t = class_numbers(t, z)",
        "SoftmaxWithLoss.y": "self.y = e / total",
    }
    assert {name: entry.readers for name, entry in cache.items()} == {
        "Affine1.x": ("self.x.T @ dout",),
        "Sigmoid1.y": ("dout * self.y", "1 - self.y"),
        "Affine2.x": ("self.x.T @ dout",),
        "SoftmaxWithLoss.t": ("dz[rows, self.t] -= 1",),
        "SoftmaxWithLoss.y": ("self.y.copy()",),
    }


@given(recipes(), st.integers(0, 1))
@settings(max_examples=30, deadline=None)
def test_each_read_has_its_source_and_each_store_its_own(recipe, batch):
    session = recipe.session()
    session.run(batches=batch)
    for entry in session.snapshot().cache:
        name = entry.name.rpartition(".")[2]
        assert len(entry.readers) == len(entry.reads)
        assert all(f".{name}" in source for source in entry.readers), entry
        assert entry.writer


class Helped:
    """Stores what a function returns, and binds what it reads to a name."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.kept = doubled(x)
        return self.kept

    def backward(self, dout: np.ndarray) -> np.ndarray:
        kept = self.kept
        return dout * np.sign(kept) * 2


def doubled(x: np.ndarray) -> np.ndarray:
    return x * 2


def test_a_store_after_a_call_and_a_read_without_an_expression_are_told_by_their_lines():
    network, optimizer = Recipe().build()
    layers = [*network.layers[:1], Helped(), *network.layers[1:]]
    session = type(Recipe().session())(Network(layers, network.loss), DATASET, optimizer, 5)
    entry = cache_of(session)["Helped1.kept"]
    assert entry.writer == "self.kept = doubled(x)"
    assert entry.readers == ("kept = self.kept",)


@pytest.mark.slow
@given(recipes(), st.integers(0, 1))
@settings(max_examples=10, deadline=None)
def test_the_memory_over_the_batch_is_that_of_the_entries_held(recipe, batch):
    session = recipe.session()
    session.run(batches=batch)
    held = session.snapshot().held_bytes
    assert held.shape == (len(session.trace),) and not held.flags.writeable
    for event in range(len(held)):
        session.goto(batch, event)
        cache = session.snapshot().cache
        alive = {e.shared_with or e.name for e in cache if e.state is CacheState.HELD}
        assert held[event] == sum(e.nbytes for e in cache if e.name in alive)


def test_what_two_layers_share_counts_once_until_both_have_read_it():
    session = build_session(Options(network="784-50-10"))
    cache = cache_of(session)
    x, y, shared = (cache[name] for name in ("Affine1.x", "Sigmoid1.y", "Affine2.x"))
    held = session.snapshot().held_bytes
    assert shared.reads[-1] < y.reads[-1]
    assert held[shared.written] == held[shared.written - 1] == x.nbytes + y.nbytes
    assert held[shared.reads[-1]] == held[y.reads[-1] - 1] == x.nbytes + y.nbytes
    assert held[y.reads[-1]] == x.nbytes
    assert held[0] == held[-1] == 0
