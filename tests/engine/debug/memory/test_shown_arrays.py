"""The cache of shown values holds what is on show, and its entries count."""

from __future__ import annotations

import numpy as np

from engine.debug.record.recorder import Recorder


def write_often(x: np.ndarray, turns: int) -> np.ndarray:
    for n in range(turns):
        x[0] = n
    return x


def test_what_nobody_shows_any_more_leaves_the_cache():
    x = np.zeros(4)
    trace = Recorder(write_often, [], {}).record(x, 100)
    before = trace.nbytes
    shown = [trace.as_of(x, event) for event in range(len(trace))]
    cache = trace.history.shown_arrays
    assert len(cache) == 101
    assert trace.nbytes >= before + cache.nbytes
    assert all(trace.as_of(x, event) is shown[event] for event in range(len(trace)))
    del shown[:-1]
    assert len(cache) == 1
    shown.clear()
    assert len(cache) == 0
    assert trace.nbytes == before


def test_a_cache_that_is_gone_is_told_of_no_more():
    x = np.zeros(4)
    trace = Recorder(write_often, [], {}).record(x, 3)
    shown = trace.as_of(x, 0)
    del trace
    assert shown[0] == 0
