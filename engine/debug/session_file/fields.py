"""Checks of the fields of a session file: each returns the value, or raises ValueError."""

from __future__ import annotations

from numbers import Real
from types import ModuleType
from typing import Any

import numpy as np

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.files import MOST
from engine.debug.events import Position
from engine.debug.names import checked_name, checked_text
from engine.errors import clipped
from engine.nn.optimizers import OPTIMIZERS

Array = np.ndarray[Any, Any]


def integer(value: Any, name: str, least: int = 0, most: int = MOST) -> int:
    """An integer within bounds."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"its {name} is {clipped(repr(value))}")
    return value


def real_number(value: Any, name: str, as_text: bool = False) -> float:
    """A number; files of version 1 hold some numbers `as_text`."""
    if isinstance(value, bool) or not isinstance(value, (Real, str) if as_text else Real):
        raise ValueError(f"its {name} is {clipped(repr(value))}")
    return float(value)


def boolean(value: Any, name: str) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"its {name} is {clipped(repr(value))}")
    return value


def position_of(pair: Any) -> Position:
    """A position, from a pair of batch and event."""
    batch, event = pair
    return Position(integer(batch, "batch of a position"), integer(event, "event of a position"))


def bookmark_of(row: dict[str, Any], branches: list[int]) -> Bookmark:
    """A bookmark, on a branch that the file has."""
    name, moment = checked_name(row["name"]), position_of(row["position"])
    branch = integer(row["branch"], "branch of a bookmark")
    if branch not in branches:
        raise ValueError(f"a bookmark is on branch {branch}, which is not there")
    id = integer(row["id"], "number of a bookmark")
    order = integer(row.get("order", 0), "order of a bookmark")  # not in files without stations
    texts = {key: _text(row, key) for key in ("text", "look", "point", "code")}
    return Bookmark(id, name, moment, branch, **texts, order=order)


def _text(row: dict[str, Any], key: str) -> str:
    """A text of a station; "" in files that have none."""
    value = row.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"the {key} of a station is {clipped(repr(value))}")
    return checked_text(f"{key} of a station", value)


def class_of(module: ModuleType, name: Any) -> Any:
    """A class that a module itself defines, by its name."""
    kind = getattr(module, str(name), None)
    if not isinstance(kind, type) or kind.__module__ != module.__name__:
        raise ValueError(f"there is no {name} in {module.__name__}")
    return kind


def check_fits(name: str, array: Array, parameter: Array) -> None:
    """Refuse an array of another shape or dtype than a parameter's."""
    if (array.shape, array.dtype) != (parameter.shape, parameter.dtype):
        raise ValueError(f"its {name} does not fit: it is {array.dtype} {array.shape}")


def check_descent(parents: dict[int, int | None]) -> None:
    """Refuse a branch whose parent is missing, or that is its own ancestor."""
    sound: set[int] = set()
    for id in parents:
        ancestor: int | None = id
        path: set[int] = set()
        while ancestor is not None and ancestor not in sound:
            if ancestor in path or ancestor not in parents:
                raise ValueError(f"branch {id} comes from none of the others")
            path.add(ancestor)
            ancestor = parents[ancestor]
        sound |= path


def numbers_of(
    optimizer: Any, description: dict[str, Any]
) -> tuple[dict[str, float], dict[str, int]]:
    """The settings of an optimizer that a file describes, and its counts of updates."""
    settings, updates = {}, {}
    for name, value in description["numbers"].items():
        if type(getattr(optimizer, name)) is int:
            updates[name] = integer(value, name)
        else:
            settings[name] = real_number(value, name)
    return settings, updates


def check_settings(optimizer: Any, description: dict[str, Any], since: int) -> None:
    """Refuse an optimizer whose settings or updates differ from a description.

    The description was made `since` updates later than the optimizer's present state.
    """
    if type(optimizer) is not OPTIMIZERS[description["kind"]]:
        raise ValueError("its optimizer is another one")
    settings, updates = numbers_of(optimizer, description)
    for name, value in settings.items():
        if getattr(optimizer, name) != value:
            raise ValueError(f"its {name} is {value}, and {getattr(optimizer, name)} before")
    for name, count in updates.items():
        if getattr(optimizer, name) + since != count:
            raise ValueError(f"its number of updates is {count}")
