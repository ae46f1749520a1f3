"""The formula of a stop, typeset: the running part boxed, the shapes under the symbols."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.backdrop import Backdrop
from gui.paint.formula_text import formula_text
from gui.paint.text import code_face, draw_text
from gui.paint.typeset import Box, Sheet, Typeset
from gui.paint.typesetter import Typesetter
from gui.views.equation.lesson.formula_paint import label_of, paint_formula, paint_frame
from gui.views.equation.lesson.formula_sheet import sheet_of
from gui.words.formula.formula import Formula, Symbol
from gui.words.formula.notation import Notation, in_notation

HEIGHT = 60  # pixels at a type scale of 1, as all lengths here
LEAST_WIDTH = 120
ANY_WIDTH = 100_000.0
REACH = 4  # a symbol is pointed at from this far beside it
BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class FormulaRow(QWidget):
    """Shows a formula. It is blank until the formula is typeset, which is done aside.

    A formula that cannot be typeset is replaced by the source.

    Signals:
        symbol_pointed: the `Symbol` that mouse or keys point at, or None.
        event_chosen: the event that made the array of a clicked symbol; also by Enter or Return.
        widened: its full width is another.
    """

    widened = Signal()
    symbol_pointed = Signal(object)
    event_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.typesetter = Typesetter(self)
        self.typesetter.ready.connect(self._on_ready)
        self._notation = Notation.SOURCE
        self._given: Formula | None = None  # in the source's names
        self._formula: Formula | None = None
        self._snapshot: Snapshot | None = None
        self._text = ""
        self._shown: Typeset | None = None
        self._failed = False
        self._width = 0  # as it would like to be
        self._narrow = 0.0  # the width of the last formula that had less room
        self._pointed: Symbol | None = None
        self._lit: Symbol | None = None
        self._kept = Backdrop()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Formula"))

    # Contents

    @property
    def formula(self) -> Formula | None:
        """The formula of the stop."""
        return self._formula

    @property
    def typeset(self) -> Typeset | None:
        """The typeset formula, if it is ready."""
        return self._shown

    @property
    def failed(self) -> bool:
        """Whether the formula could not be typeset, so that the source is shown."""
        return self._failed

    @property
    def waits(self) -> bool:
        """Whether the formula of the stop is seen as soon as it is typeset."""
        shown = self._shown is not None or self._failed
        return self.isVisible() and self._formula is not None and not shown

    @property
    def pointed(self) -> Symbol | None:
        """The symbol that is pointed at here."""
        return self._pointed

    @property
    def lit(self) -> Symbol | None:
        """The symbol that is pointed at here or elsewhere."""
        return self._pointed or self._lit

    def show_formula(self, formula: Formula | None, snapshot: Snapshot | None, phase: str) -> None:
        """Show a formula, or none. `phase`: the colour of the pass."""
        self._phase = phase
        self._snapshot = snapshot
        self._given = formula
        self._apply_notation()

    def set_notation(self, notation: Notation) -> None:
        """Call the symbols by the names of a notation from now on."""
        self._notation = notation
        self._apply_notation()

    def _apply_notation(self) -> None:
        formula = None if self._given is None else self._named(self._given)
        if formula != self._formula:
            self._formula = formula
            self._text = formula_text(formula.mathml) if formula is not None else ""
            self._lit = self._pointed = None
            self.symbol_pointed.emit(None)
            has_symbols = formula is not None and bool(formula.symbols)
            policy = Qt.FocusPolicy.StrongFocus if has_symbols else Qt.FocusPolicy.NoFocus
            self.setFocusPolicy(policy)
            self._describe()
        self._look()

    def _named(self, formula: Formula) -> Formula:
        """A formula in the names of the notation."""
        if self._snapshot is None:
            return formula
        layers = tuple(layer.name for layer in self._snapshot.layers)
        return in_notation(formula, self._notation, layers)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        if self._snapshot is not None:
            self._phase = theme.phase(self._snapshot.event.phase)
        self._look()

    def light(self, symbol: Symbol | None) -> None:
        """Light a symbol that is pointed at elsewhere."""
        if symbol != self._lit:
            self._lit = symbol
            self.update()

    def box_of(self, symbol: Symbol) -> QRectF | None:
        """The place of a symbol in the widget, if it is shown."""
        box = self._shown.boxes.get(symbol.id) if self._shown is not None else None
        return self._rect(box) if box is not None else None

    def label_box_of(self, symbol: Symbol) -> QRectF | None:
        """The place of a symbol's label, if it has room."""
        box = self._shown.labels.get(symbol.id) if self._shown is not None else None
        return self._rect(box) if box is not None else None

    def running_box(self) -> QRectF | None:
        """The box around the part that has been computed."""
        box = self._shown.frame if self._shown is not None else None
        return self._rect(box) if box is not None else None

    _phase = ""
    _height = HEIGHT

    def set_height(self, height: int) -> None:
        """Typeset for another height of the row, in pixels at a type scale of 1."""
        if height != self._height:
            self._height = height
            self._look()

    # Typesetting

    def prepare(self, formula: Formula) -> None:
        """Typeset a formula that may be shown soon, while there is nothing else to do."""
        if self.isVisible():
            self._prepare(self._sheet(self._named(formula), ANY_WIDTH))

    def _prepare(self, sheet: Sheet) -> None:
        """Typeset it whole, and then as narrow as the last one that had too little room."""
        found = self.typesetter.prepare(sheet)
        if found is not None and self._narrow and found.width > self._narrow:
            self.typesetter.prepare(replace(sheet, width=self._narrow))

    def _sheet(self, formula: Formula, width: float) -> Sheet:
        return sheet_of(formula, width, self._height, self.theme)

    def _look(self, same: bool = False) -> None:
        """Take the formula from those that are typeset, or ask for it.

        `same`: what is shown is of this formula, and may stay as long as it fits.
        """
        before = self._shown if same else None
        self._shown, self._failed = None, False
        self._kept.forget()
        self.update()
        if self._formula is None:
            self._set_width(0)
            return
        if not self.isVisible():
            return  # asked for when it is seen
        done, found = self.typesetter.find(self._sheet(self._formula, ANY_WIDTH))
        if not done:
            return
        if found is None:
            self._failed = True
            self._set_width(int(code_face(14).width(self._source())) + 4)
            return
        self._set_width(int(found.width) + 2)
        if found.width > self.width():
            self._narrow = float(self.width())
            sheet = self._sheet(self._formula, self._narrow)
            done, narrow = self.typesetter.find(sheet, at_once=True)
            fits = before is not None and before.width <= self.width()
            found = narrow if done else before if fits else None
        self._shown = found

    def _on_ready(self, sheet: Sheet) -> None:
        if self._formula is not None and sheet.mathml == self._formula.mathml:
            self._look()
        elif sheet.width == ANY_WIDTH:
            self._prepare(sheet)

    def _set_width(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self.updateGeometry()
            self.widened.emit()
            around = self.parentWidget()
            layout = around.layout() if around is not None else None
            if layout is not None:
                layout.activate()  # else it would be typeset for the width of the stop before

    def _source(self) -> str:
        operation = self._snapshot.operation if self._snapshot is not None else None
        lines = operation.source.splitlines() if operation is not None else []
        return lines[0] if lines else self._text

    def sizeHint(self) -> QSize:
        """The width of the formula in its full size."""
        return QSize(self._width, px(self._height))

    def minimumSizeHint(self) -> QSize:
        """A formula can get smaller."""
        return QSize(min(self._width, px(LEAST_WIDTH)), 0)

    # Painting

    def _offset(self) -> float:
        """Where the formula begins: it is in the middle of the height."""
        return (self.height() - self._shown.height) / 2 if self._shown is not None else 0.0

    def _rect(self, box: Box) -> QRectF:
        return QRectF(box.left, box.top + self._offset(), box.width, box.height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the formula from its kept picture, and the frame of the lit symbol."""
        painter = QPainter(self)
        if self._failed:
            draw_text(painter, QRectF(self.rect()), self._source(), code_face(14), self.theme.text)
            return
        if self._shown is None:
            return
        self._kept.draw(painter, self.size(), self._paint_formula)
        if self.lit is not None and (box := self.box_of(self.lit)) is not None:
            paint_frame(painter, box.adjusted(-3, -3, 3, 3), self.theme)

    def _paint_formula(self, painter: QPainter) -> None:
        if self._shown is None or self._formula is None:
            return
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        painter.translate(0, self._offset())
        symbols = self._formula.symbols
        paint_formula(painter, self._shown, symbols, self._phase, self.theme)

    # Input; the names are Qt's

    def symbol_at(self, position: QPointF) -> Symbol | None:
        """The symbol at a point, itself or its label; of several, the smallest."""
        found: list[tuple[float, int, Symbol]] = []
        for number, symbol in enumerate(self._formula.symbols if self._formula else ()):
            for box in (self.box_of(symbol), self.label_box_of(symbol)):
                if box is not None and box.adjusted(-REACH, -REACH, REACH, REACH).contains(
                    position
                ):
                    found.append((box.width() * box.height(), number, symbol))
        return min(found)[2] if found else None

    def _point(self, symbol: Symbol | None) -> None:
        if symbol == self._pointed:
            return
        self._pointed = symbol
        leads = symbol is not None and self.event_of(symbol) is not None
        shapes = Qt.CursorShape
        self.setCursor(shapes.PointingHandCursor if leads else shapes.ArrowCursor)
        self._describe()
        self.update()
        self.symbol_pointed.emit(symbol)

    def event_of(self, symbol: Symbol) -> int | None:
        """The event at which the array of a symbol was made, where a click leads to."""
        operation = self._snapshot.operation if self._snapshot is not None else None
        number = symbol.operand
        if operation is None or number is None or not 0 <= number < len(operation.operands):
            return None
        return operation.operands[number].event

    def _choose(self, symbol: Symbol) -> None:
        event = self.event_of(symbol)
        if event is not None:
            self.event_chosen.emit(event)

    def _describe(self) -> None:
        """Tell a screen reader the formula, or the symbol pointed at."""
        symbol = self._pointed
        self.setAccessibleDescription(self._text if symbol is None else self.words_of(symbol))

    def words_of(self, symbol: Symbol) -> str:
        """`dout: 100 × 50` or `W (self.W): 784 × 50`."""
        source = f" ({symbol.source})" if symbol.source not in ("", symbol.text) else ""
        label = label_of(symbol)
        return f"{symbol.text}{source}: {label}" if label else f"{symbol.text}{source}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the symbol under the mouse."""
        self._point(self.symbol_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the symbol under the mouse."""
        symbol = self.symbol_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and symbol is not None:
            self._choose(symbol)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Point at another symbol, or choose it."""
        key = Qt.Key(event.key())
        symbols = [s for s in self._formula.symbols if self.box_of(s)] if self._formula else []
        at = symbols.index(self._pointed) if self._pointed in symbols else -1
        places = {
            Qt.Key.Key_Left: max(at - 1, 0),
            Qt.Key.Key_Right: min(at + 1, len(symbols) - 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(symbols) - 1,
        }
        if symbols and key in places:
            self._point(symbols[places[key]])
        elif self._pointed is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._pointed)
        elif self._pointed is not None and key is Qt.Key.Key_Escape:
            self._point(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The Tab key comes to the first symbol, or from behind to the last."""
        super().focusInEvent(event)
        if event.reason() in BY_KEY and self._formula is not None and self._formula.symbols:
            back = event.reason() is Qt.FocusReason.BacktabFocusReason
            self._point(self._formula.symbols[-1 if back else 0])

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing."""
        super().focusOutEvent(event)
        self._point(None)

    def event(self, event: QEvent) -> bool:
        """Name the symbol under the mouse; beside them, the whole formula if it is shortened."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            symbol = self.symbol_at(QPointF(event.pos()))
            whole = self._text if self._shown is not None and self._shown.elided else ""
            QToolTip.showText(event.globalPos(), self.words_of(symbol) if symbol else whole, self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Typeset for another width, if the formula was or gets too wide."""
        super().resizeEvent(event)
        self._look(same=True)

    def showEvent(self, event: QShowEvent) -> None:
        """Typeset what arrived while hidden."""
        super().showEvent(event)
        self._look()
