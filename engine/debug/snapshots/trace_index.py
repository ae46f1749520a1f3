"""An index of a trace: passes, bands, cache and predictions, which do not depend on the cursor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from engine.debug.events import Kind, Phase
from engine.debug.record.trace import LayerPasses, Trace
from engine.debug.snapshots.forward_cache import bytes_held, cache_entries
from engine.debug.snapshots.predictions import Predictions, predictions_of
from engine.debug.snapshots.samples import Samples
from engine.debug.snapshots.snapshot import Band, CacheEntry

Array = np.ndarray[Any, Any]
PARAMETERS = "parameters"  # label of the band of the update before its first parameter
RETURN = "return"  # label of the band after its last parameter


class TraceIndex:
    """Everything about a trace that does not depend on the cursor. Made once per trace.

    All snapshots of the trace share its arrays, so that views can cache their drawings.

    Args:
        parameter_names: of the program.
        samples: of this batch.
    """

    def __init__(
        self,
        trace: Trace,
        parameter_names: list[str],
        samples: Samples,
    ) -> None:
        self.trace = trace
        self.parameter_names = set(parameter_names)
        self.samples = samples
        self._once: dict[Hashable, Any] = {}

    def once(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """The result of `find`, computed on first access and cached under `key`."""
        if key not in self._once:
            self._once[key] = find()
        return self._once[key]

    @cached_property
    def last_layer(self) -> str:
        """The name of the last layer, which is the loss; "" without layers."""
        return (list(self.trace.layers) or [""])[-1]

    @cached_property
    def predictions(self) -> Predictions | None:
        """The predictions of the batch; None if the loss does not return, or has no samples."""
        if not len(self.samples.indices):
            return None
        found = self.passes.get((self.last_layer, Phase.FORWARD))
        return None if found is None else predictions_of(self.trace, *found[:2])

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kind of each event."""
        return tuple(self.trace.kind(i) for i in range(len(self.trace)))

    @cached_property
    def lines(self) -> dict[int, list[int]]:
        """The line events of each frame, by the frame's id."""
        return {
            frame: [i for i in events if self.kinds[i] is Kind.LINE]
            for frame, events in self.trace.events_of.items()
        }

    @cached_property
    def events_of_line(self) -> dict[tuple[str, int], list[int]]:
        """The line events of each line, by file and line number."""
        found: dict[tuple[str, int], list[int]] = {}
        for event, kind in enumerate(self.kinds):
            if kind is Kind.LINE:
                site = self.trace.site(event)
                found.setdefault((site.file, site.span.line), []).append(event)
        return found

    @cached_property
    def backward_end(self) -> int | None:
        """The last event of the backward pass; None if it does not end."""
        backward = [i for i in range(len(self.trace)) if self.trace.phase(i) is Phase.BACKWARD]
        failed = self.trace.error is not None
        if not backward or (failed and backward[-1] == len(self.trace) - 1):
            return None
        return backward[-1]

    @cached_property
    def passes(self) -> LayerPasses:
        """By layer and phase: first and last event of the layer's method, and its frame."""
        if self.trace.layer_passes is not None:
            return self.trace.layer_passes
        found: LayerPasses = {}
        owners = {id(layer): name for name, layer in self.trace.layers.items()}
        for frame in self.trace.frames:
            name = owners.get(id(frame.owner))
            key = (name or "", frame.phase)
            if name is None or key in found or frame.function.split(".")[-1] != frame.phase:
                continue
            last = self.trace.events_of[id(frame)][-1]
            found[key] = frame.call_event, last, frame
        return found

    @property
    def turns(self) -> Iterator[int]:
        """The call and return events of all layers; their values are arguments and results."""
        for first, last, _ in self.passes.values():
            yield from (first, last)

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """The trace in bands: consecutive events of one phase and one layer (or parameter)."""
        starts: list[tuple[int, Phase, str, str]] = []
        renames = dict(self._updated_names())
        for event in range(len(self.trace)):
            phase, layer = self.trace.phase(event), self.trace.frame(event).layer
            label = renames.get(event, layer)
            if not starts or phase is not starts[-1][1]:
                first = PARAMETERS if phase is Phase.UPDATE and renames else ""
                starts.append((event, phase, label or first, layer))
            elif label and label != starts[-1][2]:
                if not starts[-1][2]:
                    starts[-1] = (starts[-1][0], phase, label, layer)
                else:
                    starts.append((event, phase, label, layer))
        ends = [start[0] - 1 for start in starts[1:]] + [len(self.trace) - 1]
        return tuple(
            Band(phase, label, layer or label.rpartition(".")[0], first, last)
            for (first, phase, label, layer), last in zip(starts, ends, strict=True)
        )

    def _updated_names(self) -> Iterator[tuple[int, str]]:
        """The moments at which the update binds a local to a parameter's name, and its end."""
        for frame in self.trace.frames:
            if frame.phase is Phase.UPDATE and frame.parent is not None:
                bound = [(m, v) for m, _, v in frame.bindings if isinstance(v, str)]
                names = [(m, v) for m, v in bound if v in self.parameter_names]
                if names and frame.function.split(".")[-1] in ("update", "step"):
                    yield from names
                    yield self.trace.events_of[id(frame)][-1] + 1, RETURN

    @cached_property
    def cache(self) -> tuple[CacheEntry, ...]:
        """The arrays that each forward stored on its layer, in order; every state is NOT_YET."""
        return tuple(cache_entries(self.trace))

    @cached_property
    def held_bytes(self) -> Array:
        """(events,) bytes of the forward cache that are held at each event, read-only."""
        return bytes_held(self.cache, len(self.trace))
