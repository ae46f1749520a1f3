"""Plays a walk: from station to station, each of which waits for what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.debug.events import Position
from engine.debug.snapshots.snapshot import Snapshot
from gui.session.bridge import Bridge
from gui.walks.finding import is_at
from gui.walks.walk import Deed, Station, Walk
from gui.window.panels.dock import Dock
from gui.window.walk.goals import GoalWatch
from gui.window.walk.pointing import Pointing
from gui.window.walk.strip import StationStrip

_BRIGHT = ("source", "equation")  # panels that are never veiled


class WalkPlayer(QObject):
    """Plays walks in the window.

    Args:
        bridge: the way to the session.
        strip: shows the station.
        pointing: points at things.
        goals: watches for what a station waits for.
        docks: the panels by their ids.
        target_of: finds the widget that a station points at, by its name; None if there is none.
        do: does what a station's keys do, in place of the person.
        begin: opens the session and the layout that a walk begins with, then calls back; it does
            not call if the person would rather not.
        parent: the window.

    Signals:
        started, ended: a walk.
        station_changed: the number of the station, counted from 0.
    """

    started = Signal()
    ended = Signal()
    station_changed = Signal(int)

    def __init__(
        self,
        bridge: Bridge,
        strip: StationStrip,
        pointing: Pointing,
        goals: GoalWatch,
        docks: Mapping[str, Dock],
        target_of: Callable[[str], QWidget | None],
        do: Callable[[str], None],
        begin: Callable[[Walk, Callable[[], None]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self.strip, self.pointing, self._goals = bridge, strip, pointing, goals
        self._docks, self._target_of, self._do, self._begin = docks, target_of, do, begin
        self.walk: Walk | None = None
        self.number = 0
        self._done: set[int] = set()
        self._arrived = False  # at the place where the station begins
        strip.next_asked.connect(self.next)
        strip.back_asked.connect(self.back)
        strip.leave_asked.connect(self.leave)
        strip.return_asked.connect(self._go_there)
        goals.reached.connect(self._on_reached)
        goals.changed.connect(self._on_changed)

    @property
    def station(self) -> Station | None:
        """The station of now."""
        return None if self.walk is None else self.walk.stations[self.number]

    @property
    def is_done(self) -> bool:
        """Whether Next is open."""
        station = self.station
        return station is not None and (station.goal.deed is Deed.NEXT or self.number in self._done)

    def start(self, walk: Walk) -> None:
        """Play a walk from its first station."""
        self.leave()

        def begun() -> None:
            self.walk, self._done = walk, set()
            self.strip.show()
            self.started.emit()
            self._show(0)

        self._begin(walk, begun)

    def next(self) -> None:
        """Go to the next station; after the last, the walk ends."""
        if self.walk is None or not self.is_done:
            return
        if self.number + 1 < len(self.walk.stations):
            self._show(self.number + 1)
        else:
            self.leave()

    def advance(self) -> None:
        """Do what the station waits for, or go on if that is done: for a presenter's clicker."""
        station = self.station
        if station is None:
            return
        if self.is_done:
            self.next()
        elif not self._bridge.busy:
            self._do(station.keys)

    def back(self) -> None:
        """Go back to the station before, where what it waited for has been done."""
        if self.walk is not None and self.number > 0:
            self._show(self.number - 1)

    def leave(self) -> None:
        """End the walk; the session stays as it is."""
        if self.walk is None:
            return
        self.walk = None
        self._goals.watch(None)
        self.strip.hide()
        self.pointing.stop()
        self.ended.emit()

    # A station

    def _show(self, number: int) -> None:
        assert self.walk is not None
        came_back = number < self.number
        self.number = number
        station = self.walk.stations[number]
        self._arrived = False
        self.strip.show_station(self.walk, number, self.is_done)
        self._point(station)
        self._goals.watch(None if self.is_done else station.goal)
        if came_back or not self._is_there(station):
            self._go_there()
        else:
            self._arrived = True
        self._goals.check()
        self.station_changed.emit(number)

    def _point(self, station: Station) -> None:
        target = self._target_of(station.point) if station.point else None
        veiled = [
            dock
            for id, dock in self._docks.items()
            if id not in _BRIGHT and target is not dock and not _holds(dock, target)
        ]
        self.pointing.point_at(target, veiled if target is not None else ())

    def _is_there(self, station: Station) -> bool:
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return False
        if station.position is not None:
            here = next(one.id for one in snapshot.branches if one.current)
            return (snapshot.position, here) == (station.position, station.branch)
        return station.at is None or is_at(snapshot, station.at)

    def _go_there(self) -> None:
        station, snapshot = self.station, self._bridge.snapshot
        if station is None or snapshot is None:
            return
        self.strip.show_strayed("")
        self._arrived = False
        if station.position is not None:
            self._visit(station.position, station.branch, snapshot)
        elif station.at is not None:
            self._bridge.goto_place(station.at)

    def _on_reached(self) -> None:
        station = self.station
        if station is None:
            return
        self._done.add(self.number)
        self.strip.show_strayed("")
        self.strip.show_done(station, done=True)

    def _on_changed(self) -> None:
        """Say so if the cursor has left the place of the station without reaching its goal."""
        station, snapshot = self.station, self._bridge.snapshot
        if station is None or snapshot is None or self._bridge.busy:
            return
        if self._is_there(station):
            self._arrived = True
            self.strip.show_strayed("")
        elif self._arrived and (station.at is not None or station.position is not None):
            self.strip.show_strayed(self._where(snapshot))

    def _visit(self, position: Position, branch: int, snapshot: Snapshot) -> None:
        """Go to the moment of a station, or say that there is none."""
        reach = next((len(one.losses) for one in snapshot.branches if one.id == branch), None)
        if reach is not None and position.batch <= reach:
            if position.batch == reach:  # it has not run: only from its beginning can one go on
                self._bridge.visit(Position(reach, 0), branch)
            self._bridge.visit(position, branch)
            return
        if reach is None:
            gone = self.tr("The branch of this station is gone")
        else:
            gone = self.tr("The run does not reach batch {0} now").format(position.batch)
        words = self.tr("{0}, so that the cursor stays here. Next goes on.").format(gone)
        self.strip.show_strayed(words, can_return=False)

    def _where(self, snapshot: Snapshot) -> str:
        operation = snapshot.operation
        source = operation.source if operation is not None else snapshot.event.source
        first = source.splitlines()[0] if source else ""
        return self.tr("You are at {0}, which is not what this station is about.").format(first)


def _holds(dock: QWidget, target: QWidget | None) -> bool:
    return target is not None and dock.isAncestorOf(target)
