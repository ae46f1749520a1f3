"""Programs as people write them, recorded within the byte budget and past it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.programs import Convolution, PerSample, Recurrent, step
from engine.debug.reach.placeholders import FadedArray, faded
from engine.debug.record.recorder import Recorder
from engine.debug.record.trace import Trace
from tests.engine.debug.oracle import picture

PROGRAMS: dict[str, Callable[[], Any]] = {
    "per sample": lambda: PerSample(4, (6, 5, 3)),
    "recurrent": lambda: Recurrent(4, 5, 3),
    "convolution": lambda: Convolution(1, 2, 5),
}


def outline(value: Any) -> Any:
    """What is left of a value past the budget: of arrays shape and dtype."""
    if isinstance(value, (np.ndarray, FadedArray)):
        return value.shape, str(value.dtype)
    if isinstance(value, dict):
        return {key: outline(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [outline(item) for item in value]
    return repr(value) if isinstance(value, (int, float, str)) else type(value).__name__


def told(trace: Trace) -> list[Any]:
    return [
        (
            trace.kind(event),
            trace.site(event).span,
            trace.frame(event).depth,
            outline(trace.value(event)),
            {name: outline(value) for name, value in trace.locals_at(event).items()},
        )
        for event in range(len(trace))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_past_the_budget_are_the_same_events_and_the_same_numbers(name):
    plain, within, past = (PROGRAMS[name]() for _ in range(3))
    for _ in range(3):
        loss = step(plain)
        whole = Recorder(step, [within], {}).record(within, budget=sys.maxsize)
        small = Recorder(step, [past], {}).record(past, budget=0)
        assert whole.is_whole and not small.is_whole
        assert picture(whole.result) == picture(small.result) == picture(loss)
        assert picture(vars(within)) == picture(vars(past)) == picture(vars(plain))
        assert told(whole) == told(small)


def test_an_outline_is_one_for_all_arrays_that_are_alike():
    """A long trace has hundreds of thousands of them."""
    one, other = np.zeros((3, 4), np.float32), np.ones((3, 4), np.float32)
    assert faded(one) is faded(other) == FadedArray((3, 4), "float32")
    assert faded(one) != faded(np.zeros((3, 4))) != faded(np.zeros((4, 3)))
