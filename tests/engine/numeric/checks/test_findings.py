"""What cannot be compared never agrees, and what is seen of a mistake is said in words."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import NotANetwork, NoTruthValue, RetrogradError
from engine.nn.layers import Affine, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import (
    Cause,
    Method,
    Misfit,
    NotExamined,
    Verdict,
    Why,
    check_gradients,
    contest,
    numerical_gradient,
)
from engine.numeric.studies.directions import Directions
from engine.numeric.studies.sweep import Sweep
from engine.numeric.studies.trial import Backpropagated, Check, Trial, TrialStep, TrialValues
from tests.engine.numeric.checks.test_check import RIGHT, told
from tests.engine.numeric.networks import network_of, seeds

N, D, M = 7, 6, 4
x = np.random.default_rng(0).random((N, D))
t = np.arange(N) % M


class Own(Affine):
    """An affine layer whose gradients are given another look before anybody sees them."""

    parameter_names = ("W", "b")

    def __init__(self, shape=(M,), db=lambda d: d.sum(0), dW=lambda dW: dW, dx=lambda dx: dx):
        rng = np.random.default_rng(1)
        super().__init__(rng.normal(size=(D, M)) * 0.3, rng.normal(size=shape))
        self.look, self.look_W, self.look_x = db, dW, dx

    def backward(self, dout):
        dx = super().backward(dout)
        self.db, self.dW = self.look(dout), self.look_W(self.dW)
        return self.look_x(dx)


def checked(layer, method="incremental", **more):
    network = Network([layer], SoftmaxWithLoss(), input_gradient=True)
    return check_gradients(network, x, t, method, **more)


@pytest.mark.parametrize("method", ["incremental", "central"])
@pytest.mark.parametrize("shape", [(M,), (1, M)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_a_gradient_that_fits_by_broadcasting_is_right(shape, keepdims, method):
    check = checked(Own(shape, lambda d: d.sum(0, keepdims=keepdims)), method)
    assert check.verdict is Verdict.AGREES, told(check)
    assert check.findings == check.not_examined == ()
    assert check.compared == D * M + M
    assert check.analytic["Own1.b"].shape == shape


@pytest.mark.parametrize(
    ("shape", "db", "found", "cause"),
    [
        ((M,), lambda d: d, (N, M), Cause.NOT_SUMMED),
        ((1, M), lambda d: d, (N, M), Cause.NOT_SUMMED),
        ((M,), lambda d: d.sum(1), (N,), Cause.WRONG_AXIS),
        ((M,), lambda d: d.sum(1, keepdims=True), (N, 1), Cause.WRONG_AXIS),
        ((M,), lambda d: d.sum(0)[:, None], (M, 1), Cause.OTHER_SHAPE),
        ((1, M), lambda d: d.sum(0)[:, None], (M, 1), Cause.TRANSPOSED),
        ((M,), lambda d: d.sum(0)[:2], (2,), Cause.OTHER_SHAPE),
        ((M,), lambda d: np.abs(d).sum(), (), Cause.SUMMED_TOO_FAR),
        ((M,), lambda d: float(np.abs(d).sum()), (), Cause.SUMMED_TOO_FAR),
        ((M,), lambda d: np.abs(d).sum(keepdims=True), (1, 1), Cause.SUMMED_TOO_FAR),
        ((M,), lambda d: (100 * d.sum(0)).astype(int), (M,), Cause.INTEGERS),
        ((M,), lambda d: d.sum(0) * [1, np.nan, 1, 1], (M,), Cause.NOT_FINITE),
        ((M,), lambda d: list(d.sum(0)), None, Cause.NOT_NUMBERS),
        ((M,), lambda d: d.sum(0) + 0j, None, Cause.NOT_NUMBERS),
        ((M,), lambda d: "later", None, Cause.NOT_NUMBERS),
    ],
)
@pytest.mark.parametrize("method", ["incremental", "central"])
def test_a_gradient_of_another_look_is_a_finding_in_words(shape, db, found, cause, method):
    check = checked(Own(shape, db), method)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "Own1"), told(check)
    (seen,) = check.findings
    assert isinstance(seen, Misfit)
    assert (seen.layer, seen.gradient, seen.parameter) == ("Own1", "db", "Own1.b")
    assert (seen.expected, seen.found, seen.cause) == (shape, found, cause)
    assert "db" in str(seen) and "Own1" in str(seen)
    right, wrong = check.parameters
    assert (right.name, right.verdict) == ("Own1.W", Verdict.AGREES)
    assert (wrong.name, wrong.verdict, wrong.layer) == ("Own1.b", Verdict.DISAGREES, "Own1")
    assert wrong.errors.shape == shape
    assert str(pickle.loads(pickle.dumps(check)).findings[0]) == str(seen)


def test_the_sentence_of_the_most_classic_mistake():
    (seen,) = checked(Own((M,), lambda d: d)).findings
    assert str(seen) == "Own1: db is (7, 4); b is (4,): not summed over the batch."


def test_a_bias_that_is_not_summed_is_found_where_the_batch_is_as_large_as_the_layer():
    network = Network([Own((M,), lambda d: d)], SoftmaxWithLoss())
    (seen,) = check_gradients(network, x[:M], t[:M]).findings
    assert (seen.found, seen.cause) == ((M, M), Cause.NOT_SUMMED)


def test_a_transposed_gradient_is_said_to_be():
    check = checked(Own(dW=lambda dW: dW.T))
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "Own1")
    (seen,) = check.findings
    assert (seen.gradient, seen.found, seen.expected) == ("dW", (M, D), (D, M))
    assert str(seen) == "Own1: dW is (4, 6); W is (6, 4): transposed."


@pytest.mark.parametrize("wrong", [lambda dx: dx.T, lambda dx: dx[:, :2]])
def test_a_gradient_by_the_input_of_another_shape_is_one_too(wrong):
    """The first layer is asked for it, and nobody uses it."""
    check = checked(Own(dx=wrong))
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "Own1")
    (seen,) = check.findings
    assert (seen.gradient, seen.parameter, seen.expected) == ("dx", "", (N, D))
    assert all(one.verdict is Verdict.AGREES for one in check.parameters)


def test_a_loss_that_goes_back_in_another_shape_is_named():
    class Rows(SoftmaxWithLoss):
        def backward(self):
            return super().backward().sum(1)

    class Whatever(Own):
        def backward(self, dout):
            return super().backward(np.ones((N, M)))

    check = check_gradients(Network([Whatever()], Rows()), x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "SoftmaxWithLoss")
    assert [(seen.gradient, seen.found) for seen in check.findings] == [("dz", (N,))]


@pytest.mark.parametrize("missing", [None, "never set"])
def test_a_gradient_that_is_missing_is_not_examined_and_said(missing):
    class Forgets(Own):
        def backward(self, dout):
            dx = super().backward(dout)
            self.db = None
            if missing:
                del self.db
            return dx

    check = checked(Forgets())
    assert check.verdict is Verdict.NOT_EXAMINED
    assert [(one.name, one.verdict) for one in check.parameters] == [("Forgets1.W", Verdict.AGREES)]
    (left,) = check.not_examined
    assert isinstance(left, NotExamined)
    assert (left.parameter, left.gradient, left.why) == ("Forgets1.b", "db", Why.NO_GRADIENT)
    assert "sets no db" in str(left)
    alone = checked(Forgets(), only={"Forgets1.b": None})
    assert alone.verdict is Verdict.NOT_EXAMINED


class Listed:
    """Keeps its parameters where nobody looks for them."""

    def __init__(self, i, o):
        W, b = np.random.default_rng(i).normal(size=(i, o)), np.zeros(o)
        self.params, self.grads = [W, b], [np.zeros_like(W), np.zeros_like(b)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, d):
        self.grads[0][...] = 17 * self.x.T @ d
        self.grads[1][...] = d.sum(0)
        return d @ self.params[0].T


def test_a_network_without_parameters_never_agrees():
    network = Network([Listed(D, M)], SoftmaxWithLoss())
    check = check_gradients(network, x, t)
    assert (check.verdict, check.compared) == (Verdict.NOT_EXAMINED, 0)
    (left,) = check.not_examined
    assert left.held == ("Listed1.params", "Listed1.grads")
    assert "Network has no parameters" in str(left) and "Listed1.params" in str(left)


def test_a_wrong_layer_without_parameters_is_found_all_the_same():
    class Wrong(Listed):
        def backward(self, d):
            return -super().backward(d)

    check = check_gradients(Network([Wrong(D, M)], SoftmaxWithLoss()), x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "Wrong1")


@pytest.mark.parametrize("only", [{}, {"Own1.W": []}])
def test_nothing_asked_is_nothing_examined(only):
    check = checked(Own(), only=only)
    assert (check.verdict, check.compared) == (Verdict.NOT_EXAMINED, 0)
    assert [one.why for one in check.not_examined] == [Why.NO_ELEMENTS] * len(only)


def test_where_no_moved_loss_is_finite_nothing_was_examined():
    class Edge(Own):
        """Beside its parameters there is nothing."""

        def forward(self, x):
            there = np.array_equal(self.W, self.was) and np.array_equal(self.b, self.was_b)
            return super().forward(x) + (0 if there else np.nan)

    layer = Edge()
    layer.was, layer.was_b = layer.W.copy(), layer.b.copy()
    check = check_gradients(Network([layer], SoftmaxWithLoss()), x, t)
    assert check.compared == 0
    assert {one.verdict for one in check.parameters} == {Verdict.NOT_EXAMINED}
    assert {one.why for one in check.not_examined} == {Why.NOT_FINITE}


@pytest.mark.parametrize("kind", ["verdict", "check", "parameter", "layer"])
def test_nobody_writes_if_check(kind):
    check = checked(Own())
    one = {
        "verdict": check.verdict, "check": check, "parameter": check.parameters[0],
        "layer": check.layers[0],
    }[kind]  # fmt: skip
    with pytest.raises(TypeError, match="neither true nor false") as raised:
        bool(one)
    assert isinstance(raised.value, NoTruthValue)
    assert raised.value.kind == type(one).__name__


def test_a_verdict_is_still_its_word():
    assert [str(one) for one in Verdict] == [
        "agrees", "agrees as far as can be", "disagrees", "not examined",
    ]  # fmt: skip
    assert Verdict("agrees") is pickle.loads(pickle.dumps(Verdict.AGREES)) is Verdict.AGREES


# The studies beside it

ODD = [
    lambda d: d, lambda d: d.sum(1), lambda d: list(d.sum(0)), lambda d: None,
    lambda d: d.sum(0) * np.nan, lambda d: (10 * d.sum(0)).astype(int), lambda d: d.sum(),
]  # fmt: skip


@pytest.mark.parametrize("db", ODD)
def test_a_trial_goes_through_whatever_the_gradient_looks_like(db):
    network = Network([Own((M,), db)], SoftmaxWithLoss())
    trial = Trial(network, x, t, (Method.INCREMENTAL, Method.CENTRAL))
    shapes, found = {}, {}
    for message in (*trial(), *Sweep(network, x, t, steps=(1e-4,))()):
        if isinstance(message, Backpropagated):
            shapes = message.shapes
            assert all(array.shape == shapes[name] for name, array in message.gradients.items())
            there = "Own1.b" in message.gradients
            assert there or message.misfits or network.layers[0].look(x) is None
        elif isinstance(message, TrialValues):
            found.setdefault(message.method, set()).add(message.name)
    assert shapes == {"Own1.W": (D, M), "Own1.b": (M,)}
    assert found["central"] == found["incremental"] == {"Own1.W", "Own1.b"}
    (check,) = Check(trial)()
    assert check.verdict is Verdict.DISAGREES or check.not_examined


def test_a_taylor_test_never_sums_over_the_batch_by_itself():
    """Times a direction of the bias's shape, (N, M) and (M,) give the same number."""
    network = Network([Own((M,), lambda d: d)], SoftmaxWithLoss())
    with pytest.raises(RetrogradError, match="not summed over the batch"):
        list(Directions(network, x, t)())
    right = Network([Own((M,), lambda d: d.sum(0, keepdims=True))], SoftmaxWithLoss())
    assert all(one.is_right for one in Directions(right, x, t)())


def test_where_there_is_nothing_to_compare_it_is_said():
    network = Network([Listed(D, M)], SoftmaxWithLoss())
    with pytest.raises(RetrogradError, match="no parameters"):
        list(Directions(network, x, t)())
    assert list(Sweep(network, x, t)()) == []
    rows = [
        one.row for one in Trial(network, x, t, (Method.CENTRAL,))() if isinstance(one, TrialStep)
    ]
    assert "no parameters" in rows[-1].refused
    unit, *others = contest(network, x, t)
    assert not unit.refused and all("no parameters" in one.refused for one in others)
    (check,) = Check(Trial(network, x, t, (Method.CENTRAL,)))()
    assert check.verdict is Verdict.NOT_EXAMINED


# Networks that are no chain of layers


class Turned(Affine):
    """Its db has an axis more or less than its b."""

    def __init__(self, W, b, axis):
        super().__init__(W, b if axis != "an axis less" else b[None])
        self.axis = axis

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = self.db[None] if self.axis == "an axis more" else self.db
        return dx


class Functions:
    """As courses write it: parameters of its own, no layers."""

    def __init__(self, factor=1.0, shape=lambda d: d.sum(0)):
        rng = np.random.default_rng(2)
        self.W, self.b = rng.normal(size=(D, M)), rng.normal(size=M)
        self.factor, self.shape = factor, shape

    def parameters(self):
        return {"W": self.W, "b": self.b}

    def gradients(self):
        return {"W": self.dW, "b": self.db}

    def forward(self, x, t):
        self.x = x
        self.loss_ = SoftmaxWithLoss()
        return self.loss_.forward(x @ self.W + self.b, t)

    def backward(self):
        d = self.loss_.backward()
        self.dW, self.db = self.factor * self.x.T @ d, self.shape(d)


@pytest.mark.parametrize("dtype", [None, "float32", "float64"])
@pytest.mark.parametrize("method", ["central", "forward", "incremental"])
def test_a_network_without_layers_is_checked_as_far_as_can_be(method, dtype):
    check = check_gradients(Functions(), x, t, method, dtype=dtype)
    assert check.verdict in RIGHT, told(check)
    assert (check.compared, check.layers) == (D * M + M, ())
    wrong = check_gradients(Functions(2.0), x, t, method, dtype=dtype)
    assert (wrong.verdict, wrong.layer) == (Verdict.DISAGREES, "")
    odd = check_gradients(Functions(1.0, lambda d: d), x, t, method, dtype=dtype)
    assert odd.verdict is Verdict.DISAGREES
    assert [seen.cause for seen in odd.findings] == [Cause.NOT_SUMMED]


def test_what_is_no_network_is_refused_with_a_sentence():
    class OnlyParameters:
        def parameters(self):
            return {"W": np.zeros(3)}

    class NoWayBack(OnlyParameters):
        def forward(self, x, t):
            return float(x.sum())

    with pytest.raises(NotANetwork, match="OnlyParameters has no forward"):
        numerical_gradient(OnlyParameters(), x, t)
    assert set(numerical_gradient(NoWayBack(), x, t)) == {"W"}
    with pytest.raises(NotANetwork, match="NoWayBack has no backward"):
        check_gradients(NoWayBack(), x, t)


@settings(max_examples=60, deadline=None)
@given(
    seed=seeds,
    axes=st.lists(st.sampled_from(["as it is", "an axis more", "an axis less"]), max_size=4),
    samples=st.integers(1, 6),
)
def test_no_axis_of_length_one_more_or_less_is_held_against_a_layer(seed, axes, samples):
    """Biases of (M,), (1, M) with gradients of either shape, in any order."""
    network, images, labels = network_of(seed, samples, [3, 4, 3], [Sigmoid, Tanh])
    turns = iter(axes)
    layers = [
        Turned(layer.W, layer.b, next(turns, "")) if isinstance(layer, Affine) else layer
        for layer in network.layers
    ]
    check = check_gradients(Network(layers, network.loss), images, labels, "central")
    assert check.verdict in RIGHT, told(check)
    assert not check.findings
