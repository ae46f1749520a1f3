"""What a call without hooks overwrites is always among what it was said to overwrite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.memory.harmless_calls import changes_nothing
from engine.debug.memory.mutations import overwritten

A, B, C, INDEX = (np.arange(1.0, 5.0), np.ones(4), np.full(4, 2.0), np.array([0, 1]))
CALLS = [
    (np.add, "aba", {}), (np.add, "ab", {"out": "c"}), (np.negative, "ab", {}),
    (np.exp, "a", {}), (np.where, "abc", {}), (np.copyto, "ab", {}),
    (np.copyto, "", {"dst": "a", "src": "b"}),
    (np.clip, "abcb", {}), (np.put, "aib", {}), (np.dot, "ab", {}), (np.cumsum, "a", {"out": "b"}),
    (np.random.default_rng(0).shuffle, "a", {}),
    (np.random.default_rng(0).random, "", {"out": "a"}),
    (np.ndarray.sort, "a", {}), (np.ndarray.fill, "ai", {}), (np.take, "ai", {}),
    (np.add.at, "aii", {}), (np.multiply.accumulate, "a", {"out": "b"}), (np.concatenate, "l", {}),
    (sorted, "l", {"key": "f"}), (max, "ii", {"key": "f"}), (list.append, "lb", {}),
    (setattr, "osb", {}),
]  # fmt: skip


class Box:
    def __init__(self, array):
        self.array = array


def fills(thing):
    """Code without hooks that changes whatever it can reach."""
    if isinstance(thing, np.ndarray):
        thing.fill(-1)
    elif isinstance(thing, (list, tuple)):
        for item in thing:
            fills(item)
    elif isinstance(thing, dict):
        fills(list(thing.values()))
    elif isinstance(thing, Box):
        fills(thing.array)


nested = st.recursive(
    st.builds(lambda: np.zeros(2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(Box, inner),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
        st.tuples(inner, inner),
    ),
    max_leaves=8,
)
nested.validate()  # now: it reads its own source, which may be edited before it is drawn from


def arrays_in(thing) -> list:
    if isinstance(thing, np.ndarray):
        return [thing]
    if isinstance(thing, Box):
        return arrays_in(thing.array)
    items = thing.values() if isinstance(thing, dict) else thing
    return [array for item in items for array in arrays_in(item)]


@given(nested)
def test_unknown_code_may_change_every_array_that_it_can_reach(thing) -> None:
    said = {id(target) for target in overwritten(fills, (thing,), {})}
    assert {id(array) for array in arrays_in(thing)} <= said
    assert not changes_nothing(fills, (thing,), {})


def named(call: tuple[Any, str, dict[str, Any]]) -> str:
    """A name for a call that is the same in every process, as an address is not."""
    function, names, keywords = call
    return f"{getattr(function, '__name__', function)}-{names}-{'-'.join(keywords)}"


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_what_changes_was_foretold(call) -> None:
    function, names, keywords = call
    things = {
        "a": A.copy(), "b": B.copy(), "c": C.copy(), "i": INDEX.copy(), "l": [A.copy(), B.copy()],
        "f": np.sum, "o": Box(A), "s": "array",
    }  # fmt: skip
    if function is np.ndarray.fill or function is max:
        things["i"] = 7 if function is np.ndarray.fill else (3, 4)
    arguments = tuple(things[name] for name in names)
    named = {name: things[value] for name, value in keywords.items()}
    if function is sorted:
        named["key"] = np.sum
    said = (
        []
        if changes_nothing(function, arguments, named)
        else list(overwritten(function, arguments, named))
    )
    before = {n: np.copy(v) for n, v in things.items() if isinstance(v, np.ndarray)}
    length, held = len(things["l"]), things["o"].array
    function(*arguments, **named)
    for name, old in before.items():
        if not np.array_equal(old, things[name]):
            assert any(target is things[name] for target in said), name
    if len(things["l"]) != length:
        assert any(target is things["l"] for target in said)
    if things["o"].array is not held:
        assert any(target is things["o"] for target in said)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (np.where, (A > 1, A, B)),
        (np.exp, (A,)),
        (A.sum, (0,)),
        (len, (A,)),
        (np.zeros, ((3, 4), "f4")),
        (np.eye, (3,)),
        (np.array, (A,)),
        (A.reshape, (-1, 1)),
        (np.random.default_rng(0).normal, (0.0, 0.1, (3, 4))),
        (np.random.randn, (3, 4)),
    ],
)
def test_the_commonest_calls_cost_no_copy(function, arguments) -> None:
    assert changes_nothing(function, arguments, {})


@pytest.mark.parametrize(
    ("function", "arguments", "keywords"),
    [
        (np.random.default_rng(0).shuffle, (A,), {}),
        (np.random.shuffle, (A,), {}),
        (np.random.default_rng(0).random, (), {"out": A}),
        (A.sum, (0, None, A), {}),
        (A.sort, (), {}),
        (A.dot, (B, C), {}),
    ],
)
def test_the_short_way_is_not_for_what_may_write(function, arguments, keywords) -> None:
    assert not changes_nothing(function, arguments, keywords)
