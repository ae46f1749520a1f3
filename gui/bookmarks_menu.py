"""The menu of bookmarks: name this moment, go to one, name it anew, take it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from engine.debug.bookmarks import Bookmark, Bookmarks
from engine.debug.names import checked_name
from gui.form_dialog import Asked, FormDialog

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class BookmarksMenu(QMenu):
    """Filled anew each time it opens."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setTitle(self.tr("Bookmarks"))
        self.setObjectName("bookmarks_menu")
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the bookmarks."""
        self.clear()
        self.addAction(self._window.actions_by_id["bookmark"])
        snapshot = self._window.snapshot
        if snapshot is None or not snapshot.bookmarks:
            return
        self.addSeparator()
        for one in snapshot.bookmarks:
            branch = snapshot.elsewhere.get(one.id)
            words = self._words(one)
            action = self.addAction(f"{words} ({branch})" if branch is not None else words)
            action.triggered.connect(
                lambda _=False, one=one: self._window.bridge.visit(one.position, one.branch)
            )
            reached = one.id in snapshot.elsewhere or (one.position.batch <= snapshot.history.reach)
            action.setEnabled(reached and self._window.bridge.running is None)
            if not reached:
                action.setToolTip(self.tr("The run has not come as far again"))
        self.addSeparator()
        for title, command in (
            (self.tr("Rename"), self._rename),
            (self.tr("Remove"), self._remove),
        ):
            menu = self.addMenu(title)
            for one in snapshot.bookmarks:
                action = menu.addAction(one.name.replace("&", "&&"))
                action.triggered.connect(lambda _=False, one=one, command=command: command(one))

    def name_moment(self) -> None:
        """Ask for the name of the moment at the cursor."""
        snapshot = self._window.snapshot
        if snapshot is None:
            return
        where = snapshot.event.layer or snapshot.event.source.split("\n")[0]
        self._ask(self.tr("Bookmark"), where[:60], self._add)

    def _add(self, name: str) -> Callable[[Bookmarks], object]:
        """Name the moment that is shown now: steps that waited when it was asked for are done."""
        snapshot = self._window.snapshot
        assert snapshot is not None
        position = snapshot.position
        branch = next(one.id for one in snapshot.branches if one.current)
        return lambda bookmarks: bookmarks.add(name, position, branch)

    def _rename(self, one: Bookmark) -> None:
        self._ask(
            self.tr("Rename"),
            one.name,
            lambda name: lambda bookmarks: bookmarks.rename(one.id, name),
        )

    def _remove(self, one: Bookmark) -> None:
        self._window.bridge.edit_bookmarks(lambda bookmarks: bookmarks.remove(one.id))

    def _ask(
        self, title: str, name: str, change: Callable[[str], Callable[[Bookmarks], object]]
    ) -> None:
        """Ask for a name; `change` is what is then to be done with it."""
        asked = [Asked(self.tr("Name"), name, checked_name, name)]
        dialog = FormDialog(
            title, "", asked, lambda name: name,
            lambda name: self._window.bridge.edit_bookmarks(change(name)),
            self._window.appearance.theme, self._window,
        )  # fmt: skip
        dialog.lines[0].selectAll()
        dialog.open()

    def _words(self, one: Bookmark) -> str:
        where = self.tr("batch {0}, stop {1}").format(*one.position)
        return f"{one.name.replace('&', '&&')}   {where}"
