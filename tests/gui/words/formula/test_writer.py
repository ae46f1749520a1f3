"""Any expression becomes a formula: nothing is lost, and parentheses stand where they must."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.events import Kind, Phase, Span
from engine.debug.instrument.sites import Site
from engine.debug.record.syntax import syntax_of
from gui.words.formula.formula import RUNNING, Formula
from gui.words.formula.names import Around
from gui.words.formula.pieces import running
from gui.words.formula.scope import Scope
from gui.words.formula.writer import Writer
from tests.gui.words.formula.linear import linear

NAMES = ("x", "W", "dout", "log_y", "lr", "self.b", "self.m_hat")


def written(source: str, runs: str = "", owner: str = "", **values: object) -> Formula:
    """The formula of an expression; `runs` is the part of it that runs now."""
    span = Span(1, 0, 1, len(source))
    tree = syntax_of(Site(Kind.EXPRESSION, "", "", span, source, Phase.FORWARD, ast.Pass()))
    assert isinstance(tree, ast.expr)
    place = source.index(runs) if runs else 0
    part = Span(1, place, 1, place + len(runs)) if runs else None
    names = frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
    variables = {name.replace("self_", "self."): value for name, value in values.items()}
    writer = Writer(Scope(variables), Around(owner, names), part)
    piece = writer.write(tree)
    assert writer.is_marked == bool(runs)
    if not runs:
        piece = running(piece)
    return Formula(f"<math>{piece.xml}</math>", tuple(writer.symbols))


def text(source: str, runs: str = "", **values: object) -> str:
    found = linear(written(source, runs, **values))
    return found if runs else found.removeprefix("⟦").removesuffix("⟧")


A, B, N = np.ones((3, 4)), np.ones((4, 2)), 5


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a * (b + c)", "a × (b + c)"),
        ("a - (b - c)", "a − (b − c)"),
        ("a - b - c", "a − b − c"),
        ("-(a + b)", "−(a + b)"),
        ("a + -b", "a + (−b)"),
        ("(a + b) ** 2", "(a + b)^{2}"),
        ("-a ** 2", "−a^{2}"),
        ("(-a) ** 2", "(−a)^{2}"),
        ("(a / b) ** 2", "({a}/{b})^{2}"),
        ("(a + b) / (c - d)", "{a + b}/{c − d}"),
        ("a / (b / (c / d))", "a ÷ (b ÷ {c}/{d})"),
        ("(a @ b).T", "(a b)ᵀ"),
        ("x[i + 1] * y", "x_{i + 1} × y"),
        ("np.exp(a + b)", "e^{a + b}"),
        ("np.exp(a / b)", "exp({a}/{b})"),
        ("np.log(a + b)", "log(a + b)"),
        ("np.sqrt(v) + eps", "√{v} + eps"),
        ("np.abs(a - b)", "|a − b|"),
        ("(a + b).sum(axis=1)", "∑_{k} (a + b)"),
        ("a.sum(axis=0) * b", "(∑_{n} a) × b"),
        ("np.multiply(a, b + c)", "a × (b + c)"),
        ("f(a, *b, key=c)", "f(a, *b, key=c)"),
        ("np.random.default_rng(0).normal(0, 1)", "random.default_rng(0).normal(0, 1)"),
        ("a if b > 0 else c", "a if b > 0 else c"),
        ("not a == b", "not a = b"),
        ("(a == b) + c", "(a = b) + c"),
        ("a < b <= c", "a < b ≤ c"),
        ("a // b % c", "⌊a ÷ b⌋ mod c"),
        ("a & b | ~c", "(a & b) | ¬c"),
        ("{k: v for k, v in p}", "{k: v for k, v in p}"),
        ("lambda x: x + 1", "lambda x: x + 1"),
        ("f'{a}'", "f'{a}'"),
        ("x[:, None, 1:3]", "x_{:, None, 1:3}"),
        ("1e-5", "1e−5"),
        ("x.shape == (n,)", "x.shape = (n, )"),
    ],
)
def test_any_syntax_is_written(source, expected):
    assert text(source) == expected


def test_the_sign_of_a_product_tells_cells_from_matrices():
    assert text("a @ b", a=A, b=B) == "a b"
    assert text("a * b", a=A, b=A) == "a ⊙ b"
    assert text("n * a", a=A, n=N) == "n · a"
    assert text("a * b") == "a × b"  # nothing is known of them
    assert text("np.dot(a, b)", a=A, b=B) == "a b"
    assert text("a.dot(b)") == "dot(a, b)"
    assert text("np.exp(a) * (1 - a)", a=A) == "e^{a} ⊙ (1 − a)"


def test_the_letter_of_an_axis_is_no_variable_of_the_line():
    assert text("(n * a).sum(axis=0)") == "∑_{i} n × a"
    assert text("a.sum(axis=-1)", a=A) == "∑_{k} a"
    assert text("a.sum(axis=way)") == "∑_{axis way} a"


def test_a_name_of_an_object_and_a_local_name_are_told_apart():
    assert text("x - self.x", owner="BatchNorm1") == "x − BatchNorm1's x"
    assert text("x - self.x") == "x − self.x"
    assert text("y - self.x") == "y − x"


def test_a_variable_named_e_is_not_taken_for_the_number():
    assert text("np.exp(x) / e") == "{exp(x)}/{e}"
    assert text("np.exp(x) / total") == "{e^{x}}/{total}"


@pytest.mark.parametrize(
    ("source", "runs", "expected"),
    [
        ("a @ b + c", "a @ b", "⟦a b⟧ + c"),
        ("a - (b - c)", "b - c", "a − (⟦b − c⟧)"),
        ("a / (b / (c / d))", "c / d", "a ÷ (b ÷ ⟦{c}/{d}⟧)"),
        ("self.x.T @ b", "self.x.T", "⟦xᵀ⟧ b"),
        ("{k: v + 1 for k, v in p} | q", "v + 1", "⟦{k: v + 1 for k, v in p}⟧ | q"),
        ("t.dtype.kind == c", "t.dtype", "⟦t.dtype.kind⟧ = c"),
    ],
)
def test_the_part_that_runs_is_marked_or_what_is_around_it(source, runs, expected):
    assert text(source, runs) == expected


@pytest.mark.parametrize("source", ["x @ self.W + b", "np.exp(-x)[x] / len(x)", "f(x).T * x"])
def test_a_renamed_variable_renames_its_symbols(source):
    before, after = written(source), written(re.sub(r"\bx\b", "renamed", source))
    assert [re.sub(r"\bx\b", "renamed", one.text) for one in before.symbols] == [
        one.text for one in after.symbols
    ]
    assert "renamed" in after.mathml and "renamed" not in before.mathml


# Random expressions --------------------------------------------------------------------------


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    binary = st.sampled_from(("+", "-", "*", "/", "@", "**", "//", "%", "&", "<", "==", "in"))
    function = st.sampled_from(
        ("np.exp", "np.log", "np.sqrt", "np.abs", "f", "len", "np.linalg.norm", "np.square", "sum")
    )
    method = st.sampled_from((".T", ".sum(axis=0)", ".mean()", ".max(axis=-1)", ".copy()", ".shape",
                              "[0]", "[:, 1:]", "[..., None]", ".dot(W)", "['key']"))  # fmt: skip
    return st.one_of(
        st.tuples(inner, binary, inner).map(lambda p: f"(({p[0]}) {p[1]} ({p[2]}))"),
        st.tuples(function, inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(inner, method).map(lambda p: f"({p[0]}){p[1]}"),
        pair.map(lambda p: f"np.maximum({p[0]}, {p[1]})"),
        pair.map(lambda p: f"x[{p[0]}, {p[1]}]"),
        pair.map(lambda p: f"({p[0]} if {p[1]} else x)"),
        pair.map(lambda p: f"({p[0]} and not {p[1]})"),
        pair.map(lambda p: f"[{p[0]}, {p[1]}]"),
        inner.map(lambda p: f"(-{p})"),
        inner.map(lambda p: f"sum(g for g in {p})"),
        inner.map(lambda p: f"{{'a': {p}}}"),
    )


EXPRESSIONS = st.recursive(st.sampled_from((*NAMES, "2", "0.5", "'text'")), _grown, max_leaves=8)
VALUES = st.dictionaries(
    st.sampled_from(("x", "W", "dout", "log_y", "lr", "self_b", "self_m_hat")),
    st.sampled_from((A, B, 0.5, [A, B], {"key": A}, None, "text", np.float32(2), np.ones(3))),
)


@given(EXPRESSIONS, VALUES)
def test_no_expression_fails_and_no_name_is_lost(source, values):
    found = written(source, **values)
    root = ET.fromstring(found.mathml)
    shown = "".join(root.itertext())
    for node in ast.walk(ast.parse(source, mode="eval")):
        if isinstance(node, ast.Name) and node.id not in ("np", "self", "sum"):
            assert node.id in shown, (source, shown)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "self" or node.attr in shown, (source, shown)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert sorted(ids) == sorted({RUNNING, *(one.id for one in found.symbols)})
