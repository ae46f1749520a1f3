"""All methods find the same gradient, that of backpropagation, and leave all as it was."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadValue, Cancelled, ComplexRefused, IntegersRefused, NotRepeatable
from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import one_layer_net, two_layer_net
from engine.nn.network import Network
from engine.numeric import (
    Method,
    differentiate,
    expected_evaluations,
    gradient_pieces,
    numerical_gradient,
)
from engine.presets import PRESETS
from tests.engine.numeric.networks import Case, random_case, seeds

smooth = st.lists(st.sampled_from(["Sigmoid", "Tanh"]), max_size=3)
any_kinds = st.lists(st.sampled_from(["Sigmoid", "Tanh", "ReLU"]), max_size=3)


def backprop(case):
    network = copy.deepcopy(case.network)
    network.forward(case.x, case.t)
    network.backward()
    return network.gradients()


def largest(gradients):
    return max(max(float(np.abs(g).max()) for g in gradients.values()), 1e-3)


@settings(max_examples=40)
@given(seed=seeds, kinds=smooth, bias=st.booleans())
def test_every_method_agrees_with_backpropagation_as_theory_allows(seed, kinds, bias):
    case = random_case(seed, kinds, bias=bias)
    right = backprop(case)
    # A forward difference with so small an h has the losses' round-off, whatever the gradient is.
    loss, eps = float(case.network.forward(case.x, case.t)), np.finfo(np.float64).eps
    for method, allowed, h in (
        ("central", 1e-7, np.inf), ("incremental", 1e-7, np.inf), ("forward", 1e-5, np.sqrt(eps)),
        ("complex", 1e-13, np.inf),
    ):  # fmt: skip
        found = numerical_gradient(case.network, case.x, case.t, method)
        assert found.keys() == right.keys()
        for name, gradient in found.items():
            assert gradient.shape == right[name].shape
            error = np.abs(gradient - right[name]).max()
            assert error <= allowed * largest(right) + 4 * eps * loss / h, (
                f"{method} {name} {error=}"
            )


@settings(max_examples=40)
@given(seed=seeds, kinds=any_kinds, h=st.sampled_from([1e-2, 1e-4, 1e-5]))
def test_incremental_is_central_but_for_round_off(seed, kinds, h):
    """Kinks included: it is the same definition, and no approximation of it."""
    case = random_case(seed, kinds)
    plain = numerical_gradient(case.network, case.x, case.t, "central", h)
    found = numerical_gradient(case.network, case.x, case.t, "incremental", h)
    for name in plain:
        assert np.abs(found[name] - plain[name]).max() <= 1e-14 / h, name


@settings(max_examples=25)
@given(seed=seeds, kinds=smooth, h=st.sampled_from([1e-1, 1e-2]))
def test_float32_differs_from_float64_by_its_round_off(seed, kinds, h):
    """At the same h the truncation is the same, so what is left is that of two losses, over h."""
    case = random_case(seed, kinds, dtype="float32")
    for method in ("central", "incremental", "forward"):
        single = numerical_gradient(case.network, case.x, case.t, method, h)
        double = numerical_gradient(case.network, case.x, case.t, method, h, dtype="float64")
        for name, gradient in single.items():
            assert gradient.dtype == np.float32 and double[name].dtype == np.float64
            assert np.abs(gradient - double[name]).max() <= 2e-5 / h


@given(seed=seeds, kinds=any_kinds, method=st.sampled_from(["central", "forward", "incremental"]))
@settings(max_examples=25)
def test_the_network_is_left_bit_for_bit_with_all_that_it_remembers(seed, kinds, method):
    case = random_case(seed, kinds)
    case.network.forward(case.x, case.t)
    case.network.backward()
    before = [copy.deepcopy(vars(layer)) for layer in (*case.network.layers, case.network.loss)]
    x, t = case.x.copy(), case.t.copy()
    numerical_gradient(case.network, case.x, case.t, method)
    for layer, old in zip((*case.network.layers, case.network.loss), before, strict=True):
        for name, value in old.items():
            now = getattr(layer, name)
            same = (
                now.tobytes() == value.tobytes() if isinstance(value, np.ndarray) else now == value
            )
            assert same, f"{name} of {layer}"
    assert case.x.tobytes() == x.tobytes() and case.t.tobytes() == t.tobytes()


@pytest.mark.parametrize("method", ["central", "forward", "incremental", "complex"])
def test_some_elements_alone_can_be_asked_for(method):
    case = random_case(5, ["Sigmoid"])
    whole = numerical_gradient(case.network, case.x, case.t, method)
    some = numerical_gradient(case.network, case.x, case.t, method, only={"Affine1.W": [0]})
    assert some.keys() == {"Affine1.W"}
    flat = some["Affine1.W"].reshape(-1)
    assert abs(flat[0] - whole["Affine1.W"].flat[0]) < 1e-11
    assert np.isnan(flat[1:]).all()


class Picky(Affine):
    """Raises once its weight has been moved up."""

    limit = np.inf

    def forward(self, x):
        if self.W.max() > self.limit:
            raise RuntimeError("enough")
        return super().forward(x)


def test_an_exception_on_the_way_leaves_the_element_as_it_was():
    W = np.full((2, 2), 0.1 + 0.2)
    layer = Picky(W, np.zeros(2))
    layer.limit = 0.30001
    network = Network([layer], SoftmaxWithLoss())
    before = W.tobytes()
    with pytest.raises(RuntimeError, match="enough"):
        numerical_gradient(network, np.ones((3, 2)), np.array([0, 1, 0]))
    assert W.tobytes() == before


def test_cancelling_stops_after_the_piece_and_says_how_far_it_came():
    case = random_case(1, ["Sigmoid", "Tanh"])
    asked = []

    def cancel():
        asked.append(True)
        return len(asked) == 2

    with pytest.raises(Cancelled) as caught:
        numerical_gradient(case.network, case.x, case.t, "incremental", cancel=cancel)
    assert 0 <= caught.value.done <= caught.value.total and len(asked) == 2


def test_progress_goes_up_to_the_end():
    case, told = random_case(2, ["ReLU"]), []
    numerical_gradient(case.network, case.x, case.t, "central", progress=told.append)
    done = [progress.done for progress in told]
    total = sum(array.size for array in case.network.parameters().values())
    assert done == sorted(done) and done[-1] == told[-1].total == total


def test_pieces_can_be_waited_for_and_walked_away_from():
    case = random_case(3, ["Tanh"])
    pieces = gradient_pieces(case.network, case.x, case.t, slice_seconds=0)
    first = next(pieces)
    assert len(first.indices) == 1 and first.evaluations == 2
    pieces.close()


@pytest.mark.parametrize("method", ["central", "forward", "incremental", "complex"])
def test_integers_are_refused_by_name(method):
    network = Network([Affine(np.eye(3), np.zeros(3))], SoftmaxWithLoss())
    with pytest.raises(IntegersRefused) as caught:
        numerical_gradient(network, np.ones((2, 3), int), np.array([0, 1]), method)
    assert caught.value.name == "x"
    network.layers[0].W = np.ones((3, 3), int)
    with pytest.raises(IntegersRefused, match=r"Affine1\.W"):
        numerical_gradient(network, np.ones((2, 3)), np.array([0, 1]), method)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"method": "sideways"}, "method"),
        ({"h": 0.0}, "step h"),
        ({"h": float("nan")}, "step h"),
        ({"dtype": "float16"}, "dtype"),
        ({"only": {"Affine9.W": None}}, "parameter"),
        ({"only": {"Affine1.W": [10**9]}}, "index into Affine1.W"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, name):
    case = random_case(0, [])
    with pytest.raises(BadValue) as caught:
        numerical_gradient(case.network, case.x, case.t, **arguments)
    assert caught.value.name == name


class Modulus(Sigmoid):
    """The size of a complex number is no analytic function: its imaginary part is lost."""

    def forward(self, x):
        return super().forward(np.abs(x) + 0 * x.real)


class Rounded(Sigmoid):
    """Only real numbers can be made whole."""

    def forward(self, x):
        return super().forward(x + 0 * np.floor(x))


@pytest.mark.parametrize("kind", [Modulus, Rounded])
def test_a_layer_that_complex_numbers_cannot_pass_is_named(kind):
    case = random_case(4, ["Sigmoid"], activations={0: kind})
    with pytest.raises(ComplexRefused) as caught:
        numerical_gradient(case.network, case.x, case.t, "complex")
    assert caught.value.layer == f"{kind.__name__}1" and caught.value.reason


class Dropout(Sigmoid):
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def forward(self, x):
        return super().forward(x) * self.rng.random(x.shape)


def test_a_layer_that_is_random_is_named():
    case = random_case(4, ["Sigmoid"], activations={0: Dropout})
    with pytest.raises(NotRepeatable) as caught:
        numerical_gradient(case.network, case.x, case.t)
    assert caught.value.layer == "Dropout1"


class Doubling(Sigmoid):
    """Nothing is known of it: it is re-run."""

    def forward(self, x):
        return 2 * super().forward(x)

    def backward(self, dout):
        return 2 * super().backward(dout)


def test_behind_a_layer_that_is_not_known_the_owner_is_run_again():
    case = random_case(6, ["Sigmoid", "ReLU"], activations={0: Doubling})
    plain = numerical_gradient(case.network, case.x, case.t, "central")
    found = numerical_gradient(case.network, case.x, case.t, "incremental")
    right = backprop(case)
    for name in plain:
        assert np.abs(found[name] - plain[name]).max() < 1e-10
        assert np.abs(found[name] - right[name]).max() < 1e-7 * largest(right)


def test_witnesses_stand_beside_the_incremental_gradient():
    case = random_case(7, ["Sigmoid", "Tanh"])
    found = differentiate(case.network, case.x, case.t, "incremental")
    assert {one.name for one in found.witnesses} == set(case.network.parameters())
    for one in found.witnesses:
        assert one.holds and one.incremental == found.gradients[one.name].flat[one.index]
        alone = numerical_gradient(case.network, case.x, case.t, only={one.name: [one.index]})
        assert alone[one.name].flat[one.index] == one.central


def test_a_wrong_forward_is_not_agreed_with(monkeypatch):
    """Incremental differences that come from elsewhere than the forward pass are found out."""
    from engine.errors import WitnessDisagrees
    from engine.numeric import incremental, reach

    case = random_case(8, ["Sigmoid"])

    def twice(layer, x, elements):
        there = reach.affine_weights(layer, x, elements)
        return reach.Reach(there.columns, there.sources, 2 * there.by)

    monkeypatch.setitem(incremental.OF_PARAMETER, (Affine, "W"), twice)
    with pytest.raises(WitnessDisagrees):
        numerical_gradient(case.network, case.x + 0.1, case.t, "incremental")


def test_the_numbers_of_evaluations_are_those_of_the_text():
    two, one = two_layer_net(), one_layer_net()
    expected = expected_evaluations(two)
    assert expected.weights_formula == "784 × 50 × 2 + 50 × 10 × 2"
    assert (expected.of_weights, expected.total) == (79_400, 79_520)
    assert expected_evaluations(one).total == expected_evaluations(one).of_weights == 15_680
    assert expected_evaluations(two, "forward").total == 39_761
    assert expected_evaluations(two, "complex").total == 39_760
    assert expected_evaluations(two, "backprop").total == 1


@pytest.mark.parametrize("method", ["central", "forward", "complex"])
def test_as_many_evaluations_are_made_as_are_expected(method):
    calls = []

    class Counting(SoftmaxWithLoss):
        def forward(self, z, t):
            calls.append(z.dtype)
            return super().forward(z, t)

    case = random_case(9, ["Sigmoid"], loss=Counting)
    pieces = list(gradient_pieces(case.network, case.x, case.t, method))
    expected = expected_evaluations(case.network, method).total
    assert sum(piece.evaluations for piece in pieces) == expected
    kind = "c" if method == "complex" else "f"
    made = sum(dtype.kind == kind for dtype in calls)
    assert expected <= made <= expected + 3  # and some to see whether it can be done at all


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_agrees_by_a_sample(preset):
    rng = np.random.default_rng(0)
    network = PRESETS[preset].build(seed=0, dtype="float64")
    D = next(iter(network.parameters().values())).shape[0]
    x, t = rng.random((12, D)), rng.integers(0, 3, 12)
    only = {name: rng.choice(a.size, min(a.size, 20), False)
            for name, a in network.parameters().items()}  # fmt: skip
    plain = numerical_gradient(network, x, t, "central", only=only)
    found = numerical_gradient(network, x, t, "incremental", only=only)
    for name in plain:
        np.testing.assert_allclose(found[name], plain[name], rtol=0, atol=1e-11)


def test_relu_lets_the_complex_step_through():
    case = random_case(10, ["ReLU", "ReLU"])
    assert any(isinstance(layer, ReLU) for layer in case.network.layers)
    right = backprop(case)
    found = numerical_gradient(case.network, case.x, case.t, Method.COMPLEX)
    for name in right:
        assert np.abs(found[name] - right[name]).max() <= 1e-13 * largest(right)


def test_weights_that_two_layers_share_move_both():
    rng = np.random.default_rng(0)
    W = rng.normal(size=(3, 3))
    layers = [Affine(rng.normal(size=(3, 3))), Tanh(), Affine(W), Tanh(), Affine(W)]
    case = Case(Network(layers, SoftmaxWithLoss()), rng.normal(size=(4, 3)), np.array([0, 1, 2, 0]))
    found = numerical_gradient(case.network, case.x, case.t, "incremental")
    gradients = backprop(case)
    both = gradients["Affine2.W"] + gradients["Affine3.W"]
    assert np.allclose(found["Affine2.W"], both, atol=1e-7)
    assert np.allclose(found["Affine3.W"], both, atol=1e-7)
