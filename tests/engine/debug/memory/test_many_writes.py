"""An array that a batch writes thousands of times is as it was at every one of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.memory.retention import Retention
from engine.debug.memory.undo_log import UndoLog

WRITES = 1500


def written() -> tuple[UndoLog, np.ndarray, list[bytes]]:
    """A log of many writes of all kinds, and what the array was before each."""
    rng = np.random.default_rng(0)
    log = UndoLog(Retention(2**30, range(0), frozenset()), lambda: ())
    array = rng.normal(size=(6, 8))
    views = [array, array.T, array[::2]]
    before = []
    for moment in range(WRITES):
        view = views[rng.integers(3)]
        index = tuple(int(rng.integers(n)) for n in view.shape)
        chosen = ..., index, index[0], (slice(None), index[1])
        place = chosen[rng.integers(4)]
        before.append(array.tobytes())
        log.before_write(moment, view, place)
        view[place] = rng.normal()
    before.append(array.tobytes())
    return log, array, before


LOG, ARRAY, BEFORE = written()


@given(st.lists(st.integers(-1, WRITES), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_it_is_as_it_was_in_any_order_of_looking(events):
    for event in events:
        assert LOG.as_of(ARRAY, event).tobytes() == BEFORE[min(event + 1, WRITES)]


def test_versions_in_between_are_kept_within_bounds():
    LOG.as_of(ARRAY, -1)
    (writes,) = LOG.arrays.values()
    assert 2 <= len(writes.marks) < WRITES // 100
