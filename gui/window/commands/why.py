"""The derivation of the stop at the cursor: it is asked for, and its answers are shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from engine.debug.snapshots.snapshot import Snapshot
from gui.session.bridge import Bridge
from gui.session.why_answers import WhyAnswer, WhyRequest
from gui.views.equation.view import EquationView
from gui.widgets.view import is_same_stop


class WhyCommand(QObject):
    """Opens and closes the box of the derivation.

    Args:
        bridge: the way to the session.
        equation: has the button and the box.
        show_equation: opens the panel, and brings it to the front.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        equation: EquationView,
        show_equation: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._equation, self._show_equation = bridge, equation, show_equation
        self._asked: WhyRequest | None = None
        equation.why_asked.connect(self._ask)
        equation.why.closed.connect(self._forget)
        bridge.why_found.connect(self._on_found)
        bridge.stopped.connect(self._on_stopped)

    def toggle(self) -> None:
        """Open the box with the derivation of the stop, or close it."""
        if not self._equation.why.is_open:
            self._show_equation()
        self._equation.ask_why()

    def close_box(self) -> bool:
        """Close the box, and drop an answer to come; returns whether it was open."""
        was_open = self._equation.why.is_open
        self._forget()
        self._equation.why.close_box()
        return was_open

    def _ask(self, cell: tuple[int, ...] | None) -> None:
        self._asked = self._bridge.ask_why(cell)

    def _forget(self) -> None:
        self._asked = None

    def _on_stopped(self, snapshot: Snapshot) -> None:
        """Drop the answers of a stop that the cursor has left."""
        if self._asked is not None and not is_same_stop(self._asked.snapshot, snapshot):
            self._asked = None

    def _on_found(self, answer: WhyAnswer) -> None:
        if answer.request is self._asked:
            self._equation.show_why(answer.found, answer.tried, answer.problem)
