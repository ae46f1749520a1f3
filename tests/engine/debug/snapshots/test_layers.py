"""What a layer was given and gave back, and its parameters before the update."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.order import BatchOrder
from engine.debug.events import Kind, Phase
from engine.debug.session import Session
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.nn.training import train_step
from tests.engine.debug.networks import BATCH_SIZE, COUNT, DATASET, Recipe, recipes
from tests.engine.debug.oracle import picture


@dataclass
class Passed:
    """What went through the layers of one batch, by layer: pictures, taken at once."""

    dout: dict[str, Any] = field(default_factory=dict)
    dx: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def passed_through(recipe: Recipe, batch: int) -> Passed:
    """Train in a bare loop, and watch a batch from between the layers."""
    network, optimizer = recipe.build()
    order = BatchOrder(COUNT, BATCH_SIZE, recipe.seed)
    for earlier in range(batch):
        train_step(network, optimizer, *DATASET.batch(order.indices(earlier), recipe.dtype))
    found = Passed(before={name: picture(a) for name, a in network.parameters().items()})
    x, t = DATASET.batch(order.indices(batch), recipe.dtype)
    network.forward(x, t)
    dout: Any = network.loss.backward()
    found.dx[type(network.loss).__name__] = picture(dout)
    for name, layer in reversed(list(zip(network.layer_names, network.layers, strict=True))):
        found.dout[name] = picture(dout)
        dout = layer.backward(dout)
        found.dx[name] = picture(dout)
    optimizer.update(network.parameters(), network.gradients())
    found.after = {name: picture(a) for name, a in network.parameters().items()}
    return found


@given(recipes(), st.integers(0, 2), st.data())
@settings(max_examples=40, deadline=None)
def test_a_layer_tells_what_it_was_given_and_gave_back_once_it_has(recipe, batch, data):
    session = recipe.session()
    session.run(batches=batch)
    trace = session.trace
    cursors = [0, len(trace) - 1, data.draw(st.integers(0, len(trace) - 1)), 0]
    told = []
    for cursor in cursors:
        session.goto(batch, cursor)
        told.append([(layer, cursor) for layer in session.snapshot().layers])
    expected = passed_through(recipe, batch)
    for layer, cursor in (pair for pairs in told for pair in pairs):
        if layer.forward:
            assert layer.forward_ran is (cursor >= layer.forward[1])
        is_given = layer.backward is not None and cursor >= layer.backward[0]
        has_returned = layer.backward is not None and cursor >= layer.backward[1]
        dout = expected.dout.get(layer.name, picture(None))
        assert picture(layer.dout) == (dout if is_given else picture(None)), layer.name
        assert picture(layer.dx) == (expected.dx[layer.name] if has_returned else picture(None))


@given(recipes(), st.integers(0, 2), st.data())
@settings(max_examples=40, deadline=None)
def test_the_parameters_before_are_those_of_the_start_of_the_batch(recipe, batch, data):
    session = recipe.session()
    session.run(batches=batch)
    last = len(session.trace) - 1
    told = []
    for cursor in [last, data.draw(st.integers(0, last)), 0]:
        session.goto(batch, cursor)
        told.append(session.snapshot())
    expected = passed_through(recipe, batch)
    for snapshot in told:
        for layer in snapshot.layers:
            for name, array in layer.before.items():
                full = f"{layer.name}.{name}"
                assert picture(array) == expected.before[full], full
                if snapshot is told[0]:
                    assert picture(layer.parameters[name]) == expected.after[full]


def test_a_gradient_is_there_as_soon_as_backward_has_set_it():
    session = Recipe().session()
    session.run(batches=1)
    there = [set(session.snapshot().layers[-2].gradients)]
    while session.step_into() and session.position.batch == 1:
        now = set(session.snapshot().layers[-2].gradients)
        there += [now] if now != there[-1] else []
    assert there == [set(), {"W"}, {"W", "b"}]


def test_what_the_update_has_not_reached_is_the_very_array_of_the_parameters():
    session = Recipe().session()
    session.run(batches=1)
    bands = {band.label: band for band in session.snapshot().bands if band.phase is Phase.UPDATE}
    session.goto(1, bands["Affine1.b"].last)
    states = {layer.name: layer for layer in session.snapshot().layers}
    first, second = states["Affine1"], states["Affine2"]
    assert first.before["W"] is not first.parameters["W"]
    assert not np.array_equal(first.before["W"], first.parameters["W"])
    assert second.before["W"] is second.parameters["W"]
    session.goto(1, 0)
    for layer in session.snapshot().layers:
        assert all(layer.before[name] is array for name, array in layer.parameters.items())


class Rebinding(SGD):
    """Puts new arrays in the place of the parameters."""

    def __init__(self, network: Network) -> None:
        super().__init__(lr=0.5)
        self.network = network

    def update(self, parameters: Any, gradients: Any) -> None:
        for layer in self.network.layers:
            for name in layer.parameter_names:
                gradient = getattr(layer, "d" + name)
                setattr(layer, name, getattr(layer, name) - self.lr * gradient)


class Dictionary:
    """Keeps its parameters, and their gradients, in dictionaries, as some assignments want it."""

    parameter_names = ("W",)

    def __init__(self, W: np.ndarray) -> None:
        self.params = {"W": W}

    @property
    def W(self) -> np.ndarray:
        return self.params["W"]

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return x @ self.params["W"]

    def backward(self, dout: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        self.dW = self.x.T @ dout
        dx = dout @ self.params["W"].T
        self.params["W"] = self.params["W"] - 0.5 * self.dW
        return dx, {"W": self.dW}


class Fused(Network):
    """Has no update: its layers learn while they go back."""

    def backward(self) -> None:
        dout: Any = self.loss.backward()
        for layer in reversed(self.layers):
            dout, _ = layer.backward(dout)


def rebinding() -> Session:
    network, _ = Recipe().build()
    for layer in network.layers:
        layer.parameter_names = getattr(layer, "parameter_names", ())
    return Session(network, DATASET, Rebinding(network), BATCH_SIZE, blas_threads=None)


def fused() -> Session:
    rng = np.random.default_rng(0)
    layers = [Dictionary(rng.normal(0, 1, shape)) for shape in ((9, 5), (5, 4))]
    network = Fused(layers, SoftmaxWithLoss())
    idle = SGD(lr=0.5)
    idle.update = lambda parameters, gradients: None  # type: ignore[method-assign]
    return Session(network, DATASET, idle, BATCH_SIZE, blas_threads=None)


@pytest.mark.parametrize("make", [rebinding, fused])
def test_a_parameter_that_is_put_anew_is_found_where_it_was(make):
    session = make()
    session.run(batches=2)
    before = {name: picture(array) for name, array in session.network.parameters().items()}
    for event in (0, len(session.trace) // 2, len(session.trace) - 1, 0):
        session.goto(2, event)
        found = {
            f"{layer.name}.{name}": picture(array)
            for layer in session.snapshot().layers
            for name, array in layer.before.items()
        }
        assert found == before
    session.goto(2, len(session.trace) - 1)
    assert {name: picture(a) for name, a in session.network.parameters().items()} != before


def test_a_dx_that_comes_with_gradients_is_found():
    session = fused()
    trace = session.trace
    session.goto(0, len(trace) - 1)
    first, second, loss = session.snapshot().layers
    assert np.array_equal(second.dout, loss.dx)
    assert np.array_equal(first.dout, second.dx)
    assert first.dx.shape == (BATCH_SIZE, 9)
    assert loss.dout is None


def test_a_forward_that_raises_has_not_run():
    class Broken:
        def forward(self, x: np.ndarray) -> np.ndarray:
            return x + np.ones(x.shape[1] + 1)

        def backward(self, dout: np.ndarray) -> np.ndarray:
            return dout

    network, optimizer = Recipe().build()
    session = Session(Network([Broken(), *network.layers], network.loss), DATASET, optimizer, 5)
    session.goto(0, len(session.trace) - 1)
    assert session.event.kind is Kind.EXCEPTION
    assert not any(layer.forward_ran for layer in session.snapshot().layers)


@pytest.mark.parametrize("layers", [2, 30])
def test_a_snapshot_asks_a_network_for_its_parameters_as_often_however_many_layers_it_has(layers):
    class Asked(Network):
        parameters_asked = gradients_asked = 0

        def parameters(self):
            self.parameters_asked += 1
            return super().parameters()

        def gradients(self):
            self.gradients_asked += 1
            return super().gradients()

    built, optimizer = Recipe(middle=("sigmoid",) * layers).build()
    network = Asked(built.layers, built.loss)
    session = Session(network, DATASET, optimizer, BATCH_SIZE)
    session.goto(0, len(session.trace) - 1)
    session.snapshot()
    network.parameters_asked = network.gradients_asked = 0
    snapshot = session.snapshot()
    assert len(snapshot.layers) == layers + 3
    assert network.parameters_asked <= 3  # for all layers, for the notices, for the title
    assert network.gradients_asked == 1


def test_what_is_looked_at_is_shown_again_as_the_same_array():
    """While the cursor moves: what was drawn of it need not be drawn anew."""
    session = Recipe(middle=("sigmoid",)).session()
    session.goto(0, len(session.trace) - 1)
    last = session.snapshot()
    for _ in range(6):
        session.step_back_into()
        before, last = last, session.snapshot()
        for one, other in zip(before.layers, last.layers, strict=True):
            for name, array in other.parameters.items():
                unchanged = np.array_equal(array, one.parameters[name])
                assert (array is one.parameters[name]) == unchanged
