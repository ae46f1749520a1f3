"""Layers that do not come back, and sessions with one: the first batches do."""

from __future__ import annotations

import threading

from engine.debug.session import Session
from engine.nn.models import two_layer_net
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from tests.gui.sessions import BATCH_SIZE, toy_dataset

BACK = 5  # batches come back


class Endless:
    """Turns in a loop of Python's."""

    def __init__(self) -> None:
        self.left = BACK

    def forward(self, x):
        self.left -= 1
        while self.left < 0:
            pass
        return x

    def backward(self, dout):
        return dout


class Deaf(Endless):
    """Is in a call inside C for as long as its gate is shut."""

    gate = threading.Lock()

    def forward(self, x):
        self.left -= 1
        if self.left < 0:
            with self.gate:
                return x
        return x


class EndlessWhenMeasured(Endless):
    """Batches come back, and the test set does not."""

    def forward(self, x):
        while len(x) != BATCH_SIZE:
            pass
        return x


def stuck_session(layer: Endless) -> Session:
    plain = two_layer_net(seed=0)
    network = Network([plain.layers[0], layer, *plain.layers[1:]], plain.loss)
    return Session(network, toy_dataset(), SGD(lr=0.1), BATCH_SIZE, seed=0)
