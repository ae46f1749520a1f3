"""Finds the stop of a place, and tells whether a stop is at it."""

from __future__ import annotations

from engine.debug.explain.operation_stops import operation_stops
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from gui.walks.walk import Place


def source_at(snapshot: Snapshot) -> str:
    """The source that a place at the cursor has, on one line.

    At an operation stop it is that of the operation: of a line that stores an array, the operation
    has just run. At any other event it is the event's.
    """
    operation = snapshot.operation
    if operation is not None and snapshot.position.event in snapshot.operation_stops:
        return " ".join(operation.source.split())
    return " ".join(snapshot.event.source.split())


def is_at(snapshot: Snapshot, place: Place) -> bool:
    """Whether the cursor is at a place."""
    event = snapshot.event
    if event.frame.function != place.function or place.layer not in ("", event.layer):
        return False
    return source_at(snapshot) == place.source


def find_stop(session: Session, place: Place) -> int | None:
    """The first event at a place in the cursor's batch, operation stops before all others.

    The cursor moves.
    """
    batch, trace = session.position.batch, session.trace
    stops = operation_stops(trace)
    for event in (*stops, *(event for event in range(len(trace)) if event not in set(stops))):
        session.goto(batch, event)
        if session.event.frame.function == place.function and is_at(session.snapshot(), place):
            return event
    return None
