"""Conditions see what is in sight, and can do nothing else."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.conditions.condition import ATTRIBUTES, FUNCTIONS, METHODS, Condition, Message
from engine.debug.conditions.costs import Meter
from engine.debug.conditions.scope import ConditionScope
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
harmless.validate()  # now: it reads its own source, which may be edited before it is drawn from


@given(harmless)
def test_whatever_is_asked_the_arrays_stay_and_an_error_is_typed(text):
    before = {name: np.array(value).tobytes() for name, value in SIGHT.items()}
    try:
        Condition(text).holds(SIGHT)
    except (BadCondition, ConditionFailed) as error:
        assert text in str(error)
    assert {name: np.array(value).tobytes() for name, value in SIGHT.items()} == before


def test_a_name_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(
        BadCondition, match=r"self\.nope is not in scope; in scope are: batch, dout"
    ) as c:
        Condition("self.nope > 1").check(ConditionScope(frozenset(SIGHT), False))
    assert c.value.column == 6
    with pytest.raises(ConditionFailed, match="nope"):
        Condition("nope > 1").holds(SIGHT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dout > 1", "use all(...) or any(...)"),
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
        (
            "{dout.max()}, {nope}",
            "1, <The expression nope failed: NameError: nope is not in scope.>",
        ),
        ("nothing to fill in", "nothing to fill in"),
    ],
)
def test_a_message_has_the_values_in_its_places(text, filled):
    assert Message(text).filled(SIGHT) == filled


def test_a_message_that_cannot_be_is_refused():
    for text in ("{loss", "{}", "{open('x')}"):
        with pytest.raises(BadCondition):
            Message(text)


# What goes wrong in an expression is said by the breakpoint, in words

X, W = np.ones((100, 10), np.float32), np.full((50, 10), 0.5, np.float32)
SENTENCES = {
    "dout > 'a'": "> does not work between an array (100, 10) of float32 and text",
    "dout + 'a' == 1": "+ does not work between an array (100, 10) of float32 and text",
    "'a' - dout": "- does not work between text and an array (100, 10) of float32",
    "dout * None": "* does not work between an array (100, 10) of float32 and None",
    "dout < None": "< does not work between an array (100, 10) of float32 and None",
    "-'a'": "- does not work on text",
    "exp('a')": "exp() is for numbers and arrays of them, not for text",
    "max(self.params)": "max() is for numbers and arrays of them, not for a dictionary",
    "self.layer > 1": "> does not work on an object of class Condition",
    "self.layer and 1": "an object of class Condition has no truth value in expressions",
    "sum([self.layer])": "sum() does not work on a list that holds an object of class Condition",
    "self.params['Q'] > 1": "it has no key 'Q'; its keys are: W, b",
    "self.params[1]": "it has no key 1; its keys are: W, b",
    "dout[9] > 0": "ValueError: it is an array of several elements: use all(...) or any(...)",
    "dout and 1": "ValueError: it is an array of several elements: use all(...) or any(...)",
    "not dout": "ValueError: it is an array of several elements: use all(...) or any(...)",
    "1 if dout else 2": "ValueError: it is an array of several elements: use all(...) or any(...)",
    "dout[dout > 9]": "ValueError: it is an array of no elements: use all(...) or any(...)",
    "dout[200]": "IndexError: index 200 is out of bounds for axis 0 with size 100",
    "dout[0.5]": "[ ] takes whole numbers and slices, not a number",
    "dout['a']": "IndexError: only integers, slices",
    "loss[0]": "IndexError: invalid index to scalar variable",
    "norm(dout, ord=3)": "ValueError: Invalid norm order for matrices",
    "norm(self.W[None], ord=2)": "ValueError: Improper number of dimensions to norm",
    "sum(dout, axis=7)": "AxisError: axis 7 is out of bounds for array of dimension 2",
    "sum(dout, axis=dout)": "sum() takes a number or a word for axis, not an array (100, 10)",
    "max([])": "ValueError: zero-size array to reduction operation maximum",
    "int(dout)": "int() takes one number, not an array (100, 10) of float32",
    "float(1j)": "float() takes one number, not a complex number",
    "int('x')": "ValueError: invalid literal for int() with base 10: 'x'",
    "len(3)": "a number has no len()",
    "dout.reshape(3, 3)": "ValueError: cannot reshape array of size 1000 into shape (3,3)",
    "percentile(dout, 500)": "ValueError: Percentiles must be in the range [0, 100]",
    "'é'.T": "text has no .T",
    "[1].max()": "a list has no .max()",
    "int('9'*9999)": "int() would take 33,215 bits of an integer: expected at most 4,096",
    "dout @ self.W": "ValueError: matmul: Input operand 1 has a mismatch",
    "dout is self.W": "`is` needs None, True or False here",
    "'%d' % dout": "% formats numbers and text, not an array (100, 10) of float32",
    "'%*d' % (3, 4)": "% takes widths as figures",
    "1 in 2": "TypeError: argument of type 'int' is not",
    "mean(dout, dtype='a')": "mean() takes a dtype such as 'float64'",
    "reshape": "NameError: reshape is not in scope",
    "1 / 0": "ZeroDivisionError: division by zero",
    "float('1' * 999 + 'x')": "ValueError: could not convert string to float: '111",
}  # fmt: skip
HERE = {
    "dout": X, "self.W": W, "loss": np.float32(2.5), "self.layer": Condition("1"),
    "self.params": {"W": W, "b": 0.5},
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), SENTENCES.items())
def test_a_failure_is_a_sentence_and_no_piece_of_an_array(text, words):
    with pytest.raises(ConditionFailed) as caught:
        Condition(text).holds(HERE)
    said = str(caught.value)
    assert said.startswith(f"The expression {text} failed: {words}")
    assert said.endswith(".") and "\n" not in said and len(said) < 700
    assert "array(" not in said and "dtype=" not in said.partition("failed:")[2]
    assert "mend the code" not in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("abs(dout, out=dout)", "abs() takes no out here; it takes only the array"),
        ("median(dout, overwrite_input=True)", "median() takes no overwrite_input here; it takes"),
        ("sum(dout, where=dout > 0)", "sum() takes no where here; it takes axis, dtype, keepdims"),
        ("exp(dout, dout)", "exp() takes 1 argument by position, not 2"),
        ("dout.max(0, dout)", "max() takes 1 argument by position, not 2"),
        ("max()", "max() is called with an array or a number"),
        ("max(dout, 0, axis=0)", "max() is given axis twice"),
        ("percentile(dout)", "percentile() needs q"),
        ("max(dout, **dout)", "max() takes no ** here"),
        ("max", "max is a function: write max(...)"),
    ],
)
def test_a_call_that_the_table_does_not_have_is_refused_as_it_is_typed(text, problem):
    with pytest.raises(BadCondition) as caught:
        Condition(text)
    assert caught.value.problem.startswith(problem) and caught.value.column >= 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mean([])", np.nan), ("mean(zero, axis=0)", [np.nan] * 3), ("median([])", np.nan),
        ("zero.mean(axis=0, keepdims=True)", [[np.nan] * 3]), ("std([])", np.nan),
        ("var([1.0], ddof=1)", np.nan), ("var([1.0, 2.0], ddof=2)", np.inf),
        ("std([1.0, 2.0], ddof=2)", np.inf), ("var([1.0, 3.0], ddof=1)", 2.0), ("~True", -2),
        ("mean(dout[dout > 9]) > 1", False), ("log(0.0)", -np.inf), ("dout[0, 0] / 0", np.inf),
        ("exp(1000.0)", np.inf), ("sum([1, 2], dtype='float64')", 3.0), ("float('nan')", np.nan),
        ("dout.dtype == 'float32'", True), ("dout.dtype == 'a'", False), ("1 > 0 or 1or 2", True),
        ("dout.dtype != 'f4'", False), ("(dout == 'a').any()", False),
        ("(dout != None).all()", True),
        ("'\\d' == 'd'", False), ("self.layer is None", False), ("'W' in self.params", True),
        ("2 in [1, 2]", True), ("1 in dout", True), ("self.params['b']", 0.5),
        ("'%5.1f|%s' % (2.5, 'a')", "  2.5|a"), ("prod" + " == prod", True),
    ],
)  # fmt: skip
def test_what_numpy_or_python_would_warn_of_is_computed_in_silence(text, value, capfd):
    sight = {**HERE, "zero": np.zeros((0, 3)), "prod": 3}
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        np.testing.assert_array_equal(Condition(text).value(sight), value)
    assert noted == [] and tuple(capfd.readouterr()) == ("", "")


def test_a_message_says_what_failed_in_its_place_and_goes_on():
    filled = Message("a {exp('a')} b {dout.max():.1f} c {'%99999d' % 5} d {self.layer}").filled(
        HERE
    )
    assert filled == (
        "a <The expression exp('a') failed: exp() is for numbers and arrays of them, not for text.>"
        " b 1.0 c <The expression '%99999d' % 5 failed: % would take 99,999 characters: expected at"
        " most 1,000.> d <Condition>"
    )


def test_it_is_its_own_failure_also_where_the_program_handles_one():
    for text in ("1 / 0", "norm(dout, ord=3)", "nowhere", "exp('a')"):
        with pytest.raises(ConditionFailed) as plain:
            Condition(text).value(HERE)
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            with pytest.raises(ConditionFailed) as within:
                Condition(text).value(HERE)
        assert str(within.value) == str(plain.value)


def test_what_a_person_presses_is_no_failure_of_the_expression():
    class Pressed(Meter):
        def take(self, operation, amount, unit):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Condition("max([1] * 9)").value(HERE, Pressed())


NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.floats(width=32).map(np.float32),
    st.floats().map(np.float64),
    st.floats(width=16).map(np.float16),
    st.booleans(),
    st.integers(-100, 100).map(np.int8),
)
BOUNDS = st.one_of(
    st.integers(0, 10**60), st.floats(min_value=0, allow_nan=False, allow_infinity=False)
)


@given(NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), BOUNDS)
def test_a_plain_comparison_says_what_the_whole_way_says(value, sign, bound):
    """Without a warning, too: where numpy has room for one of the two numbers only."""
    condition = Condition(f"x {sign} {bound!r}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            expected = bool(condition.value({"x": value}))
        except ConditionFailed:
            with pytest.raises(ConditionFailed):
                condition.holds({"x": value})
        else:
            assert condition.holds({"x": value}) is expected


def test_a_plain_comparison_of_numbers_needs_no_interpreter(monkeypatch):
    from engine.debug.conditions.evaluator import Evaluator

    def run(*_args):
        raise AssertionError("asked for")

    monkeypatch.setattr(Evaluator, "run", run)
    for value in (2.75, np.float32(2.75), np.float64(2.75), 3):
        assert Condition("loss > 2.5").holds({"loss": value}) is True
        assert Condition("loss < 1e9").holds({"loss": value, "batch": 2}) is True
    with pytest.raises(ConditionFailed):  # of anything else the whole way says what it is
        Condition("loss > 2.5").holds({"loss": np.zeros(2)})
