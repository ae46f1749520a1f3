"""The formulas of the next stops, composed while nothing else is to be done."""

from __future__ import annotations

from bisect import bisect_right

from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.take_snapshot import at_event
from gui.words.formula.compose import formula_of
from gui.words.formula.formula import Formula

EVENTS, STOPS = 2, 3  # that a person may step to: all events, or the operation stops
PAUSE_SECONDS = 0.08  # before each: the window draws the stop first


class ComingFormulas:
    """Composes the formulas of the stops after the cursor (on the worker's thread).

    They read the recorded trace; the cursor stays where it is.
    """

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._stops: list[int] = []
        self._told: tuple[object, set[int]] = None, set()  # the stops of a batch

    @property
    def pause(self) -> float | None:
        """Seconds to wait for other work before the next one; None if there is none."""
        return PAUSE_SECONDS if self._stops else None

    def begin(self, snapshot: Snapshot | None) -> None:
        """Look ahead from a snapshot, or no more."""
        self._snapshot, self._stops = snapshot, []
        if snapshot is not None:
            now, stops = snapshot.position.event, snapshot.operation_stops
            first = bisect_right(stops, now)
            events = range(now + 1, min(now + 1 + EVENTS, snapshot.event_count))
            batch = snapshot.identity, snapshot.position.batch
            if self._told[0] != batch:
                self._told = batch, set()
            self._stops = sorted({*events, *stops[first : first + STOPS]} - self._told[1])

    def next(self, session: Session | None) -> Formula | None:
        """The formula of the next stop; None if it has none."""
        snapshot, event = self._snapshot, self._stops.pop(0)
        try:
            if session is None or snapshot is None or session.identity != snapshot.identity:
                return None
            if session.position != snapshot.position:
                return None
            self._told[1].add(event)
            return formula_of(at_event(session, snapshot, event))
        except BaseException:  # of a person's own code; it is reported at its stop
            self._stops = []
            return None
