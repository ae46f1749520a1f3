"""The rows of the side panels: a tree view for mouse and keys, and the background of a row."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyle,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from gui.look.theme import Theme, mix

BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)
AnyIndex = QModelIndex | QPersistentModelIndex
RADIUS = 6.0  # of a row's background


# The delegate draws a row's ground, rounded; the style's would stand out at the corners.
_SHEET = """
QTreeView { background: transparent; }
QTreeView::item, QTreeView::item:hover, QTreeView::item:selected, QTreeView::branch {
    background: transparent; border: none;
}
"""


class RowView(QTreeView):
    """Rows without header and branches; a click, Enter or Return emits `chosen`.

    A row that is cut off is not drawn: without its lower part, `needs_dx` would read `needs dx`.
    """

    chosen = Signal(QModelIndex)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setExpandsOnDoubleClick(False)
        self.setStyleSheet(_SHEET)
        self.header().setStretchLastSection(True)
        self.header().setMinimumSectionSize(10)
        self.clicked.connect(self.chosen)
        self._keyed = False

    @property
    def shows_focus(self) -> bool:
        """Whether the keyboard is used here; a row that was only clicked gets no focus ring."""
        return self._keyed and self.hasFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The Tab key came here; or the mouse did."""
        self._keyed = event.reason() in BY_KEY
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The mouse is used from now on."""
        self._keyed = False
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Return choose the current row."""
        if not self._keyed:
            self._keyed = True
            self.viewport().update()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a row that fits."""
        if self._fits(option.rect):
            super().drawRow(painter, option, index)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The row at a point; none where it is not drawn."""
        index = super().indexAt(point)
        return index if self._fits(self.visualRect(index)) else QModelIndex()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Draw all rows again: a row that fits only now was not drawn before."""
        super().scrollContentsBy(dx, dy)
        self.viewport().update()

    def _fits(self, rect: QRect) -> bool:
        """Whether a row is whole in sight; one that never can be counts as whole."""
        height = self.viewport().height()
        return rect.height() > height or (rect.top() >= 0 and rect.bottom() < height)

    def minimumSizeHint(self) -> QSize:
        """Two rows: a panel may be made small."""
        return QSize(80, 44)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Emit `resized`, for those who divide the width into columns."""
        super().resizeEvent(event)
        self.resized.emit()


def draw_lit(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Frame a row whose array is pointed at in another panel."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 1.6))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)


def draw_ground(
    painter: QPainter,
    option: QStyleOptionViewItem,
    theme: Theme,
    phase_colour: str = "",
    pinned: bool = False,
) -> None:
    """Draw a row's rounded background: hovered, pinned, with the keyboard focus, or at the cursor.

    `phase_colour` is given where the cursor is. A row that was only clicked gets no box.
    """
    state, rows = option.state, option.widget
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    focused = bool(state & QStyle.StateFlag.State_Selected)
    focused = focused and bool(state & QStyle.StateFlag.State_HasFocus)
    if isinstance(rows, RowView):
        focused = focused and rows.shows_focus
    fill = border = None
    if phase_colour:
        fill, border = mix(phase_colour, theme.panel, 0.16), QColor(phase_colour)
    elif pinned:
        fill, border = QColor(theme.raised), QColor(theme.strong)
    elif hovered or focused:
        fill = QColor(theme.raised)
    if focused:
        border = QColor(theme.accent)
    if fill is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill)
    painter.setPen(QPen(border, 1.5) if border is not None else Qt.PenStyle.NoPen)
    # Pens straddle their line: half a pixel in keeps the border whole and sharp.
    painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
