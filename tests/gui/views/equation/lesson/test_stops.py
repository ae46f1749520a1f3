"""The formulas of a minibatch in the row: each has its frame, and a place for each symbol."""

from __future__ import annotations

from itertools import combinations

import pytest

from engine.debug.explain.operation_stops import operation_stops
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.paint.typeset import Box, typeset
from gui.views.equation.lesson.formula_paint import label_of
from gui.views.equation.lesson.formula_row import ANY_WIDTH, HEIGHT, FormulaRow
from gui.words.formula.compose import formula_of
from gui.words.formula.formula import RUNNING, Formula

WIDEST = 1000  # pixels of the panel in Learn at 1366 × 768


def rows_of(network: str):
    """Each different formula, with the row that shows it."""
    session = build_session(Options(network=network))
    seen: set[Formula] = set()
    row = FormulaRow(DARK)
    for event in operation_stops(session.trace):
        session.goto(session.position.batch, event)
        snapshot = session.snapshot()
        formula = formula_of(snapshot)
        if formula is not None and formula not in seen:
            seen.add(formula)
            row.show_formula(formula, snapshot, DARK.forward)
            yield row, formula


def overlap(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


@pytest.mark.slow
@pytest.mark.parametrize("network", ["784-50-10", "784-10"])
def test_every_formula_has_a_place_for_each_symbol(qtbot, network):
    found = 0
    for row, formula in rows_of(network):
        shown = typeset(row._sheet(formula, ANY_WIDTH))
        found += 1
        names = {symbol.id for symbol in formula.symbols}
        assert names <= set(shown.boxes), formula.mathml
        assert shown.width <= WIDEST and shown.height <= HEIGHT and not shown.elided
        labels = list(shown.labels.values())
        assert not any(overlap(a, b) for a, b in combinations(labels, 2)), formula.mathml
        must_agree = {symbol.id for symbol in formula.symbols if symbol.match and label_of(symbol)}
        assert must_agree <= set(shown.labels)
        if RUNNING in formula.mathml:
            running, frame = shown.boxes[RUNNING], shown.frame
            assert frame is not None
            assert frame.left <= running.left and running.right <= frame.right
            assert frame.top <= running.top + 0.01 and running.bottom <= frame.bottom + 0.01
        assert row.accessibleDescription()
    assert found > 5
