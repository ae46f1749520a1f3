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

from engine.debug.memory.state import State
from engine.debug.session import Session
from engine.debug.travel.checkpoints import Checkpoints
from engine.errors import StatesTooLarge
from engine.nn.network import Network
from tests.engine.debug.networks import BATCH_SIZE, DATASET, LAYERS, Recipe, recipes
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@given(
    st.integers(0, 400),
    st.lists(st.tuples(st.booleans(), st.integers(0, 300), st.integers(1, 50)), max_size=60),
    st.lists(st.integers(0, 300), min_size=1, max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_states_aside_have_the_room_that_is_left(budget, offers, visits):
    checkpoints = Checkpoints(budget, interval=2)
    checkpoints.keep(Sized(0, 10))
    for aside, batch, nbytes in offers:
        if aside:
            checkpoints.keep_aside(Sized(batch, nbytes))
        elif batch and checkpoints.wants(batch):
            checkpoints.keep(Sized(batch, nbytes))
        held = sum(state.nbytes for state in checkpoints.aside.values())
        assert checkpoints.aside_bytes == held
        assert not held or checkpoints.nbytes + held <= budget
        assert not checkpoints.states.keys() & checkpoints.aside.keys()
    for batch in visits:
        kept = [b for b in (*checkpoints.states, *checkpoints.aside) if b <= batch]
        assert checkpoints.nearest(batch).batch == max(kept)
        assert checkpoints.before(batch).batch == max(b for b in checkpoints.states if b <= batch)


class Counted:
    """A step that counts how often it is run."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, network, optimizer, x, t) -> float:
        self.runs += 1
        loss = network.forward(x, t)
        network.backward()
        optimizer.update(network.parameters(), network.gradients())
        return loss


def test_walking_back_far_into_a_long_run_replays_little():
    recipe, step = Recipe(middle=("sigmoid",)), Counted()
    plain = PlainRun(recipe, 1030)
    session = recipe.session(step=step, memory_budget=500_000)
    session.run(batches=1030)
    interval = session._run.checkpoints.interval
    session._run.checkpoints.let_go_aside()  # those of the way up: the room may be gone
    assert interval >= 64
    start = 1030 // interval * interval - 1
    session.goto(start)
    step.runs = 0
    for batch in range(start - 1, start - 60, -1):
        session.goto(batch)
        assert whole(session.network, session.optimizer) == plain.states[batch]
    assert step.runs <= 60 * 25  # and not half an interval, or all of it, for each
    held = session._run.checkpoints
    assert held.nbytes + held.aside_bytes <= held.budget


class Greedy:
    """Keeps what it is given in several ways, and may write into one of them."""

    def __init__(self, writes: bool) -> None:
        self.writes = writes

    def forward(self, x):
        self.x, self.copy, self.turned = x, x.copy(), np.asfortranarray(x)
        return x * x.dtype.type(0.5)

    def backward(self, dout):
        if self.writes:
            self.x[0, 0] = -0.0 if self.x[0, 0] == 0 else np.nan
        return dout


@pytest.mark.parametrize("writes", [False, True])
def test_a_minibatch_that_a_layer_keeps_is_drawn_again_where_it_is_as_it_was(writes):
    recipe = Recipe(middle=("sigmoid",))

    def session() -> Session:
        built, optimizer = recipe.build()
        network = Network([Greedy(writes), *built.layers], built.loss)
        return Session(network, DATASET, optimizer, batch_size=BATCH_SIZE, seed=0)

    one, other = session(), session()
    for batch in range(1, 20):
        one.run(1)
        state = one._run.state(batch)
        expected = whole(one.network, one.optimizer)
        layer = one.network.layers[0]
        by_reference = sum(callable(root.kept) for root in state.roots.values())
        at_border = batch % one.order.batches_per_epoch == 0
        # The greedy layer's array and its copy; what lies otherwise in memory is stored.
        assert by_reference == (0 if at_border else 1 if writes else 2)
        assert state.array_in_place_of(layer.x).tobytes() == layer.x.tobytes()
        other.run(1)
        one.network.layers[0].x[...] = 3
        one.network.layers[0].copy = None
        state.restore()
        assert whole(one.network, one.optimizer) == expected
        assert expected == whole(other.network, other.optimizer)
    one.goto(7)
    other.goto(7)
    assert whole(one.network, one.optimizer) == whole(other.network, other.optimizer)


def test_a_network_whose_states_have_no_room_says_so():
    session = Recipe().session(memory_budget=9_000)
    session.run(batches=70)
    (notice,) = session.notices
    assert isinstance(notice, StatesTooLarge)
    assert notice.budget < 9_000 and 2 * notice.state > notice.budget
    assert f"{notice.state / 2**20:.1f} MB" in str(notice)
    roomy = Recipe().session()
    roomy.run(batches=70)
    assert not roomy.notices
