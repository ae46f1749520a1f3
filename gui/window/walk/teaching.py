"""The teacher's entries of the menu Teach: record a walk, play it, save it as a text file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.debug.bookmarks import stations_of
from engine.debug.session_file.opening import Likeness
from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import RetrogradError
from engine.files import write_whole
from engine.options import Options
from gui.dialogs.dialog import MessageDialog
from gui.dialogs.files import ask_where_to_write
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.walks.recorded import portable, recorded_walk
from gui.walks.walk import Walk
from gui.walks.write import walk_text
from gui.window.actions.bookmarks_menu import BookmarksMenu
from gui.window.commands.session_files import SessionFiles
from gui.window.notices.notice import Link
from gui.window.panels.dock import Dock
from gui.window.panels.layout import Layout
from gui.window.walk.picking import Picker, name_in
from gui.window.walk.record import Recorder
from gui.window.walk.record_strip import RecordStrip
from gui.window.walk.walks import Walks


class Teaching(QObject):
    """Fills the lower part of the menu Teach.

    Args:
        walks: the upper part, and the player.
        strip: in which a walk is recorded.
        bridge: the way to the session.
        files: the session's file gives the walk its title.
        bookmarks: asks to edit a station.
        actions, docks: of the window, by their ids.
        layout: has the layout of now, with which a saved walk begins.
        appearance: the theme.
        failed: shows an error.
        say: shows a line for a while.
        say_when_opened: shows one with links, of a session that is being opened.
        window: in which a walk is recorded.
    """

    def __init__(
        self,
        walks: Walks,
        strip: RecordStrip,
        bridge: Bridge,
        files: SessionFiles,
        bookmarks: BookmarksMenu,
        actions: Mapping[str, QAction],
        docks: Mapping[str, Dock],
        layout: Layout,
        appearance: Appearance,
        failed: Callable[[BaseException], None],
        say: Callable[[str], None],
        say_when_opened: Callable[[str, Sequence[Link]], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._walks, self._bridge, self._files = walks, bridge, files
        self._actions, self._docks, self._layout = actions, docks, layout
        self._failed, self._appearance, self._window = failed, appearance, window
        self._say, self._say_when_opened = say, say_when_opened
        targets = walks.player.targets
        picker = Picker(appearance.theme, partial(name_in, targets, window), targets.find, window)
        strip.set_things((id, dock.view.title()) for id, dock in docks.items())
        self.recorder = Recorder(bridge, strip, picker, self._title_of, window)
        appearance.changed.connect(strip.set_theme)
        appearance.changed.connect(partial(setattr, picker, "theme"))
        bookmarks.station_asked.connect(self._record)
        walks.player.started.connect(self.recorder.stop)
        strip.left.connect(self._on_left)
        bridge.loaded.connect(self._on_loaded)
        self._make_entries()

    def _make_entries(self) -> None:
        self.record, self.play, self.save = (QAction(self) for _ in range(3))
        for action, name, text, hint, does in (
            (
                self.record, "record_walk", self.tr("Record a walk…"),
                self.tr("Go anywhere, and say something there: that is a station"), self._record,
            ),
            (
                self.play, "play_my_walk", self.tr("Play my walk"),
                self.tr("From the first station of this session"), self._play,
            ),
            (
                self.save, "save_walk", self.tr("Save the walk as a text file…"),
                self.tr(
                    "Each station at its line of code, in whatever batch it is played; "
                    "the session's file keeps batches and branches, too"
                ),
                self._ask_save,
            ),
        ):  # fmt: skip
            action.setObjectName(name)
            action.setText(text)
            action.setToolTip(hint)
            action.triggered.connect(lambda _=False, does=does: does())
        self._walks.menu.aboutToShow.connect(self._add_entries)
        self._bridge.stopped.connect(self._update)
        self._bridge.marked.connect(self._update)
        self._update()
        self._add_entries()

    def walk(self) -> Walk | None:
        """The walk along the stations of the session."""
        snapshot, path = self._bridge.snapshot, self._files.path
        title = path.stem if path is not None else self.tr("My walk")
        return None if snapshot is None else recorded_walk(snapshot.bookmarks, title)

    def save_to(self, path: Path) -> None:
        """Write the walk to a file; without an ending it gets .toml."""
        walk = self.walk()
        if walk is None:
            return
        options = self._bridge.options
        written = replace(portable(walk), layout=self._layout.preset.id)
        if options is not None and options.dataset is None:
            written = replace(written, network=options.network, settings=_settings(options))
        try:
            target = path if path.suffix else path.with_suffix(".toml")
            write_whole(target, walk_text(written).encode())
        except RetrogradError as error:
            self._failed(error)
            return
        lines = [str(target), *self._left_out(walk)]
        theme = self._appearance.theme
        MessageDialog(self.tr("The walk was saved"), "\n".join(lines), theme, self._window).open()

    def _left_out(self, walk: Walk) -> Iterator[str]:
        """What a text file cannot hold of this walk."""
        batches = sorted({one.position.batch for one in walk.stations if one.position is not None})
        branches = {one.branch for one in walk.stations}
        if batches != [0] or branches != {0}:
            yield self.tr(
                "A text file names lines of code. Batches and branches are kept by the "
                "session's file only; from the text, each station is played in the first batch "
                "or where the run is."
            )
        if any(one.at is None for one in walk.stations):
            yield self.tr("Stations without a line of their own are played wherever the cursor is.")

    def _add_entries(self) -> None:
        """Follow the list of walks, which is made anew whenever the menu opens."""
        self._walks.menu.addSeparator()
        self._walks.menu.addActions([self.record, self.play, self.save])

    def _update(self, *_: object) -> None:
        snapshot = self._bridge.snapshot
        has_walk = snapshot is not None and any(one.text for one in snapshot.bookmarks)
        self.record.setEnabled(snapshot is not None)
        for action in (self.play, self.save):
            action.setEnabled(has_walk)

    def _record(self, station: int | None = None) -> None:
        self._walks.player.leave()
        self.recorder.start(station)

    def _play(self) -> None:
        walk = self.walk()
        if walk is not None:
            self._walks.start(walk)

    def _on_left(self) -> None:
        """Say how the walk is played and kept, once it has been recorded."""
        if self.walk() is not None:
            self._say(self.tr("Teach, Play my walk plays it; File, Save session keeps it"))

    def _on_loaded(
        self, path: Path, extra: Mapping[str, Any], likeness: Likeness, snapshot: Snapshot
    ) -> None:
        """Say that the session of a file holds a walk, and offer it."""
        count = len(stations_of(snapshot.bookmarks))
        if count:
            text = self.tr("This session holds a walk of {0} stations; the menu Teach has it")
            if count == 1:
                text = self.tr("This session holds a walk of one station; the menu Teach has it")
            self._say_when_opened(text.format(count), [(self.play.text(), self._play)])

    def _ask_save(self) -> None:
        walk = self.walk()
        if walk is not None:
            title, kind = self.tr("Save the walk"), self.tr("Walks (*.toml)")
            ask_where_to_write(self._window, title, f"{walk.title}.toml", kind, self.save_to)

    def _title_of(self, name: str) -> str:
        if name in self._docks:
            return self._docks[name].view.title()
        action = self._actions.get(name)
        return name.replace("_", " ") if action is None else action.text()


def _settings(options: Options) -> dict[str, str | int | float]:
    """The options that are not as at first, apart from network and dataset."""
    usual = asdict(Options(network=options.network))
    return {
        name: value
        for name, value in asdict(options).items()
        if name not in ("network", "dataset") and value not in (None, usual[name])
    }
