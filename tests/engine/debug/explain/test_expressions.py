"""How expressions of every kind are read, with what was in sight when they ran."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.events import Kind
from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.operation_at import operation_at
from engine.debug.explain.reading import shape_of
from engine.debug.explain.terms import sources_of, targets_of
from engine.debug.record.recorder import Recorder
from tests.engine.debug.recompute import recompute

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -6.0]])


def recorded(function: Callable[..., Any], *args: Any) -> dict[str, list[Operation]]:
    """The operations of a call by their source, lines and returns included."""
    trace = Recorder(function, [], {}).record(*args)
    found: dict[str, list[Operation]] = {}
    for event in range(len(trace)):
        operation = operation_at(trace, event)
        found.setdefault(operation.source, []).append(operation)
    return found


def read(function: Callable[..., Any], *args: Any) -> Operation:
    """The operation of the whole expression that a function returns."""
    trace = Recorder(function, [], {}).record(*args)
    assert trace.error is None
    last = [event for event in range(len(trace)) if trace.kind(event) is Kind.EXPRESSION][-1]
    return operation_at(trace, last)


F = Form


# fmt: off
def sigmoid(x): return 1 / (1 + np.exp(-x))
def minus(x): return -x
def scaled(x): return 0.1 * x
def square(x): return x * x
def power(x): return x**2
def clipped(x): return np.clip(x, None, 1)
def clipped_by_its_method(x): return x.clip(0, 1)
def leaky(x): return np.where(x > 0, x, 0.01 * x)
def curve_of_a_part(x): return np.tanh(x - x.mean(axis=0))
def overwritten(x): return np.exp(x, out=np.empty_like(x))
def two_arrays(x): return x * x.mean(axis=0)
def absolute(x): return np.abs(x)
def turned(x): return x.transpose(1, 0)
def swapped(x): return np.swapaxes(x, 0, 1)
def dotted(x): return np.dot(x, x.T)
def dotted_by_its_method(x): return x.dot(x.T)
def scaled_by_dot(x): return np.dot(x, 2)
def summed(x): return np.sum(x, axis=-1)
def summed_by_place(x): return x.sum(0)
def summed_over_two(x): return x.sum(axis=(0, -1), keepdims=True)
def normed(x): return np.linalg.norm(x, 2)
def normed_rows(x): return np.linalg.norm(x, axis=1)
def picked(x): return x[[0, 1], [1, 2]]
def every_second(x): return x[:, ::2]
def reshaped(x): return x.reshape(3, 2)
def as_integers(x): return x.astype(int)
def joined(x): return np.concatenate([x, x * 2], axis=1)
def padded(x): return np.pad(x, 1)
def made(x): return np.zeros(len(x))
def drawn(x): return np.random.default_rng(0).random(3)
def length(x): return len(x)
def several(x): return 1, x.ndim
def chained(x): return 0 <= x.ndim <= 3
def chained_otherwise(x): return 0 < x.ndim <= 3
def not_none(x): return x is not None
def member(x): return x.ndim not in (4, 5)
def both(x): return x.ndim and x.size
def negated(x): return not x.ndim
def text(x): return f"{x.ndim} axes"
def entry(x): return {"W": x}["W"]
def chosen(x): return x if x.ndim else None
def cumulated(x): return np.cumsum(x)
# fmt: on


@pytest.mark.parametrize(
    ("function", "form", "symbol", "texts"),
    [
        (sigmoid, F.FUNCTION, "f", ["x"]),
        (minus, F.ELEMENTWISE, "−", ["x"]),
        (scaled, F.ELEMENTWISE, "×", ["0.1", "x"]),
        (square, F.FUNCTION, "f", ["x"]),
        (power, F.FUNCTION, "f", ["x"]),
        (clipped, F.FUNCTION, "clip", ["x"]),
        (clipped_by_its_method, F.FUNCTION, "clip", ["x"]),
        (leaky, F.FUNCTION, "f", ["x"]),
        (curve_of_a_part, F.FUNCTION, "tanh", ["x - x.mean(axis=0)"]),
        (overwritten, F.ELEMENTWISE, "exp", ["x"]),
        (two_arrays, F.ELEMENTWISE, "×", ["x", "x.mean(axis=0)"]),
        (absolute, F.FUNCTION, "abs", ["x"]),
        (turned, F.TRANSPOSE, "ᵀ", ["x"]),
        (swapped, F.TRANSPOSE, "ᵀ", ["x"]),
        (dotted, F.PRODUCT, "@", ["x", "x.T"]),
        (dotted_by_its_method, F.PRODUCT, "@", ["x", "x.T"]),
        (scaled_by_dot, F.ELEMENTWISE, "×", ["x", "2"]),
        (summed, F.REDUCTION, "sum", ["x"]),
        (summed_by_place, F.REDUCTION, "sum", ["x"]),
        (summed_over_two, F.REDUCTION, "sum", ["x"]),
        (normed, F.REDUCTION, "norm", ["x"]),
        (normed_rows, F.REDUCTION, "norm", ["x"]),
        (picked, F.INDEXING, "[ ]", ["x", "[0, 1]", "[1, 2]"]),
        (every_second, F.INDEXING, "[ ]", ["x", ":", "::2"]),
        (reshaped, F.COPY, "reshape", ["x"]),
        (as_integers, F.COPY, "astype", ["x"]),
        (joined, F.COPY, "concatenate", ["x", "x * 2"]),
        (padded, F.COPY, "pad", ["x"]),
        (made, F.CREATION, "zeros", ["len(x)"]),
        (drawn, F.CREATION, "random", ["3"]),
        (length, F.LOOKUP, "len", ["x"]),
        (several, F.COLLECTION, "", ["1", "x.ndim"]),
        (chained, F.SCALAR, "≤", ["0", "x.ndim", "3"]),
        (chained_otherwise, F.SCALAR, "< ≤", ["0", "x.ndim", "3"]),
        (not_none, F.SCALAR, "is not", ["x", "None"]),
        (member, F.SCALAR, "not in", ["x.ndim", "(4, 5)"]),
        (both, F.SCALAR, "and", ["x.ndim", "x.size"]),
        (negated, F.SCALAR, "not", ["x.ndim"]),
        (text, F.SCALAR, "", []),
        (entry, F.LOOKUP, "[ ]", ['{"W": x}', '"W"']),
        (chosen, F.COPY, "if", ["x"]),
        (cumulated, F.FALLBACK, "cumsum", ["x"]),
    ],
)
def test_what_an_expression_is_read_as(function, form, symbol, texts):
    operation = read(function, X)
    assert (operation.form, operation.symbol) == (form, symbol)
    assert [operand.text for operand in operation.operands] == texts


@pytest.mark.parametrize(
    "function",
    [sigmoid, square, power, clipped, clipped_by_its_method, leaky, curve_of_a_part, absolute],
)
def test_a_curve_is_the_function_itself_for_any_numbers(function):
    operation = read(function, X)
    np.testing.assert_array_equal(operation.curve(operation.operands[0].value), operation.result)
    if operation.operands[0].text == "x":
        grid = np.linspace(-900, 900, 50)
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(operation.curve(grid), function(grid))


@pytest.mark.parametrize(
    ("function", "axes", "keepdims"),
    [
        (summed, (1,), False), (summed_by_place, (0,), False), (summed_over_two, (0, 1), True),
        (normed, (0, 1), False), (normed_rows, (1,), False),
    ],
)  # fmt: skip
def test_axes_that_collapse_are_counted_from_the_first(function, axes, keepdims):
    operation = read(function, X)
    assert (operation.axes, operation.keepdims) == (axes, keepdims)


def doubles_what_it_is_given(x):
    x *= 2
    return x


def alias(x):
    x += x[::-1]
    return x


def writes_while_it_is_used(x):
    return np.multiply(x, 2, out=x) + doubles_what_it_is_given(x)


def same_text_twice(x):
    values = [1.0, 2.0]
    return x * values.pop() - x * values.pop()


def in_turns(x):
    return [row * 2 for row in x]


def over_lines(x):
    return (
        x  # the first
        + np.ones(
            3
        )
    )  # fmt: skip


def 重复(x):
    权重 = x * 2; 结果 = 权重 + "é".count("é") * x  # noqa: E702  # fmt: skip
    return 结果


def test_operands_are_as_they_were_before_the_operation_ran():
    product = recorded(writes_while_it_is_used, X.copy())["np.multiply(x, 2, out=x)"][0]
    np.testing.assert_array_equal(product.operands[0].value, X)
    np.testing.assert_array_equal(product.result, X * 2)
    changed = [o for o in recorded(alias, X.copy())["x += x[::-1]"] if o.form is F.IN_PLACE]
    np.testing.assert_array_equal(changed[0].operands[0].value, X)
    np.testing.assert_array_equal(changed[0].operands[1].value, X[::-1])


def test_equal_texts_on_a_line_are_told_apart():
    operation = read(same_text_twice, X)
    np.testing.assert_array_equal(operation.operands[0].value, X * 2)
    np.testing.assert_array_equal(operation.operands[1].value, X)


def test_each_turn_of_a_comprehension_has_its_own_operands():
    turns = recorded(in_turns, X)["row * 2"]
    for turn, row in zip(turns, X, strict=True):
        np.testing.assert_array_equal(turn.operands[0].value, row)


def test_spans_of_operands_are_those_of_the_file():
    operation = read(over_lines, X)
    assert [operand.text for operand in operation.operands] == ["x", "np.ones(3)"]
    first, second = (operand.span for operand in operation.operands)
    assert (second.line - first.line, second.end_line - second.line) == (1, 2)
    assert (first.column, second.column) == (8, 10)
    sums = recorded(重复, X)['权重 + "é".count("é") * x'][0]
    assert [operand.text for operand in sums.operands] == ["权重", '"é".count("é") * x']
    assert sums.name == "结果"
    assert sums.operands[1].span.column - sums.operands[0].span.column == len("权重 + ")


class Parameters:
    """Parameters in a dictionary, in a list and as attributes."""

    def __init__(self):
        self.params = {"W": X.copy()}
        self.rows = [X.copy(), X.copy()]
        self.b = np.zeros(3)
        self.count = 0

    def update(self, grad):
        self.params["W"] -= 0.1 * grad
        self.rows[0][1] *= 3
        self.rows[1] *= 4
        self.b += grad.sum(axis=0)
        self.count += 1
        self.params["new"] = grad
        grad[grad > 0] = 0
        return self.count


def test_what_is_changed_in_place_is_shown_before_and_after():
    model = Parameters()
    trace = Recorder(Parameters.update, [model], {}).record(model, X.copy())
    found = {}
    for event in range(len(trace)):
        operation = operation_at(trace, event)
        if operation.form in (F.IN_PLACE, F.ASSIGNMENT):
            found[operation.source] = operation
    W = found['self.params["W"] -= 0.1 * grad']
    assert (W.name, W.symbol) == ('self.params["W"]', "−")
    np.testing.assert_array_equal(W.operands[0].value, X)
    np.testing.assert_array_equal(W.result, X - 0.1 * X)
    row = found["self.rows[0][1] *= 3"]
    assert [operand.text for operand in row.operands] == ["self.rows[0]", "3", "1"]
    np.testing.assert_array_equal(row.result, X * [[1], [3]])
    assert found["self.b += grad.sum(axis=0)"].operands[1].text == "grad.sum(axis=0)"
    count = found["self.count += 1"]
    assert (count.operands[0].value, count.operands[1].value, count.result) == (0, 1, 1)
    assert found['self.params["new"] = grad'].form is F.ASSIGNMENT
    np.testing.assert_array_equal(found['self.params["new"] = grad'].result, X)
    stored = found["grad[grad > 0] = 0"]
    assert stored.symbol == ""
    np.testing.assert_array_equal(stored.operands[0].value, X)
    np.testing.assert_array_equal(stored.result, np.minimum(X, 0))


def caught(x):
    try:
        x -= np.ones(5)
    except ValueError:
        return x.sum()


def test_a_statement_that_failed_has_changed_nothing():
    found = recorded(caught, X)
    assert all(o.form is not F.IN_PLACE or o.error is not None
               for several in found.values() for o in several)  # fmt: skip


def skips(x):
    return [row.sum() > 0 and row * 2 for row in x]


def test_a_part_that_was_left_out_in_this_turn_is_not_shown_as_it_was_in_the_last():
    first, second = recorded(skips, np.array([[1.0], [-1.0]]))["row.sum() > 0 and row * 2"]
    assert [operand.text for operand in first.operands] == ["row * 2"]
    assert [operand.text for operand in second.operands] == ["row.sum() > 0"]


class Rows:
    """Rows of an array, by an iterator that is recorded itself."""

    def __init__(self, x):
        self.rows = [*x]

    def __iter__(self):
        return self

    def __next__(self):
        if not self.rows:
            raise StopIteration
        return self.rows.pop()


def turned_and_scaled(rows):
    return [row.T * 2 for row in rows], [row * 2 for row in Rows(X)]


def test_an_expression_after_a_recorded_call_is_not_that_call():
    found = recorded(turned_and_scaled, Rows(X))
    assert {operation.form for operation in found["row.T"]} == {F.TRANSPOSE}
    assert {operation.form for operation in found["row * 2"]} == {F.ELEMENTWISE}


def unpacked(x):
    first, second = x[0]
    return first + second


def decided(x):
    if x > 0:
        return x


def decided_second(x):
    if x is None:
        return None
    elif x > 0:
        return x


def decided_by_name(x):
    while x:
        return x


def decided_by_item(x):
    found = {"x": x}
    if found["x"]:
        return x


def decided_in_line(x):
    return 1 if x > 0 else 2


def decided_late(x):
    rows = [x[0, :1], x]
    while rows.pop(0) > 0:
        pass


def gone_through(x):
    for row in x.size:
        return row


def entered(x):
    with x.T:
        return x


def compared(x):
    if x > "a":
        return x


def compared_late(x):
    return [1 for row in [x[0, :1], "a"] if row > 0]


def missing(x):
    if unheard_of:  # noqa: F821
        return x


def stored(x):
    x[0] = np.ones(5)


@pytest.mark.parametrize(
    ("function", "form", "texts"),
    [
        (unpacked, F.FALLBACK, ["x[0]"]),
        (decided, F.FALLBACK, ["x > 0"]),
        (decided_second, F.FALLBACK, ["x > 0"]),
        (decided_by_name, F.FALLBACK, ["x"]),
        (decided_by_item, F.FALLBACK, ['found["x"]']),
        (decided_in_line, F.FALLBACK, ["x > 0"]),
        (decided_late, F.FALLBACK, ["rows.pop(0) > 0"]),
        (gone_through, F.FALLBACK, ["x.size"]),
        (entered, F.FALLBACK, ["x.T"]),
        (compared, F.ELEMENTWISE, ["x", '"a"']),  # itself, before its truth value was asked for
        (compared_late, F.SCALAR, ["row", "0"]),
        (missing, F.LOOKUP, ["unheard_of"]),
        (stored, F.IN_PLACE, ["x", "np.ones(5)", "0"]),
    ],
)
def test_a_statement_that_raised_shows_what_it_was_given(function, form, texts):
    trace = Recorder(function, [], {}).record(X.copy())
    operation = operation_at(trace, len(trace) - 1)
    assert (operation.form, operation.error) == (form, trace.error)
    assert [operand.text for operand in operation.operands] == texts


def chosen(x):
    return [1 for row in x if row > 0]


def formatted(x):
    return f"{x.sum():.2f} of {x.T:d}"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 names the whole that raised")
@pytest.mark.parametrize(("function", "text"), [(chosen, "row > 0"), (formatted, "x.T")])
def test_a_part_that_had_its_value_is_what_the_whole_could_not_use(function, text):
    trace = Recorder(function, [], {}).record(X.copy())
    operation = operation_at(trace, len(trace) - 1)
    assert (operation.form, operation.error) == (F.FALLBACK, trace.error)
    assert [operand.text for operand in operation.operands] == [text]
    assert operation.operands[0].value is not None


def test_a_trace_that_is_sealed_stays_true():
    model, grad = Parameters(), X.copy()
    trace = Recorder(Parameters.update, [model], {}).record(model, grad)
    arrays = [model.params["W"], *model.rows, model.b, grad]
    trace.seal(arrays, [model.params, model.rows])
    model.params["W"][:] = 0
    model.params["W"] = None
    model.rows.clear()
    last = {o.source: o for o in (operation_at(trace, event) for event in range(len(trace)))}
    np.testing.assert_array_equal(last['self.params["W"] -= 0.1 * grad'].result, X - 0.1 * X)
    np.testing.assert_array_equal(last["self.rows[0][1] *= 3"].result, X * [[1], [3]])
    np.testing.assert_array_equal(last["self.rows[1] *= 4"].result, X * 4)


# fmt: off
def a_product(a, b): return a @ b
def a_sum(a, b): return a + b
def a_reduction(a, axis, keepdims): return a.sum(axis=axis, keepdims=keepdims)
def a_mean(a, axis, keepdims): return np.mean(a, axis=axis, keepdims=keepdims)
def a_transpose(a, axes): return a.transpose(axes)
def an_entry(a, i, j): return a[i, j]
def some_rows(a, i, j): return a[i]
# fmt: on


def a_change(a, b):
    a -= b
    return a


def a_change_of_some(a, i, j):
    a[i, j] *= 3.0
    return a


sizes = st.integers(1, 4)


@st.composite
def calls(draw):
    """A function of one expression, and what to call it with."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    shape = tuple(draw(st.lists(sizes, min_size=1, max_size=3)))
    a = rng.uniform(1, 2, shape)
    kind = draw(st.sampled_from(["product", "sum", "reduction", "transpose", "indexing"]))
    if kind == "product":
        b = rng.uniform(1, 2, (shape[-1], draw(sizes)) if draw(st.booleans()) else shape[-1:])
        return a_product, (a, b)
    if kind == "sum":
        short = tuple(1 if draw(st.booleans()) else n for n in shape)
        b = rng.uniform(1, 2, short[draw(st.integers(0, len(shape))) :])
        return draw(st.sampled_from([a_sum, a_change])), (a, b)
    if kind == "reduction":
        axes = st.integers(-len(shape), len(shape) - 1)
        several = st.lists(axes, unique_by=lambda axis: axis % len(shape), min_size=1).map(tuple)
        axis = draw(st.one_of(st.none(), axes, several))
        return draw(st.sampled_from([a_reduction, a_mean])), (a, axis, draw(st.booleans()))
    if kind == "transpose":
        return a_transpose, (a, tuple(draw(st.permutations(range(len(shape))))))
    a = rng.uniform(1, 2, (draw(sizes), draw(sizes)))
    n, m = a.shape
    index = draw(st.sampled_from([
        (int(rng.integers(-n, n)), slice(None, None, -1)),
        (rng.permutation(n), rng.integers(-m, m, n)),
        (rng.random(n) < 0.6, slice(0, 1)),
        (rng.permutation(n)[:, None], rng.permutation(m)),
    ]))  # fmt: skip
    return draw(st.sampled_from([an_entry, some_rows, a_change_of_some])), (a, *index)


@settings(max_examples=150, deadline=None)
@given(calls())
def test_what_is_recorded_is_computed_again_and_linked_as_changing_each_cell_shows(call):
    function, args = call
    trace = Recorder(function, [], {}).record(*map(copy, args))
    operation = next(o for o in (operation_at(trace, e) for e in range(1, len(trace)))
                     if o.form not in (F.ASSIGNMENT, F.ARGUMENTS))  # fmt: skip
    np.testing.assert_array_equal(recompute(operation), operation.result)
    if function is an_entry or function is some_rows:
        assert operation.form is F.INDEXING
    out = shape_of(operation.result)
    sources = {index: sources_of(operation, index) for index in np.ndindex(*out)}
    for number, operand in enumerate(operation.operands):
        name = operand.text
        place = {"a": 0, "b": 1}.get(name)
        if place is None or shape_of(operand.value) != args[place].shape:
            continue
        for cell in np.ndindex(*args[place].shape):
            moved = [copy(arg) for arg in args]
            moved[place][cell] += 0.5
            changed = np.asarray(function(*moved)) != operation.result
            reached = np.zeros(out, dtype=bool)
            region = targets_of(operation, number, cell)
            if region is not None:
                reached[region] = True
            np.testing.assert_array_equal(reached, changed)
            for index, found in sources.items():
                made = np.zeros(args[place].shape, dtype=bool)
                if found[number] is not None:
                    made[found[number]] = True
                assert made[cell] == changed[index]
