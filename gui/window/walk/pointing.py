"""Points at a widget: a ring round it, and a veil over the panels that do not matter now."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDockWidget, QWidget
from shiboken6 import isValid

from gui.look.theme import Theme
from gui.window.notices.notice import Notice

_VEIL = 128  # of 255: how much of what is veiled is gone
_RING, _AWAY, _ROUND = 2.5, 3, 8  # pixels: its line, how far it is from the widget, its corners
_INSIDE = 1  # pixels: of a panel, whose frame has a margin; beside it is the next one


class Pointing(QWidget):
    """Lies over the whole window, and lets every click through.

    Args:
        theme: its colours.
        window: what it lies over.
        notice: is not veiled, and keeps away from what is pointed at.
    """

    def __init__(self, theme: Theme, window: QWidget, notice: Notice) -> None:
        super().__init__(window)
        self.theme, self._window, self._notice = theme, window, notice
        self._target: QWidget | None = None
        self._veiled: tuple[QWidget, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._place)
        window.installEventFilter(self)
        self.hide()

    @property
    def target(self) -> QWidget | None:
        """The widget that it points at; None also once that is destroyed, as its window is."""
        return self._target if isValid(self._target) else None

    @property
    def is_gone(self) -> bool:
        """Whether the window is being destroyed; its panels still say then that they are hidden."""
        return not isValid(self._window)

    def is_veiled(self, widget: QWidget) -> bool:
        """Whether a widget lies under the veil."""
        return widget in self._veiled

    def point_at(self, target: QWidget | None, veiled: Iterable[QWidget]) -> None:
        """Point at a widget, and veil others."""
        for widget in (self._target, *self._veiled):
            if widget is not None and isValid(widget):
                widget.removeEventFilter(self)
        self._target, self._veiled = target, tuple(veiled)
        for widget in (self._target, *self._veiled):
            if widget is not None:
                widget.installEventFilter(self)
        self.setVisible(target is not None or bool(self._veiled))
        self._place()

    def stop(self) -> None:
        """Point at nothing."""
        self.point_at(None, ())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what moves."""
        if event.type() in (
            QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide,
            QEvent.Type.LayoutRequest,
        ):  # fmt: skip
            self._later.start()
        return False

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme's colours."""
        self.theme = theme
        self.update()

    def ring(self) -> QRect | None:
        """Where the ring is, in the window; None if there is none in sight."""
        target = self.target
        if target is None or not target.isVisible():
            return None
        return ring_round(target, self._window)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil and the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self.ring()
        veil = QPainterPath()
        for widget in self._veiled:
            if widget.isVisible():
                veil.addRect(QRectF(_place_in(self._window, widget)))
        if ring is not None:
            hole = QPainterPath()
            hole.addRoundedRect(QRectF(ring), _ROUND, _ROUND)
            veil = veil.subtracted(hole)
        ground = QColor(self.theme.bg)
        ground.setAlpha(_VEIL)
        painter.fillPath(veil, ground)
        if ring is not None:
            paint_ring(painter, ring, self.theme)

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        self.raise_()
        self._notice.raise_()
        self._notice.place()
        self.update()


def ring_round(target: QWidget, window: QWidget) -> QRect:
    """Where the ring round a widget is, in the window."""
    away = -_INSIDE if isinstance(target, QDockWidget) else _AWAY
    return _place_in(window, target).adjusted(-away, -away, away, away)


def paint_ring(painter: QPainter, ring: QRect, theme: Theme) -> None:
    """Draw a ring in the accent."""
    painter.setPen(QPen(QColor(theme.accent), _RING))
    painter.drawRoundedRect(QRectF(ring), _ROUND, _ROUND)


def _place_in(window: QWidget, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())
