"""What is shown where `engine.nn` computes: the quantity, and a sentence on its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.quantity import Quantity

_N = to_translate
_COMPUTED, _RAN, _RETURNED = When.COMPUTED, When.RAN, When.RETURNED


@dataclass(frozen=True, slots=True)
class Shown:
    """The quantity of a picture, and a template over `Fields`, `classes`, `thing` and `things`."""

    quantity: Quantity
    text: str = ""


_INPUT = Shown(
    Quantity.INPUT,
    _N("words", "Each row belongs to one image, each column to one number of the layer before."),
)
_SUM = Shown(
    Quantity.SUM,
    _N("words", "A sum is negative where weights and bias take away more than they add."),
)
_DX = Shown(
    Quantity.INPUT_GRADIENT,
    _N("words", "Each row belongs to one image, each column to one number of the layer before."),
)
_AFFINE = {
    Key("Affine.forward", _RAN, "self.x = x"): _INPUT,
    Key("Affine.forward", _COMPUTED, "x @ self.W"): Shown(
        Quantity.PRODUCT,
        _N("words", "Each row of the result belongs to one image, each column to one of `W`."),
    ),
    Key("Affine.forward", _COMPUTED, "x @ self.W + self.b"): _SUM,
    Key("Affine.forward", _RETURNED, "return x @ self.W"): Shown(Quantity.SUM),
    Key("Affine.forward", _RETURNED, "return x @ self.W + self.b"): _SUM,
    Key("Affine.backward", _COMPUTED, "self.x.T"): Shown(
        Quantity.INPUT, _N("words", "The rows have become columns: each column is one image now.")
    ),
    Key("Affine.backward", _COMPUTED, "self.x.T @ dout"): Shown(
        Quantity.GRADIENT,
        _N("words", "`dW` has a cell for each weight: which way the loss goes if that one grows."),
    ),
    Key("Affine.backward", _RAN, "self.dW = self.x.T @ dout"): Shown(Quantity.GRADIENT),
    Key("Affine.backward", _COMPUTED, "dout.sum(axis=0)"): Shown(
        Quantity.GRADIENT,
        _N("words", "`db` has a cell for each bias: which way the loss goes if that one grows."),
    ),
    Key("Affine.backward", _RAN, "self.db = dout.sum(axis=0)"): Shown(Quantity.GRADIENT),
    Key("Affine.backward", _COMPUTED, "self.W.T"): Shown(Quantity.WEIGHT),
    Key("Affine.backward", _COMPUTED, "dout @ self.W.T"): _DX,
    Key("Affine.backward", _RETURNED, "return dout @ self.W.T"): _DX,
}
_MAKES_SIGMOID = _N(
    "words", "Four operations make the sigmoid: −x, e to that power, plus 1, and 1 divided by it."
)
_ACTIVATIONS = {
    Key("Sigmoid.forward", _COMPUTED, "-x"): Shown(Quantity.NUMBERS, _MAKES_SIGMOID),
    Key("Sigmoid.forward", _COMPUTED, "np.exp(-x)"): Shown(Quantity.NUMBERS, _MAKES_SIGMOID),
    Key("Sigmoid.forward", _COMPUTED, "1 + np.exp(-x)"): Shown(Quantity.NUMBERS, _MAKES_SIGMOID),
    Key("Sigmoid.forward", _COMPUTED, "1 / (1 + np.exp(-x))"): Shown(
        Quantity.SIGMOID,
        _N("words", "The curve is steepest at 0; far from 0, on both sides, it is almost flat."),
    ),
    Key("Sigmoid.forward", _RAN, "self.y = 1 / (1 + np.exp(-x))"): Shown(Quantity.SIGMOID),
    Key("Sigmoid.forward", _RETURNED, "return self.y"): Shown(Quantity.SIGMOID),
    Key("Sigmoid.backward", _COMPUTED, "dout * self.y * (1 - self.y)"): Shown(
        Quantity.INPUT_GRADIENT,
        _N("words", "Where `y` is close to 0 or 1, the slope is close to 0: little gradient "
           "passes."),
    ),
    Key("Sigmoid.backward", _RETURNED, "return dout * self.y * (1 - self.y)"): Shown(
        Quantity.INPUT_GRADIENT
    ),
    Key("ReLU.forward", _COMPUTED, "x > 0"): Shown(
        Quantity.MASK, _N("words", "One answer for each number of each image, True or False.")
    ),
    Key("ReLU.forward", _RAN, "self.mask = x > 0"): Shown(Quantity.MASK),
    Key("ReLU.forward", _COMPUTED, "np.maximum(x, 0)"): Shown(
        Quantity.RELU,
        _N("words", "A cell that is 0 here passes no gradient back: the mask is False there."),
    ),
    Key("ReLU.forward", _RETURNED, "return np.maximum(x, 0)"): Shown(Quantity.RELU),
    Key("ReLU.backward", _COMPUTED, "dout * self.mask"): Shown(
        Quantity.INPUT_GRADIENT,
        _N("words", "A unit whose mask is False for every image gets no gradient here."),
    ),
    Key("ReLU.backward", _RETURNED, "return dout * self.mask"): Shown(Quantity.INPUT_GRADIENT),
    Key("Tanh.backward", _COMPUTED, "dout * (1 - self.y * self.y)"): Shown(Quantity.INPUT_GRADIENT),
    Key("Tanh.backward", _RETURNED, "return dout * (1 - self.y * self.y)"): Shown(
        Quantity.INPUT_GRADIENT
    ),
}  # fmt: skip
_FORWARD, _BACKWARD = "SoftmaxWithLoss.forward", "SoftmaxWithLoss.backward"
_PROBABLE = Shown(
    Quantity.PROBABILITY,
    _N("words", "Softmax keeps the order: the largest score of a row gets the largest "
       "probability."),
)  # fmt: skip
_OFF = Shown(
    Quantity.SCORE_GRADIENT,
    _N("words", "Each row adds up to 0: what the right label lacks, the others have."),
)
_LOSS = {
    Key(_FORWARD, _COMPUTED, "class_numbers(t, z)"): Shown(Quantity.LABEL),
    Key(_FORWARD, _RAN, "self.t = class_numbers(t, z)"): Shown(
        Quantity.LABEL, _N("words", "One label for each image: the class that it belongs to.")
    ),
    Key(_FORWARD, _COMPUTED, "z.max(axis=1, keepdims=True)"): Shown(
        Quantity.NUMBERS,
        _N("words", "One number for each row: the score of the class that is the most probable."),
    ),
    Key(_FORWARD, _COMPUTED, "z - z.max(axis=1, keepdims=True)"): Shown(
        Quantity.SHIFTED,
        _N("words", "In each row the largest score is 0 now; no other is above it."),
    ),
    Key(_FORWARD, _COMPUTED, "np.exp(shifted)"): Shown(
        Quantity.POWERS,
        _N("words", "A difference of 1 between two scores becomes a factor of 2.72 between their "
           "powers."),
    ),
    Key(_FORWARD, _COMPUTED, "e.sum(axis=1, keepdims=True)"): Shown(
        Quantity.NUMBERS,
        _N("words", "At least 1, since the largest score of a row gives 1; at most {classes}, "
           "for equal scores."),
    ),
    Key(_FORWARD, _COMPUTED, "e / total"): _PROBABLE,
    Key(_FORWARD, _RAN, "self.y = e / total"): _PROBABLE,
    Key(_FORWARD, _COMPUTED, "np.log(total)"): Shown(
        Quantity.NUMBERS,
        _N("words", "Close to 0 where one score is far above the others; at most ln {classes}."),
    ),
    Key(_FORWARD, _COMPUTED, "shifted - np.log(total)"): Shown(
        Quantity.LOG_PROBABILITY,
        _N("words", "The log of a probability is never above 0; the less probable, the further "
           "below."),
    ),
    Key(_FORWARD, _COMPUTED, "log_y[rows, self.t]"): Shown(
        Quantity.LOG_PROBABILITY,
        _N("words", "One number for each image; with its sign turned it is that image's loss."),
    ),
    Key(_BACKWARD, _COMPUTED, "self.y.copy()"): Shown(
        Quantity.PROBABILITY,
        _N("words", "Softmax and loss have one gradient together: the probabilities, minus 1 at "
           "the right labels."),
    ),
    Key(_BACKWARD, _RAN, "dz[rows, self.t] -= 1"): _OFF,
    Key(_BACKWARD, _COMPUTED, "dz / len(dz)"): Shown(
        Quantity.SCORE_GRADIENT,
        _N("words", "Each image has an equal share in the mean, so every row is divided by the "
           "same number."),
    ),
    Key(_BACKWARD, _RETURNED, "return dz / len(dz)"): _OFF,
    Key("Network.backward", _COMPUTED, "self.loss.backward()"): _OFF,
    Key("Network.backward", _RAN, "dout: Any = self.loss.backward()"): _OFF,
    Key("Network.backward", _COMPUTED, "layer.backward(dout)"): Shown(Quantity.INPUT_GRADIENT),
    Key("Network.backward", _RAN, "dout = layer.backward(dout)"): Shown(Quantity.INPUT_GRADIENT),
}  # fmt: skip
_LOOKED_UP = Shown(
    Quantity.WEIGHT,
    _N("words", "This is the layer's own array: what is changed here is changed there."),
)
_TAKEN = _N("words", "The step is subtracted: each {thing} moves against the sign of its cell.")
_STEPPED = Shown(
    Quantity.STEPPED,
    _N("words", "From left to right: the {things} before, the step, the {things} after it."),
)
_VELOCITY = Shown(
    Quantity.VELOCITY,
    _N("words", "The velocity is a sum of earlier steps, the older ones counting for less."),
)
_MEAN = _N("words", "In a running mean, older gradients count for less than newer ones.")
_ONLY_GROWS = _N(
    "words", "`h` never falls: the larger it is, the smaller the step for the same gradient."
)
_ADAM_STEP = "self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"
_ADAGRAD_STEP = "self.lr * dW / (np.sqrt(h) + self.eps)"
_UPDATES = {
    **{
        Key(f"{name}.update", _COMPUTED, "parameters[name]"): _LOOKED_UP
        for name in ("SGD", "Momentum", "AdaGrad", "Adam")
    },
    Key("SGD.update", _COMPUTED, "self.lr * dW"): Shown(Quantity.STEP, _TAKEN),
    Key("SGD.update", _RAN, "W -= self.lr * dW"): _STEPPED,
    Key("Momentum.update", _COMPUTED, "self.v[name]"): _VELOCITY,
    Key("Momentum.update", _RAN, "v *= self.momentum"): _VELOCITY,
    Key("Momentum.update", _COMPUTED, "self.lr * dW"): Shown(Quantity.PUSH),
    Key("Momentum.update", _RAN, "v -= self.lr * dW"): Shown(
        Quantity.VELOCITY,
        _N("words", "The product is subtracted from the velocity, which will be added to the "
           "{things}."),
    ),
    Key("Momentum.update", _RAN, "W += v"): Shown(
        Quantity.MOVED,
        _N("words", "From left to right: the {things} before, the velocity, the {things} after "
           "it."),
    ),
    Key("AdaGrad.update", _RAN, "h += dW * dW"): Shown(Quantity.NUMBERS, _ONLY_GROWS),
    Key("AdaGrad.update", _COMPUTED, "self.lr * dW"): Shown(Quantity.PUSH),
    Key("AdaGrad.update", _COMPUTED, _ADAGRAD_STEP): Shown(Quantity.STEP, _TAKEN),
    Key("AdaGrad.update", _RAN, f"W -= {_ADAGRAD_STEP}"): _STEPPED,
    Key("Adam.update", _RAN, "m += (1 - self.beta1) * (dW - m)"): Shown(Quantity.NUMBERS, _MEAN),
    Key("Adam.update", _RAN, "v += (1 - self.beta2) * (dW * dW - v)"): Shown(
        Quantity.NUMBERS, _MEAN
    ),
    Key("Adam.update", _COMPUTED, _ADAM_STEP): Shown(Quantity.STEP, _TAKEN),
    Key("Adam.update", _RAN, f"W -= {_ADAM_STEP}"): _STEPPED,
}  # fmt: skip

QUANTITIES: Mapping[Key, Shown] = {**_AFFINE, **_ACTIVATIONS, **_LOSS, **_UPDATES}
# In place of the sentence above, where the inputs are the images themselves.
OF_INK: Mapping[str, str] = {
    "self.x = x": _N("words", "In `x` each image is one row of numbers, a number for each pixel."),
    "x @ self.W": _N(
        "words",
        "Every image, a row of `x`, is compared with the {columns} of `W`, each a picture of "
        "weights.",
    ),
    "x @ self.W + self.b": _N(
        "words",
        "Ink is never negative; a sum is, where weights and bias take away more than they add.",
    ),
    "self.x.T @ dout": _N(
        "words", "At a pixel where no image of the minibatch has ink, `dW` is 0 for every unit."
    ),
    "dout @ self.W.T": _N(
        "words", "Each row has the shape of an image: where more ink raises the loss, or lowers it."
    ),
}
# In place of the sentence above, where the outputs are the scores.
OF_SCORES: Mapping[str, str] = {
    "x @ self.W": _N(
        "words", "Each row of the result has the {classes} scores of one image, one for each class."
    ),
    "x @ self.W + self.b": _N(
        "words", "For softmax only differences within a row count: which score is larger, and by "
        "how much."
    ),
}  # fmt: skip
