"""The trial of a derivation, with the network as it was before its minibatch."""

from __future__ import annotations

import numpy as np
import pytest

from engine.debug.session import Session
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from gui.session import why_answers
from gui.words.why.derivation import Trial
from tests.gui.sessions import BATCH_SIZE, toy_dataset


def event_of(source: str, layer: str, session: Session) -> int:
    return next(e.index for e in session.trace if e.source == source and e.layer == layer)


class Drops:
    """Half of its inputs become 0, as numpy's own generator has it."""

    def forward(self, x):
        self.mask = np.random.random(x.shape) < 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class OwnDrops(Drops):
    """The same, with a generator of its own."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(3)

    def forward(self, x):
        self.mask = self.rng.random(x.shape) < 0.5
        return x * self.mask


@pytest.mark.parametrize("layer", [OwnDrops, Drops])
@pytest.mark.parametrize("trained", [0, 7])
def test_random_masks_are_those_of_the_minibatch(layer, trained):
    rng = np.random.default_rng(0)
    W, V = rng.normal(0, 0.05, (784, 20)), rng.normal(size=(20, 10))
    network = Network([Affine(W), Sigmoid(), layer(), Affine(V)], SoftmaxWithLoss())
    session = Session(network, toy_dataset(), SGD(lr=0.1), BATCH_SIZE, seed=0)
    session.run(batches=trained + 2)
    losses = session.losses.copy()
    session.goto(trained, 0)
    session.goto(trained, event_of("self.x.T @ dout", "Affine2", session))
    dW, before = np.array(session.snapshot().operation.result), session.position
    index = tuple(map(int, np.unravel_index(np.abs(dW).argmax(), dW.shape)))
    mask = network.layers[2].mask.copy()
    trial = Trial("Affine2.W", index, 1e-3, 1e-3 * float(dW[index]))
    tried, problem = why_answers._tried(session, trial)
    assert not problem and tried.holds
    assert session.position == before
    assert np.array_equal(session.snapshot().operation.result, dW)
    assert np.array_equal(network.layers[2].mask, mask)
    session.goto(trained + 1, 0)
    session.step_batch()
    assert np.array_equal(session.losses[: trained + 2], losses)


class Counts:
    """Scales by how often it was called by the class, which no copy holds."""

    calls = 0

    def forward(self, x):
        Counts.calls += 1
        return x * (1 + 0.1 * Counts.calls)

    def backward(self, dout):
        return dout


def test_nothing_is_claimed_where_the_loss_does_not_come_again():
    rng = np.random.default_rng(0)
    network = Network([Affine(rng.normal(0, 0.05, (784, 10))), Counts()], SoftmaxWithLoss())
    session = Session(network, toy_dataset(), SGD(lr=0.1), BATCH_SIZE, seed=0)
    session.run(batches=2)
    session.goto(1, event_of("self.x.T @ dout", "Affine1", session))
    tried, problem = why_answers._tried(session, Trial("Affine1.W", (3, 3), 1e-3, 1e-5))
    assert tried is None and "another forward pass" in problem
