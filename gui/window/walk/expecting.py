"""The session and the layout that a station of a walk is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.options import Options
from gui.walks.walk import Deed, Walk


def options_at(walk: Walk, number: int) -> Options | None:
    """The options of the session at a station, counted from 0; None: the session as it is.

    They are the walk's own, and what the stations before have had chosen.

    Raises BadValue, or TypeError for a setting that there is not.
    """
    if not walk.network:
        return None
    settings: Mapping[str, Any] = walk.settings
    options = Options(network=walk.network, **settings)
    for station in walk.stations[:number]:
        field, _, value = station.goal.object.partition(" ")
        if station.goal.deed is Deed.NETWORK:
            options = replace(options, network=station.goal.object)
        elif station.goal.deed is Deed.SETTING:
            changes: Mapping[str, Any] = {field: _value(value)}
            options = replace(options, **changes)
    return options


def layout_at(walk: Walk, number: int) -> str:
    """The layout at a station, by its id; "" for any."""
    layout = walk.layout
    for station in walk.stations[:number]:
        if station.goal.deed is Deed.LAYOUT:
            layout = station.goal.object
    return layout


def is_like(built_from: Options | None, wanted: Options | None) -> bool:
    """Whether a session is what is wanted; its learning rate may be another.

    A session of which nothing is known is.
    """
    if built_from is None or wanted is None:
        return True
    return replace(built_from, learning_rate=None) == replace(wanted, learning_rate=None)


def _value(text: str) -> str | int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
