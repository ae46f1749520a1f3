"""A wrong backward is found and laid to its layer; a right one is never accused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, LossNotFinite
from engine.nn.layers import Affine, ReLU
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import Reason, Verdict, check_gradients
from engine.numeric.check import FLOOR, relative_errors
from tests.engine.numeric.networks import (
    AxisSwapped,
    BooksLoss,
    DerivativeForgotten,
    HalfForgotten,
    MeanForgotten,
    ReLUInverted,
    ReLUPassesAll,
    SignFlipped,
    TransposeMissing,
    WeightTransposeMissing,
    random_case,
    seeds,
)

any_kinds = st.lists(st.sampled_from(["sigmoid", "tanh", "relu"]), max_size=3)


@settings(max_examples=60)
@given(seed=seeds, kinds=any_kinds, dtype=st.sampled_from(["float32", "float64"]),
       h=st.sampled_from([None, 1e-2, 1e-6]))  # fmt: skip
def test_a_right_network_is_never_accused(seed, kinds, dtype, h):
    case = random_case(seed, kinds, dtype=dtype)
    check = check_gradients(case.network, case.x, case.t, h=h)
    assert check.verdict is not Verdict.DISAGREES, check
    assert check.layer == "" and all(one.layer == "" for one in check.parameters)
    assert (check.reason is None) == (check.verdict is Verdict.AGREES)


WRONG = {
    "sign": (SignFlipped, "sigmoid"),
    "derivative": (DerivativeForgotten, "sigmoid"),
    "square": (HalfForgotten, "tanh"),
    "mask": (ReLUPassesAll, "relu"),
    "inverted": (ReLUInverted, "relu"),
}


@pytest.mark.parametrize("what", WRONG)
@settings(max_examples=12)
@given(seed=seeds, kinds=st.lists(st.sampled_from(["sigmoid", "tanh"]), min_size=1, max_size=3),
       data=st.data())  # fmt: skip
def test_a_wrong_activation_is_found_and_named(what, seed, kinds, data):
    wrong, kind = WRONG[what]
    place = data.draw(st.integers(0, len(kinds) - 1))
    kinds = [*kinds[:place], kind, *kinds[place + 1 :]]
    # Wide enough for a ReLU to have units on both sides of 0.
    case = random_case(seed, kinds, square=True, zeros=False, activations={place: wrong})
    if issubclass(wrong, ReLU):
        passed = case.x
        for layer in case.network.layers[: 2 * place + 1]:
            passed = layer.forward(passed)
        if (passed > 0).all() or (what == "inverted" and (passed < 0).all()):
            return  # nothing that it does wrong is asked of it
    check = check_gradients(case.network, case.x, case.t)
    assert check.verdict is Verdict.DISAGREES
    assert check.layer == f"{wrong.__name__}1"


@pytest.mark.parametrize("wrong", [TransposeMissing, WeightTransposeMissing, AxisSwapped])
@settings(max_examples=12)
@given(seed=seeds, before=st.sampled_from(["sigmoid", "tanh"]))
def test_a_wrong_affine_is_found_and_named(wrong, seed, before):
    case = random_case(seed, [before, before], square=True, zeros=False)
    good = case.network.layers[2]
    bad = wrong(good.W, good.b)
    layers = [*case.network.layers[:2], bad, *case.network.layers[3:]]
    network = Network(layers, case.network.loss)
    check = check_gradients(network, case.x, case.t)
    assert check.verdict is Verdict.DISAGREES
    assert check.layer == f"{wrong.__name__}1"


@settings(max_examples=12)
@given(seed=seeds, kinds=any_kinds)
def test_a_loss_without_its_mean_is_found_and_named(seed, kinds):
    case = random_case(seed, kinds, square=True, loss=MeanForgotten)
    check = check_gradients(case.network, case.x, case.t)
    assert check.verdict is Verdict.DISAGREES
    assert check.layer == "SoftmaxWithLoss"


def beside_a_kink(relu):
    """A network with a unit that switches when a weight moves by less than h, and others far off.

    x = 1 throughout; the first unit's input is 1e-5, so that W − 1e-4 switches it off.
    """
    first = Affine(np.array([[1e-5, 0.7, -0.9, 0.4]]), np.zeros(4))
    second = Affine(np.random.default_rng(0).normal(size=(4, 3)), np.zeros(3))
    network = Network([first, relu(), second], SoftmaxWithLoss())
    return network, np.ones((3, 1)), np.array([0, 1, 2])


def test_a_kink_is_no_bug():
    network, x, t = beside_a_kink(ReLU)
    check = check_gradients(network, x, t)
    assert check.verdict is Verdict.AGREES_AS_FAR_AS_CAN_BE
    assert check.reason is Reason.KINK
    weights = check.parameters[0]
    assert weights.worst == (0, 0) and weights.largest > 0.1


@pytest.mark.parametrize("wrong", [ReLUPassesAll, ReLUInverted])
def test_a_wrong_relu_beside_a_kink_is_still_found(wrong):
    network, x, t = beside_a_kink(wrong)
    check = check_gradients(network, x, t)
    assert check.verdict is Verdict.DISAGREES and check.layer == f"{wrong.__name__}1"


def test_the_reason_is_round_off_where_h_is_small_and_truncation_where_it_is_large():
    case = random_case(3, ["tanh", "sigmoid"], square=True, zeros=False)
    small = check_gradients(case.network, case.x, case.t, h=1e-9)
    large = check_gradients(case.network, case.x, case.t, h=0.3)
    assert (small.verdict, small.reason) == (Verdict.AGREES_AS_FAR_AS_CAN_BE, Reason.ROUND_OFF)
    assert (large.verdict, large.reason) == (Verdict.AGREES_AS_FAR_AS_CAN_BE, Reason.TRUNCATION)


def test_the_book_s_loss_has_a_floor_of_its_own():
    case = random_case(5, ["sigmoid"], square=True, zeros=False, loss=BooksLoss)
    case.network.layers[-1].W *= 3  # some probabilities near 0, where the 1e-7 shows
    check = check_gradients(case.network, case.x, case.t)
    assert check.verdict is not Verdict.DISAGREES
    if check.verdict is Verdict.AGREES_AS_FAR_AS_CAN_BE:
        assert check.reason is Reason.LOSS_FLOOR


def test_the_report_is_what_numpy_says_of_the_two_gradients():
    case = random_case(11, ["sigmoid"], square=True)
    check = check_gradients(case.network, case.x, case.t)
    for one in check.parameters:
        a, n = check.analytic[one.name], check.numerical.gradients[one.name]
        floor = max(FLOOR * max(np.abs(a).max(), np.abs(n).max()), 0)
        assert one.floor >= floor
        errors = np.abs(a - n) / np.maximum(np.maximum(np.abs(a), np.abs(n)), one.floor)
        np.testing.assert_allclose(one.errors, errors, rtol=1e-12)
        assert one.largest == errors.max() and one.median == np.median(errors)
        assert one.analytic == a[one.worst] and one.numeric == n[one.worst]


def test_equal_values_have_no_error_even_where_both_are_zero():
    zeros = np.zeros(3)
    assert not relative_errors(zeros, zeros, 0.0).any()
    some = np.array([1.0, np.nan])
    errors = relative_errors(np.ones(2), some, 0.0)
    assert errors[0] == 0 and np.isnan(errors[1])


def test_a_loss_that_is_no_number_is_said_to_be():
    case = random_case(1, ["sigmoid"])
    case.x[0, 0] = np.nan
    with pytest.raises(LossNotFinite):
        check_gradients(case.network, case.x, case.t)


def test_it_can_be_cancelled():
    case = random_case(1, ["sigmoid"])
    with pytest.raises(Cancelled):
        check_gradients(case.network, case.x, case.t, cancel=lambda: True)
