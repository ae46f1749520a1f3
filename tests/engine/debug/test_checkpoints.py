"""Stored states: everything comes back, within the budget, evenly spread."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections import deque
from enum import Enum
from functools import partial
from types import SimpleNamespace
from weakref import ref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.checkpoints import Checkpoints
from engine.debug.state import State
from tests.engine.debug.networks import LAYERS, Recipe, recipes
from tests.engine.debug.oracle import PlainRun, picture, whole


class Sized:
    """As much of a state as its keeping depends on."""

    def __init__(self, batch: int, nbytes: int) -> None:
        self.batch = batch
        self.nbytes = nbytes


@given(
    st.integers(0, 400),
    st.lists(st.tuples(st.integers(1, 120), st.integers(1, 50)), min_size=1, max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_states_stay_within_the_budget_and_are_spread_evenly(budget, stretches):
    checkpoints = Checkpoints(budget, interval=2)
    checkpoints.keep(Sized(0, 10))
    batch = 0
    for length, nbytes in stretches:
        for _ in range(length):
            batch += 1
            if checkpoints.wants(batch):
                checkpoints.keep(Sized(batch, nbytes))
            kept = sorted(checkpoints.states)
            held = sum(state.nbytes for state in checkpoints.states.values())
            assert checkpoints.nbytes == held
            assert held <= budget or kept == [0]
            step = checkpoints.interval
            assert kept == list(range(0, kept[-1] + 1, step))
            assert batch - kept[-1] < step or held + 50 > budget
            before = [b for b in kept if b <= batch]
            assert checkpoints.before(batch).batch == before[-1]


@given(st.floats(0, 1), st.floats(1e-6, 1))
def test_states_are_so_far_apart_that_they_cost_little(seconds, batch_seconds):
    checkpoints = Checkpoints(1000)
    checkpoints.spread(seconds, batch_seconds)
    share = seconds / (checkpoints.interval * batch_seconds)
    assert share <= 0.04 or checkpoints.interval == 64
    assert checkpoints.interval == 8 or share > 0.02 or checkpoints.interval == 64


def test_a_state_takes_the_place_of_another_of_its_batch():
    checkpoints = Checkpoints(1000)
    for nbytes in (10, 30, 20):
        checkpoints.keep(Sized(8, nbytes))
    assert checkpoints.nbytes == 20 and list(checkpoints.states) == [8]


def test_a_future_that_will_not_be_is_forgotten():
    checkpoints = Checkpoints(10**6, interval=8)
    for batch in range(0, 80, 8):
        checkpoints.keep(Sized(batch, 10))
    checkpoints = checkpoints.until(24)
    assert list(checkpoints.states) == [0, 8, 16, 24]
    assert checkpoints.nbytes == 40
    assert checkpoints.before(1000).batch == 24 and checkpoints.before(23).batch == 16
    assert checkpoints.wants(32) and not checkpoints.wants(33) and not checkpoints.wants(24)


@given(recipes(), st.integers(20_000, 120_000), st.data())
@settings(max_examples=15, deadline=None)
def test_any_batch_of_a_long_run_is_exact_within_a_small_budget(recipe, budget, data):
    plain = PlainRun(recipe, 70)
    session = recipe.session(memory_budget=budget)
    session.run(batches=70)
    for batch in data.draw(st.lists(st.integers(0, 70), min_size=1, max_size=6)):
        session.goto(batch)
        assert whole(session.network, session.optimizer) == plain.states[batch]
        held = session._run.checkpoints
        assert held.nbytes <= held.budget or len(held.states) == 1
    assert session.losses.tolist() == plain.losses


def test_what_is_accounted_is_what_is_held():
    for layer in sorted(LAYERS):
        network, optimizer = Recipe(middle=(layer, "sigmoid", layer), optimizer="adam").build()
        things = [network, optimizer]
        rng = np.random.default_rng(0)
        for _ in range(4):
            network.forward(rng.random((5, 9), np.float32), rng.integers(0, 4, 5))
            network.backward()
            optimizer.update(network.parameters(), network.gradients())
        State(things)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        states = [State(things) for _ in range(20)]
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        accounted = sum(state.nbytes for state in states)
        assert 0.7 * held < accounted < 1.6 * held, (layer, held, accounted)


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_a_state_comes_back_when_the_arrays_are_gone(layer):
    """Restored into objects whose arrays were replaced by others, deleted, or written over."""
    recipe = Recipe(middle=(layer,), optimizer="momentum")
    session = recipe.session()
    session.run(batches=6)
    network, optimizer = session.network, session.optimizer
    expected = whole(network, optimizer)
    state = State([network, optimizer])
    for thing in (*network.layers, network.loss):
        names = [*getattr(thing, "__dict__", {}), *getattr(type(thing), "__slots__", ())]
        for name in names:
            value = getattr(thing, name, None)
            if isinstance(value, np.ndarray):
                setattr(thing, name, value + 1 if value.dtype != bool else ~value)
                del value
    optimizer.v.clear()
    optimizer.extra = 3
    del network.dx
    gc.collect()
    assert whole(network, optimizer) != expected
    for _ in range(2):
        state.restore()
        assert whole(network, optimizer) == expected


class Colour(Enum):
    RED = 1


class Holder:
    shared: list = []  # noqa: RUF012

    def __init__(self) -> None:
        self.base = np.arange(24.0).reshape(4, 6)
        self.row = self.base[1]
        self.column = self.base[:, ::2]
        self.transposed = self.base.T
        self.bytes = self.base.view(np.uint8)
        self.same = self.row
        self.fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
        self.objects = np.array([np.zeros(2), [1, 2], None], dtype=object)
        self.records = np.zeros(3, dtype=[("a", "f4"), ("b", "i2")])
        self.empty = np.zeros((0, 3))
        self.scalar = np.array(3.0)
        self.pair = (np.ones(2), [np.ones(1)])
        self.queue = deque([1, np.zeros(2)], maxlen=3)
        self.names = {"a", "b"}
        self.raw = bytearray(b"abc")
        self.nested = {"list": [{"deep": np.zeros(1)}]}
        self.random = random.Random(3)
        self.legacy = np.random.RandomState(3)
        self.bits = np.random.Generator(np.random.MT19937(1))
        self.space = SimpleNamespace(count=0)
        self.bound = partial(np.add, np.zeros(2))
        self.colour = Colour.RED
        self.itself = self

    def default(self, seen=[]):  # noqa: B006
        seen.append(len(seen))
        return seen


def disturb(holder: Holder) -> None:
    """Change all that can be changed."""
    holder.base += 1
    holder.fortran *= 2
    holder.objects[0] += 1
    holder.objects[1].append(3)
    holder.records["a"] = 7
    holder.scalar[...] = 9
    holder.pair[0][0] = 5
    holder.pair[1].append(1)
    holder.queue.append(4)
    holder.queue[1][0] = 8
    holder.names.add("c")
    holder.raw += b"d"
    holder.nested["list"][0]["deep"][0] = 4
    holder.nested["list"].append(1)
    holder.random.random()
    holder.legacy.rand()
    holder.bits.random()
    holder.space.count += 1
    holder.bound.args[0][0] = 3
    holder.shared.append(1)
    holder.default()
    holder.fresh = 1
    del holder.colour


def look(holder: Holder) -> list:
    randoms = [holder.random.getstate(), repr(holder.legacy.get_state()), holder.space.count]
    found = {name: value for name, value in vars(holder).items() if name != "objects"}
    objects = [picture(item) for item in holder.objects]
    shared = [list(holder.shared), list(Holder.default.__defaults__[0]), sorted(holder.names)]
    del found["names"]
    return [picture(sorted(found.items())), objects, randoms, shared, list(holder.bound.args[0])]


@pytest.mark.parametrize("replaced", [False, True])
def test_every_kind_of_value_comes_back(replaced):
    holder = Holder()
    state = State([holder])
    before = look(holder)
    disturb(holder)
    if replaced:
        for name, value in list(vars(holder).items()):
            if isinstance(value, np.ndarray):
                setattr(holder, name, np.zeros(1))
            del value
        gc.collect()
    assert look(holder) != before
    state.restore()
    assert look(holder) == before
    assert holder.same is holder.row
    assert holder.fortran.flags.f_contiguous and holder.base.flags.c_contiguous
    holder.base[1, 0] = 99  # the views look at the array again
    assert holder.row[0] == holder.column[1, 0] == holder.transposed[0, 1] == 99
    assert holder.bytes.dtype == np.uint8


def test_arrays_that_are_alive_stay_the_same_objects():
    holder = Holder()
    arrays = {n: v for n, v in vars(holder).items() if isinstance(v, np.ndarray)}
    state = State([holder])
    disturb(holder)
    holder.base = np.zeros(3)
    state.restore()
    assert all(getattr(holder, name) is value for name, value in arrays.items())


def test_a_state_of_other_peoples_objects_is_left_alone():
    """Locks, paths, loggers: what the standard library keeps is no part of a run."""
    import logging

    holder = SimpleNamespace(log=logging.getLogger("retrograd.tests"))
    state = State([holder])
    holder.log.setLevel(logging.ERROR)
    state.restore()
    assert holder.log.level == logging.ERROR


def test_a_states_random_numbers_are_the_process_s():
    np.random.seed(4)
    random.seed(4)
    state = State([])
    drawn = np.random.rand(), random.random(), random.gauss(0, 1)
    state.restore()
    assert drawn == (np.random.rand(), random.random(), random.gauss(0, 1))


def test_a_long_session_holds_no_more_than_its_budget():
    """Whatever it is used for; and what it says that it holds is what it holds."""
    budget = 3 * 2**20
    session = Recipe(middle=("tanh", "lister"), optimizer="adam").session(memory_budget=budget)
    session.run(batches=5)
    session.snapshot()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(3):
        session.run(batches=300, accuracy_every=100)
        for _ in range(8):
            session.step_batch()
            session.step_over()
            session.snapshot()
        session.goto(session.reach // 2, 20)
        session.snapshot()
        session.goto(session.reach)
    session.step_into()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert session.held_bytes <= budget
    assert 0.5 * held < session.held_bytes
    assert held < 1.2 * budget
    states = sorted(session._run.checkpoints.states)
    assert len(states) > 10
    assert set(np.diff(states)) == {session._run.checkpoints.interval}


def test_old_traces_are_let_go():
    session = Recipe().session()
    old = []
    for _ in range(5):
        session.step_batch()
        session.snapshot()
        old.append(ref(session.trace))
    gc.collect()
    assert [trace() is None for trace in old] == [True] * 4 + [False]


def test_a_class_that_names_no_module_is_none_of_ours():
    """Types that are written in C, such as Cython's functions, may have anything there."""

    class Foreign:
        pass

    Foreign.__module__ = property(lambda self: "somewhere")
    kept = SimpleNamespace(draw=Foreign(), W=np.zeros(2))
    state = State([kept])
    kept.W += 1
    state.restore()
    assert kept.W.tolist() == [0.0, 0.0]
