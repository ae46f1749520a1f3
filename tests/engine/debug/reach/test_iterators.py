"""Iterators and generators go on from where they stood."""

from __future__ import annotations

import itertools
import random
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.memory.state import State

DATA = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]


def batches(data, size=2, *, rng=None):
    """A loader as scripts have it."""
    order = list(range(len(data)))
    while True:
        if rng is not None:
            rng.shuffle(order)
        for first in range(0, len(order), size):
            yield [data[i] for i in order[first : first + size]]


def echo():
    given_ = 0
    while True:
        given_ = (yield given_) or 0


def _called():
    numbers = iter(DATA)
    return iter(lambda: next(numbers), None)


MADE = {
    "list": lambda: iter(DATA),
    "reversed": lambda: reversed(DATA),
    "tuple": lambda: iter(tuple(DATA)),
    "range": lambda: iter(range(20)),
    "large range": lambda: iter(range(2**70, 2**70 + 20)),
    "keys": lambda: iter(dict.fromkeys(range(20))),
    "items": lambda: iter(dict(enumerate(DATA)).items()),
    "set": lambda: iter(set(range(20))),
    "text": lambda: iter("abcdefghijkl"),
    "deque": lambda: iter(deque(DATA)),
    "array": lambda: iter(np.arange(20)),
    "flat": lambda: np.arange(20).reshape(4, 5).flat,
    "enumerate": lambda: enumerate(DATA),
    "nested": lambda: enumerate(zip(iter(DATA), map(abs, iter(DATA)), strict=False)),
    "filter": lambda: filter(None, iter(DATA)),
    "count": lambda: itertools.count(3, 2),
    "cycle": lambda: itertools.cycle([1, 2, 3]),
    "cycle of a generator": lambda: itertools.cycle(x for x in (1, 2, 3)),
    "chain": lambda: itertools.chain(iter(DATA[:2]), DATA),
    "islice": lambda: itertools.islice(itertools.count(), 2, 40, 3),
    "pairwise": lambda: itertools.pairwise(DATA),
    "tee": lambda: itertools.tee(iter(DATA))[0],
    "accumulate": lambda: itertools.accumulate(DATA),
    "product": lambda: itertools.product("abc", repeat=3),
    "repeat": lambda: itertools.repeat(np.zeros(2), 12),
    "generator": lambda: batches(DATA),
    "shuffling generator": lambda: batches(DATA, rng=random.Random(2)),
    "global random": lambda: batches(DATA, rng=random),
    "generator of numpy": lambda: (x.sum() for x in np.split(np.arange(40.0), 10)),
    "expression": lambda: (x * 2 for x in iter(DATA)),
    "zip of generators": lambda: zip(batches(DATA), itertools.count(), strict=False),
}


def take(iterator, many):
    return [repr(item) for item in itertools.islice(iterator, many)]


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=5), st.data())
def test_an_iterator_gives_again_what_it_gave(name, steps, data):
    random.seed(3)
    holder = SimpleNamespace(it=MADE[name]())
    states, given_ = [], []
    for many in steps:
        states.append(State([holder]))
        given_.append(take(holder.it, many))
    for _ in range(3):
        first = data.draw(st.integers(0, len(steps) - 1))
        states[first].restore()
        for number in range(first, len(steps)):
            assert take(holder.it, steps[number]) == given_[number]


@pytest.mark.parametrize("name", ["list", "cycle", "generator", "pairwise", "nested"])
def test_two_names_of_an_iterator_stay_one_iterator(name):
    it = MADE[name]()
    next(it)

    def step():
        return next(it)

    holder = SimpleNamespace(it=it, also=[it, (it,)], table={"it": it}, queue=deque([it]))
    for _ in range(2):
        state = State([step, holder])
        state.restore()
        places = [holder.also[0], holder.also[1][0], holder.table["it"], holder.queue[0]]
        assert all(found is holder.it for found in places)
        expected = [repr(step()), repr(next(holder.it))]
        state.restore()
        assert [repr(next(holder.also[0])), repr(step())] == expected


def test_a_generator_that_begins_later_is_made_again_from_its_arguments():
    data = np.arange(6.0)
    holder = SimpleNamespace(it=(row for row in [data[:3], data[3:]]), data=data)
    state = State([holder])
    assert next(holder.it).tolist() == [0, 1, 2]
    state.restore()
    first = next(holder.it)
    assert np.shares_memory(first, data) and first.tolist() == [0, 1, 2]


def test_a_generator_shares_its_draws_with_the_step():
    """The random numbers that a generator has drawn are drawn again, or skipped, on the tape."""
    rng = np.random.default_rng(1)
    holder = SimpleNamespace(rng=rng, it=batches(DATA, rng=rng))
    next(holder.it)
    state = State([holder])
    ran = [(next(holder.it), holder.rng.random(), np.random.rand()) for _ in range(12)]
    state.restore()
    assert [(next(holder.it), holder.rng.random(), np.random.rand()) for _ in range(12)] == ran


def test_an_array_that_was_given_and_written_to_is_given_as_it_was():
    holder = SimpleNamespace(it=(np.zeros(1000) for _ in range(9)))
    next(holder.it)
    state = State([holder])
    next(holder.it)[:] = 5
    assert State([holder]).nbytes > 8000
    state.restore()
    assert next(holder.it).sum() == 0


def test_a_tape_can_be_sent_values_and_closed():
    holder = SimpleNamespace(it=echo())
    next(holder.it)
    state = State([holder])
    assert [holder.it.send(3), holder.it.send(4), next(holder.it)] == [3, 4, 0]
    state.restore()
    assert [holder.it.send(3), holder.it.send(4), next(holder.it)] == [3, 4, 0]
    holder.it.close()
    with pytest.raises(StopIteration):
        next(holder.it)


def test_what_is_only_listed_leaves_generators_alone():
    it = batches(DATA)
    next(it)
    holder = SimpleNamespace(it=it)
    State([holder], copies=False)
    assert holder.it is it
