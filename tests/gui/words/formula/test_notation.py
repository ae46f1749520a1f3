"""The tutorial's notation: its names by layer, and everything else as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.options import Options, build_session
from gui.words.formula.compose import formula_of
from gui.words.formula.formula import Formula, Symbol
from gui.words.formula.notation import Notation, in_notation, tutorial_names
from tests.gui.words.formula.linear import linear
from tests.gui.words.formula.test_compose import after, at, at_each

TWO = ("Affine1", "Sigmoid1", "Affine2", "SoftmaxWithLoss")


@pytest.fixture(scope="module")
def session():
    return build_session(Options(network="784-50-10", batch_size=6))


def in_the_tutorial(snapshot) -> str:
    layers = tuple(layer.name for layer in snapshot.layers)
    return linear(in_notation(formula_of(snapshot), Notation.TUTORIAL, layers))


@pytest.mark.parametrize(
    ("source", "layer", "expected"),
    [
        ("x @ self.W + self.b", "Affine1", "Affine1's output = ⟦X W1 + B1⟧"),
        ("np.exp(-x)", "Sigmoid1", "Y = {1}/{1 + ⟦e^{−x}⟧}"),
        ("x @ self.W + self.b", "Affine2", "z = ⟦Y W2 + B2⟧"),
        ("z.max(axis=1, keepdims=True)", "SoftmaxWithLoss", "shifted = z − ⟦max_{k} z⟧"),
        ("dz / len(dz)", "SoftmaxWithLoss", "dz = ⟦{dz}/{len(dz)}⟧"),
        ("self.x.T @ dout", "Affine2", "dW2 = ⟦Yᵀ dz⟧"),
        ("dout.sum(axis=0)", "Affine2", "dB2 = ⟦∑_{n} dz⟧"),
        ("dout @ self.W.T", "Affine2", "dY = ⟦dz W2ᵀ⟧"),
        ("1 - self.y", "Sigmoid1", "Sigmoid1's input gradient = dY ⊙ Y ⊙ (⟦1 − Y⟧)"),
        ("self.x.T @ dout", "Affine1", "dW1 = ⟦Xᵀ dout⟧"),
    ],
)
def test_the_tutorials_names(session, source, layer, expected):
    assert in_the_tutorial(at(session, source, layer)) == expected


def test_names_in_code_of_others_are_not_taken_for_the_tutorials(session):
    snapshot = at(session, "self.x.T @ dout", "Affine1")
    elsewhere = replace(snapshot, event=replace(snapshot.event, file="/elsewhere/layers.py"))
    assert in_the_tutorial(elsewhere) == "dW = ⟦xᵀ dout⟧"


def test_an_optimizers_names_are_those_of_the_parameter(session):
    assert in_the_tutorial(at(session, "self.lr * dW")) == "W1 ← W1 − ⟦lr · dW1⟧"
    assert in_the_tutorial(after(session, "self.x = x", "Affine1")) == "Affine1's x = ⟦X⟧"


def test_symbols_are_renamed_with_what_is_drawn(session):
    found = formula_of(at(session, "self.x.T @ dout", "Affine2"))
    renamed = in_notation(found, Notation.TUTORIAL, TWO)
    assert [one.text for one in renamed.symbols] == ["dW2", "Yᵀ", "dz"]
    assert [one.id for one in renamed.symbols] == [one.id for one in found.symbols]
    assert [one.source for one in renamed.symbols] == ["self.dW", "self.x.T", "dout"]


def test_the_sources_names_are_the_formula_itself(session):
    for snapshot in at_each(session):
        found = formula_of(snapshot)
        if found is not None:
            assert in_notation(found, Notation.SOURCE, TWO) is found
            again = in_notation(found, Notation.TUTORIAL, TWO)
            assert len(again.symbols) == len(found.symbols)


def test_deeper_networks_number_their_hidden_layers():
    names = tutorial_names(("Affine1", "ReLU1", "Affine2", "ReLU2", "Affine3", "SoftmaxWithLoss"))
    assert names["ReLU1", "output"] == names["Affine2", "x"] == "Y1"
    assert names["ReLU2", "output"] == names["Affine3", "x"] == "Y2"
    assert names["Affine3", "output"] == "z"
    assert names["Affine2", "dx"] == "dY1"


@pytest.mark.parametrize(
    "layers",
    [
        (),
        ("Loss",),
        ("Conv1", "Affine1", "Loss"),
        ("Affine1", "BatchNorm1", "ReLU1", "Affine2", "Loss"),
    ],
)
def test_other_networks_keep_the_names_of_their_source(layers):
    assert not tutorial_names(layers)
    found = Formula(
        "<math><mi id='s0'>W</mi></math>", (Symbol("s0", "W", layer="Affine1", role="W"),)
    )
    assert in_notation(found, Notation.TUTORIAL, layers) is found


def test_one_layer_has_scores_and_no_hidden_output():
    names = tutorial_names(("Affine1", "SoftmaxWithLoss"))
    assert names["Affine1", "x"] == "X" and names["Affine1", "output"] == "z"
    assert names["SoftmaxWithLoss", "x"] == "z"
