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
from gui.dialogs.files import ask_file
from gui.walks.load import MOST_BYTES, WalkBroken, read_walk, shipped_walks
from gui.walks.walk import Deed, Walk
from gui.window.panels.dock import Dock
from gui.window.panels.layout_presets import PRESETS as LAYOUTS
from gui.window.walk.doing import deed_actions
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
            action = self.menu.addAction(self.tr(walk.title))
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
        known: Mapping[Deed, Iterable[str]] = {
            Deed.ACTION: self._actions,
            Deed.PANEL: self._docks,
            Deed.LAYOUT: LAYOUTS,
        }
        for number, station in enumerate(walk.stations, start=1):
            goal = station.goal
            if goal.deed in known and goal.object not in known[goal.deed]:
                reason = (
                    f"station {number} waits for the {goal.deed} {goal.object}, which is unknown"
                )
                raise WalkBroken(name=walk.title, line=1, reason=reason)
            try:
                deed_actions(self._window, station.keys)
            except KeyError as unknown:
                reason = f"the keys of station {number} have {unknown}, which does nothing"
                raise WalkBroken(name=walk.title, line=1, reason=reason) from None


def do_keys(window: QWidget, keys: str) -> None:
    """Do what a station's keys do."""
    for action in deed_actions(window, keys):
        action.trigger()


def target_in(window: QWidget, docks: Mapping[str, Dock], name: str) -> QWidget | None:
    """The widget in sight that a station points at: a panel, or a widget by its object name.

    The name of an action stands for its button.
    """
    dock = docks.get(name)
    if dock is not None:
        return dock
    for full in (name, f"{name}_word", f"{name}_button"):
        for widget in window.findChildren(QWidget, full):
            if widget.isVisible():
                return widget
    return None
