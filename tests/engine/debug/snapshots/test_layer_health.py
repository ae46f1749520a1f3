"""How well a layer does, against the plain formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.health.activations import SATURATED_MARGIN, rule_for
from engine.debug.snapshots.layer_health import (
    UPDATE_RATIO_RANGE,
    layer_health,
)  # fmt: skip
from engine.debug.snapshots.snapshot import LayerProgress, LayerState
from tests.engine.debug.networks import Recipe, recipes


def layer(kind: str = "Affine", **fields: Any) -> LayerState:
    plain = LayerState(
        name=f"{kind}1", kind=kind, equation="", in_shape=(), out_shape=(), parameters={},
        gradients={}, output=None, progress=LayerProgress.NOW, forward=None, backward=None,
    )  # fmt: skip
    return replace(plain, **fields)


def frozen(values: Any) -> np.ndarray:
    array = np.array(values, float)
    array.flags.writeable = False
    return array


def rms(array: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(array, dtype=float))))


@given(recipes(), st.integers(0, 2), st.data())
@settings(max_examples=30, deadline=None)
def test_the_numbers_of_a_real_layer_are_those_of_numpy(recipe, batch, data):
    session = recipe.session()
    session.run(batches=batch)
    last = len(session.trace) - 1
    session.goto(batch, data.draw(st.sampled_from([0, last]) | st.integers(0, last)))
    for state in session.snapshot().layers:
        health = layer_health(state)
        for found, array in ((health.output_rms, state.output), (health.dout_rms, state.dout)):
            assert (found is None) is (array is None)
            assert found is None or found == pytest.approx(rms(array), rel=1e-6)
        assert health.parameters.keys() == state.parameters.keys()
        for name, parameter in health.parameters.items():
            now, before = state.parameters[name], state.before[name]
            assert parameter.rms == pytest.approx(rms(now))
            gradient = state.gradients.get(name)
            assert (parameter.gradient_rms is None) is (gradient is None)
            if gradient is not None:
                assert parameter.gradient_rms == pytest.approx(rms(gradient))
            changed = before is not now and bool(before.any())
            assert (parameter.update_ratio is not None) is changed
            if changed:
                expected = rms(now.astype(float) - before) / rms(before)
                assert parameter.update_ratio == pytest.approx(expected)


def test_the_update_ratio_comes_with_the_update_and_goes_with_it():
    session = Recipe().session()
    session.run(batches=3)
    last = len(session.trace) - 1

    def ratio() -> float | None:
        states = {state.name: state for state in session.snapshot().layers}
        return layer_health(states["Affine2"]).parameters["W"].update_ratio

    session.goto(3, last)
    assert ratio() > 0
    session.goto(3, last // 2)
    assert ratio() is None
    session.goto(3, last)
    assert ratio() > 0


def test_a_weight_that_moves_too_much_or_too_little_is_warned_of_and_a_bias_is_not():
    low, high = UPDATE_RATIO_RANGE
    before = np.full((2, 3), 8.0)
    for factor, warned in ((low / 2, True), (low * 2, False), (high / 2, False), (high * 2, True)):
        now = before * (1 + factor)
        state = layer(parameters={"W": now, "b": now[0]}, before={"W": before, "b": before[0]})
        found = layer_health(state).parameters
        assert found["W"].update_ratio == pytest.approx(factor)
        assert (found["W"].update_warning, found["b"].update_warning) == (warned, False)


@given(
    st.sampled_from(["Sigmoid", "Tanh", "MySigmoidLayer", "hard_sigmoid"]),
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
)
def test_the_saturated_share_counts_the_cells_near_an_end_of_the_range(kind, places):
    low, high = rule_for(kind).range
    output = frozen([low + (high - low) * np.array(places)])
    share = np.mean([p < SATURATED_MARGIN or p > 1 - SATURATED_MARGIN for p in places])
    near = [abs(abs(p - 0.5) - 0.5 + SATURATED_MARGIN) < 1e-9 for p in places]
    health = layer_health(layer(kind, output=output))
    assert health.saturated_share == pytest.approx(share, abs=np.mean(near))
    assert health.saturated_warning is (health.saturated_share >= 0.5)
    assert health.dead_share is health.zero_share is None


def test_the_dead_share_counts_units_and_the_zero_share_counts_cells():
    output = frozen([[0, 1, 0, 0], [0, 0, 2, 0], [0, 3, 4, 0]])
    health = layer_health(layer("ReLU", output=output))
    assert (health.dead_share, health.zero_share) == (0.5, 8 / 12)
    assert health.dead_warning and not health.saturated_warning
    assert health.saturated_share is None
    assert not layer_health(layer("ReLU", output=output[:, 1:3])).dead_warning


@pytest.mark.parametrize("kind", ["Affine", "LeakyReLU", "BatchNorm", "SoftmaxWithLoss"])
def test_other_layers_neither_saturate_nor_die(kind):
    health = layer_health(layer(kind, output=frozen([[0.0, 1.0]])))
    assert health.saturated_share is health.dead_share is health.zero_share is None
    assert health.output_rms == pytest.approx(np.sqrt(0.5))


def test_a_layer_that_has_not_run_has_nothing_to_tell():
    health = layer_health(layer("Sigmoid"))
    assert health.output_rms is health.dout_rms is health.saturated_share is None


@pytest.mark.parametrize(
    "output", [frozen(np.zeros((0, 4))), frozen([[np.nan, np.inf]]), np.array([["a"]]), 3.0]
)
@pytest.mark.parametrize("kind", ["Sigmoid", "ReLU"])
def test_an_odd_output_breaks_nothing(kind, output):
    health = layer_health(layer(kind, output=output))
    assert health.output_rms is None
    assert not health.dead_warning


def test_it_is_measured_once_while_the_array_lives():
    before, now = frozen(np.ones((4, 4))), frozen(np.full((4, 4), 1.5))
    state = layer(parameters={"W": now}, before={"W": before})
    first = layer_health(state).parameters["W"].update_ratio
    now.flags.writeable = True  # nobody does this: it shows that the array is not read again
    now[...] = 7
    now.flags.writeable = False
    assert layer_health(state).parameters["W"].update_ratio == first == 0.5
