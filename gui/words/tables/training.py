"""The words for the step of training and for the network."""

from __future__ import annotations

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, Table, When, Words

_N = to_translate
_COMPUTED, _RAN, _BEFORE = When.COMPUTED, When.RAN, When.BEFORE
_CALLED, _RETURNED = When.CALLED, When.RETURNED
_UPDATE = "optimizer.update(network.parameters(), network.gradients())"

_STEP: Table = {
    Key("train_step", _BEFORE, "loss = network.forward(x, t)"): Words(
        _N("words", "A minibatch is ready: {images}, one in each row of `x` {input_shape}."),
        _N("words", "The network computes its loss."),
    ),
    Key("train_step", _COMPUTED, "network.forward(x, t)"): Words(
        _N(
            "words",
            "The loss is {value}; {right} of {images} have their largest score at the right label.",
        ),
        _N("words", "The backward pass finds how the loss changes with each parameter."),
    ),
    Key("train_step", _RAN, "loss = network.forward(x, t)"): Words(
        _N("words", "`loss` is {value}, and each layer has kept what the backward pass needs."),
        _N("words", "The backward pass goes through the layers in reverse."),
    ),
    Key("train_step", _COMPUTED, "network.backward()"): Words(
        _N("words", "The layers hold {gradients} of the loss now, for {parameters}."),
        _N("words", "The optimizer moves the parameters."),
    ),
    Key("train_step", _COMPUTED, "network.parameters()"): Words(
        _N("words", "A dictionary of {parameters} by name: the layers' own arrays, not copies."),
        _N("words", "Their gradients by the same names."),
    ),
    Key("train_step", _COMPUTED, "network.gradients()"): Words(
        _N("words", "A dictionary of {gradients}, by the names of the parameters."),
        _N("words", "The optimizer gets both."),
    ),
    Key("train_step", _COMPUTED, _UPDATE): Words(
        _N("words", "The update of {parameters} is done; the largest step is {largest_step}."),
        _N("words", "The minibatch is over."),
    ),
    Key("train_step", _BEFORE, _UPDATE): Words(
        _N("words", "The layers hold {gradients} of the loss now, for {parameters}."),
        _N("words", "The optimizer moves the parameters."),
    ),
    Key("train_step", _BEFORE, "return loss"): Words(
        _N("words", "Of {parameters}, no cell has moved by more than {largest_step}."),
        _N("words", "The loss from before the update is returned."),
    ),
    Key("train_step", _RETURNED, "return loss"): Words(
        _N("words", "The minibatch is over: its loss, before the update, was {value}."),
        _N("words", "Another minibatch brings other images."),
    ),
}

_FORWARD: Table = {
    Key("Network.forward", _CALLED): Words(
        _N("words", "{images} enter the network, one in each row of `x` {given}."),
        _N("words", "They go through {layers}."),
    ),
    Key("Network.forward", _BEFORE, "for layer in self.layers:"): Words(
        _N(
            "words",
            "`self.layers` holds {layers}: each takes the output of the one before as its input.",
        ),
        _N("words", "{next_forward}"),
    ),
    Key("Network.forward", _RAN, "for layer in self.layers:"): Words(
        _N("words", "It is the turn of {turn}, {place}; `x` goes into it."),
        _N("words", "{next_forward}"),
    ),
    Key("Network.forward", _RAN, "x = layer.forward(x)"): Words(
        _N("words", "`x` {shape} is now the output of {previous}, {previous_place}."),
        _N("words", "{next_forward}"),
    ),
    Key("Network.forward", _COMPUTED, "layer.forward(x)"): Words(
        _N("words", "{previous} has turned its input {given} into its output {shape}."),
        _N("words", "{next_forward}"),
    ),
    Key("Network.forward", _COMPUTED, "self.loss.forward(x, t)"): Words(
        _N(
            "words",
            "From the scores and the labels of {images} comes one number, the loss: {value}.",
        ),
        _N("words", "The backward pass starts here."),
    ),
    Key("Network.forward", _RETURNED, "return self.loss.forward(x, t)"): Words(
        _N("words", "The network returns its loss for {images}: {value}."),
        _N("words", "The backward pass starts here."),
    ),
}

_BACKWARD: Table = {
    Key("Network.backward", _CALLED): Words(
        _N("words", "The backward pass begins: the loss first, then {layers} in reverse."),
        _N("words", "The loss gives its gradient by the scores."),
    ),
    Key("Network.backward", _COMPUTED, "self.loss.backward()"): Words(
        _N("words", "The gradient of the loss by the scores, {shape}: from {low} to {high}."),
        _N("words", "{next_backward}"),
    ),
    Key("Network.backward", _RAN, "dout: Any = self.loss.backward()"): Words(
        _N("words", "`dout` {shape} is the gradient by the scores, the last layer's output."),
        _N("words", "It goes through the layers in reverse."),
    ),
    Key("Network.backward", _COMPUTED, "reversed(self.layers)"): Words(
        _N("words", "The same {layers} in reverse: each needs the gradient from the one after it."),
        _N("words", "{next_backward}"),
    ),
    Key("Network.backward", _RAN, "for layer in reversed(self.layers):"): Words(
        _N("words", "Going back, it is the turn of {turn}, {place}."),
        _N("words", "{next_backward}"),
    ),
    Key("Network.backward", _COMPUTED, "layer.backward(dout)"): Words(
        _N("words", "{previous} has run backwards, given the gradient by its output {given}."),
        _N("words", "{next_backward}"),
    ),
    Key("Network.backward", _RAN, "dout = layer.backward(dout)"): Words(
        _N("words", "{previous}, {previous_place}, has run backwards; `dout` is what it returned."),
        _N("words", "{next_backward}"),
    ),
    Key("Network.backward", _RETURNED, "self.dx = dout if self.input_gradient else None"): Words(
        _N("words", "The backward pass is done: {gradients} are stored in {layers}."),
        _N("words", "The optimizer moves the parameters."),
    ),
    Key("Network.parameters", _COMPUTED, "getattr(layer, W)"): Words(
        _N("words", "`{entry}` {shape} is looked up: the layer's own array, not a copy."),
        _N("words", "It goes into the dictionary of parameters."),
    ),
    Key("Network.gradients", _COMPUTED, 'getattr(layer, "d" + W, None)'): Words(
        _N("words", "The gradient of `{entry}`, {shape}, as the backward pass has stored it."),
        _N("words", "It goes into the dictionary of gradients."),
    ),
}

TRAINING: Table = {**_STEP, **_FORWARD, **_BACKWARD}
