"""Writes a walk as the text that `read_walk` reads."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gui.walks.walk import Deed, Goal, Place, Station, Walk


def walk_text(walk: Walk) -> str:
    """A walk as TOML. Positions are not written: they are moments of one session."""
    lines = [f"title = {_string(walk.title)}"]
    for key, value in (("about", walk.about), ("network", walk.network), ("layout", walk.layout)):
        if value:
            lines.append(f"{key} = {_string(value)}")
    if walk.settings:
        lines += ["", "[settings]"]
        lines += [f"{_string(key)} = {_value(value)}" for key, value in walk.settings.items()]
    for station in walk.stations:
        lines += ["", "[[station]]", *_station_lines(station)]
    return "\n".join(lines) + "\n"


def place_text(place: Place) -> str:
    """A place as `Affine.forward [Affine1]: x @ self.W`."""
    layer = f" [{place.layer}]" if place.layer else ""
    return f"{place.function}{layer}: {place.source}"


def _station_lines(station: Station) -> Iterator[str]:
    texts = {
        "say": station.say,
        "look": station.look,
        "point": station.point,
        "bright": station.bright,
        "at": place_text(station.at) if station.at is not None else "",
        "until": _goal(station.goal),
        "keys": station.keys,
    }
    for key, text in texts.items():
        if text:
            yield f"{key} = {_string(text)}"
    if station.alone:
        yield "alone = true"


def _goal(goal: Goal) -> str:
    if goal.deed is Deed.NEXT:
        return ""
    what = place_text(goal.place) if goal.place is not None else goal.object
    return f"{goal.deed.value} {what}".rstrip()


def _string(text: str) -> str:
    """A text as a TOML string: escaped as in JSON, and DEL, which only TOML forbids."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: str | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _string(value) if isinstance(value, str) else repr(value)
