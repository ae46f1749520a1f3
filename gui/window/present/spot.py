"""A large ring round the mouse, for an audience; a held Shift dims the rest of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QCursor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWindow,
)
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme

_ACROSS, _LIT = 60, 150  # pixels: the ring's diameter, and that of what stays bright
_RING, _EDGE = 4.0, 2.0  # pixels: the ring, and its edges, which part it from what has its colour
_MARGIN = 6
_TINT, _VEIL = 46, 150  # of 255: how much the ring's ground and the dimmed rest are covered
_HELD_MS = 200  # Shift is also a part of other keys


class Spot(QWidget):
    """Follows the mouse over the window, and lets every click through.

    It is no larger than its ring, so that a move repaints two small places; while the rest is
    dimmed it lies over the whole window.

    Args:
        theme: its colours.
        window: what it lies over.
    """

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.theme, self._window = theme, window
        self._native: QWindow | None = None  # tells of all moves of the mouse, and of Shift
        self._at = QPoint()  # the mouse, in the window
        self.dims = False
        self.setObjectName("spot")
        self.setAccessibleName(self.tr("Pointer"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._held = QTimer(self, interval=_HELD_MS, singleShot=True)
        self._held.timeout.connect(self._dim)
        self.hide()

    def begin(self) -> None:
        """Show it at the mouse."""
        self._native = self._window.windowHandle()
        if self._native is None:  # a window that was never shown
            return
        self._native.installEventFilter(self)
        self._at = self._window.mapFromGlobal(QCursor.pos())
        self._place()
        self.show()

    def end(self) -> None:
        """Hide it."""
        if self._native is not None:
            self._native.removeEventFilter(self)
            self._native = None
        self._bright()
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme's colours."""
        self.theme = theme
        self.update()

    def ring(self) -> QRect:
        """Where the ring is, in the window."""
        return _square(self._at, _ACROSS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the mouse; dim while Shift is held."""
        kind = event.type()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._move(self._window.mapFromGlobal(event.globalPosition().toPoint()))
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() != Qt.Key.Key_Shift:
                self._held.stop()
            elif not (event.isAutoRepeat() or self.dims):
                self._held.start()
        elif (
            kind == QEvent.Type.KeyRelease
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Shift
            and not event.isAutoRepeat()
        ) or kind == QEvent.Type.FocusOut:
            self._bright()
        elif kind == QEvent.Type.Resize and self.dims:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring, and the veil over the rest."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-self.pos())
        if self.dims:
            hole, rest = QPainterPath(), QPainterPath()
            hole.addEllipse(QRectF(_square(self._at, _LIT)))
            rest.addRect(QRectF(event.rect()))
            veil = QColor(self.theme.bg)
            veil.setAlpha(_VEIL)
            painter.fillPath(rest.subtracted(hole), veil)
        accent, tint = QColor(self.theme.accent), QColor(self.theme.accent)
        tint.setAlpha(0 if self.dims else _TINT)
        middle, radius = QPointF(self._at), _ACROSS / 2
        painter.setBrush(tint)
        painter.setPen(QPen(QColor(self.theme.panel), _RING + 2 * _EDGE))
        painter.drawEllipse(middle, radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, _RING))
        painter.drawEllipse(middle, radius, radius)

    def _move(self, at: QPoint) -> None:
        if at == self._at:
            return
        before, self._at = self._at, at
        if self.dims:
            self.update(_square(before, _LIT + 2 * _MARGIN))
            self.update(_square(at, _LIT + 2 * _MARGIN))
        else:
            self._place()

    def _dim(self) -> None:
        self.dims = True
        self._place()

    def _bright(self) -> None:
        self._held.stop()
        if self.dims:
            self.dims = False
            self._place()

    def _place(self) -> None:
        around = _square(self._at, _ACROSS + 2 * _MARGIN)
        self.setGeometry(self._window.rect() if self.dims else around)
        self.raise_()
        self.update()


def _square(middle: QPoint, across: int) -> QRect:
    half = across // 2
    return QRect(middle.x() - half, middle.y() - half, across, across)
