"""A switch with its name beside it, bound to a checkable action."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px

_WIDTH, _HEIGHT, _GAP, _PAD = 26, 14, 7, 5


class Switch(QToolButton):
    """Shows whether its action is checked; a click toggles it.

    Args:
        name: the text beside the switch.
        theme: its colours.
        parent: the view.
    """

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._theme = name, theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setFont(ui_font(12))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """The name, the gap and the switch."""
        text = self.fontMetrics().horizontalAdvance(self._name)
        width = 2 * _PAD + text + px(_GAP) + px(_WIDTH)
        return QSize(width, max(self.fontMetrics().height(), px(_HEIGHT)) + 6)

    def minimumSizeHint(self) -> QSize:
        """All of it is always shown."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the name and the switch, and a ring while it has the keyboard."""
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bright = self.underMouse() or self.hasFocus() or on
        painter.setPen(QColor(theme.text if bright else theme.text2))
        painter.setFont(self.font())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(self.rect()).adjusted(_PAD, 0, 0, 0), align, self._name)
        width, height = px(_WIDTH), px(_HEIGHT)
        track = QRectF(
            self.width() - _PAD - width, (self.height() - height) / 2, width, height
        ).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.setPen(QPen(QColor(theme.accent if on else theme.strong), 1.5))
        painter.setBrush(QColor(theme.accent if on else theme.panel))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        radius = track.height() / 2 - 2.5
        middle = track.right() - track.height() / 2 if on else track.left() + track.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if on else theme.text2))
        painter.drawEllipse(QPointF(middle, track.center().y()), radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
