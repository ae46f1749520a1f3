"""Opens the dialog of what is known of a program, and takes a person's corrections over."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.dialog import error_text
from gui.dialogs.facets import FacetsDialog
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.session.facet_command import Declaration


class FacetCommand(QObject):
    """Connects the dialog with the session.

    Args:
        bridge: the way to the session.
        appearance: the theme of the dialog.
        parent: the window.
    """

    def __init__(self, bridge: Bridge, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge, self._appearance, self._window = bridge, appearance, parent
        self._dialog: FacetsDialog | None = None
        bridge.facet_declared.connect(self._on_declared)
        bridge.stopped.connect(self._on_stopped)

    def open(self) -> None:
        """Open the dialog, if the session's program has facets to show."""
        snapshot = self._bridge.snapshot
        if snapshot is None or not snapshot.facets or self._dialog is not None:
            return
        dialog = self._dialog = FacetsDialog(
            snapshot.setup.network, snapshot.facets, self._appearance.theme, self._window
        )
        dialog.declared.connect(self._bridge.declare_facet)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_declared(self, declaration: Declaration) -> None:
        if self._dialog is not None:
            problem = "" if declaration.error is None else error_text(declaration.error)
            self._dialog.show_answer(declaration.facet, problem)

    def _on_stopped(self, snapshot: Snapshot) -> None:
        if self._dialog is None:
            return
        if snapshot.facets:
            self._dialog.show_facets(snapshot.facets)
        else:  # another session was opened
            self._dialog.reject()

    def _on_finished(self) -> None:
        self._dialog = None
