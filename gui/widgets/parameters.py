"""The parameters of a snapshot by their names in the program, and what is known of its layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.debug.snapshots.snapshot import LayerState, Snapshot

Array = np.ndarray[Any, Any]


def parameters_of(layers: Iterable[LayerState]) -> dict[str, Array]:
    """The parameters at the cursor by name: `Affine1.W`, or `W1` of a program without layers."""
    return {layer.full(name): array for layer in layers for name, array in layer.parameters.items()}


def owner_of(layers: Iterable[LayerState], full: str) -> tuple[LayerState, str] | None:
    """The layer of a parameter, and the parameter's name within it; None if there is none."""
    for layer in layers:
        for name in layer.parameters:
            if layer.full(name) == full:
                return layer, name
    return None


def gradient_name(layer: LayerState, name: str) -> str:
    """The name of a parameter's gradient: `Affine1.dW`, or `dW1`."""
    full = layer.full(name)
    return f"{full.removesuffix(name)}d{name}"


def output_of(layer: LayerState) -> Any:
    """What a layer has made for the next one: what it returns, or the first array in that."""
    if isinstance(layer.output, (tuple, list)):
        return next((one for one in layer.output if isinstance(one, np.ndarray)), None)
    return layer.output


def loss_layer(snapshot: Snapshot) -> LayerState | None:
    """The loss, where it is a layer: the last one of a network."""
    return snapshot.layers[-1] if snapshot.layers and not snapshot.facets else None


def own_layers(snapshot: Snapshot) -> tuple[LayerState, ...]:
    """The layers without the loss."""
    return snapshot.layers if loss_layer(snapshot) is None else snapshot.layers[:-1]
