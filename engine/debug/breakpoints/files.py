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

from engine.debug.breakpoints.breakpoints import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtLine,
    AtPass,
    Breakpoint,
    Breakpoints,
    Change,
    Named,
    NotFinite,
    Place,
    Quantity,
)
from engine.debug.cells import parse_index
from engine.debug.events import Phase
from engine.errors import BreakpointsNotRead, Described, clipped
from engine.exact_json import dumps, loads
from engine.files import LARGEST_TEXT, read_regular
from engine.own_code import ENGINE

FORMAT, VERSION = "retrograd breakpoints", 1
ROOT = Path(ENGINE).resolve().parent
MOST = 2**31 - 1  # of a number that a person has counted, such as a batch
_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (AtLine, AtLayer, AtPass, AtBatch, AtEpoch, NotFinite, AtData, Named)
}
NO_ROWS = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "str": (str,), "float": (int, float),
                                     "float | None": (int, float, type(None))}  # fmt: skip
_ENUMS: dict[str, type] = {"phase": Phase, "change": Change, "quantity": Quantity}


def to_rows(breakpoints: Iterable[Breakpoint]) -> list[dict[str, Any]]:
    """All of them, each as JSON's dictionary."""
    rows = [{**asdict(one), "place": _place_to_json(one.place)} for one in breakpoints]
    for row in rows:
        del row["id"]
    return rows


def from_rows(rows: Any) -> Breakpoints:
    """The breakpoints that such dictionaries describe.

    Raises one of `NO_ROWS` or a typed error: they describe none.
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
    except (*NO_ROWS, Described) as error:
        raise BreakpointsNotRead(Path(path), clipped(str(error).rstrip("."))) from error
    for one in trial:
        breakpoints.add(one.place, one.condition, one.hits, one.log, one.enabled)
    return len(trial)


def _add(breakpoints: Breakpoints, row: dict[str, Any]) -> None:
    known = {field.name for field in fields(Breakpoint)} - {"id", "place", "enabled"}
    texts = {name: row.get(name, "") for name in known}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("a condition, hit count or message is no text")
    place = _place_from_json(row["place"])
    breakpoints.add(place, enabled=bool(row.get("enabled", True)), **texts)


def _place_to_json(place: Place) -> dict[str, Any]:
    found = {"kind": type(place).__name__, **asdict(place)}
    if isinstance(place, AtLine) and Path(place.file).is_relative_to(ROOT):
        found["file"] = Path(place.file).relative_to(ROOT).as_posix()
    return found


def _place_from_json(data: dict[str, Any]) -> Place:
    kind = _KINDS[data["kind"]]
    values = {}
    for field in fields(kind):
        value = data[field.name]
        values[field.name] = _ENUMS[field.name](value) if field.name in _ENUMS else value
        wanted = _TYPES.get(str(field.type), ())
        if wanted and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise ValueError(f"{field.name} is {value!r}")
        if field.type == "int" and not 0 <= value <= MOST:
            raise ValueError(f"{field.name} is not from 0 to {MOST:,}")
        if float in wanted and value is not None:
            values[field.name] = float(value)
    place: Place = kind(**values)
    if isinstance(place, AtData):
        parse_index(place.cells)
    if isinstance(place, AtLine):
        # Not `resolve`, to which a ring of links is no path before Python 3.13.
        return AtLine(os.path.realpath(ROOT / place.file), place.line)
    return place
