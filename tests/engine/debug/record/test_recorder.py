"""Recording changes nothing: not the numbers, not the functions, not what other threads do."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
import threading
import warnings
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np
import pytest

from engine import AtLine
from engine.debug.events import Kind
from engine.debug.explain.operation import Form
from engine.debug.explain.operation_at import operation_at
from engine.debug.instrument.swaps import swaps
from engine.debug.record.interruption import CtrlC
from engine.debug.record.recorder import Recorder
from engine.debug.run_control import StopReason
from engine.nn.optimizers import SGD, AdaGrad, Adam, Momentum
from engine.nn.training import train_step
from engine.presets import PRESETS
from tests.engine.debug import foreign_styles, foreign_writes  # noqa: F401  (they register cases)
from tests.engine.debug.foreign import CASES
from tests.engine.debug.networks import Recipe
from tests.engine.debug.watcher import state_of

STEPS = 7
RECORDED = {"always": lambda step: True, "every third": lambda step: step % 3 == 0}


def leftovers() -> list[str]:
    """The functions of this process that have a twin's code."""
    functions = [thing for thing in gc.get_objects() if type(thing) is FunctionType]
    names = [f.__qualname__ for f in functions if id(f.__code__) in swaps.reporting]
    return [name for name in names if not name.endswith(("comp>", "<genexpr>"))]  # of dead frames


def load(folder: Path, text: str, name: str = "written") -> ModuleType:
    """Import a module made of this text."""
    file = folder / f"{name}.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def run(name: str, recorded) -> list:
    np.random.seed(0)
    case = CASES[name]()
    recorder = Recorder(case.function, case.parts, {})
    states = []
    for step in range(STEPS):
        args = case.args(step)
        with case.warned():
            if recorded(step):
                trace = recorder.record(*args)
                assert trace.error is None
                result = trace.result
            else:
                result = case.function(*args)
        states.append((state_of(result), state_of(case.parts), state_of(list(args))))
    return states


@pytest.mark.parametrize("when", RECORDED)
@pytest.mark.parametrize("name", CASES)
def test_foreign_networks_compute_the_same_bits(name: str, when: str) -> None:
    assert run(name, RECORDED[when]) == run(name, lambda step: False)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", [SGD, Momentum, AdaGrad, Adam])
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_compute_the_same_bits(preset: str, optimizer: type, dtype: str) -> None:
    features, classes = (16, 3) if preset == "16-4-3" else (784, 10)

    def train(recorded) -> list:
        rng = np.random.default_rng(1)
        network, rule = PRESETS[preset].build(seed=0, dtype=dtype), optimizer()
        recorder = Recorder(train_step, [network, *network.layers, network.loss, rule], {})
        states = []
        for step in range(5):
            x = rng.random((100 - step, features)).astype(dtype)
            t = rng.integers(0, classes, 100 - step)
            if recorded(step):
                loss = recorder.record(network, rule, x, t).result
            else:
                loss = train_step(network, rule, x, t)
            states.append((state_of(loss), state_of(network), state_of(rule)))
        return states

    plain = train(lambda step: False)
    for when, recorded in RECORDED.items():
        assert train(recorded) == plain, when


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_afterwards_every_function_has_its_plain_code(name: str) -> None:
    case = CASES[name]()
    recorder = Recorder(case.function, case.parts, {})
    for step in range(2):
        with case.warned():
            recorder.record(*case.args(step))
        assert leftovers() == []


ODD = """
import re

def step(network, optimizer, x, t):
    digits = re.sub("\\D", "", "a1")
    if digits is "2":
        return 2.0
    loss = network.forward(x, t)
    network.backward()
    optimizer.update(network.parameters(), network.gradients())
    return loss * len(digits)
"""


def test_what_python_warns_of_in_a_file_is_recorded_without_another_word(tmp_path):
    """An unknown escape, a comparison by `is`: each a warning when it is parsed again."""
    with warnings.catch_warnings(action="ignore"):
        step = load(tmp_path, ODD, "odd").step
    session = Recipe().session(step=step)
    sources = [event.source for event in session.trace]
    assert 're.sub("\\D", "", "a1")' in sources and 'digits is "2"' in sources
    for event in range(len(session.trace)):
        assert operation_at(session.trace, event).form is not Form.FALLBACK
    session.breakpoints.add(AtLine(step.__code__.co_filename, 6), 'digits == "1"')
    stopped = session.continue_(batches=2)
    assert (stopped.reason, session.event.source) == (StopReason.BREAKPOINT, 'if digits is "2":')


FAILING = """
import numpy as np

class Layer:
    def forward(self, x, error):
        def inner(v):
            if error:
                raise error
            return v * 2
        self.kept = inner
        self.other = lambda v: [inner(v), (lambda: v)][0]; self.third = lambda v: v
        self.listed = [lambda: k for k in range(2)]
        return self.other(x)

def step(layer, x, error):
    return layer.forward(x, error)
"""


@pytest.mark.parametrize(
    "error", [None, ValueError("no"), KeyboardInterrupt(), SystemExit(2), CtrlC()]
)
def test_functions_made_meanwhile_get_their_plain_code_whatever_happens(tmp_path, error) -> None:
    module = load(tmp_path, FAILING)
    layer = module.Layer()
    recorder = Recorder(module.step, [layer], {})
    if not isinstance(error, CtrlC):
        trace = recorder.record(layer, 1.5, error)
        assert trace.error is error
    else:
        with pytest.raises(type(error)):
            recorder.record(layer, 1.5, error)
    assert leftovers() == []
    assert layer.third(7) == 7
    assert [f() for f in layer.listed] == [1, 1]
    assert module.step(layer, 1.5, None) == 3.0
    again = recorder.record(layer, 2, None)
    assert again.result == 4
    assert again.error is None


class Meeting:
    """Holds one thread inside a recorded call while another calls the same function."""

    def __init__(self) -> None:
        self.inside, self.done = threading.Event(), threading.Event()

    def __call__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self.inside.set()
            assert self.done.wait(20)


THREADED = """
import numpy as np

class Layer:
    def forward(self, x, meet):
        def twice(v):
            return v * 2
        self.made = twice
        y = twice(x)
        y += 1
        meet()
        return [v + 1 for v in y]

def step(layer, x, meet):
    try:
        return layer.forward(x, meet)
    finally:
        layer.ended = True
"""


def test_another_thread_is_not_in_the_trace_and_computes_the_same(tmp_path) -> None:
    module = load(tmp_path, THREADED)
    mine, theirs, meet, results = module.Layer(), module.Layer(), Meeting(), []

    def call() -> None:
        assert meet.inside.wait(20)
        results.append(module.step(theirs, np.full(3, 5.0), meet))
        meet.done.set()

    alone = Recorder(module.step, [mine], {}).record(mine, np.ones(3), lambda: None)
    other = threading.Thread(target=call)
    other.start()
    trace = Recorder(module.step, [mine], {}).record(mine, np.ones(3), meet)
    other.join()
    assert results == [[12.0, 12.0, 12.0]]
    assert trace.result == [4.0, 4.0, 4.0]
    ours = [(e.kind, e.source) for e in trace if e.source != "meet()"]
    assert ours == [(e.kind, e.source) for e in alone if e.source != "meet()"]
    assert all(frame.owner is not theirs for frame in trace.frames)
    assert leftovers() == []


def test_a_recording_of_a_recording_is_refused(tmp_path) -> None:
    module = load(tmp_path, "def step(again):\n    return again() + 1\n")
    recorder = Recorder(module.step, [], {})
    trace = recorder.record(lambda: recorder.record(lambda: 1))
    assert isinstance(trace.error, RuntimeError)
    assert "under way" in str(trace.error)
    assert leftovers() == []
    assert recorder.record(lambda: 1).result == 2


EDITED = """
import numpy as np

class Layer:
    def __init__(self):
        self.W = np.ones(3)
        self.log = []

    def forward(self, x):
        self.W *= 2
        self.last = x
        self.log.append(x)
        return self.W * x

def helper(x):
    return x + 1

def step(layer, x):
    y = helper(x)
    z = layer.forward(y)
    return z.sum()
"""


def test_a_function_that_is_not_what_its_file_says_counts_as_one_expression(tmp_path) -> None:
    module = load(tmp_path, EDITED, "edited")
    file = Path(module.__file__)
    file.write_text(EDITED.replace("self.W *= 2", "self.W *= 3"), encoding="utf-8")
    os.utime(file, (1, 1))
    layer = module.Layer()
    trace = Recorder(module.step, [layer], {}).record(layer, 1.0)
    functions = [frame.function for frame in trace.frames]
    assert functions == ["step", "helper"]
    call = next(e for e in trace if e.source == "layer.forward(y)")
    assert call.kind is Kind.EXPRESSION
    assert call.value.tolist() == [4.0, 4.0, 4.0]
    before = trace.attributes_at(call.index - 1, layer)
    after = trace.attributes_at(call.index, layer)
    assert before["W"].tolist() == [1.0, 1.0, 1.0]  # written by code without hooks
    assert after["W"].tolist() == [2.0, 2.0, 2.0]
    assert (before["log"], after["log"]) == ([], [2.0])
    assert "last" not in before and after["last"] == 2.0


def test_a_function_without_a_source_counts_as_one_expression(tmp_path) -> None:
    module = load(tmp_path, "def step(f, x):\n    y = f(x)\n    return y * 1\n")
    scope: dict = {}
    exec("def made(x):\n    x += 1\n    return x * 2\n", scope)
    trace = Recorder(module.step, [], {}).record(scope["made"], np.zeros(2))
    assert [(e.kind, e.source) for e in trace] == [
        ("line", "y = f(x)"),
        ("expression", "f(x)"),
        ("line", "return y * 1"),
        ("expression", "y * 1"),
        ("return", "return y * 1"),
    ]
    assert trace.locals_at(0)["x"].tolist() == [0, 0]
    assert trace.locals_at(1)["x"].tolist() == [1, 1]


def test_a_reloaded_file_is_recorded_as_it_is_now(tmp_path) -> None:
    module = load(tmp_path, "def step(x):\n    return x + 1\n", "reloaded")
    assert Recorder(module.step, [], {}).record(1).result == 2
    Path(module.__file__).write_text("def step(x):\n    y = x + 10\n    return y\n")
    os.utime(module.__file__, (5, 5))
    text = Path(module.__file__).read_text()
    exec(compile(text, module.__file__, "exec", dont_inherit=True), vars(module))
    trace = Recorder(module.step, [], {}).record(1)
    assert [e.source for e in trace] == ["y = x + 10", "x + 10", "return y", "return y"]
