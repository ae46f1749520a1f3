"""The calls of a program's layers in a recorded batch, and the parameters that each layer uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from engine.debug.events import Frame, Kind, Phase
from engine.debug.facets.facets import LayerFacet
from engine.debug.reach.buffers import root_of
from engine.debug.reach.paths import follow
from engine.debug.record.trace import LayerPasses, Trace

Array = np.ndarray[Any, Any]
_MOST_FUNCTIONS = 12
_DEPTH = 2  # of containers in which a layer may keep its parameters


def note_layers(trace: Trace, facets: Sequence[LayerFacet], step: Callable[..., Any]) -> None:
    """Give a trace the calls of its layers, and each frame the layer in which it runs."""
    passes: LayerPasses = {}
    for phase in (Phase.FORWARD, Phase.BACKWARD):
        called = _calls(trace, facets, step, phase) if facets else _functions(trace, phase)
        for name, frame in called:
            if trace.kind(frame.call_event) is Kind.CALL:
                passes[name, phase] = frame.call_event, trace.events_of[id(frame)][-1], frame
    trace.layer_passes = passes
    own = {id(frame): name for (name, _), (_, _, frame) in passes.items()}
    for frame in trace.frames:
        outer = "" if frame.parent is None else frame.parent.layer
        frame.layer = own.get(id(frame), outer)


def _functions(trace: Trace, phase: Phase) -> Iterator[tuple[str, Frame]]:
    """The functions of a pass, each at its first call: what is shown where no layers were found."""
    seen: set[str] = set()
    for frame in trace.frames:
        name = frame.function.rpartition(".")[2]
        plain = frame.parent is not None and not name.startswith("<")
        if plain and frame.phase is phase and name not in seen and len(seen) < _MOST_FUNCTIONS:
            seen.add(name)
            yield name, frame


def _calls(
    trace: Trace, facets: Sequence[LayerFacet], step: Callable[..., Any], phase: Phase
) -> Iterator[tuple[str, Frame]]:
    """The call of each layer in a pass, as far as there is one.

    Layers that are pairs of functions are told apart by their order, which backward reverses.
    """
    is_forward = phase is Phase.FORWARD
    frames = [one for one in trace.frames if one.parent is not None]
    ordered = list(facets) if is_forward else list(reversed(facets))
    taken: set[int] = set()
    for facet in ordered:
        function = facet.forward if is_forward else facet.backward
        owner = None if facet.path is None else follow(step, facet.path)
        for frame in frames:
            fits = frame.function == function and (owner is None or frame.owner is owner)
            if fits and id(frame) not in taken:
                taken.add(id(frame))
                yield facet.name, frame
                break


class StepLayers:
    """The layers of a program: objects or pairs of functions.

    Where none were found, they are the functions of the passes. Parameters that no layer uses are
    in a last layer without a name.
    """

    def __init__(
        self, trace: Trace, facets: Sequence[LayerFacet], parameters: Mapping[str, Array],
        gradients: Mapping[str, tuple[int, Any]],
    ) -> None:  # fmt: skip
        self._parameters, self._gradients = parameters, gradients
        self._passes = trace.layer_passes or {}
        self._kinds = {one.name: one.forward.rpartition(".")[2] for one in facets}
        for name, layer in trace.layers.items():
            self._kinds[name] = type(layer).__name__
        self._owners = layers_of_parameters(trace, parameters)
        rest = ("",) if "" in self._owners.values() else ()
        called = sorted((first, name) for (name, _), (first, _, _) in self._passes.items())
        names = [one.name for one in facets] or list(dict.fromkeys(name for _, name in called))
        self.names = (*names, *rest)

    def kind(self, layer: str) -> str:
        """The name of its class, or of its forward function."""
        return self._kinds.get(layer, "")

    def equation(self, layer: str) -> str:
        """None is known."""
        return ""

    def parameters(self, layer: str) -> Mapping[str, Array]:
        """The parameters that it uses."""
        return {n: array for n, array in self._parameters.items() if self._owners[n] == layer}

    def gradients(self, layer: str, cursor: int) -> Mapping[str, Array]:
        """Their gradients that are made at the cursor."""
        return {
            name: np.asarray(self._gradients[name][1])
            for name in self.parameters(layer)
            if name in self._gradients and self._gradients[name][0] <= cursor
        }

    def full(self, layer: str, name: str) -> str:
        """The name itself: it is unique in the program."""
        return name

    def ends_in_loss(self) -> bool:
        """Not known."""
        return False


def layers_of_parameters(trace: Trace, parameters: Mapping[str, Array]) -> dict[str, str]:
    """By parameter, the layer that is given it, or whose object holds it; "" if none is."""
    roots = {id(root_of(array)): name for name, array in parameters.items()}
    found: dict[str, str] = {}
    for (layer, phase), (_, _, frame) in (trace.layer_passes or {}).items():
        if phase is Phase.FORWARD:
            for array in _held_by(trace, frame):
                name = roots.get(id(root_of(array)))
                if name is not None:
                    found.setdefault(name, layer)
    return {name: found.get(name, "") for name in parameters}


def _held_by(trace: Trace, frame: Frame) -> Iterator[Array]:
    """The arrays among the arguments of a call, and in the object whose method it is."""
    given = [value for moment, _, value in frame.bindings if moment == frame.call_event]
    if frame.owner is not None:
        given += trace.history.attributes_at(frame.owner, frame.call_event).values()
    for value in given:
        yield from _arrays_in(value, _DEPTH)


def _arrays_in(value: Any, depth: int) -> Iterator[Array]:
    if isinstance(value, np.ndarray):
        yield value
    elif depth and isinstance(value, (dict, list, tuple)) and len(value) < 100:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _arrays_in(item, depth - 1)
