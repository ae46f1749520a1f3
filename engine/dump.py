"""Print a minibatch's trace as text or JSON: `python -m engine.dump --batch 3 --json trace.json`.

The text is the table of the tour. The JSON is for scripts: an object for each event. Arrays have
their shape, type and range, and with `--cells` all their cells.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from engine.debug.events import Event
from engine.debug.health.arrays import measure
from engine.debug.session import Session
from engine.errors import RetrogradError
from engine.event_table import event_table
from engine.exact_json import dumps
from engine.files import write_whole
from engine.options import Options, build_session

DONE, REFUSED = 0, 2
PLAIN = (bool, int, float, str, np.generic, type(None))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print or write the trace of one minibatch; return the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m engine.dump", description=__doc__)
    add = parser.add_argument
    add("--open", metavar="FILE", type=Path, dest="session", help="a session that was saved")
    add(
        "--network", default=Options().network, help="a network by its sizes (default: %(default)s)"
    )
    add("--batch", type=int, help="minibatch, from 0; earlier ones run first (default: 0, or where"
        " the session was saved)")  # fmt: skip
    add("--json", metavar="FILE", type=Path, help="write JSON to FILE; - for the screen")
    add("--cells", action="store_true", help="in the JSON, every cell of every array")
    given = parser.parse_args(arguments)
    try:
        if given.session is not None:
            session = Session.load(given.session)
        else:
            session = build_session(Options(network=given.network))
        if given.batch is not None:
            session.run(max(given.batch - session.reach, 0))
            session.goto(given.batch)
        _show(session, given.json, given.cells)
    except RetrogradError as error:
        print(error, file=sys.stderr)
        return REFUSED
    return DONE


def _show(session: Session, json: Path | None, cells: bool) -> None:
    if json is None:
        console = Console(highlight=False, markup=False, emoji=False)
        console.print(event_table(session, console.width, console.encoding.startswith("utf")))
        return
    text = dumps(document(session, cells), indent=1) + "\n"
    if json == Path("-"):
        sys.stdout.write(text)
    else:
        write_whole(json, text.encode())


def document(session: Session, cells: bool = False) -> dict[str, Any]:
    """The trace of the cursor's minibatch as a JSON object.

    Args:
        session: at any event of the minibatch.
        cells: whether arrays have all their cells, as nested lists under "cells".

    Returns:
        {"batch": ..., "samples": [...], "events": [{"event": 0, "kind": "line", "phase": "forward",
        "layer": "", "function": "train_step", "file": ..., "line": ..., "span": [first line, first
        column, last line, last column], "source": ..., "value": ...}, ...]}.
    """
    return {
        "batch": session.position.batch,
        "samples": session.samples().tolist(),
        "events": [_event(event, cells) for event in session.trace],
    }


def _event(event: Event, cells: bool) -> dict[str, Any]:
    return {
        "event": event.index,
        "kind": str(event.kind),
        "phase": str(event.phase),
        "layer": event.layer,
        "function": event.frame.function,
        "file": event.file,
        "line": event.line,
        "span": list(event.span),
        "source": event.source,
        "value": _value(event.value, cells),
    }


def _value(value: Any, cells: bool) -> Any:
    """A value for JSON: numbers and texts as they are, arrays described, objects by their class."""
    if isinstance(value, np.ndarray):
        health = measure(value)
        found: dict[str, Any] = {"shape": list(value.shape), "dtype": str(value.dtype)}
        if health is not None:
            found |= {"min": health.minimum, "max": health.maximum, "nan": health.nan,
                      "inf": health.inf}  # fmt: skip
        if cells and health is not None and value.dtype.kind != "c":
            found["cells"] = value.tolist()
        return found
    if isinstance(value, PLAIN):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, dict):
        return {str(key): _value(item, cells) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, cells) for item in value]
    return {"class": type(value).__name__}


if __name__ == "__main__":
    sys.exit(main())
