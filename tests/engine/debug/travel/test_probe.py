"""Probes: the loss of a batch as a function of its parameters, with everything put back."""

from __future__ import annotations

import numpy as np
import pytest

from engine.debug.events import Span
from engine.debug.instrument.value_watch import watching
from engine.debug.reach.paths import function_of
from engine.debug.session import Session
from engine.errors import NoLoss
from tests.programs.loading import NAMES, execute, load, undisturbed


@pytest.fixture(autouse=True)
def _undisturbed():
    with undisturbed():
        yield


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("columns", "lazy")])
def test_equal_cells_give_the_equal_loss_and_moved_ones_another(name):
    with load(name) as program:
        session = Session.from_step(program.step)
        session.run(2)
        session.step_into()
        here, known = session.position, session.trace.loss
        probe = session.probe()
        first = probe.loss()
        assert first == probe.loss()
        assert np.isnan(known) or first == pytest.approx(known, rel=1e-12)
        others = set()
        for array in probe.parameters.values():
            before = array.copy()
            array.flat[0] += 0.5
            moved = [probe.loss()]
            assert np.array_equal(array, before)
            with probe.inside():
                array.flat[0] += 0.5
                moved.append(probe.loss())
                assert np.array_equal(array, before)
            assert moved[0] == moved[1]
            others.update(moved)
        assert others - {first}
        assert probe.step_seconds() > 0
        assert probe.loss() == first
        for held, array in zip(
            probe.parameters.values(), session.parameters().values(), strict=True
        ):
            assert held is array
        probe.put_back()
        assert session.position == here


def test_where_the_place_of_the_loss_is_known_the_batch_ends_there():
    stops = {}
    for name in ("norm", "rnn", "stream"):
        with load(name) as program:
            stops[name] = Session.from_step(program.step).probe().stops_at_loss
    assert stops == {"norm": True, "rnn": True, "stream": False}  # its mean comes after the update


def test_a_loss_that_stands_for_another_is_no_loss():
    with load("columns") as program:
        session = Session.from_step(program.step)
        session.step_into()
        with pytest.raises(NoLoss):
            session.probe()
        assert session.position == (0, 1)


LARGE = """\
import numpy as np

X = np.linspace(0, 1, 400_000).reshape(-1, 2)
w = np.ones(2)


def step(batch):
    if {when}:
        X[:] = X[::-1].copy()
    x = X[batch * 10 : batch * 10 + 10]
    out = x @ w
    loss = (out**2).mean()
    w[...] = w - 0.01 * (2 * x.T @ out / len(out))
    return loss
"""


@pytest.mark.parametrize("when", ["False", "batch == 2", "batch == 2 and w[0] > 1"])
def test_large_arrays_are_put_back_whoever_writes_them(when, tmp_path):
    file = tmp_path / "large.py"
    file.write_text(LARGE.replace("{when}", when), encoding="utf-8")
    module = execute(file)
    session = Session.from_step(module.step)
    session.run(2)
    before = module.X.copy()
    probe = session.probe()
    losses = []
    for moved in (0.0, 0.3, 0.0):
        probe.parameters["w"][0] += moved
        losses.append(probe.loss())
    probe.put_back()
    assert losses[0] != losses[1]
    assert np.array_equal(module.X, before)
    assert session.position == (2, 0)


def test_a_watched_expression_gives_its_values_and_the_code_is_as_before(tmp_path):
    file = tmp_path / "watched.py"
    file.write_text(
        "import numpy as np\n\nw = np.ones(2)\n\n\n"
        "def step(batch):\n    é = [batch, (w * 2).sum() + batch]\n    w[...] = w - 0.1\n"
        "    return é[1]\n",
        encoding="utf-8",
    )
    module = execute(file)
    session = Session.from_step(module.step)
    event = next(e for e in session.trace if e.source == "(w * 2).sum()")
    code, values = function_of(module.step).__code__, []
    with watching(str(file), Span(*event.span), values.append):
        assert function_of(module.step).__code__ is not code
        returned = module.step(7)
    assert values == [4.0] and returned == 11.0
    assert function_of(module.step).__code__ is code
