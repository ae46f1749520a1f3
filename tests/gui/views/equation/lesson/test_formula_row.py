"""The formula's row: blank until typeset, then boxed, labelled, with symbols to point at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import DARK, LIGHT, mix
from gui.views.equation.lesson.formula_paint import label_parts
from gui.views.equation.lesson.formula_row import ANY_WIDTH, FormulaRow
from gui.words.formula.formula import RESULT, Formula, Symbol
from gui.words.formula.notation import Notation
from tests.gui.snapshots import arrays, make_snapshot

X = Symbol("x", "x", "x", (100, 784), 0, match=(1,), variable="x", layer="Affine1", role="x")
W = Symbol("W", "W", "self.W", (784, 50), 1, match=(0,), layer="Affine1", role="W")
OUT = Symbol("out", "out", "", (100, 50), RESULT)
PRODUCT = Formula(
    '<math><mi id="out" mathvariant="italic">out</mi><mo>=</mo>'
    '<mrow id="running"><mi id="x">x</mi><mi id="W">W</mi></mrow></math>',
    (OUT, X, W),
)
SUM = Formula('<math><mi id="x">x</mi><mo>+</mo><mi id="W">W</mi></math>', (X, W))
BROKEN = Formula("<math", ())


def snapshot() -> Snapshot:
    found = arrays()
    operands = (Operand("x", found.x, event=3), Operand("self.W", found.W1))
    operation = Operation(Form.PRODUCT, "@", operands, found.matmul, "x @ self.W")
    return make_snapshot(operation=operation)


@pytest.fixture
def row(qtbot):
    """In a row of 700 pixels, as in the panel."""
    around = QWidget()
    layout = QHBoxLayout(around)
    layout.setContentsMargins(0, 0, 0, 0)
    row = FormulaRow(DARK)
    layout.addWidget(row)
    layout.addStretch(1)
    qtbot.addWidget(around)
    around.resize(700, 60)
    around.show()
    yield row
    around.close()


def show(qtbot, row, formula, phase=DARK.forward):
    row.show_formula(formula, snapshot(), phase)
    qtbot.waitUntil(lambda: row.typeset is not None or row.failed)


def pixel(row, point: QPointF | QPoint) -> str:
    return row.grab().toImage().pixelColor(QPointF(point).toPoint()).name()


def centre(row, symbol) -> QPoint:
    return row.box_of(symbol).center().toPoint()


def test_a_formula_is_painted_with_its_running_part_in_the_colour_of_the_pass(qtbot, row):
    show(qtbot, row, PRODUCT)
    box = row.running_box()
    inside = QPointF(box.left() + 4, box.top() + 4)
    assert pixel(row, inside) == mix(DARK.forward, DARK.panel, 0.24).name()
    assert pixel(row, QPointF(box.left() - 6, box.top() + 4)) == DARK.panel
    assert box.contains(row.box_of(X)) and box.contains(row.box_of(W))
    assert not box.contains(row.box_of(OUT))


def test_the_theme_recolours_box_and_glyphs(qtbot, row):
    show(qtbot, row, PRODUCT)
    row.set_theme(LIGHT)
    qtbot.waitUntil(lambda: row.typeset is not None)
    box = row.running_box()
    inside = pixel(row, QPointF(box.left() + 4, box.top() + 4))
    assert inside == mix(LIGHT.forward, LIGHT.panel, 0.24).name()
    assert LIGHT.text.encode() in row.typeset.svg


def colours_in(row, rect) -> set[str]:
    image = row.grab(rect.toAlignedRect()).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_shapes_stand_under_their_symbols_and_the_dimensions_that_agree_stand_out(qtbot, row):
    assert label_parts(X) == [("100", False), (" × ", False), ("784", True)]
    assert label_parts(replace(X, shape=(50,), match=())) == [
        ("(", False), ("50", False), (",)", False)
    ]  # fmt: skip
    assert label_parts(Symbol("lr", "lr", number="0.5")) == [("0.5", False)]
    assert label_parts(replace(X, labelled=False)) == []
    show(qtbot, row, PRODUCT)
    for symbol in PRODUCT.symbols:
        assert row.label_box_of(symbol).top() > row.box_of(symbol).bottom()
    assert QColor(DARK.match).name() in colours_in(row, row.label_box_of(X))
    assert QColor(DARK.match).name() not in colours_in(row, row.label_box_of(OUT))


def test_the_old_formula_is_not_shown_for_a_new_stop(qtbot, row):
    show(qtbot, row, PRODUCT)
    row.show_formula(SUM, snapshot(), DARK.forward)
    assert row.typeset is None
    assert colours_in(row, row.rect().toRectF()) == {DARK.panel} or row.box_of(X) is None
    qtbot.waitUntil(lambda: row.typeset is not None)
    assert row.running_box() is None and row.box_of(OUT) is None


def test_a_formula_that_was_shown_before_is_shown_at_once(qtbot, row):
    show(qtbot, row, PRODUCT)
    show(qtbot, row, SUM)
    row.show_formula(PRODUCT, snapshot(), DARK.forward)
    assert row.typeset is not None and row.box_of(OUT) is not None


def test_a_late_answer_for_an_earlier_stop_is_dropped(qtbot, row):
    show(qtbot, row, SUM)
    row.show_formula(PRODUCT, snapshot(), DARK.forward)
    row.show_formula(SUM, snapshot(), DARK.forward)
    shown = row.typeset
    with qtbot.waitSignal(row.typesetter.ready):
        pass
    assert row.typeset is shown and row.box_of(OUT) is None


def test_no_formula_takes_no_room(qtbot, row):
    show(qtbot, row, PRODUCT)
    assert row.sizeHint().width() > 100
    row.show_formula(None, snapshot(), DARK.forward)
    assert row.sizeHint().width() == 0 and row.typeset is None
    assert row.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_what_cannot_be_typeset_is_the_source_as_text(qtbot, row):
    show(qtbot, row, BROKEN)
    assert row.failed and row.sizeHint().width() > 50
    assert QColor(DARK.text).name() in colours_in(row, row.rect().toRectF())


@pytest.mark.parametrize("width", [700, 180, 130])
def test_a_formula_is_never_cut_at_the_edge(qtbot, row, width):
    row.parentWidget().resize(width, 60)
    show(qtbot, row, PRODUCT)
    qtbot.waitUntil(lambda: row.typeset is not None and row.typeset.width <= row.width())
    found = [row.running_box(), *filter(None, map(row.box_of, PRODUCT.symbols))]
    assert all(row.rect().toRectF().adjusted(-1, -1, 1, 1).contains(box) for box in found)


def test_the_mouse_points_at_symbols_and_at_their_labels(qtbot, row):
    show(qtbot, row, PRODUCT)
    found = []
    row.symbol_pointed.connect(found.append)
    for symbol in PRODUCT.symbols:
        qtbot.mouseMove(row, centre(row, symbol))
        qtbot.mouseMove(row, row.label_box_of(symbol).center().toPoint())
    qtbot.mouseMove(row, QPoint(row.width() - 1, 1))
    assert found == [OUT, X, W, None]
    assert row.lit is None


def test_a_symbol_that_is_pointed_at_is_framed(qtbot, row):
    show(qtbot, row, PRODUCT)
    frame = QColor(DARK.accent).name()
    assert frame not in colours_in(row, row.box_of(X).adjusted(-5, -5, 5, 5))
    row.light(X)
    assert frame in colours_in(row, row.box_of(X).adjusted(-5, -5, 5, 5))
    row.light(None)
    assert frame not in colours_in(row, row.box_of(X).adjusted(-5, -5, 5, 5))


def test_a_click_goes_where_the_array_was_made(qtbot, row):
    show(qtbot, row, PRODUCT)
    found = []
    row.event_chosen.connect(found.append)
    left = Qt.MouseButton.LeftButton
    for symbol in (W, OUT):  # older than this batch; made now
        qtbot.mouseClick(row, left, pos=centre(row, symbol))
    assert found == []
    qtbot.mouseClick(row, left, pos=centre(row, X))
    assert found == [3]


def test_keys_walk_the_symbols(qtbot, row):
    before = QLineEdit()
    row.parentWidget().layout().insertWidget(0, before)
    show(qtbot, row, PRODUCT)
    found, events = [], []
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    row.symbol_pointed.connect(found.append)
    row.event_chosen.connect(events.append)
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    for key in ("Right", "Right", "Right", "Left", "Return", "Home", "End", "Escape"):
        qtbot.keyClick(row, getattr(Qt.Key, f"Key_{key}"))
    assert found == [OUT, X, W, X, OUT, W, None] and events == [3]


def test_a_screen_reader_hears_the_formula_and_the_symbol(qtbot, row):
    show(qtbot, row, PRODUCT)
    assert row.accessibleName() == "Formula"
    assert row.accessibleDescription() == "out = x W"
    qtbot.mouseMove(row, centre(row, W))
    assert row.accessibleDescription() == "W (self.W): 784 × 50"


def test_the_tutorials_notation_renames_the_symbols_and_back(qtbot, row):
    show(qtbot, row, PRODUCT)
    row.set_notation(Notation.TUTORIAL)
    qtbot.waitUntil(lambda: row.typeset is not None)
    assert row.accessibleDescription() == "out = X W1"
    assert [symbol.text for symbol in row.formula.symbols] == ["out", "X", "W1"]
    row.set_notation(Notation.SOURCE)
    assert row.accessibleDescription() == "out = x W" and row.typeset is not None


def test_a_formula_that_still_fits_stays_while_the_panel_is_made_narrower(qtbot, row):
    show(qtbot, row, PRODUCT)
    row.parentWidget().resize(200, 60)
    qtbot.waitUntil(lambda: row.typeset is not None and row.typeset.width <= row.width() <= 200)
    small = row.typeset
    row.parentWidget().resize(199, 60)
    row.parentWidget().resize(201, 60)
    assert row.typeset is not None and row.typeset.width <= small.width + 2


def test_a_formula_that_comes_next_is_typeset_before_it_is_shown(qtbot, row):
    show(qtbot, row, PRODUCT)
    row.prepare(SUM)
    qtbot.waitUntil(lambda: row.typesetter.prepare(row._sheet(SUM, ANY_WIDTH)) is not None)
    assert row.formula is PRODUCT
    row.show_formula(SUM, snapshot(), DARK.forward)
    assert row.typeset is not None and not row.waits
