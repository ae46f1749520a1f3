"""Whatever an expression can reach changes nothing: every callable of the table, with anything."""

from __future__ import annotations

import inspect
import json
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from contextlib import suppress
from enum import IntEnum
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import AtLine
from engine.debug.breakpoints.breakpoints import Breakpoints
from engine.debug.breakpoints.files import from_json, to_json
from engine.debug.conditions.condition import Condition, Message
from engine.debug.conditions.functions import ALLOWED, ATTRIBUTES, FUNCTIONS, METHODS
from engine.debug.conditions.operators import BINARY, COMPARISONS, UNARY
from engine.debug.run_control import StopReason
from engine.debug.session import Session, open_session
from engine.debug.session_file import format as session_file
from engine.errors import BadCondition, BreakpointsNotRead, ConditionFailed, SessionNotRead
from engine.nn import layers
from engine.nn.layers import Sigmoid
from engine.nn.models import chain
from engine.nn.optimizers import SGD
from engine.silence import insert
from tests.engine.debug import networks
from tests.engine.debug.networks import BATCH_SIZE, CLASSES, DATASET, FEATURES, Recipe

touched: Counter[str] = Counter()  # what a spy was asked for


def _touch(name: str, *_: Any, **__: Any) -> Any:
    touched[name] += 1
    raise AssertionError(f"{name} was called")


SPECIAL = [
    "abs", "add", "and", "array", "array_function", "array_interface", "array_ufunc", "bool",
    "bytes", "call", "complex", "contains", "copy", "deepcopy", "delitem", "divmod", "enter", "eq",
    "float", "floordiv", "format", "ge", "getattribute", "getitem", "gt", "index", "int", "invert",
    "iter", "le", "len", "lt", "matmul", "missing", "mod", "mul", "ne", "neg", "next", "or", "pos",
    "pow", "radd", "rand", "repr", "reversed", "rmatmul", "rmul", "round", "rpow", "setitem", "str",
    "sub", "truediv", "xor",
]  # fmt: skip
Spy: type = type("Spy", (), {f"__{name}__": partial(_touch, name) for name in SPECIAL})


class Odd(np.ndarray):
    """An array with operators of its own."""

    __array_ufunc__ = __getitem__ = __bool__ = __len__ = partial(_touch, "Odd")

    def view(self, *_: Any) -> Any:
        return _touch("view")


class Stage(IntEnum):
    TRAIN = 1

    def __gt__(self, other: object) -> Any:
        return _touch("Stage")


class Weights(list):
    __getitem__ = __len__ = __iter__ = __contains__ = partial(_touch, "Weights")


class Made(dict):
    def __missing__(self, key: object) -> Any:
        return _touch("missing")


Pair = namedtuple("Pair", "W b")


def turns() -> Any:
    """A generator, which a condition must not move."""
    yield from [1.0, 2.0, 3.0]


def make_sight() -> dict[str, Any]:
    """What a program may have in sight, with everything that could be written to."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 3))
    holder = np.empty(3, object)
    holder[0], holder[1], holder[2] = rng.normal(size=2), [rng.normal(size=2)], Spy()
    return {
        "x": x, "self.W": np.asfortranarray(rng.normal(size=(3, 3)).astype(np.float32)),
        "view": x[::2, 1:], "t": np.array([2, 0, 1, 1]), "mask": x > 0, "zero": np.zeros((0, 3)),
        "one": np.array(2.5), "z": rng.normal(size=3) + 1j, "loss": np.float32(2.75), "batch": 7,
        "lr": 0.5, "mode": "train", "nothing": None, "holder": holder,
        "cells": np.array([(1, 2.0)], [("a", int), ("b", float)]), "names": np.array(["a", "bb"]),
        "self.grads": [rng.normal(size=2), rng.normal(size=2)], "numbers": [0.5, 1.5, 2],
        "self.params": {"W": rng.normal(size=(2, 2)), "b": [rng.normal(size=2)]},
        "ordered": OrderedDict(W=rng.normal(size=2)), "counts": defaultdict(int, a=1),
        "pair": Pair(rng.normal(size=2), 0.5), "recent": deque([1.0, 2.0], 2), "tags": {1, "a"},
        "steps": range(5), "self.layer": Spy(), "turns": turns(), "odd": x.copy().view(Odd),
        "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
        "matrix": np.ones((1, 2)).view(np.matrix),
        "stage": Stage.TRAIN, "weights": Weights([1.0]), "made": Made(a=[1.0]),
        "day": np.datetime64("2020-01-01"), "kind": np.dtype("float32"), "maker": np.random,
        "rng": np.random.default_rng(0),
    }  # fmt: skip


def picture(value: Any, depth: int = 0) -> Any:
    """All that there is to a value, the identity of what it holds included; runs no code of it."""
    kind = type(value)
    if issubclass(kind, np.ndarray):
        flags = str(np.ndarray.__dict__["flags"].__get__(value))
        shape = np.ndarray.__dict__["shape"].__get__(value)
        strides = np.ndarray.__dict__["strides"].__get__(value)
        plain = np.ndarray.view(value, np.ndarray)
        inner = [picture(one, depth + 1) for one in plain.ravel()] if plain.dtype == object else []
        return id(value), flags, shape, strides, plain.tobytes(), str(plain.dtype), inner
    if issubclass(kind, dict):
        items = dict.items(value)
        return id(value), [(key, id(one), picture(one, depth + 1)) for key, one in items]
    for base in (list, tuple, deque):
        if issubclass(kind, base):
            return id(value), [(id(one), picture(one, depth + 1)) for one in base.__iter__(value)]
    if kind in (set, frozenset):
        return id(value), sorted(map(str, value))
    if kind.__name__ == "generator":
        return id(value), value.gi_frame.f_lasti
    if kind is np.random.Generator:
        return id(value), str(value.bit_generator.state)
    return id(value)


SIGHT = make_sight()
BEFORE = picture(SIGHT)
tried: Counter[str] = Counter()  # how many expressions there were, by what came of them


def try_out(text: str) -> None:
    """Evaluate an expression, also in a message; what it raises is typed, and can be read."""
    try:
        condition = Condition(text)
    except BadCondition as error:
        tried["refused"] += 1
        check_words(str(error))
        return
    try:
        condition.holds(SIGHT)
        tried["gave a value"] += 1
    except ConditionFailed as error:
        tried["failed"] += 1
        assert not isinstance(error.error, (Warning, AssertionError)), (text, error.error)
        check_words(str(error))


def check_words(words: str) -> None:
    """A sentence, and no piece of an array in it."""
    assert "\n" not in words and "mend the code" not in words and len(words) < 1200
    assert "array(" not in words and "dtype=" not in words.partition(" failed: ")[2]


def check_unchanged(text: str) -> None:
    assert picture(SIGHT) == BEFORE, text
    assert not touched, (text, touched)


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert tuple(capfd.readouterr()) == ("", "")


# Every callable, with every shape of arguments

RECEIVERS = ("x", "self.W", "self.grads")

OTHERS = (
    "0", "-1", "2.5", "None", "True", "'a'", "(0, 1)", "()", "x", "self.W", "numbers", "one",
    "self.grads", "kind", "nan", "self.layer", "turns", "[[0, 1]]", "'float64'", "mode",
)  # fmt: skip


def dangerous() -> set[str]:
    """Every keyword that numpy knows for what the table has, and that the table does not take."""
    known = {"out", "where", "overwrite_input", "casting", "subok", "signature", "axes", "extobj"}
    for row in ALLOWED.values():
        for function in (row.call, getattr(np, getattr(row.call, "__name__", ""), None)):
            with suppress(TypeError, ValueError):  # numpy does not say for all
                known |= set(inspect.signature(function).parameters)
    return known


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_callable_with_every_shape_of_arguments_changes_nothing(name):
    row = ALLOWED[name]
    forms = [f"{name}({{0}}{{1}})"] if row.is_function else []
    forms += [f"{{0}}.{name}({{2}})"] if row.is_method else []
    singles = ["", *OTHERS]
    more = [f"{a}, {b}" for a, b in product(OTHERS[:10], OTHERS[5:12])]
    more += [f"{a}, {b}, {b}" for a, b in zip(OTHERS, OTHERS[::-1], strict=True)]
    takes = row.places + row.names
    more += [f"{key}={value}" for key in takes for value in OTHERS]
    more += [f"{a}, {key}={b}" for key in takes for a, b in product(OTHERS[:3], OTHERS[:9])]
    calls = [*product(forms, singles, SIGHT), *product(forms, more, RECEIVERS)]
    random_numbers = str(np.random.get_state())
    for form, given_, receiver in calls:
        try_out(form.format(receiver, f", {given_}" if given_ else "", given_))
    check_unchanged(name)
    assert str(np.random.get_state()) == random_numbers


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_no_callable_takes_a_keyword_that_is_not_in_its_row(name):
    row = ALLOWED[name]
    refused = 0
    for key in dangerous() - {*row.places, *row.names}:
        for text in (f"{name}(x, {key}=x)", f"x.{name}({key}=x)", f"{name}(x, **x)"):
            with pytest.raises(BadCondition):
                Condition(text)
            refused += 1
    assert refused > 20


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_no_callable_takes_more_by_position_than_its_row_has(name):
    row = ALLOWED[name]
    more = ", ".join(["x"] * (len(row.places) + 1))
    for text in [f"{name}(x, {more})"] * row.is_function + [f"x.{name}({more})"] * row.is_method:
        if row.many:
            with pytest.raises(ConditionFailed):
                Condition(text).value(SIGHT)
        else:
            with pytest.raises(BadCondition, match="by position"):
                Condition(text)
    check_unchanged(name)


def test_what_an_array_can_do_beside_what_is_allowed_is_refused():
    reached = [name for name in dir(np.ndarray) if not name.startswith("__")]
    for holder in (list, dict, str, set, np.float32, np.dtype):
        reached += [name for name in dir(holder) if not name.startswith("__")]
    for name in set(reached):
        for text in (f"x.{name}", f"x.{name}()", f"x.{name}(0)", f"self.params.{name}('W')"):
            try:
                Condition(text).value(SIGHT)
            except (BadCondition, ConditionFailed) as error:
                check_words(str(error))
            else:
                assert name in ATTRIBUTES | set(METHODS), text
        check_unchanged(name)
    assert len(set(reached)) > 150


@pytest.mark.parametrize("name", [name for name, value in SIGHT.items()])
def test_what_is_seen_of_arrays_cannot_be_written_to(name):
    paths = [name, f"{name}[0]", f"{name}['W']", f"{name}['b']", f"{name}[...]", f"{name}.T",
             f"{name}[1:]", f"{name}['b'][0]", f"{name}.ravel()",
             f"{name}.reshape(-1)"]  # fmt: skip
    live: list[np.ndarray] = []

    def gather(value: Any) -> None:
        if issubclass(type(value), np.ndarray):
            live.append(np.ndarray.view(value, np.ndarray))
            if live[-1].dtype == object:
                [gather(one) for one in live[-1]]
        elif issubclass(type(value), dict):
            [gather(one) for one in dict.values(value)]
        elif type(value) in (list, Pair, OrderedDict):
            [gather(one) for one in value]

    gather(SIGHT[name])
    found = 0
    for path in paths:
        try:
            value = Condition(path).value(SIGHT)
        except ConditionFailed:
            continue
        found += 1
        if isinstance(value, np.ndarray) and any(np.may_share_memory(value, one) for one in live):
            assert type(value) is np.ndarray and not value.flags.writeable, path
    assert found
    check_unchanged(name)


# Whole expressions


USUAL = ["x", "self.W", "t", "mask", "loss", "numbers", "1", "0"]
LEAVES = st.sampled_from(
    [*USUAL * 6, *SIGHT, "-1", "2.5", "10**30", "nan", "inf", "None", "True", "'a'", "'W'",
     "'%5.1f'", "b'a'", "[]", "()", "...", "1j", "'%s %d'", "self.missing"]
)  # fmt: skip
SIGNS = [sign for sign, _ in BINARY.values()]
COMPARED = [sign for sign, _ in COMPARISONS.values()]
BEFORE_ONE = [sign for sign, _ in UNARY.values()]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def call(name: str, as_method: bool, of: str, rest: list[str], keys: list[str]) -> str:
        row = ALLOWED[name]
        known = [*row.places, *row.names, "out", "where", "overwrite_input", "dtype"]
        named = [f"{known[len(key) % len(known)]}={key}" for key in keys]
        given_ = ", ".join([*rest, *named])
        return f"({of}).{name}({given_})" if as_method else f"{name}({of}, {given_})"

    few = st.lists(inner, max_size=2)
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from([*SIGNS, *COMPARED]), inner),
        st.builds("({} {} {} {} {})".format, inner, st.sampled_from(COMPARED), inner,
                  st.sampled_from(COMPARED), inner),
        st.builds("({} {})".format, st.sampled_from(BEFORE_ONE), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("({})[{}, {}]".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("({}).{}".format, inner, st.sampled_from(sorted(ATTRIBUTES))),
        st.builds(call, st.sampled_from(sorted(FUNCTIONS)), st.just(False), inner, few, few),
        st.builds(call, st.sampled_from(sorted(METHODS)), st.just(True), inner, few, few),
    )  # fmt: skip


expressions = st.recursive(LEAVES, grown, max_leaves=8)


@settings(deadline=None, max_examples=400)
@given(expressions)
def test_whatever_is_asked_nothing_changes(text):
    try_out(text)
    with suppress(BadCondition):
        assert type(Message(f"a {{{text}}} b").filled(SIGHT)) is str
    check_unchanged(text)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.text("x()[].,:-+*/'\"\\0123456789 eEjnot_{}%", max_size=60))
def test_any_text_is_an_expression_or_says_why_not(text):
    for make in (Condition, Message):
        try:
            made = make(text)
            made.value(SIGHT) if make is Condition else made.filled(SIGHT)
        except (BadCondition, ConditionFailed) as error:
            assert str(error)
    check_unchanged(text)


# Runs


def line_of(file: str, text: str) -> AtLine:
    lines = Path(file).read_text("utf-8").split("\n")
    return AtLine(file, next(n for n, line in enumerate(lines, 1) if text in line))


PLACES = [
    line_of(layers.__file__, "self.dW = self.x.T @ dout"),
    line_of(networks.__file__, "self.seen.append(x.sum(axis=1))"),
    line_of(networks.__file__, "self.now[...] = x.mean(axis=0)"),
    line_of(networks.__file__, "self.running_mean += x.dtype.type(0.1) * mean"),
]
NAMES = [
    "x", "dout", "self.W", "self.x", "self.seen", "self.by_sign", "mean", "self.ring", "batch",
    "self.flipped", "self.running_mean", "self", "self.place", "loss", "self.layers",
]  # fmt: skip
ATTACKS = [
    "abs(dout, out=dout).max() > 1e9", "median(self.W, overwrite_input=True) > 1e9",
    "round(self.W, 0, self.W).max() > 1e9", "exp(dout, dout).sum()", "dout.sort()",
    "self.seen.append(x)", "self.seen.pop(0)", "self.by_sign.pop('plus')", "dout.fill(0)",
    "self.W.resize(0)", "dout.setflags(write=True)", "self.W.base", "x.view('int8')",
    "dout.data", "dout.ctypes", "dout.real", "dout.flat", "dout.partition(1)", "dout.put(0, 1)",
    "dout.itemset(0, 1)", "dout.byteswap(True)", "self.forward(x)", "self.seen.clear()",
    "max(self.seen, out=self.seen)", "any(self.W, 0, self.W)", "sum(dout, 0, None, dout)",
    "percentile(self.W, 50, None, self.W)", "norm(self.W, None, None, None, 1)", "dout.dump('x')",
]  # fmt: skip


def run(rows: list[tuple[AtLine, str, str]], batches: int = 7) -> tuple[Any, ...]:
    """All that a run is in the end, with these breakpoints on its way."""
    middle = ("lister", "viewer", "batch norm", "own dropout", "global dropout")
    session = Recipe(middle=middle, optimizer="adam").session()
    for place, condition, log in rows:
        session.breakpoints.add(place, condition=condition, log=log)
    stops = 0
    while session.position.batch < batches and stops < 40:
        left = batches - session.position.batch
        stops += session.continue_(left).reason is StopReason.BREAKPOINT
    for one in list(session.breakpoints):
        session.breakpoints.remove(one.id)
    session.goto(session.position.batch)
    session.run(batches=batches - session.position.batch)
    parameters = session.network.parameters()
    return session.losses.tobytes(), {name: one.tobytes() for name, one in parameters.items()}


PLAIN = run([])


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLACES),
            st.recursive(st.sampled_from(NAMES), grown, max_leaves=4),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_run_with_such_conditions_and_messages_is_the_run_without(chosen):
    rows = []
    for place, text, logs in chosen:
        try:
            Condition(text), Message(f"{{{text}}}")
        except BadCondition:
            continue
        rows.append((place, text, f"now {{{text}}}" if logs else ""))
    assert run(rows) == PLAIN


class Resizer:
    """Resizes an array in place, which numpy refuses while anything else refers to it."""

    def forward(self, x):
        kept = x.sum(axis=0)
        kept.resize(kept.size + 2)
        self.total = kept.sum()
        return x * (x.dtype.type(0.5) + self.total * x.dtype.type(0.01))

    def backward(self, dout):
        return dout


@pytest.mark.parametrize("asked", ["kept.size > 1e9", "kept[0] > 1e9 or x.max() > 1e9"])
@pytest.mark.parametrize("log", ["", "{kept} {kept.T} {exp('a')}"])
def test_what_was_looked_at_can_still_be_resized(asked, log):
    def losses(**fields: str) -> Any:
        session = ours()
        insert(session.network, 1, Resizer())
        if fields:
            session.breakpoints.add(line_of(__file__, "kept.resize("), **fields)
        assert session.continue_(4).reason is StopReason.DONE
        return session.losses.tolist()

    assert losses(condition=asked, log=log) == losses()


def ours() -> Session:
    """A session of which a file can be made."""
    network = chain((FEATURES, 5, CLASSES), Sigmoid, 0, "float32", "xavier")
    return Session(network, DATASET, SGD(lr=0.5), BATCH_SIZE)


@pytest.mark.parametrize("text", ATTACKS)
def test_what_would_write_is_refused_wherever_it_comes_from(text, tmp_path):
    points = Breakpoints()
    for fields in ({"condition": text}, {"log": f"{{{text}}}"}):
        with pytest.raises(BadCondition) as caught:
            points.add(PLACES[0], **fields)
        check_words(str(caught.value))
        points.add(PLACES[0])
        document = json.loads(to_json(points))
        document["breakpoints"][0].update(fields)
        mine = Breakpoints()
        with pytest.raises(BreakpointsNotRead, match="cannot be used"):
            from_json("them.json", json.dumps(document).encode(), mine)
        assert len(mine) == 0
        points.remove(next(iter(points)).id)
    session = ours()
    session.breakpoints.add(PLACES[0], condition="batch > 0")
    path = session.save(tmp_path / "mine.retrograd")
    document, arrays = session_file.read(path)
    document["breakpoints"][0]["condition"] = text
    path.write_bytes(session_file.to_bytes(document, arrays))
    with pytest.raises(SessionNotRead, match="cannot be used"):
        open_session(path, dataset=DATASET)


def test_what_would_take_too_much_opens_and_says_so_where_it_stands(tmp_path):
    session = ours()
    session.breakpoints.add(PLACES[0], condition="sum([1.0] * 10**8) > 0", log="")
    path = session.save(tmp_path / "mine.retrograd")
    opened = open_session(path, dataset=DATASET).session
    stopped = opened.continue_(3)
    assert stopped.reason is StopReason.BREAKPOINT
    assert "* would take 100,000,000 items: expected at most 100,000" in stopped.hits[0].problem
    points = Breakpoints()
    from_json("them.json", to_json(opened.breakpoints), points)
    assert [one.condition for one in points] == ["sum([1.0] * 10**8) > 0"]
