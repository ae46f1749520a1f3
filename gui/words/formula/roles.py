"""What a line's variables are to the network: a layer's weights, its input, a gradient.

That is known of the code of `engine.nn` alone. Any other layer may call anything `y`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.wording import to_translate
from gui.widgets.parameters import loss_layer
from gui.words.own import is_ours
from gui.words.saying import say

_N = to_translate
_OF_A_LAYER: Mapping[str, str] = {
    "self.W": "W", "self.b": "b", "self.dW": "dW", "self.db": "db", "self.x": "x", "x": "x",
    "self.y": "output", "dout": "dout",
}  # fmt: skip
_OF_THE_LOSS: Mapping[str, str] = {"z": "x", "dz": "dx"}


class Place(NamedTuple):
    """A result that has no name of its own."""

    text: str
    layer: str = ""
    role: str = ""


def roles_of(snapshot: Snapshot, variables: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
    """By variable, its layer and what it is to the layer."""
    if not is_ours(snapshot):
        return {}
    layers = [layer.name for layer in snapshot.layers]
    layer = snapshot.event.layer
    if layer in layers:
        known = _OF_THE_LOSS if layer == layers[-1] else _OF_A_LAYER
        return {name: (layer, role) for name, role in known.items()}
    name = variables.get("name")  # of a parameter, in an optimizer's loop
    if snapshot.event.phase is Phase.UPDATE and isinstance(name, str):
        layer, _, parameter = name.partition(".")
        if layer in layers and parameter:
            return {"W": (layer, parameter), "dW": (layer, f"d{parameter}")}
    if snapshot.event.frame.parent is None and layers:  # the step of the training
        return {"x": (layers[0], "x")}
    return {}


def result_of(snapshot: Snapshot) -> Place:
    """Where a returned value goes: "Affine1's output", "the loss", "predict's result"."""
    frame = snapshot.event.frame
    function = frame.function.rpartition(".")[2]
    layer = frame.layer
    if layer and (frame.parent is None or frame.parent.layer != layer):
        loss = loss_layer(snapshot)
        is_loss = loss is not None and layer == loss.name
        if function == "forward":
            if is_loss:
                return Place(say(_N("words", "the loss")), layer)
            return Place(say(_N("words", "{layer}'s output"), layer=layer), layer, "output")
        if function == "backward":
            if is_loss:
                return Place(say(_N("words", "the scores' gradient")), layer, "dx")
            gradient = say(_N("words", "{layer}'s input gradient"), layer=layer)
            return Place(gradient, layer, "dx")
    return Place(say(_N("words", "{function}'s result"), function=function))
