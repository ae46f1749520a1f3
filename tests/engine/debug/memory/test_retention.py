"""Over its byte budget a trace says what was true, or that it was not kept: no wrong number."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug.events import Kind, Position
from engine.debug.explain.operation_at import operation_at
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.recorder import Recorder
from engine.debug.session import Session
from engine.debug.travel import moment
from engine.debug.travel.edits import SetCells
from tests.engine.debug import foreign_styles, foreign_writes, random_steps  # noqa: F401
from tests.engine.debug.foreign import CASES
from tests.engine.debug.networks import DATASET
from tests.engine.debug.oracle import picture
from tests.engine.debug.watcher import Copy, Same, copies_of, copy_of, differences, watching

pytestmark = pytest.mark.slow

MOVES = ["step_into", "step_over", "step_out", "step_back_into", "step_back_over", "step_back_out"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("random_steps")


def session_of(module: Any, budget: int) -> Session:
    return Session(
        module.Net(), DATASET, SimpleNamespace(), batch_size=2, step=module.step,
        memory_budget=budget,
    )  # fmt: skip


def truth_at(session: Session) -> dict[str, Any]:
    """All that is seen at the cursor."""
    operation = operation_at(session.trace, session.position.event)
    operands = [] if operation is None else [(o.text, picture(o.value)) for o in operation.operands]
    return {
        "event": (session.position, session.event.source, picture(session.event.value)),
        "variables": picture(session.variables()),
        "network": picture(session.network),
        "operands": operands,
        "result": None if operation is None else picture(operation.result),
    }


@given(
    random_steps.texts(),
    st.integers(2, 12),
    st.integers(2_000, 40_000),
    st.lists(st.tuples(st.integers(0, 999), st.sampled_from(MOVES)), min_size=4, max_size=10),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_step_too_big_to_be_kept_shows_at_the_cursor_what_it_shows_kept_whole(
    folder, monkeypatch, text, window, budget, visits
):
    """In variables and live objects, wherever one goes; "not kept" is never said there."""
    monkeypatch.setattr(moment, "_WINDOW", window)
    module = random_steps.load(folder, text)
    try:
        whole, small = session_of(module, 2**30), session_of(module, budget)
        last = len(whole.trace) - 1
        assert whole.trace.is_whole and len(small.trace) == last + 1
        for share, move in visits:
            event = last * share // 999
            for session in (whole, small):
                session.goto(0, event)
            assert truth_at(small) == truth_at(whole)
            assert random_steps.not_kept([small.variables(), small.network, small.event.value]) == 0
            assert getattr(small, move)() == getattr(whole, move)()
            assert truth_at(small) == truth_at(whole)
    finally:
        random_steps.forget(module)


def may_be(shown: Any, was: Any) -> bool:
    """Whether a copy of what is shown is that of what was, but for arrays that were not kept."""
    if shown == was:
        return True
    if isinstance(shown, Same) and isinstance(shown.thing, FadedArray):
        return isinstance(was, Copy) and was.kind in ("array", "void")
    if not (isinstance(shown, Copy) and isinstance(was, Copy)) or shown.kind != was.kind:
        return False
    if shown.kind == "array" and isinstance(shown.content[2], tuple):  # of objects
        alike = shown.content[:2] == was.content[:2]
        return alike and all(map(may_be, shown.content[2], was.content[2]))
    if not isinstance(shown.content, tuple) or shown.kind in ("array", "method"):
        return False
    if shown.kind == "dict":
        pairs = zip(shown.content, was.content, strict=True)
        return all(a[0] == b[0] and may_be(a[1], b[1]) for a, b in pairs)
    alike = len(shown.content) == len(was.content)
    return alike and all(map(may_be, shown.content, was.content))


@pytest.mark.parametrize("window", [range(0), range(3, 9), range(40, 60)])
@pytest.mark.parametrize("budget", [0, 1500, 6000])
@pytest.mark.parametrize("name", CASES)
def test_code_by_other_people_is_shown_as_it_was_or_not_at_all(name, budget, window):
    """Whatever its style: what is kept is true, and what is not kept is said to be so."""
    case = CASES[name]()
    recorder = Recorder(case.function, case.parts, {})
    with case.warned(), watching():
        trace = recorder.record(*case.args(0), budget=budget, window=window)
    assert trace.error is None
    kept = [event for event in range(len(trace)) if trace.is_full(event)]
    assert set(window) & set(range(len(trace))) <= set(kept)
    assert not differences(trace, kept)
    for index, seen in enumerate(trace._raw.seen):
        if seen.kind != Kind.CALL:  # its value are the arguments, which are among the variables
            assert may_be(copy_of(trace.value(index)), seen.value)
        for own, shown in copies_of(trace.locals_at(index)).items():
            assert may_be(shown, seen.locals[own]), (index, own)
        if seen.owner is not None:
            for own, shown in copies_of(trace.attributes_at(index, seen.owner)).items():
                assert may_be(shown, seen.attributes[own]), (index, own)


class Net:
    layers = ()
    loss = None

    def __init__(self):
        self.W, self.grad = np.eye(10), np.zeros(10)

    def parameters(self):
        return {"W": self.W}

    def gradients(self):
        return {"W": self.grad}


def adds_rows(network, optimizer, x, t):
    rows, out = np.arange(6000.0).reshape(600, 10), np.zeros((600, 10))
    for i in range(600):
        out[i] += rows[i]
    return 0.0


def unrolls(network, optimizer, x, t):
    out, h = np.zeros((600, 10)), np.ones(10)
    for i in range(600):
        h = h + network.W[0]
        out[i] = h
    return 0.0


def clips(network, optimizer, x, t):
    for _ in range(600):
        np.ones(100)
    network.grad[...] = 1
    for _ in range(600):
        np.ones(100)
    network.grad *= 0.5
    for _ in range(600):
        np.ones(100)
    return 0.0


def collects(network, optimizer, x, t):
    for _ in range(600):
        np.ones(100)
    grads = [np.zeros(3), {"b": np.zeros(3)}]
    for _ in range(800):
        grads[0] += 1
        grads[1]["b"] += 1
    return 0.0


def small_session(step) -> Session:
    session = Session(
        Net(),
        replace(DATASET, test=None),
        SimpleNamespace(),
        batch_size=2,
        step=step,
        memory_budget=100_000,
    )
    assert not session.trace.is_whole
    return session


def lines_of(session: Session, start: str) -> list[int]:
    trace = session.trace
    return [
        event
        for event in range(len(trace))
        if trace.kind(event) is Kind.LINE and trace.site(event).source.startswith(start)
    ]


@pytest.mark.parametrize("step", [adds_rows, unrolls])
def test_a_loop_over_views_is_shown_as_far_as_it_has_come(step):
    session = small_session(step)
    for number, event in enumerate(lines_of(session, "out[i]")):
        if number % 50 == 3:
            session.goto(0, event)
            filled = session.variables()["out"].any(axis=1).sum()
            assert filled == number


def test_a_write_before_the_window_and_one_behind_it_are_told_apart():
    session = small_session(clips)
    session.goto(0, lines_of(session, "network.grad *=")[0] - 501)
    assert session.network.gradients()["W"].tolist() == [1.0] * 10


def test_arrays_that_only_a_list_or_a_dict_holds_are_as_they_were():
    session = small_session(collects)
    session.goto(0, lines_of(session, "grads[0] +=")[300])
    first, second = session.variables()["grads"]
    assert [*first, *second["b"]] == [300.0] * 6


def updates(network, optimizer, x, t):
    for i in range(600):
        np.ones(100)
        if i == 50:
            network.W -= 1
    for i in range(1200):
        np.ones(100)
        if i == 1150:
            np.abs(network.W)
    return 0.0


def test_who_wrote_and_who_reads_are_found_far_from_the_cursor():
    session = small_session(updates)
    written, read = lines_of(session, "network.W -=")[0], lines_of(session, "np.abs")[0]
    session.goto(0, (written + read) // 2)
    assert session.last_write("W", "0, 0") == Position(0, written + 1)
    assert session.next_read("W") == Position(0, read + 1)
    assert session.last_change("W", "0, 0", 0.5) == Position(0, written + 1)


def test_the_first_difference_of_two_branches_may_lie_where_nothing_is_kept():
    session = small_session(updates)
    session.run(1)
    session.edit(SetCells("W", "0, 0", 5.0))
    session.run(2)
    first = session.compare(0, 1).first
    session.goto(1)
    assert first.position == Position(1, lines_of(session, "np.abs")[0] + 1)


@pytest.mark.parametrize("budget", [2**30, 100_000])
def test_a_trace_that_is_dropped_is_freed_at_once(budget):
    """Its arrays are what the next batch's are made of; no collector is waited for."""
    case = CASES["book"]()
    recorder = Recorder(case.function, case.parts, {})
    gc.disable()
    try:
        trace = recorder.record(*case.args(0), budget=budget, window=range(4, 9))
        history = weakref.ref(trace.history)
        del trace
        assert history() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("batch", [0, 2])
def test_a_search_from_the_start_of_a_batch_leaves_all_as_it_was(batch):
    session = small_session(updates)
    session.run(3)
    session.goto(batch)
    before = session.network.W.tobytes()
    for search in (session.last_write, session.next_read, session.last_change):
        session.goto(batch)
        assert not session.trace.is_whole
        search("W")
        session.goto(batch)
        assert session.network.W.tobytes() == before
    session.next_read("W")
    assert session.position == (batch, 0) and session.network.W.tobytes() == before
