"""Closes the forms of a session that has been replaced."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.form_dialog import FormDialog


class OldForms:
    """Remembers the session on the screen. `window`: has the forms."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._session: int | None = None  # the identity in the newest snapshot

    def close(self, snapshot: Snapshot) -> None:
        """Close all forms if the snapshot is of another session than the one before."""
        before, self._session = self._session, snapshot.identity.session
        if before is not None and before != self._session:
            for dialog in self._window.findChildren(FormDialog):
                dialog.reject()
