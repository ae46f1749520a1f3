"""What a notice is not to lie over."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from gui.window.panels.dock import Dock
from gui.window.panels.group import PanelGroup
from gui.window.walk.pointing import Pointing
from gui.window.walk.targets import is_in_sight


class KeptClear:
    """The places of the window that are kept clear of notices.

    Args:
        window: coordinates are its own.
        strips: of walks; a strip says what to do.
        panels: have titles, the words about the stop, and its line of code.
        docks: the panels.

    Attributes:
        pointing: points at what a walk's station is about.
    """

    def __init__(
        self,
        window: QWidget,
        strips: Collection[QWidget],
        panels: PanelGroup,
        docks: Collection[Dock],
    ) -> None:
        self._window, self._strips, self._panels, self._docks = window, strips, panels, docks
        self.pointing: Pointing | None = None

    def wanted(self) -> list[list[QRect]]:
        """The rectangles, in lists that ask for less and less.

        In a walk the first asks for all that is not veiled, and the next for what is pointed at.
        """
        always = [self._place(one) for one in self._strips if one.isVisible()]
        always += self._panels.not_to_be_covered()
        pointing = self.pointing
        ring = pointing.ring() if pointing is not None else None
        if pointing is None or ring is None:
            return [always]
        lit = [one for one in self._docks if is_in_sight(one) and not pointing.is_veiled(one)]
        return [[*always, ring, *map(self._place, lit)], [*always, ring], always]

    def _place(self, widget: QWidget) -> QRect:
        return QRect(widget.mapTo(self._window, QPoint()), widget.size())
