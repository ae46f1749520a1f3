"""The layers: pairs of functions, forward and backward, tied by what one makes and the other reads.

They are tied by their object, by a cache that the forward function makes and the backward function
is given, or by a closure that the forward function makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from engine.debug.events import Frame, Kind, Phase
from engine.debug.facets.evidence import Batch
from engine.debug.facets.facets import LayerFacet
from engine.debug.facets.graph import Made
from engine.debug.facets.parameters import Reached
from engine.debug.instrument.sites import SITES
from engine.debug.reach.paths import text_of


def layers_of(
    batch: Batch, phases: Sequence[Phase], first_loss: int, reached: Reached
) -> tuple[LayerFacet, ...]:
    """The layers in the order of the forward pass.

    Args:
        batch: the batch.
        phases: of its events.
        first_loss: the event that makes its first loss.
        reached: what the step reaches.
    """
    leaves = _leaf_frames(batch, phases)
    forwards = [frame for frame, phase in leaves if phase is Phase.FORWARD]
    backwards = [
        frame for frame, phase in leaves
        if phase is Phase.BACKWARD and frame.call_event > first_loss
    ]  # fmt: skip
    made = _made_by(batch, forwards)
    pairs: list[tuple[Frame, Frame]] = []
    taken: set[int] = set()
    for back in backwards:
        fore = _partner(back, forwards, made, taken)
        if fore is not None:
            taken.add(id(fore))
            pairs.append((fore, back))
    if len(pairs) == 1 and _is_whole_network(*pairs[0]):
        return ()
    pairs.sort(key=lambda pair: pair[0].call_event)
    return _named(pairs, batch.raw[first_loss][1], reached)


def _leaf_frames(batch: Batch, phases: Sequence[Phase]) -> list[tuple[Frame, Phase]]:
    """The frames that compute something themselves, each with its pass."""
    computes: dict[int, dict[Phase, int]] = {}
    for event, node in batch.events():
        if batch.graph.made[node] is Made.EVENT and batch.is_real(node):
            frame = batch.raw[event][1]
            counts = computes.setdefault(id(frame), {})
            counts[phases[event]] = counts.get(phases[event], 0) + 1
    for line, nodes in batch.graph.of_line.items():
        frame = batch.raw[line][1]
        if any(batch.graph.made[node] is Made.WRITE for node in nodes):
            counts = computes.setdefault(id(frame), {})
            counts[phases[line]] = counts.get(phases[line], 0) + 1
    found = []
    for frame in batch.trace.frames:
        counts = computes.get(id(frame), {})
        if frame.parent is None or not counts:
            continue
        passes = [phase for phase in (Phase.FORWARD, Phase.BACKWARD) if counts.get(phase)]
        if len(passes) == 1:
            found.append((frame, passes[0]))
        elif passes and counts[Phase.FORWARD] >= counts[Phase.BACKWARD]:
            found.append((frame, Phase.FORWARD))  # it also prepares what backward needs
    return found


def _made_by(batch: Batch, frames: Sequence[Frame]) -> dict[int, list[Frame]]:
    """By id of an object that forward functions made or returned, their frames."""
    found: dict[int, list[Frame]] = {}
    own = {id(frame): frame for frame in frames}
    for number, frame, value in batch.raw:
        if id(frame) not in own:
            continue
        if _can_tie(value) and SITES[number].kind is not Kind.CALL:
            found.setdefault(id(value), []).append(frame)
        if type(value) is tuple and SITES[number].kind is Kind.RETURN:
            for item in value:
                found.setdefault(id(item), []).append(frame)
    for frame in frames:
        arguments = {id(value) for moment, _, value in frame.bindings if moment == frame.call_event}
        for _, _, value in frame.bindings:
            if _can_tie(value) and id(value) not in arguments:
                found.setdefault(id(value), []).append(frame)
    return found


def _can_tie(value: Any) -> bool:
    return type(value) is tuple or type(value) is dict


def _partner(
    back: Frame, forwards: Sequence[Frame], made: dict[int, list[Frame]], taken: set[int]
) -> Frame | None:
    given = [value for moment, _, value in back.bindings if moment == back.call_event]
    for is_container in (True, False):  # a cache that it is given: a container, else an array
        for value in given:
            if _can_tie(value) is not is_container or not (
                is_container or isinstance(value, np.ndarray)
            ):
                continue
            for fore in reversed(made.get(id(value), ())):
                if id(fore) not in taken and fore.call_event < back.call_event:
                    return fore
    enclosing = back.function.rpartition(".<locals>.")[0]
    cells = {name: value for _, name, value in back.bindings}
    for fore in reversed(forwards):  # a closure that it is
        if id(fore) in taken or fore.call_event >= back.call_event or fore.file != back.file:
            continue
        if enclosing and fore.function == enclosing and _shares(fore, cells):
            return fore
    if back.owner is None or enclosing:
        return None
    for fore in reversed(forwards):  # the object whose methods both are
        same = fore.owner is back.owner and fore.function != back.function
        same = same and not _is_within(fore, back)
        if same and id(fore) not in taken and fore.call_event < back.call_event:
            return fore
    return None


def _is_whole_network(fore: Frame, back: Frame) -> bool:
    """Whether two functions share no more than arrays, so that alone they are no layer."""
    if fore.owner is not None or "<locals>" in back.function:
        return False
    return not any(type(value) in (tuple, dict) for _, _, value in back.bindings)


def _is_within(frame: Frame, outer: Frame) -> bool:
    inner: Frame | None = frame
    while inner is not None and inner is not outer:
        inner = inner.parent
    return inner is outer


def _shares(fore: Frame, cells: dict[str, Any]) -> bool:
    """Whether the variables of a closure are those of a frame."""
    own = {name: value for _, name, value in fore.bindings}
    shared = [name for name in cells if name in own]
    return bool(shared) and all(cells[name] is own[name] for name in shared)


def _named(
    pairs: Sequence[tuple[Frame, Frame]], makes_loss: Frame, reached: Reached
) -> tuple[LayerFacet, ...]:
    names = [_base_name(fore, back) for fore, back in pairs]
    found: list[LayerFacet] = []
    counts: dict[str, int] = {}
    known: dict[int, str] = {}
    for (fore, back), name in zip(pairs, names, strict=True):
        path = None
        if fore.owner is not None and fore.owner is back.owner:
            path = reached.objects.get(id(fore.owner))
        if path is not None and id(fore.owner) in known:
            label = known[id(fore.owner)]
        else:
            counts[name] = counts.get(name, 0) + 1
            several = names.count(name) > 1 or (path is not None and fore is not makes_loss)
            label = f"{name}{counts[name]}" if several else name
        if path is not None:
            known[id(fore.owner)] = label
            if text_of(path) in {text_of(one.path) for one in found if one.path is not None}:
                continue
        found.append(LayerFacet(label, path, fore.function, back.function))
    return tuple(found)


def _base_name(fore: Frame, back: Frame) -> str:
    """The class of the object that both belong to, else what the functions' names share."""
    if fore.owner is not None and fore.owner is back.owner and "<locals>" not in back.function:
        return type(fore.owner).__name__
    name = fore.function.rpartition(".")[2]
    pairs = zip(name, back.function.rpartition(".")[2], strict=False)
    shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    shared = shared.rstrip("_")
    return shared if len(shared) > 2 else name
