"""Dimensions that disagree: which they are, their sizes in words, and what may have been meant."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.operation_at import operation_at
from engine.debug.record.recorder import Recorder


def failed(function, *args) -> Operation:
    trace = Recorder(function, [], {}).record(*args)
    assert trace.error is not None
    return operation_at(trace, len(trace) - 1)


# fmt: off
def product(x, W): return x @ W.T
def dotted(x, W): return np.dot(x, W)
def product_of_sums(x, W): return (x + 1) @ (W + 1)
def added(x, b): return x + b
def largest(x): return x - x.max(axis=1)
def length(x): return x / np.sqrt(np.sum(x * x, axis=1))
def larger(x, y): return np.maximum(x, y)
def entries(x, t): return x[np.arange(3), t]
def masked(x, mask): return x[mask]
# fmt: on


def updated(W, dW):
    W -= 0.1 * dW


def multiplied(W, M):
    W @= M


@pytest.mark.parametrize(
    ("function", "shapes", "left", "right", "sentence", "advice"),
    [
        (product, [(2, 784), (784, 50)], (0, 1), (1, 0),
         "x has 784 columns, W.T has 50 rows.", "Did you mean W (784 × 50)?"),
        (dotted, [(2, 3), (5, 3)], (0, 1), (1, 0),
         "x has 3 columns, W has 5 rows.", "Did you mean W.T (3 × 5)?"),
        (dotted, [(3, 2), (3, 4)], (0, 1), (1, 0),
         "x has 2 columns, W has 3 rows.", "Did you mean x.T (2 × 3)?"),
        (dotted, [(3, 1), (4, 5)], (0, 1), (1, 0),
         "x has 1 column, W has 4 rows.", "They must be equal."),
        (dotted, [(3,), (4, 5)], (0, 0), (1, 0),
         "x has 3 elements, W has 4 rows.", "They must be equal."),
        (product_of_sums, [(2, 3), (2, 3)], (0, 1), (1, 0),
         "x + 1 has 3 columns, W + 1 has 2 rows.", "Did you mean (W + 1).T (3 × 2)?"),
        (added, [(2, 3), (4,)], (0, 1), (1, 0),
         "x has 3 columns, b has 4 elements.", "each pair of sizes must be equal"),
        (added, [(4, 3), (4,)], (0, 1), (1, 0),
         "x has 3 columns, b has 4 elements.",
         "Did you mean b[:, None] (4 × 1), one for each row?"),
        (added, [(2, 5, 3), (2, 4, 3)], (0, 1), (1, 1),
         "x is 5 long along axis 1, b is 4 long along axis 1.", "must be equal"),
        (largest, [(4, 3)], (0, 1), (1, 0),
         "x has 3 columns, x.max(axis=1) has 4 elements.",
         "Did you mean x.max(axis=1, keepdims=True) (4 × 1), one for each row?"),
        (length, [(4, 3)], (0, 1), (1, 0),
         "x has 3 columns, np.sqrt(np.sum(x * x, axis=1)) has 4 elements.",
         "Did you mean np.sqrt(np.sum(x * x, axis=1))[:, None] (4 × 1), one for each row?"),
        (larger, [(2, 3), (3, 2)], (0, 1), (1, 1),
         "x has 3 columns, y has 2 columns.", "Did you mean y.T (2 × 3)?"),
        (updated, [(2, 3), (3, 2)], (0, 1), (1, 1),
         "W has 3 columns, 0.1 * dW has 2 columns.", "Did you mean (0.1 * dW).T (2 × 3)?"),
        (updated, [(1, 3), (2, 3)], (0, 0), (1, 0),
         "W has 1 row, 0.1 * dW has 2 rows.", "What is changed in place keeps its shape"),
        (multiplied, [(2, 3), (4, 5)], (0, 1), (1, 0),
         "W has 3 columns, M has 4 rows.", "They must be equal."),
    ],
)  # fmt: skip
def test_the_dimensions_that_disagree_are_named(function, shapes, left, right, sentence, advice):
    mismatch = failed(function, *(np.ones(shape) for shape in shapes)).mismatch
    assert (mismatch.left, mismatch.right) == (left, right)
    assert mismatch.sentence == sentence
    assert advice in mismatch.advice


def test_indices_that_disagree_are_named():
    found = failed(entries, np.ones((3, 4)), np.zeros(5, int))
    assert (found.form, found.mismatch.left, found.mismatch.right) == (
        Form.INDEXING,
        (1, 0),
        (2, 0),
    )
    assert found.mismatch.sentence == "np.arange(3) has 3 elements, t has 5 elements."
    found = failed(masked, np.ones((3, 4)), np.ones((3, 5)) > 0).mismatch
    assert (found.left, found.right, found.sizes) == ((0, 1), (1, 1), (4, 5))
    assert found.sentence == "x has 4 columns, mask has 5 columns."


def test_no_dimensions_are_blamed_for_another_error():
    for function, args in [
        (entries, (np.ones((3, 4)), np.array([9, 9, 9]))),
        (product, (np.ones((2, 3)), 1.0)),
        (added, (np.ones(3), "text")),
    ]:
        operation = failed(function, *args)
        assert operation.error is not None
        assert operation.mismatch is None


sides = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)


@given(sides, sides, st.sampled_from([product, dotted, added, larger, updated]))
def test_sizes_are_those_of_the_operands_and_advice_would_work(a, b, function):
    """Whatever is advised in place of an operand has the shape that it is said to have."""
    x, y = np.ones(a), np.ones(b)
    trace = Recorder(function, [], {}).record(x, y)
    operation = operation_at(trace, len(trace) - 1)
    mismatch = operation.mismatch
    if trace.error is None or mismatch is None:
        assert trace.error is not None or mismatch is None
        return
    shapes = [np.shape(operand.value) for operand in operation.operands]
    for (operand, axis), size in zip((mismatch.left, mismatch.right), mismatch.sizes, strict=True):
        assert shapes[operand][axis] == size
    assert mismatch.sizes[0] != mismatch.sizes[1]
    advised = re.search(r"Did you mean (.+) \(([\d × ]+)\)", mismatch.advice)
    if advised:
        names = {"np": np, "x": x, "y": y, "W": y, "b": y, "dW": y}
        if function is updated:
            names["W"] = x
        value = eval(advised[1], names)
        assert " × ".join(map(str, value.shape)) == advised[2]
        left, right = (operand.value for operand in operation.operands)
        assert works(operation, value, right) or works(operation, left, value)


def works(operation: Operation, left: np.ndarray, right: np.ndarray) -> bool:
    try:
        result = left @ right if operation.form is Form.PRODUCT else left + right
    except ValueError:
        return False
    return operation.form is not Form.IN_PLACE or result.shape == left.shape
