"""Whatever a layer raises while it is checked comes out as an error that says so."""

from __future__ import annotations

import pickle
import signal
import sys

import numpy as np
import pytest

from engine.errors import CodeRaised, NoGradientBack, NoParameters, NotCopied
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import Verdict, check_gradients
from engine.numeric.checks.overwrites import find_overwrites
from engine.numeric.working_copy import WorkingCopy

x = np.random.default_rng(0).random((7, 6))
t = np.arange(7) % 3


class Through:
    """A layer that does nothing but what it is told to on its way back."""

    def __init__(self, back=lambda dout: dout):
        self.back = back

    def forward(self, x):
        return x

    def backward(self, dout):
        return self.back(dout)


def affine(D, M):
    return Affine(np.random.default_rng(D).standard_normal((D, M)) * 0.5, np.zeros(M))


def network_with(layer, loss=None):
    return Network([affine(6, 5), layer, affine(5, 3)], loss or SoftmaxWithLoss())


def leaving(dout):
    sys.exit(3)


def interrupting(dout):
    raise KeyboardInterrupt


def failing(dout):
    raise ZeroDivisionError("by 0")


@pytest.mark.parametrize(
    ("back", "kind", "words"),
    [
        (leaving, "SystemExit", "SystemExit: 3 "),
        (interrupting, "KeyboardInterrupt", "KeyboardInterrupt "),
        (failing, "ZeroDivisionError", "ZeroDivisionError: by 0 "),
    ],
)
def test_what_a_layer_raises_is_said_with_its_place(back, kind, words):
    with pytest.raises(CodeRaised) as caught:
        check_gradients(network_with(Through(back)), x, t)
    error = caught.value
    assert (error.kind, error.file) == (kind, __file__)
    assert f"{words}(test_raised.py:{back.__code__.co_firstlineno + 1})" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_ctrl_c_is_not_the_layer_s():
    def pressing(dout):
        signal.raise_signal(signal.SIGINT)
        return dout

    with pytest.raises(KeyboardInterrupt):
        check_gradients(network_with(Through(pressing)), x, t)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_the_caller_raises_comes_back_to_the_caller():
    def cancel():
        raise LookupError("of the caller's")

    with pytest.raises(LookupError, match="of the caller's"):
        check_gradients(network_with(Sigmoid()), x, t, cancel=cancel)


class Leaving(SoftmaxWithLoss):
    """A loss that ends the program at scores that it does not know."""

    def forward(self, z, t):
        if np.abs(z).max() > 100:
            sys.exit(1)
        return super().forward(z, t)


def test_a_loss_that_ends_the_program_at_odd_scores_is_judged():
    assert check_gradients(network_with(Sigmoid(), Leaving()), x, t).verdict in (
        Verdict.AGREES,
        Verdict.AGREES_AS_FAR_AS_CAN_BE,
    )


@pytest.mark.parametrize(("given", "kind"), [(None, "NoneType"), ("dx", "str")])
def test_a_layer_that_gives_nothing_back_is_named(given, kind):
    with pytest.raises(NoGradientBack) as caught:
        check_gradients(network_with(Through(lambda dout: given)), x, t)
    assert (caught.value.layer, caught.value.kind) == ("Through1", kind)


class Answering(Through):
    """A layer that answers for attributes that it does not have, by failing."""

    def __getattr__(self, name):
        raise RuntimeError(name)


def test_a_layer_that_cannot_be_copied_is_said_to_be():
    with pytest.raises(NotCopied, match="__deepcopy__"):
        check_gradients(network_with(Answering()), x, t)


class Hidden(Through):
    """A layer whose `__dict__` is a property that fails."""

    __slots__ = ()

    def __deepcopy__(self, memo):
        return Hidden(self.back)

    @property
    def __dict__(self):
        raise RuntimeError("not for you")


def test_what_a_layer_holds_is_read_past_its_own_code():
    network = network_with(Hidden())
    assert check_gradients(network, x, t, dtype="float32").verdict is not Verdict.DISAGREES
    assert find_overwrites(WorkingCopy(network, x, t, "float64"), ["Affine1.W"]) == []
    assert NoParameters.of(network).held == ()
