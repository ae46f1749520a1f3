"""The forward cache: arrays that forward passes store for the backward pass, and how long."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from engine.debug.events import Frame, Kind, Phase
from engine.debug.reach.buffers import root_of
from engine.debug.record.syntax import syntax_of
from engine.debug.record.trace import Trace
from engine.debug.snapshots.snapshot import CacheEntry, CacheState

Array = np.ndarray[Any, Any]


class _Read(NamedTuple):
    """A read of a stored attribute in the backward pass."""

    event: int
    function: str
    source: str


def cache_entries(trace: Trace) -> Iterator[CacheEntry]:
    """The arrays that each forward stored on its layer, in order; every state is NOT_YET."""
    roots: dict[int, str] = {}
    for moment, layer, name, array in sorted(_stored(trace), key=lambda found: found[0]):
        full = f"{layer}.{name}"
        shared = roots.setdefault(id(root_of(array)), full)
        reads = list(_read_going_back(trace, layer, name))
        yield CacheEntry(
            name=full, layer=layer, shape=array.shape, dtype=str(array.dtype),
            nbytes=array.nbytes if shared == full else 0,
            shared_with="" if shared == full else shared,
            written=min(moment, len(trace) - 1),
            read_by=tuple(dict.fromkeys(f"{layer}.{read.function}" for read in reads)),
            reads=tuple(read.event for read in reads), state=CacheState.NOT_YET,
            writer=_line_of(trace, moment), readers=tuple(read.source for read in reads),
        )  # fmt: skip


def with_state(entry: CacheEntry, cursor: int) -> CacheEntry:
    """The entry with its state at an event."""
    first, end = _held_during(entry)
    if cursor < first:
        return entry
    return replace(
        entry, state=CacheState.HELD if end is None or cursor < end else CacheState.RELEASED
    )


def bytes_held(entries: Sequence[CacheEntry], count: int) -> Array:
    """(count,) int64, read-only: the bytes held at each event.

    Memory that several entries share counts once, as long as any of them is held.
    """
    total = np.zeros(count, np.int64)
    for owner in entries:
        if owner.shared_with:
            continue
        held = np.zeros(count, bool)
        for entry in entries:
            if owner.name in (entry.name, entry.shared_with):
                first, end = _held_during(entry)
                held[first:end] = True
        total[held] += owner.nbytes
    total.flags.writeable = False
    return total


def _held_during(entry: CacheEntry) -> tuple[int, int | None]:
    """The event from which an entry is held, and the event of its last read, or None."""
    return entry.written, entry.reads[-1] if entry.reads else None


def _stored(trace: Trace) -> Iterator[tuple[int, str, str, Array]]:
    """The arrays that forward stored as an attribute, or wrote into a buffer.

    Each comes with its moment, layer and attribute name.
    """
    history, last = trace.history, len(trace) - 1
    for layer_name, layer in trace.layers.items():
        record = history.objects.get(id(layer))
        if record is None:
            continue
        found: dict[str, tuple[int, Array]] = {}
        for moment, (name, value) in zip(record.at, record.stores, strict=True):
            if isinstance(value, np.ndarray) and _phase_of(trace, moment) is Phase.FORWARD:
                found[name] = moment, value
        for name, value in history.attributes_at(layer, last).items():
            if isinstance(value, np.ndarray) and name not in found:
                writes = history.arrays.get(id(root_of(value)))
                at = writes.at if writes else []
                forward = [m for m in at if _phase_of(trace, m) is Phase.FORWARD]
                if forward:
                    found[name] = forward[-1], value
        for name, (moment, array) in found.items():
            yield moment, layer_name, name, array


def _read_going_back(trace: Trace, layer: str, name: str) -> Iterator[_Read]:
    layer_object = trace.layers[layer]
    for moment, owner, attribute in trace.reads:
        reads_it = owner is layer_object and attribute == name
        if reads_it and _phase_of(trace, moment) is Phase.BACKWARD:
            event, frame = min(moment, len(trace) - 1), _frame_of(trace, moment)
            yield _Read(event, frame.function.split(".")[-1], _reader(trace, moment, name))


def _phase_of(trace: Trace, moment: int) -> Phase:
    return trace.phase(max(moment - 1, 0))


def _frame_of(trace: Trace, moment: int) -> Frame:
    """The call that runs at a moment, which lies between two events."""
    before = max(moment - 1, 0)
    frame = trace.frame(before)
    if trace.kind(before) is Kind.RETURN and frame.parent is not None:
        return frame.parent
    return frame


def _line_of(trace: Trace, moment: int) -> str:
    """The source of the line that runs at a moment."""
    frame = _frame_of(trace, moment)
    lines = [e for e in trace.events_of[id(frame)] if trace.kind(e) is Kind.LINE and e < moment]
    return trace.site(lines[-1]).source if lines else ""


def _reader(trace: Trace, moment: int, name: str) -> str:
    """The source of the expression that read an attribute at a moment.

    It is the innermost expression, skipping pure views such as `.T`: for `self.x.T @ dout` it is
    the product. If no expression contains the attribute, as in `x = self.x`, it is the line.
    """
    frame = _frame_of(trace, moment)
    for event in trace.events_of[id(frame)]:
        if event < moment:
            continue
        site = trace.site(event)
        if site.kind is Kind.LINE:
            break
        if site.kind is Kind.EXPRESSION and _computes_with(syntax_of(site), name):
            return site.source
    return _line_of(trace, moment)


def _computes_with(tree: ast.AST | None, name: str) -> bool:
    """Whether an expression reads an attribute, and is no attribute itself."""
    if tree is None or isinstance(tree, ast.Attribute):
        return False
    return any(isinstance(node, ast.Attribute) and node.attr == name for node in ast.walk(tree))
