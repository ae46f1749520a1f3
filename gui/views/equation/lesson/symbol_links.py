"""Links the symbols of a formula with the arrays of the picture, the variables and the source."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Signal
from PySide6.QtGui import QMouseEvent

from engine.debug.events import Span
from gui.views.equation.canvas import EquationCanvas
from gui.views.equation.lesson.formula_row import FormulaRow
from gui.views.equation.picture.parts import Block
from gui.views.equation.scenes.scene_holder import SceneHolder
from gui.words.formula.formula import RESULT, Symbol


class SymbolLinks(QObject):
    """Lights a symbol in the formula and in the picture, wherever it is pointed at.

    Args:
        row: the formula.
        canvas: the picture of the arithmetic.
        scenes: the scene that may stand in its place.

    Signals:
        pointed: the `Symbol` that is pointed at anywhere from now on, or None.
    """

    pointed = Signal(object)

    def __init__(
        self, row: FormulaRow, canvas: EquationCanvas, scenes: SceneHolder, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._row, self._canvas, self._scenes = row, canvas, scenes
        self._symbol: Symbol | None = None
        row.symbol_pointed.connect(self._point)
        canvas.installEventFilter(self)
        scenes.pointed.connect(self._point_in_scene)

    def point_at_variable(self, name: str | None) -> None:
        """Point at the symbol of a variable; "" is the value at the cursor, None nothing."""
        if name == "":
            found = [symbol for symbol in self._symbols() if symbol.operand == RESULT]
        else:
            found = [s for s in self._symbols() if name and name in (s.variable, s.source)]
        self._point(found[0] if found else None)

    def point_at_source(self, place: tuple[int, int] | None) -> None:
        """Point at the symbol at a line (from 1) and a column of the source, or at nothing."""
        found = [
            symbol
            for symbol in self._symbols()
            if place is not None and symbol.span is not None and _contains(symbol.span, place)
        ]
        self._point(min(found, key=lambda symbol: len(symbol.source)) if found else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Point at the symbol of the array under the mouse in the picture."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            operand = self._operand_at(event.position())
            symbols = [s for s in self._symbols() if s.operand == operand]
            self._point(symbols[0] if symbols and operand is not None else None)
        elif event.type() is QEvent.Type.Leave:
            self._point(None)
        return super().eventFilter(watched, event)

    def _point_in_scene(self, place: QPointF | None) -> None:
        """Point at the symbol of the array at a place of the scene, or at nothing."""
        found = (
            [] if place is None else [s for s in self._symbols() if self._scenes.shows(s, place)]
        )
        self._point(found[0] if found else None)

    def _symbols(self) -> tuple[Symbol, ...]:
        return self._row.formula.symbols if self._row.formula is not None else ()

    def _operand_at(self, position: QPointF) -> int | None:
        if self._canvas.past:
            return None
        for place in self._canvas.places:
            if isinstance(place.part, Block) and place.rect.contains(position):
                return place.part.operand
        return None

    def _point(self, symbol: Symbol | None) -> None:
        if symbol == self._symbol:
            return
        self._symbol = symbol
        self._row.light(symbol)
        self._canvas.light(None if symbol is None else symbol.operand)
        self._scenes.light(symbol)
        self.pointed.emit(symbol)


def _contains(span: Span, place: tuple[int, int]) -> bool:
    return (span.line, span.column) <= place < (span.end_line, span.end_column)
