"""Take a snapshot of a session: the state of the trace, the network and the run at the cursor."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from engine.debug.bookmarks import Bookmarks
from engine.debug.breakpoints.breakpoints import Breakpoints
from engine.debug.breakpoints.records import BreakpointRecords
from engine.debug.events import Frame, Kind, Phase, Position
from engine.debug.explain.operation import Operation
from engine.debug.explain.operation_at import operation_at
from engine.debug.explain.operation_stops import operation_stops
from engine.debug.queries.variable import writes_to
from engine.debug.record.trace import Trace
from engine.debug.snapshots.forward_cache import with_state
from engine.debug.snapshots.layers import flow_through, layer_state
from engine.debug.snapshots.snapshot import (
    BranchState,
    Group,
    Minibatch,
    Snapshot,
    StackEntry,
    Variable,
)
from engine.debug.snapshots.surroundings import ahead_of, ran_before, statement_at, turn_at
from engine.debug.snapshots.trace_index import TraceIndex
from engine.debug.travel.branches import Branches
from engine.debug.travel.facet_view import Facets
from engine.debug.travel.trainer import Trainer
from engine.errors import BatchTooLong

Array = np.ndarray[Any, Any]


def take_snapshot(trainer: Trainer, records: BreakpointRecords, bookmarks: Bookmarks) -> Snapshot:
    """The complete state at the cursor."""
    trace_index = trainer.trace_index
    trace, cursor = trace_index.trace, trainer.position.event
    error, source = trainer.error, trainer.program.layer_source(trace_index)
    return Snapshot(
        position=trainer.position,
        event=trace[cursor],
        event_count=len(trace),
        kinds=trace_index.kinds,
        bands=trace_index.bands,
        variables=tuple(_variables(trace_index, cursor)),
        stack=tuple(_stack(trace, cursor)),
        cache=tuple(with_state(entry, cursor) for entry in trace_index.cache),
        layers=tuple(layer_state(source, trace_index, name, cursor) for name in source.names),
        minibatch=_minibatch(trainer, trace_index, cursor),
        history=trainer.history(),
        setup=trainer.setup(),
        blocked=trainer.blocked(),
        operation=_operation(trace_index, cursor),
        held_bytes=trace_index.held_bytes,
        test_predictions=trainer.test_predictions(),
        breakpoints=tuple(records.breakpoints.shown),
        resting=tuple(records.breakpoints.resting),
        bookmarks=tuple(bookmarks),
        elsewhere=_elsewhere(trainer.branches, bookmarks),
        branches=tuple(_branches(trainer.branches)),
        breakpoint_events=_breakpoint_events(records.breakpoints, trace_index),
        last_hits=dict(records.current_hits()),
        logged=tuple(records.logged),
        notices=trainer.notices,
        too_long=error if isinstance(error, BatchTooLong) else None,
        operation_stops=operation_stops(trace),
        identity=trainer.identity,
        ran=ran_before(trace_index, cursor),
        turn=turn_at(trace_index, cursor),
        ahead=ahead_of(trace, cursor),
        statement=statement_at(trace_index, cursor),
        facets=() if trainer.program.network is not None else Facets(trainer).states(),
    )


def at_event(trainer: Trainer, snapshot: Snapshot, event: int) -> Snapshot:
    """A snapshot with the code and the variables of another event of its batch.

    The cursor stays. Layers, minibatch and all that is not of the trace alone remain as they are at
    the snapshot, and the operation has no gradients of its layer.
    """
    trace_index = trainer.trace_index
    return replace(
        snapshot,
        position=Position(snapshot.position.batch, event),
        event=trace_index.trace[event],
        variables=tuple(_variables(trace_index, event)),
        stack=tuple(_stack(trace_index.trace, event)),
        operation=operation_at(trace_index.trace, event),
        ran=ran_before(trace_index, event),
        turn=turn_at(trace_index, event),
        ahead=ahead_of(trace_index.trace, event),
        statement=statement_at(trace_index, event),
    )


def _operation(trace_index: TraceIndex, cursor: int) -> Operation:
    """The operation of the event; within a layer, with the gradients that flow through it."""
    operation = operation_at(trace_index.trace, cursor)
    if not operation.layer:
        return operation
    return replace(operation, gradients=flow_through(trace_index, operation.layer))


def _elsewhere(branches: Branches, bookmarks: Bookmarks) -> dict[int, str]:
    """The bookmarks whose moment the current branch does not contain, with their branch's name."""
    return {
        bookmark.id: branches[bookmark.branch].name if bookmark.branch in branches else ""
        for bookmark in bookmarks
        if not branches.has(bookmark.branch, bookmark.position.batch)
    }


def _branches(branches: Branches) -> Iterator[BranchState]:
    for branch in branches:
        batches, accuracies, _ = branch.measured.arrays()
        yield BranchState(
            branch.id, branch.name, branch.note, branch.parent, branch.batch,
            tuple(str(edit) for _, edit in branch.own_edits), branch.losses.shared(), batches,
            accuracies, branch is branches.current,
        )  # fmt: skip


def _breakpoint_events(breakpoints: Breakpoints, trace_index: TraceIndex) -> tuple[int, ...]:
    """The events at which the timeline shows the enabled breakpoints."""
    return tuple(sorted({e for one in breakpoints.enabled for e in one.place.marks(trace_index)}))


def _variables(trace_index: TraceIndex, cursor: int) -> Iterator[Variable]:
    trace = trace_index.trace
    frame = trace.frame(cursor)
    if trace.kind(cursor) is Kind.EXPRESSION:
        yield Variable(trace.site(cursor).source, trace.value(cursor), Group.CURSOR)
    elif trace.kind(cursor) is Kind.RETURN:
        yield Variable("return value", trace.value(cursor), Group.CURSOR)
    since = _line_before(trace_index, frame, cursor)
    bindings = trace.bindings_at(cursor, frame)
    for name, (moment, bound) in bindings.items():
        changed = moment > since or _written(trace_index, bound, since, cursor)
        yield Variable(name, trace.history.as_of(bound, cursor), Group.LOCAL, changed)
    if frame.owner is not None:
        yield from _attributes(trace_index, frame, cursor, since)
    for name, (stored, bound) in trace.global_bindings_at(cursor, frame).items():
        if name not in bindings:
            changed = stored is not None and stored > since
            changed = changed or _written(trace_index, bound, since, cursor)
            yield Variable(name, trace.history.as_of(bound, cursor), Group.GLOBAL, changed)


def _attributes(
    trace_index: TraceIndex, frame: Frame, cursor: int, since: int
) -> Iterator[Variable]:
    """The attributes of the object whose method runs."""
    trace = trace_index.trace
    stored = _stores(trace_index, frame.owner)
    for name, value in trace.history.attributes_at(frame.owner, cursor).items():
        moments = stored.get(name, [])
        changed = any(since < m <= cursor for m in moments) or _written(
            trace_index, value, since, cursor
        )
        stale = bool(moments) and moments[0] > cursor
        stale = stale or (not moments and _written_first_after(trace_index, value, cursor))
        shown = trace.history.as_of(value, cursor)
        yield Variable(f"self.{name}", shown, Group.ATTRIBUTE, changed, stale and not changed)


def _line_before(trace_index: TraceIndex, frame: Frame, cursor: int) -> int:
    """The line event before the cursor's line, or the call event of the frame without one."""
    lines = trace_index.lines[id(frame)]
    place = bisect_right(lines, cursor)
    return lines[place - 2] if place > 1 else frame.call_event


def _stores(trace_index: TraceIndex, owner: Any) -> dict[str, list[int]]:
    """By attribute of an object, the moments at which it was stored in this batch."""
    record = trace_index.trace.history.objects.get(id(owner))
    found: dict[str, list[int]] = {}
    if record is not None:
        for moment, (name, _) in zip(record.at, record.stores, strict=True):
            found.setdefault(name, []).append(moment)
    return found


def _written(trace_index: TraceIndex, value: Any, since: int, cursor: int) -> bool:
    """Whether an array or a container was written in place in (since, cursor]."""
    return any(
        bisect_right(moments, cursor) > bisect_right(moments, since)
        for moments in writes_to(trace_index.trace.history, value)
    )


def _written_first_after(trace_index: TraceIndex, value: Any, cursor: int) -> bool:
    """Whether forward or backward writes an array only after the cursor: it is the last batch's."""
    writes = writes_to(trace_index.trace.history, value)
    first = min((moments[0] for moments in writes if moments), default=-1)
    return first > cursor and trace_index.trace.phase(first - 1) is not Phase.UPDATE


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


def _minibatch(trainer: Trainer, trace_index: TraceIndex, cursor: int) -> Minibatch:
    trace, network = trace_index.trace, trainer.program.network
    gradient = None
    stored = {} if network is None else _stores(trace_index, network)
    if any(moment <= cursor for moment in stored.get("dx", [])):
        dx = trace.history.attributes_at(network, cursor).get("dx")
        gradient = trace.history.as_of(dx, cursor) if isinstance(dx, np.ndarray) else None
    predictions = trace_index.predictions
    if predictions is not None and cursor < predictions.event:
        predictions = None
    indices, images, labels = trace_index.samples
    return Minibatch(
        indices=indices,
        images=images,
        labels=labels,
        predictions=predictions and predictions.predictions,
        input_gradient=gradient,
        probabilities=predictions and predictions.probabilities,
        losses=predictions and predictions.losses,
    )
