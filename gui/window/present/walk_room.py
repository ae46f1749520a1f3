"""The height for the equation while a walk speaks in front of an audience."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QMainWindow

from gui.window.panels.dock import Dock

_SHARE = 0.75  # of the words' height; the rest is a line of code


class WalkRoom:
    """Lends the equation the height of the words above the source, which a walk replaces.

    Args:
        docks: the panels by their ids.
        words: the height of the words.
        window: has the panels.
    """

    def __init__(
        self, docks: Mapping[str, Dock], words: Callable[[], int], window: QMainWindow
    ) -> None:
        self._source, self._equation = docks["source"], docks["equation"]
        self._words, self._window = words, window
        self._before: float | None = None  # the equation's part of both heights, while it is lent
        self._speaks = False

    def follow(self, speaks: bool) -> None:
        """Lend the height while a walk speaks, and take it back after it."""
        if speaks != self._speaks:
            self._speaks = speaks
            self._take_back()
            if speaks:
                self._lend()

    @contextmanager
    def without(self, folded: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
        """Take the height back for good before the panels' sizes are saved.

        `folded` takes the strip of the walk away meanwhile.
        """
        with folded():
            self._take_back()
            yield

    def _lend(self) -> None:
        self._settle()
        source, equation = self._source.height(), self._equation.height()
        if source and equation and self._source.isVisible() and self._equation.isVisible():
            self._before = equation / (source + equation)
            self._give(equation + round(_SHARE * self._words()))

    def _take_back(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            self._settle()
            self._give(round(before * (self._source.height() + self._equation.height())))

    def _settle(self) -> None:
        """Let the strip of the walk have its height first, or take it away."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        panels = self._window.layout()
        assert panels is not None
        panels.activate()

    def _give(self, height: int) -> None:
        """Give the equation a height, and the source what is left of both."""
        both = self._source.height() + self._equation.height()
        docks, heights = [self._source, self._equation], [both - height, height]
        self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)
