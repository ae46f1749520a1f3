"""What an expression may not take is refused before it is computed, and says what it would take."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.cells import parse_index
from engine.debug.conditions.condition import Condition, Message
from engine.debug.conditions.costs import LIMITS, LONGEST, NESTING, CostUnit
from engine.debug.conditions.operators import BINARY
from engine.debug.conditions.scope import ConditionScope
from engine.errors import BadCondition, BadValue, ConditionFailed, NotForExpressions, TooMuch

MEGABYTE = 2**20
SIGHT = {
    "x": np.ones((100, 50), np.float32),
    "wide": np.ones((1, 40_000)),
    "tall": np.ones((40_000, 1)),
    "endless": np.broadcast_to(np.float64(1.0), (10**6, 10**6)),
    "cube": np.ones((700, 700)),
    "halves": np.ones((700, 700), np.float16),
    "places": np.ones((700, 700), np.int64),
    "losses": [0.5] * 90_000,
    "many": [0.5] * 200_000,
    "text": "ab" * 50_000,
    "huge": 1 << 100_000,
    "numbers": range(10**12),
    "nested": [[0] * 90_000] * 9,
    "words": ["long" * 20_000] * 50_000,
    "copies": [np.ones(500_000)] * 500,
}
BOMBS = {
    # Integers
    "(9**9999)**9999": CostUnit.BITS,
    "9**9999": CostUnit.BITS,
    "2**10**9": CostUnit.BITS,
    "2**4096": CostUnit.BITS,
    "(-3)**3000": CostUnit.BITS,
    "1 << 10**9": CostUnit.BITS,
    "1 << 4096": CostUnit.BITS,
    "(2**4000) * (2**4000)": CostUnit.BITS,
    "huge * 2": CostUnit.BITS,
    "-huge": CostUnit.BITS,
    "huge - 1": CostUnit.BITS,
    "int('9'*9999)": CostUnit.BITS,
    "int('9'*99999)": CostUnit.BITS,
    "'%d' % huge": CostUnit.BITS,
    # Text and lists
    "'a' * 10**8": CostUnit.ITEMS,
    "10**8 * 'a'": CostUnit.ITEMS,
    "b'a' * 10**8": CostUnit.ITEMS,
    "text + text": CostUnit.ITEMS,
    "[0] * 10**8": CostUnit.ITEMS,
    "[x] * 10**8": CostUnit.ITEMS,
    "(1,) * 10**8": CostUnit.ITEMS,
    "[0] * (x.size * 100000)": CostUnit.ITEMS,
    "sum([1.0] * 10**8)": CostUnit.ITEMS,
    "sum(numbers)": CostUnit.ITEMS,
    "max(many)": CostUnit.ITEMS,
    "numbers[:]": CostUnit.ITEMS,
    "many[:150000]": CostUnit.ITEMS,
    "0.25 in many": CostUnit.ITEMS,
    "0.5 in numbers": CostUnit.ITEMS,
    "sum(nested)": CostUnit.ITEMS,
    "nested == nested": CostUnit.ITEMS,
    "[losses] * 100 == [losses] * 100": CostUnit.ITEMS,
    "losses + losses": CostUnit.ITEMS,
    "[] == [[[losses] * 999] * 99] * 9": CostUnit.ITEMS,
    # Formats
    "'%1000000000d' % 5": CostUnit.CHARACTERS,
    "'%.1000000000f' % 5": CostUnit.CHARACTERS,
    "'%999999999999999999999999999d' % 5": CostUnit.CHARACTERS,
    "'%600d %600d' % (5, 5)": CostUnit.CHARACTERS,
    "'%s' % text": CostUnit.CHARACTERS,
    "float('9'*9999)": CostUnit.CHARACTERS,
    # Arrays
    "wide * tall": CostUnit.BYTES,
    "wide - tall": CostUnit.BYTES,
    "wide ** tall": CostUnit.BYTES,
    "tall @ wide": CostUnit.BYTES,
    "(wide < tall).any()": CostUnit.BYTES,
    "wide == tall": CostUnit.BYTES,
    "wide in tall": CostUnit.BYTES,
    "x[[0] * 99999][:, [0] * 9999]": CostUnit.BYTES,
    "cube[[[0] * 300] * 300]": CostUnit.BYTES,
    "abs(endless)": CostUnit.BYTES,
    "endless.copy()": CostUnit.BYTES,
    "endless.ravel()": CostUnit.BYTES,
    "endless.reshape(-1)": CostUnit.BYTES,
    "-endless": CostUnit.BYTES,
    "endless + 1": CostUnit.BYTES,
    "endless[endless > 0]": CostUnit.BYTES,
    "percentile(x, [[50.0] * 300] * 300, axis=1)": CostUnit.BYTES,
    "sum(copies)": CostUnit.BYTES,
    "[x] * 90000 == x": CostUnit.BYTES,
    # Work
    "endless.max()": CostUnit.ELEMENTS,
    "endless.sum(axis=0)": CostUnit.ELEMENTS,
    "mean(endless)": CostUnit.ELEMENTS,
    "median(endless)": CostUnit.ELEMENTS,
    "std(endless)": CostUnit.ELEMENTS,
    "norm(endless)": CostUnit.ELEMENTS,
    "round(x, 2**31 - 1)": CostUnit.PLACES,
    "x.round(-(2**31))": CostUnit.PLACES,
    "round(2.5, decimals=10**6)": CostUnit.PLACES,
    "std(endless[:1100, :4000], None, 'complex128')": CostUnit.BYTES,
    "norm(cube, 2)": CostUnit.MULTIPLICATIONS,
    "norm(cube, 'nuc')": CostUnit.MULTIPLICATIONS,
    "endless[:10000, :1000] @ endless[:1000, :1000]": CostUnit.BYTES,
    "endless[:2000, :1000] @ endless[:1000, :1000]": CostUnit.MULTIPLICATIONS,
    "tall.T @ endless[:40000, :40000]": CostUnit.MULTIPLICATIONS,
    "endless[:2000, 0] @ endless[:2000]": CostUnit.MULTIPLICATIONS,
    "halves @ halves": CostUnit.MULTIPLICATIONS,
    "places @ places": CostUnit.MULTIPLICATIONS,
}


def failure_of(text: str, sight=SIGHT) -> Exception:
    with pytest.raises(ConditionFailed) as caught:
        Condition(text).value(sight)
    return caught.value.error


@pytest.mark.parametrize(("text", "unit"), BOMBS.items())
def test_what_would_take_too_much_is_refused_before_it_is_computed(text, unit):
    condition = Condition(text)
    tracemalloc.start()
    try:
        with pytest.raises(ConditionFailed) as caught:
            condition.value(SIGHT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    error = caught.value.error
    assert isinstance(error, TooMuch)
    assert error.unit == str(unit) and error.amount > error.limit
    # What the bound allows may have been made on the way, and nothing beyond it.
    assert peak < (LIMITS[CostUnit.BYTES] if unit is CostUnit.BYTES else 32 * MEGABYTE)
    words = str(caught.value)
    assert "would take" in words and "expected at most" in words and text[:40] in words


@pytest.mark.parametrize(
    "text",
    [
        "2**4095 > 0", "(-2)**4095 < 0", "1 << 4095 > 0", "9**1290 > 0", "1**10**9 == 1",
        "0**10**9 == 0", "(-1)**(10**9) == 1", "2**-(10**9) == 0", "len('a' * 100000) == 100000",
        "len([0] * 100000) == 100000", "sum([1.0] * 100000) == 100000", "huge > 1", "huge == huge",
        "len(many) == 200000", "len(many[:100000]) == 100000", "many[150000] == .5",
        "losses[-1] == .5", "sum(losses) > 1", "len('%1000d' % 5) == 1000",
        "endless.size == 10**12",
        "endless[3, 4] == 1", "endless[:10, :10].sum() == 100", "endless.T.shape[0] == 10**6",
        "abs(endless[:2000, :4000]).max() == 1", "(x.T @ x).shape[0] == 50", "numbers[7] == 7",
        "int('9' * 1000) > 0", "(x.reshape(-1, 1) == x.reshape(1, -1)).all()",
        "(endless[:1000, :1000] @ endless[:1000, :1000])[0, 0] == 1000", "norm(x, 2) > 1",
    ],
)  # fmt: skip
def test_what_stays_within_the_bounds_is_computed(text):
    assert Condition(text).holds(SIGHT)


def test_what_many_operations_take_together_is_bounded_too():
    many = " + ".join(["abs(endless[:2000, :4000]).max()"] * 40)
    error = failure_of(many)
    assert isinstance(error, TooMuch) and "up to its abs()" in str(error)
    message = Message("".join("{abs(endless[:2000, :4000]).max()}" for _ in range(40)))
    words = message.filled(SIGHT)
    assert words.startswith("111") and "would take" in words
    assert message.filled(SIGHT) == words  # each time anew


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([sign for sign, _ in BINARY.values()]),
    st.integers(-(2**200), 2**200) | st.integers(-5000, 5000),
    st.integers(-(2**200), 2**200) | st.integers(-5000, 5000),
)
def test_whole_numbers_come_out_as_in_python_or_are_longer_than_allowed(sign, left, right):
    text = f"({left}) {sign} ({right})"
    try:
        value = Condition(text).value({})
    except ConditionFailed as error:
        if isinstance(error.error, TooMuch):
            small = sign not in ("**", "<<") or abs(right) > LIMITS[CostUnit.BITS] // 200
            assert small or eval(text).bit_length() > LIMITS[CostUnit.BITS]
            return
        if isinstance(error.error, NotForExpressions):
            assert sign == "@"
            return
        with pytest.raises(type(error.error)):
            eval(text)
        return
    expected = eval(text)
    assert value == expected and type(value) is type(expected)
    assert not isinstance(value, int) or value.bit_length() <= LIMITS[CostUnit.BITS]


@pytest.mark.parametrize("text", ["('%(' * 10000) % 5", "'%(a)d' % 5", "'%(a' % 5"])
def test_a_format_by_names_is_refused_as_soon_as_one_begins(text):
    assert isinstance(failure_of(text), NotForExpressions)


def test_products_that_blas_computes_may_be_larger_than_others():
    for text in ("cube @ cube", "places @ halves"):
        assert Condition(f"({text})[0, 0] == 700").value(SIGHT)
    assert Condition("(places[:200, :200] @ places[:200, :200])[0, 0] == 200").value(SIGHT)


# Before it is evaluated


@pytest.mark.parametrize(
    "text",
    [
        "(" * 4000 + "1" + ")" * 4000, "-" * 9000 + "1",
        "not " * 2000 + "1", "x" + "[0]" * 3000, "x" + ".T" * 4000,
        "[" * 90 + "-" * 20 + "1" + "]" * 90,
        "1" + "+1" * 4000, "~" * 101 + "1", "1 if 1 else " * 300 + "1", "x.max(" * 120 + ")" * 120,
        "2" + "**2" * 3000,
    ],
)  # fmt: skip
def test_text_that_is_nested_too_deep_says_so(text):
    with pytest.raises(BadCondition, match=f"nested too deeply: at most {NESTING}") as caught:
        Condition(text)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("depth", [1, 50, NESTING - 2])
def test_text_that_is_nested_less_is_evaluated(depth):
    assert Condition("-" * depth + "1").value({}) == (-1) ** depth
    assert Condition("1" + "+1" * depth).value({}) == depth + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 + 1" + " " * LONGEST + "+ 1", "longer than"),
        ("'a\0b'", "null"),
        ("\0", "null"),
        (f"0x{'f' * 2000} > 1", "an integer of 8,000 bits"),
        ("9" * 5000, "digits"),
        ("'\ud800'", "surrogates"),
    ],
)
def test_text_that_cannot_be_read_says_why(text, words):
    with pytest.raises(BadCondition, match=words):
        Condition(text)


@pytest.mark.parametrize(
    "text",
    ["{x:1000000000}", "{x:.1000000000f}", "{x:>1001}", f"{{x:{'9' * 5000}}}", "a" * (LONGEST + 1)],
)
def test_a_message_that_asks_for_too_much_is_refused(text):
    with pytest.raises(BadCondition, match=r"at most|longer than"):
        Message(text)


@pytest.mark.parametrize(
    "text", ["{b:1000}", "{b:.3f}", "{b:>12,.2e}", "{b!r}", "{b:%Y}", "{t:é^5}"]
)
def test_other_formats_are_as_python_has_them(text):
    words = "<The expression" if "!" in text or "%" in text else text.format(b=3.5, t="a")
    sight = {"b": 3.5, "t": "a"}
    if "!" in text:
        with pytest.raises(BadCondition):
            Message(text)
    else:
        assert Message(text).filled(sight).startswith(words)


def test_what_a_message_shows_is_short_whatever_the_value():
    sight = {**SIGHT, "deep": [[[[[[1]]]]]], "big": 10**2000, "cells": np.ones((2,) * 20)}
    for name in sight:
        assert len(Message(f"{{{name}}}").filled(sight)) < 1200
    assert Message("{losses}").filled(sight) == "[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, … 90,000 in all]"
    assert Message("{cells}").filled(sight).startswith("<an array (2, 2, 2")
    assert Message("{huge}").filled(sight) == "<an integer of 100,001 bits>"


@pytest.mark.parametrize(
    "text",
    [
        "-" * 9000 + "1", "(" * 300 + "1" + ")" * 300, "9" * 5000, "0][1", "0]; x[1", "\0",
        "1" * 201,
    ],
)  # fmt: skip
def test_an_index_of_cells_is_bounded_likewise(text):
    with pytest.raises(BadValue) as caught:
        parse_index(text)
    assert len(str(caught.value)) < 400


def test_a_check_while_typing_takes_as_little():
    for text in BOMBS:
        Condition(text).check(ConditionScope(frozenset(SIGHT), False))
