"""The debugger: recording a minibatch as a trace, moving through it, and travelling in time."""

from __future__ import annotations

from engine.debug.events import Event, Kind, Phase, Position, Verb
from engine.debug.record.trace import Trace
from engine.debug.session import Session
from engine.debug.travel.observers import RunProgress

__all__ = ["Event", "Kind", "Phase", "Position", "RunProgress", "Session", "Trace", "Verb"]
