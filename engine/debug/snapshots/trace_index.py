"""What a trace says as a whole, wherever the cursor is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.debug.events import Frame, Kind, Phase
from engine.debug.memory.buffers import read_only
from engine.debug.record.trace import Trace
from engine.debug.snapshots.cache import bytes_held, find_kept
from engine.debug.snapshots.predictions import Predictions, judge
from engine.debug.snapshots.snapshot import Band, CacheEntry

Array = np.ndarray[Any, Any]
PARAMETERS = "parameters"  # the band of the update in which they are listed
RETURN = "return"  # and the one after its last


class TraceIndex:
    """What a trace says as a whole, wherever the cursor is. Made once a trace.

    All snapshots of the trace have the same arrays of it, so that what was drawn once is known.

    Args:
        parameter_names: of the network.
        dataset: where the samples are from.
        indices: (n,) of the samples of this batch.
    """

    def __init__(
        self, trace: Trace, parameter_names: list[str], dataset: Dataset, indices: Array
    ) -> None:
        self.trace = trace
        self.parameter_names = set(parameter_names)
        self._dataset = dataset
        self._indices = indices
        self._once: dict[Hashable, Any] = {}

    def once(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """What is the same for all of the trace, found when it is first asked for."""
        if key not in self._once:
            self._once[key] = find()
        return self._once[key]

    @cached_property
    def last_layer(self) -> str:
        """The last of the layers, which is the loss; a network may have none."""
        return (list(self.trace.layers) or [""])[-1]

    @cached_property
    def samples(self) -> tuple[Array, Array, Array]:
        """Indices (n,), images (n, rows, columns) and labels (n,) of the batch, read-only."""
        indices, dataset = self._indices, self._dataset
        images, labels = dataset.images[indices], dataset.labels[indices]
        return read_only(indices), read_only(images), read_only(labels)

    @cached_property
    def judgement(self) -> Predictions | None:
        """What follows from the scores, once the loss has returned; None if it never does."""
        found = self.passes.get((self.last_layer, Phase.FORWARD))
        return None if found is None else judge(self.trace, *found[:2])

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kind of each event."""
        return tuple(self.trace.kind(i) for i in range(len(self.trace)))

    @cached_property
    def lines(self) -> dict[int, list[int]]:
        """By id of the frame, its line events."""
        return {
            frame: [i for i in events if self.kinds[i] is Kind.LINE]
            for frame, events in self.trace.events_of.items()
        }

    @cached_property
    def events_of_line(self) -> dict[tuple[str, int], list[int]]:
        """By file and line, the events at which the line begins."""
        found: dict[tuple[str, int], list[int]] = {}
        for event, kind in enumerate(self.kinds):
            if kind is Kind.LINE:
                site = self.trace.site(event)
                found.setdefault((site.file, site.span.line), []).append(event)
        return found

    @cached_property
    def backward_end(self) -> int | None:
        """The event at which the backward pass has ended, or None where it never does."""
        backward = [i for i in range(len(self.trace)) if self.trace.phase(i) is Phase.BACKWARD]
        failed = self.trace.error is not None
        if not backward or (failed and backward[-1] == len(self.trace) - 1):
            return None
        return backward[-1]

    @cached_property
    def passes(self) -> dict[tuple[str, Phase], tuple[int, int, Frame]]:
        """By layer and pass: first and last event of its method, and the frame of the call."""
        found: dict[tuple[str, Phase], tuple[int, int, Frame]] = {}
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
        """The events at which layers are called and return, with what they are given and give."""
        for first, last, _ in self.passes.values():
            yield from (first, last)

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """Every event of the trace, in stretches of one pass and one layer (or parameter)."""
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
        """Where the update turns to another parameter, a local being bound to its name; its end."""
        for frame in self.trace.frames:
            if frame.phase is Phase.UPDATE and frame.parent is not None:
                bound = [(m, v) for m, _, v in frame.bindings if isinstance(v, str)]
                names = [(m, v) for m, v in bound if v in self.parameter_names]
                if names and frame.function.split(".")[-1] in ("update", "step"):
                    yield from names
                    yield self.trace.events_of[id(frame)][-1] + 1, RETURN

    @cached_property
    def cache(self) -> tuple[CacheEntry, ...]:
        """What each forward stored on its layer, in the order of the stores; states not yet set."""
        return tuple(find_kept(self.trace))

    @cached_property
    def held_bytes(self) -> Array:
        """(events,) bytes of the cache that are held at each event, read-only."""
        return bytes_held(self.cache, len(self.trace))
