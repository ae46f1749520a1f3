"""Reads a walk from a TOML file, and refuses a broken one with its line and the reason.

    title = "The first minibatch"
    about = "nine stations, two minutes"
    network = "784-50-10"
    layout = "learn"

    [[station]]
    say = "Press Step. Each unit adds its bias."
    look = "every row gets the same 50 numbers. Before the first update they are all 0."
    point = "step_operation"
    at = "Affine.forward: x @ self.W"
    until = "stop Affine.forward: x @ self.W + self.b"
    keys = "S"

A place is a function, a layer between brackets if it has to be a certain one, and source:
`Affine.backward [Affine1]: self.x.T @ dout`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from engine.errors import Described
from gui.walks.walk import Deed, Goal, Place, Station, Walk

MOST_BYTES = 1_000_000
_PLACE = re.compile(r"(?P<function>[\w.]+)(?:\s*\[(?P<layer>\w+)\])?:\s*(?P<source>\S.*)")
_HEAD = {"title", "about", "network", "layout", "settings", "station"}
_STATION = {"say", "look", "point", "bright", "at", "until", "keys", "alone"}
_WITH_OBJECT = {
    Deed.ACTION, Deed.BATCHES, Deed.PANEL, Deed.LAYOUT, Deed.NETWORK, Deed.SETTING, Deed.PRESS,
}  # fmt: skip


@dataclass(eq=False)
class WalkBroken(Described):
    """A walk that cannot be played: `name` of the file, `line` counted from 1, and `reason`."""

    name: str
    line: int
    reason: str

    sentence = "The walk {name} cannot be played: line {line}: {reason}."
    advice = "Correct this line, and open it again."


class _Problem(Exception):
    """A reason, and the key whose line is meant."""

    def __init__(self, reason: str, key: str = "") -> None:
        super().__init__(reason)
        self.reason, self.key = reason, key


def shipped_walks() -> dict[str, Walk]:
    """The walks of the package by their ids, in the order of the files' names."""
    folder = files("resources") / "walks"
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    texts = {file.name: file.read_text("utf-8") for file in found if file.name.endswith(".toml")}
    walks = [read_walk(text, name) for name, text in texts.items()]
    return {walk.id: walk for walk in walks}


def read_walk(text: str, name: str) -> Walk:
    """The walk in a text. `name`: of its file.

    Raises WalkBroken.
    """
    if len(text) > MOST_BYTES:
        raise WalkBroken(name=name, line=1, reason="it is longer than a walk can be")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        reason = re.sub(r"\s*\(at .*\)$", "", str(error))
        at = int(line[1]) if line else text.count("\n") + 1
        raise WalkBroken(name=name, line=at, reason=reason[:1].lower() + reason[1:]) from None
    number = -1
    try:
        _check_keys(document, _HEAD)
        rows = document.get("station")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _Problem("there is no [[station]]")
        stations = []
        for number, row in enumerate(rows):
            stations.append(_station(row, _line_of(text, number, "")))
        number = -1
        return Walk(
            name.removesuffix(".toml"),
            _text(document, "title", required=True),
            _text(document, "about"),
            tuple(stations),
            _text(document, "network"),
            _settings(document),
            _text(document, "layout"),
        )
    except _Problem as problem:
        line_at = _line_of(text, number, problem.key)
        raise WalkBroken(name=name, line=line_at, reason=problem.reason) from None


def _station(row: Mapping[str, Any], line: int) -> Station:
    _check_keys(row, _STATION)
    at = _text(row, "at")
    return Station(
        _text(row, "say", required=True),
        _text(row, "look"),
        _text(row, "point"),
        _goal(_text(row, "until") or Deed.NEXT),
        _text(row, "keys"),
        _place(at, "at") if at else None,
        bright=_text(row, "bright"),
        alone=_truth(row, "alone"),
        line=line,
    )


def _goal(text: str) -> Goal:
    word, _, rest = text.partition(" ")
    rest = rest.strip()
    try:
        deed = Deed(word)
    except ValueError:
        known = ", ".join(Deed)
        raise _Problem(f"until is {text!r}; it begins with one of {known}", "until") from None
    if deed is Deed.STOP:
        return Goal(deed, place=_place(rest, "until"))
    if deed in _WITH_OBJECT and not rest:
        raise _Problem(f"until is {text!r}; which {word} is missing", "until")
    if deed not in _WITH_OBJECT and rest:
        raise _Problem(f"until is {text!r}; nothing follows {word}", "until")
    if deed is Deed.BATCHES and not (rest.isdecimal() and int(rest) > 0):
        raise _Problem(f"until is {text!r}; expected a whole number of batches", "until")
    if deed is Deed.SETTING and len(rest.split()) != 2:
        raise _Problem(f"until is {text!r}; expected an option and its value", "until")
    return Goal(deed, rest)


def place_from(text: str) -> Place | None:
    """The place that a text names; None if it names none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    return Place(found["function"], " ".join(found["source"].split()), found["layer"] or "")


def _place(text: str, key: str) -> Place:
    place = place_from(text)
    if place is None:
        reason = f"{text!r} is no place; expected `function: source`, as in `Affine.forward: x @ W`"
        raise _Problem(reason, key)
    return place


def _text(row: Mapping[str, Any], key: str, required: bool = False) -> str:
    value = row.get(key, "")
    if not isinstance(value, str):
        raise _Problem(f"{key} is not a text between quotation marks", key)
    if required and not value.strip():
        raise _Problem(f"{key} is missing", key)
    return " ".join(value.split())


def _truth(row: Mapping[str, Any], key: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise _Problem(f"{key} is neither true nor false", key)
    return value


def _settings(document: Mapping[str, Any]) -> dict[str, str | int | float]:
    settings = document.get("settings", {})
    if not isinstance(settings, dict) or not all(
        isinstance(value, str | int | float) for value in settings.values()
    ):
        raise _Problem("settings are not a table of texts and numbers", "settings")
    return settings


def _check_keys(row: Mapping[str, Any], known: set[str]) -> None:
    for key in row:
        if key not in known:
            raise _Problem(f"{key} is not known; expected {', '.join(sorted(known))}", key)


def _line_of(text: str, station: int, key: str) -> int:
    """The line of a key in a station (−1: before all stations), or of the station's heading."""
    heading, found = 1, -1
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(r"\s*\[\[\s*station\s*\]\]", line):
            found += 1
            if found > station:
                break
            heading = number
        elif found == station and key and re.match(rf"\s*[\[\"']*{re.escape(key)}\b", line):
            return number
    return heading
