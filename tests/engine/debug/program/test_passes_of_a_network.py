"""The passes of our network under a step of somebody's own, whatever its functions are called."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from engine import SGD, Session, load_mnist, train_step, two_layer_net
from engine.debug.events import Phase


def gradient(network, x, t):
    loss = network.forward(x, t)
    network.backward()
    return loss


def one_function(network, optimizer, x, t):
    loss = gradient(network, x, t)
    optimizer.update(network.parameters(), network.gradients())
    return loss


def by_hand(network, optimizer, x, t):
    loss = gradient(network, x, t)
    for name, array in network.parameters().items():
        array -= np.float32(0.5) * network.gradients()[name]
    return loss


def with_a_look(network, optimizer, x, t):
    loss = one_function(network, optimizer, x, t)
    accuracy = (network.predict(x).argmax(axis=1) == t).mean()
    print("", end="" if accuracy >= 0 else "?")
    return loss


def session_of(step) -> Session:
    return Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5), step=step)


@pytest.mark.parametrize("step", [one_function, by_hand, with_a_look])
def test_gradients_get_ready_and_layers_have_both_passes(step):
    session = session_of(step)
    seen = Counter(session.trace.phase(event) for event in range(len(session.trace)))
    assert min(seen[phase] for phase in (Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE)) > 5
    session.goto(0, len(session.trace) - 1)
    assert session.gradients().keys() == session.network.parameters().keys()
    backward = {layer.name for layer in session.snapshot().layers if layer.backward is not None}
    assert backward == set(session.layers)


def test_a_second_forward_pass_for_the_accuracy_is_other():
    session = session_of(with_a_look)
    trace = session.trace
    (predict,) = [frame for frame in trace.frames if frame.function.endswith("predict")]
    assert predict.phase is Phase.OTHER
    assert trace.phase(predict.call_event) is Phase.OTHER


def test_data_flow_says_what_the_names_say():
    def the_same(network, optimizer, x, t):
        loss = network.forward(x, t)
        network.backward()
        optimizer.update(network.parameters(), network.gradients())
        return loss

    found, named = session_of(the_same).trace, session_of(train_step).trace
    inner = [frame for frame in found.frames if frame.parent is not None]
    known = [frame for frame in named.frames if frame.parent is not None]
    assert [(f.function, f.phase) for f in inner] == [(f.function, f.phase) for f in known]
