"""Playback: a timer steps the cursor forwards or backwards."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import IntEnum, StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from engine.debug.events import Kind, Position, Verb
from engine.debug.snapshots.snapshot import Snapshot
from gui.session.bridge import Bridge

SPEEDS = (1, 2, 5, 10, 20)  # steps per second


class PlayDirection(IntEnum):
    """The direction of playback."""

    FORWARDS = 1
    BACKWARDS = -1


class PlayUnit(StrEnum):
    """The length of a step."""

    EVENT = "event"
    LINE = "line"
    LAYER = "layer"
    BATCH = "batch"


class Playback(QObject):
    """Steps by a timer until the run ends, it is stopped, or another command moves the cursor.

    At any speed a step waits until the last step is on the screen. Playback begins after the
    queued commands.

    Signals:
        changed: playback has started, changed direction or stopped.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._snapshot: Snapshot | None = None
        self._is_asking = False  # the requested move is playback's own
        self.direction: PlayDirection | None = None
        self.unit = PlayUnit.EVENT
        self.every_stop = True  # otherwise, of events only operation stops
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._step)
        self.speed = SPEEDS[2]
        bridge.stopped.connect(self._on_stopped)
        bridge.move_asked.connect(self._on_move_asked)
        bridge.failed.connect(lambda _: self.stop())

    @property
    def speed(self) -> int:
        """Steps per second."""
        return self._speed

    @speed.setter
    def speed(self, speed: int) -> None:
        self._speed = speed
        self._clock.setInterval(1000 // speed)

    def toggle(self, direction: PlayDirection) -> None:
        """Start in a direction, change direction, or stop if it plays in that direction."""
        if self.direction is direction:
            self.stop()
            return
        self.direction = direction
        self._clock.start()
        self.changed.emit()

    def stop(self) -> None:
        """Stop playing."""
        if self.direction is not None:
            self.direction = None
            self._clock.stop()
            self.changed.emit()

    def _on_move_asked(self) -> None:
        if not self._is_asking:
            self.stop()

    def _on_stopped(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def _step(self) -> None:
        snapshot = self._snapshot
        if self._bridge.busy or snapshot is None or self.direction is None:
            return
        target = next_position(snapshot, self.unit, self.direction, self.every_stop)
        # Backwards, the verb finds the last stop of the batch before.
        by_operation = self.unit is PlayUnit.EVENT and not self.every_stop
        back = Verb.BACK_OPERATION if by_operation else Verb.BACK_INTO
        verb = Verb.BATCH if self.direction is PlayDirection.FORWARDS else back
        if target is None and verb in snapshot.blocked:
            self.stop()
            return
        self._is_asking = True
        try:
            if target is None:
                self._bridge.step(verb)
            else:
                self._bridge.goto(target)
        finally:
            self._is_asking = False


def next_position(
    snapshot: Snapshot, unit: PlayUnit, direction: PlayDirection, every_stop: bool = True
) -> Position | None:
    """The target of a step; None if it is in the next or the previous batch."""
    batch, event = snapshot.position
    if unit is PlayUnit.BATCH:
        if direction is PlayDirection.FORWARDS:
            return None
        return Position(batch, 0) if event else Position(batch - 1, 0) if batch else None
    if unit is PlayUnit.EVENT:
        places = list(range(snapshot.event_count) if every_stop else snapshot.operation_stops)
    elif unit is PlayUnit.LINE:
        places = [at for at, kind in enumerate(snapshot.kinds) if kind is Kind.LINE]
    else:
        places = [band.first for band in snapshot.bands]
    if direction is PlayDirection.FORWARDS:
        later = bisect_right(places, event)
        return Position(batch, places[later]) if later < len(places) else None
    earlier = bisect_left(places, event)
    if earlier:
        return Position(batch, places[earlier - 1])
    return Position(batch, 0) if event else None
