"""The pass of each event of a batch, by its data flow."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from engine.debug.events import Kind, Phase
from engine.debug.facets.evidence import Batch
from engine.debug.facets.graph import NONE, Made
from engine.debug.instrument.sites import SITES
from engine.debug.record.syntax import syntax_of
from engine.debug.record.trace import Trace

Phases = list[Phase | None]


def own_phases(
    batch: Batch, losses: Sequence[int], gradients: Iterable[int], writes: Sequence[int]
) -> Phases:
    """The pass of each event by its value; None for an event whose value tells no pass.

    Args:
        batch: the batch.
        losses: the nodes of the losses; the last one is that of the whole batch.
        gradients: the nodes of the gradients.
        writes: the nodes of the parameters' new values.
    """
    graph = batch.graph
    forward = graph.slice_of(losses, writes)
    updating = graph.slice_of(writes)
    keys = {batch.key(node) for node in gradients}
    alike = [n for n in range(len(graph)) if updating[n] and not forward[n]
             and batch.key(n) in keys]  # fmt: skip
    backward = graph.slice_of(alike, writes)
    of_node: list[Phase | None] = [None] * len(graph)
    written = frozenset(writes)
    for node in range(len(graph)):
        if graph.made[node] is Made.LEAF:
            continue
        if forward[node] and node not in written:
            of_node[node] = Phase.FORWARD
        elif updating[node]:
            is_backward = node not in written and (
                backward[node] or _only_keeps(batch, node, of_node)
            )
            of_node[node] = Phase.BACKWARD if is_backward else Phase.UPDATE
    found: Phases = []
    last = max(losses, default=NONE)
    for event, node in enumerate(graph.of_event):
        if node >= 0:
            found.append(of_node[node] or _unused(batch, event, node))
        elif event in graph.given:
            given = graph.given[event]
            logs = given and all(node == last or of_node[node] is None for node in given)
            found.append(Phase.OTHER if logs else None)
        else:
            found.append(None)
    for line, nodes in graph.of_line.items():
        if line < len(found) and found[line] is None:
            known = [phase for node in nodes if (phase := of_node[node]) is not None]
            if known and not _has_values(batch, line, found):
                found[line] = known[-1]
    _prepared(batch, found, sorted(graph.at[node] for node in losses))
    return found


def _prepared(batch: Batch, found: Phases, losses: Sequence[int]) -> None:
    """Count as forward what a function of the forward pass prepares for the backward pass.

    Such a function computes a part of the loss, and once it has computed a number of it, nothing
    of the backward pass.
    """
    last: dict[int, int] = {}
    numbers: dict[int, list[int]] = {}  # by frame, the events of its forward pass: numbers of it
    for event, phase in enumerate(found):
        if phase is Phase.BACKWARD:
            last[id(batch.raw[event][1])] = event
    for event, phase in enumerate(found):
        frame = batch.raw[event][1]
        if phase is Phase.FORWARD and id(frame) in last:
            own = numbers.setdefault(id(frame), [])
            node = batch.graph.of_event[event]
            if node >= 0 and batch.is_scalar(node) and batch.is_real(node):
                own.append(event)
    for event, phase in enumerate(found):
        frame = batch.raw[event][1]
        if phase is not Phase.BACKWARD or id(frame) not in numbers:
            continue
        after = bisect_right(losses, event)
        if after == len(losses) or (after and losses[after - 1] > frame.call_event):
            continue
        own = numbers[id(frame)]
        place = bisect_right(own, event)
        if own and place == len(own):
            continue
        limit = min(losses[after], own[place]) if own else losses[after]
        if last[id(frame)] < limit:
            found[event] = Phase.FORWARD


def _only_keeps(batch: Batch, node: int, of_node: Sequence[Phase | None]) -> bool:
    """Whether a store keeps a gradient, as in `self.dW += dW`, or a call hands it on."""
    graph = batch.graph
    made = graph.made[node]
    if made is Made.ALIAS:
        event = graph.at[node]
        returns = batch.trace.kind(event) is Kind.RETURN or (
            event > 0 and batch.trace.kind(event - 1) is Kind.RETURN
        )
        return returns and all(of_node[p] is Phase.BACKWARD for p in graph.parents[node])
    if made is not Made.WRITE and made is not Made.STORE:
        return False
    phases = [of_node[parent] for parent in graph.parents[node]]
    return Phase.UPDATE not in phases and Phase.BACKWARD in phases


def _has_values(batch: Batch, line: int, found: Phases) -> bool:
    line_of = batch.graph.line_of
    for event in range(line + 1, min(len(found), line + 64)):
        if line_of[event] == line and found[event] is not None:
            return True
    return False


def _unused(batch: Batch, event: int, node: int) -> Phase | None:
    """The pass of a value that neither the loss nor an update uses."""
    if batch.graph.made[node] is Made.ALIAS or not batch.is_real(node):
        return None
    if _is_test(batch.raw[batch.graph.line_of[event]][0]):
        return None
    return Phase.OTHER


@lru_cache(maxsize=1 << 14)
def _is_test(number: int) -> bool:
    """Whether a line only decides which line runs next."""
    return isinstance(syntax_of(SITES[number]), (ast.If, ast.While, ast.Assert, ast.Raise))


def spread(trace: Trace, own: Phases) -> tuple[Phase, ...]:
    """The pass of every event.

    An event without one has that of the next event of its frame that has one, else that of the one
    before it there, else that of its frame. A frame has that of its first event, those of the
    functions that it calls included, and the expression of a call has that of the frame it made.
    A container or an object has that of the last part that its statement has computed for it.
    """
    raw = trace._raw
    found: list[Phase | None] = list(own)
    firsts: dict[int, Phase] = {}
    others: dict[int, Phase] = {}
    parts: dict[int, Phase | None] = {}  # of the running statement of each frame
    for event, ((number, frame, value), phase) in enumerate(zip(raw, own, strict=True)):
        kind = SITES[number].kind
        if kind is Kind.LINE:
            parts[id(frame)] = None
        elif kind is Kind.EXPRESSION:
            if phase is not None:
                parts[id(frame)] = phase
            elif value is not None and not isinstance(value, (bool, int, str)):
                found[event] = phase = parts.get(id(frame))
        inner: Any = frame
        known = others if phase is Phase.OTHER else firsts
        while phase is not None and inner is not None and id(inner) not in known:
            known[id(inner)] = phase
            inner = inner.parent
    firsts = {**others, **firsts}
    following: dict[int, Phase] = {}
    for event in range(len(raw) - 1, -1, -1):
        frame = raw[event][1]
        phase = found[event]
        if phase is None and event and SITES[raw[event][0]].kind is Kind.EXPRESSION:
            called = raw[event - 1][1]
            if called.parent is frame and SITES[raw[event - 1][0]].kind is Kind.RETURN:
                phase = firsts.get(id(called))
        if phase is None:
            found[event] = following.get(id(frame))
        else:
            found[event] = following[id(frame)] = phase
    before: dict[int, Phase] = {}
    outer: dict[int, Phase] = {}
    for event, (_, frame, _) in enumerate(raw):
        phase = found[event]
        if phase is None:
            phase = before.get(id(frame)) or firsts.get(id(frame))
        else:
            before[id(frame)] = phase
        found[event] = phase
    following.clear()
    for event in range(len(raw) - 1, -1, -1):  # frames without a pass have that of their call
        frame = raw[event][1]
        phase = found[event]
        if phase is None:
            phase = outer.get(id(frame.parent)) if frame.parent is not None else None
            found[event] = phase or Phase.OTHER
        if phase is not None:
            outer[id(frame)] = phase
    return tuple(phase or Phase.OTHER for phase in found)
