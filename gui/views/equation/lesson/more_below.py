"""The hint that a scrolled list goes on below its frame."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import draw_text, ui_face

_HEIGHT, _BESIDE, _RIGHT = 20, 10, 18


class MoreBelow(QWidget):
    """Says over the lower edge of a scroll area that there is more; gone at the end of the list."""

    def __init__(self, theme: Theme, scroll: QScrollArea) -> None:
        super().__init__(scroll)
        self._theme, self._scroll = theme, scroll
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bar = scroll.verticalScrollBar()
        bar.valueChanged.connect(self.follow)
        bar.rangeChanged.connect(self.follow)
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self.tr("more below ↓")

    def sizeHint(self) -> QSize:
        """As wide as its words."""
        return QSize(round(ui_face(12).width(self.text())) + 2 * px(_BESIDE), px(_HEIGHT))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    def follow(self) -> None:
        """Stand at the lower edge, if there is more."""
        bar, size = self._scroll.verticalScrollBar(), self.sizeHint()
        left = self._scroll.width() - size.width() - px(_RIGHT)
        self.setGeometry(left, self._scroll.height() - size.height(), size.width(), size.height())
        self.setVisible(bar.value() < bar.maximum())
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words on a ground of their own."""
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 1))
        painter.setBrush(QColor(theme.raised))
        half = self.height() / 2 - 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), half, half)
        middle = Qt.AlignmentFlag.AlignHCenter
        draw_text(painter, QRectF(self.rect()), self.text(), ui_face(12), theme.text, middle)
