"""The variables in scope at the cursor, each with its shape, health pill and range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QMouseEvent,
    QPainter,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from engine.debug.health.arrays import Health, health_of
from engine.debug.snapshots.snapshot import Group, Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.text import chip_width, code_face, draw_chip, draw_text, ui_face
from gui.paint.values import (
    array_text,
    bad_count_text,
    bad_text,
    brief,
    is_scalar,
    number_text,
    range_text,
    type_text,
)
from gui.views.variables.health_pill import paint_pill
from gui.views.variables.model import Node, NodeRole, VariableModel
from gui.widgets.chosen_cell import ChosenCell, place_in
from gui.widgets.row_view import AnyIndex, RowView, draw_ground, draw_lit
from gui.widgets.view import Table, View

STALE = 0.45
INDENT = 12
ROOMY_FROM = 320  # pixels of the panel's height
USUAL_SHAPE = "100 × 784"  # even the narrowest row has room for this shape
GAP = 8  # pixels between a name and the text beside it


@dataclass(frozen=True, slots=True)
class Columns:
    """The left edge and width of each part of a row."""

    name: tuple[float, float]
    shape: tuple[float, float]
    dtype: tuple[float, float]
    pill: tuple[float, float]
    range: tuple[float, float]


def columns(width: float) -> Columns:
    """The columns of a row: the name gets the width that the other parts leave."""
    # Font sizes are whole pixels, so a shape may be a little wider than the scale says.
    shape = 3 + max(60.0, code_face(11).width(USUAL_SHAPE) / SCALE.factor)
    parts = _columns(width / SCALE.factor, shape)
    return Columns(*((left * SCALE.factor, wide * SCALE.factor) for left, wide in astuple(parts)))


def _columns(width: float, least_shape: float) -> Columns:
    """The columns of a row at a scale of 1."""
    wide = width >= 400
    pill = 56.0 if wide else 40.0 if width >= 292 else 36.0 if width >= 270 else 24.0
    range_width = 170.0 if width >= 520 else 112.0 if wide else 93.0 if width >= 292 else 84.0
    dtype = 58.0 if width >= 440 else 0.0  # if names still have room
    shape = 76.0 if wide else least_shape
    range_left = width - 4 - range_width
    pill_left = range_left - 8 - pill
    dtype_left = pill_left - 4 - dtype
    shape_left = (dtype_left if dtype else pill_left - 4) - shape
    return Columns(
        (6.0, shape_left - 3 - 6),
        (shape_left, shape),
        (dtype_left, dtype),
        (pill_left, pill),
        (range_left, range_width),
    )


class VariableDelegate(QStyledItemDelegate):
    """Paints the rows."""

    def __init__(self, theme: Theme, view: RowView) -> None:
        super().__init__(view)
        self.theme = theme
        self.phase_colour = theme.forward
        self.row_height = 22
        self.pinned = ""
        self.lit: str | None = None  # the name of a variable, "" for the value at the cursor
        self.chosen: ChosenCell | None = None
        self.snapshot: Snapshot | None = None
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Rows are higher if there is room."""
        node: Node = index.data(NodeRole)
        return QSize(0, px(self.row_height) - (1 if node.is_group else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a group's title or a variable."""
        node: Node = index.data(NodeRole)
        painter.save()
        rect = QRectF(option.rect)
        if node.is_group:
            face = ui_face(12, QFont.Weight.DemiBold)
            draw_text(painter, rect.adjusted(6, 1, 0, 0), node.label, face, self.theme.text2)
        else:
            colour = self.phase_colour if node.at_cursor else ""
            pinned = bool(self.pinned) and node.name == self.pinned
            draw_ground(painter, option, self.theme, colour, pinned)
            if self.lit is not None and self.lit == ("" if node.at_cursor else node.name):
                draw_lit(painter, rect, self.theme)
            if node.stale_batch is not None:
                painter.setOpacity(STALE)
            self._paint_row(painter, rect, node, self._view.isExpanded(index))
        painter.restore()

    def _paint_row(self, painter: QPainter, rect: QRectF, node: Node, expanded: bool) -> None:
        places = columns(rect.width())
        value, right = node.value, rect.right() - 6
        name, rest = _part(rect, places.name), QRectF(_part(rect, places.shape))
        rest.setRight(right)
        small = code_face(11)
        if node.words:
            taken = self._name_width(node) + px(GAP)
            words = right - small.width(node.words)  # their largest left edge
            rest.setLeft(max(rest.left(), min(name.left() + taken, words)))
            name.setRight(rest.left() - px(GAP) / 2)
        self._paint_name(painter, name, node, expanded)
        if node.words:
            draw_text(painter, rest, node.words, small, self.theme.text2)
        elif isinstance(value, np.ndarray) and value.ndim:
            self._paint_array(painter, rect, places, node)
        elif is_scalar(value):
            health = health_of(np.asarray(value))
            ink = self.theme.nan if health is not None and health.bad else self.theme.text
            tail = _part(rect, places.range)
            rest.setRight(tail.left() - 4)
            draw_text(painter, rest, brief(value), small, ink)
            draw_text(
                painter, tail, self._range_text(node, type_text(value)), small, self.theme.text3
            )
        else:
            stale = self._range_text(node, "")
            text = f"{brief(value)}  {stale}" if stale else brief(value)
            draw_text(painter, rest, text, small, self.theme.text2)

    def _range_text(self, node: Node, default: str) -> str:
        """The text in place of the range."""
        if node.stale_batch is None:
            return default
        return self.tr("batch {0}").format(node.stale_batch)

    def _name_width(self, node: Node) -> float:
        """The width of a name with its indentation in pixels."""
        before = px(INDENT) * (node.depth - 1 + bool(node.children))
        return before + code_face(12).width(node.label)

    def _paint_name(self, painter: QPainter, place: QRectF, node: Node, expanded: bool) -> None:
        theme, face = self.theme, code_face(12)
        place = place.adjusted((node.depth - 1) * px(INDENT), 0, 0, 0)
        if node.children:
            _paint_triangle(painter, place.left() + 3, place.center().y(), expanded, theme.text2)
            place = place.adjusted(px(INDENT), 0, 0, 0)
        if node.changed:
            chip = self.tr("set")
            room = place.width() - chip_width(chip) - 6
            width = min(face.width(node.label), max(room, 24.0))
            left = place.left() + width + 6
            draw_chip(painter, left, place.center().y(), chip, self.phase_colour, theme.panel)
            place.setWidth(width)
        draw_text(painter, place, node.label, face, theme.text)

    def cell_text(self, node: Node) -> str:
        """The chosen cell of a variable and its value, `[300, 7] −0.031`; or ""."""
        if self.snapshot is None or not isinstance(node.value, np.ndarray):
            return ""
        found = place_in(self.chosen, self.snapshot, node.name, node.value, node.at_cursor)
        return "" if found is None else f"{list(found)} {number_text(node.value[found], 3)}"

    def _paint_array(self, painter: QPainter, rect: QRectF, places: Columns, node: Node) -> None:
        theme, small, array = self.theme, code_face(11), node.value
        shape = _part(rect, places.shape)
        draw_text(painter, shape, array_text(array.shape), small, theme.text2)
        if places.dtype[1]:
            draw_text(painter, _part(rect, places.dtype), str(array.dtype), small, theme.text3)
        health = health_of(array)
        tail = _part(rect, places.range)
        if health is None:
            draw_text(painter, tail, str(array.dtype), small, theme.text3)
            return
        cell = self.cell_text(node)
        if cell:
            box = _part(rect, places.pill)
            box.setRight(tail.right())
            draw_chip_line(painter, box, cell, theme)
            return
        pill = _part(rect, places.pill)
        bar = QRectF(pill.left(), rect.center().y() - px(4), pill.width(), px(8))
        paint_pill(painter, bar, health, theme)
        ink = theme.nan if health.bad else theme.text2
        texts = (
            [self._range_text(node, "")] if node.stale_batch is not None else range_texts(health)
        )
        text = next((t for t in texts if small.width(t) <= tail.width()), texts[-1])
        draw_text(painter, tail, text, small, ink)


def draw_chip_line(painter: QPainter, box: QRectF, text: str, theme: Theme) -> None:
    """Draw a text in a frame of the accent colour, as wide as the text."""
    face = code_face(11)
    frame = QRectF(
        box.left() - 2,
        box.center().y() - px(8),
        min(face.width(text) + px(10), box.width()),
        px(16),
    )
    painter.setPen(QColor(theme.accent))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, 4, 4)
    draw_text(painter, frame.adjusted(px(5), 0, -px(3), 0), text, face, theme.text)


def range_texts(health: Health) -> list[str]:
    """The texts beside the pill, from the fullest to the shortest."""
    if health.bad and health.first_bad is not None:
        counts = bad_count_text(health)
        return [bad_text(health), f"{counts} {list(health.first_bad)}", counts]
    texts = [range_text(health)]
    if health.minimum is not None and health.maximum is not None:
        texts.append(f"± {number_text(max(abs(health.minimum), abs(health.maximum)))}")
    return texts


def _part(rect: QRectF, place: tuple[float, float]) -> QRectF:
    return QRectF(rect.left() + place[0], rect.top(), place[1], rect.height())


def _paint_triangle(painter: QPainter, x: float, y: float, down: bool, colour: str) -> None:
    corners = ((x - 3, y - 2), (x + 5, y - 2), (x + 1, y + 3)) if down else (
        (x - 1, y - 4), (x - 1, y + 4), (x + 4, y)
    )  # fmt: skip
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


class VariablesView(View):
    """Lists the variables.

    Signals:
        variable_chosen: the variable's full name; "" for the value at the cursor.
        variable_pointed: the full name of the variable under the mouse; "" for the value at the
            cursor, None when the mouse has left.
        menu_asked: a variable's full name, and a point of the screen.
    """

    view_id = "variables"
    variable_chosen = Signal(str)
    variable_pointed = Signal(object)
    menu_asked = Signal(str, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._selected = ""
        self._pointed: str | None = None
        self._model = VariableModel(self)
        self._rows = RowView(self)
        self._rows.setAccessibleName(self.tr("Variables in scope"))
        self._rows.setModel(self._model)
        self._delegate = VariableDelegate(theme, self._rows)
        self._rows.setItemDelegate(self._delegate)
        self._rows.chosen.connect(self._on_chosen)
        self._rows.viewport().installEventFilter(self)
        self._rows.selectionModel().currentChanged.connect(self._on_current_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 6)
        layout.addWidget(self._rows)
        self.setFocusProxy(self._rows)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Variables")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The variables in scope at the cursor, with the shares of negative, zero and positive "
            "numbers and their range. Dim rows are from the previous batch; look for arrays that "
            "are all zero, one-sided, or hold NaN."
        )

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._delegate.theme = theme
        self._rows.viewport().update()

    def show_pinned(self, name: str | None) -> None:
        """Outline the variable that another panel is pinned to; None or "" for no variable."""
        self._delegate.pinned = name or ""
        self._rows.viewport().update()

    def light(self, name: str | None) -> None:
        """Frame the row of a variable; "" is the value at the cursor, None no row."""
        if name != self._delegate.lit:
            self._delegate.lit = name
            self._rows.viewport().update()

    @property
    def has_value(self) -> bool:
        """Whether there is a value at the cursor."""
        shown = self._snapshot.variables if self._snapshot is not None else ()
        return any(variable.group is Group.CURSOR for variable in shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell which variable the mouse is over."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            self._point(self._rows.indexAt(event.position().toPoint()))
        elif event.type() is QEvent.Type.Leave:
            self._point(QModelIndex())
        return super().eventFilter(watched, event)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the variables of a snapshot; selection and expansion stay on their names."""
        self._snapshot = self._delegate.snapshot = snapshot
        if self.chosen_cell != self._delegate.chosen:
            self._delegate.chosen = self.chosen_cell
            self._rows.viewport().update()
        colour = self.theme.phase(snapshot.event.phase)
        if colour != self._delegate.phase_colour:
            self._delegate.phase_colour = colour
            self._rows.viewport().update()
        expanded = self._expanded()
        selected = self._selected
        scrolled = self._rows.verticalScrollBar().value()
        if self._model.show_snapshot(snapshot):
            for group in self._model.groups():
                self._rows.expand(group)
            for key in expanded:
                self._rows.expand(self._model.index_of(key))
            self._selected = selected
            index = self._model.index_of(selected) if selected else QModelIndex()
            if index.isValid():
                self._rows.setCurrentIndex(index)
            self._rows.verticalScrollBar().setValue(scrolled)

    def current(self) -> str:
        """The full name of the selected variable, or ""."""
        return self._name_at(self._rows.currentIndex())

    def has_keyboard(self) -> bool:
        """Whether the rows have the keyboard focus."""
        return self._rows.hasFocus()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu for the row under the mouse, or for the selected row."""
        place, index = event.globalPos(), self._rows.currentIndex()
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            index = self._rows.indexAt(self._rows.viewport().mapFromGlobal(place))
        else:
            corner = self._rows.visualRect(index).bottomLeft()
            place = self._rows.viewport().mapToGlobal(corner)
        if name := self._name_at(index):
            self.menu_asked.emit(name, place)
        else:
            event.ignore()

    def _name_at(self, index: QModelIndex) -> str:
        """The variable's name in a row; "" for the value at the cursor."""
        if not index.isValid():
            return ""
        node = self._model.node(index)
        return "" if node.at_cursor else node.name

    def tables(self) -> Sequence[Table]:
        """The arrays and numbers in scope, by name."""
        if self._snapshot is None:
            return ()
        found = []
        for variable in self._snapshot.variables:
            value = variable.value
            if isinstance(value, np.ndarray) and value.size and value.ndim <= 2:
                found.append(Table(variable.name, value))
            elif is_scalar(value):
                found.append(Table(variable.name, np.atleast_1d(np.asarray(value))))
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are higher in a high panel."""
        super().resizeEvent(event)
        height = 26 if self.height() >= px(ROOMY_FROM) else 22
        if height != self._delegate.row_height:
            self._delegate.row_height = height
            self._rows.scheduleDelayedItemsLayout()

    def _expanded(self) -> list[str]:
        """The keys of expanded containers, remembered even while not in scope."""
        model, found = self._model, []
        pending = model.groups()
        while pending:
            parent = pending.pop(0)
            for row in range(model.rowCount(parent)):
                index = model.index(row, 0, parent)
                if self._rows.isExpanded(index):
                    found.append(model.node(index).key)
                    pending.append(index)
        return found

    def _on_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._selected = self._model.node(current).key

    def _point(self, index: QModelIndex) -> None:
        node = self._model.node(index) if index.isValid() else None
        name = None if node is None or not node.name else "" if node.at_cursor else node.name
        if name != self._pointed:
            self._pointed = name
            self.variable_pointed.emit(name)

    def _on_chosen(self, index: QModelIndex) -> None:
        node = self._model.node(index)
        if node.children:
            self._rows.setExpanded(index, not self._rows.isExpanded(index))
        if node.name:
            self.variable_chosen.emit("" if node.at_cursor else node.name)
