"""Networks without layers or parameters, and steps of which little or nothing can be recorded."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.debug.events import Kind, Position
from engine.debug.session import Session
from engine.debug.travel.edits import SetLearningRate
from engine.errors import (
    BadStep,
    MeasurementFailed,
    NoParameters,
    NothingRecorded,
    StepFailed,
    StepNotRead,
)
from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import two_layer_net
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.tour import run_tour
from tests.gui.sessions import toy_dataset

ASKED = {
    "event": lambda session: session.event,
    "variables": lambda session: session.variables(),
    "snapshot": lambda session: session.snapshot(),
    "step_into": lambda session: session.step_into(),
    "step_over": lambda session: session.step_over(),
    "step_out": lambda session: session.step_out(),
    "step_batch": lambda session: session.step_batch(),
    "goto": lambda session: session.goto(0, 1),
    "gradients": lambda session: session.gradients(),
    "last_write": lambda session: session.last_write("Affine1.W"),
    "continue": lambda session: session.continue_(1),
    "copy": lambda session: session.copy_before_batch(),
}


def session_of(step=None, network=None, optimizer=None, dataset=None):
    more = {} if step is None else {"step": step}
    network = network if network is not None else two_layer_net(seed=0)
    return Session(network, dataset or toy_dataset(), optimizer or SGD(0.1), 10, **more)


# Networks without layers


class Loss:
    def forward(self, z, t):
        return float(np.sum(z * z))


class NoLayers:
    """As courses write it: functions, and what they need in attributes."""

    layers = ()

    def __init__(self):
        self.W = np.ones(3)
        self.loss = Loss()

    def parameters(self):
        return {"W": self.W}

    def gradients(self):
        return {"W": 2 * self.W}


class NeitherLayersNorLoss(NoLayers):
    def __init__(self):
        super().__init__()
        del self.loss

    layers = property()  # it has none at all: asking raises AttributeError


def step_without_layers(network, optimizer, x, t):
    loss = float(np.sum(network.W * network.W))
    network.W -= 0.1 * network.gradients()["W"]
    return loss


def step_with_loss(network, optimizer, x, t):
    loss = network.loss.forward(network.W, t)
    network.W -= 0.1 * 2 * network.W
    return loss


@pytest.mark.parametrize(
    ("network", "step", "layers"),
    [(NoLayers, step_with_loss, ["Loss"]), (NeitherLayersNorLoss, step_without_layers, [])],
)
def test_a_network_without_layers_gives_what_can_be_given(network, step, layers):
    session = session_of(step, network(), SimpleNamespace())
    assert list(session.layers) == layers
    seen = 0
    while session.position < (2, 0):
        snapshot = session.snapshot()
        assert [one.name for one in snapshot.layers] == layers
        assert snapshot.minibatch.predictions is None
        assert not snapshot.notices
        seen += 1
        assert session.step_into()
    assert seen == len(session.trace) * 2
    session.goto(0)
    assert session.network.W.tolist() == [1, 1, 1]
    assert session.run(3) == 3
    assert session.losses.tolist() == pytest.approx([3.0, 3 * 0.8**2, 3 * 0.8**4])


# Networks without parameters


class Listed:
    def __init__(self):
        W = np.full((3, 4), 0.1)
        self.params, self.grads, self.size = [W], {"W": np.zeros_like(W)}, (3, 4)

    def forward(self, x):
        self.x = x
        return x @ self.params[0]

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        return dout @ self.params[0].T


def unlearning():
    return Network([Listed()], SoftmaxWithLoss())


def small_dataset():
    images = np.arange(30, dtype=np.uint8).reshape(10, 1, 3)
    return Dataset("toy", images, np.arange(10) % 4, 4)


def test_a_run_without_parameters_says_so_at_its_first_batch(capsys):
    session = session_of(network=unlearning(), dataset=small_dataset())
    (notice,) = session.notices
    assert isinstance(notice, NoParameters)
    assert notice.held == ("Listed1.params", "Listed1.grads")
    assert "training changes nothing" in str(notice) and "Listed1.params" in str(notice)
    assert [str(one) for one in session.snapshot().notices] == [str(notice)]
    assert session.step_into() and session.run(3) == 3, "it is no error"
    assert run_tour(session_of(network=unlearning(), dataset=small_dataset())) == 0
    assert str(notice) in " ".join(capsys.readouterr().out.split())


def test_a_run_with_parameters_says_nothing():
    session = session_of()
    assert session.notices == session.snapshot().notices == ()


# Steps


def made_by_exec(body="loss = n.forward(x, t); n.backward(); return loss", names=None):
    names = {} if names is None else names
    exec(f"def step(n, o, x, t):\n    {body}", names)
    return names["step"]


def test_a_step_without_a_source_is_told_of_and_what_it_calls_is_recorded():
    session = session_of(made_by_exec())
    (notice,) = session.notices
    assert isinstance(notice, StepNotRead)
    assert (notice.step, notice.file) == ("step", "<string>")
    assert "its own lines are not shown" in str(notice)
    assert session.event.frame.function == "Network.forward"
    assert session.snapshot().notices == session.notices or session.step_into()
    plain = session_of(lambda n, o, x, t: 0.0)  # not in the assert, whose code pytest may rewrite
    assert plain.notices == ()


@pytest.mark.parametrize("asked", sorted(ASKED))
def test_where_nothing_can_be_recorded_every_question_gets_the_same_sentence(asked):
    session = session_of(
        made_by_exec("n.layers[0].W *= 0.5; return float(abs(n.layers[0].W).sum())")
    )
    before = session.network.parameters()["Affine1.W"].copy()
    if asked == "copy":
        network, _, _ = ASKED[asked](session)
        assert np.array_equal(network.layers[0].W, before)
    elif asked == "continue":
        assert ASKED[asked](session).reason.value == "done"
        return
    else:
        with pytest.raises(NothingRecorded, match="Nothing of batch 0 could be recorded") as raised:
            ASKED[asked](session)
        assert (raised.value.batch, raised.value.step) == (0, "step")
    assert session.position == (0, 0)
    assert np.array_equal(session.network.parameters()["Affine1.W"], before)
    assert session.run(2) == 2, "it can be trained all the same"
    halves = session.losses
    assert halves[1] == pytest.approx(halves[0] / 2)
    session.goto(1)
    assert np.array_equal(session.network.parameters()["Affine1.W"], before / 2)


def too_few(x, t):
    return 0.0


class Callable:
    def __call__(self, x):
        return 0.0

    def method(self, x):
        return 0.0


@pytest.mark.parametrize(
    "step", [too_few, lambda x, t: 0.0, Callable(), Callable().method, partial(too_few, t=0)]
)
def test_wrong_arguments_are_an_exception_of_the_batch(step):
    session = session_of(step)
    (event,) = session.trace
    assert session.event.value is event.value and event.kind is Kind.EXCEPTION
    assert event.file == __file__ and event.source in Path(__file__).read_text()
    assert isinstance(event.value, TypeError)
    assert session.variables() == {}
    assert not session.step_into() and not session.step_over() and not session.step_out()
    assert not session.step_back_into()
    snapshot = session.snapshot()
    assert snapshot.blocked["step_into"] == "The run ends here, with an exception."
    assert isinstance(session.error, StepFailed)
    assert "Batch 0 failed" in str(session.error) and "argument" in str(session.error)
    for run in (lambda: session.run(2), lambda: session.continue_(2)):
        with pytest.raises(StepFailed, match="argument") as raised:
            run()
        assert (raised.value.file, raised.value.line) == (__file__, event.line)
    assert session.position == (0, 0) and session.reach == 0


def test_an_exception_without_a_source_is_one_of_the_batch_too():
    session = session_of(made_by_exec("return 1 / 0"))
    assert isinstance(session.event.value, ZeroDivisionError)
    assert (session.event.file, session.event.source) == ("<string>", "")
    session.snapshot()
    with pytest.raises(StepFailed, match="division by zero"):
        session.run(1)
    assert session.position == (0, 0)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (max, "not written in Python"), (partial(max, 1), "not written in Python"),
        (np.add, "not written in Python"), (len, "not written in Python"),
        (3, "not a function"), (None, "not a function"),
    ],
)  # fmt: skip
def test_what_can_never_be_recorded_is_said_at_once(step, reason):
    with pytest.raises(BadStep, match="cannot be recorded") as raised:
        Session(two_layer_net(seed=0), toy_dataset(), SGD(0.1), 10, step=step)
    assert raised.value.reason == reason


def test_a_generator_or_a_coroutine_is_no_step():
    def generator(n, o, x, t):
        yield 0.0

    async def coroutine(n, o, x, t):
        return 0.0

    for step in (generator, coroutine):
        with pytest.raises(BadStep, match=step.__name__):
            session_of(step)


def test_an_error_that_does_not_come_again_is_said_where_nothing_is_recorded():
    names = {"left": [1]}
    step = made_by_exec("return 1.0 if not left else left.pop() / 0", names)
    session = session_of(step)
    names["left"][:] = [1]
    with pytest.raises(StepFailed, match="division by zero"):
        session.run(1)
    assert session.position.batch == 0


# Comparing where the test set cannot be measured


class Picky(Affine):
    """Takes no other number of samples than it was made for."""

    def forward(self, x):
        if len(x) != 10:
            raise ValueError(f"expected 10 samples, got {len(x)}")
        return super().forward(x)


def test_branches_are_compared_where_the_test_set_cannot_be_measured():
    rng = np.random.default_rng(0)
    layer = Picky(rng.normal(size=(784, 10)).astype("float32"), np.zeros(10, "float32"))
    session = session_of(network=Network([layer], SoftmaxWithLoss()))
    session.run(3)
    session.goto(1)
    session.edit(SetLearningRate(0.5))
    session.run(2)
    before = session.position
    found = session.compare(0, 1)
    assert session.position == before
    for side in found.sides:
        assert (side.accuracy, side.test_loss) == (None, None)
        assert side.loss == session.branches[side.branch].losses.array()[found.batch - 1]
        assert isinstance(side.problem, MeasurementFailed)
        assert "expected 10 samples, got" in str(side.problem)
    assert {one.name for one in found.parameters} == {"Picky1.W", "Picky1.b"}
    assert all(one.largest > 0 for one in found.parameters)
    assert found.first is not None and found.first.position.batch == 1
    assert session_of().compare(0, 0).sides[0].problem is None


def test_branches_are_compared_where_nothing_can_be_recorded():
    step = made_by_exec("n.layers[0].W -= o.lr; return float(n.layers[0].W.sum())")
    session = session_of(step)
    session.run(3)
    session.goto(1)
    session.edit(SetLearningRate(0.5))
    session.run(2)
    found = session.compare(0, 1)
    assert (found.batch, found.parted, found.first, found.whole) == (3, 1, None, False)
    assert max(one.largest for one in found.parameters) == pytest.approx(0.8, rel=1e-5)


def test_sessions_and_ways_are_told_apart():
    session, other = session_of(), session_of()
    assert session.identity.session != other.identity.session
    first = session.identity
    session.run(3)
    session.goto(1)
    session.step_into()
    assert session.identity == session.snapshot().identity == first
    session.edit(SetLearningRate(0.5))
    second = session.identity
    assert second.session == first.session and second != first
    session.switch(0)
    assert session.identity == first
    session.branches.rename(0, "before")
    assert session.identity == first
    assert session.position == Position(1, session.position.event)
