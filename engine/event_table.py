"""The events of a minibatch as a table for a terminal."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from engine.debug.events import Event, Kind, Phase
from engine.debug.health.arrays import measure
from engine.debug.session import Session

Array = np.ndarray[Any, Any]

WIDE = 100
PHASE_STYLES = {Phase.FORWARD: "cyan", Phase.BACKWARD: "yellow", Phase.UPDATE: "magenta"}
SOURCE_STYLES = {Kind.CALL: "bold", Kind.LINE: "dim"}
PRINTABLE = (bool, int, str, tuple, np.generic, type(None))
MINUS = re.compile(r"-(?=[\d.i])")


def event_table(session: Session, width: int = WIDE, unicode: bool = True) -> Table:
    """Return the events of the cursor's minibatch, one per row.

    An expression is indented under its line. The range is the smallest and the largest finite
    number of an array, or the value itself for a single number.

    Args:
        session: at any event of the minibatch.
        width: of the terminal, in characters. Below `WIDE` the phase and the layer are headings
            between the rows, to leave more space for the source.
        unicode: False for a terminal without × and −.
    """
    wide = width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("#", justify="right", no_wrap=True)
    for name in ("phase", "layer") if wide else ():
        table.add_column(name, no_wrap=True)
    table.add_column("source" if wide else "phase, layer, source", overflow="fold")
    table.add_column("shape", no_wrap=True)
    table.add_column("range", no_wrap=True)
    group = None
    for event in session.trace:
        style = PHASE_STYLES[event.phase]
        if not wide and group != (group := (event.phase, event.layer)):
            table.add_row("", Text(f"-- {event.phase} {event.layer}", f"{style} bold"), "", "")
        indent = "  " if event.kind is Kind.EXPRESSION else ""
        source = Text(indent + " ".join(event.source.split()), SOURCE_STYLES.get(event.kind, ""))
        where = (Text(event.phase, style), event.layer) if wide else ()
        shape, span = describe(event)
        if unicode:
            shape, span = shape.replace("x", "×"), MINUS.sub("−", span)
        table.add_row(str(event.index), *where, source, shape, span)
    return table


def describe(event: Event) -> tuple[str, str]:
    """Return an event's shape and range in ASCII; "" if it has none."""
    value = event.value
    if event.kind in (Kind.LINE, Kind.CALL):
        return "", ""
    if isinstance(value, np.ndarray) and value.ndim:
        return "x".join(str(size) for size in value.shape), _range(value)
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, float | np.floating):
        return "", f"{value:.4g}"
    text = str(value) if isinstance(value, PRINTABLE) else type(value).__name__
    return "", text if len(text) <= 20 else text[:17] + "..."


def _range(array: Array) -> str:
    health = measure(array)
    if health is None:
        return str(array.dtype)
    parts = [
        f"{count} {kind}" for kind, count in (("NaN", health.nan), ("inf", health.inf)) if count
    ]
    if health.minimum is not None and health.maximum is not None:
        same = health.minimum == health.maximum
        ends = (health.minimum,) if same else (health.minimum, health.maximum)
        parts.insert(0, " to ".join(f"{end:.3g}" for end in ends))
    return ", ".join(parts)
