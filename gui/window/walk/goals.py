"""Watches whether a person has done what a station of a walk waits for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton

from engine.debug.snapshots.snapshot import Snapshot
from gui.session.bridge import Bridge
from gui.views.numeric.view import NumericView
from gui.walks.finding import is_at
from gui.walks.walk import Deed, Goal
from gui.window.cell_choice import CellChoice
from gui.window.panels.dock import Dock
from gui.window.panels.layout import Layout
from gui.window.toolbar.setting_changes import weight_init_of


class GoalWatch(QObject):
    """Compares the window with what it was when a station began.

    Args:
        bridge: has the snapshot.
        actions: the window's actions by their ids.
        docks: the panels by their ids.
        layout: has the layout of now.
        choice: has the chosen cell.
        parent: the window.

    Signals:
        reached: the goal has been reached; once for each goal.
        changed: something has happened, and the goal has not been reached, as one that is only to
            be read never is.
    """

    reached = Signal()
    changed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        actions: Mapping[str, QAction],
        docks: Mapping[str, Dock],
        layout: Layout,
        choice: CellChoice,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._bridge, self._docks, self._layout, self._choice = bridge, docks, layout, choice
        self._goal: Goal | None = None
        self._is_reached: Callable[[], bool] = lambda: False
        self._acted = False
        for id, action in actions.items():
            action.triggered.connect(partial(self._on_triggered, id))
        for dock in docks.values():
            dock.visibilityChanged.connect(self.check)
            dock.view.cell_chosen.connect(self.check)
        layout.preset_changed.connect(self.check)
        bridge.stopped.connect(self.check)
        bridge.marked.connect(self.check)
        bridge.state_changed.connect(self.check)  # a run has ended, or a step is drawn
        bridge.halted.connect(self._on_halted)
        self._contests = 0
        numeric = docks["numeric"].view
        assert isinstance(numeric, NumericView)
        self._numeric = numeric
        numeric.compared.connect(self._on_compared)
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self.check)

    @property
    def under_way(self) -> bool:
        """Whether what is waited for has begun, so that to begin it again would delay it."""
        contest = self._goal is not None and self._goal.deed is Deed.CONTEST
        return contest and self._numeric.aside.busy

    def watch(self, goal: Goal | None) -> None:
        """Watch for another goal from now on; None: for nothing."""
        self._goal, self._acted = goal, False
        self._is_reached = (lambda: False) if goal is None else self._test_of(goal)
        if goal is not None and goal.deed is Deed.PRESS:
            for button in self._window.findChildren(QAbstractButton, goal.object):
                button.clicked.connect(self._on_pressed, Qt.ConnectionType.UniqueConnection)

    def check(self, *_: object) -> None:
        """Tell if the goal has been reached."""
        goal = self._goal
        if goal is None:
            return
        if self._is_reached():
            self._goal = None
            self.reached.emit()
        else:
            self.changed.emit()

    def _on_triggered(self, id: str) -> None:
        if self._goal is not None and self._goal.deed is Deed.ACTION and self._goal.object == id:
            self._acted = True
            self._later.start()  # what it does may be asked of the session only now

    def _on_halted(self, reason: object, hits: Sequence[object]) -> None:
        if self._goal is not None and self._goal.deed is Deed.HIT and hits:
            self._acted = True  # where it has stopped is drawn only then

    def _on_pressed(self, *_: object) -> None:
        if self._goal is not None and self._goal.deed is Deed.PRESS:
            self._acted = self.sender().objectName() == self._goal.object
            self._later.start()

    def _on_compared(self) -> None:
        self._contests += 1
        self.check()

    def _test_of(self, goal: Goal) -> Callable[[], bool]:
        """What is true once the goal has been reached."""
        snapshot = self._bridge.snapshot
        if goal.deed is Deed.NEXT:
            return lambda: False
        if goal.deed in (Deed.ACTION, Deed.PRESS, Deed.HIT):
            return lambda: self._acted and not self._bridge.busy
        if goal.deed is Deed.CONTEST:
            contests = self._contests
            return lambda: self._contests > contests
        if goal.deed is Deed.SETTING:
            field, _, value = goal.object.partition(" ")
            return lambda: self._holds(lambda _: setting_of(self._bridge, field) == value)
        if goal.deed is Deed.PANEL:
            return lambda: not self._docks[goal.object].visibleRegion().isEmpty()
        if goal.deed is Deed.LAYOUT:
            return lambda: self._layout.preset.id == goal.object
        if goal.deed is Deed.CELL:
            chosen = self._choice.cell
            return lambda: self._choice.cell not in (None, chosen)
        count = _COUNTS.get(goal.deed)
        if count is not None:
            least = (0 if snapshot is None else count(snapshot)) + int(goal.object or 1)
            return lambda: self._holds(lambda now: count(now) >= least)
        if goal.deed is Deed.NETWORK:
            return lambda: self._holds(lambda now: now.setup.network == goal.object)
        place = goal.place
        assert place is not None
        return lambda: self._holds(lambda now: is_at(now, place))

    def _holds(self, test: Callable[[Snapshot], bool]) -> bool:
        bridge, snapshot = self._bridge, self._bridge.snapshot
        if snapshot is None or bridge.running is not None or bridge.moving:
            return False  # the cursor is on its way, as to where the station begins
        return test(snapshot)


_COUNTS: Mapping[Deed, Callable[[Snapshot], int]] = {
    Deed.BATCHES: lambda snapshot: snapshot.position.batch,
    Deed.BREAKPOINT: lambda snapshot: len(snapshot.breakpoints),
    Deed.BOOKMARK: lambda snapshot: len(snapshot.bookmarks),
    Deed.BRANCH: lambda snapshot: len(snapshot.branches),
}


def setting_of(bridge: Bridge, field: str) -> str:
    """An option of the session as a text; "" if it is not known."""
    options = bridge.options
    if options is None:
        return ""
    if field == "weight_init":
        return str(weight_init_of(options))
    return str(getattr(options, field, ""))
