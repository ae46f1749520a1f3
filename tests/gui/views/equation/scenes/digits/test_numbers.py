"""The sums over images: which stops have one, and that each sum is the one that is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.debug.explain.operation_stops import operation_stops
from engine.debug.reach.placeholders import faded
from gui.views.equation.scenes.digits.cell_numbers import cell_sums
from gui.views.equation.scenes.digits.numbers import UnitSum, closed_by, image_product
from tests.gui.views.equation.scenes.digits.moments import session_of, stop, with_values
from tests.gui.words import foreign


def sum_of(snapshot, unit):
    product = image_product(snapshot)
    assert product is not None
    return UnitSum(product, unit)


@pytest.mark.parametrize("preset", ["784-50-10", "784-10", "784-100-50-10", "16-4-3"])
def test_of_all_stops_only_the_gradient_of_the_first_weights_is_a_sum_of_images(preset):
    session = session_of(preset)
    session.goto(batch=1)
    found = []
    for event in operation_stops(session.trace):
        session.goto(batch=1, event=event)
        if image_product(session.snapshot()) is not None:
            found.append((session.snapshot().event.layer, session.snapshot().operation.name))
    assert found == [("Affine1", "self.dW")]


@pytest.mark.parametrize(
    ("preset", "size"), [("784-50-10", None), ("784-50-10", 1), ("16-4-3", None)]
)
def test_the_sum_of_all_images_is_the_column_of_the_result(preset, size):
    snapshot = stop(preset=preset, batch_size=size)
    result = snapshot.operation.result
    near = 1e-5 * np.abs(result).max()
    for unit in range(result.shape[1]):
        total = sum_of(snapshot, unit)
        np.testing.assert_allclose(total.after(len(total)), result[:, unit], atol=near)
        np.testing.assert_array_equal(total.result, result[:, unit])


def test_each_running_sum_adds_the_images_in_the_order_shown():
    total = sum_of(stop(), 18)
    images = stop().minibatch.images.reshape(100, -1).astype(np.float64) / 255
    weights = stop().operation.operands[1].value[:, 18].astype(np.float64)
    sizes = np.abs(weights[total.order])
    assert (np.diff(sizes) <= 0).all()
    expected = np.zeros(784)
    near = 1e-5 * np.abs(total.result).max()
    first = total.first(5)
    for count, row in enumerate(total.order, start=1):
        np.testing.assert_allclose(total.alone(count - 1), images[row] * weights[row], atol=near)
        expected += images[row] * weights[row]
        np.testing.assert_allclose(total.after(count), expected, atol=near)
        if count <= 5:
            np.testing.assert_allclose(first[count - 1], expected, atol=near)
        assert total.rank(row) == count - 1


def test_the_numbers_follow_the_arrays():
    snapshot = stop()
    left, right = (operand.value for operand in snapshot.operation.operands)
    changed = right.copy()
    changed[37, 18] = -1000 * np.abs(right).max()
    total = sum_of(with_values(snapshot, None, changed, result=left @ changed), 18)
    assert total.order[0] == 37 and total.weight(0) == changed[37, 18]
    np.testing.assert_array_equal(total.alone(0), left[:, 37] * changed[37, 18])
    product = image_product(with_values(snapshot, None, changed, result=left @ changed))
    assert product.largest_unit() == 18
    result = snapshot.operation.result.copy()
    result[3, 41] = -result.max() * 2
    assert image_product(with_values(snapshot, None, None, result=result)).largest_unit() == 41


def test_rows_that_are_not_the_images_are_no_sum_of_images():
    snapshot = stop()
    left, _right = (operand.value for operand in snapshot.operation.operands)
    other = left.copy()
    other[400, 99] += 0.01
    assert image_product(with_values(snapshot, other, None)) is None
    assert image_product(with_values(snapshot, left[:, ::-1], None)) is None
    assert image_product(with_values(snapshot, faded(left), None)) is None
    assert image_product(with_values(snapshot, left * 2 - 1, None)) is None
    other[:] = np.nan
    assert image_product(with_values(snapshot, other, None)) is None


def test_what_is_not_finite_comes_first():
    snapshot = stop()
    right = snapshot.operation.operands[1].value.copy()
    right[70, 3] = np.nan
    total = sum_of(with_values(snapshot, None, right), 3)
    assert total.order[0] == 70
    assert np.isnan(total.alone(0)).all()
    assert not total.silent
    result = snapshot.operation.result.copy()
    result[:, 0] = np.nan
    assert image_product(with_values(snapshot, None, right, result=result)).largest_unit() > 0


def test_a_sign_is_known_of_our_own_gradients_only():
    assert image_product(stop()).sign_known
    event = replace(stop().event, file="/other/net.py")
    assert not image_product(replace(stop(), event=event)).sign_known
    operation = replace(stop().operation, name="self.step")
    assert not image_product(replace(stop(), operation=operation)).sign_known


def test_a_relu_that_gave_0_everywhere_is_named():
    snapshot = stop(preset="784-100-50-10")
    assert closed_by(snapshot, 4) == ""
    output = next(layer.output for layer in snapshot.layers if layer.name == "ReLU1").copy()
    output[:, 4] = 0
    layers = tuple(
        replace(layer, output=output) if layer.name == "ReLU1" else layer
        for layer in snapshot.layers
    )
    assert closed_by(replace(snapshot, layers=layers), 4) == "ReLU1"
    assert closed_by(replace(snapshot, layers=layers), 5) == ""
    assert closed_by(stop(), 4) == ""


@pytest.mark.parametrize(("name", "sums"), [("lists", 1), ("caches", 1)])
def test_of_other_peoples_code_the_sum_is_shown_and_no_direction_claimed(name, sums):
    session = foreign.networks()[name]
    session.goto(batch=0)
    found = []
    for event in operation_stops(session.trace):
        session.goto(batch=0, event=event)
        snapshot = session.snapshot()
        assert cell_sums(snapshot) is None
        found.append(image_product(snapshot))
    products = [product for product in found if product is not None]
    assert len(products) == sums
    for product in products:
        assert not product.sign_known
        total = UnitSum(product, product.largest_unit())
        near = 1e-5 * np.abs(total.result).max()
        np.testing.assert_allclose(total.after(len(total)), total.result, atol=near)
