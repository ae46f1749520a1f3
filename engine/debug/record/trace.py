"""The trace of a minibatch: its events in order, and all values as of each event."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np

from engine.debug.events import Event, Frame, Kind, Phase
from engine.debug.instrument.sites import SITES, Site
from engine.debug.memory.namespaces import is_code
from engine.debug.memory.parameter_places import ParameterPlaces
from engine.debug.memory.retention import KEPT
from engine.debug.memory.undo_log import UndoLog
from engine.debug.reach.buffers import root_of
from engine.debug.reach.placeholders import MISSING

Raw = tuple[int, Any, Any]  # site number, frame, value as it came in


# By layer and pass: the first and last event of the layer's call, and its frame.
LayerPasses = dict[tuple[str, Phase], tuple[int, int, Frame]]


class Trace(Sequence[Event]):
    """The events of one recorded minibatch.

    Every answer holds the values of the event in question, even those overwritten later. Arrays
    are read-only. The trace is sealed before training continues, so it stays true.

    Attributes:
        result: the return value of the outermost function (the loss), or None.
        error: the exception that ended the call, or None.
        raised_in_step: whether it was raised in the frame of the outermost function itself.
        parameter_places: where the network stores its parameters. The recorder's caller sets it.
        loss: of the batch; NaN if it is not known. The recorder's caller sets it.
        phases: the pass of each event, where it was found by data flow; None: by the names called.
        layer_passes: the calls of layers, where they were found by data flow; None: by their owner.
    """

    parameter_places: ParameterPlaces
    loss: float

    def __init__(
        self,
        raw: list[Raw],
        history: UndoLog,
        reads: list[tuple[int, Any, str]],
        layers: Mapping[str, Any],
        result: Any,
        error: BaseException | None,
        frames: Sequence[Frame],
        raised_in_step: bool = False,
    ) -> None:
        self._raw = raw
        self.history = history
        self.reads = reads
        self.layers = layers
        self.result = result
        self.error = error
        self.frames = frames
        self.loss = float("nan")
        self.phases: Sequence[Phase] | None = None
        self.layer_passes: LayerPasses | None = None
        self.raised_in_step = raised_in_step
        self.parameter_places = ParameterPlaces(history, (), {}, {}, len(raw))

    def __len__(self) -> int:
        return len(self._raw)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"event {index} of a trace of {len(self)} events")
        site = self.site(place)
        frame = self.frame(place)
        return Event(
            place, site.kind, self.phase(place), frame.layer, site.file, site.span.line, site.span,
            site.source, self.value(place), frame,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Event]:
        return (self[i] for i in range(len(self)))

    @property
    def is_whole(self) -> bool:
        """Whether the arrays of all events were kept."""
        return self.history.retention.faded_from is None

    @property
    def ends_the_run(self) -> bool:
        """Whether the run is over: the outermost function itself has raised its end."""
        return self.raised_in_step and isinstance(self.error, (StopIteration, SystemExit))

    def set_phases(self, phases: Sequence[Phase]) -> None:
        """Set the pass of each event; a frame has that of its first event."""
        self.phases = phases
        for frame in self.frames:
            frame.phase = phases[min(frame.call_event, len(phases) - 1)]

    def is_full(self, event: int) -> bool:
        """Whether an event was kept in full, which over budget not all events are.

        Arrays of the other events are `FadedArray`s, which have a shape and a dtype only.
        """
        return self.history.retention.stretch(event) == KEPT

    def site(self, event: int) -> Site:
        """The place in the source of an event."""
        return SITES[self._raw[event][0]]

    def records(self) -> Iterator[tuple[Site, Frame, Any]]:
        """The place, the frame and the very value of each event; quicker than one by one."""
        return ((SITES[number], frame, value) for number, frame, value in self._raw)

    def kind(self, event: int) -> Kind:
        """The kind of an event."""
        return self.site(event).kind

    def frame(self, event: int) -> Frame:
        """The frame of an event."""
        frame: Frame = self._raw[event][1]
        return frame

    def phase(self, event: int) -> Phase:
        """The pass of an event. Lines of the outermost function belong to the pass they start."""
        if self.phases is not None:
            return self.phases[event]
        frame = self.frame(event)
        return self.site(event).phase if frame.parent is None else frame.phase

    def value(self, event: int) -> Any:
        """An event's value; see `Event.value`."""
        number, frame, value = self._raw[event]
        if SITES[number].kind is Kind.CALL:
            return {
                name: self.as_of(bound, event) for _, name, bound in frame.bindings[: len(value)]
            }
        return self.as_of(value, event)

    def raw(self, event: int) -> Any:
        """The very object that was an event's value. Its content may have changed since."""
        return self._raw[event][2]

    def as_of(self, value: Any, event: int) -> Any:
        """A live value as it was at an event. An array that was not kept is a `FadedArray`."""
        return self.history.as_of(value, event)

    def locals_at(self, event: int, frame: Frame | None = None) -> dict[str, Any]:
        """The local variables of the event's frame, or of another running frame."""
        return {
            name: self.as_of(value, event)
            for name, (_, value) in self.bindings_at(event, frame).items()
        }

    def bindings_at(self, event: int, frame: Frame | None = None) -> dict[str, tuple[int, Any]]:
        """Each local variable's last binding: the moment and the very object."""
        frame = frame or self.frame(event)
        found: dict[str, tuple[int, Any]] = {}
        for moment, name, value in frame.bindings:
            if moment > event:
                break
            if value is MISSING:
                found.pop(name, None)
            else:
                found.pop(name, None)
                found[name] = moment, value
        return found

    def attributes_at(self, event: int, thing: Any) -> dict[str, Any]:
        """The attributes of an object at an event."""
        attributes = self.history.attributes_at(thing, event)
        return {name: self.as_of(value, event) for name, value in attributes.items()}

    def globals_at(self, event: int, frame: Frame | None = None) -> dict[str, Any]:
        """The global variables that the code of the event's frame, or of another one, names.

        Functions, classes and modules are left out, and so are names that do not exist yet.
        """
        return {
            name: self.as_of(value, event)
            for name, (_, value) in self.global_bindings_at(event, frame).items()
        }

    def global_bindings_at(
        self, event: int, frame: Frame | None = None
    ) -> dict[str, tuple[int | None, Any]]:
        """The last store of each of these variables: the moment and the very object.

        The moment is None where the variable is as it was before the batch.
        """
        frame = frame or self.frame(event)
        record = self.history.record_of(frame.namespace)
        found: dict[str, tuple[int | None, Any]] = {}
        if record is not None:
            for name in frame.global_names:
                moment, value = record.last_store(name, event)
                if value is not MISSING and not is_code(value):
                    found[name] = moment, value
        return found

    def global_stores(self, name: str, frame: Frame) -> list[int]:
        """The moments at which a global variable of a frame's module was stored."""
        record = self.history.record_of(frame.namespace)
        return [] if record is None else record.stores_of(name)[0]

    def variables(self, event: int) -> dict[str, Any]:
        """The visible variables: locals by name, attributes of `self` as `self.W`, then globals.

        A local variable hides a global one.
        """
        found = self.locals_at(event)
        frame = self.frame(event)
        if frame.owner is not None:
            for name, value in self.attributes_at(event, frame.owner).items():
                found[f"self.{name}"] = value
        for name, value in self.globals_at(event).items():
            found.setdefault(name, value)
        return found

    def stack(self, event: int) -> list[Frame]:
        """The running frames, innermost first."""
        frame: Frame | None = self.frame(event)
        found = []
        while frame is not None:
            found.append(frame)
            frame = frame.parent
        return found

    def pending(self, event: int) -> Iterator[int]:
        """The events whose values the running statements may still use.

        For each running frame these are the expressions its current statement has evaluated, each
        once.
        """
        for frame in self.stack(event):
            own, seen = self.events_of[id(frame)], set()
            for place in range(bisect_right(own, event) - 1, -1, -1):
                site = self.site(own[place])
                if site.kind is Kind.LINE:
                    break
                if site.kind is Kind.EXPRESSION and site.span not in seen:
                    seen.add(site.span)
                    yield own[place]
            yield frame.call_event

    @cached_property
    def events_of(self) -> dict[int, list[int]]:
        """The events of each frame in order, by id of the frame."""
        found: dict[int, list[int]] = {}
        for index, (_, frame, _) in enumerate(self._raw):
            found.setdefault(id(frame), []).append(index)
        return found

    def last_event_of(self, frame: Frame, event: int) -> int:
        """The last event of a frame at or before `event`."""
        events = self.events_of[id(frame)]
        return events[max(bisect_right(events, event) - 1, 0)]

    def seal(self, arrays: list[np.ndarray[Any, Any]], containers: list[Any]) -> None:
        """Copy the arrays and containers that code may change from now on."""
        known = {id(root_of(v)) for _, _, v in self._raw if isinstance(v, np.ndarray)}
        known |= {id(root_of(v)) for f in self.frames for _, _, v in f.bindings
                  if isinstance(v, np.ndarray)}  # fmt: skip
        for record in self.history.objects.values():
            values = [*record.first_values(), *(value for _, value in record.stores)]
            known |= {id(root_of(v)) for v in values if isinstance(v, np.ndarray)}
        known |= self.history.arrays.keys()
        self.history.seal([a for a in arrays if id(root_of(a)) in known], containers)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays that this trace keeps alive, and of its own records."""
        return self.nbytes_besides(lambda root: False)

    def nbytes_besides(self, held: Callable[[np.ndarray[Any, Any]], bool]) -> int:
        """The same, without arrays for which `held` is true: the program has them anyway."""
        roots: dict[int, int] = {}
        for _, _, value in self._raw:
            if isinstance(value, np.ndarray):
                root = root_of(value)
                if id(root) not in roots:
                    roots[id(root)] = 0 if held(root) else root.nbytes
        history = self.history
        bookkeeping = history.shown_arrays.nbytes + 160 * len(self._raw)
        return sum(roots.values()) + history.nbytes + bookkeeping
