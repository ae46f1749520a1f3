"""Breakpoints in a file: JSON, to be kept or handed to somebody else.

A line's file is written as its path from the folder of the engine where it lies in there, so that
it is found on another machine. What is read is checked as if it were typed.
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
MOST = 2**31 - 1  # of a number that a person has counted, such as a batch


def to_rows(breakpoints: Iterable[Breakpoint]) -> list[dict[str, Any]]:
    """All of them, each as JSON's dictionary."""
    return [_row(one) for one in breakpoints]


def from_rows(rows: Any) -> Breakpoints:
    """The breakpoints that such dictionaries describe.

    Raises one of `NOT_DESCRIBED` or a typed error: they describe none.
    """
    found = Breakpoints()
    for row in rows:
        _add(found, row)
    return found


def to_json(breakpoints: Breakpoints) -> bytes:
    """All of them, as the content of a file."""
    content = {"format": FORMAT, "version": VERSION, "breakpoints": to_rows(breakpoints)}
    return (dumps(content, indent=1) + "\n").encode("ascii")


def read(path: str | os.PathLike[str], breakpoints: Breakpoints) -> int:
    """Add what a file holds, as `from_json`; return how many.

    Raises:
        BreakpointsNotRead: likewise, or the file is missing, no ordinary one, or too large.
    """
    content = read_regular(path, LARGEST_TEXT, BreakpointsNotRead)
    return from_json(os.fspath(path), content, breakpoints)


def from_json(path: str, content: bytes, breakpoints: Breakpoints) -> int:
    """Add what a file holds; return how many. All of them or, where one is not right, none.

    Raises:
        BreakpointsNotRead: it is another kind of file, a newer one, or holds what cannot be.
    """
    try:
        data = loads(content.decode("utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError("it is no file of breakpoints")
        if data.get("version") != VERSION:
            raise ValueError(f"it is of version {data.get('version')}, and this reads {VERSION}")
        trial = from_rows(data["breakpoints"])
    except (*NOT_DESCRIBED, Described) as error:
        raise BreakpointsNotRead(Path(path), clipped(str(error).rstrip("."))) from error
    for one in trial:
        breakpoints.add(one.place, one.condition, one.hits, one.log, one.enabled)
    return len(trial)


def _row(one: Breakpoint) -> dict[str, Any]:
    row = {**asdict(one), "place": to_dictionary(one.place.for_file(), "kind")}
    del row["id"]
    return row


def _add(breakpoints: Breakpoints, row: dict[str, Any]) -> None:
    known = {field.name for field in fields(Breakpoint)} - {"id", "place", "enabled"}
    texts = {name: row.get(name, "") for name in known}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("a condition, hit count or message is no text")
    place = from_dictionary(KINDS, "kind", row["place"], MOST).from_file()
    breakpoints.add(place, enabled=bool(row.get("enabled", True)), **texts)
