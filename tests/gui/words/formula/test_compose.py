"""The formula of every stop: it is the line, its symbols are the source's, its numbers measured."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.debug.events import Kind
from engine.debug.explain.operation import Form
from engine.debug.explain.operation_stops import operation_stops
from engine.debug.reach.placeholders import faded
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.words.formula.compose import formula_of
from gui.words.formula.formula import RESULT, RUNNING, Formula, Symbol
from tests.gui.words import foreign
from tests.gui.words.formula.linear import linear

FOREIGN = ("lists", "caches", "convolution", "recurrent", "layers")
OPTIMIZERS = ("Momentum", "AdaGrad", "Adam")


def session_of(name: str) -> Session:
    if name in FOREIGN:
        return foreign.networks()[name]
    if name in OPTIMIZERS:
        return build_session(Options(network="16-4-3", optimizer=name, batch_size=6))
    return build_session(Options(network=name, batch_size=6))


def at_each(session: Session) -> Iterator[Snapshot]:
    batch = session.position.batch
    for event in range(len(session.trace)):
        session.goto(batch, event)
        yield session.snapshot()


@pytest.fixture(scope="module")
def default() -> Session:
    session = build_session(Options())
    session.step_batch()
    return session


def at(session: Session, source: str, layer: str = "", kind: Kind = Kind.EXPRESSION) -> Snapshot:
    """The snapshot of the first event of a source."""
    for event in session.trace:
        if event.kind is kind and event.source == source and layer in event.layer:
            session.goto(session.position.batch, event.index)
            return session.snapshot()
    raise AssertionError(source)


def after(session: Session, source: str, layer: str = "") -> Snapshot:
    """The snapshot of the first event after a statement has stored its value."""
    for event in session.trace:
        if event.kind in (Kind.LINE, Kind.RETURN) and layer in event.layer:
            session.goto(session.position.batch, event.index)
            snapshot = session.snapshot()
            if snapshot.ran is not None and snapshot.ran.source == source:
                return snapshot
    raise AssertionError(source)


def formula(snapshot: Snapshot) -> Formula:
    found = formula_of(snapshot)
    assert found is not None, snapshot.event.source
    return found


def symbol(found: Formula, text: str, place: int = 0) -> Symbol:
    return [one for one in found.symbols if one.text == text][place]


# Every event ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PRESETS, *OPTIMIZERS, *FOREIGN])
def test_every_event_has_a_formula_of_its_line_or_none(name):
    session = session_of(name)
    stops = set(operation_stops(session.trace))
    for snapshot in at_each(session):
        found = formula_of(snapshot)
        if found is None:
            assert snapshot.event.index not in stops, snapshot.event.source
            continue
        root = ET.fromstring(found.mathml)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(set(ids)) == len(ids), found.mathml
        assert RUNNING in ids
        assert {one.id for one in found.symbols} == set(ids) - {RUNNING}
        for one in found.symbols:
            check_text(one, snapshot)


def check_text(one: Symbol, snapshot: Snapshot) -> None:
    """A symbol's text is its name in the source without `self.`, or a place."""
    sources = [snapshot.event.source]
    sources += [s.source for s in (snapshot.statement, snapshot.ran) if s is not None]
    plain = {re.sub(r"\bself\.|\s", "", source) for source in sources}
    if "'s " in one.text or one.text in ("the loss", "the scores' gradient"):
        name = one.text.partition("'s ")[2]
        assert not one.source or any(name in source for source in plain), one
        return
    text = re.sub(r"\s", "", one.text.removesuffix("ᵀ"))
    assert any(text in source.replace("self.", "") for source in plain), (one, plain)
    assert re.sub(r"\bself\.|\s|\.T$", "", one.source) == text, one


@pytest.mark.parametrize("name", ["784-50-10", "caches", "layers"])
def test_a_line_keeps_its_form_at_all_of_its_stops(name):
    forms: dict[tuple[object, ...], set[str]] = {}
    for snapshot in at_each(session_of(name)):
        if snapshot.event.kind is not Kind.EXPRESSION or snapshot.statement is None:
            continue
        found = formula_of(snapshot)
        if found is not None:
            text = linear(found)
            if not text.endswith(" = 2") or snapshot.operation.source != "t.ndim":
                text = re.sub("⟧ [=→] [^ ]+$", "", text)  # the result of the whole line
            text = re.sub("[⟦⟧]", "", text)
            key = (snapshot.event.file, snapshot.event.layer, *snapshot.statement.span)
            forms.setdefault(key, set()).add(text)
    assert forms
    for texts in forms.values():
        assert len(texts) == 1, texts


@pytest.mark.parametrize("name", ["784-50-10", "recurrent"])
def test_arrays_that_were_not_kept_leave_the_formula_as_it_is(name):
    def outline(value):
        return faded(value) if isinstance(value, np.ndarray) and value.ndim else value

    for snapshot in at_each(session_of(name)):
        operation = snapshot.operation
        operands = tuple(replace(o, value=outline(o.value)) for o in operation.operands)
        bare = replace(
            snapshot,
            operation=replace(operation, operands=operands, result=outline(operation.result)),
            variables=tuple(replace(v, value=outline(v.value)) for v in snapshot.variables),
        )
        assert formula_of(bare) == formula_of(snapshot)


# What is written -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "layer", "expected"),
    [
        ("x @ self.W", "Affine1", "Affine1's output = ⟦x W⟧ + b"),
        ("x @ self.W + self.b", "Affine2", "Affine2's output = ⟦x W + b⟧"),
        ("np.maximum(x, -80)", "Sigmoid1", "x ← ⟦max(x, −80)⟧"),
        ("np.exp(-x)", "Sigmoid1", "y = {1}/{1 + ⟦e^{−x}⟧}"),
        ("z.max(axis=1, keepdims=True)", "Softmax", "shifted = z − ⟦max_{k} z⟧"),
        ("np.exp(shifted)", "Softmax", "e = ⟦exp(shifted)⟧"),
        ("e.sum(axis=1, keepdims=True)", "Softmax", "total = ⟦∑_{k} e⟧"),
        ("e / total", "Softmax", "y = ⟦{e}/{total}⟧"),
        ("np.log(total)", "Softmax", "log_y = shifted − ⟦log total⟧"),
        (
            "log_y[rows, self.t].sum()",
            "Softmax",
            "the loss = {1}/{len(z)} (−⟦∑_{n} log_y_{rows, t}⟧)",
        ),
        ("dz / len(dz)", "Softmax", "the scores' gradient = ⟦{dz}/{len(dz)}⟧"),
        ("self.x.T @ dout", "Affine1", "dW = ⟦xᵀ dout⟧"),
        ("dout.sum(axis=0)", "Affine1", "db = ⟦∑_{n} dout⟧"),
        ("dout @ self.W.T", "Affine2", "Affine2's input gradient = ⟦dout Wᵀ⟧"),
        ("1 - self.y", "Sigmoid1", "Sigmoid1's input gradient = dout ⊙ y ⊙ (⟦1 − y⟧)"),
        ("self.lr * dW", "", "W ← W − ⟦lr · dW⟧"),
    ],
)
def test_the_lines_of_the_default_network(default, source, layer, expected):
    assert linear(formula(at(default, source, layer))) == expected


@pytest.mark.parametrize(
    ("source", "layer", "expected"),
    [
        ("self.x = x", "Affine1", "Affine1's x = ⟦x⟧"),
        ("dz[rows, self.t] -= 1", "Softmax", "dz_{rows, t} ← ⟦dz_{rows, t} − 1⟧"),
        ("W -= self.lr * dW", "", "W ← ⟦W − lr · dW⟧"),
    ],
)
def test_after_a_store_the_whole_right_side_has_run(default, source, layer, expected):
    assert linear(formula(after(default, source, layer))) == expected


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("lists", "np.dot(self.a[i], self.W[i])", "s = ⟦a_{i} W_{i}⟧ + b_{i}"),
        ("lists", "self.a[i].T.dot(delta)", "gW_{i} ← ⟦a_{i}ᵀ delta⟧"),
        ("lists", "np.mean(diff**2)", "forward's result = ⟦mean diff^{2}⟧ = "),
        ("caches", "cache <= 0", "dx_{⟦cache ≤ 0⟧} ← 0"),
        (
            "caches",
            "np.sum(self.params[name] * self.params[name])",
            "loss ← loss + 0.5 · reg · ⟦∑params_{name} ⊙ params_{name}⟧",
        ),
        ("convolution", "window * self.W", "out_{:, :, i, j} ← ∑_{p, q} ⟦window ⊙ W⟧"),
        ("layers", 'np.einsum("ij,ij->j", dout, self.hat)', None),
        ("layers", "np.linalg.norm(gap)", "Leaky1's gap = ⟦‖gap‖⟧ = "),
        ("recurrent", "both @ self.W", "h = tanh(⟦both W⟧)"),
    ],
)
def test_lines_that_others_have_written(name, source, expected):
    found = linear(formula(at(session_of(name), source)))
    if expected is None:
        expected = 'dgamma = ⟦einsum("ij,ij->j", dout, hat)⟧'
    assert found.startswith(expected) if expected.endswith("= ") else found == expected


def test_a_line_that_computes_nothing_has_no_formula(default):
    assert formula_of(at(default, "for layer in self.layers:", kind=Kind.LINE)) is None
    assert formula_of(at(default, "parameters = {}", kind=Kind.LINE)) is None
    without_bias = session_of("784-10")
    assert formula_of(at(without_bias, "if self.needs_dx:", kind=Kind.LINE)) is None
    assert formula_of(at(default, "return None", kind=Kind.RETURN)) is None


# What is known of the symbols ----------------------------------------------------------------


def test_symbols_have_operands_shapes_and_the_axes_that_agree(default):
    found = formula(at(default, "self.x.T @ dout", "Affine1"))
    dW, x, dout = found.symbols
    assert (dW.shape, dW.operand, dW.role, dW.layer) == ((784, 50), RESULT, "dW", "Affine1")
    assert (x.text, x.source, x.variable) == ("xᵀ", "self.x.T", "self.x")
    assert (x.shape, x.operand, x.match) == ((784, 100), 0, (1,))
    assert (dout.shape, dout.operand, dout.match) == ((100, 50), 1, (0,))
    assert dout.span is not None and dout.span[:2] > x.span[:2]


def test_the_result_has_a_shape_as_soon_as_it_is_there(default):
    part = formula(at(default, "x @ self.W", "Affine1"))
    assert part.symbols[0].shape is None and part.symbols[0].operand is None
    whole = formula(at(default, "x @ self.W + self.b", "Affine1"))
    assert whole.symbols[0].shape == (100, 50) and whole.symbols[0].operand == RESULT


def test_numbers_stand_at_their_names_and_follow_the_values(default):
    snapshot = at(default, "self.lr * dW")
    assert symbol(formula(snapshot), "lr").number == "0.5"
    operands = snapshot.operation.operands
    other = (replace(operands[0], value=0.125), *operands[1:])
    snapshot = replace(snapshot, operation=replace(snapshot.operation, operands=other))
    assert symbol(formula(snapshot), "lr").number == "0.125"


def test_a_number_that_was_computed_stands_at_the_end_and_follows_the_result(default):
    snapshot = at(default, "-log_y[rows, self.t].sum() / len(z)")
    for result, text in ((np.float32(1.2345), "1.23"), (np.float64(1e-9), "1e−9")):
        found = replace(snapshot, operation=replace(snapshot.operation, result=result))
        assert linear(formula(found)).endswith(f" = {text}")
    part = formula(at(default, "log_y[rows, self.t].sum()"))
    assert not re.search(r"= −?[\d.]+$", linear(part))


def test_the_old_and_the_new_value_of_an_array_are_told_apart(default):
    found = formula(after(default, "W -= self.lr * dW"))
    new, old = symbol(found, "W"), symbol(found, "W", 1)
    assert (new.operand, old.operand) == (RESULT, 0)
    assert new.shape == old.shape == (784, 50)


def test_a_name_with_another_value_now_has_no_shape_of_it(default):
    snapshot = after(default, "x = layer.forward(x)")
    new, _, old = formula(snapshot).symbols
    assert snapshot.operation.form is Form.ASSIGNMENT
    assert (new.shape, old.shape) == ((100, 50), None)


def test_labels_have_room_but_not_in_an_index(default):
    found = formula(at(default, "log_y[rows, self.t]"))
    assert [symbol(found, text).labelled for text in ("log_y", "rows", "t")] == [True, False, False]


def test_a_line_that_raised_is_marked_where_it_did():
    session = foreign.broken()
    session.goto(session.position.batch, len(session.trace) - 1)
    snapshot = session.snapshot()
    assert snapshot.event.kind is Kind.EXCEPTION
    found = formula(snapshot)
    assert linear(found) == "Affine2's output = ⟦x W⟧"
    x, W = found.symbols[1:]
    assert x.shape[x.match[0]] != W.shape[W.match[0]]
    assert found.symbols[0].operand is None and found.symbols[0].shape is None


def test_without_the_line_the_expression_alone_is_written(default):
    snapshot = replace(at(default, "x @ self.W", "Affine1"), statement=None)
    assert linear(formula(snapshot)) == "⟦x W⟧"
    assert formula_of(replace(snapshot, operation=None)) is None
