"""Code without a file, such as a notebook's cells: recorded whole if its lines are remembered."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest

from engine.debug.record.recorder import Recorder
from engine.own_code import is_library
from tests.engine.debug.record.test_recorder import leftovers
from tests.engine.debug.watcher import differences, watching

CELLS = [
    """import numpy as np
class Value:
    def __init__(self, data):
        self.data = data
    def __mul__(self, other):
        made = self.data * other.data
        return Value(made)
""",
    """W = Value(np.arange(3.0))
def helper(z):
    return np.abs(z).mean()
""",
    """def step(n):
    global W
    y = W * Value(n)
    loss = helper(y.data)
    W = Value(W.data - 0.5 * loss)
    return loss
""",
]
WHOLE = ["Value.__init__", "Value.__mul__", "helper", "step"]
NAMES = {
    "a cell of ipykernel": "/tmp/ipykernel_{0}/{1}.py",
    "a cell of IPython": "<ipython-input-{1}-{0}>",
    "exec": "made up {0} {1}",
    "a name in angle brackets": "<made up {0} {1}>",
}
_runs = count(1)


@pytest.fixture
def cells(request) -> Iterator[dict[str, Any]]:
    """The namespace in which the cells have run under names of this form."""
    run, names = next(_runs), []
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, text in enumerate(CELLS):
        name = NAMES[request.param].format(run, number)
        names.append(name)
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        exec(compile(text, name, "exec"), namespace)
    yield namespace
    for name in names:
        del linecache.cache[name]


@pytest.mark.parametrize("cells", NAMES, indirect=True)
def test_cells_are_recorded_whole_with_their_helper_functions(cells):
    recorder = Recorder(cells["step"], [], {})
    for n in (2, 3):
        before = cells["W"].data.copy()
        with watching():
            trace = recorder.record(n)
        assert trace.error is None
        assert sorted({frame.function for frame in trace.frames}) == WHOLE
        assert not differences(trace)
        assert leftovers() == []
        assert trace.result == np.abs(before * n).mean()
        assert np.array_equal(trace.globals_at(0)["W"].data, before)
    assert trace.site(0).source == "y = W * Value(n)"


def test_a_cell_that_is_run_again_with_other_lines_is_recorded_by_those():
    name, found = "<cell run again>", []
    for operator in "+-":
        text = f"def step(n):\n    return n {operator} 1\n"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(text, name, "exec"), namespace)
        trace = Recorder(namespace["step"], [], {}).record(5)
        found.append((trace.site(0).source, trace.result))
    del linecache.cache[name]
    assert found == [("return n + 1", 6), ("return n - 1", 4)]


def test_code_without_lines_is_one_call():
    namespace: dict[str, Any] = {}
    exec("def helper(z):\n    return z * 2\n", namespace)
    helper = namespace["helper"]

    def step(z):
        return helper(z) + 1

    trace = Recorder(step, [], {}).record(4)
    assert [frame.function.rpartition(".")[2] for frame in trace.frames] == ["step"]
    assert "helper(z)" in [event.source for event in trace]
    assert trace.result == 9


def test_what_libraries_make_at_run_time_is_nobodys_code():
    assert is_library("<frozen importlib._bootstrap>")
    assert is_library("<string>")
    name = "<attrs generated init some.Class>"
    linecache.cache[name] = (1, None, ["pass\n"], name)
    assert is_library(name)
    del linecache.cache[name]
