"""A symbol, its array in the picture, its variable and its place in the source light together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QWidget

from engine.debug.session import Session
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.views.equation.view import EquationView
from gui.views.source.code_area import CodeArea
from gui.views.source.view import SourceView
from gui.views.variables.view import VariablesView
from gui.window.commands.lit_symbol import LitSymbol
from gui.words.formula.formula import RESULT, Formula, Symbol
from gui.words.lesson import Lesson

SOURCE = "self.x.T @ dout"


@pytest.fixture(scope="module")
def session() -> Session:
    return build_session(Options())


class Panels:
    """Three panels at `self.dW = self.x.T @ dout` of Affine2."""

    def __init__(self, qtbot, session: Session) -> None:
        event = next(e for e in session.trace if e.source == SOURCE and e.frame.layer == "Affine2")
        session.goto(0, event.index)
        self.snapshot = session.snapshot()
        line, text = event.line, SOURCE
        start = event.span.column

        def span(name: str):
            at = start + text.index(name)
            return event.span._replace(line=line, column=at, end_column=at + len(name))

        xT = Symbol("x", "x", "self.x.T", (50, 100), 0, span("self.x.T"))
        self.x = replace(xT, variable="self.x")
        self.dout = Symbol("dout", "dout", "dout", (100, 10), 1, span("dout"), variable="dout")
        self.dW = Symbol("dW", "dW", "self.dW", (50, 10), RESULT)
        self.formula = Formula(
            '<math><mi id="dW">dW</mi><mo>=</mo><mrow id="running"><msup id="x"><mi>x</mi>'
            '<mi>T</mi></msup><mi id="dout">dout</mi></mrow></math>',
            (self.dW, self.x, self.dout),
        )
        self.equation, self.variables = EquationView(DARK), VariablesView(DARK)
        self.source = SourceView(DARK)
        self.owner = QObject()
        LitSymbol(self.equation, self.variables, self.source, self.owner)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(1220, 800)
        for view, place in (
            (self.equation, (0, 330, 1000, 460)),
            (self.variables, (830, 0, 380, 320)),
            (self.source, (0, 0, 820, 320)),
        ):
            view.setParent(self.window)
            view.setGeometry(*place)
        self.window.show()
        for view in (self.equation, self.variables, self.source):
            view.show_snapshot(self.snapshot)
        self.equation.choose_scene(False)
        self.equation.show_lesson(Lesson("", "", formula=self.formula), self.snapshot)
        self.row = self.equation.top.formula
        qtbot.waitUntil(lambda: self.row.typeset is not None)
        self.area = self.source.findChild(CodeArea)
        self.rows = self.variables.findChild(QAbstractItemView)

    def name_of_lit_row(self) -> str | None:
        return self.variables._delegate.lit

    def lit_code(self) -> str:
        place = self.area._lit
        if place is None:
            return ""
        return self.area.block_of(place.line).text()[place.column : place.end_column]

    def lit_array(self) -> int | None:
        for operand in (RESULT, 0, 1):
            place = self.equation.canvas.place_of(operand)
            if place is not None and self.equation.canvas.lit_place == place.cells:
                return operand
        return None

    def lit(self) -> tuple[str | None, int | None, str | None, str]:
        symbol = self.row.lit
        return (
            symbol and symbol.id, self.lit_array(), self.name_of_lit_row(), self.lit_code(),
        )  # fmt: skip


@pytest.fixture
def panels(qtbot, session):
    return Panels(qtbot, session)


NOTHING = (None, None, None, "")
X = ("x", 0, "self.x", "self.x.T")
DOUT = ("dout", 1, "dout", "dout")


def test_a_symbol_lights_its_array_its_variable_and_its_place_in_the_source(qtbot, panels):
    assert panels.lit() == NOTHING
    found = []
    panels.equation.symbols.pointed.connect(found.append)
    for symbol, lit in ((panels.x, X), (panels.dout, DOUT)):
        qtbot.mouseMove(panels.row, panels.row.box_of(symbol).center().toPoint())
        assert panels.lit() == lit
    # The stop has made it, and it is not stored yet: it is the value at the cursor.
    qtbot.mouseMove(panels.row, panels.row.box_of(panels.dW).center().toPoint())
    assert panels.lit()[:2] == ("dW", RESULT)
    qtbot.mouseMove(panels.row, QPoint(panels.row.width() - 1, 1))
    assert panels.lit() == NOTHING
    assert found == [panels.x, panels.dout, panels.dW, None]


def test_an_array_in_the_picture_lights_its_symbol(qtbot, panels):
    canvas = panels.equation.canvas
    for operand, lit in ((0, X), (1, DOUT)):
        qtbot.mouseMove(canvas, canvas.place_of(operand).cells.center().toPoint())
        assert panels.lit() == lit
    qtbot.mouseMove(canvas, QPoint(1, canvas.height() - 2))
    assert panels.lit() == NOTHING


def row_named(panels, label: str) -> QPoint:
    model = panels.rows.model()
    for group in model.groups():
        for number in range(model.rowCount(group)):
            index = model.index(number, 0, group)
            if model.node(index).name == label:
                return panels.rows.visualRect(index).center()
    raise LookupError(label)


def test_a_variable_lights_its_symbol(qtbot, panels):
    viewport = panels.rows.viewport()
    for name, lit in (("dout", DOUT), ("self.x", X)):
        qtbot.mouseMove(viewport, row_named(panels, name))
        assert panels.lit() == lit
    qtbot.mouseMove(viewport, row_named(panels, "self.W"))  # in no symbol of this formula
    assert panels.lit() == NOTHING


def place_of(panels, text: str) -> QPoint:
    line = panels.snapshot.event.line
    start = panels.area.block_of(line).text().index(text)
    piece = panels.area.pieces(line, start, start + len(text))[0]
    return QPointF(piece.left() + 8, piece.center().y()).toPoint()


def test_a_name_in_the_source_lights_its_symbol(qtbot, panels):
    viewport = panels.area.viewport()
    for text, lit in (("self.x.T", X), ("dout", DOUT)):
        qtbot.mouseMove(viewport, place_of(panels, text))
        assert panels.lit() == lit
    end = panels.area.pieces(panels.snapshot.event.line, 0, 200)[0]
    qtbot.mouseMove(viewport, QPoint(round(end.right()) + 40, round(end.center().y())))
    assert panels.lit() == NOTHING


def frame_in(widget, rect) -> bool:
    image = widget.grab(rect.toAlignedRect()).toImage()
    return any(
        image.pixelColor(x, y) == QColor(DARK.accent)
        for x in range(image.width())
        for y in range(image.height())
    )


def test_what_is_lit_is_framed_on_the_screen(qtbot, panels):
    canvas, area = panels.equation.canvas, panels.area
    cells = canvas.place_of(1).cells.adjusted(-4, -4, 4, 4)
    row = panels.rows.visualRect(panels.rows.indexAt(row_named(panels, "dout"))).toRectF()
    panels.equation.symbols.point_at_variable("dout")
    code = area.lit_rects()[0].adjusted(-3, -3, 3, 3)
    assert frame_in(canvas, cells)
    assert frame_in(panels.rows.viewport(), row)
    assert frame_in(area.viewport(), code)
    panels.equation.symbols.point_at_variable(None)
    assert not frame_in(canvas, cells) and not frame_in(area.viewport(), code)
    assert not frame_in(panels.rows.viewport(), row)


def test_another_formula_is_lit_nowhere(qtbot, panels):
    qtbot.mouseMove(panels.row, panels.row.box_of(panels.x).center().toPoint())
    other = Formula("<math><mi>y</mi></math>")
    panels.equation.show_lesson(Lesson("", "", formula=other), panels.snapshot)
    assert panels.lit() == NOTHING
