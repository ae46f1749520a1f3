"""Programs that were debugged wrongly once: state behind a module, globals, cells, large data."""

from __future__ import annotations

import gc
import linecache
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.debug.reach.paths import paths_from, text_of
from engine.debug.session import Session
from tests.programs.loading import execute, load

LOADED = count()


@pytest.fixture
def modules(tmp_path, monkeypatch) -> Iterator[Callable[..., ModuleType]]:
    """Write the files of a person's folder, and import the last one: text, stem = text, ..."""
    monkeypatch.syspath_prepend(tmp_path)
    loaded: list[str] = []

    def make(**texts: str) -> ModuleType:
        for stem, text in texts.items():
            (tmp_path / f"{stem}.py").write_text(text, encoding="utf-8")
            loaded.append(stem)
        return execute(tmp_path / f"{list(texts)[-1]}.py")

    yield make
    for stem in loaded:
        sys.modules.pop(stem, None)


# State behind a module

NET = """\
import numpy as np

W = np.zeros(3)
count = 0


def train_batch():
    global W, count
    W = W + 1
    count += 1
    return float(W[0])
"""
STEPS = {
    "by name": "from {net} import train_batch\n\n\ndef step():\n    return train_batch()\n",
    "through the module": "import {net}\n\n\ndef step():\n    return {net}.train_batch()\n",
    "in another function": (
        "import {net} as other\n\n\ndef inner():\n    return other.train_batch()\n\n\n"
        "def step():\n    return inner()\n"
    ),
}


@pytest.mark.parametrize("way", STEPS)
def test_what_is_reached_through_a_module_is_put_back(modules, way):
    net = f"mynet_{next(LOADED)}"
    main = modules(**{net: NET, f"main_{net}": STEPS[way].format(net=net)})
    session = Session.from_step(main.step)
    assert sys.modules[net].count == 0
    session.run(10)
    session.goto(3)
    assert sys.modules[net].count == 3
    assert sys.modules[net].W.tolist() == [3, 3, 3]
    session.run(2)
    assert session.losses.tolist()[3:5] == [4, 5]
    session.goto(0)
    assert sys.modules[net].count == 0 and not sys.modules[net].W.any()


def test_a_module_that_nothing_names_yet_is_put_back(modules):
    """A batch imports it: what it counted before is there again."""
    net = f"mynet_{next(LOADED)}"
    step = f"def step():\n    import {net}\n    return {net}.train_batch()\n"
    main = modules(**{net: NET, f"main_{net}": step})
    execute(Path(main.__file__).parent / f"{net}.py")
    session = Session.from_step(main.step)
    session.run(6)
    session.goto(2)
    assert sys.modules[net].count == 2


# A step that is an object


def test_what_an_object_holds_that_is_the_step_itself_is_reached():
    with load("norm") as program:
        step = program.module.loop
        texts = {text_of(path) for path, _ in paths_from(step)}
        assert {"self.model.W1", "self.cfg.lr", "self.X"} <= texts
        session = Session.from_step(step)
        session.run(9)
        weights = step.model.W1.copy()
        session.goto(2)
        assert not np.array_equal(step.model.W1, weights)
        session.goto(9)
        assert np.array_equal(step.model.W1, weights)


# Variables of a module

SCRIPT = """\
import numpy as np

W = np.zeros(3)


def step():
    global W, velocity
    velocity = np.ones(3)
    grad = W - 1
    W = W - 0.5 * grad
    return float(W[0])
"""


def at_line(session: Session, batch: int, source: str) -> None:
    """Go to the line event of the only line that begins so."""
    session.goto(batch)
    found = [n for n in range(len(session.trace)) if session.trace.site(n).source == source]
    session.goto(batch, found[0])
    assert session.event.source == source


def test_a_global_is_a_variable_that_follows_the_cursor(modules):
    main = modules(**{f"script_{next(LOADED)}": SCRIPT})
    session = Session.from_step(main.step)
    session.run(3)
    at_line(session, 1, "grad = W - 1")
    assert session.variables()["W"].tolist() == [0.5] * 3
    assert session.variables()["velocity"].tolist() == [1] * 3
    assert main.W.tolist() == [0.5] * 3
    at_line(session, 1, "return float(W[0])")
    assert session.variables()["W"].tolist() == [0.75] * 3
    assert main.W.tolist() == [0.75] * 3
    session.step_back_batch()
    assert main.W.tolist() == [0.5] * 3


def test_a_global_is_gone_before_it_was_made(modules):
    main = modules(**{f"script_{next(LOADED)}": SCRIPT})
    session = Session.from_step(main.step)
    assert not hasattr(main, "velocity")
    session.run(3)
    session.goto(0)
    assert not hasattr(main, "velocity")
    assert "velocity" not in session.variables()
    at_line(session, 0, "grad = W - 1")
    assert session.variables()["velocity"].tolist() == [1] * 3
    session.goto(2)
    assert main.velocity.tolist() == [1] * 3


def test_functions_classes_and_modules_are_no_variables(modules):
    text = SCRIPT.replace("grad = W - 1", "grad = helper(W)") + (
        "\n\ndef helper(w):\n    return w - 1\n\n\nclass Unused:\n    pass\n"
    )
    main = modules(**{f"script_{next(LOADED)}": text})
    session = Session.from_step(main.step)
    session.run(1)
    at_line(session, 0, "grad = helper(W)")
    assert "W" in session.variables()
    assert not {"np", "helper", "step", "Unused"} & set(session.variables())


# Cells of a notebook

CELLS = [
    """\
import numpy as np
class Affine:
    def __init__(self, W): self.W = W
    def forward(self, x):
        self.x = x
        return x @ self.W
""",
    """\
def helper(z):
    return np.abs(z).mean()
""",
    """\
layer = Affine(np.ones((4, 3)))
x = np.arange(8.0).reshape(2, 4)
def step():
    y = layer.forward(x)
    loss = helper(y)
    return loss
""",
]


def notebook(pattern: str, flags: int = 0) -> Callable[[], float]:
    """The step of a notebook whose cells have names of this pattern, lines in `linecache`."""
    main: dict[str, Any] = {"__name__": "__main__"}
    run = next(LOADED)
    for number, text in enumerate(CELLS):
        name = pattern.format(run=run, number=number)
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        exec(compile(text, name, "exec", flags, dont_inherit=True), main)
    step: Callable[[], float] = main["step"]
    return step


@pytest.mark.parametrize(
    "pattern",
    ["ipykernel_{run}/{number}.py", "<ipython-input-{number}-{run}>", "<cell {run}.{number}>"],
)
def test_cells_are_recorded_whole(pattern, modules):
    file = modules(**{f"cells_{next(LOADED)}": "\n".join(CELLS)})
    expected = Session.from_step(file.step)
    session = Session.from_step(notebook(pattern))
    session.run(2)
    session.goto(1)
    assert {frame.function for frame in session.trace.frames} == {
        "step", "Affine.forward", "helper",
    }  # fmt: skip
    assert [session.trace.site(n).source for n in range(len(session.trace))] == [
        expected.trace.site(n).source for n in range(len(expected.trace))
    ]
    assert session.losses[0] == file.step()


def test_cells_below_an_import_from_the_future_are_recorded():
    """A notebook compiles each cell with the flags of those above."""
    session = Session.from_step(notebook("ipykernel_{run}/{number}.py", annotations.compiler_flag))
    session.run(1)
    session.goto(0)
    assert {frame.function for frame in session.trace.frames} == {
        "step", "Affine.forward", "helper",
    }  # fmt: skip


# A training set that the program holds

ROWS, COLUMNS = 60_000, 50  # 24 MB
DATA = f"""\
import numpy as np

X = np.random.default_rng(0).standard_normal(({ROWS}, {COLUMNS}))


class Trainer:
    def __init__(self):
        self.X, self.i, self.W = X, 0, np.zeros(({COLUMNS}, 2))

    def batch(self, number):
        xb = self.X[self.i : self.i + 100]
        self.i = (self.i + 100) % len(self.X)
        if number == WRITES_IN:
            self.X[:200] = self.X[:200][::-1].copy()
        self.W += 1e-3 * xb.T @ (1 - xb @ self.W)
        return float(((1 - xb @ self.W) ** 2).mean())


trainer = Trainer()
"""


def peak(run: Callable[[], object]) -> int:
    """The most bytes that were held at once while this ran."""
    gc.collect()
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_training_set_is_held_once(modules):
    text = DATA.replace("WRITES_IN", "None")

    def bare() -> list[float]:
        trainer = modules(**{f"data_{next(LOADED)}": text}).trainer
        return [trainer.batch(number) for number in range(30)]

    def debugged() -> None:
        main = modules(**{f"data_{next(LOADED)}": text})
        session = Session.from_step(main.trainer.batch)
        session.run(30)
        for batch in (20, 7, 25):
            session.goto(batch)
            assert len(session.trace)
            assert main.trainer.X is main.X
        assert session.held_bytes < main.X.nbytes / 4
        assert session.losses.tolist() == losses

    losses = bare()
    assert peak(debugged) < 1.2 * peak(bare)


@pytest.mark.parametrize("writes_in", [0, 1, 5, 20])
def test_a_training_set_that_is_written_later_is_put_back(modules, writes_in):
    main = modules(**{f"data_{next(LOADED)}": DATA.replace("WRITES_IN", str(writes_in))})
    first = main.X[:200].copy()
    session = Session.from_step(main.trainer.batch)
    assert np.array_equal(main.X[:200], first)
    session.run(30)
    losses = session.losses.tolist()
    for batch in (29, writes_in + 1, writes_in, 0, 25):
        session.goto(batch)
        expected = first[::-1] if batch > writes_in else first
        assert np.array_equal(main.X[:200], expected)
    session.goto(0)
    session.run(30)
    assert session.losses.tolist() == losses
