"""Where in a recorded batch a breakpoint hits: the one answer for both directions of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.breakpoints.breakpoints import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtLine,
    AtPass,
    Breakpoint,
    Change,
    Named,
    NotFinite,
    Place,
    condition_of,
)
from engine.debug.breakpoints.context import BatchContext
from engine.debug.breakpoints.quantities import events_of
from engine.debug.cells import cells_if_there, parse_index
from engine.debug.events import Kind
from engine.debug.record.trace import Trace
from engine.errors import ConditionFailed

Array = np.ndarray[Any, Any]
_FEW = 64  # writes in a batch that are looked at one by one


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment at which a breakpoint hits.

    Attributes:
        event: its index in the batch.
        breakpoint: its id.
        problem: why its condition could not be evaluated, else "".
    """

    event: int
    breakpoint: int
    problem: str = ""


def occurrences(one: Breakpoint, trace: Trace, around: BatchContext) -> list[Hit]:
    """The events of a batch at which a breakpoint is come to and its condition holds, in order."""
    condition, found = condition_of(one.condition), []
    for event in _events(one.place, trace, around):
        if condition is None:
            found.append(Hit(event, one.id))
            continue
        try:
            if condition.holds(sight(trace, event, around)):
                found.append(Hit(event, one.id))
        except ConditionFailed as error:
            found.append(Hit(event, one.id, str(error)))
    return found


def sight(trace: Trace, event: int, around: BatchContext) -> dict[str, Any]:
    """What a condition can ask for: the variables in sight, and the batch's and epoch's number."""
    batch = around.batch
    return {"batch": batch, "epoch": batch // around.per_epoch, **trace.variables(event)}


def _events(place: Place, trace: Trace, around: BatchContext) -> Iterator[int]:
    if isinstance(place, AtLine):
        for event in range(len(trace)):
            site = trace.site(event)
            if site.kind is Kind.LINE and site.span.line == place.line and site.file == place.file:
                yield event
    elif isinstance(place, AtLayer):
        layer = trace.layers.get(place.layer)
        for frame in trace.frames:
            if frame.owner is layer and frame.function.rpartition(".")[2] == place.phase:
                yield frame.call_event
    elif isinstance(place, AtPass):
        yield from [e for e in range(len(trace)) if trace.phase(e) is place.phase][:1]
    elif isinstance(place, AtBatch):
        yield from [0] if around.batch == place.batch else []
    elif isinstance(place, AtEpoch):
        yield from [0] if around.batch == place.epoch * around.per_epoch else []
    elif isinstance(place, NotFinite):
        yield from _first_bad(trace, around.network)
    elif isinstance(place, Named):
        yield from events_of(place, trace, around)
    else:
        yield from _changes(place, trace, around.network)


def _first_bad(trace: Trace, network: Any) -> Iterator[int]:
    """The first event with a value that is not finite, in a batch that ends so and began well."""
    names = list(network.parameters())
    last = len(trace) - 1
    if any(is_bad(trace.homes.value(name, 0)) for name in names):
        return
    if not (is_bad(trace.result) or any(
        is_bad(value)
        for layer in trace.layers.values()
        for value in trace.attributes_at(last, layer).values()
    ) or any(is_bad(trace.homes.value(name, len(trace))) for name in names)):  # fmt: skip
        return
    for event in range(len(trace)):
        if trace.kind(event) in (Kind.EXPRESSION, Kind.RETURN) and is_bad(trace.value(event)):
            yield event
            return


def is_bad(value: Any) -> bool:
    """Whether a number or an array has a NaN or an infinity."""
    if isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind in "fc":
        return not bool(np.isfinite(value).all())
    return isinstance(value, float) and not np.isfinite(value)


def changed_cell(place: AtData, trace: Trace, network: Any, event: int) -> tuple[int, ...]:
    """The cell that did what is waited for by an event of the batch; of several the one most.

    Empty where it is another array by then, of another shape.
    """
    held_at = _holder(place, trace, network)
    before = held_at(0)
    for moment in (event, len(trace)):  # what is bound anew unseen has changed by the batch's end
        after = held_at(moment)
        if not isinstance(before, np.ndarray) or np.shape(before) != np.shape(after):
            return ()
        asked = np.zeros(before.shape, dtype=bool)
        asked[parse_index(place.cells)] = True
        if found := largest_change(before, after, asked & _done(place, before, after)):
            return found
    return ()


def largest_change(before: Array, after: Array, among: Array) -> tuple[int, ...]:
    """Of the cells that are True in `among` the one that changed most; empty: there is none.

    What became NaN, or was it, has changed more than anything.
    """
    if not among.any():
        return ()
    with np.errstate(all="ignore"):
        size = np.abs(np.subtract(after, before, dtype=np.result_type(after, np.float64)))
    size = np.where(among, np.where(np.isnan(size), np.inf, size), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), size.shape))


def _holder(place: AtData, trace: Trace, network: Any) -> Callable[[int], Any]:
    """What is watched, as it was at an event."""
    is_parameter = place.parameter in network.parameters()
    name, _, attribute = place.parameter.rpartition(".")

    def held_at(event: int) -> Any:
        if is_parameter:
            return trace.homes.value(place.parameter, event)
        if name not in trace.layers:
            return None
        held = trace.history.attributes_at(trace.layers[name], event).get(attribute)
        return trace.history.as_of(held, event)

    return held_at


def _changes(place: AtData, trace: Trace, network: Any) -> Iterator[int]:
    """The first event that sees the cells otherwise than before the batch, if they end so.

    Among very many writes a change that is undone again may be passed over.
    """
    held_at = _holder(place, trace, network)

    def cells_at(event: int) -> Array | None:
        return cells_if_there(held_at(event), place.cells)

    first, last = cells_at(0), len(trace) - 1
    if not has_changed(place, first, cells_at(len(trace))):
        return
    is_parameter = place.parameter in network.parameters()
    moments = trace.homes.writes(place.parameter) if is_parameter else None
    if moments is not None and len(moments) <= _FEW:
        seen = (min(moment, last) for moment in moments)
        yield next((m for m in seen if has_changed(place, first, cells_at(m))), last)
        return
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        if has_changed(place, first, cells_at(middle)):
            high = middle
        else:
            low = middle + 1
    yield low


def has_changed(place: AtData, before: Array | None, after: Array | None) -> bool:
    """Whether any of the cells has done what is waited for; what is not there has not.

    What comes to have another shape has changed, and neither its sign nor its side of a value.
    """
    if before is None or after is None:
        return False
    if place.change is Change.CHANGES:
        return not np.array_equal(before, after, equal_nan=True)
    return before.shape == after.shape and bool(_crossed(place, before, after).any())


def _crossed(place: AtData, before: Array, after: Array) -> Array:
    """Which cells have changed their sign, or their side of a value."""
    value = place.value if place.change is Change.CROSSES else 0.0
    return np.asarray((before < value) != (after < value))


def _done(place: AtData, before: Array, after: Array) -> Array:
    """Which cells of an array have done what is waited for; NaN that stays NaN has not changed."""
    if place.change is not Change.CHANGES:
        return _crossed(place, before, after)
    return np.asarray((before != after) & ~((before != before) & (after != after)))
