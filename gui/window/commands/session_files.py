"""Saves and opens the session: the file dialogs, the window's title, and the saved layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from engine.debug.session_file.format import SUFFIX
from engine.debug.session_file.opening import Likeness, Opening
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.dialog import ConfirmDialog, MessageDialog
from gui.dialogs.files import ask_file, ask_where_to_write
from gui.dialogs.opening import OpeningDialog
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.window.notices.notice import Notice
from gui.window.panels.layout import Layout
from gui.window.toolbar.parts import PositionChip, branch_name

WORTH_KEEPING = 100  # batches


class SessionFiles(QObject):
    """The file of a window's session, and the questions about unsaved changes.

    Args:
        window: has the file in its title; is closed after a question about unsaved changes.
        bridge: the way to the session.
        appearance: the theme of the dialogs.
        layout: saved beside the session.
        notice: reports that the session was saved.
        chip: reports that nothing was opened.

    Attributes:
        path: the file that was saved or opened last, or None.
        asks_of_unsaved: whether closing asks about a run that was never saved.
    """

    def __init__(
        self,
        window: QWidget,
        bridge: Bridge,
        appearance: Appearance,
        layout: Layout,
        notice: Notice,
        chip: PositionChip,
    ) -> None:
        super().__init__(window)
        self._window, self._bridge, self._appearance = window, bridge, appearance
        self._layout, self._notice, self._chip = layout, notice, chip
        self.path: Path | None = None
        self._saved: object = None  # the content when it was saved
        self._saving: dict[Path, object] = {}
        self._when_saved: Callable[[], None] | None = None
        self._answered = False  # the person chose to close without saving
        self.asks_of_unsaved = False
        bridge.saved.connect(self._on_saved)
        bridge.loaded.connect(self._on_loaded)
        bridge.opened.connect(self._on_opened)
        self._opening: OpeningDialog | None = None
        self._cancelled = False
        bridge.opening.connect(self._on_opening)
        bridge.opening_cancelled.connect(self._on_opening_cancelled)

    @property
    def is_modified(self) -> bool:
        """Whether the session has changed since it was saved; False if it never was."""
        snapshot = self._bridge.snapshot
        return self.path is not None and snapshot is not None and self._now(snapshot) != self._saved

    def extra(self) -> dict[str, Any]:
        """The data saved beside the session: the layout, the options and the path."""
        options = self._bridge.options
        return {
            "layout": self._layout.state(),
            "options": options.to_json() if options is not None else None,
            "path": str(self.path) if self.path is not None else None,
        }

    def ask_open(self) -> None:
        """Ask for a file, and open it."""
        ask_file(self._window, self.tr("Open session"), self._kinds(), self.open_if_saved)

    def open_if_saved(self, path: Path) -> None:
        """Open a session; if the current session is not saved, ask first."""
        self.if_saved(
            self.tr("Open another session without saving?"),
            self.tr("Open without saving"),
            self.tr("Save and open"),
            partial(self.open, path),
        )

    def if_saved(self, title: str, without: str, first: str, then: Callable[[], None]) -> None:
        """Do what replaces the session; if it is not saved, or a program of a script, ask first.

        `without`, `first`: the texts of the buttons that do it without saving, and after saving.
        """
        if self._asks(title, without, first, then):
            return
        snapshot = self._bridge.snapshot
        if snapshot is None or not snapshot.facets:
            then()
            return
        words = self.tr("The program {0} is replaced. Edit, Undo brings it back.")
        text = words.format(snapshot.setup.network)
        accept = self.tr("Replace it")
        dialog = ConfirmDialog(title, text, accept, self._appearance.theme, self._window)
        dialog.accepted.connect(then)
        dialog.open()

    def open(self, path: Path) -> None:
        """Open a session, which replaces the current session."""
        self._bridge.open_file(path)

    def open_copy(self, path: Path) -> None:
        """Open an autosaved copy; saving writes to the file that it is a copy of."""
        self._bridge.open_file(path, is_copy=True)

    def save(self) -> None:
        """Save to the session's file, or ask for a file."""
        self._when_saved = None  # an earlier file dialog was cancelled
        self._save()

    def _save(self) -> None:
        if self.path is None:
            self._ask_save()
        else:
            self.save_to(self.path)

    def ask_save(self) -> None:
        """Ask for a file, and save to it."""
        self._when_saved = None
        self._ask_save()

    def _ask_save(self) -> None:
        name = self.path.name if self.path is not None else f"session{SUFFIX}"
        title = self.tr("Save session")
        ask_where_to_write(self._window, title, name, self._kinds(), self.save_to)

    def save_to(self, path: Path) -> None:
        """Save to a file; without an ending it gets .retrograd."""
        target = (path if path.suffix else path.with_suffix(SUFFIX)).absolute()
        assert self._bridge.snapshot is not None
        self._saving[target] = self._now(self._bridge.snapshot)
        self._bridge.save(target, {**self.extra(), "path": str(target)})

    def may_close(self) -> bool:
        """Ask about unsaved changes, if any; True: the window may close at once."""
        return self._bridge.finished or not self._asks(
            self.tr("Close without saving?"),
            self.tr("Close without saving"),
            self.tr("Save and close"),
            self._close,
        )

    def _asks(self, title: str, without: str, first: str, then: Callable[[], None]) -> bool:
        """Ask whether to save before the session is closed; False: nothing would be lost.

        `then` is called at once or, after the answer `first`, once the session is saved.
        """
        lost = self.lost
        if not lost:
            return False
        dialog = ConfirmDialog(title, lost, without, self._appearance.theme, self._window)
        save = dialog.add_button(first, QDialogButtonBox.ButtonRole.ActionRole)
        save.clicked.connect(lambda: self._save_and(then))
        save.clicked.connect(dialog.reject)
        dialog.accepted.connect(then)
        dialog.open()
        return True

    @property
    def lost(self) -> str:
        """The unsaved changes, in words; "" if nothing is worth keeping."""
        snapshot = self._bridge.snapshot
        if self._answered:
            return ""
        if self.path is not None and self.is_modified:
            return self.tr("{0} has changed since it was saved.").format(self.path.name)
        if self.path is not None or not self.asks_of_unsaved or snapshot is None:
            return ""
        reach = self._reach(snapshot)
        if reach < WORTH_KEEPING and len(snapshot.branches) < 2:
            return ""
        return self.tr("The run of {0} batches is not saved.").format(reach)

    def _now(self, snapshot: Snapshot) -> object:
        """A key of the content that saving would write, for comparisons."""
        return _key(snapshot), self._reach(snapshot)

    def _reach(self, snapshot: Snapshot) -> int:
        """The number of batches that have run; during a training the snapshot knows fewer."""
        return max(snapshot.history.reach, self._bridge.batch)

    def show_title(self) -> None:
        """Show file and branch in the window's title, and mark unsaved changes."""
        snapshot = self._bridge.snapshot
        branch = branch_name(snapshot) if snapshot is not None else ""
        parts = [f"{self.path.name}[*]" if self.path is not None else "", branch, "Retrograd"]
        title = " — ".join(part for part in parts if part)
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)
        self._window.setWindowModified(self.is_modified)

    def _kinds(self) -> str:
        return self.tr("Sessions of Retrograd (*{0})").format(SUFFIX)

    def _on_saved(self, path: Path, quiet: bool) -> None:
        if quiet:
            return
        self.path = path
        self._saved = self._saving.pop(path, None)
        self._notice.say(self.tr("Saved to {0}").format(path))
        self.show_title()
        then, self._when_saved = self._when_saved, None
        if then is not None:
            then()

    def _on_opened(self, _: object, path: Path | None) -> None:
        """Take the new file; its content counts as saved only in `_on_loaded`, which follows."""
        self.path, self._saved = path, None

    def _on_loaded(
        self, path: Path, extra: Mapping[str, Any], likeness: Likeness, snapshot: Snapshot
    ) -> None:
        if self.path == path:
            self._saved = self._now(snapshot)
        layout = extra.get("layout")
        if isinstance(layout, Mapping):
            self._layout.take(layout)
        if likeness.unlike or not likeness.exact:
            self._say_how_unlike(likeness)
        self.show_title()

    def _say_how_unlike(self, likeness: Likeness) -> None:
        """Show how the session may differ from the saved session."""
        elsewhere = "; ".join(likeness.unlike)
        if likeness.exact:
            title = self.tr("The last digits may differ")
            words = self.tr(
                "It was saved with other numerical libraries: {0}. It continues from the saved "
                "numbers; new results may differ in the last digits."
            ).format(elsewhere)
        elif elsewhere:
            title = self.tr("The numbers differ from the saved numbers")
            words = self.tr(
                "It was saved with other numerical libraries: {0}. The numbers recomputed up to "
                "the cursor differ from the saved ones, usually in the last digits."
            ).format(elsewhere)
        else:
            title = self.tr("The numbers differ from the saved numbers")
            words = self.tr(
                "The numbers recomputed up to the cursor differ from the saved ones, although "
                "numpy and BLAS are the same. The code of the network, the optimizer or the step "
                "has changed since."
            )
        theme = self._appearance.theme
        dialog = MessageDialog(title, words, theme, self._window)
        mark = ("info", theme.text2) if likeness.exact else ("warning", theme.warning)
        dialog.set_mark(*mark)
        dialog.open()

    def _on_opening(self, opening: Opening | None) -> None:
        """Show the progress of opening a file, which can be cancelled."""
        if opening is None:
            if self._opening is not None:
                self._opening.accept()
            self._opening, self._cancelled = None, False
        elif not self._cancelled:  # earlier progress may still arrive
            if self._opening is None:
                self._opening = OpeningDialog(self._appearance.theme, self._window)
                self._opening.rejected.connect(self._on_cancelled)
                self._opening.open()
            self._opening.show_progress(opening)

    def _on_cancelled(self) -> None:
        self._opening, self._cancelled = None, True
        self._bridge.cancel_opening()

    def _on_opening_cancelled(self) -> None:
        self._notice.say(self.tr("Opening was cancelled. Nothing was changed."))
        if self._bridge.snapshot is None:
            self._chip.show_message(self.tr("No data"))

    def _save_and(self, then: Callable[[], None]) -> None:
        self._when_saved = then
        self._save()

    def _close(self) -> None:
        """Close without saving."""
        self._answered = True
        self._window.close()


def _key(snapshot: Snapshot) -> object:
    """The parts worth saving, which do not include the cursor."""
    branches = [
        (
            branch.id,
            branch.name,
            branch.note,
            branch.edits,
            branch.parent,
            branch.batch,
            branch.reach,
        )
        for branch in snapshot.branches
    ]
    points = (*snapshot.resting, *snapshot.breakpoints)
    return branches, points, snapshot.bookmarks, snapshot.setup
