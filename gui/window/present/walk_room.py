"""The height for the equation while a walk speaks in front of an audience."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from PySide6.QtCore import Qt
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
        self._lent = 0.0  # as a part of both panels' height
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
        both = self._source.height() + self._equation.height()
        if both and self._source.isVisible() and self._equation.isVisible():
            self._lent = _SHARE * self._words() / both
            self._move(self._lent * both)

    def _take_back(self) -> None:
        lent, self._lent = self._lent, 0.0
        if lent:
            self._move(-lent * (self._source.height() + self._equation.height()))

    def _move(self, height: float) -> None:
        heights = [self._source.height() - round(height), self._equation.height() + round(height)]
        self._window.resizeDocks([self._source, self._equation], heights, Qt.Orientation.Vertical)
