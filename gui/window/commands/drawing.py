"""Drawing a digit: it becomes a minibatch of its own on a branch, pinned in all panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.data.hand_drawn import index_of_hand_drawn
from engine.data.prepare import preparation_of
from engine.debug.events import Position
from engine.debug.travel.edits import DrawSample
from engine.errors import CannotBeDrawn
from gui.dialogs.dialog import ErrorDialog
from gui.dialogs.drawing.dialog import DrawDialog
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.session.guessing import Guesser
from gui.session.worker_commands import LentNetwork

Array = np.ndarray[Any, Any]


class Drawing(QObject):
    """Opens the dialog with a copy of the network at the cursor, and makes the branch.

    Args:
        bridge: the way to the session.
        appearance: the theme of the dialog.
        pin: marks a sample in all panels.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        appearance: Appearance,
        pin: Callable[[int | None], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._appearance = bridge, appearance
        self._pin, self._window = pin, parent
        self._dialog: DrawDialog | None = None
        bridge.lent.connect(self._on_lent)
        bridge.opened.connect(self._on_opened)

    def open(self) -> None:
        """Ask for a copy of the network; with it the dialog opens."""
        self._bridge.lend(self)

    def _on_lent(self, lent: LentNetwork) -> None:
        if lent.asker is not self or self._dialog is not None:
            return
        try:
            preparation = preparation_of(lent.dataset)
        except CannotBeDrawn as error:
            ErrorDialog(error, self._appearance.theme, self._window).open()
            return
        dialog = self._dialog = DrawDialog(
            preparation, lent.dataset.classes, self._effect(lent.batch), self._appearance.theme,
            self._window,
        )  # fmt: skip
        guesser = Guesser(lent.network, lent.x.dtype, dialog)
        dialog.image_changed.connect(guesser.ask)
        guesser.guessed.connect(dialog.show_guess)
        dialog.drawn.connect(lambda image, label: self._step(lent.batch, image, label))
        dialog.finished.connect(guesser.close)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _effect(self, batch: int) -> str:
        snapshot = self._bridge.snapshot
        branches = () if snapshot is None else snapshot.branches
        current = next((branch.name for branch in branches if branch.current), "")
        words = self.tr(
            "It becomes a minibatch of one in place of batch {0}, on a new branch; the current "
            "branch, {1}, stays as it is. Later batches are as usual."
        )
        return words.format(batch, current)

    def _step(self, batch: int, image: Array, label: int) -> None:
        self._bridge.edit(DrawSample.of(image, label))
        self._bridge.goto(Position(batch, 0))
        self._pin(index_of_hand_drawn(batch))

    def _on_finished(self) -> None:
        self._dialog = None

    def _on_opened(self) -> None:
        """Close the dialog: another session has other images."""
        if self._dialog is not None:
            self._dialog.reject()
