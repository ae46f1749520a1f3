"""Plays a walk: from station to station, each of which waits for what it asks for."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.debug.events import Position
from engine.debug.snapshots.snapshot import Snapshot
from engine.options import Options
from gui.paint.values import network_text
from gui.session.bridge import Bridge
from gui.walks.finding import is_at
from gui.walks.walk import Deed, Station, Walk
from gui.window.walk.begin import WalkStart
from gui.window.walk.doing import Doing
from gui.window.walk.expecting import is_like, layout_at, options_at
from gui.window.walk.goals import GoalWatch
from gui.window.walk.pointing import Pointing
from gui.window.walk.strip import StationStrip
from gui.window.walk.targets import Targets

_BRIGHT = ("source", "equation")  # panels that are never veiled; a station may name others


class WalkPlayer(QObject):
    """Plays walks in the window.

    Args:
        bridge: the way to the session.
        strip: shows the station.
        pointing: points at things.
        goals: watches for what a station waits for.
        targets: finds what a station points at.
        doing: does what a station's keys do, in place of the person.
        start: opens the session and the layout that a walk begins with.
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
        targets: Targets,
        doing: Doing,
        start: WalkStart,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self.strip, self.pointing, self._goals = bridge, strip, pointing, goals
        self.targets, self.doing, self._start = targets, doing, start
        self.walk: Walk | None = None
        self.number = 0
        self._done: set[int] = set()
        self._arrived: Position | None = None  # at the place where the station begins
        strip.next_asked.connect(self.next)
        strip.back_asked.connect(self.back)
        strip.leave_asked.connect(self.leave)
        strip.return_asked.connect(self._go_back_there)
        goals.reached.connect(self._on_reached)
        goals.changed.connect(self._on_changed)
        bridge.halted.connect(self._on_halted)
        for dock in targets.docks.values():
            dock.visibilityChanged.connect(lambda _: self._point_again())

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
        """Play a walk from its first station; the one of now ends, unless the person says no."""

        def begun() -> None:
            self.walk, self._done = walk, set()
            self.strip.show()
            self.started.emit()
            self._show(0)
            (self.strip.next if self.is_done else self.strip).setFocus()

        self._start.begin(walk, self.leave, begun)

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
        elif self._bridge.busy or self.doing.busy or self._goals.under_way:
            return
        elif self.strip.strayed.isVisible():
            self._go_back_there()
        else:
            self.doing.do(station.keys)

    def back(self) -> None:
        """Go back to the station before, where what it waited for has been done."""
        if self.walk is not None and self.number > 0:
            self._show(self.number - 1)

    def leave(self) -> None:
        """End the walk; the session stays as it is."""
        if self.walk is None:
            return
        self.walk = None
        self.doing.stop()
        self._goals.watch(None)
        window = self.strip.window()
        if self.strip is (focus := window.focusWidget()) or _holds(self.strip, focus):
            window.setFocus()  # else a button of a panel has the keys
        self.strip.hide()
        self.pointing.stop()
        self.targets.put_back()
        self._start.end()
        self.ended.emit()

    # A station

    def _show(self, number: int) -> None:
        assert self.walk is not None
        came_back = number < self.number
        self.number = number
        station = self.walk.stations[number]
        self._arrived = None
        self.doing.stop()
        by_keys = self.strip.next.hasFocus()
        self.strip.show_station(self.walk, number, self.is_done)
        if by_keys and not self.is_done:
            self.strip.setFocus()  # else a button of a panel has the keys: Next is closed
        self._bring_in_sight(station)
        self._point(station)
        self._goals.watch(None if number in self._done else station.goal)
        if self._wrong_session():
            self._on_changed()
        elif came_back or not self._is_there(station):
            self._go_there()
        elif self._bridge.snapshot is not None:
            self._arrived = self._bridge.snapshot.position
        self._goals.check()
        self.station_changed.emit(number)

    def _point(self, station: Station) -> None:
        target = self.targets.find(station.point) if station.point else None
        bright = {*_BRIGHT, *station.bright.split()}
        veiled = [
            dock
            for id, dock in self.targets.docks.items()
            if id not in bright and target is not dock and not _holds(dock, target)
        ]
        self.pointing.point_at(target, veiled if target is not None else ())

    def _point_again(self) -> None:
        """Point at what a station names once it is in sight, or at the next that is."""
        if self.pointing.is_gone:
            return
        station, target = self.station, self.pointing.target
        if station is not None and station.point and (target is None or not target.isVisible()):
            self._point(station)

    def _bring_in_sight(self, station: Station) -> None:
        """Open the panel that a station points at, unless that is what it asks for."""
        assert self.walk is not None
        asks_for_it = station.goal.deed in (Deed.PANEL, Deed.LAYOUT)
        name = "" if asks_for_it else station.point
        self.targets.show(name, layout_at(self.walk, self.number), station.alone)

    def _wrong_session(self) -> Options | None:
        """The options of the session that the station is about, if it is not that of now."""
        if self.walk is None:
            return None
        wanted = options_at(self.walk, self.number)
        return None if is_like(self._bridge.options, wanted) else wanted

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
        self._arrived = None
        if station.position is not None:
            self._visit(station.position, station.branch, snapshot)
        elif station.at is not None:
            self._bridge.goto_place(station.at)

    def _go_back_there(self) -> None:
        """Undo a wrong turn: the session, the panel and the place of the station."""
        station, wanted = self.station, self._wrong_session()
        if station is None:
            return
        if wanted is not None:
            self._start.open_again(wanted, lambda: self._show(self.number))
            return
        self._bring_in_sight(station)
        self._point(station)
        if not self._is_there(station):
            self._go_there()
        else:
            self.strip.show_strayed("")

    def _on_reached(self) -> None:
        station = self.station
        if station is None:
            return
        self._done.add(self.number)
        self._point_again()
        self.strip.show_strayed("")
        self.strip.show_done(station, done=True)
        if self.strip.hasFocus():
            self.strip.next.setFocus()

    def _on_halted(self, reason: object, hits: list[object]) -> None:
        """Say so if a breakpoint of the person's has stopped a training before its end."""
        station = self.station
        if station is not None and hits and station.goal.deed is Deed.BATCHES and not self.is_done:
            self.strip.show_interrupted()

    def _on_changed(self) -> None:
        """Say so if the window is not as the station has it, and its goal is not reached."""
        station, snapshot = self.station, self._bridge.snapshot
        if station is None or snapshot is None or self._bridge.busy:
            return
        self._point_again()
        wanted, missing = self._wrong_session(), self.targets.missing(station.point)
        if wanted is not None:
            self.strip.show_strayed(self._other_session(snapshot, wanted), self.tr("Begin again"))
        elif self._is_there(station):
            self._arrived = snapshot.position
            asks_for_it = station.goal.deed in (Deed.PANEL, Deed.LAYOUT)
            if missing is not None and not asks_for_it:
                closed = self.tr("The panel {0} is not in sight.").format(missing.view.title())
                self.strip.show_strayed(closed)
            else:
                self.strip.show_strayed("")
        elif self._arrived is not None and not self._is_on_the_way(snapshot, self._arrived):
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

    def _is_on_the_way(self, snapshot: Snapshot, begin: Position) -> bool:
        """Whether the cursor is between a station's place and its goal, some keys further."""
        station, now, stops = self.station, snapshot.position, snapshot.operation_stops
        if station is None or station.goal.deed is not Deed.STOP:
            return False
        steps = bisect_right(stops, now.event) - bisect_right(stops, begin.event)
        return now.batch == begin.batch and 0 <= steps < len(station.keys.split())

    def _other_session(self, snapshot: Snapshot, wanted: Options) -> str:
        now, then = snapshot.setup.network, wanted.network
        if now != then:
            names = network_text(now), network_text(then)
            return self.tr("This is {0}; the station is about {1}.").format(*names)
        return self.tr("This run has other settings than those that the station is about.")

    def _where(self, snapshot: Snapshot) -> str:
        operation = snapshot.operation
        source = operation.source if operation is not None else snapshot.event.source
        first = source.splitlines()[0] if source else ""
        return self.tr("You are at {0}, which is not what this station is about.").format(first)


def _holds(dock: QWidget, target: QWidget | None) -> bool:
    return target is not None and dock.isAncestorOf(target)
