"""Numerical gradients and gradient checks of sessions of any program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine import SGD, Session, load_mnist, two_layer_net
from engine.debug.reach.paths import paths_from
from engine.errors import (
    BadValue,
    Cancelled,
    CodeRaised,
    IntegersRefused,
    LossNotRepeatable,
    NeedsNetwork,
    NoLoss,
    NoParametersKnown,
)
from engine.numeric import (
    AgreementLimit,
    OtherTerm,
    Scaled,
    Uses,
    Verdict,
    Why,
    check_gradients,
    differentiate,
    numerical_gradient,
)
from tests.programs.loading import NAMES, execute, load, source_of, undisturbed

WITH_LOSS = [name for name in NAMES if name not in ("columns", "lazy")]


@pytest.fixture(autouse=True)
def _undisturbed() -> Iterator[None]:
    with undisturbed():
        yield


def bits(step: Callable[..., Any]) -> dict[Any, Any]:
    """The numbers and arrays that a step reaches, by path."""
    return {
        path: (value.shape, value.dtype.str, value.tobytes())
        if isinstance(value, np.ndarray)
        else value
        for path, value in paths_from(step)
        if isinstance(value, (np.ndarray, int, float, str))
    }


@pytest.fixture
def made(tmp_path) -> Callable[..., ModuleType]:
    """Make a module of a program's text, in which each `old` was replaced by `new`."""

    def make(text: str, *changes: tuple[str, str], name: str = "program") -> ModuleType:
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        file = tmp_path / f"{name}.py"
        file.write_text(text, encoding="utf-8")
        return execute(file)

    return make


def step_of(module: ModuleType, path: str) -> Callable[..., Any]:
    found: Any = module
    for part in path.split("."):
        found = getattr(found, part)
    step: Callable[..., Any] = found
    return step


# The gradient


@pytest.mark.parametrize("batch", [0, 3])
@pytest.mark.parametrize("name", WITH_LOSS)
def test_the_numerical_gradient_is_the_program_s_own_and_all_is_put_back(name, batch):
    with load(name) as program:
        session = Session.from_step(program.step)
        session.run(batch)
        for _ in range(5):
            session.step_into()
        here, before = session.position, bits(program.step)
        found = differentiate(session)
        assert session.position == here
        assert bits(program.step) == before
        session.goto(batch, len(session.trace) - 1)
        made = session.gradients()
        assert set(made) == set(found.gradients) == set(session.parameters())
        for one in program.truth.parameters:
            gradient = made[one.name]
            off = np.abs(one.scale * found.gradients[one.name] - gradient).max()
            assert off <= 1e-7 * np.abs(gradient).max(), one.name


@pytest.mark.parametrize("name", ["rnn", "norm", "stream", "pairs"])
def test_a_run_goes_on_as_if_nothing_had_been_differentiated(name):
    with load(name) as program:
        session = Session.from_step(program.step)
        session.run(2)
        differentiate(session, only={next(iter(session.parameters())): [0, 1]})
        session.run(6)
        after = bits(program.step)
    with load(name) as program:
        for batch in range(8):
            program.run(batch)
        for (_, one), (_, other) in zip(after.items(), bits(program.step).items(), strict=True):
            assert one == other or str(program.file.parent.name) in repr((one, other))


def test_only_some_elements_progress_and_the_number_of_runs():
    with load("caches") as program:
        session, told = Session.from_step(program.step), []
        found = differentiate(session, only={"b1": [2, 4]}, progress=told.append)
        assert found.evaluations == 4
        assert list(found.gradients) == ["b1"]
        assert np.flatnonzero(np.isfinite(found.gradients["b1"])).tolist() == [2, 4]
        assert told[-1].done == told[-1].total == 2
        forward = differentiate(session, method="forward", only={"b1": [2, 4]})
        assert forward.evaluations == 3
        assert np.allclose(
            forward.gradients["b1"][[2, 4]], found.gradients["b1"][[2, 4]], atol=1e-5
        )


def test_cancelling_puts_everything_back():
    with load("rnn") as program:
        session = Session.from_step(program.step)
        session.run(1)
        session.step_into()
        here, before, asked = session.position, bits(program.step), []

        def cancel() -> bool:
            asked.append(True)
            return len(asked) > 1

        with pytest.raises(Cancelled):
            numerical_gradient(session, cancel=cancel)
        assert session.position == here
        assert bits(program.step) == before


def test_a_session_of_a_network_gives_the_network_s_gradient():
    session = Session(two_layer_net(seed=0, dtype="float64"), load_mnist(), SGD(lr=0.5), 20)
    session.run(2)
    session.step_into()
    here, before = session.position, session.losses.copy()
    only = {"Affine1.W": [300, 5000], "Affine2.b": None}
    found = numerical_gradient(session, only=only)
    expected = numerical_gradient(*session.copy_before_batch(), only=only)
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-4, atol=1e-9)
    assert session.position == here
    assert np.array_equal(session.losses, before)
    check = check_gradients(session, only=only)
    assert check.verdict is Verdict.AGREES
    assert check.compared == 12


# The check


@pytest.mark.parametrize("name", [name for name in WITH_LOSS if name != "stream"])
def test_right_gradients_agree(name):
    with load(name) as program:
        session = Session.from_step(program.step)
        for batch in (0, 2):
            session.goto(0)
            session.run(batch)
            check = check_gradients(session)
            assert check.verdict is Verdict.AGREES, [
                (one.name, one.verdict, one.largest) for one in check.parameters
            ]
            assert check.findings == check.not_examined == ()


MISTAKES: tuple[tuple[str, str, str, str, set[str]], ...] = (
    ("caches", "train_step", '    grads["W1"] += reg * params["W1"]\n', "", {"W1"}),
    ("caches", "train_step", "db = np.sum(dout, axis=0)", "db = -np.sum(dout, axis=0)",
     {"b1", "b2"}),
    ("lists", "trainer.batch", "        db = np.sum(dout, axis=0)", "        db = -np.sum(dout, 0)",
     {"params[1]", "params[3]"}),
    ("norm", "loop.__call__", "dnorm - dnorm.mean(axis=0) - norm", "dnorm - norm", {"W1"}),
    ("norm", "loop.__call__", "dgamma = (ds * norm)", "dgamma = -(ds * norm)", {"gamma"}),
    ("pairs", "step", "grad_b = err.sum(0)", "grad_b = -err.sum(0)", {"b"}),
    ("rebinding", "train", "db2 = 1 / m * np", "db2 = -1 / m * np", {"b2"}),
    ("rnn", "iterate", "dh = np.dot(Why.T, dy) + dhnext", "dh = np.dot(Why.T, dy)",
     {"Wxh", "Whh", "bh"}),
    ("rnn", "iterate", "dbh += dhraw", "dbh -= dhraw", {"bh"}),
    ("stream", "step", "dH.sum(axis=0), np.dot(H", "-dH.sum(axis=0), np.dot(H", {"params[1]"}),
    ("tape", "train", "(1 - y**2) * out.grad", "(1 - y) * out.grad",
     {f"layers[{n}].{kind}.data" for n in (0, 1) for kind in "wb"}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "step", "old", "new", "wrong"), MISTAKES)
def test_a_planted_mistake_names_its_parameters(made, name, step, old, new, wrong):
    session = Session.from_step(step_of(made(source_of(name), (old, new)), step))
    session.run(1)
    check = check_gradients(session)
    assert check.verdict is Verdict.DISAGREES
    found = {one.name for one in check.parameters if one.verdict is Verdict.DISAGREES}
    if name == "stream":  # its gradients are 16 times the derivatives, and the mistake -16 times
        assert wrong <= {one for f in check.findings for one in f.parameters if f.factor < 0}
    else:
        assert found == wrong


def test_a_sum_that_the_update_divides_is_said_and_no_mistake():
    with load("stream") as program:
        check = check_gradients(Session.from_step(program.step))
    assert check.verdict is Verdict.AGREES_AS_FAR_AS_CAN_BE
    assert check.reason is AgreementLimit.SCALE
    (seen,) = check.findings
    assert isinstance(seen, Scaled)
    assert seen.factor == pytest.approx(16, rel=1e-6)
    assert (seen.everywhere, seen.uses) == (True, Uses.DIVIDED)
    assert "16 times" in str(seen)


def test_a_mean_taken_twice_is_said_as_measured(made):
    twice = ("    dout /= n\n", "    dout /= n\n    dout /= n\n")
    module = made(source_of("norm"), twice)
    check = check_gradients(Session.from_step(module.loop.__call__))
    assert check.verdict is Verdict.DISAGREES
    (seen,) = check.findings
    assert isinstance(seen, Scaled)
    assert seen.factor == pytest.approx(1 / 16, rel=1e-4)
    assert (seen.everywhere, seen.uses) == (True, Uses.AS_THEY_ARE)
    assert "1/16 times" in str(seen)


DECAY = """\
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
Y = X @ rng.normal(size=(4, 2)) + 1
W, b = rng.normal(size=(4, 2)), np.zeros(2)
lr, reg = 0.1, 0.05


def step(number):
    x, y = X[number % 6 * 10 :][:10], Y[number % 6 * 10 :][:10]
    off = x @ W + b - y
    loss = 0.5 * np.mean(np.sum(off**2, axis=1)) + 0.5 * reg * np.sum(W**2)
    dout = off / len(x)
    dW = x.T @ dout
    db = dout.sum(axis=0)
    W[...] -= lr * (dW + reg * W)
    b[...] -= lr * db
    return loss
"""


def test_a_decay_that_the_update_adds_is_part_of_the_derivative(made):
    session = Session.from_step(made(DECAY).step)
    check = check_gradients(session)
    assert check.verdict is Verdict.AGREES
    for seen in check.findings:
        assert isinstance(seen, OtherTerm)
        assert (seen.parameter, seen.factor) == ("W", pytest.approx(0.05, rel=1e-5))
    without = made(DECAY, ("lr * (dW + reg * W)", "lr * dW"), name="without")
    check = check_gradients(Session.from_step(without.step))
    assert [one.name for one in check.parameters if one.verdict is Verdict.DISAGREES] == ["W"]


SINGLE = (
    ("size=(60, 4))\n", "size=(60, 4)).astype(np.float32)\n"),
    ("Y = X @ rng.normal(size=(4, 2)) + 1", "Y = X @ np.ones((4, 2), np.float32) + 1"),
    ("rng.normal(size=(4, 2)), np.zeros(2)",
     "rng.normal(size=(4, 2)).astype(np.float32), np.zeros(2, np.float32)"),
)  # fmt: skip


def test_in_float32_the_step_is_larger_and_round_off_is_said(made):
    double = differentiate(Session.from_step(made(DECAY).step))
    session = Session.from_step(made(DECAY, *SINGLE, name="single").step)
    single = differentiate(session)
    assert (single.dtype, double.dtype) == ("float32", "float64")
    assert single.h > 100 * double.h
    assert single.round_off > 1000 * double.round_off
    check = check_gradients(session)
    assert check.verdict in (Verdict.AGREES, Verdict.AGREES_AS_FAR_AS_CAN_BE)
    assert check.reason in (None, AgreementLimit.ROUND_OFF)
    session.goto(0, len(session.trace) - 1)
    for name, gradient in session.gradients().items():
        if name == "b":
            assert np.abs(single.gradients[name] - gradient).max() <= single.round_off
    wrong = made(DECAY, *SINGLE, ("db = dout.sum(axis=0)", "db = -dout.sum(axis=0)"), name="wrong")
    check = check_gradients(Session.from_step(wrong.step))
    assert [one.name for one in check.parameters if one.verdict is Verdict.DISAGREES] == ["b"]


def test_gradients_that_add_up_over_batches_are_not_examined():
    with load("lazy") as program:
        session = Session.from_step(program.step)
        session.run(1)
        session.facets.declare(
            parameters={"W": "self.layers[0].W"}, gradients={"W": "self.layers[0].dW"}
        )
        check = check_gradients(session)
        assert check.verdict is Verdict.NOT_EXAMINED
        (left,) = check.not_examined
        assert (left.parameter, left.why) == ("W", Why.ACCUMULATED)
        assert "several batches" in str(left)
        session.run(2)  # batch 3 begins anew
        assert check_gradients(session).verdict is Verdict.AGREES


def test_a_declared_gradient_of_another_shape_is_found(made):
    session = Session.from_step(made(DECAY).step)
    session.facets.declare(gradients={"W": "dW", "b": "dout"})
    check = check_gradients(session)
    assert check.verdict is Verdict.DISAGREES
    seen = next(one for one in check.findings if not isinstance(one, OtherTerm))
    assert (seen.parameter, seen.found, seen.expected) == ("b", (10, 2), (2,))


# What cannot be done


def test_what_is_refused_and_why(made):
    session = Session.from_step(made(DECAY).step)
    for method in ("complex", "incremental"):
        with pytest.raises(NeedsNetwork, match="central or forward"):
            numerical_gradient(session, method=method)
    with pytest.raises(BadValue, match="central, forward"):
        numerical_gradient(session, method="secant")
    with pytest.raises(BadValue, match="step h"):
        numerical_gradient(session, h=-1.0)
    with pytest.raises(BadValue, match="a larger one"):
        numerical_gradient(session, h=1e-30)
    with pytest.raises(BadValue, match="parameter"):
        numerical_gradient(session, only={"V": None})
    with pytest.raises(BadValue, match="as it is"):
        numerical_gradient(session, np.zeros((1, 4)), np.zeros(1))
    with pytest.raises(BadValue, match="minibatch"):
        numerical_gradient(two_layer_net(seed=0))
    assert session.position == (0, 0)


def test_without_a_loss_it_says_where_to_declare_one(made):
    with load("columns") as program:
        session = Session.from_step(program.step)
        with pytest.raises(NoLoss, match=r"after the update.*facets\.declare\(loss="):
            numerical_gradient(session)
    quiet = (("    return loss\n", "    losses.append(loss)\n"), ("W, b =", "losses = []\nW, b ="))
    session = Session.from_step(made(DECAY, *quiet).step)
    found = numerical_gradient(session)
    session.facets.declare(loss="losses[-1]")
    declared = numerical_gradient(session)
    for name, gradient in found.items():
        np.testing.assert_allclose(declared[name], gradient, rtol=1e-7, atol=1e-9)


def test_without_parameters_it_says_so():
    with load("lazy") as program:
        session = Session.from_step(program.step)
        with pytest.raises(NoParametersKnown, match=r"batch 0.*declare\(parameters="):
            numerical_gradient(session)


def test_integers_and_a_loss_by_chance_are_refused(made):
    clock = (
        ("import numpy as np\n", "import time\n\nimport numpy as np\n"),
        ("    return loss\n", "    return loss + time.perf_counter()\n"),
    )
    session = Session.from_step(made(DECAY, *clock).step)
    session.facets.declare(parameters={"W": "W"})
    with pytest.raises((LossNotRepeatable, NoLoss)):
        numerical_gradient(session)
    with load("lazy") as program, pytest.raises((NoParametersKnown, IntegersRefused)):
        check_gradients(Session.from_step(program.step))


def test_an_exception_of_the_program_is_told_and_all_is_put_back(made):
    fails = (
        ("lr, reg =", "kept = float(W[0, 0])\nlr, reg ="),
        ("    x, y =", "    global kept\n    1 // int(W[0, 0] == kept)\n    x, y ="),
        ("    return loss", "    kept = float(W[0, 0])\n    return loss"),
    )
    module = made(DECAY, *fails)
    session = Session.from_step(module.step)
    session.run(2)
    session.step_into()
    here, before = session.position, bits(module.step)
    with pytest.raises(CodeRaised, match="ZeroDivisionError"):
        numerical_gradient(session)
    assert session.position == here
    assert bits(module.step) == before
