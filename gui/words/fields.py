"""All fields of the templates: names, shapes and numbers, each measured from the snapshot."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from engine.debug.explain.reading import shape_of
from gui.dialogs.wording import to_translate
from gui.words.measured import Array, Measured, Unknown, numbers
from gui.words.saying import count, number, say, setting, whole

_N = to_translate


class Fields(Measured):
    """The fields of the operation, the network, the layer and the update."""

    # The layer -----------------------------------------------------------------------------------

    @cached_property
    def layer(self) -> str:
        """The layer in which the operation runs."""
        name = self._operation.layer or self._snapshot.event.layer
        if not name:
            raise Unknown
        return name

    @cached_property
    def columns(self) -> str:
        """The columns of the layer's weights."""
        return count(shape_of(self._variable("self.W"))[1], "column")

    @cached_property
    def products(self) -> str:
        """The products that make one cell of the layer's output."""
        return count(shape_of(self._variable("self.W"))[0], "product")

    @cached_property
    def biases(self) -> str:
        """The layer's biases: "50 biases"."""
        return count(len(self._bias()), "bias")

    def _bias(self) -> Array:
        return numbers(self._variable("self.b"))

    @cached_property
    def bias_range(self) -> str:
        """The values of the biases."""
        b = self._bias()
        if not b.any():
            return say(_N("words", "all of them are still 0"))
        return say(
            _N("words", "they run from {low} to {high}"), low=number(b.min()), high=number(b.max())
        )

    @cached_property
    def after_product(self) -> str:
        """What follows the product of a layer: its bias, or the next layer."""
        if self._variable("self.b") is None:
            return self.next_forward
        return say(_N("words", "A bias is added to each column."))

    @cached_property
    def after_weights(self) -> str:
        """What follows the gradient of a layer's weights."""
        if self._variable("self.b") is None:
            return self.after_parameters
        return say(_N("words", "The same for the biases."))

    @cached_property
    def after_parameters(self) -> str:
        """What follows the gradients of a layer's parameters."""
        if self._variable("self.needs_dx") is False:
            return say(
                _N("words", "The gradient by the layer's input is not needed, and is left out.")
            )
        return say(_N("words", "The gradient goes on to the layer's inputs."))

    @cached_property
    def slope(self) -> str:
        """The range of y (1 − y)."""
        y = numbers(self._variable("self.y"))
        s = y * (1 - y)
        return say(_N("words", "{low} to {high}"), low=number(s.min()), high=number(s.max()))

    # The update ----------------------------------------------------------------------------------

    @cached_property
    def p(self) -> str:
        """The parameter that is being updated: "Affine1.W"."""
        name = self._variable("name")
        if not isinstance(name, str):
            raise Unknown
        return name

    @cached_property
    def entry(self) -> str:
        """The entry of a dictionary of parameters: "Affine1.W"."""
        return f"{self.p}.{self._variable('W')}"

    @cached_property
    def round(self) -> str:
        """The round of the loop around the cursor."""
        return whole(self._turn()[0])

    @cached_property
    def rounds(self) -> str:
        """The rounds of the loop around the cursor."""
        return whole(self._turn()[1])

    def _turn(self) -> tuple[int, int]:
        turn = self._snapshot.turn
        if turn is None:
            raise Unknown
        return turn.number, turn.rounds

    @cached_property
    def next_parameter(self) -> str:
        """What comes after the update of a parameter."""
        number, rounds = self._turn()
        if number >= rounds:
            return say(_N("words", "All parameters are updated: the minibatch is over."))
        return say(
            _N("words", "The same for parameter {next} of {all}."), next=number + 1, all=rounds
        )

    @cached_property
    def lr(self) -> str:
        """The optimizer's learning rate."""
        return setting(self._variable("self.lr"))

    @cached_property
    def momentum(self) -> str:
        """Momentum's share of the velocity that is kept."""
        return setting(self._variable("self.momentum"))

    @cached_property
    def beta1(self) -> str:
        """Adam's share of the mean gradient that is kept."""
        return setting(self._variable("self.beta1"))

    @cached_property
    def beta2(self) -> str:
        """Adam's share of the mean square that is kept."""
        return setting(self._variable("self.beta2"))

    @cached_property
    def gain1(self) -> str:
        """Adam's share of the new gradient in its mean."""
        return setting(1 - self._variable("self.beta1"))

    @cached_property
    def gain2(self) -> str:
        """Adam's share of the new square in its mean."""
        return setting(1 - self._variable("self.beta2"))

    @cached_property
    def eps(self) -> str:
        """The number that keeps a divisor above 0."""
        return setting(self._variable("self.eps"))

    @cached_property
    def updates(self) -> str:
        """The number of Adam's update, from 1."""
        return number(self._variable("self.n"))

    @cached_property
    def parameters(self) -> str:
        """The network's parameters: "4 parameters"."""
        return count(sum(len(layer.parameters) for layer in self._snapshot.layers), "parameter")

    @cached_property
    def gradients(self) -> str:
        """The gradients that are there: "4 gradients"."""
        return count(sum(len(layer.gradients) for layer in self._snapshot.layers), "gradient")

    @cached_property
    def largest_step(self) -> str:
        """The largest change of any parameter by the update."""
        steps = [
            np.abs(W - layer.before[name]).max()
            for layer in self._snapshot.layers
            for name, W in layer.parameters.items()
            if W is not layer.before.get(name, W) and W.size
        ]
        return number(max(steps, default=0))
