"""Gather a snapshot: what the trace, the network and the run say at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.debug.contents import attributes_of
from engine.debug.events import Frame, Kind, Phase
from engine.debug.memory import root_of
from engine.debug.operations import operation_at
from engine.debug.snapshot import (
    Band,
    CacheEntry,
    Group,
    Held,
    LayerState,
    Minibatch,
    Progress,
    Snapshot,
    StackEntry,
    Variable,
)  # fmt: skip
from engine.debug.trace import Trace

if TYPE_CHECKING:
    from engine.debug.session import Session

Array = np.ndarray[Any, Any]
COLLECT = "collect"  # the band of the update before its first parameter
RETURN = "return"  # and the one after its last


class Survey:
    """What a trace says as a whole, wherever the cursor is. Made once a trace."""

    def __init__(self, trace: Trace, parameter_names: list[str]) -> None:
        self.trace = trace
        self.parameter_names = set(parameter_names)

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

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """Every event of the trace, in stretches of one pass and one layer (or parameter)."""
        starts: list[tuple[int, Phase, str, str]] = []
        renames = dict(self._updated_names())
        for event in range(len(self.trace)):
            phase, layer = self.trace.phase(event), self.trace.frame(event).layer
            label = renames.get(event, layer)
            if not starts or phase is not starts[-1][1]:
                first = COLLECT if phase is Phase.UPDATE and renames else ""
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
        roots: dict[int, str] = {}
        entries = []
        for written, layer, name, array in sorted(self._stored(), key=lambda found: found[0]):
            full = f"{layer}.{name}"
            root = id(root_of(array))
            shared = roots.setdefault(root, full)
            reads = list(self._read_going_back(layer, name))
            entries.append(
                CacheEntry(
                    name=full, layer=layer, shape=array.shape, dtype=str(array.dtype),
                    nbytes=array.nbytes if shared == full else 0,
                    shared_with="" if shared == full else shared, written=written,
                    read_by=tuple(dict.fromkeys(f"{layer}.{function}" for _, function in reads)),
                    reads=tuple(event for event, _ in reads), state=Held.NOT_YET,
                )
            )  # fmt: skip
        return tuple(entries)

    def _stored(self) -> Iterator[tuple[int, str, str, Array]]:
        """Arrays that forward kept: stored as an attribute, or written into a buffer."""
        trace, last = self.trace, len(self.trace) - 1
        for layer_name, layer in trace.layers.items():
            record = trace.history.objects.get(id(layer))
            if record is None:
                continue
            found: dict[str, tuple[int, Array]] = {}
            for moment, (name, value) in zip(record.at, record.stores, strict=True):
                if isinstance(value, np.ndarray) and self._phase_of(moment) is Phase.FORWARD:
                    found[name] = moment, value
            for name, value in trace.history.attributes_at(layer, last).items():
                if isinstance(value, np.ndarray) and name not in found:
                    writes = trace.history.arrays.get(id(root_of(value)))
                    going = (
                        [m for m in writes.at if self._phase_of(m) is Phase.FORWARD]
                        if writes
                        else []
                    )
                    if going:
                        found[name] = going[-1], value
            for name, (moment, array) in found.items():
                yield min(moment, last), layer_name, name, array

    def _read_going_back(self, layer: str, name: str) -> Iterator[tuple[int, str]]:
        thing = self.trace.layers[layer]
        for moment, owner, attribute in self.trace.reads:
            if owner is thing and attribute == name and self._phase_of(moment) is Phase.BACKWARD:
                frame = self.trace.frame(moment - 1)
                if self.kinds[moment - 1] is Kind.RETURN and frame.parent is not None:
                    frame = frame.parent
                yield min(moment, len(self.trace) - 1), frame.function.split(".")[-1]

    def _phase_of(self, moment: int) -> Phase:
        return self.trace.phase(max(moment - 1, 0))


def gather(session: Session) -> Snapshot:
    """The snapshot of a session at its cursor."""
    survey = session.survey
    trace, cursor = survey.trace, session.position.event
    return Snapshot(
        position=session.position,
        event=trace[cursor],
        event_count=len(trace),
        kinds=survey.kinds,
        bands=survey.bands,
        variables=tuple(_variables(survey, cursor)),
        stack=tuple(_stack(trace, cursor)),
        cache=tuple(_with_state(entry, cursor) for entry in survey.cache),
        layers=tuple(_layer(session, survey, name, cursor) for name in trace.layers),
        minibatch=_minibatch(session, survey, cursor),
        history=session.history(),
        setup=session.setup(),
        blocked=session.blocked(),
        operation=operation_at(trace, cursor),
    )


def _variables(survey: Survey, cursor: int) -> Iterator[Variable]:
    trace = survey.trace
    frame = trace.frame(cursor)
    if trace.kind(cursor) is Kind.EXPRESSION:
        yield Variable(trace.site(cursor).source, trace.value(cursor), Group.CURSOR)
    elif trace.kind(cursor) is Kind.RETURN:
        yield Variable("return value", trace.value(cursor), Group.CURSOR)
    since = _line_before(survey, frame, cursor)
    for name, (moment, bound) in trace.bindings_at(cursor, frame).items():
        changed = moment > since or _written(survey, bound, since, cursor)
        yield Variable(name, trace.history.as_of(bound, cursor), Group.LOCAL, changed)
    if frame.owner is None:
        return
    stored = _stores(survey, frame.owner)
    for name, value in trace.history.attributes_at(frame.owner, cursor).items():
        moments = stored.get(name, [])
        changed = any(since < m <= cursor for m in moments) or _written(
            survey, value, since, cursor
        )
        stale = bool(moments) and moments[0] > cursor
        stale = stale or (not moments and _written_first_after(survey, value, cursor))
        shown = trace.history.as_of(value, cursor)
        yield Variable(f"self.{name}", shown, Group.ATTRIBUTE, changed, stale and not changed)


def _line_before(survey: Survey, frame: Frame, cursor: int) -> int:
    """The line event before the one that the cursor is on; -1 without one: all since is new."""
    lines = [event for event in survey.lines[id(frame)] if event <= cursor]
    return lines[-2] if len(lines) > 1 else frame.call_event


def _stores(survey: Survey, thing: Any) -> dict[str, list[int]]:
    record = survey.trace.history.objects.get(id(thing))
    found: dict[str, list[int]] = {}
    if record is not None:
        for moment, (name, _) in zip(record.at, record.stores, strict=True):
            found.setdefault(name, []).append(moment)
    return found


def _written(survey: Survey, value: Any, since: int, cursor: int) -> bool:
    """Whether an array or a container was written to in place in (since, cursor]."""
    return any(since < moment <= cursor for moment in _writes(survey, value))


def _writes(survey: Survey, value: Any, depth: int = 3) -> Iterator[int]:
    """The moments of all writes to an array, or to a container and what it holds."""
    history = survey.trace.history
    if isinstance(value, np.ndarray):
        array = history.arrays.get(id(root_of(value)))
        yield from array.at if array is not None else ()
        return
    container = history.containers.get(id(value))
    yield from container.at if container is not None else ()
    if depth and isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, (np.ndarray, dict, list, tuple)):
                yield from _writes(survey, item, depth - 1)


def _written_first_after(survey: Survey, value: Any, cursor: int) -> bool:
    """Whether forward or backward writes an array only later: it is the last batch's."""
    first = min(_writes(survey, value), default=-1)
    return first > cursor and survey.trace.phase(first - 1) is not Phase.UPDATE


def _stack(trace: Trace, cursor: int) -> Iterator[StackEntry]:
    owners = {id(layer): name for name, layer in trace.layers.items()}
    for frame in trace.stack(cursor):
        event = trace.last_event_of(frame, cursor)
        site = trace.site(event)
        name = owners.get(id(frame.owner))
        function = frame.function
        if name is not None:
            function = f"{name}.{function.split('.')[-1]}"
        yield StackEntry(function, frame.file, site.span.line, site.span, event)


def _with_state(entry: CacheEntry, cursor: int) -> CacheEntry:
    if cursor < entry.written:
        state = Held.NOT_YET
    elif entry.reads and cursor >= entry.reads[-1]:
        state = Held.RELEASED
    else:
        state = Held.HELD
    return CacheEntry(
        entry.name, entry.layer, entry.shape, entry.dtype, entry.nbytes, entry.shared_with,
        entry.written, entry.read_by, entry.reads, state,
    )  # fmt: skip


def _layer(session: Session, survey: Survey, name: str, cursor: int) -> LayerState:
    trace = survey.trace
    layer = trace.layers[name]
    forward = survey.passes.get((name, Phase.FORWARD))
    backward = survey.passes.get((name, Phase.BACKWARD))
    in_shape: tuple[int, ...] = ()
    out_shape: tuple[int, ...] = ()
    output = None
    if forward is not None:
        arguments = list(trace.value(forward[0]).values())[1:]
        in_shape = getattr(arguments[0], "shape", ()) if arguments else ()
        returned = trace.value(forward[1]) if survey.kinds[forward[1]] is Kind.RETURN else None
        out_shape = getattr(returned, "shape", ())
        output = returned if cursor >= forward[1] else None

    def own(arrays: dict[str, Array]) -> dict[str, Array]:
        return {
            full[len(name) + 1 :]: trace.history.as_of(array, cursor)
            for full, array in arrays.items()
            if full.rpartition(".")[0] == name
        }

    set_by_now = backward is not None and cursor >= backward[1]
    return LayerState(
        name=name,
        kind=type(layer).__name__,
        equation=_equation(layer),
        in_shape=in_shape,
        out_shape=out_shape,
        parameters=own(session.network.parameters()),
        gradients=own(session.network.gradients()) if set_by_now else {},
        output=output,
        progress=_progress(trace.phase(cursor), cursor, forward, backward),
        forward=forward and forward[:2],
        backward=backward and backward[:2],
    )


def _progress(
    phase: Phase,
    cursor: int,
    forward: tuple[int, int, Frame] | None,
    backward: tuple[int, int, Frame] | None,
) -> Progress:
    if phase is Phase.UPDATE:
        return Progress.DONE
    there = forward if phase is Phase.FORWARD else backward
    if there is None or cursor < there[0]:
        return Progress.NOT_YET
    return Progress.NOW if cursor <= there[1] else Progress.DONE


def _equation(layer: Any) -> str:
    """The right-hand side of `forward  z = x W + b` in a layer's docstring.

    A term that the layer goes without, such as a bias that is None, is left out.
    """
    text = type(layer).__doc__ or ""
    found = re.search(r"^\s*forward\s+(?:\S+\s*=\s*)?(\S.*?)\s*$", text, re.MULTILINE)
    equation = found.group(1) if found else ""
    for name, value in attributes_of(layer).items():
        if value is None:
            equation = re.sub(rf"\s*[+−]\s*{re.escape(name)}\b", "", equation)
    return equation


def _minibatch(session: Session, survey: Survey, cursor: int) -> Minibatch:
    trace = survey.trace
    indices = session.samples()
    predictions = None
    loss = survey.passes.get((list(trace.layers)[-1], Phase.FORWARD))
    if loss is not None and cursor >= loss[1] and survey.kinds[loss[1]] is Kind.RETURN:
        scores = [v for v in trace.value(loss[0]).values() if isinstance(v, np.ndarray)]
        if scores and scores[0].ndim == 2:
            predictions = scores[0].argmax(axis=1)
    gradient = None
    network = session.network
    if any(moment <= cursor for moment in _stores(survey, network).get("dx", [])):
        dx = trace.history.attributes_at(network, cursor).get("dx")
        gradient = trace.history.as_of(dx, cursor) if isinstance(dx, np.ndarray) else None
    return Minibatch(
        indices=read_only(indices),
        images=read_only(session.dataset.images[indices]),
        labels=read_only(session.dataset.labels[indices]),
        predictions=None if predictions is None else read_only(predictions),
        input_gradient=gradient,
    )


def read_only(array: Array) -> Array:
    """A view that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view
