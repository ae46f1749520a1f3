"""Save breakpoints to a JSON file and read them back.

A source file of the engine is written with its path relative to the engine, so that it is found
on another machine. Breakpoints from a file get the same checks as typed breakpoints.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from engine.dataclass_json import NOT_DESCRIBED, from_dictionary, to_dictionary
from engine.debug.breakpoints.breakpoints import Breakpoint, Breakpoints
from engine.debug.breakpoints.places import KINDS
from engine.errors import BreakpointsNotRead, Described, clipped
from engine.exact_json import dumps, loads
from engine.files import LARGEST_TEXT, read_regular

FORMAT, VERSION = "retrograd breakpoints", 1
MOST = 2**31 - 1  # the largest number allowed for a batch, epoch or line


def to_rows(breakpoints: Iterable[Breakpoint]) -> list[dict[str, Any]]:
    """Each breakpoint as a JSON dictionary."""
    return [_row(breakpoint) for breakpoint in breakpoints]


def from_rows(rows: Any) -> Breakpoints:
    """The breakpoints that these dictionaries describe.

    Raises one of `NOT_DESCRIBED`, or a typed error.
    """
    found = Breakpoints()
    for row in rows:
        _add(found, row)
    return found


def to_json(breakpoints: Breakpoints) -> bytes:
    """The content of a file with all breakpoints."""
    content = {"format": FORMAT, "version": VERSION, "breakpoints": to_rows(breakpoints)}
    return (dumps(content, indent=1) + "\n").encode("ascii")


def read(path: str | os.PathLike[str], breakpoints: Breakpoints) -> int:
    """Add the breakpoints of a file; return how many.

    Raises:
        BreakpointsNotRead: as for `from_json`, or the file is missing, not a regular file, or too
            large.
    """
    content = read_regular(path, LARGEST_TEXT, BreakpointsNotRead)
    return from_json(os.fspath(path), content, breakpoints)


def from_json(path: str, content: bytes, breakpoints: Breakpoints) -> int:
    """Add the breakpoints in the content of a file; return how many. All are added, or none.

    Raises:
        BreakpointsNotRead: it is another kind of file, of a newer version, or one is invalid.
    """
    try:
        data = loads(content.decode("utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError("it is not a file of breakpoints")
        if data.get("version") != VERSION:
            raise ValueError(
                f"it is of version {data.get('version')}, and only version {VERSION} can be read"
            )
        trial = from_rows(data["breakpoints"])
    except (*NOT_DESCRIBED, Described) as error:
        raise BreakpointsNotRead(Path(path), clipped(str(error).rstrip("."))) from error
    for breakpoint in trial:
        breakpoints.add(
            breakpoint.place,
            breakpoint.condition,
            breakpoint.hits,
            breakpoint.log,
            breakpoint.enabled,
        )
    return len(trial)


def _row(breakpoint: Breakpoint) -> dict[str, Any]:
    row = {**asdict(breakpoint), "place": to_dictionary(breakpoint.place.for_file(), "kind")}
    del row["id"]
    return row


def _add(breakpoints: Breakpoints, row: dict[str, Any]) -> None:
    known = {field.name for field in fields(Breakpoint)} - {"id", "place", "enabled"}
    texts = {name: row.get(name, "") for name in known}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("a condition, hit count or message is not a text")
    place = from_dictionary(KINDS, "kind", row["place"], MOST).from_file()
    breakpoints.add(place, enabled=bool(row.get("enabled", True)), **texts)
