"""Large arrays are held without a copy in memory, and come back exactly where they change."""

from __future__ import annotations

import gc
import tempfile
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Session
from engine.debug.memory import held_arrays
from engine.debug.memory.held_arrays import LARGE, HeldArrays
from engine.debug.memory.piece_file import PIECE, NoRoomOnDisk
from engine.debug.memory.state import State

ROWS = LARGE // (8 * 16) + 5000  # of 16 numbers: a little more than is large


def data(seed=0, dtype="float64"):
    return np.random.default_rng(seed).random((ROWS, 16)).astype(dtype)


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def capture(held, things, batch, thorough=False):
    held.begin(batch, thorough)
    return State(things, batch, given=held)


def test_a_state_of_a_large_array_takes_no_memory_for_it():
    holder, held = SimpleNamespace(X=data(), i=0), HeldArrays()
    tracemalloc.start()
    states = [capture(held, [holder], batch) for batch in range(5)]
    holder.X = holder.X.view()  # the same memory
    with held.verified():
        states[0].restore()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGE / 4
    assert all(state.nbytes < 20_000 for state in states)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_array_that_is_gone_is_read_from_the_file(order):
    holder, held = SimpleNamespace(X=np.array(data(), order=order)), HeldArrays()
    holder.row = holder.X[3]
    expected = holder.X.copy()
    state = capture(held, [holder], 0)
    holder.X = holder.row = None
    gc.collect()
    with held.verified():
        state.restore()
    assert np.array_equal(holder.X, expected) and holder.X.flags.f_contiguous == (order == "F")
    holder.X[3] = 7
    assert holder.row.tolist() == [7.0] * 16
    again = capture(held, [holder], 8)
    assert again.nbytes < 20_000  # the new array is held as the old one was


@pytest.mark.slow
@given(st.lists(st.sampled_from(["", "", "shuffle", "cell", "fill"]), min_size=4, max_size=9),
       st.data())  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_whatever_is_done_to_a_large_array_each_state_that_counts_as_right_is(changes, draws):
    """Also where there is no time to look at more than nothing on the way."""
    holder, held = SimpleNamespace(X=data()), HeldArrays(Clock())
    rng, states, expected = np.random.default_rng(1), [], []
    for batch, change in enumerate(changes):
        states.append(capture(held, [holder], batch, thorough=draws.draw(st.booleans())))
        expected.append(holder.X.tobytes())
        if change == "shuffle":
            rng.shuffle(holder.X)
        elif change == "cell":
            holder.X[batch * 1000, 3] *= -1
        elif change == "fill":
            holder.X[:] = batch
    for _ in range(4):
        with held.verified():
            right = [n for n, state in enumerate(states) if state.is_right]
            assert 0 in right
            number = draws.draw(st.sampled_from(right))
            states[number].restore()
        assert holder.X.tobytes() == expected[number]
        holder.X[draws.draw(st.integers(0, 9)) * 100] = 3
    for number in right:
        assert states[number].array_in_place_of(holder.X).tobytes() == expected[number]


def test_looking_costs_no_more_than_its_share_of_the_time(monkeypatch):
    clock = Clock()
    looked = []

    def checksum(memory):
        looked.append(memory.size)
        clock.now += 0.001
        return 0

    monkeypatch.setattr(held_arrays, "checksum", checksum)
    monkeypatch.setattr("engine.debug.memory.piece_file.checksum", lambda memory: 0)
    holder, held = SimpleNamespace(X=data()), HeldArrays(clock)
    capture(held, [holder], 0)
    begin = clock.now
    looked.clear()
    for batch in range(1, 200):
        clock.now += 0.002
        capture(held, [holder], batch)
    assert 0.02 < 0.001 * len(looked) / (clock.now - begin) <= 0.051


def test_a_sign_that_changes_twice_is_seen():
    """A sum of the words of a piece would be the same."""
    holder, held = SimpleNamespace(X=data()), HeldArrays()
    capture(held, [holder], 0)
    holder.X[0, :2] *= -1
    state = capture(held, [holder], 8, thorough=True)
    assert not held.found_wrong and state.is_right
    holder.X[0, :2] *= -1
    held.verify()
    with held.verified():
        state.restore()
    assert (holder.X[0, :2] < 0).all()


def test_an_array_that_changes_all_the_time_is_copied_as_any_other():
    holder, held = SimpleNamespace(W=data()), HeldArrays()
    states, expected = [], []
    for batch in range(0, 40, 8):
        states.append(capture(held, [holder], batch))
        expected.append(holder.W.tobytes())
        holder.W *= 0.5
    assert [state.nbytes > LARGE for state in states] == [False, False, True, True, True]
    for number in (3, 0, 1, 4):
        with held.verified():
            assert states[number].is_right
            states[number].restore()
        assert holder.W.tobytes() == expected[number]


def test_a_change_takes_only_the_pieces_that_differ():
    holder, held = SimpleNamespace(X=data()), HeldArrays()
    capture(held, [holder], 0)
    size = held._file._end
    holder.X[0, 0] = -1
    second = capture(held, [holder], 8, thorough=True)
    assert held._file._end == size + PIECE
    del second
    for batch in range(16, 80, 8):
        holder.X[0, 0] = batch
        capture(held, [holder], batch)
    assert held._file._end <= size + 3 * PIECE  # the room of states that are gone is used again


def test_without_room_on_the_disk_it_is_copied_and_that_is_said(monkeypatch):
    monkeypatch.setattr(
        "engine.debug.memory.piece_file.disk_usage", lambda path: SimpleNamespace(free=1000)
    )
    holder, held = SimpleNamespace(X=data()), HeldArrays()
    state = capture(held, [holder], 0)
    assert isinstance(held.no_room, NoRoomOnDisk) and held.no_room.needed == holder.X.nbytes
    assert state.nbytes > LARGE
    expected = holder.X.tobytes()
    holder.X += 1
    state.restore()
    assert holder.X.tobytes() == expected


def test_the_file_is_gone_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    holder, held = SimpleNamespace(X=data()), HeldArrays()
    state = capture(held, [holder], 0)
    assert state.roots
    held.close()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_to_is_neither_copied_nor_looked_at():
    X = data()
    X.flags.writeable = False
    holder, held = SimpleNamespace(X=X), HeldArrays()
    state = capture(held, [holder], 0)
    assert held._file._end == 0 and state.nbytes < 20_000
    holder.X = None
    state.restore()
    assert holder.X is X


@pytest.mark.parametrize("dtype", ["float64", "float32", "uint8"])
@pytest.mark.parametrize("choose", [lambda X, rng: X[rng.integers(0, len(X), 90)],
                                    lambda X, rng: X[300:390].copy(),
                                    lambda X, rng: X[::-7][:90].copy()],
                         ids=["drawn", "slice", "every seventh"])  # fmt: skip
def test_a_minibatch_of_rows_is_held_as_their_places(dtype, choose):
    rng = np.random.default_rng(0)
    X = (1000 * np.concatenate([data(n) for n in range({"uint8": 8}.get(dtype, 2))])).astype(dtype)
    holder, held = SimpleNamespace(X=X, x=choose(X, rng)), HeldArrays()
    expected = holder.x.tobytes()
    state = capture(held, [holder], 0)
    plain = State([holder.x]).nbytes
    assert state.nbytes < plain + 9000 - holder.x.nbytes or holder.x.nbytes < 2000
    assert sum(callable(root.kept) for root in state.roots.values()) == 2
    holder.X[:] = 0
    holder.x[:] = 5
    assert state.array_in_place_of(holder.x).tobytes() == expected
    with held.verified():
        state.restore()
    assert holder.x.tobytes() == expected and holder.X.any()


def test_a_minibatch_that_differs_in_a_bit_is_copied():
    holder, held = SimpleNamespace(X=data(), x=None), HeldArrays()
    holder.x = holder.X[:50].copy()
    holder.x[7, 3] = np.nextafter(holder.x[7, 3], 2)
    state = capture(held, [holder], 0)
    assert sum(callable(root.kept) for root in state.roots.values()) == 1


class Trainer:
    """Goes through its training set in order, and shuffles it in place after each epoch."""

    def __init__(self, shuffles):
        self.X, self.W, self.i = data(), np.zeros(16), 0
        self.rng, self.shuffles, self.x = np.random.default_rng(5), shuffles, None

    def step(self):
        self.x = self.X[self.i : self.i + 5000]
        self.W += 0.1 * (self.x - self.W).mean(axis=0)
        self.i += 5000
        if self.i >= len(self.X):
            self.i = 0
            if self.shuffles:
                self.rng.shuffle(self.X)
        return float(self.W.mean())


@pytest.mark.slow
@pytest.mark.parametrize("shuffles", [False, True])
def test_a_session_goes_back_over_shuffles_of_its_training_set(shuffles):
    plain, trainer = Trainer(shuffles), Trainer(shuffles)
    seen = []
    for _ in range(50):
        seen.append((plain.X.tobytes() if shuffles else b"", plain.W.tobytes()))
        plain.step()
    session = Session.from_step(trainer.step)
    session.run(30)
    for batch in (29, 17, 16, 3, 30, 0, 15, 14):
        session.goto(batch)
        assert (trainer.X.tobytes() if shuffles else b"", trainer.W.tobytes()) == seen[batch]
    session.goto(30)
    session.run(10)
    session.goto(38)
    assert (trainer.X.tobytes() if shuffles else b"", trainer.W.tobytes()) == seen[38]
    assert np.shares_memory(trainer.x, trainer.X)
