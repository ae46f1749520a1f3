"""Memory that stored states share: given out again when a state is gone, and never before."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.memory.pool import MemoryPool
from engine.debug.memory.state import State
from tests.engine.debug.oracle import picture

LARGE = 40_000  # numbers of an array; one alone is more than the pool leaves to the heap


def address(array: np.ndarray[Any, Any]) -> int:
    return array.__array_interface__["data"][0]


def test_memory_is_given_out_again_when_its_last_view_is_gone():
    pool = MemoryPool()
    one, other = pool.take(200_000), pool.take(200_000)
    assert one.size == other.size == 200_000 and address(one) != address(other)
    place, view = address(one), one[10:20].view(np.uint16)
    del one
    gc.collect()
    assert address(pool.take(200_000)) != place
    del view
    gc.collect()
    assert address(pool.take(200_000)) == place


def test_pieces_do_not_overlap_and_small_ones_come_from_the_heap():
    pool = MemoryPool()
    pieces = [pool.take(size) for size in (300_000, 10, 300_000, 20 * 2**20, 0, 300_001)]
    for number, piece in enumerate(pieces):
        piece[:] = number
    for number, piece in enumerate(pieces):
        assert (piece == number).all()


def test_a_size_that_is_out_of_use_holds_no_memory():
    pool = MemoryPool()
    held = [pool.take(200_000 + 8192 * n) for n in range(20)]
    del held
    gc.collect()
    assert len(pool._free) <= 4


def change(thing: SimpleNamespace, how: str, rng: np.random.Generator) -> None:
    """Change a value, or the shape of what the object reaches."""
    match how:
        case "write":
            thing.W += 1
        case "add":
            thing.extra = rng.random(LARGE)
        case "delete":
            if hasattr(thing, "extra"):
                del thing.extra
        case "grow":
            thing.list.append(rng.random(3))
        case "shrink":
            del thing.list[:1]
        case "replace":
            dtype = np.float32 if thing.W.dtype == np.float64 else np.float64
            thing.W = rng.random(LARGE).astype(dtype)
        case "reshape":
            thing.W = thing.W.reshape(2, -1) if thing.W.ndim == 1 else thing.W.reshape(-1)
        case "alias":
            thing.same = thing.W
        case "view":
            thing.view = thing.W[..., ::2]
        case "class":
            thing.child = [thing.W, {"W": thing.W}] if type(thing.child) is dict else {"a": 1}


CHANGES = (
    "write", "add", "delete", "grow", "shrink", "replace", "reshape", "alias", "view", "class",
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 9)), min_size=2, max_size=25),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_states_in_shared_memory_come_back_whatever_changes_between_them(changes, random):
    pool, rng = MemoryPool(), np.random.default_rng(0)
    thing = SimpleNamespace(
        W=rng.random(LARGE), list=[np.zeros(2)], child={}, count=0, same=None, view=None
    )
    states: list[tuple[State, State, Any]] = []
    for how, drop in changes:
        change(thing, how, rng)
        thing.count += 1
        pooled = State([thing], thing.count, pool=pool)
        states.append((pooled, State([thing], thing.count), looks(thing)))
        if drop < len(states):  # as if it were thinned away
            del states[drop]
    random.shuffle(states)
    for pooled, plain, expected in states:
        pooled.restore()
        assert looks(thing) == expected
        plain.restore()
        assert looks(thing) == expected


def looks(thing: SimpleNamespace) -> Any:
    """All values, and which arrays look at the same memory."""
    arrays = [value for value in vars(thing).values() if isinstance(value, np.ndarray)]
    shared = [[np.shares_memory(a, b) for a in arrays] for b in arrays]
    return picture(vars(thing)), shared
