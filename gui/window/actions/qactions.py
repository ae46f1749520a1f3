"""The QActions of the window, made from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from engine.debug.events import Verb
from gui.dialogs.wording import in_the_window, to_translate
from gui.look.icons import GLYPHS, icon
from gui.look.theme import Theme
from gui.run_kind import RunKind, busy_text
from gui.window.actions.actions import ActionRow, When, native_keys, translated
from gui.window.actions.commands import Commands
from gui.window.actions.table import TABLE


class Actions(QObject):
    """The table's QActions, enabled or disabled as the session moves.

    Attributes:
        by_id: the actions by the ids of their rows.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.by_id: dict[str, QAction] = {}
        self._every_stop = True
        self._said: dict[str, tuple[str, str]] = {}  # text, and the reason why it is disabled
        self._hints: dict[str, str] = {}  # translated, in place of those of the rows
        self._state: tuple[object, ...] = ()  # for which all actions are as they are
        for row in TABLE:
            self.by_id[row.id] = self._make(row, window)
        self.update_state(stopped=False, running=None, blocked={})

    def __getitem__(self, id: str) -> QAction:
        return self.by_id[id]

    def keys_of(self, row: ActionRow) -> tuple[str, ...]:
        """The keys of a row; the key of the common step comes with the switch "every stop"."""
        if row.verb in (Verb.OPERATION, Verb.BACK_OPERATION) and not self._every_stop:
            return (row.step_key, *row.keys)
        if row.verb in (Verb.INTO, Verb.BACK_INTO) and self._every_stop:
            return (*row.keys, row.step_key)
        return row.keys

    def rows_with_keys(self) -> list[tuple[str, str]]:
        """The translated text and the keys of each action that has keys."""
        return [
            (translated(row.text).rstrip("…"), "   ".join(native_keys(self.keys_of(row))))
            for row in TABLE
            if row.keys
        ]

    def set_every_stop(self, on: bool) -> None:
        """Give the key of the common step to the next event, or to the next operation."""
        self._every_stop = on
        rows = [row for row in TABLE if row.step_key]
        for row in rows:  # first none has it, so that never two have
            self[row.id].setShortcuts([])
        for row in rows:
            self[row.id].setShortcuts([QKeySequence(key) for key in self.keys_of(row)])
            self._say(row)

    def rename(self, id: str, text: str, hint: str = "") -> None:
        """Give an action another text, and another hint; without one, that of its row."""
        self._hints[id] = hint
        self[id].setText(text)

    def _say(self, row: ActionRow) -> None:
        reason = self._said[row.id][1]
        action = self[row.id]
        hint = self._hints.get(row.id) or translated(row.hint)
        action.setToolTip(_tool_tip(action, reason or hint, self.keys_of(row)))

    def connect_to(self, commands: Commands) -> None:
        """Connect each action to the command of its row."""
        for row in TABLE:
            self.by_id[row.id].triggered.connect(partial(_call, row, commands))

    def _make(self, row: ActionRow, window: QWidget) -> QAction:
        action = QAction(translated(row.text), window)
        action.setObjectName(row.id)
        action.setShortcuts([QKeySequence(key) for key in self.keys_of(row)])
        action.setAutoRepeat(row.verb is not None)
        action.setCheckable(row.checkable)
        window.addAction(action)
        return action

    def set_theme(self, theme: Theme) -> None:
        """Colour the icons."""
        for id, action in self.by_id.items():
            if id in GLYPHS:
                lit = id in ("continue", "pause")
                action.setIcon(icon(id, theme, theme.accent if lit else None))

    def update_state(
        self,
        *,
        stopped: bool,
        running: RunKind | None,
        blocked: Mapping[str, str],
        playing: bool = False,
        held_up: bool = False,
    ) -> None:
        """Enable the possible actions; the tooltips of the others say why they are disabled.

        `stopped`: there is a session, and no run, or a run that is ending; `blocked`: see
        `Snapshot`; `held_up`: a batch does not return.
        """
        texts = tuple(action.text() for action in self.by_id.values())
        state = (stopped, running, dict(blocked), playing, held_up, texts)
        if state == self._state:
            return
        self._state = state
        for row in TABLE:
            reason = _reason(row, stopped, running, playing, blocked, held_up)
            action = self.by_id[row.id]
            said = (action.text(), reason)
            if said == self._said.get(row.id):
                continue
            self._said[row.id] = said
            action.setEnabled(not reason)
            self._say(row)


def _reason(
    row: ActionRow,
    stopped: bool,
    running: RunKind | None,
    playing: bool,
    blocked: Mapping[str, str],
    held_up: bool,
) -> str:
    """The translated reason why an action is disabled; "" if it is possible."""
    if row.when is When.HELD_UP and not held_up:
        return translated(
            to_translate("actions", "It stops a batch that does not end. Pause a training with F6.")
        )
    if row.when is When.RUNNING and running is None and not playing:
        return translated(to_translate("actions", "Nothing is running."))
    if row.when is When.STOPPED and running is not None and not stopped:
        return busy_text(running)
    if row.when is When.OPEN and not stopped and running is None:
        return translated(to_translate("actions", "The data is being read."))
    if row.when is When.STOPPED and not stopped:
        return translated(to_translate("actions", "The data is being read."))
    return translated(in_the_window(blocked.get(row.id, "")))


def _call(row: ActionRow, commands: Commands, checked: bool = False) -> None:
    row.command(commands)


def _tool_tip(action: QAction, second: str, keys_of_row: Sequence[str]) -> str:
    keys = ", ".join(native_keys(keys_of_row))
    first = f"{action.text()}  ({keys})" if keys else action.text()
    return "\n".join(line for line in (first, second) if line)
