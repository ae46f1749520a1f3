"""Picks a thing in the window that a station is to point at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.window.panels.dock import Dock
from gui.window.walk.pointing import paint_ring, ring_round
from gui.window.walk.targets import Targets


def name_in(targets: Targets, window: QWidget, widget: QWidget | None) -> str:
    """The name by which a target is found: a widget, or the nearest around it; "" without any."""
    ids = {dock: id for id, dock in targets.docks.items()}
    while widget is not None and widget is not window:
        if isinstance(widget, Dock) and widget in ids:
            return ids[widget]
        full = widget.objectName()
        for name in (full.removesuffix("_word").removesuffix("_button"), full):
            if name and not name.startswith("qt_") and targets.find(name) is widget:
                return name
        widget = widget.parentWidget()
    return ""


class Picker(QWidget):
    """Lies over the window while something is picked, and keeps the click from it.

    Args:
        theme: its colours.
        name_of: the name of a widget, or ""; nothing is picked then.
        target_of: the widget of a name.
        window: what it lies over.

    Signals:
        picked: a name.
        ended: something was picked, or Esc was pressed.
    """

    picked = Signal(str)
    ended = Signal()

    def __init__(
        self,
        theme: Theme,
        name_of: Callable[[QWidget | None], str],
        target_of: Callable[[str], QWidget | None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.theme, self._window = theme, window
        self._name_of, self._target_of = name_of, target_of
        self._name = ""
        self.setObjectName("picker")
        self.setAccessibleName(self.tr("Click what the station is to point at"))
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        window.installEventFilter(self)
        self.hide()

    def start(self) -> None:
        """Wait for a click."""
        self._name = ""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def stop(self) -> None:
        """Wait no more."""
        if not self.isHidden():
            self.hide()
            self.ended.emit()

    def _below(self, at: QPoint) -> str:
        """The name of what is below this widget at a point."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        found = self._window.childAt(at)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        return self._name_of(found)

    # Qt's events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw a ring round what a click would pick."""
        name = self._below(event.position().toPoint())
        if name != self._name:
            self._name = name
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the click from what is below."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick what is below; go on where nothing with a name is."""
        name = self._below(event.position().toPoint())
        if name:
            self.stop()
            self.picked.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On Escape pick nothing."""
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End if the person does something else, by a key."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window whatever its size."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self.setGeometry(self._window.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        target = self._target_of(self._name) if self._name else None
        if target is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ring(painter, ring_round(target, self._window), self.theme)
