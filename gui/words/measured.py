"""The fields of templates about the operation, the network and the minibatch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from engine.debug.events import Phase
from engine.debug.explain.operation import Operation
from engine.debug.explain.reading import is_array, shape_of
from engine.debug.reach.placeholders import FadedArray
from engine.debug.snapshots.snapshot import LayerState, Snapshot
from gui.dialogs.wording import to_translate
from gui.widgets.parameters import own_layers
from gui.words.saying import count, number, percent, say, shape, whole

Array = np.ndarray[Any, Any]
_N = to_translate
_NEAR = 0.01  # an output within this distance of an end of its range
_OVERFLOWS = -80  # below this, the sigmoid takes this number instead

# What a layer does next, by its class.
_FORWARD: Mapping[str, str] = {
    "Affine": _N("words", "{layer} multiplies its input by its weights."),
    "Sigmoid": _N("words", "{layer} maps each number to between 0 and 1."),
    "ReLU": _N("words", "{layer} puts 0 in place of each negative number."),
    "Tanh": _N("words", "{layer} maps each number to between −1 and 1."),
    "SoftmaxWithLoss": _N("words", "Softmax turns each row into probabilities."),
}
_BACKWARD: Mapping[str, str] = {
    "Affine": _N("words", "{layer} turns it into the gradients of its weights."),
    "Sigmoid": _N("words", "{layer} multiplies it by its slope at each point."),
    "ReLU": _N("words", "{layer} lets it pass where its input was positive."),
    "Tanh": _N("words", "{layer} multiplies it by its slope at each point."),
    "SoftmaxWithLoss": _N("words", "The loss gives the gradient of the scores."),
}
_RUNS = _N("words", "{layer} runs forwards.")
_RUNS_BACK = _N("words", "{layer} runs backwards.")
_LOSS_STARTS = _N("words", "The backward pass starts here.")
_UPDATE = _N("words", "The optimizer changes the parameters.")


class Unknown(Exception):
    """A field that this snapshot cannot give, such as the values of an array that were not kept."""


class Measured:
    """Fields by name, each computed when a template asks for it: `fields["images"]`."""

    def __init__(self, snapshot: Snapshot, operation: Operation) -> None:
        self._snapshot = snapshot
        self._operation = operation

    def __getitem__(self, name: str) -> str:
        found = getattr(type(self), name, None)
        if not isinstance(found, cached_property):
            raise KeyError(name)
        text: str = getattr(self, name)
        return text

    # The operation -------------------------------------------------------------------------------

    def _result(self) -> Array:
        return numbers(self._operation.result)

    def _operand(self, place: int) -> Any:
        if place >= len(self._operation.operands):
            raise Unknown
        return self._operation.operands[place].value

    def _variable(self, name: str) -> Any:
        for variable in self._snapshot.variables:
            if variable.name == name:
                return variable.value
        raise Unknown

    @cached_property
    def shape(self) -> str:
        """The shape of the result."""
        return shape(self._operation.result)

    @cached_property
    def given(self) -> str:
        """The shape of the first operand."""
        return shape(self._operand(0))

    @cached_property
    def value(self) -> str:
        """The result, a number."""
        result = self._operation.result
        if result is None or shape_of(result) or isinstance(result, str):
            raise Unknown
        return number(result)

    @cached_property
    def low(self) -> str:
        """The smallest cell of the result."""
        return number(self._result().min())

    @cached_property
    def high(self) -> str:
        """The largest cell of the result."""
        return number(self._result().max())

    @cached_property
    def largest(self) -> str:
        """The largest magnitude in the result."""
        return number(np.abs(self._result()).max())

    @cached_property
    def step(self) -> str:
        """The largest change of a cell by an in-place operation."""
        return number(np.abs(self._result() - numbers(self._operand(0))).max())

    @cached_property
    def share(self) -> str:
        """The share of cells of the result that are not 0 (of a mask: that are True)."""
        result = self._result()
        return percent(int(np.count_nonzero(result)), result.size)

    @cached_property
    def zeros(self) -> str:
        """The share of cells of the result that are 0."""
        result = self._result()
        return percent(result.size - int(np.count_nonzero(result)), result.size)

    @cached_property
    def blocked(self) -> str:
        """The share of cells at which the mask is False."""
        mask = numbers(self._variable("self.mask"))
        return percent(mask.size - int(np.count_nonzero(mask)), mask.size)

    @cached_property
    def below(self) -> str:
        """How many cells of the first operand are below −80."""
        n = int(np.count_nonzero(numbers(self._operand(0)) < _OVERFLOWS))
        if n == 0:
            return say(_N("words", "there are none"))
        return count(n, "cell")

    @cached_property
    def near_unit(self) -> str:
        """The share of the result that is near 0 or 1."""
        return self._near(0, 1)

    @cached_property
    def near_one(self) -> str:
        """The share of the result that is near −1 or 1."""
        return self._near(-1, 1)

    def _near(self, low: float, high: float) -> str:
        y = self._result()
        n = int(np.count_nonzero((y < low + _NEAR) | (y > high - _NEAR)))
        if n == 0:
            return say(_N("words", "none is within 0.01 of an end"))
        return say(_N("words", "{share} are within 0.01 of an end"), share=percent(n, y.size))

    # The network ---------------------------------------------------------------------------------

    @cached_property
    def layers(self) -> str:
        """The network's layers, without its loss."""
        return count(len(self._snapshot.layers) - 1, "layer")

    @cached_property
    def place(self) -> str:
        """The place in the network of the layer whose turn it is: "layer 1 of 3"."""
        return self._place_of(self.turn)

    @cached_property
    def previous_place(self) -> str:
        """The place in the network of the layer that has run last: "layer 1 of 3"."""
        return self._place_of(self.previous)

    def _place_of(self, layer: str) -> str:
        names = [state.name for state in own_layers(self._snapshot)]
        if layer not in names:
            raise Unknown
        return say(_N("words", "layer {n} of {all}"), n=names.index(layer) + 1, all=len(names))

    @cached_property
    def previous(self) -> str:
        """The layer that has run last in this pass."""
        passed = self._passed()
        if not passed:
            raise Unknown
        return passed[-1].name

    @cached_property
    def turn(self) -> str:
        """The layer whose turn it is."""
        layer = self._next(self._phase())
        if layer is None:
            raise Unknown
        return layer.name

    @cached_property
    def next_forward(self) -> str:
        """What comes after this layer going forward."""
        layer = self._next(Phase.FORWARD)
        if layer is None:
            return say(_LOSS_STARTS)
        return say(_FORWARD.get(layer.kind, _RUNS), layer=layer.name)

    @cached_property
    def next_backward(self) -> str:
        """What comes after this layer going backward."""
        layer = self._next(Phase.BACKWARD)
        if layer is None:
            return say(_UPDATE)
        return say(_BACKWARD.get(layer.kind, _RUNS_BACK), layer=layer.name)

    def _phase(self) -> Phase:
        return self._snapshot.event.phase

    def _passed(self) -> list[LayerState]:
        """The layers, without the loss, that have run in this pass, the latest last."""
        now = self._snapshot.position.event
        spans = [
            (s, layer)
            for layer in own_layers(self._snapshot)
            if (s := _span(layer, self._phase())) and s[1] <= now
        ]
        return [layer for _, layer in sorted(spans, key=lambda found: found[0])]

    def _next(self, phase: Phase) -> LayerState | None:
        """The layer that begins next in a pass."""
        now = self._snapshot.position.event
        spans = [
            (s, layer)
            for layer in self._snapshot.layers
            if (s := _span(layer, phase)) and s[0] > now
        ]
        return min(spans, key=lambda found: found[0])[1] if spans else None

    # The minibatch -------------------------------------------------------------------------------

    @cached_property
    def images(self) -> str:
        """The images of the minibatch: "100 images"."""
        return count(len(self._snapshot.minibatch.labels), "image")

    @cached_property
    def n(self) -> str:
        """The number of images of the minibatch."""
        return whole(len(self._snapshot.minibatch.labels))

    @cached_property
    def last_row(self) -> str:
        """The number of the minibatch's last row."""
        return whole(len(self._snapshot.minibatch.labels) - 1)

    @cached_property
    def input_shape(self) -> str:
        """The shape of the images as the network takes them."""
        return shape(self._variable("x"))

    @cached_property
    def right(self) -> str:
        """How many images have their largest score at the label."""
        minibatch = self._snapshot.minibatch
        if minibatch.predictions is None:
            raise Unknown
        return whole(int(np.count_nonzero(minibatch.predictions == minibatch.labels)))

    def _classes(self) -> int:
        return int(shape_of(self._variable("z"))[1])

    @cached_property
    def labels_fit(self) -> str:
        """What a test of the labels has found: a sentence."""
        found = self._operation.result
        if not isinstance(found, bool | np.bool_):
            raise Unknown
        last = whole(self._classes() - 1)
        if found:
            return say(
                _N("words", "A label lies outside 0 to {last}: an error is raised."), last=last
            )
        return say(
            _N("words", "All labels lie between 0 and {last}, so no error is raised."), last=last
        )

    @cached_property
    def classes(self) -> str:
        """The number of classes."""
        return whole(self._classes())

    @cached_property
    def scores(self) -> str:
        """The scores of an image: "10 scores"."""
        return count(self._classes(), "score")

    @cached_property
    def equal(self) -> str:
        """The loss of equal probabilities."""
        return number(math.log(self._classes()))


def numbers(value: Any) -> Array:
    """The cells of an array that was kept.

    Raises:
        Unknown: it is no array of numbers, or it has no cells.
    """
    if isinstance(value, FadedArray) or not is_array(value):
        raise Unknown
    array: Array = value
    if not array.size or array.dtype.kind not in "biuf":
        raise Unknown
    return array


def _span(layer: LayerState, phase: Phase) -> tuple[int, int] | None:
    return layer.backward if phase is Phase.BACKWARD else layer.forward
