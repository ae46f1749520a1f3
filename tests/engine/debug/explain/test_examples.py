"""Which cell of a result is the example: the one that matters, kept, and never without gradient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import AtBatch, AtData, Change
from engine.data import load_mnist, tiny_digits
from engine.debug.events import Phase
from engine.debug.explain.examples import ExamplePlaces, example_cell, kept_cell
from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.session import Session
from engine.nn.optimizers import SGD
from engine.presets import PRESETS

BATCH = 6
sides = st.integers(1, 7)


def made(result: np.ndarray, form: Form = Form.PRODUCT, *operands: np.ndarray) -> Operation:
    return Operation(form, "@", tuple(Operand("a", value) for value in operands), result, "a")


@st.composite
def results(draw):
    """An array of small whole numbers, with zeros among them."""
    shape = draw(st.sampled_from([(BATCH, draw(sides)), (draw(sides), BATCH), (draw(sides),)]))
    numbers = st.lists(st.integers(-3, 3), min_size=int(np.prod(shape)),
                       max_size=int(np.prod(shape)))  # fmt: skip
    return np.array(draw(numbers), dtype=float).reshape(shape)


@settings(deadline=None)
@given(results())
def test_with_nothing_kept_it_is_the_largest(result):
    cell = example_cell(made(result), Phase.FORWARD, BATCH)
    assert abs(result[cell]) == np.abs(result).max()


@settings(deadline=None)
@given(results(), st.dictionaries(st.tuples(sides, st.integers(-1, 1)), st.integers(0, 8)))
def test_a_gradient_of_zero_is_no_example_unless_all_are(result, places):
    cell = example_cell(made(result), Phase.BACKWARD, BATCH, ExamplePlaces(places))
    assert result[cell] != 0 or not result.any()


@settings(deadline=None)
@given(results(), results())
def test_it_is_kept_where_the_axes_are_the_same(first, second):
    kept = ExamplePlaces()
    cell = example_cell(made(first), Phase.FORWARD, BATCH, kept)
    kept = kept.after(first.shape, cell, BATCH)
    assert kept_cell(first.shape, BATCH, kept) == cell
    again = example_cell(made(first[::-1].copy()), Phase.FORWARD, BATCH, kept)
    assert again == cell
    if first.ndim == second.ndim == 2 and first.shape[0] == second.shape[0] == BATCH:
        assert example_cell(made(second), Phase.FORWARD, BATCH, kept)[0] == cell[0]


def test_a_turned_array_has_the_same_sample():
    kept = ExamplePlaces().after((BATCH, 3), (4, 1), BATCH)
    turned = np.arange(3 * BATCH, dtype=float).reshape(3, BATCH)
    assert example_cell(made(turned), Phase.FORWARD, BATCH, kept) == (1, 4)


def test_of_an_update_the_largest_change_counts():
    before = np.array([[9.0, 1.0], [2.0, 3.0]])
    after = before - np.array([[0.1, 0.0], [0.7, 0.2]])
    update = made(after, Form.IN_PLACE, before, before - after)
    assert example_cell(update, Phase.UPDATE, BATCH) == (1, 0)
    kept = ExamplePlaces().after((2, 2), (0, 1), BATCH)  # which has not changed
    assert example_cell(update, Phase.UPDATE, BATCH, kept) != (0, 1)


def test_a_number_that_is_none_matters_most():
    result = np.array([[1.0, 5.0], [np.nan, 2.0]])
    assert example_cell(made(result), Phase.FORWARD, BATCH) == (1, 0)


def test_going_forward_the_gradient_of_the_same_batch_counts():
    result, gradient = np.array([[9.0, 5.0], [1.0, 2.0]]), np.array([[0.0, 0.3], [0.1, 0.2]])
    operation = replace(made(result), gradients=(gradient, np.ones(7)))
    assert example_cell(operation, Phase.FORWARD, BATCH) == (0, 1)


def test_a_pinned_sample_and_the_cells_that_are_reached_come_first():
    result = np.arange(BATCH * 3, dtype=float).reshape(BATCH, 3)
    kept = ExamplePlaces().after((BATCH, 3), (1, 1), BATCH)
    assert example_cell(made(result), Phase.FORWARD, BATCH, kept, row=2) == (2, 1)
    within = (slice(None), 2)
    assert example_cell(made(result), Phase.FORWARD, BATCH, kept, within=within) == (1, 2)


def test_no_array_has_a_cell_of_which_an_axis_was_never_met():
    kept = ExamplePlaces().after((BATCH, 3), (1, 1), BATCH)
    assert kept_cell((BATCH, 4), BATCH, kept) is None
    assert kept_cell((BATCH, 1), BATCH, kept) == (1, 0)


@pytest.fixture
def session() -> Session:
    """A network with ReLUs, in which many gradients are exactly 0."""
    return Session(
        network=PRESETS["784-100-50-10"].build(seed=0), dataset=load_mnist(),
        optimizer=SGD(lr=0.1), batch_size=20, seed=0,
    )  # fmt: skip


def test_through_a_batch_of_a_network_with_relus_no_example_is_without_gradient(session):
    kept = ExamplePlaces()
    seen = set()
    for event in range(len(session.trace)):
        session.goto(batch=0, event=event)
        snapshot = session.snapshot()
        operation = snapshot.operation
        if operation.form not in (Form.PRODUCT, Form.ELEMENTWISE, Form.FUNCTION):
            continue
        if np.ndim(operation.result) != 2:
            continue
        cell = example_cell(operation, snapshot.event.phase, 20, kept)
        kept = kept.after(operation.result.shape, cell, 20)
        for gradient in operation.gradients:
            if gradient.shape == operation.result.shape and snapshot.event.phase == Phase.FORWARD:
                assert gradient[cell] != 0 or not gradient.any()
                seen.add(operation.layer)
        if snapshot.event.phase is Phase.BACKWARD:
            assert operation.result[cell] != 0
    assert {"Affine1", "Affine2", "Affine3"} <= seen


def small() -> Session:
    chosen = PRESETS["16-4-3"]
    return Session(network=chosen.build(seed=0), dataset=tiny_digits(), optimizer=SGD(lr=0.5),
                   batch_size=6, seed=0)  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "index"),
    [("9, 2", np.s_[9, 2]), ("9, :", np.s_[9]), (":, 2", np.s_[:, 2]), ("", ...)],
)
def test_a_hit_names_the_cell_that_changed(cells, index):
    session = small()
    before = session.network.parameters()["Affine1.W"].copy()
    one = session.breakpoints.add(AtData("Affine1.W", cells))
    session.continue_(batches=5)
    hit = session.last_hits[one.id]
    changes = np.abs(session.snapshot().layers[0].parameters["W"].astype(float) - before)
    asked = np.zeros(changes.shape, dtype=bool)
    asked[index] = True
    assert asked[hit.cell]
    assert changes[hit.cell] == changes[asked].max() > 0


def test_backwards_it_is_the_same_cell():
    session = small()
    one = session.breakpoints.add(AtData("Affine1.W", "", Change.SIGN))
    session.continue_(batches=50)
    there, cell = session.position, session.last_hits[one.id].cell
    assert len(cell) == 2
    session.goto(batch=there.batch + 1)
    session.reverse_continue()
    assert (session.position, session.last_hits[one.id].cell) == (there, cell)


def test_of_a_gradient_it_is_one_of_those_that_are_set_anew():
    session = small()
    one = session.breakpoints.add(AtData("Affine1.dW", ":, 1"))
    session.continue_(batches=5)
    cell = session.last_hits[one.id].cell
    assert cell[1] == 1 and session.position.batch == 1  # before the first there is none to compare


def test_other_breakpoints_have_no_cell():
    session = small()
    one = session.breakpoints.add(AtBatch(1))
    session.continue_(batches=5)
    assert session.last_hits[one.id].cell == ()
