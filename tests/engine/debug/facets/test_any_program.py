"""Whatever a program does, asking for its facets breaks nothing."""

from __future__ import annotations

import sys
import warnings
from functools import partial

import numpy as np
import pytest

from engine.debug.facets.find import find
from engine.debug.facets.gradient_values import gradients_at
from engine.debug.facets.passes import passes_of
from engine.debug.record.recorder import Recorder
from tests.engine.debug import foreign_errors, foreign_styles, foreign_writes  # noqa: F401
from tests.engine.debug.foreign import CASES


@pytest.mark.parametrize("budget", [sys.maxsize, 0], ids=["whole", "faded"])
@pytest.mark.parametrize("name", CASES)
def test_a_foreign_step_has_facets_or_says_that_it_has_none(name, budget):
    case = CASES[name]()
    recorder = Recorder(case.function, case.parts, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        traces = [recorder.record(*case.args(batch), budget=budget) for batch in range(2)]
        facets = find(traces, partial(case.function, *case.args(1)))
    parameters, gradients = facets.parameters.value or {}, facets.gradients.value or {}
    assert gradients.keys() <= parameters.keys()
    for trace in traces:
        assert len(passes_of(trace, facets).phases) == len(trace)
        assert gradients_at(trace, facets, len(trace) - 1).keys() == gradients.keys()


@pytest.mark.parametrize("function", foreign_errors.FUNCTIONS, ids=lambda one: one.__name__)
def test_a_step_that_may_raise_has_facets_or_says_that_it_has_none(function):
    arguments = (foreign_errors.Model(), np.ones((2, 3)))[: function.__code__.co_argcount]
    recorder = Recorder(function, (), {})
    traces = [recorder.record(*arguments, budget=sys.maxsize) for _ in range(2)]
    facets = find(traces, partial(function, *arguments))
    for trace in traces:
        assert len(passes_of(trace, facets).phases) == len(trace)


def test_a_single_batch_is_enough_where_the_step_returns_its_loss():
    case = CASES["functional"]()
    trace = Recorder(case.function, case.parts, {}).record(*case.args(0), budget=sys.maxsize)
    facets = find([trace], partial(case.function, *case.args(0)))
    assert sorted(facets.parameters.value) == ["W1", "W2", "b"]
