"""The breakpoint that stops when a quantity, such as the RMS of a gradient, leaves a range.

It watches a named tensor, or all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debug.breakpoints.context import BatchContext, LiveBatch
from engine.debug.breakpoints.place import Place
from engine.debug.events import Kind, Phase
from engine.debug.health.activations import measure_dead, measure_saturated, rule_for
from engine.debug.reach.contents import answer_of, look_up
from engine.debug.record.trace import Trace
from engine.errors import BadValue

Array = np.ndarray[Any, Any]
Values = Iterator[tuple[str, float | None, int]]  # name, value, and the event at which it is known


class Quantity(StrEnum):
    """The watched quantity."""

    LOSS_RISE = "rise of the loss"
    SATURATED = "saturated share"
    DEAD = "dead share"
    GRADIENT_RMS = "gradient RMS"
    UPDATE_RATIO = "update-to-weight ratio"
    UNCHANGED = "unchanged in a whole epoch"


@dataclass(frozen=True, slots=True)
class Named(Place):
    """Where a quantity of a named tensor leaves a range.

    UNCHANGED has no range: it stops at the end of an epoch that has not changed a parameter at all.

    Attributes:
        quantity: the watched quantity.
        tensor: the name of a layer (for the shares) or of a parameter; "": any.
        below, above: it stops below `below` and above `above`; None: no limit on that side.
        batches: for LOSS_RISE, the number of batches over which the rise is measured.
    """

    quantity: Quantity
    tensor: str = ""
    below: float | None = None
    above: float | None = None
    batches: int = 1
    takes_condition = False
    takes_message = False

    def __str__(self) -> str:
        if self.quantity is Quantity.UNCHANGED:
            return f"{self.tensor or 'a parameter'} {self.quantity}"
        of = f" of {self.tensor}" if self.tensor else ""
        name, over = self.quantity.value, ""
        if self.quantity is Quantity.LOSS_RISE:  # lists have little room
            name, over = "loss rise", f" in {self.batches} batches"
        sides = [f"< {self.below:g}"] if self.below is not None else []
        sides += [f"> {self.above:g}"] if self.above is not None else []
        return f"{name}{of} {' or '.join(sides)}{over}"

    def check(self) -> None:
        """Raise BadValue if the rise of the loss has no earlier batch."""
        if self.batches < 1:
            raise BadValue("number of batches", self.batches, "1 or more")

    def is_outside(self, value: float | None) -> bool:
        """Whether a value is out of the range; an unknown value is not."""
        if value is None:
            return False
        too_low = self.below is not None and value < self.below
        return too_low or (self.above is not None and value > self.above)

    def is_for(self, name: str) -> bool:
        """Whether the layer or parameter of this name is watched."""
        return self.tensor in ("", name)

    # In a recorded batch

    def events(self, trace: Trace, context: BatchContext) -> list[int]:
        """The first event at which the quantity is known to be out of the range.

        A parameter is known to be unchanged in an epoch at the last event of the epoch.
        """
        if self.quantity is Quantity.UNCHANGED:
            ends = (context.batch + 1) % context.per_epoch == 0 and trace.error is None
            last = len(trace) - 1
            return [last] if ends and any(map(self.is_for, context.unchanged())) else []
        found = [
            event
            for name, value, event in self._values(trace, context)
            if self.is_for(name) and self.is_outside(value)
        ]
        return sorted(found)[:1]

    def _values(self, trace: Trace, context: BatchContext) -> Values:
        match self.quantity:
            case Quantity.LOSS_RISE:
                rise = loss_rise(context.losses, context.batch, self.batches)
                backward = (e for e in range(len(trace)) if trace.phase(e) is Phase.BACKWARD)
                yield "", rise, next(backward, len(trace) - 1)
            case Quantity.SATURATED | Quantity.DEAD:
                for name, output, event in _outputs(trace):
                    kind = type(trace.layers[name]).__name__
                    yield name, share_of(self.quantity, kind, output), event
            case Quantity.UPDATE_RATIO:
                for name in context.parameters:
                    before, after = (
                        trace.parameter_places.value(name, event) for event in (0, len(trace))
                    )
                    yield name, update_ratio(before, after), len(trace) - 1
            case Quantity.GRADIENT_RMS:
                traced = context.gradients(trace)
                if traced is None:
                    yield from _gradient_sizes(trace, context.parameters)
                    return
                for name, (moment, gradient) in traced.items():
                    event = min(moment, len(trace) - 1)
                    yield name, rms(np.asarray(trace.as_of(gradient, event))), event

    # At full speed

    @property
    def watches_epochs(self) -> bool:
        """Whether it needs all batches of an epoch, as UNCHANGED does."""
        return self.quantity is Quantity.UNCHANGED

    def hold(self, live: LiveBatch) -> dict[str, Array]:
        """Copies of the parameters for UPDATE_RATIO."""
        if self.quantity is not Quantity.UPDATE_RATIO:
            return {}
        parameters = live.program.parameters().items()
        return {name: array.copy() for name, array in parameters if self.is_for(name)}

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether the quantity may be out of its range."""
        match self.quantity:
            case Quantity.UNCHANGED:
                ends = live.unchanged.is_last(live.batch)
                return ends and any(map(self.is_for, live.unchanged.through(live.batch) or ()))
            case Quantity.LOSS_RISE:
                return self.is_outside(loss_rise(live.losses(), live.batch, self.batches))
            case Quantity.SATURATED | Quantity.DEAD:
                return any(
                    self._share_may_be_outside(layer)
                    for name, layer in live.layers.items()
                    if self.is_for(name) and rule_for(type(layer).__name__) is not None
                )
            case Quantity.UPDATE_RATIO:
                return any(
                    self.is_outside(update_ratio(held[name], array))
                    for name, array in live.program.parameters().items()
                    if name in held
                )
            case Quantity.GRADIENT_RMS:
                gradients = answer_of(live.program.gradients, {})
                return gradients is None or any(
                    self.is_outside(rms(array))
                    for name, array in gradients.items()
                    if self.is_for(name)
                )

    def _share_may_be_outside(self, layer: Any) -> bool:
        """Judged by the output that our layers keep; True for other layers: the trace decides."""
        kept = look_up(layer, "mask" if self.quantity is Quantity.DEAD else "y")
        if not isinstance(kept, np.ndarray):
            return True
        return self.is_outside(share_of(self.quantity, type(layer).__name__, kept))


def rms(array: Array) -> float:
    """Root mean square, in float64."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array, dtype=np.float64))))


def update_ratio(before: Array | None, after: Array | None) -> float | None:
    """RMS(after − before) / RMS(before); None if `before` is all 0 or the shapes differ."""
    if before is None or after is None or before.shape != after.shape:
        return None
    size = rms(before)
    with np.errstate(all="ignore"):
        return rms(np.subtract(after, before, dtype=np.float64)) / size if size else None


def loss_rise(losses: Array, batch: int, batches: int) -> float | None:
    """The loss of a batch minus the loss `batches` batches earlier; None if either is missing."""
    if batch < batches or batch >= len(losses):
        return None
    return float(losses[batch] - losses[batch - batches])


def share_of(quantity: Quantity, kind: str, output: Any) -> float | None:
    """The saturated or dead share of a layer's output; None for kinds without such a share."""
    rule = rule_for(kind)
    if rule is None or not isinstance(output, np.ndarray) or output.dtype.kind not in "fb":
        return None
    if quantity is Quantity.SATURATED:
        return measure_saturated(output, *rule.range) if rule.range is not None else None
    return measure_dead(output) if rule.can_die else None


def _outputs(trace: Trace) -> Iterator[tuple[str, Any, int]]:
    """The name, output and return event of each layer's forward."""
    names = {id(layer): name for name, layer in trace.layers.items()}
    for event in range(len(trace)):
        frame = trace.frame(event)
        own = id(frame.owner) in names and frame.function.rpartition(".")[2] == Phase.FORWARD
        if own and trace.kind(event) is Kind.RETURN:
            yield names[id(frame.owner)], trace.value(event), event


def _gradient_sizes(trace: Trace, parameters: Iterable[str]) -> Values:
    """The RMS of each gradient, at the event where its layer's backward ends."""
    last = len(trace) - 1
    for full in parameters:
        layer, _, name = full.rpartition(".")
        backward = [
            event
            for event in range(len(trace))
            if trace.frame(event).layer == layer and trace.phase(event) is Phase.BACKWARD
        ]
        attributes = trace.attributes_at(last, trace.layers[layer]) if layer in trace.layers else {}
        gradient = attributes.get(f"d{name}")
        if backward and isinstance(gradient, np.ndarray):
            yield full, rms(gradient), backward[-1]
