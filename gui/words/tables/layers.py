"""The words for the layers."""

from __future__ import annotations

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, Table, When, Words

_N = to_translate
_COMPUTED, _RAN, _CALLED, _RETURNED = When.COMPUTED, When.RAN, When.CALLED, When.RETURNED

_AFFINE: Table = {
    Key("Affine.forward", _CALLED): Words(
        _N("words", "{layer} is given `x` {given}: one row for each image."),
        _N("words", "It keeps `x`, then multiplies it by `W`."),
    ),
    Key("Affine.forward", _RAN, "self.x = x"): Words(
        _N(
            "words",
            "{layer} keeps its input `x` {shape} in its cache: from it backward computes the "
            "gradient of its weights, `dW`.",
        ),
        _N("words", "`x` is multiplied by `W`."),
    ),
    Key("Affine.forward", _COMPUTED, "x @ self.W"): Words(
        _N(
            "words",
            "For each image and each of {columns} of weights: {products}, added up to one number.",
        ),
        _N("words", "{after_product}"),
    ),
    Key("Affine.forward", _COMPUTED, "x @ self.W + self.b"): Words(
        _N("words", "The same {biases} are added to every row; {bias_range}."),
        _N("words", "{next_forward}"),
    ),
    Key("Affine.forward", _RETURNED, "return x @ self.W"): Words(
        _N("words", "{layer} returns its output {shape}, one row for each image."),
        _N("words", "{next_forward}"),
    ),
    Key("Affine.forward", _RETURNED, "return x @ self.W + self.b"): Words(
        _N("words", "{layer} returns its output {shape}, one row for each image."),
        _N("words", "{next_forward}"),
    ),
    Key("Affine.backward", _CALLED): Words(
        _N("words", "{layer} is given `dout` {given}, the gradient of the loss by its output."),
        _N("words", "First comes the gradient by its weights, `dW`."),
    ),
    Key("Affine.backward", _COMPUTED, "self.x.T"): Words(
        _N("words", "`x` transposed, {shape}: one row for each input, one column for each image."),
        _N("words", "Times `dout`, it adds up over the images."),
    ),
    Key("Affine.backward", _COMPUTED, "self.x.T @ dout"): Words(
        _N(
            "words",
            "For each weight, `dW` adds up, over {images}, its input times the gradient at its "
            "output.",
        ),
        _N("words", "{after_weights}"),
    ),
    Key("Affine.backward", _RAN, "self.dW = self.x.T @ dout"): Words(
        _N(
            "words",
            "{layer} keeps `dW` {shape}, one number for each weight; the largest magnitude is "
            "{largest}.",
        ),
        _N("words", "{after_weights}"),
    ),
    Key("Affine.backward", _COMPUTED, "dout.sum(axis=0)"): Words(
        _N(
            "words",
            "Each bias is added for every image, so its gradient is the sum of `dout` over "
            "{images}.",
        ),
        _N("words", "{after_parameters}"),
    ),
    Key("Affine.backward", _RAN, "self.db = dout.sum(axis=0)"): Words(
        _N(
            "words",
            "{layer} keeps `db` {shape}, one number for each bias; the largest magnitude is "
            "{largest}.",
        ),
        _N("words", "{after_parameters}"),
    ),
    Key("Affine.backward", _COMPUTED, "self.W.T"): Words(
        _N("words", "`W` transposed, {shape}: one row for each output, one column for each input."),
        _N("words", "`dout` times this gives the gradient by the inputs."),
    ),
    Key("Affine.backward", _COMPUTED, "dout @ self.W.T"): Words(
        _N(
            "words",
            "Each input's gradient: the gradients of the outputs that it fed, times the weights "
            "between, added up.",
        ),
        _N("words", "{next_backward}"),
    ),
    Key("Affine.backward", _RETURNED, "return dout @ self.W.T"): Words(
        _N("words", "{layer} returns the gradient by its input, {shape}: a row for each image."),
        _N("words", "{next_backward}"),
    ),
    Key("Affine.backward", _RETURNED, "return None"): Words(
        _N("words", "{layer} returns None: the gradient by its input is not needed."),
        _N("words", "{next_backward}"),
    ),
}

_SIGMOID: Table = {
    Key("Sigmoid.forward", _CALLED): Words(
        _N("words", "{layer} is given `x` {given}, and works on each number alone."),
        _N("words", "Numbers below −80 are raised to −80."),
    ),
    Key("Sigmoid.forward", _COMPUTED, "np.maximum(x, -80)"): Words(
        _N(
            "words",
            "Numbers below −80 could overflow in e⁻ˣ and are raised to −80; here {below}.",
        ),
        _N("words", "e⁻ˣ of each number."),
    ),
    Key("Sigmoid.forward", _COMPUTED, "-x"): Words(
        _N("words", "Each number of `x` with its sign turned: from {low} to {high}."),
        _N("words", "e to the power of each."),
    ),
    Key("Sigmoid.forward", _COMPUTED, "np.exp(-x)"): Words(
        _N("words", "e⁻ˣ of each number of `x`: from {low} to {high}, never below 0."),
        _N("words", "1 is added to each."),
    ),
    Key("Sigmoid.forward", _COMPUTED, "1 + np.exp(-x)"): Words(
        _N("words", "1 + e⁻ˣ, the divisor: from {low} to {high}, never below 1."),
        _N("words", "1 divided by each."),
    ),
    Key("Sigmoid.forward", _COMPUTED, "1 / (1 + np.exp(-x))"): Words(
        _N("words", "Every output of {layer} lies between 0 and 1; {near_unit}."),
        _N("words", "{next_forward}"),
    ),
    Key("Sigmoid.forward", _RAN, "self.y = 1 / (1 + np.exp(-x))"): Words(
        _N(
            "words",
            "{layer} keeps its output `y` {shape} in its cache: the backward pass needs it.",
        ),
        _N("words", "{next_forward}"),
    ),
    Key("Sigmoid.forward", _RETURNED, "return self.y"): Words(
        _N("words", "{layer} returns `y` {shape}, numbers between 0 and 1."),
        _N("words", "{next_forward}"),
    ),
    Key("Sigmoid.backward", _CALLED): Words(
        _N("words", "{layer} is given `dout` {given}, the gradient of the loss by its output."),
        _N("words", "It is multiplied by the sigmoid's slope, y (1 − y)."),
    ),
    Key("Sigmoid.backward", _COMPUTED, "dout * self.y"): Words(
        _N("words", "`dout` times y, cell by cell: the first factor of the slope y (1 − y)."),
        _N("words", "The second factor is 1 − y."),
    ),
    Key("Sigmoid.backward", _COMPUTED, "1 - self.y"): Words(
        _N("words", "1 − y, the second factor of the slope: from {low} to {high}."),
        _N("words", "The two are multiplied, cell by cell."),
    ),
    Key("Sigmoid.backward", _COMPUTED, "dout * self.y * (1 - self.y)"): Words(
        _N(
            "words",
            "`dout` times the slope y (1 − y), which is at most 0.25, and here {slope}.",
        ),
        _N("words", "{next_backward}"),
    ),
    Key("Sigmoid.backward", _RETURNED, "return dout * self.y * (1 - self.y)"): Words(
        _N("words", "{layer} returns the gradient by its input, {shape}: a number for each input."),
        _N("words", "{next_backward}"),
    ),
}

_RELU: Table = {
    Key("ReLU.forward", _CALLED): Words(
        _N("words", "{layer} is given `x` {given}, and works on each number alone."),
        _N("words", "It notes which numbers are positive."),
    ),
    Key("ReLU.forward", _COMPUTED, "x > 0"): Words(
        _N("words", "The mask of {layer} is True where `x` is positive: in {share} of its cells."),
        _N("words", "The other numbers become 0."),
    ),
    Key("ReLU.forward", _RAN, "self.mask = x > 0"): Words(
        _N(
            "words",
            "{layer} keeps the mask {shape} in its cache: gradients will pass at the same cells.",
        ),
        _N("words", "The numbers that are not positive become 0."),
    ),
    Key("ReLU.forward", _COMPUTED, "np.maximum(x, 0)"): Words(
        _N(
            "words",
            "Positive numbers pass {layer} as they are; the others, {zeros} of the cells, are 0.",
        ),
        _N("words", "{next_forward}"),
    ),
    Key("ReLU.forward", _RETURNED, "return np.maximum(x, 0)"): Words(
        _N("words", "{layer} returns its output {shape}: no number in it is negative."),
        _N("words", "{next_forward}"),
    ),
    Key("ReLU.backward", _CALLED): Words(
        _N("words", "{layer} is given `dout` {given}, the gradient of the loss by its output."),
        _N("words", "It passes where `x` was positive."),
    ),
    Key("ReLU.backward", _COMPUTED, "dout * self.mask"): Words(
        _N(
            "words",
            "Where `x` was positive the gradient passes; in the other cells, {blocked}, it "
            "becomes 0.",
        ),
        _N("words", "{next_backward}"),
    ),
    Key("ReLU.backward", _RETURNED, "return dout * self.mask"): Words(
        _N("words", "{layer} returns the gradient by its input, {shape}: a number for each input."),
        _N("words", "{next_backward}"),
    ),
}

_TANH: Table = {
    Key("Tanh.forward", _CALLED): Words(
        _N("words", "{layer} is given `x` {given}, and works on each number alone."),
        _N("words", "tanh of each number."),
    ),
    Key("Tanh.forward", _COMPUTED, "np.tanh(x)"): Words(
        _N("words", "Every output of {layer} lies between −1 and 1; {near_one}."),
        _N("words", "{next_forward}"),
    ),
    Key("Tanh.forward", _RAN, "self.y = np.tanh(x)"): Words(
        _N(
            "words",
            "{layer} keeps its output `y` {shape} in its cache: the backward pass needs it.",
        ),
        _N("words", "{next_forward}"),
    ),
    Key("Tanh.forward", _RETURNED, "return self.y"): Words(
        _N("words", "{layer} returns `y` {shape}, numbers between −1 and 1."),
        _N("words", "{next_forward}"),
    ),
    Key("Tanh.backward", _CALLED): Words(
        _N("words", "{layer} is given `dout` {given}, the gradient of the loss by its output."),
        _N("words", "It is multiplied by the slope of tanh, 1 − y²."),
    ),
    Key("Tanh.backward", _COMPUTED, "self.y * self.y"): Words(
        _N("words", "y², for the slope 1 − y²: from {low} to {high}."),
        _N("words", "It is taken from 1."),
    ),
    Key("Tanh.backward", _COMPUTED, "1 - self.y * self.y"): Words(
        _N("words", "1 − y², the slope of tanh at each point: here {low} to {high}."),
        _N("words", "`dout` is multiplied by it."),
    ),
    Key("Tanh.backward", _COMPUTED, "dout * (1 - self.y * self.y)"): Words(
        _N("words", "`dout` times the slope 1 − y², which is at most 1, cell by cell."),
        _N("words", "{next_backward}"),
    ),
    Key("Tanh.backward", _RETURNED, "return dout * (1 - self.y * self.y)"): Words(
        _N("words", "{layer} returns the gradient by its input, {shape}: a number for each input."),
        _N("words", "{next_backward}"),
    ),
}

LAYERS: Table = {**_AFFINE, **_SIGMOID, **_RELU, **_TANH}
