"""How values read on the screen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.health.arrays import measure
from gui.paint.values import (
    brief,
    bytes_text,
    full_text,
    number_text,
    range_text,
    scalar_text,
    shape_text,
    tuple_text,
    with_sign,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0022821, "+0.00228"), (-0.00129, "−0.00129"), (0.0, "0"), (math.nan, "NaN")],
)
def test_a_sign_is_written_where_there_is_one(number, text):
    assert with_sign(number, 3) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (-0.1382, "−0.14"),
        (4.62, "4.6"),
        (1.0, "1.0"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.996, "1.0"),
        (9.96, "10"),
        (784.0, "784"),
        (94_040.0, "94040"),
        (99_960.0, "1.0e5"),
        (100_000.0, "1.0e5"),
        (0.00086, "8.6e−4"),
        (0.00012, "1.2e−4"),
        (-3.7e-12, "−3.7e−12"),
        (9, "9"),
        (-9, "−9"),
        (-(2**63), "−9.2e18"),
        (10**400, "1.0e400"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers(number, text):
    assert number_text(number) == text


@given(st.floats(-1e307, 1e307, allow_subnormal=False), st.integers(2, 7))
def test_a_number_reads_back_within_its_digits(number, digits):
    text = number_text(number, digits)
    assert "-" not in text
    assert float(text.replace("−", "-")) == pytest.approx(number, rel=0.6 * 10 ** (1 - digits))


@pytest.mark.parametrize(
    ("shape", "product", "python"),
    [((100, 784), "100 × 784", "(100, 784)"), ((50,), "50", "(50,)"), ((), "", "()")],
)
def test_shapes(shape, product, python):
    assert shape_text(shape) == product
    assert tuple_text(shape) == python


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([-4.4, 4.6], "−4.4…4.6"),
        ([0.0, 1.0], "0…1.0"),
        ([0, 9], "0…9"),
        ([0.0, 0.0], "all 0"),
        ([0.5], "0.50"),
        ([], "empty"),
        ([[1.0, 2.0], [np.nan, np.nan]], "2 NaN, first at [1, 0]"),
        ([np.inf, 2.0, np.nan], "1 NaN, 1 inf, first at [0]"),
    ],
)
def test_ranges(cells, text):
    assert range_text(measure(np.array(cells))) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (313_600, "306 KiB"),
        (20_000, "19.5 KiB"),
        (800, "0.8 KiB"),
        (12, "12 B"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (3 * 1024**3, "3.0 GiB"),
    ],
)
def test_bytes(count, text):
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(1.305), "1.305"),
        (0.1, "0.1"),
        (-2.5e-7, "−2.5e−7"),
        (True, "True"),
        (np.bool_(False), "False"),
        (412, "412"),
        (np.array(3), "3"),
        (1 - 2j, "1−2j"),
    ],
)
def test_scalars(value, text):
    assert scalar_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        ("relu", "'relu'"),
        ((100, 784), "(100, 784)"),
        ((np.zeros(2), np.zeros(2)), "tuple of 2"),
        ({}, "empty dict"),
        ({"W": np.zeros(2)}, "dict of 1"),
        (np.zeros((2, 3)), "2 × 3"),
        (ValueError("too\nlong"), "ValueError: too"),
        (KeyError(), "KeyError"),
    ],
)
def test_any_value_in_brief(value, text):
    assert brief(value) == text


def test_an_object_is_named_by_its_class_and_not_asked():
    class Silent:
        def __repr__(self):
            raise RuntimeError("not to be called")

    assert brief(Silent()) == "Silent"
    assert full_text("it", Silent()) == "it\nSilent"


def test_a_long_text_is_shortened():
    assert len(brief("x" * 10_000)) < 70


def test_everything_about_an_array():
    text = full_text("self.W", np.array([[-1.0, 0.0], [1.0, 2.0]], dtype="float32"))
    assert text.split("\n") == [
        "self.W",
        "2 × 2  float32  16 B",
        "range −1.000 … 2.000",
        "mean 0.5000, RMS 1.225",
        "1 negative, 1 zero, 2 positive",
    ]


def test_what_is_wrong_comes_first():
    lines = full_text("dW", np.array([1.0, np.nan])).split("\n")
    assert lines[2] == "1 NaN, first at [1]"
