"""Conditions with names: what one watches a training for, on one tensor or on all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.debug.breakpoints.breakpoints import Named, Quantity
from engine.debug.breakpoints.context import BatchContext
from engine.debug.events import Kind, Phase
from engine.debug.health.activations import measure_dead, measure_saturated, rule_for
from engine.debug.memory.contents import answer_of, look_up
from engine.debug.record.trace import Trace

Array = np.ndarray[Any, Any]


def rms(array: Array) -> float:
    """Root mean square, in float64."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array, dtype=np.float64))))


def update_ratio(before: Array | None, after: Array | None) -> float | None:
    """RMS(after − before) / RMS(before); None where it was all 0, or cannot be compared."""
    if before is None or after is None or before.shape != after.shape:
        return None
    size = rms(before)
    with np.errstate(all="ignore"):
        return rms(np.subtract(after, before, dtype=np.float64)) / size if size else None


def loss_rise(losses: Array, batch: int, batches: int) -> float | None:
    """How much the loss of a batch is above that of so many before; None where there is none."""
    if batch < batches or batch >= len(losses):
        return None
    return float(losses[batch] - losses[batch - batches])


def share_of(quantity: Quantity, kind: str, output: Any) -> float | None:
    """The saturated or dead share of a layer's output; None where its kind has none."""
    rule = rule_for(kind)
    if rule is None or not isinstance(output, np.ndarray) or output.dtype.kind not in "fb":
        return None
    if quantity is Quantity.SATURATED:
        return measure_saturated(output, *rule.range) if rule.range is not None else None
    return measure_dead(output) if rule.can_die else None


# Said by a trace


def events_of(place: Named, trace: Trace, around: BatchContext) -> list[int]:
    """The event of a batch at which the quantity is known to be out of the range, if it is.

    A parameter is known to be unchanged in an epoch at the last event of its last batch.
    """
    if place.quantity is Quantity.UNCHANGED:
        ends = (around.batch + 1) % around.per_epoch == 0 and trace.error is None
        last = len(trace) - 1
        return [last] if ends and any(map(place.is_for, around.unchanged())) else []
    found = [
        event
        for name, value, event in _values(place, trace, around)
        if place.is_for(name) and place.is_outside(value)
    ]
    return sorted(found)[:1]


def _values(
    place: Named, trace: Trace, around: BatchContext
) -> Iterator[tuple[str, float | None, int]]:
    quantity, last = place.quantity, len(trace) - 1
    if quantity is Quantity.LOSS_RISE:
        known = [e for e in range(len(trace)) if trace.phase(e) is Phase.BACKWARD][:1]
        rise = loss_rise(around.losses, around.batch, place.batches)
        yield "", rise, known[0] if known else last
        return
    if quantity in (Quantity.SATURATED, Quantity.DEAD):
        for name, output, event in _outputs(trace):
            yield name, share_of(quantity, type(trace.layers[name]).__name__, output), event
        return
    for full in around.network.parameters():
        layer, _, name = full.rpartition(".")
        if quantity is Quantity.UPDATE_RATIO:
            first, after = (trace.homes.value(full, event) for event in (0, len(trace)))
            yield full, update_ratio(first, after), last
            continue
        backward = [
            event
            for event in range(len(trace))
            if trace.frame(event).layer == layer and trace.phase(event) is Phase.BACKWARD
        ]
        attributes = trace.attributes_at(last, trace.layers[layer]) if layer in trace.layers else {}
        gradient = attributes.get(f"d{name}")
        if backward and isinstance(gradient, np.ndarray):
            yield full, rms(gradient), backward[-1]


def _outputs(trace: Trace) -> Iterator[tuple[str, Any, int]]:
    names = {id(layer): name for name, layer in trace.layers.items()}
    for event in range(len(trace)):
        frame = trace.frame(event)
        own = id(frame.owner) in names and frame.function.rpartition(".")[2] == Phase.FORWARD
        if own and trace.kind(event) is Kind.RETURN:
            yield names[id(frame.owner)], trace.value(event), event


# Noticed at full speed


def may_be_outside(
    place: Named, layers: Mapping[str, Any], network: Any, before: Mapping[str, Array],
    losses: Array, batch: int,
) -> bool:  # fmt: skip
    """Whether the quantity may be out of its range in the batch that has just run."""
    quantity = place.quantity
    if quantity is Quantity.LOSS_RISE:
        return place.is_outside(loss_rise(losses, batch, place.batches))
    if quantity in (Quantity.SATURATED, Quantity.DEAD):
        return any(
            _share_may_be_outside(place, layer)
            for name, layer in layers.items()
            if place.is_for(name) and rule_for(type(layer).__name__) is not None
        )
    if quantity is Quantity.UPDATE_RATIO:
        return any(
            place.is_outside(update_ratio(before[name], array))
            for name, array in network.parameters().items()
            if name in before
        )
    return any(
        place.is_outside(rms(array))
        for name, array in answer_of(network.gradients, {}).items()
        if place.is_for(name)
    )


def _share_may_be_outside(place: Named, layer: Any) -> bool:
    """By what our layers keep of their output; of another layer the trace has to say."""
    kept = look_up(layer, "mask" if place.quantity is Quantity.DEAD else "y")
    if not isinstance(kept, np.ndarray):
        return True
    return place.is_outside(share_of(place.quantity, type(layer).__name__, kept))
