"""A wrong backward is found each time and laid to its layer; a right one is never accused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LossNotFinite
from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import AgreementLimit, Method, Verdict, check_gradients
from engine.numeric.checks.judge import relative_errors
from tests.engine.numeric.networks import (
    KINDS,
    WRONG_ACTIVATIONS,
    WRONG_AFFINES,
    WRONG_LOSSES,
    BookLoss,
    Centred,
    LeakyBackward,
    ReLUTheWrongWayRound,
    Scaled,
    bits,
    network_of,
    seeds,
    sizes,
    widths,
)

RIGHT = (Verdict.AGREES, Verdict.AGREES_AS_FAR_AS_CAN_BE)
steps = st.sampled_from([None, 1e-2, 1e-5, 1e-7])
dtypes = st.sampled_from(["float32", "float64"])
methods = st.sampled_from(["central", "forward", "complex", "incremental"])


def matters(network, x, t):
    """Whether a mistake does anything to this minibatch: where all units are on, ReLU's may not."""
    x = x.astype("float64")
    check = check_gradients(network, x, t, dtype="float64")
    return any(one.largest > 1e-2 for one in check.parameters)


def told(check):
    """What a failed test says."""
    return [
        (one.name, one.verdict, one.reason, one.layer, one.largest, one.analytic, one.numeric)
        for one in check.parameters
    ] + [one for one in check.layers if one.error]


@settings(max_examples=150, deadline=None)
@given(
    seed=seeds, N=sizes, widths=widths, kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1),
    bias=st.booleans(), dtype=dtypes, method=methods, h=steps, one_hot=st.booleans(),
)  # fmt: skip
def test_a_right_network_is_never_accused(seed, N, widths, kinds, bias, dtype, method, h, one_hot):
    kinds = [KINDS[kind] for kind in kinds]
    network, x, t = network_of(seed, N, widths, kinds, bias, one_hot, dtype)
    check = check_gradients(network, x, t, method, None if method == "complex" else h)
    assert check.verdict in RIGHT, told(check)
    assert check.layer == ""


@settings(max_examples=60, deadline=None)
@given(seed=seeds, N=sizes, widths=widths, still=st.booleans())
def test_a_kink_is_not_called_a_bug(seed, N, widths, still):
    """Units that are exactly at 0, or so near that a step of 1e-4 crosses it."""
    network, x, t = network_of(seed, N, widths, [ReLU])
    rng = np.random.default_rng(seed)
    for layer in network.layers:
        if isinstance(layer, Affine):
            layer.b[:] = 0 if still else rng.uniform(-1e-4, 1e-4, layer.b.shape)
    x[rng.random(N) < 0.5] = 0
    for method in ("incremental", "central"):
        check = check_gradients(network, x, t, method)
        assert check.verdict in RIGHT, told(check)


def beside_a_kink(kind, distance):
    """One hidden unit is at `distance` from 0, in one sample; the others are far from it."""
    W = np.array([[1.0, -1.0, 0.5]])
    x = np.array([[1.0], [2.0], [-1.0]])
    first = Affine(W, np.array([distance - 1.0, 3.0, 2.0]))
    return Network([first, kind(), Affine(np.arange(9.0).reshape(3, 3))], SoftmaxWithLoss()), x


@pytest.mark.slow
@pytest.mark.parametrize("distance", [0.0, 1e-9, -1e-9, 1e-6, 3e-5, -3e-5, 9e-5, -9.9e-5])
@pytest.mark.parametrize("method", ["central", "incremental", "forward", "complex"])
def test_beside_a_kink_right_and_wrong_are_told_apart(distance, method):
    t = np.array([0, 2, 1])
    network, x = beside_a_kink(ReLU, distance)
    check = check_gradients(network, x, t, method, None if method == "complex" else 1e-4)
    assert check.verdict in RIGHT, told(check)
    if method in ("central", "incremental"):
        assert check.reason is AgreementLimit.KINK
        bias = check.parameters[1]
        assert bias.worst == (0,) and bias.largest > 1e-3
    for wrong in (LeakyBackward, ReLUTheWrongWayRound):
        network, x = beside_a_kink(wrong, distance)
        check = check_gradients(network, x, t, method, None if method == "complex" else 1e-4)
        assert check.verdict is Verdict.DISAGREES, told(check)
        assert check.layer == f"{wrong.__name__}1"


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    seed=seeds, dtype=dtypes, method=methods, kind=st.sampled_from(WRONG_ACTIVATIONS),
    other=st.sampled_from(sorted(KINDS)), at=st.integers(0, 2),
)  # fmt: skip
def test_a_wrong_activation_is_found_and_named(seed, dtype, method, kind, other, at):
    rng = np.random.default_rng(seed)
    layers = []
    for number in range(4):
        layers.append(Affine(rng.normal(size=(4, 4)).astype(dtype), np.zeros(4, dtype)))
        layers.append(kind() if number == at else KINDS[other]())
    network = Network(layers[:-1], SoftmaxWithLoss())
    x, t = rng.normal(size=(5, 4)).astype(dtype), rng.integers(0, 4, 5)
    assume(matters(network, x, t))
    check = check_gradients(network, x, t, method)
    assert check.verdict is Verdict.DISAGREES, told(check)
    assert check.layer == f"{kind.__name__}1", told(check)
    for one in check.parameters:
        behind = int(one.name[len("Affine")]) > at + 1
        assert not (behind and one.verdict is Verdict.DISAGREES), told(check)


@settings(max_examples=60, deadline=None)
@given(
    seed=seeds, dtype=dtypes, method=methods, kind=st.sampled_from(WRONG_AFFINES),
    activation=st.sampled_from(sorted(KINDS)), at=st.integers(1, 2),
)  # fmt: skip
def test_a_wrong_affine_is_found_and_named(seed, dtype, method, kind, activation, at):
    rng, size = np.random.default_rng(seed), 4  # all is square, so that no shape gives it away
    layers = []
    for number in range(3):
        b = rng.normal(size=size).astype(dtype)
        cls = kind if number == at else Affine
        layers += [cls(rng.normal(size=(size, size)).astype(dtype), b), KINDS[activation]()]
    network = Network(layers[:-1], SoftmaxWithLoss())
    x, t = rng.normal(size=(size, size)).astype(dtype), rng.integers(0, size, size)
    assume(matters(network, x, t))
    check = check_gradients(network, x, t, method)
    assert check.verdict is Verdict.DISAGREES, told(check)
    assert check.layer == f"{kind.__name__}1", told(check)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, dtype=dtypes, method=methods, kind=st.sampled_from(WRONG_LOSSES))
def test_a_wrong_loss_is_found_and_named(seed, dtype, method, kind):
    network, x, t = network_of(seed, 5, [3, 4, 3], [Sigmoid], dtype=dtype)
    network = Network(network.layers, kind())
    assume(matters(network, x, t))
    check = check_gradients(network, x, t, method)
    assert check.verdict is Verdict.DISAGREES
    assert check.layer == "SoftmaxWithLoss"
    assert all(one.layer in ("", "SoftmaxWithLoss") for one in check.parameters)


def test_the_first_of_two_mistakes_on_the_way_back_is_named():
    layers = [Affine(np.eye(3)), WRONG_ACTIVATIONS[0](), Affine(np.eye(3)), WRONG_ACTIVATIONS[2]()]
    network = Network([*layers, Affine(np.eye(3))], SoftmaxWithLoss())
    x, t = np.random.default_rng(0).normal(size=(5, 3)), np.array([0, 1, 2, 0, 1])
    check = check_gradients(network, x, t)
    assert check.layer == "TanhHalfDone1"
    assert [one.layer for one in check.layers if not one.holds] == [
        "TanhHalfDone1",
        "SignedSigmoid1",
    ]
    assert [one.verdict for one in check.parameters][-1] is Verdict.AGREES


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_the_floor_of_the_book_s_loss_is_not_called_a_bug(seed):
    network, x, t = network_of(seed, 5, [3, 4, 3], [Sigmoid])
    check = check_gradients(Network(network.layers, BookLoss()), x, t)
    assert check.verdict in RIGHT, told(check)
    assert check.reason is not AgreementLimit.KINK, told(check)


def test_the_floor_of_the_book_s_loss_is_said():
    network, x, t = network_of(0, 5, [3, 4, 3], [Sigmoid])
    network.layers[-1].W *= 8  # the answer is sure, and wrong: log(y + 1e-7) differs from log y
    check = check_gradients(Network(network.layers, BookLoss()), x, t)
    assert check.reason is AgreementLimit.LOSS_FLOOR, told(check)


def test_round_off_and_truncation_are_told_apart():
    network, x, t = network_of(0, 5, [3, 4, 3], [Tanh])
    for layer in (network.layers[0], network.layers[-1]):
        layer.W *= 3
    small = check_gradients(network, x, t, "central", 1e-9)
    assert (small.verdict, small.reason) == (
        Verdict.AGREES_AS_FAR_AS_CAN_BE,
        AgreementLimit.ROUND_OFF,
    )
    large = check_gradients(network, x, t, "central", 3e-2)
    assert (large.verdict, large.reason) == (
        Verdict.AGREES_AS_FAR_AS_CAN_BE,
        AgreementLimit.TRUNCATION,
    )
    assert all(not one.reason or one.examined for one in large.parameters)
    single = check_gradients(network, x, t, dtype="float32")
    assert (single.verdict, single.reason) == (
        Verdict.AGREES_AS_FAR_AS_CAN_BE,
        AgreementLimit.ROUND_OFF,
    )
    assert check_gradients(network, x, t).verdict is Verdict.AGREES


class Skips(Network):
    """Leaves a layer out on its way back."""

    def backward(self):
        dout = self.loss.backward()
        for number, layer in enumerate(reversed(self.layers)):
            dout = dout if number == 1 else layer.backward(dout)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("h", [1e-4, 1e-9])
def test_layers_rightly_made_but_wrongly_put_together(dtype, h):
    network, x, t = network_of(0, 5, [3, 3, 3], [Tanh], dtype=dtype)
    check = check_gradients(Skips(network.layers, network.loss), x, t, h=h)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "")
    assert all(one.holds for one in check.layers)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, dtype=dtypes, method=methods)
def test_layers_of_somebody_s_own(seed, dtype, method):
    network, x, t = network_of(seed, 5, [3, 4, 3], [Tanh], dtype=dtype)
    *most, last = network.layers
    layers = [*most, Centred(), Scaled(4, dtype), last]
    check = check_gradients(Network(layers, SoftmaxWithLoss()), x, t, method)
    assert check.verdict in RIGHT, told(check)
    assert {one.gradient for one in check.layers if one.layer == "Scaled1"} == {"dx", "dgamma"}


def test_what_a_report_says():
    network, x, t = network_of(0, 5, [3, 4, 3], [Tanh])
    before = bits(network)
    seen = []
    check = check_gradients(network, x, t, "central", 1e-3, progress=seen.append)
    assert bits(network) == before
    assert seen[-1].done == 31
    assert check.numerical.method is Method.CENTRAL and check.numerical.h == 1e-3
    assert check.loss == network.forward(x, t)
    for one in check.parameters:
        assert one.errors.shape == network.parameters()[one.name].shape
        assert one.largest == one.errors.max() == one.errors[one.worst]
        assert one.median == np.median(one.errors)
        assert one.analytic == check.analytic[one.name][one.worst]
        assert one.numeric == check.numerical.gradients[one.name][one.worst]
        difference = abs(one.analytic - one.numeric)
        size = max(abs(one.analytic), abs(one.numeric), one.floor)
        assert np.isclose(one.largest, difference / size)
    loss, *layers = check.layers
    assert loss.layer == "SoftmaxWithLoss"
    assert [one.layer for one in layers][-1] == "Affine1"
    again = pickle.loads(pickle.dumps(check))
    assert again.verdict is check.verdict and again.layers == check.layers


def test_a_part_can_be_checked():
    network, x, t = network_of(0, 5, [3, 4, 3], [Tanh])
    check = check_gradients(network, x, t, only={"Affine1.W": [0, 7]})
    (one,) = check.parameters
    assert np.isnan(one.errors).sum() == 10 and one.worst in ((0, 0), (1, 3))


def test_errors_are_relative_to_the_larger_of_the_two_or_the_floor():
    analytic, numeric = np.array([1.0, 0.0, 1e-9, 0.0]), np.array([0.5, 0.0, -1e-9, np.nan])
    errors = relative_errors(analytic, numeric, 1e-3)
    assert np.allclose(errors, [0.5, 0, 2e-6, np.nan], equal_nan=True)
    assert relative_errors(np.zeros(2), np.zeros(2), 0.0).tolist() == [0, 0]


def test_nothing_is_said_of_a_loss_that_is_not_finite():
    network, x, t = network_of(0, 5, [3, 4, 3], [Tanh])
    network.layers[-1].W[0, 0] = np.nan
    with pytest.raises(LossNotFinite):
        check_gradients(network, x, t)


def test_a_gradient_that_is_not_a_number_disagrees():
    class Undefined(Tanh):
        def backward(self, dout):
            return dout * np.nan

    network, x, t = network_of(0, 5, [3, 4, 3], [Tanh])
    layers = [network.layers[0], Undefined(), network.layers[-1]]
    check = check_gradients(Network(layers, SoftmaxWithLoss()), x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "Undefined1")


def test_a_check_can_be_cancelled():
    network, x, t = network_of(0, 5, [3, 4, 3], [Tanh])
    with pytest.raises(Cancelled):
        check_gradients(network, x, t, cancel=lambda: True)
