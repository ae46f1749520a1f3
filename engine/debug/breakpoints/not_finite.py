"""The breakpoint at the first NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from engine.debug.breakpoints.context import BatchContext, LiveBatch
from engine.debug.breakpoints.place import Place
from engine.debug.events import Kind
from engine.debug.reach.contents import dictionary_of
from engine.debug.record.trace import Trace


@dataclass(frozen=True, slots=True)
class NotFinite(Place):
    """Where the first NaN or infinity appears in attributes, outputs or parameters."""

    takes_condition = False
    takes_message = False

    def __str__(self) -> str:
        return "NaN or infinity"

    def events(self, trace: Trace, context: BatchContext) -> Iterator[int]:
        """The first value that is not finite, in a batch that starts without and ends with such."""
        names = list(context.parameters)
        last = len(trace) - 1
        if any(is_bad(trace.parameter_places.value(name, 0)) for name in names):
            return
        kept = (
            value
            for layer in trace.layers.values()
            for value in trace.attributes_at(last, layer).values()
        )
        learned = (trace.parameter_places.value(name, len(trace)) for name in names)
        if not any(map(is_bad, (trace.result, *kept, *learned))):
            return
        for event in range(len(trace)):
            if trace.kind(event) in (Kind.EXPRESSION, Kind.RETURN) and is_bad(trace.value(event)):
                yield event
                return

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether the loss, or any array of the layers or the optimizer, is not finite.

        Gradients are skipped: a bad gradient has made its parameter bad.
        """
        if not isfinite(live.loss):
            return True
        seen = set()
        with np.errstate(all="ignore"):
            for holder in live.program.kept:
                attributes = dictionary_of(holder) or {}
                for name, value in attributes.items():
                    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
                        continue
                    if id(value) in seen or (name[0] == "d" and name[1:] in attributes):
                        continue
                    seen.add(id(value))
                    # The sum of squares is finite only if every element is, and BLAS takes a fifth
                    # of the time of a plain sum. It may overflow, which is a false alarm; the
                    # trace then shows that there is no hit.
                    plain = np.asarray(value)  # np.matrix multiplies in another way
                    if not isfinite(np.vdot(plain, plain)):
                        return True
        return False


def is_bad(value: Any) -> bool:
    """Whether a number or an array has a NaN or an infinity."""
    if isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind in "fc":
        return not bool(np.isfinite(value).all())
    return isinstance(value, float) and not np.isfinite(value)
