"""Does what a station asks for, in place of the person: for a presenter's clicker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QDialogButtonBox, QLineEdit, QWidget

from gui.dialogs.dialog import Dialog
from gui.session.bridge import Bridge
from gui.views.breakpoints.view import BreakpointsView
from gui.views.variables.view import VariablesView

PRESS, ROW, ADD, FILL, ACCEPT = "press=", "row=", "add=", "fill=", "accept"


class Doing(QObject):
    """Does the words of a station's keys one after the other.

    A word is a shortcut (`Ctrl+3`), the name of an action (`what_if_rate`), `press=` with the name
    of a button, `row=` with the name of a variable among the panel's, `add=` with the name of a
    breakpoint below the +, or, in an open dialog, `fill=` with a text for the line that has the
    cursor, and `accept`.

    Args:
        bridge: has the session's work, whose end each word waits for.
        window: has the actions, buttons and dialogs.
    """

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._window = bridge, window
        self._words: list[str] = []
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._next)
        bridge.busy_changed.connect(self._later.start)

    @property
    def busy(self) -> bool:
        """Whether there are words left."""
        return bool(self._words)

    def do(self, keys: str) -> None:
        """Do what a station's keys do; words that are left from before are dropped."""
        self._words = keys.split()
        self._next()

    def stop(self) -> None:
        """Drop the words that are left."""
        self._words = []

    def check(self, keys: str) -> None:
        """Raise KeyError for a word that does nothing."""
        actions = self._window.findChildren(QAction)
        for word in keys.split():
            if not word.startswith(FILL) and word != ACCEPT:
                self._find(word, actions)

    def _next(self) -> None:
        if not self._words or self._bridge.busy:
            return
        word = self._words.pop(0)
        dialog = open_dialog(self._window)
        if word.startswith(FILL):
            if dialog is not None:
                _fill(dialog, word.removeprefix(FILL))
        elif word == ACCEPT:
            if dialog is not None:
                accept(dialog)
        elif dialog is None:  # it has the keys now, and they are the person's
            self._find(word, self._window.findChildren(QAction))()
        if self._words:
            self._later.start()

    def _find(self, word: str, actions: Iterable[QAction]) -> Callable[[], object]:
        """What a word does; raises KeyError if that is nothing."""
        if word.startswith(PRESS):
            name = word.removeprefix(PRESS)
            buttons = self._window.findChildren(QAbstractButton, name)
            if not buttons:
                raise KeyError(word)
            return partial(_click, buttons)
        if word.startswith(ROW):
            rows = self._window.findChild(VariablesView)
            if rows is None:
                raise KeyError(word)
            return partial(rows.variable_chosen.emit, word.removeprefix(ROW))
        if word.startswith(ADD):
            return self._entry(word).trigger
        wanted = QKeySequence(word)
        for action in actions:
            if action.objectName() == word or wanted in action.shortcuts():
                return action.trigger
        raise KeyError(word)

    def _entry(self, word: str) -> QAction:
        points, snapshot = self._window.findChild(BreakpointsView), self._bridge.snapshot
        if points is not None and snapshot is not None:
            entry = points.entry(word.removeprefix(ADD), snapshot)
            if entry is not None:
                return entry
        raise KeyError(word)


def _click(buttons: Iterable[QAbstractButton]) -> None:
    """Press the first button in sight; one is hidden while what it does still runs."""
    button = next((one for one in buttons if one.isVisible()), None)
    if button is not None:
        button.click()


def open_dialog(window: QWidget) -> Dialog | None:
    """The dialog that is open over a window."""
    return next((one for one in window.findChildren(Dialog) if one.isVisible()), None)


def accept(dialog: Dialog) -> None:
    """Press the button of a dialog that accepts it."""
    for button in dialog.buttons.buttons():
        if dialog.buttons.buttonRole(button) is QDialogButtonBox.ButtonRole.AcceptRole:
            button.click()
            return


def _fill(dialog: Dialog, text: str) -> None:
    lines = dialog.findChildren(QLineEdit)
    focused = dialog.focusWidget()
    line = next((one for one in lines if one is focused or one.hasFocus()), None)
    if line is None and lines:
        line = lines[0]
    if line is not None:
        line.setText(text)
