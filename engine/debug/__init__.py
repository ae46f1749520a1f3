"""The debugger: recorder, trace, session, checkpoints."""

from __future__ import annotations

from engine.debug.events import Event, Kind, Phase, Position, Verb
from engine.debug.session import RunProgress, Session
from engine.debug.trace import Trace

__all__ = ["Event", "Kind", "Phase", "Position", "RunProgress", "Session", "Trace", "Verb"]
