"""The debugger: recorder, trace, session, checkpoints."""

from __future__ import annotations

from engine.debug.events import Event, Kind, Phase, Position, Verb
from engine.debug.record.trace import Trace
from engine.debug.session import Session
from engine.debug.travel.trainer import RunProgress

__all__ = ["Event", "Kind", "Phase", "Position", "RunProgress", "Session", "Trace", "Verb"]
