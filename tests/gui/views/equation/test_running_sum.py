"""A sum as a running total: it ends at the value, whatever the terms and the room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.terms import terms_of
from gui.views.equation.picture.forms import row_of
from gui.views.equation.running_sum import explained, running_sum, words_of

numbers = st.floats(-1e3, 1e3, width=32)


def product(x: np.ndarray, w: np.ndarray) -> Operation:
    return Operation(Form.PRODUCT, "@", (Operand("x", x), Operand("W", w)), x @ w, "x @ W")


@given(st.data(), st.integers(1, 120), st.integers(0, 30))
def test_the_steps_lead_from_nothing_to_the_value(data, length, lines):
    factors = st.lists(numbers, min_size=length, max_size=length)
    x = np.array([data.draw(factors)])
    w = np.array([data.draw(factors)]).T
    operation = product(x, w)
    terms = terms_of(operation, (0, 0), most=40)
    parts = row_of(operation).contributions(operation, terms)
    steps = running_sum(terms, parts, lines)
    assert len(steps) <= max(lines, 2)
    total = 0.0
    for step in steps:
        assert step.start == total
        total = step.end
    slack = 1e-9 * float(np.abs(parts).sum()) + 1e-9
    assert total == pytest.approx(float(terms.result), abs=slack)
    assert sum(step.count for step in steps) == np.count_nonzero(parts)
    sizes = [abs(step.value) for step in steps if step.at]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 <= explained(steps, parts) <= 1 + 1e-9


def test_a_mean_and_a_sum_are_totals_a_maximum_is_none():
    x = np.array([[1.0, 2.0, -4.0]])
    for symbol, result, expected in (("sum", -1.0, -1.0), ("mean", -1 / 3, -1 / 3)):
        operation = Operation(
            Form.REDUCTION, symbol, (Operand("x", x),), np.array([result]), "x.f()", axes=(1,)
        )
        terms = terms_of(operation, (0,), most=40)
        steps = running_sum(terms, row_of(operation).contributions(operation, terms), 10)
        assert steps[-1].end == pytest.approx(expected)
        assert [step.at for step in steps] == [(0, 2), (0, 1), (0, 0)]
    largest = Operation(
        Form.REDUCTION, "max", (Operand("x", x),), np.array([2.0]), "x.max()", axes=(1,)
    )
    assert row_of(largest).contributions(largest, terms_of(largest, (0,))) is None


def test_what_is_no_number_has_no_total():
    operation = product(np.array([[1.0, np.nan]]), np.array([[1.0], [2.0]]))
    terms = terms_of(operation, (0, 0))
    assert running_sum(terms, row_of(operation).contributions(operation, terms), 5) == []


def test_the_others_are_told_by_what_they_do():
    operation = product(np.ones((1, 5)), np.array([[5.0, 1.0, 1.0, -1.0, 0.0]]).T)
    terms = terms_of(operation, (0, 0), most=40)
    parts = row_of(operation).contributions(operation, terms)
    assert [words_of(step, True) for step in running_sum(terms, parts, 3)] == [
        "", "2 others add", "1 others take away",
    ]  # fmt: skip
    assert [words_of(step, False) for step in running_sum(terms, parts, 2)] == [
        "3 add", "1 take away",
    ]  # fmt: skip
