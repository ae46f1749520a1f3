"""The parameters of stored states, looked up without going there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.session import Session
from engine.errors import NotStored
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from tests.engine.debug.networks import BATCH_SIZE, DATASET, Recipe, recipes
from tests.engine.debug.oracle import picture
from tests.engine.debug.snapshots.test_layers import fused, rebinding

RUN = 140  # batches: states are at most 64 of them apart


def pictures(parameters: dict[str, np.ndarray]) -> dict[str, Any]:
    return {name: picture(array) for name, array in parameters.items()}


def check_all(session: Session) -> None:
    """Every stored state is what going there shows; nothing moves in between."""
    stored = session.history().stored
    assert stored[0] == 0 and len(stored) > 1 and list(stored) == sorted(stored)
    here = session.position
    live = pictures(session.network.parameters())
    trace = session._trace
    found = {batch: session.stored_parameters(batch) for batch in stored}
    assert session.position == here and session._trace is trace
    assert pictures(session.network.parameters()) == live
    for batch, parameters in found.items():
        assert not any(array.flags.writeable for array in parameters.values())
        session.goto(batch)
        assert pictures(parameters) == pictures(session.network.parameters())
    assert len({repr(pictures(parameters)) for parameters in found.values()}) == len(found)


@given(recipes(), st.data())
@settings(max_examples=30, deadline=None)
def test_a_stored_state_is_what_going_there_shows(recipe, data):
    session = recipe.session()
    session.run(batches=RUN)
    session.goto(data.draw(st.integers(0, RUN - 1)))
    if data.draw(st.booleans()):
        session.goto(session.position.batch, data.draw(st.integers(0, len(session.trace) - 1)))
    check_all(session)


class Flat:
    """Parameters that are parts of one long vector, cut out anew at each look."""

    parameter_names = ("W", "b")

    def __init__(self, inputs: int, outputs: int) -> None:
        self.vector = np.random.default_rng(1).normal(0, 1, (inputs + 1) * outputs)
        self.shape = inputs, outputs

    @property
    def W(self) -> np.ndarray:
        return self.vector[: -self.shape[1]].reshape(self.shape)

    @property
    def b(self) -> np.ndarray:
        return self.vector[-self.shape[1] :]

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: np.ndarray) -> np.ndarray:
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


def flat() -> Session:
    network = Network([Flat(9, 5), Flat(5, 4)], SoftmaxWithLoss())
    return Session(network, DATASET, SGD(0.5), BATCH_SIZE, blas_threads=None)


@pytest.mark.parametrize("make", [flat, rebinding, fused])
def test_parameters_that_are_kept_in_other_ways_are_found(make):
    session = make()
    session.run(batches=RUN)
    session.goto(13, 7)
    check_all(session)


@pytest.mark.parametrize("make", [flat, rebinding, fused, Recipe().session])
def test_the_cursor_s_own_batch_needs_no_stored_state(make):
    session = make()
    session.run(batches=RUN)
    session.goto(13)
    assert 13 not in session.history().stored
    expected = pictures(session.network.parameters())
    assert pictures(session.stored_parameters(13)) == expected
    for event in (len(session.trace) - 1, len(session.trace) // 2, 0):
        session.goto(13, event)
        assert pictures(session.stored_parameters(13)) == expected


def test_a_batch_that_is_not_stored_says_which_one_is():
    session = Recipe().session()
    session.run(batches=RUN)
    stored = session.history().stored
    absent = next(batch for batch in range(1, RUN) if batch not in stored)
    nearest = max(batch for batch in stored if batch < absent)
    with pytest.raises(NotStored) as caught:
        session.stored_parameters(absent)
    assert (caught.value.batch, caught.value.nearest) == (absent, nearest)
    for beyond in (-1, 10**6):
        with pytest.raises(NotStored):
            session.stored_parameters(beyond)
