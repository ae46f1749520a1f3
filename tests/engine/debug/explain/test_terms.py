"""Which cells made a cell: proven by changing each cell of an operand and looking what moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.operation_at import operation_at
from engine.debug.explain.terms import sources_of, targets_of, terms_of
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.recorder import Recorder

sizes = st.integers(1, 4)
numbers = np.random.default_rng(0)


def fresh(shape: tuple[int, ...]) -> np.ndarray:
    return numbers.uniform(1, 2, shape)


def make(form: Form, symbol: str, values: Any, compute: Callable[..., Any], **more: Any) -> tuple:
    operands = tuple(Operand(f"o{i}", value) for i, value in enumerate(values))
    operation = Operation(form, symbol, operands, np.asarray(compute(*values)), "source", **more)
    return operation, compute


@st.composite
def products(draw):
    n, k, m = draw(sizes), draw(sizes), draw(sizes)
    left, right = draw(st.sampled_from([(1, 1), (2, 2), (1, 2), (2, 1), (3, 3), (3, 2)]))
    stack = draw(sizes)
    a = fresh((k,) if left == 1 else (n, k) if left == 2 else (stack, n, k))
    b = fresh((k,) if right == 1 else (k, m) if right == 2 else (stack, k, m))
    return make(Form.PRODUCT, "@", [a, b], np.matmul)


@st.composite
def elementwise(draw):
    shape = tuple(draw(st.lists(sizes, min_size=1, max_size=3)))
    stretched = tuple(1 if draw(st.booleans()) else n for n in shape)
    short = stretched[draw(st.integers(0, len(shape) - 1)) :]
    values = [fresh(shape), draw(st.sampled_from([fresh(short), 3.0]))]
    if draw(st.booleans()):
        values.reverse()
    return make(Form.ELEMENTWISE, "+", values, np.add)


@st.composite
def reductions(draw):
    shape = tuple(draw(st.lists(sizes, min_size=1, max_size=3)))
    axes = tuple(sorted(draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))))
    keepdims = draw(st.booleans())
    return make(
        Form.REDUCTION, "sum", [fresh(shape)], lambda a: a.sum(axis=axes, keepdims=keepdims),
        axes=axes, keepdims=keepdims,
    )  # fmt: skip


@st.composite
def transposes(draw):
    shape = tuple(draw(st.lists(sizes, min_size=1, max_size=4)))
    axes = tuple(draw(st.permutations(range(len(shape)))))
    return make(
        Form.TRANSPOSE, "ᵀ", [fresh(shape)], lambda a: a.transpose(axes), details={"axes": axes}
    )


@st.composite
def indices_of(draw, shape: tuple[int, ...]):
    n = shape[0]
    kind = draw(st.sampled_from(["int", "slice", "array", "mask", "both", "new", "last", "turn"]))
    if kind == "int":
        return (draw(st.integers(-n, n - 1)),)
    if kind == "slice":
        return (slice(draw(st.integers(0, n - 1)), None, draw(st.integers(1, 2))),)
    if kind == "array":
        return (numbers.permutation(n)[: draw(st.integers(1, n))],)
    if kind == "mask":
        return (numbers.random(n) < 0.7,)
    if kind == "both":
        return np.arange(n), numbers.integers(0, shape[1], n)
    if kind == "last":
        return ..., numbers.integers(0, shape[1], draw(sizes))  # the same cell more than once
    if kind == "turn":
        return slice(None, None, -1), numbers.integers(0, shape[1], (2, draw(sizes)))
    return None, slice(None)


@st.composite
def indexings(draw):
    shape = (draw(sizes), draw(sizes))
    index = draw(indices_of(shape))
    operation, _ = make(
        Form.INDEXING, "[ ]", [fresh(shape), *index], lambda a, *index: a[tuple(index)]
    )
    return operation, lambda a, *_: a[index]


MOVES: dict[str, Callable[..., Any]] = {
    "copy": np.copy,
    "ravel": np.ravel,
    "flip": np.flip,
    "repeat": lambda a: np.repeat(a, 2, axis=0),
    "pad": lambda a: np.pad(a, 1),
    "tile": lambda a: np.tile(a, (2, 1)),
    "roll": lambda a: np.roll(a, 1),
    "take": lambda a: np.take(a, [0, 0], axis=0),
    "broadcast_to": lambda a: np.broadcast_to(a, (2, *a.shape)),
}


@st.composite
def copies(draw):
    shape = tuple(draw(st.lists(sizes, min_size=1, max_size=3)))
    name = draw(st.sampled_from(sorted(MOVES)))
    compute = MOVES[name]
    return make(Form.COPY, name, [fresh(shape)], compute, details={"move": compute})


@st.composite
def joins(draw):
    n, m = draw(sizes), draw(sizes)
    values = [fresh((draw(sizes), m)) for _ in range(n)]

    def compute(*parts):
        return np.concatenate(parts)

    return make(Form.COPY, "concatenate", values, compute, details={"move": compute})


@st.composite
def in_place(draw):
    shape = (draw(sizes), draw(sizes))
    index = draw(st.one_of(st.just(()), indices_of(shape)))
    if any(part is None for part in index):
        index = ()
    picked = np.zeros(shape)[index].shape if index else shape
    stretched = tuple(1 if draw(st.booleans()) else n for n in picked)
    change = draw(st.sampled_from([2.0, fresh(picked), fresh(stretched)]))
    symbol = draw(st.sampled_from(["−", ""] if index else ["−"]))

    def compute(target, change, *_):
        target = target.copy()
        if symbol:
            target[index or ...] -= change
        else:
            target[index] = change
        return target

    return make(Form.IN_PLACE, symbol, [fresh(shape), change, *index], compute)


def cells(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    yield from np.ndindex(*shape)


def marked(shape: tuple[int, ...], region: Any) -> np.ndarray:
    found = np.zeros(shape, dtype=bool)
    if region is not None:
        found[region] = True
    return found


@settings(max_examples=250, deadline=None)
@given(
    st.one_of(
        products(),
        elementwise(),
        reductions(),
        transposes(),
        indexings(),
        copies(),
        joins(),
        in_place(),
    )
)
def test_links_are_those_that_a_change_of_each_cell_shows(made):
    operation, compute = made
    shape = operation.result.shape
    values = [operand.value for operand in operation.operands]
    sources = {index: sources_of(operation, index) for index in cells(shape)}
    for number, value in enumerate(values):
        if not (isinstance(value, np.ndarray) and value.dtype == float):
            continue
        for cell in cells(value.shape):
            moved = value.copy()
            moved[cell] += 0.5
            again = np.asarray(compute(*values[:number], moved, *values[number + 1 :]))
            changed = again != operation.result
            reached = targets_of(operation, number, cell)
            np.testing.assert_array_equal(marked(shape, reached), changed)
            for index in cells(shape):
                assert marked(value.shape, sources[index][number])[cell] == changed[index]


@settings(max_examples=60, deadline=None)
@given(st.one_of(products(), reductions()))
def test_the_terms_of_a_sum_add_up_to_its_cell_the_largest_first(made):
    operation, _ = made
    for index in cells(operation.result.shape):
        terms = terms_of(operation, index, most=10_000)
        np.testing.assert_allclose(
            sum(term.value for term in terms.terms), operation.result[index], rtol=1e-12
        )
        magnitudes = [abs(term.value) for term in terms.terms]
        assert magnitudes == sorted(magnitudes, reverse=True)
        assert terms.count == len(terms.terms) == terms.nonzero
        for term in terms.terms:
            assert np.prod(term.factors) == term.value


def test_a_term_of_a_product_names_the_summed_index_and_both_factors():
    a, b = np.array([[0.0, 2.0, -3.0]]), np.array([[5.0], [7.0], [11.0]])
    operation, _ = make(Form.PRODUCT, "@", [a, b], np.matmul)
    terms = terms_of(operation, (0, 0), most=1)
    assert terms.result == 2 * 7 - 3 * 11
    assert terms.terms[0].at == (2,)
    assert terms.terms[0].factors == (-3.0, 11.0)
    assert (terms.count, terms.nonzero) == (3, 2)
    assert [list(vector) for vector in terms.factors] == [[0, 2, -3], [5, 7, 11]]


@pytest.mark.parametrize(
    ("symbol", "first"), [("max", 9.0), ("argmax", 9.0), ("min", -4.0), ("sum", 9.0)]
)
def test_the_first_term_is_the_one_that_counts_most(symbol, first):
    array = np.array([[1.0, 9.0, -4.0]])
    operation, _ = make(
        Form.REDUCTION, symbol, [array], lambda a: getattr(a, symbol)(axis=1), axes=(1,)
    )
    assert terms_of(operation, (0,), most=2).terms[0].value == first


def test_a_cell_that_is_not_there_is_refused():
    operation, _ = make(Form.TRANSPOSE, "ᵀ", [np.ones((2, 3))], np.transpose,
                        details={"axes": (1, 0)})  # fmt: skip
    for index in ((3, 0), (0, 2), (0,), (-1, 0)):
        with pytest.raises(IndexError, match="no cell"):
            sources_of(operation, index)
    with pytest.raises(IndexError, match="no cell"):
        targets_of(operation, 0, (2, 0))


def test_an_operation_that_raised_has_no_cells():
    operation, _ = make(Form.PRODUCT, "@", [np.ones((2, 3)), np.ones((3, 2))], np.matmul)
    assert targets_of(replace(operation, result=None), 0, (0, 0)) is None


@pytest.mark.parametrize(
    "index",
    [
        (np.array([2, 0]), np.array([1, 1])),
        (slice(None), np.array([2, 0, 1])),
        (np.array([[0], [2]]), slice(1, None), np.array([3, 0])),
        (slice(None), np.array([1, 2]), 3),
        (np.array([True, False, True]), slice(None), 1),
        (None, np.array([1, 1])),
    ],
)
def test_an_index_tells_which_of_its_cells_picked(index):
    array = np.arange(3 * 3 * 4).reshape(3, 3, 4)
    operation, _ = make(Form.INDEXING, "[ ]", [array, *index], lambda a, *i: a[tuple(i)])
    axes = np.cumsum([part is not None for part in index]) - 1
    for cell in cells(operation.result.shape):
        place, *picked = sources_of(operation, cell)
        for axis, part, own in zip(axes, index, picked, strict=True):
            if not isinstance(part, np.ndarray):
                assert own is None
            elif part.dtype == bool:
                assert own == (place[axis],)
            else:
                assert part[own] == place[axis]


def test_of_an_array_that_was_not_kept_the_links_are_known_but_no_numbers():
    left, right = FadedArray((3, 4), "float32"), np.ones((4, 2))
    operation = Operation(
        Form.PRODUCT,
        "@",
        (Operand("x", left), Operand("W", right)),
        FadedArray((3, 2), "f4"),
        "x @ W",
    )
    assert sources_of(operation, (2, 1)) == ((2, slice(None)), (slice(None), 1))
    assert targets_of(operation, 0, (2, 0)) == (2, slice(None))
    terms = terms_of(operation, (2, 1))
    assert (terms.result, terms.terms) == (None, ())


def test_what_was_picked_by_an_index_that_was_not_kept_is_not_known():
    index = Operand("t", FadedArray((2,), "int64"))
    operation = Operation(
        Form.INDEXING, "[ ]", (Operand("x", np.ones(5)), index), np.ones(2), "x[t]"
    )
    assert sources_of(operation, (1,)) == (None, None)
    assert targets_of(operation, 0, (1,)) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_comes_first(value):
    row = np.arange(1.0, 801)
    row[500] = value
    operation, _ = make(Form.PRODUCT, "@", [row, np.ones(800)], np.matmul)
    assert terms_of(operation, ()).terms[0].at == (500,)


def test_the_terms_of_a_mean_are_shares_of_it():
    operation, _ = make(Form.REDUCTION, "mean", [np.array([1.0, 2.0, 6.0])], np.mean, axes=(0,))
    terms = terms_of(operation, ())
    assert [term.value for term in terms.terms] == [2.0, 2 / 3, 1 / 3]
    assert [term.factors for term in terms.terms] == [(6.0,), (2.0,), (1.0,)]


def test_an_outer_product_links_each_pair_of_cells():
    a, b = np.array([2.0, 3.0]), np.array([5.0, 7.0, 11.0])
    trace = Recorder(an_outer_product, [], {}).record(a, b)
    operation = next(
        found for found in (operation_at(trace, event) for event in range(1, len(trace)))
        if found.form is Form.LINKED
    )  # fmt: skip
    np.testing.assert_array_equal(operation.result, np.outer(a, b))
    assert sources_of(operation, (1, 2)) == ((1,), (2,))
    assert targets_of(operation, 0, (1,)) == (1, slice(None))
    assert targets_of(operation, 1, (2,)) == (slice(None), 2)
    terms = terms_of(operation, (1, 2))
    assert terms.result == 33 and [float(cell) for cell in terms.factors] == [3, 11]


def an_outer_product(a, b):
    return np.outer(a, b)
