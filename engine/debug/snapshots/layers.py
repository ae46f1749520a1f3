"""The state of a layer at the cursor: its input, output, parameters and gradients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from engine.debug.breakpoints.context import LiveArrays
from engine.debug.events import Frame, Kind, Phase
from engine.debug.reach.buffers import read_only
from engine.debug.reach.contents import answer_of, attributes_of, look_up
from engine.debug.record.trace import Trace
from engine.debug.snapshots.snapshot import LayerProgress, LayerState
from engine.debug.snapshots.trace_index import TraceIndex

Array = np.ndarray[Any, Any]
Pass = tuple[int, int, Frame]


class LayerSource(Protocol):
    """What a program knows of its layers."""

    @property
    def names(self) -> Iterable[str]:
        """The layers, in order."""

    def kind(self, layer: str) -> str:
        """The kind of a layer: the name of its class or its function."""

    def equation(self, layer: str) -> str:
        """The equation of its forward pass, or ""."""

    def parameters(self, layer: str) -> Mapping[str, Any]:
        """Its live parameters, by their names within the layer."""

    def gradients(self, layer: str, cursor: int) -> Mapping[str, Array]:
        """Its gradients that the batch has made by the cursor, by the same names."""

    def full(self, layer: str, name: str) -> str:
        """The name of a parameter in the program."""

    def ends_in_loss(self) -> bool:
        """Whether the last layer is the loss."""


class NetworkLayers:
    """The layers of a network, which are objects; the arrays are read once."""

    def __init__(self, trace_index: TraceIndex, program: LiveArrays) -> None:
        self._trace_index, self._program = trace_index, program
        self.names = tuple(trace_index.trace.layers)

    @cached_property
    def _parameters(self) -> Mapping[str, dict[str, Any]]:
        """By layer and by name: {"Affine1": {"W": ..., "b": ...}}."""
        return _by_owner(self._program.parameters())

    @cached_property
    def _gradients(self) -> Mapping[str, dict[str, Any]]:
        """By layer and by name; empty if a layer raises when it is asked for its gradients."""
        return _by_owner(gradients_of(self._program))

    def kind(self, layer: str) -> str:
        """The name of its class."""
        return type(self._trace_index.trace.layers[layer]).__name__

    def equation(self, layer: str) -> str:
        """The equation in the docstring of its class."""
        return _equation(self._trace_index.trace.layers[layer])

    def parameters(self, layer: str) -> Mapping[str, Any]:
        """Its live parameters."""
        return self._parameters.get(layer, {})

    def gradients(self, layer: str, cursor: int) -> Mapping[str, Array]:
        """The gradients that its backward has set by the cursor."""
        backward = self._trace_index.passes.get((layer, Phase.BACKWARD))
        return _set_by(
            self._gradients.get(layer, {}), layer, self._trace_index.trace, backward, cursor
        )

    def full(self, layer: str, name: str) -> str:
        """`Affine1.W`."""
        return f"{layer}.{name}"

    def ends_in_loss(self) -> bool:
        """Whether the last layer is the loss: always."""
        return True


def layer_state(source: LayerSource, trace_index: TraceIndex, name: str, cursor: int) -> LayerState:
    """The state of a layer at the cursor, where the live objects are, too."""
    trace = trace_index.trace
    forward = trace_index.passes.get((name, Phase.FORWARD))
    backward = trace_index.passes.get((name, Phase.BACKWARD))
    forward_ran = forward is not None and _returns(trace, forward) and cursor >= forward[1]
    set_by_now = backward is not None and cursor >= backward[1]
    parameters = source.parameters(name)
    is_loss = source.ends_in_loss() and name == trace_index.last_layer
    in_shape, out_shape = trace_index.once(("shapes", name), lambda: _shapes(trace, forward))
    return LayerState(
        name=name,
        kind=source.kind(name),
        equation=source.equation(name),
        in_shape=in_shape,
        out_shape=out_shape,
        parameters=_as_of(trace, parameters, cursor),
        gradients=_as_of(trace, source.gradients(name, cursor), cursor),
        output=_returned(trace, forward) if forward_ran else None,
        progress=_progress(trace.phase(cursor), cursor, forward, backward),
        forward=forward and forward[:2],
        backward=backward and backward[:2],
        before={
            short: before
            for short in parameters
            if (before := trace.parameter_places.value(source.full(name, short), 0)) is not None
        },
        dout=_dout(trace, backward, cursor) if not is_loss else None,
        dx=_first_array(_returned(trace, backward)) if set_by_now else None,
        forward_ran=forward_ran,
        names={
            short: full
            for short in parameters
            if (full := source.full(name, short)) != f"{name}.{short}"
        },
    )


def flow_through(trace_index: TraceIndex, name: str) -> tuple[Array, ...]:
    """The gradients that a layer's backward receives and returns in the batch, at any event."""
    trace = trace_index.trace
    backward = trace_index.passes.get((name, Phase.BACKWARD))
    found = (_dout(trace, backward, len(trace)), _first_array(_returned(trace, backward)))
    return tuple(array for array in found if array is not None)


def _shapes(trace: Trace, forward: Pass | None) -> tuple[Any, Any]:
    """The shapes of a layer's input and output; () if unknown."""
    given = _arguments(trace, forward)
    before = look_up(given[0], "shape", ()) if given else ()
    output = _returned(trace, forward)
    if isinstance(output, tuple):  # a function may return (out, cache)
        output = _first_array(output)
    return before, look_up(output, "shape", ())


def _set_by(
    gradients: Mapping[str, Any], name: str, trace: Trace, backward: Pass | None, cursor: int
) -> dict[str, Array]:
    """The gradients that a layer's backward has set by the cursor; all after it has returned."""
    if backward is None or cursor < backward[0]:
        return {}
    found = _arrays(gradients)
    if cursor >= backward[1]:
        return found
    before = trace.history.attributes_at(trace.layers[name], backward[0])
    earlier = {id(value) for value in before.values()}
    return {short: array for short, array in found.items() if id(array) not in earlier}


def gradients_of(program: LiveArrays) -> Mapping[str, Any]:
    """The gradients of a program; empty if a layer raises when it is asked for its gradients."""
    found: Mapping[str, Any] = answer_of(program.gradients, {})
    return found


def _arrays(gradients: Mapping[str, Any]) -> dict[str, Array]:
    """The gradients that can be drawn: arrays, and single numbers as arrays."""
    found: dict[str, Array] = {}
    for name, gradient in gradients.items():
        if isinstance(gradient, (bool, int, float, np.number)):
            found[name] = read_only(np.array(gradient))
        elif isinstance(gradient, np.ndarray):
            found[name] = gradient
    return found


def _by_owner(arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for full, array in arrays.items():
        layer, dot, _ = full.rpartition(".")
        found.setdefault(layer, {})[full[len(layer) + len(dot) :]] = array
    return found


def _as_of(trace: Trace, arrays: Mapping[str, Array], cursor: int) -> dict[str, Array]:
    return {name: trace.history.as_of(array, cursor) for name, array in arrays.items()}


def _arguments(trace: Trace, layer_pass: Pass | None) -> list[Any]:
    """The arguments of a layer's method without `self`, or of its function."""
    if layer_pass is None:
        return []
    given = list(trace.value(layer_pass[0]).values())
    return given[1:] if layer_pass[2].owner is not None else given


def _returns(trace: Trace, layer_pass: Pass) -> bool:
    """Whether a method returned, and did not raise."""
    return trace.kind(layer_pass[1]) is Kind.RETURN


def _returned(trace: Trace, layer_pass: Pass | None) -> Any:
    if layer_pass is None or not _returns(trace, layer_pass):
        return None
    return trace.value(layer_pass[1])


def _dout(trace: Trace, backward: Pass | None, cursor: int) -> Array | None:
    if backward is None or cursor < backward[0]:
        return None
    return _first_array(tuple(_arguments(trace, backward)))


def _first_array(value: Any) -> Array | None:
    """The value if it is an array, or the first item of a tuple: layers may return (dx, dW)."""
    if isinstance(value, tuple) and value:
        value = value[0]
    return value if isinstance(value, np.ndarray) else None


def _progress(
    phase: Phase, cursor: int, forward: Pass | None, backward: Pass | None
) -> LayerProgress:
    if phase is Phase.UPDATE:
        return LayerProgress.DONE
    layer_pass = forward if phase is Phase.FORWARD else backward
    if layer_pass is None or cursor < layer_pass[0]:
        return LayerProgress.NOT_YET
    return LayerProgress.NOW if cursor <= layer_pass[1] else LayerProgress.DONE


def _equation(layer: Any) -> str:
    """The right-hand side of `forward  z = x W + b` in a layer's docstring.

    Terms that the layer does not have, such as a bias that is None, are left out.
    """
    equation = _forward_in(type(layer).__doc__ or "")
    for name, value in attributes_of(layer).items():
        if value is None:
            equation = re.sub(rf"\s*[+−]\s*{re.escape(name)}\b", "", equation)
    return equation


@lru_cache(maxsize=1024)
def _forward_in(text: str) -> str:
    found = re.search(r"^\s*forward\s+(?:\S+\s*=\s*)?(\S.*?)\s*$", text, re.MULTILINE)
    return found.group(1) if found else ""
