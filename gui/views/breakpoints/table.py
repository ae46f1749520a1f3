"""The table of breakpoints, two lines a row: place and last hit, condition and counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import (
    QEvent,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.events import Position
from gui.dialogs.breakpoint_kinds import place_words
from gui.dialogs.breakpoint_marks import paint_breakpoint
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.views.breakpoints.editor import BreakpointEditor
from gui.views.breakpoints.model import LAST, PLACE, BreakpointModel, Index

BOX = 13  # pixels of the checkbox
PAD, GAP = 6, 6
MOST_LAST = 0.5  # share of the width for the last hit


def _line() -> int:
    """The height of one of the two lines in pixels."""
    return ceil(code_face(12).metrics.height()) + px(4)


class _RowDelegate(QStyledItemDelegate):
    """Paints a row: checkbox, mark, place and last hit; below, condition, hit count and message."""

    def __init__(self, table: BreakpointTable) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines; the edited row is as high as its editor."""
        width = self._table.viewport().width()
        editor = self._table.editor
        if editor is not None and self._table.edited_row() == index.row():
            return QSize(width, editor.height_for(width))
        return QSize(width, 2 * _line() + 6)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Give the editor the whole row; the style would leave out checkbox and mark."""
        editor.setGeometry(option.rect)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw it."""
        table, row = self._table, index.row()
        if table.editor is not None and table.edited_row() == row:
            return
        model = table.breakpoints
        breakpoint, theme, rect = model.rows[row], model.theme, option.rect
        painter.save()
        self._draw_ground(painter, option, theme)
        _draw_box(painter, QRectF(checkbox_of(rect)), breakpoint.enabled, theme)
        gap, text, line = px(GAP), _text_left(rect), _line()
        middle = rect.top() + 3 + line / 2
        paint_breakpoint(painter, QPointF(text - gap - px(8), middle), breakpoint, theme)
        ink = theme.text if breakpoint.enabled else theme.text3
        last = table.link_of(row, rect)
        upper = QRectF(text, rect.top() + 3, rect.right() - px(PAD) - text, line)
        lower = upper.translated(0, line)
        (upper if last.top() < lower.top() else lower).setRight(last.left() - gap)
        middle_mode, place = Qt.TextElideMode.ElideMiddle, place_words(breakpoint.place)
        draw_text(painter, upper, place, code_face(12), ink, elide=middle_mode)
        self._draw_last(painter, row, last)
        self._draw_details(painter, lower, breakpoint, row)
        painter.restore()

    def _draw_ground(self, painter: QPainter, option: QStyleOptionViewItem, theme: Theme) -> None:
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if not (selected or state & QStyle.StateFlag.State_MouseOver):
            return
        keyed = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.raised))
        painter.setPen(
            QPen(QColor(theme.accent), 1.5) if keyed
            else QPen(QColor(theme.strong), 1) if selected
            else Qt.PenStyle.NoPen
        )  # fmt: skip
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 6, 6)

    def _draw_last(self, painter: QPainter, row: int, place: QRectF) -> None:
        model = self._table.breakpoints
        hit = model.hit(row)
        if hit is None:
            return
        colour = model.theme.error if hit.problem else model.theme.accent
        draw_text(painter, place, self._table.last_text(row), ui_face(12), colour)
        if self._table.pointed_link == row:
            y = place.center().y() + ui_face(12).metrics.ascent() / 2 + 2
            painter.setPen(QPen(QColor(colour), 1))
            painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))

    def _draw_details(
        self, painter: QPainter, place: QRectF, breakpoint: Breakpoint, row: int
    ) -> None:
        """Draw condition, hit count and message side by side; long ones are elided."""
        model = self._table.breakpoints
        theme, face, words = model.theme, code_face(12), ui_face(12)
        plain = theme.text2 if breakpoint.enabled else theme.text3
        parts = []
        for name, field in (
            (self.tr("if"), "condition"), (self.tr("hits"), "hits"), (self.tr("log"), "log"),
        ):  # fmt: skip
            warned = bool(model.warning(row, field))
            if text := getattr(breakpoint, field):
                head = f"⊗ {name}" if warned else name
                parts.append((head, text, theme.warning if warned else plain))
        if not parts:
            hint, short = self.tr("always; double-click to edit"), self.tr("always")
            fits = words.width(hint) <= place.width()
            draw_text(painter, place, hint if fits else short, words, theme.text3)
            return
        wanted = [words.width(head) + 6 + face.width(text) + 12 for head, text, _ in parts]
        left = place.left()
        for (head, text, ink), width in zip(
            parts, _shared_widths(wanted, place.width()), strict=True
        ):
            box = QRectF(left, place.top(), words.width(head) + 1, place.height())
            draw_text(painter, box, head, words, theme.text3)
            start = box.right() + 4
            room = QRectF(start, place.top(), left + width - 12 - start, place.height())
            draw_text(painter, room, text, face, ink, elide=Qt.TextElideMode.ElideMiddle)
            left += width


def _shared_widths(wanted: Sequence[float], room: float) -> list[float]:
    """Divide a width: small texts get what they need, the others equal shares."""
    given = [0.0] * len(wanted)
    waiting, left = sorted(range(len(wanted)), key=lambda n: wanted[n]), room + 12
    while waiting:
        share = left / len(waiting)
        first = waiting.pop(0)
        given[first] = min(wanted[first], share)
        left -= given[first]
    return given


def _text_left(rect: QRect) -> float:
    return rect.left() + px(PAD + BOX + GAP + 16) + px(GAP)


def checkbox_of(rect: QRect) -> QRect:
    """The rectangle of a row's checkbox."""
    side = px(BOX)
    return QRect(rect.left() + px(PAD), rect.top() + 3 + (_line() - side) // 2, side, side)


def _draw_box(painter: QPainter, box: QRectF, ticked: bool, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.text2), 1))
    painter.setBrush(QColor(theme.bg))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if ticked:
        painter.setPen(QPen(QColor(theme.text), 1.8))
        left, middle, unit = box.left(), box.center().y(), box.width() / BOX
        tick = ((3.0, 0.0), (5.5, 2.8), (10.0, -3.0))
        painter.drawPolyline([QPointF(left + x * unit, middle + y * unit) for x, y in tick])


class BreakpointTable(QListView):
    """The rows. A double click, Enter or F2 edits a row in place; a click on a last hit goes there.

    Signals:
        visit_asked: the `Position` of a breakpoint's last hit.
        remove_asked: the person wants to remove the current breakpoint.
    """

    visit_asked = Signal(object)
    remove_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor: BreakpointEditor | None = None
        self._edited = QPersistentModelIndex()
        self.breakpoints = BreakpointModel(theme, self)
        self.pointed_link = -1  # the row whose last hit is under the mouse
        self._pressed: tuple[int, str] | None = None
        self.setModel(self.breakpoints)
        self.setItemDelegate(_RowDelegate(self))
        self.setAccessibleName(self.tr("Breakpoints"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self._add_actions()

    def minimumSizeHint(self) -> QSize:
        """One row, so that the panel can be small."""
        return QSize(120, 2 * _line() + 6)

    def chosen(self) -> Breakpoint | None:
        """The selected breakpoint, or None."""
        row = self.currentIndex().row()
        rows = self.breakpoints.rows
        return rows[row] if 0 <= row < len(rows) else None

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.breakpoints.theme = theme
        if self.editor is not None:
            self.editor.set_theme(theme)
        self.viewport().update()

    # Geometry of a row

    def last_text(self, row: int) -> str:
        """The text of a row's last hit."""
        return str(self.breakpoints.data(self.breakpoints.index(row, LAST)))

    def link_of(self, row: int, rect: QRect) -> QRectF:
        """The rectangle of a row's last hit; empty, at the right end, if it has none.

        It is in the second line where that is free, and the first one has no room for both.
        """
        right = rect.right() - px(PAD)
        hit, one = self.breakpoints.hit(row), self.breakpoints.rows[row]
        width = 0.0 if hit is None else min(ui_face(12).width(self.last_text(row)) + 1,
                                            MOST_LAST * rect.width())  # fmt: skip
        used = code_face(12).width(place_words(one.place)) + px(GAP) + width
        free = not (one.condition or one.hits or one.log)
        below = _line() if hit and free and _text_left(rect) + used > right else 0
        return QRectF(right - width, rect.top() + 3 + below, width, _line())

    def _part_at(self, place: QPoint) -> tuple[int, str] | None:
        """The row at a point, and the part there: `box`, `last`, or "" for the rest."""
        index = self.indexAt(place)
        if not index.isValid():
            return None
        row, rect = index.row(), self.visualRect(index)
        if checkbox_of(rect).adjusted(-4, -4, 4, 4).contains(place):
            return row, "box"
        return row, "last" if self.link_of(row, rect).contains(QPointF(place)) else ""

    # Commands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note the part; it acts when the button is released."""
        super().mousePressEvent(event)
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed = self._part_at(event.position().toPoint()) if left else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Toggle the checkbox, or go to the last hit."""
        super().mouseReleaseEvent(event)
        part, self._pressed = self._pressed, None
        if part is None or part != self._part_at(event.position().toPoint()):
            return
        if part[1] == "box":
            self._tick(part[0])
        elif part[1] == "last":
            self._visit(part[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the row; on a checkbox, a double click toggles twice."""
        part = self._part_at(event.position().toPoint())
        if part is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        if part[1] == "box":
            self._pressed = part
        else:
            self.edit_row(part[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Underline the last hit under the mouse."""
        super().mouseMoveEvent(event)
        part = self._part_at(event.position().toPoint())
        link = part[0] if part is not None and part[1] == "last" else -1
        self._point_at_link(link)

    def leaveEvent(self, event: QEvent) -> None:
        """Remove the underline."""
        super().leaveEvent(event)
        self._point_at_link(-1)

    def _point_at_link(self, row: int) -> None:
        if row != self.pointed_link:
            self.pointed_link = row
            hand = Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(hand if row >= 0 else Qt.CursorShape.ArrowCursor)
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and F2 edit the current row; Space toggles its checkbox."""
        key, row = event.key(), self.currentIndex().row()
        if row >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit_row(row)
        elif row >= 0 and key == Qt.Key.Key_Space:
            self._tick(row)
        else:
            super().keyPressEvent(event)

    def _tick(self, row: int) -> None:
        model = self.breakpoints
        on = Qt.CheckState.Unchecked if model.rows[row].enabled else Qt.CheckState.Checked
        model.setData(model.index(row, PLACE), on, Qt.ItemDataRole.CheckStateRole)

    def _visit(self, row: int) -> None:
        hit = self.breakpoints.hit(row) if row >= 0 else None
        if hit is not None:
            self.visit_asked.emit(Position(*hit.position))

    def _add_actions(self) -> None:
        for text, keys, command in (
            (self.tr("Edit"), "F2", lambda: self.edit_row(self.currentIndex().row())),
            (self.tr("Enable or disable"), "", lambda: self._tick(self.currentIndex().row())),
            (self.tr("Go to the last hit"), "", lambda: self._visit(self.currentIndex().row())),
            (self.tr("Remove"), "Del", self.remove_asked.emit),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, command=command: command())
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    # Editing

    def edited_row(self) -> int:
        """The row that is being edited, or −1."""
        return self._edited.row() if self._edited.isValid() else -1

    def edit_row(self, row: int) -> None:
        """Open the editor of a row's condition, hit count and message."""
        if row < 0 or (self.editor is not None and self.edited_row() == row):
            return
        if self.editor is not None and not self.editor.commit():
            return  # another row's editor has an invalid text, which must not be lost
        index = self.breakpoints.index(row, PLACE)
        self.setCurrentIndex(index)
        editor = BreakpointEditor(self.breakpoints.rows[row], self.breakpoints.theme)
        editor.committed.connect(self._on_committed)
        editor.left.connect(self._end_editing)
        editor.resized.connect(self._fit_editor)
        self.editor, self._edited = editor, QPersistentModelIndex(index)
        self.setIndexWidget(index, editor)
        self._fit_editor()
        editor.begin()

    def _fit_editor(self) -> None:
        """Make the row as high as its editor, and scroll to it."""
        if self._edited.isValid():
            index = self.breakpoints.index(self._edited.row(), PLACE)
            self.doItemsLayout()
            self.scrollTo(index)

    def _on_committed(self, id: int, fields: object) -> None:
        if fields:
            self.breakpoints.edited.emit(id, fields)

    def _end_editing(self, keep_focus: bool) -> None:
        if self._edited.isValid():
            index = self.breakpoints.index(self._edited.row(), PLACE)
            self.setIndexWidget(index, None)  # type: ignore[arg-type]  # the stub leaves None out
        self.editor, self._edited = None, QPersistentModelIndex()
        self.doItemsLayout()
        if keep_focus:
            self.setFocus()

    def reset(self) -> None:
        """Forget the editor, because all rows are new."""
        self.editor, self._edited = None, QPersistentModelIndex()
        super().reset()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Forget the editor of a row that is removed."""
        if start <= self.edited_row() <= end:
            self.editor, self._edited = None, QPersistentModelIndex()
        super().rowsAboutToBeRemoved(parent, start, end)
