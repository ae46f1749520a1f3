"""The health of an array against a definition cell by cell."""

from __future__ import annotations

import gc
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.debug.health import measured_arrays
from engine.debug.health.arrays import health_of, measure

NUMERIC = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="="),
    hnp.unsigned_integer_dtypes(endianness="="),
    hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64)),
    hnp.complex_number_dtypes(endianness="=", sizes=(64, 128)),
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)


def naive(array: np.ndarray) -> dict[str, object]:
    """The definition: one Python number after the other."""
    result = {"count": 0, "nan": 0, "inf": 0, "negative": 0, "zero": 0, "positive": 0}
    finite, first_bad = [], None
    for index in np.ndindex(array.shape):
        cell = array[index].item()
        number = np.abs(np.complex128(cell)).item() if isinstance(cell, complex) else cell
        result["count"] += 1
        if math.isfinite(number):
            finite.append(number)
            kind = "negative" if number < 0 else "positive" if number > 0 else "zero"
        else:
            kind = "nan" if math.isnan(number) else "inf"
            first_bad = index if first_bad is None else first_bad
        result[kind] += 1
    result["first_bad"] = first_bad
    result["minimum"] = min(finite) if finite else None
    result["maximum"] = max(finite) if finite else None
    n = len(finite)
    result["mean"] = math.fsum(v / n for v in finite) if finite else None
    result["rms"] = math.hypot(*(v / math.sqrt(n) for v in finite)) if finite else None
    return result


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # of the naive form
@given(hnp.arrays(NUMERIC, SHAPES), st.booleans())
def test_agrees_with_the_definition(array, transposed):
    array = array.T if transposed else array
    got, expected = measure(array), naive(array)
    assert got is not None
    for name in ("count", "nan", "inf", "negative", "zero", "positive", "first_bad"):
        assert getattr(got, name) == expected[name], name
    assert got.minimum == expected["minimum"]
    assert got.maximum == expected["maximum"]
    if expected["rms"] is None:
        assert got.mean is None and got.rms is None
        return
    tolerance = 1e-12 * float(expected["rms"]) + 1e-322
    assert abs(got.mean - expected["mean"]) <= tolerance
    assert abs(got.rms - expected["rms"]) <= tolerance
    assert got.nan + got.inf + got.negative + got.zero + got.positive == got.count
    # As floats: a mean is one, and there is none for each of the largest integers.
    assert float(got.minimum) <= got.mean <= float(got.maximum)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sums_do_not_overflow(dtype):
    largest = np.finfo(dtype).max
    got = measure(np.full((300, 400), largest, dtype))
    assert got.mean == pytest.approx(float(largest))
    assert got.rms == pytest.approx(float(largest))


def test_the_tiniest_numbers_have_an_rms():
    assert measure(np.full(4, 5e-324)).rms == 5e-324
    assert measure(np.full(4, 1e-200)).rms == pytest.approx(1e-200)


def test_integers_keep_exact_extremes():
    got = measure(np.array([-(2**63), 2**63 - 1]))
    assert (got.minimum, got.maximum) == (-(2**63), 2**63 - 1)


def test_first_bad_follows_the_rows_of_what_is_seen():
    array = np.zeros((3, 4), order="F")
    array[1, 3], array[2, 0] = np.inf, np.nan
    assert measure(array).first_bad == (1, 3)


@pytest.mark.parametrize(
    "value",
    [
        np.array([None, 1], dtype=object),
        np.array(["a"]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.zeros(2, dtype=[("a", float)]),
        3.0,
        "text",
        None,
        [1.0],
    ],
)
def test_what_is_no_numeric_array_has_none(value):
    assert health_of(value) is None


def test_numpy_scalars_have_one():
    assert health_of(np.float32(-2)).minimum == -2


def test_a_read_only_array_is_measured_once_and_forgotten_with_it():
    array = np.arange(6.0)
    array.flags.writeable = False
    first = health_of(array)
    assert health_of(array) is first
    key = (measure, id(array))
    assert key in measured_arrays._known
    del array
    gc.collect()
    assert key not in measured_arrays._known


def test_a_writeable_array_is_measured_each_time():
    array = np.zeros(3)
    assert health_of(array).zero == 3
    array[0] = 1
    assert health_of(array).zero == 2
