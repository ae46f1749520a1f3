"""The walks of the window: the menu Teach, and the parts that play one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from engine.errors import RetrogradError
from engine.files import read_regular
from engine.presets import PRESETS
from gui.dialogs.files import ask_file
from gui.walks.load import MOST_BYTES, WalkBroken, read_walk, shipped_walks
from gui.walks.walk import Deed, Station, Walk
from gui.window.panels.dock import Dock
from gui.window.panels.layout_presets import PRESETS as LAYOUTS
from gui.window.walk.expecting import options_at
from gui.window.walk.player import WalkPlayer


class Walks(QObject):
    """Offers the walks in a menu, and plays the one that is chosen.

    Args:
        player: plays them.
        actions: the window's actions by their ids.
        docks: the panels by their ids.
        failed: shows an error.
        window: in which they are played.

    Attributes:
        menu: of the walks.

    Signals:
        playing: whether a walk is played.
    """

    playing = Signal(bool)

    def __init__(
        self,
        player: WalkPlayer,
        actions: Mapping[str, QAction],
        docks: Mapping[str, Dock],
        failed: Callable[[BaseException], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.player, self._actions, self._docks = player, actions, docks
        self._failed, self._window = failed, window
        self.menu = QMenu(self.tr("Teach"), window)
        self.menu.setObjectName("teach_menu")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self.fill)
        self._clicker: list[QShortcut] = []
        for key, does in (("PgDown", player.advance), ("PgUp", player.back)):
            shortcut = QShortcut(QKeySequence(key), window)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(does)
            self._clicker.append(shortcut)
        player.started.connect(partial(self._listen, True))
        player.ended.connect(partial(self._listen, False))
        self._listen(False)

    def _listen(self, on: bool) -> None:
        """Follow a presenter's clicker, whose keys are other things without a walk."""
        for shortcut in self._clicker:
            shortcut.setEnabled(on)
        self.playing.emit(on)

    def fill(self) -> None:
        """List the walks."""
        self.menu.clear()
        for walk in shipped_walks().values():
            minutes = walk.about.rpartition(", ")[2]
            text = self.tr("{0}: {1}").format(self.tr(walk.title), minutes)
            action = self.menu.addAction(text if minutes else self.tr(walk.title))
            action.setObjectName(f"walk_{walk.id}")
            action.setToolTip(walk.about)
            action.triggered.connect(partial(self.start, walk))
        self.menu.addSeparator()
        action = self.menu.addAction(self.tr("Open a walk…"))
        action.setObjectName("open_walk")
        action.setToolTip(self.tr("A walk that somebody has written, as a text file"))
        action.triggered.connect(self.ask_open)

    def start(self, walk: Walk, *_: object) -> None:
        """Play a walk, if all that it names is there."""
        try:
            self._check(walk)
        except RetrogradError as error:
            self._failed(error)
            return
        self.player.start(walk)

    def start_shipped(self, id: str) -> None:
        """Play a walk of the package."""
        self.start(shipped_walks()[id])

    def ask_open(self) -> None:
        """Ask for a file, and play its walk."""
        kinds = self.tr("Walks (*.toml)")
        ask_file(self._window, self.tr("Open a walk"), kinds, self.open)

    def open(self, path: Path) -> None:
        """Play the walk of a file."""
        try:
            content = read_regular(path, MOST_BYTES)
            walk = read_walk(content.decode("utf-8", errors="replace"), path.name)
        except RetrogradError as error:
            self._failed(error)
            return
        self.start(walk)

    def _check(self, walk: Walk) -> None:
        """Raise WalkBroken for a walk that names what the window does not have."""
        name = f"{walk.id}.toml" if walk.id else walk.title
        try:
            options_at(walk, len(walk.stations))
        except TypeError:
            reason = "it names a setting that there is not"
            raise WalkBroken(name=name, line=1, reason=reason) from None
        for station in walk.stations:
            reason = self._problem(station)
            if reason:
                raise WalkBroken(name=name, line=max(station.line, 1), reason=reason)

    def _problem(self, station: Station) -> str:
        """Why a station cannot be played; "" if it can."""
        known: Mapping[Deed, Iterable[str]] = {
            Deed.ACTION: self._actions,
            Deed.PANEL: self._docks,
            Deed.LAYOUT: LAYOUTS,
            Deed.NETWORK: PRESETS,
        }
        goal = station.goal
        if goal.deed in known and goal.object not in known[goal.deed]:
            return f"the station waits for the {goal.deed} {goal.object}, which is unknown"
        if goal.deed is Deed.PRESS and not self.player.targets.is_known(goal.object):
            return f"the station waits for the button {goal.object}, which is unknown"
        if station.point and not self.player.targets.is_known(station.point):
            return f"the station points at {station.point}, which there is not"
        unknown = [id for id in station.bright.split() if id not in self._docks]
        if unknown:
            return f"the station keeps the panel {unknown[0]} bright, which there is not"
        try:
            self.player.doing.check(station.keys)
        except KeyError as unknown:
            return f"the keys of the station have {unknown}, which does nothing"
        return ""
