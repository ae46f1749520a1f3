"""Conditions see what is in sight, and can do nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.conditions import ATTRIBUTES, FUNCTIONS, METHODS, Condition, Message
from engine.debug.in_sight import InSight
from engine.errors import BadCondition, ConditionFailed

SIGHT = {
    "dout": np.array([[0.5, -2.0], [0.25, 1.0]]),
    "self.out": np.array([0.999, 0.5, 0.995]),
    "loss": np.float32(2.75),
    "batch": 7,
    "labels": np.array([1, 2, 2]),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("abs(dout).max() > 1", True),
        ("(self.out > .99).mean() > .5", True),
        ("loss > 2.5", True),
        ("batch % 5 == 2 and loss < 3", True),
        ("not dout.any()", False),
        ("dout[0, 1]", -2.0),
        ("dout[:, 0].sum()", 0.75),
        ("dout.T @ dout", SIGHT["dout"].T @ SIGHT["dout"]),
        ("sqrt((dout ** 2).mean())", np.sqrt((SIGHT["dout"] ** 2).mean())),
        ("1 < loss <= 2.75", True),
        ("3 if loss > 2 else 4", 3),
        ("isnan(dout).any() or inf > 1", True),
        ("dout.shape[1]", 2),
        ("max(dout, axis=0)", SIGHT["dout"].max(axis=0)),
        ("count_nonzero(labels == 2)", 2),
    ],
)
def test_what_a_condition_says_is_what_numpy_says(text, value):
    np.testing.assert_array_equal(Condition(text).value(SIGHT), value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "open('x', 'w')", "dout.tofile('x')", "dout.dump('x')",
        "dout.__class__", "dout._x", "_x", "self.forward(dout)", "self", "self.W.tofile('x')",
        "[x for x in dout]", "lambda: 1", "(x := 1)", "f'{dout}'", "eval('1')", "exec('1')",
        "dout.flat", "abs.__self__", "dout.copy().__array__()", "print(1)", "dout.sort()",
        "dout.fill(0)", "dout.max.__call__()", "getattr(dout, 'tofile')", "(lambda: 1)()",
        "{1: 2}", "{1}", "dout.setflags(write=1)", "await x", "(yield)", "globals()", "*dout",
        "import os", "dout = 1", "del dout", "norm.__globals__", "dout[0] := 2", "1 +", "",
    ],
)  # fmt: skip
def test_nothing_that_has_an_effect_is_let_through(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = SIGHT["dout"].copy()
    with pytest.raises(BadCondition) as caught:
        Condition(text)
    assert caught.value.problem and caught.value.column >= 1
    assert list(tmp_path.iterdir()) == []
    assert np.array_equal(SIGHT["dout"], before)


harmless = st.recursive(
    st.sampled_from(["dout", "self.out", "loss", "batch", "1", "0.5", "nan", "labels"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%<>"), inner).map(lambda t: f"({' '.join(t)})"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(sorted(METHODS))).map(lambda t: f"{t[0]}.{t[1]}()"),
        st.tuples(inner, st.sampled_from(sorted(ATTRIBUTES))).map(lambda t: f"{t[0]}.{t[1]}"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda t: f"{t[0]}[{t[1]}]"),
    ),
    max_leaves=6,
)


@given(harmless)
def test_whatever_is_asked_the_arrays_stay_and_an_error_is_typed(text):
    before = {name: np.array(value).tobytes() for name, value in SIGHT.items()}
    try:
        Condition(text).holds(SIGHT)
    except (BadCondition, ConditionFailed) as error:
        assert text in str(error)
    assert {name: np.array(value).tobytes() for name, value in SIGHT.items()} == before


def test_a_name_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(BadCondition, match=r"self\.nope is not here; there are: batch, dout") as c:
        Condition("self.nope > 1").check(InSight(frozenset(SIGHT), False))
    assert c.value.column == 6
    with pytest.raises(ConditionFailed, match="nope"):
        Condition("nope > 1").holds(SIGHT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dout > 1", "say all(...) or any(...)"),
        ("dout[9]", "out of bounds"),
        ("dout @ labels", "mismatch"),
        ("9 ** 9 ** 9", "exponent"),
        ("1 / 0", "division by zero"),
    ],
)
def test_what_fails_says_why(text, words):
    condition = Condition(text)
    for _ in range(2):  # and does so again
        with pytest.raises(ConditionFailed, match=words.replace("(", r"\(").replace(")", r"\)")):
            condition.holds(SIGHT)
    assert Condition("loss > 1").holds(SIGHT)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("loss {loss:.2f} in batch {batch}", "loss 2.75 in batch 7"),
        ("{dout[0:1]}", "[[ 0.5 -2. ]]"),
        ("{dout.max()}, {nope}", "1, <The expression nope failed: NameError: nope is not here.>"),
        ("nothing to fill in", "nothing to fill in"),
    ],
)
def test_a_message_has_the_values_in_its_places(text, filled):
    assert Message(text).filled(SIGHT) == filled


def test_a_message_that_cannot_be_is_refused():
    for text in ("{loss", "{}", "{open('x')}"):
        with pytest.raises(BadCondition):
            Message(text)
