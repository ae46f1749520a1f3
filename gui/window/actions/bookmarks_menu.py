"""The menu of bookmarks: add one at the cursor; go to a bookmark, rename or remove it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from engine.debug.bookmarks import Bookmark, Bookmarks, stations_of
from engine.debug.names import checked_name
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.form_dialog import Asked, FormDialog
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge

Edits = Callable[[Callable[[Bookmarks], object]], None]


class BookmarksMenu(QMenu):
    """Lists the bookmarks; it is filled each time it opens.

    Args:
        bridge: the way to the session.
        appearance: the theme of the form that asks for a name.
        add: the action that adds a bookmark at the cursor.
        parent: the window.

    Signals:
        station_asked: edit a station, by its id.
    """

    station_asked = Signal(int)

    def __init__(
        self, bridge: Bridge, appearance: Appearance, add: QAction, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._bridge, self._appearance, self._add_action = bridge, appearance, add
        self._window = parent
        self.every_stop = True  # whether stops are events, or operations only
        self.setTitle(self.tr("Bookmarks"))
        self.setObjectName("bookmarks_menu")
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the bookmarks."""
        self.clear()
        self.addAction(self._add_action)
        snapshot = self._bridge.snapshot
        if snapshot is None or not snapshot.bookmarks:
            return
        self.addSeparator()
        for one in snapshot.bookmarks:
            branch = snapshot.elsewhere.get(one.id)
            words = self._words(one, snapshot)
            action = self.addAction(f"{words} ({branch})" if branch is not None else words)
            action.triggered.connect(
                lambda _=False, one=one: self._bridge.visit(one.position, one.branch)
            )
            reached = one.id in snapshot.elsewhere or (one.position.batch <= snapshot.history.reach)
            action.setEnabled(reached and self._bridge.running is None)
            if not reached:
                action.setToolTip(self.tr("The run has not reached this batch again"))
        self.addSeparator()
        stations = stations_of(snapshot.bookmarks)
        changes: list[tuple[str, Callable[[Bookmark], None], tuple[Bookmark, ...]]] = [
            (self.tr("Rename"), self._rename, snapshot.bookmarks),
            (self.tr("Edit station"), lambda one: self.station_asked.emit(one.id), stations),
            (self.tr("Remove"), self._remove, snapshot.bookmarks),
        ]
        for title, command, bookmarks in changes:
            if not bookmarks:
                continue
            menu = self.addMenu(title)
            for one in bookmarks:
                action = menu.addAction(one.name.replace("&", "&&"))
                action.triggered.connect(lambda _=False, one=one, command=command: command(one))

    def name_moment(self) -> None:
        """Ask for the name of a bookmark at the cursor."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        where = snapshot.event.layer or snapshot.event.source.split("\n")[0]
        self._ask(self.tr("Bookmark"), where[:60], self._bridge.edit_bookmarks, self._add)

    def _add(self, name: str) -> Callable[[Bookmarks], object]:
        """Add a bookmark at the cursor, after the steps that were queued at the request."""
        snapshot = self._bridge.snapshot
        assert snapshot is not None
        position = snapshot.position
        branch = next(one.id for one in snapshot.branches if one.current)
        return lambda bookmarks: bookmarks.add(name, position, branch)

    def _rename(self, one: Bookmark) -> None:
        self._ask(
            self.tr("Rename"),
            one.name,
            self._edits(one),
            lambda name: lambda bookmarks: bookmarks.rename(one.id, name),
        )

    def _remove(self, one: Bookmark) -> None:
        self._edits(one)(lambda bookmarks: bookmarks.remove(one.id))

    def _edits(self, one: Bookmark) -> Edits:
        """What edits a bookmark; a station is called so when it is undone."""
        return self._bridge.edit_stations if one.text else self._bridge.edit_bookmarks

    def _ask(
        self,
        title: str,
        name: str,
        edits: Edits,
        change: Callable[[str], Callable[[Bookmarks], object]],
    ) -> None:
        """Ask for a name; `change` returns the change to the bookmarks for that name."""
        asked = [Asked(self.tr("Name"), name, checked_name, name)]
        dialog = FormDialog(
            title, "", asked, lambda name: name,
            lambda name: edits(change(name)),
            self._appearance.theme, self._window,
        )  # fmt: skip
        dialog.lines[0].selectAll()
        dialog.open()

    def _words(self, one: Bookmark, snapshot: Snapshot) -> str:
        batch, event = one.position
        where = self.tr("batch {0}").format(batch)
        if self.every_stop or batch == snapshot.position.batch:  # of others it is not known
            number = snapshot.stop_number(event, self.every_stop)
            where = self.tr("batch {0}, stop {1}").format(batch, number)
        name = one.name.replace("&", "&&")
        if one.text:
            number = stations_of(snapshot.bookmarks).index(one) + 1
            name = self.tr("Station {0}: {1}").format(number, name)
        return f"{name}   {where}"
