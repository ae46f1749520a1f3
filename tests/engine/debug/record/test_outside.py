"""Globals, class attributes and variables of closures: shown as they were, and put back."""

from __future__ import annotations

import importlib
import sys
import tracemalloc
from pathlib import Path
from textwrap import indent
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug.events import Kind
from engine.debug.explain.operation import Form
from engine.debug.explain.operation_at import operation_at
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.recorder import Recorder
from engine.debug.record.trace import Trace
from tests.engine.debug import outside as plain_module
from tests.engine.debug.random_steps import forget, load
from tests.engine.debug.watcher import copies_of, copy_of, differences, watching

VARIABLES = ("W", "params", "rate", "history", "count", "velocity", "late")


@pytest.fixture
def module():
    """The module as it is when it was just imported."""
    return importlib.reload(plain_module)


def variables_of(module: ModuleType) -> Any:
    found = {name: vars(module)[name] for name in VARIABLES if name in vars(module)}
    counted = [module.Counter.made, module.Counter.last]
    return copies_of({**found, "counted": counted})


def cells_of(step: FunctionType) -> Any:
    contents = [cell.cell_contents for cell in step.__closure__ or ()]
    return copy_of([content for content in contents if not callable(content)])


def assert_followed(trace: Trace, look) -> None:
    """The live variables go along with the cursor, to and fro."""
    rng, at = np.random.default_rng(0), len(trace)
    end = look()
    for event in [*range(len(trace) - 1, -1, -1), *rng.integers(0, len(trace), 60).tolist()]:
        trace.history.put_back(event, at)
        assert look() == trace._raw.seen[event].looked, trace[event]
        at = event
    trace.history.put_back(len(trace), at)
    assert look() == end


def test_globals_are_shown_as_they_were_and_follow_the_cursor(module):
    recorder = Recorder(module.step, [], {})
    for n in range(3):
        with watching(lambda: variables_of(module)):
            trace = recorder.record(n)
        assert trace.error is None
        assert not differences(trace)
        assert_followed(trace, lambda: variables_of(module))


def test_a_recorded_step_leaves_the_globals_as_the_plain_one_does(module):
    found = []
    for recorded in (True, False):
        fresh = importlib.reload(module)
        vars(fresh).pop("velocity", None)
        recorder = Recorder(fresh.step, [], {})
        results = [
            recorder.record(n).result if recorded and n != 2 else fresh.step(n) for n in range(5)
        ]
        found.append((results, variables_of(fresh)))
    assert found[0] == found[1]


def test_a_variable_of_a_closure_follows_the_cursor_and_is_among_the_variables(module):
    step = module.trainer()
    recorder = Recorder(step, [], {})
    for n in range(3):
        with watching(lambda: cells_of(step)):
            trace = recorder.record(n + 1)
        assert trace.error is None
        assert not differences(trace)
        assert_followed(trace, lambda: cells_of(step))
    assert {"weights", "turns"} <= trace.variables(len(trace) - 1).keys()
    plain = module.trainer()
    for n in range(3):
        plain(n + 1)
    assert cells_of(plain) == cells_of(step)


def events_of(trace: Trace, source: str) -> list[int]:
    return [i for i in range(len(trace)) if trace.site(i).source.startswith(source)]


def test_a_global_is_shown_after_the_locals_and_is_missing_until_it_is_made(module):
    vars(module).pop("velocity", None)
    trace = Recorder(module.step, [], {}).record(2)
    (line,) = (e for e in events_of(trace, "velocity =") if trace.kind(e) is Kind.LINE)
    variables = trace.variables(line)
    assert list(variables) == ["rate", "W"]  # not `velocity`, which is made by this line
    after = trace.variables(line + 3)
    assert np.array_equal(after["velocity"], -after["rate"] * after["W"])
    assert module.velocity is not None
    trace.history.put_back(line, len(trace))
    assert not hasattr(module, "velocity")
    trace.history.put_back(len(trace), line)
    assert hasattr(module, "velocity")


def test_a_local_variable_hides_a_global_one(module):
    trace = Recorder(module.step_with_local_rate, [], {}).record(7)
    last = trace.variables(len(trace) - 1)
    assert (last["rate"], list(last)) == (7, ["n", "rate", "W"])
    assert list(trace.globals_at(len(trace) - 1)) == ["W"]


def test_the_moments_of_the_stores_of_a_global_are_known(module):
    trace = Recorder(module.step, [], {}).record(2)
    frame = trace.frame(0)
    moments = trace.global_stores("W", frame)
    lines = events_of(trace, "W = W - rate * grad")
    assert len(moments) == 3
    assert moments[0] == lines[0] + 3  # after its line and two expressions
    last = trace.global_bindings_at(len(trace) - 1)
    assert last["W"] == (moments[-1], module.W)
    assert trace.global_bindings_at(lines[0])["W"][0] is None


def test_an_operation_has_its_global_operands_as_they_were(module):
    before = module.outside_W.copy()
    trace = Recorder(module.trained, [], {}).record(np.ones(3))
    (product,) = events_of(trace, "x @ outside_W")
    operation = operation_at(trace, product)
    assert [operand.text for operand in operation.operands] == ["x", "outside_W"]
    assert np.array_equal(operation.operands[1].value, before)
    line = events_of(trace, "return error")[0]
    changed = operation_at(trace, line)
    assert (changed.form, changed.source) == (Form.IN_PLACE, "outside_b -= error")
    assert np.array_equal(changed.operands[0].value, np.zeros(1))
    assert np.array_equal(changed.result, module.outside_b)


def test_a_training_set_is_shown_without_a_copy_of_it(module):
    """It would be copied at each look: 64 MB here."""
    recorder = Recorder(module.reads_the_data, [], {})
    tracemalloc.start()
    try:
        trace = recorder.record(3)
        for event in range(len(trace)):
            shown = trace.variables(event)["images"]
            assert np.shares_memory(shown, module.images) and not shown.flags.writeable
        assert tracemalloc.get_traced_memory()[1] < 2**20
        trace.seal([module.images, module.W], [])
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    module.images[3] = 1  # as code that runs on may do
    assert isinstance(trace.variables(0)["images"], FadedArray)
    written = Recorder(module.writes_the_data, [], {}).record(3)
    first, last = (written.variables(e)["images"] for e in (0, len(written) - 1))
    assert (first[3, 0], last[3, 0]) == (1, 2)


def test_what_is_no_part_of_the_run_is_left_alone(module):
    """As with a notebook, in whose namespace a person makes variables meanwhile."""
    trace = Recorder(module.step, [], {}).record(2)
    module.mine = 3
    trace.history.put_back(0, len(trace))
    assert module.mine == 3
    module.mine = 4
    trace.history.put_back(len(trace), 0)
    assert module.mine == 4
    del module.mine


OTHER = """
import tests.engine.debug.outside as other
import numpy as np

def step(n):
    other.rate = n
    setattr(other, "count", n + 1)
    other.fresh = np.ones(n)
    other.fresh += other.rate
    other.__dict__["late"] = other.fresh.sum()
    del other.history
    return other.late
"""


def test_the_variables_of_another_module_follow_the_cursor(module, tmp_path):
    written = load(tmp_path, OTHER)

    def look() -> Any:
        return variables_of(module), copy_of(vars(module).get("fresh"))

    with watching(look):
        trace = Recorder(written.step, [], {}).record(2)
    assert trace.error is None
    assert_followed(trace, look)
    forget(written)
    del module.fresh


HEAD = """
import numpy as np
A, B = np.arange(4), np.ones(4, int)
D = {"k": np.ones(4, int), "m": [np.arange(4)]}

def change():
    global A, B
    A, B = B + 1, A
    D["k"] = A

def make():
    p, q = np.arange(4), np.ones(4, int)
    def turn(v):
        nonlocal p, q
        p = p + v
        q, p = p, q
        return p
    def drawn(v):
        nonlocal p
        for turn in range(2):
            p = p + v
            yield p
    def step(i):
        global A, B, C, D
        nonlocal q
"""
PLACES = ["A", "B", "D['k']", "D['m'][0]", "p", "q"]
STATEMENTS = [
    "A = {e} + 1", "B = {e}", "A, B = B, A", "A += {e}", "{e}[1:] = 2", "q = {e} + i",
    "q += {e}", "turn({e})", "change()", "D = dict(D)", "D = {{'k': {e}, 'm': [{e} + 1]}}",
    "D['k'] = {e} * 2", "D['m'].append({e})", "C = {e}", "globals()['A'] = {e} - 1",
    "globals().update(B={e})", "C = [A := {e} + j for j in range(2)]", "q = [q := q + 1][0]",
    "for B in [{e}, {e} + 1]: B = B + i", "for q in ({e}, {e} * 3): pass",
    "exec('A = A + 1', globals())", "np.copyto({e}, i)", "globals().pop('C', None)",
    "sum(drawn({e}))", "[v for v in drawn({e})]", "[A := v * 2 for v in drawn({e})]",
    "import math as C", "C = {e}; del C", "C = i; q = q + C",
    "try:\n    [][i]\nexcept IndexError as C:\n    A = A + len(C.args)",
    "with np.errstate(all='ignore') as C: B = B + 1",
    "A, B = np.array(A), np.array(B)", "later = drawn({e}); next(later); p_ = next(later)",
    "any((q := v)[0] > 99 for v in ({e}, {e} + 1))", "list(map(turn, [{e}]))",
    "change(); turn(B)", "[turn(v) for v in ({e}, 1)]", "(lambda: turn(2))()",
]  # fmt: skip


@st.composite
def texts(draw) -> str:
    lines = draw(st.lists(st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(PLACES)),
                          min_size=3, max_size=12))  # fmt: skip
    filled = [text.format(e=place) for text, place in lines]
    body = indent("\n".join(filled), "        ") + "\n"
    return (
        f"{HEAD}{body}        return A.sum() + p.sum() + q.sum()\n    return step\nstep = make()\n"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("outside")


@pytest.mark.slow
@given(texts())
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_a_step_does_to_globals_and_closures_can_be_gone_back_through(folder, text):
    written, bare = load(folder, text), load(folder, text)

    def look(module: ModuleType) -> Any:
        return copy_of([vars(module).get(name) for name in "ABCD"]), cells_of(module.step)

    try:
        recorder = Recorder(written.step, [], {})
        for i in range(3):
            with watching(lambda: look(written)):
                trace = recorder.record(i)
            assert trace.error is None
            assert copy_of(trace.result) == copy_of(bare.step(i))
            assert look(written) == look(bare)
            assert not differences(trace)
            assert_followed(trace, lambda: look(written))
    finally:
        forget(written)
        forget(bare)
    assert written.__name__ not in sys.modules
