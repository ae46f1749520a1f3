"""Changes the settings of a run: at once, or after a question if that starts a new run."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.debug.session import Session
from engine.options import Options, build_session
from gui.dialogs.dialog import ConfirmDialog
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.window.toolbar.parts import PositionChip
from gui.window.toolbar.setting_changes import SettingChange, changed, what_it_resets


class SettingCommands(QObject):
    """Makes the changes that the choosers request.

    Args:
        bridge: the way to the session.
        appearance: the theme of the question.
        chip: shows that the data is being read.
        parent: the window.
    """

    def __init__(
        self, bridge: Bridge, appearance: Appearance, chip: PositionChip, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._bridge, self._appearance = bridge, appearance
        self._chip, self._window = chip, parent

    def open_session(self, options: Options) -> None:
        """Build a session on the worker's thread, which replaces the current session."""
        self._chip.show_message(self.tr("Reading the data…"))
        snapshot = self._bridge.snapshot
        asked = snapshot is not None and snapshot.setup.input_gradient

        def build() -> Session:
            session = build_session(options)
            if asked:
                session.set_input_gradient(True)
            return session

        self._bridge.open(build, options)

    def change(self, field: str, value: object) -> None:
        """Change a field of the options; ask first if that starts a new run."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        change = SettingChange(field, value)
        text = what_it_resets(change, snapshot)
        if not text:
            self._make(change)
            return
        accept = self.tr("Start a new run")
        theme = self._appearance.theme
        dialog = ConfirmDialog(change.title(), text, accept, theme, self._window)
        dialog.accepted.connect(lambda: self._make(change))
        dialog.open()

    def _make(self, change: SettingChange) -> None:
        snapshot = self._bridge.snapshot
        assert snapshot is not None
        if change.field == "learning_rate":
            self._bridge.set_learning_rate(cast(float, change.value))
        else:
            self.open_session(changed(self._bridge.options, change, snapshot.setup))
