"""The gradients of a recorded batch: the very arrays, and the moments from which they are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.debug.events import Kind, Span
from engine.debug.facets.facets import FoundFacets, Place
from engine.debug.facets.passes import written_by_line
from engine.debug.instrument.sites import SITES
from engine.debug.record.trace import Trace

Traced = Mapping[str, tuple[int, Any]]  # by parameter: the moment, and the array or number
_Key = tuple[str, Span, Kind]
_known: WeakKeyDictionary[Trace, tuple[FoundFacets, Traced]] = WeakKeyDictionary()


def traced_gradients(trace: Trace, found: FoundFacets) -> Traced:
    """By parameter, the moment at which its gradient was made, and the gradient itself.

    A parameter whose gradient is not made in this batch is missing.
    """
    known = _known.get(trace)
    if known is None or known[0] is not found:
        known = _known[trace] = found, dict(_find(trace, found))
    return known[1]


def _find(trace: Trace, found: FoundFacets) -> Traced:
    facets = found.gradients.value or {}
    events: dict[tuple[str, Span, Kind], list[int]] = {
        _key(one.place): [] for one in facets.values()
    }
    keys: dict[int, list[int] | None] = {}
    for event, (number, _, _) in enumerate(trace._raw):
        if number not in keys:
            site = SITES[number]
            keys[number] = events.get((site.file, site.span, site.kind))
        if (own := keys[number]) is not None:
            own.append(event)
    made: dict[str, tuple[int, Any]] = {}
    for name, facet in facets.items():
        own = events[_key(facet.place)]
        if len(own) < -facet.place.execution:
            continue
        event = own[facet.place.execution]
        if facet.place.kind is Kind.LINE:
            written = written_by_line(trace, event)
            if written is not None:
                made[name] = written
        elif isinstance(value := trace.raw(event), (np.ndarray, float)):
            made[name] = event, value
    return made


def gradients_at(trace: Trace, found: FoundFacets, event: int) -> dict[str, Any]:
    """By parameter, the value of its gradient as of an event; None if it is not made yet."""
    made = traced_gradients(trace, found)
    values: dict[str, Any] = dict.fromkeys(found.gradients.value or {})
    for name, (moment, gradient) in made.items():
        if moment <= event:
            values[name] = trace.as_of(gradient, event)
    return values


def event_at(trace: Trace, place: Place) -> int | None:
    """The event of a place in a trace; None if it does not run there so often."""
    wanted = _key(place)
    found = [
        event
        for event, (number, _, _) in enumerate(trace._raw)
        if (SITES[number].file, SITES[number].span, SITES[number].kind) == wanted
    ]
    return found[place.execution] if len(found) >= -place.execution else None


def _key(place: Place) -> _Key:
    span = Span(place.line, place.column, place.end_line, place.end_column)
    return place.file, span, place.kind
