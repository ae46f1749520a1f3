"""A layer that spoils what another has kept is named; one whose writes hurt nobody is not."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import Overwritten, Verdict, check_gradients, numerical_gradient
from tests.engine.numeric.checks.test_check import RIGHT, told
from tests.engine.numeric.networks import KeepsOut, Scale, bits, seeds

N = 7


def affine(D, M, seed=0):
    rng = np.random.default_rng(seed)
    return Affine(rng.normal(size=(D, M)), rng.normal(size=M))


class KeepsInList(KeepsOut):
    """The same, kept in a list."""

    def forward(self, x):
        self.kept = [1 / (1 + np.exp(-x))]
        return self.kept[0]

    def backward(self, d):
        return d * self.kept[0] * (1 - self.kept[0])


class KeepsInDict(KeepsInList):
    """The same, kept in a dictionary."""

    def forward(self, x):
        self.kept = {0: 1 / (1 + np.exp(-x))}
        return self.kept[0]


class ScaleByHelper(Scale):
    """The same, by a function of its own."""

    def forward(self, x):
        halve(x)
        return x


def halve(x):
    x[...] = 0.5 * x


class BookRelu:
    """The book's: it zeroes in the array that it was given going back."""

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class Same:
    """Hands on what it was given, both ways, and keeps the gradient."""

    def __init__(self, M):
        self.b = np.zeros((N, M))  # one number a sample and unit, so that db is dout

    def forward(self, x):
        return x + self.b

    def backward(self, d):
        self.db = d
        return d


class SpoilsOnItsWayBack:
    """Keeps its input, and writes into it going back."""

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, d):
        self.x *= 2
        return d * self.x


class Plus(Network):
    """A way round the hidden layers: the gradient goes through both."""

    def forward(self, x, t):
        first, *hidden, last = self.layers
        a = out = first.forward(x)
        for layer in hidden:
            out = layer.forward(out)
        return self.loss.forward(last.forward(out + a), t)

    def backward(self):
        first, *hidden, last = self.layers
        back = dout = last.backward(self.loss.backward())
        for layer in reversed(hidden):
            dout = layer.backward(dout)
        first.backward(dout + back)


def data(seed=0, D=6, K=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, D)), rng.integers(0, K, N)


def checked(network, method="incremental", **more):
    before = bits(network)
    check = check_gradients(network, *data(), method, **more)
    assert bits(network) == before
    return check


def line_of(text, file):
    lines = Path(file).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip() == text)


@pytest.mark.parametrize("method", ["incremental", "central"])
@pytest.mark.parametrize(
    ("victim", "attribute"),
    [(KeepsOut, "out"), (KeepsInList, "kept[0]"), (KeepsInDict, "kept[0]")],
)
@pytest.mark.parametrize(
    ("writer", "source"), [(Scale, "x *= 0.5"), (ScaleByHelper, "x[...] = 0.5 * x")]
)
def test_a_layer_that_writes_into_another_s_cache_is_named(
    victim, attribute, writer, source, method
):
    network = Network([affine(6, 5), victim(), writer(), affine(5, 4)], SoftmaxWithLoss())
    check = checked(network, method)
    name = f"{writer.__name__}1"
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, name), told(check)
    (seen,) = check.findings
    assert isinstance(seen, Overwritten)
    assert (seen.layer, seen.method, seen.victim) == (name, "forward", f"{victim.__name__}1")
    assert (seen.attribute, seen.parameters) == (attribute, ("Affine1.W", "Affine1.b"))
    file = inspect.getsourcefile(writer)
    assert (seen.file, seen.source, seen.line) == (file, source, line_of(source, file))
    assert str(seen).startswith(
        f"{name}.forward writes into {attribute}, which {seen.victim} keeps"
    )
    assert [one.layer for one in check.parameters] == [name, name, "", ""]
    assert all(one.holds for one in check.layers)
    assert str(pickle.loads(pickle.dumps(check)).findings[0]) == str(seen)


def test_a_write_on_the_way_back_into_what_a_layer_below_keeps():
    network = Network(
        [affine(6, 5), KeepsOut(), SpoilsOnItsWayBack(), affine(5, 4)], SoftmaxWithLoss()
    )
    check = checked(network)
    (seen,) = check.findings
    assert (check.layer, seen.method) == ("SpoilsOnItsWayBack1", "backward")
    assert (seen.victim, seen.attribute, seen.source) == ("KeepsOut1", "out", "self.x *= 2")


def test_a_gradient_that_a_layer_keeps_is_spoiled_by_the_one_below_it():
    network = Network([affine(6, 5), BookRelu(), Same(5), affine(5, 4)], SoftmaxWithLoss())
    check = checked(network)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "BookRelu1"), told(check)
    (seen,) = check.findings
    assert (seen.method, seen.victim, seen.attribute) == ("backward", "Same1", "db")
    assert (seen.source, seen.parameters) == ("dout[self.mask] = 0", ("Same1.b",))


def test_a_dout_that_is_used_again_is_spoiled_where_nobody_keeps_it():
    network = Plus([affine(6, 5), BookRelu(), affine(5, 4)], SoftmaxWithLoss())
    check = checked(network, "central")
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "BookRelu1"), told(check)
    (seen,) = check.findings
    assert (seen.method, seen.argument, seen.victim) == ("backward", "dout", "")
    assert "writes into the dout that it was given" in str(seen)
    right = Plus([affine(6, 5), ReLU(), affine(5, 4)], SoftmaxWithLoss())
    assert checked(right, "central").verdict in RIGHT


def test_two_layers_that_spoil_are_both_named():
    layers = [affine(6, 5), KeepsOut(), Scale(), affine(5, 5, 1), KeepsOut(), Scale()]
    check = checked(Network([*layers, affine(5, 4, 2)], SoftmaxWithLoss()))
    assert {seen.layer for seen in check.findings} == {"Scale1", "Scale2"}
    assert check.verdict is Verdict.DISAGREES


def test_what_is_wrong_for_another_reason_is_not_laid_to_a_write():
    class Skips(Network):
        def backward(self):
            dout = self.loss.backward()
            for number, layer in enumerate(reversed(self.layers)):
                dout = dout if number == 2 else layer.backward(dout)

    network = Skips([affine(6, 5), Tanh(), BookRelu(), affine(5, 4)], SoftmaxWithLoss())
    check = checked(network)
    assert (check.verdict, check.layer, check.findings) == (Verdict.DISAGREES, "", ())


def test_the_images_that_a_first_layer_spoils_are_nobody_s_loss():
    network = Network([Scale(), affine(6, 4)], SoftmaxWithLoss())
    x, t = data()
    for method in ("incremental", "central", "forward"):
        check = check_gradients(network, x, t, method)
        assert check.verdict in RIGHT and not check.findings, told(check)
    assert np.array_equal(x, data()[0])
    plain = Affine(network.layers[1].W * 0.5, network.layers[1].b)
    expected = numerical_gradient(Network([plain], SoftmaxWithLoss()), *data())
    found = numerical_gradient(network, *data())
    np.testing.assert_allclose(found["Affine1.W"], expected["Affine1.W"] / 2, atol=1e-8)


HARMLESS = [ReLU, Tanh, Sigmoid, BookRelu]


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    seed=seeds,
    kinds=st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=4),
    scaled=st.lists(st.booleans(), min_size=5, max_size=5),
    dtype=st.sampled_from(["float32", "float64"]),
    method=st.sampled_from(["incremental", "central"]),
)
def test_a_write_that_hurts_nobody_is_no_finding(seed, kinds, scaled, dtype, method):
    """Behind an affine layer, which keeps its input alone, anything may be done in place."""
    rng = np.random.default_rng(seed)
    layers = []
    for number, kind in enumerate([*kinds, None]):
        layers.append(Affine(rng.normal(size=(4, 4)).astype(dtype), rng.normal(size=4)))
        layers[-1].b = layers[-1].b.astype(dtype)
        layers += [Scale()] if scaled[number] else []
        layers += [kind()] if kind else []
    x, t = rng.normal(size=(5, 4)).astype(dtype), rng.integers(0, 4, 5)
    check = check_gradients(Network(layers, SoftmaxWithLoss()), x, t, method)
    assert check.verdict in RIGHT, told(check)
    assert not check.findings and not check.layer


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    seed=seeds, at=st.integers(0, 2), dtype=st.sampled_from(["float32", "float64"]),
    method=st.sampled_from(["incremental", "central"]),
)  # fmt: skip
def test_a_write_that_changes_a_gradient_is_found_wherever_it_is(seed, at, dtype, method):
    rng = np.random.default_rng(seed)
    layers = []
    for number in range(4):
        layers.append(Affine(rng.normal(size=(4, 4)).astype(dtype), np.zeros(4, dtype)))
        layers += [KeepsOut()] + ([Scale()] if number == at else []) if number < 3 else []
    x, t = rng.normal(size=(5, 4)).astype(dtype), rng.integers(0, 4, 5)
    check = check_gradients(Network(layers, SoftmaxWithLoss()), x, t, method)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "Scale1"), told(check)
    assert [(s.layer, s.victim) for s in check.findings] == [("Scale1", f"KeepsOut{at + 1}")]
