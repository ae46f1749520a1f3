"""Moves of the cursor to a place of the source or of a walk (on the worker's thread)."""

from __future__ import annotations

from engine import AtLine
from engine.debug.events import Kind
from engine.debug.session import Session
from gui.walks.finding import find_stop
from gui.walks.walk import Place


def go_to_place(session: Session, place: Place) -> None:
    """Move the cursor to a place in its batch; without such a place it stays."""
    came_from = session.position
    if find_stop(session, place) is None:
        session.goto(*came_from)


def go_to_source(session: Session, function: str, source: str) -> None:
    """Go to where this batch first computes an expression, or has run a statement, if it does.

    Args:
        session: whose cursor moves.
        function: a qualified name, such as `Affine.backward`.
        source: of the expression or the statement.
    """
    wanted, ran = " ".join(source.split()), None
    for event in session.trace:
        if event.frame.function != function:
            continue
        if ran is not None and event.frame is ran and event.kind in (Kind.LINE, Kind.RETURN):
            break
        if " ".join(event.source.split()) == wanted:
            if event.kind is Kind.EXPRESSION:
                break
            if event.kind is Kind.LINE:
                ran = event.frame
    else:
        return
    session.goto(session.position.batch, event.index)


def go_to_line(session: Session, file: str, line: int) -> None:
    """Go to where this batch first comes to a line; where it does not, the cursor stays."""
    for event in session.trace:
        if (event.file, event.line) == (file, line):
            session.goto(session.position.batch, event.index)
            return


def line_of(session: Session) -> AtLine:
    """The line at the cursor."""
    return AtLine(session.event.file, session.event.line)
