"""The entries of the glossary, in the order in which a reader is likely to meet them."""

from __future__ import annotations

from dataclasses import dataclass

from gui.dialogs.wording import to_translate

_N = to_translate


@dataclass(frozen=True, slots=True)
class See:
    """A place where a term is seen: a panel, by its id, or a stop of this minibatch.

    Attributes:
        function, source: of a stop: the qualified name of a function of `engine.nn`, and the
            expression that it computes there or the statement that it runs.
    """

    panel: str = ""
    function: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term: its key in `gui.words.terms`, its name, and its sentences, both to be translated."""

    term: str
    name: str
    text: str
    see: tuple[See, ...] = ()


_LOSS_STOP = See(function="SoftmaxWithLoss.forward", source="-log_y[rows, self.t].sum() / len(z)")
_DW = See(function="Affine.backward", source="self.x.T @ dout")
_PRODUCT = See(function="Affine.forward", source="x @ self.W")
_SUM = See(function="Affine.forward", source="x @ self.W + self.b")
_SIGMOID = See(function="Sigmoid.forward", source="1 / (1 + np.exp(-x))")
_SOFTMAX = See(function="SoftmaxWithLoss.forward", source="e / total")
_MINUS_ONE = See(function="SoftmaxWithLoss.backward", source="dz[rows, self.t] -= 1")
_SGD = See(function="SGD.update", source="W -= self.lr * dW")
_MOMENTUM = See(function="Momentum.update", source="W += v")

_FORWARD = (
    Entry(
        "network", _N("words", "network"),
        _N("words", "Layers in order: each works on the output of the one before. The first is "
           "given the images, the last gives a score for each class."),
        (See("network"),),
    ),
    Entry(
        "layer", _N("words", "layer"),
        _N("words", "A part of the network that turns one array into another: `forward`. It also "
           "has the way back, `backward`. Some layers have parameters; the sigmoid has none."),
        (See("network"),),
    ),
    Entry(
        "minibatch", _N("words", "minibatch"),
        _N("words", "Some of the training images, run through the network together: each is a row "
           "of `x`. After each minibatch the optimizer changes the parameters once."),
        (See("samples"),),
    ),
    Entry(
        "label", _N("words", "label"),
        _N("words", "The right answer for an image, from the dataset: the number of its class, "
           "such as 3. It does not enter the layers; only the loss and its gradient "
           "use it."),
        (See("samples"), See(function="SoftmaxWithLoss.forward",
                             source="self.t = class_numbers(t, z)")),
    ),
    Entry(
        "forward pass", _N("words", "forward pass"),
        _N("words", "The way from the images to the loss. Each layer takes the output of the one "
           "before, and keeps what the backward pass will need."),
        (See("timeline"), _PRODUCT),
    ),
    Entry(
        "weight", _N("words", "weight"),
        _N("words", "A number by which an input is multiplied before such products are added up. "
           "A layer has one for each pair of input and unit, in the array `W`. Training changes "
           "them."),
        (See("hidden_units"), _PRODUCT),
    ),
    Entry(
        "bias", _N("words", "bias"),
        _N("words", "A number that is added to a sum, whatever the input is. Where a layer has "
           "them, there is one for each unit, in the array `b`. Without it, an input "
           "of zeros could only give the sum 0."),
        (_SUM,),
    ),
    Entry(
        "unit", _N("words", "unit"),
        _N("words", "One column of a layer's output: a number for each image. It is made by the "
           "unit's own column of weights from the layer's inputs, and a bias is added."),
        (See("hidden_units"),),
    ),
    Entry(
        "matrix product", _N("words", "matrix product"),
        _N("words", "Each row of the one array is multiplied, cell by cell, with each column of "
           "the other. The products of such a pair are added up to one cell. In numpy it is "
           "written `@`."),
        (_PRODUCT,),
    ),
    Entry(
        "broadcast", _N("words", "broadcast"),
        _N("words", "numpy's rule for arrays of different shapes: the smaller one is used again "
           "along the axes that it lacks. So the same biases are added to each row."),
        (_SUM,),
    ),
    Entry(
        "activation", _N("words", "activation"),
        _N("words", "A function that is applied to each number alone, such as the sigmoid; also "
           "its result. Without one in between, two layers of weights could compute no more than "
           "one can."),
        (See("activations"),),
    ),
    Entry(
        "sigmoid", _N("words", "sigmoid"),
        _N("words", "It turns any number into one between 0 and 1: `1 / (1 + np.exp(-x))`. At 0 "
           "it gives 0.5. Its slope, y (1 − y), is at most 0.25, and close to 0 far "
           "from 0."),
        (_SIGMOID,),
    ),
    Entry(
        "ReLU", _N("words", "ReLU"),
        _N("words", "A function that lets positive numbers pass, and gives 0 for all others. Its "
           "slope is 1 or 0, so a gradient passes it as it is, or becomes 0."),
        (See(function="ReLU.forward", source="np.maximum(x, 0)"),),
    ),
    Entry(
        "tanh", _N("words", "tanh"),
        _N("words", "It turns any number into one between −1 and 1, with a curve like the "
           "sigmoid's. Its slope, 1 − y², is at most 1."),
        (See(function="Tanh.forward", source="np.tanh(x)"),),
    ),
    Entry(
        "mask", _N("words", "mask"),
        _N("words", "An array of True and False that says at which cells something is done. ReLU "
           "keeps one: True where its input was positive, and so where gradients pass."),
        (See(function="ReLU.forward", source="x > 0"),),
    ),
    Entry(
        "saturation", _N("words", "saturation"),
        _N("words", "A sigmoid is saturated where its output is close to 0 or to 1. Its slope is "
           "close to 0 there, so that little of a gradient passes back."),
        (See("activations"),),
    ),
    Entry(
        "cache", _N("words", "cache"),
        _N("words", "What a layer keeps in the forward pass because its backward pass needs it, "
           "such as its input `x`. It takes memory until it has been used."),
        (See("cache"), See(function="Affine.forward", source="self.x = x")),
    ),
)  # fmt: skip
_LOSS = (
    Entry(
        "score", _N("words", "score"),
        _N("words", "What the last layer gives for a class, before softmax: any number, also one "
           "below 0. The class with the largest score is the network's answer."),
        (_SUM, See("samples")),
    ),
    Entry(
        "softmax", _N("words", "softmax"),
        _N("words", "It turns a row of scores into probabilities: e to the power of each, divided "
           "by their sum. A larger score gets a larger probability."),
        (_SOFTMAX,),
    ),
    Entry(
        "probability", _N("words", "probability"),
        _N("words", "A number from 0 to 1 that the network gives to a class. Those of an image add "
           "up to 1. How often the network is right at such a number has to be measured."),
        (_SOFTMAX, See("samples")),
    ),
    Entry(
        "loss", _N("words", "loss"),
        _N("words", "One number for how far the network's answers are from the labels: the "
           "smaller the better. In the presets it is the mean, over the images, of "
           "−log of the right label's probability."),
        (See("loss"), _LOSS_STOP),
    ),
    Entry(
        "cross-entropy", _N("words", "cross-entropy"),
        _N("words", "The loss of the presets, for one image: −log of the probability of the "
           "right label. It is 0 where that probability is 1, and grows without end as "
           "it nears 0."),
        (_LOSS_STOP,),
    ),
    Entry(
        "one-hot", _N("words", "one-hot"),
        _N("words", "A label written as a row of numbers: 1 at its class, 0 at all others. To "
           "subtract it is to take 1 off at the right label."),
        (_MINUS_ONE,),
    ),
    Entry(
        "overflow", _N("words", "overflow"),
        _N("words", "A result that is too large for its kind of number becomes infinite. With 32 "
           "bits, e to the power of 89 does. The code limits or shifts its inputs to avoid it."),
        (See(function="SoftmaxWithLoss.forward", source="z - z.max(axis=1, keepdims=True)"),),
    ),
)  # fmt: skip
_BACKWARD = (
    Entry(
        "backward pass", _N("words", "backward pass"),
        _N("words", "The way from the loss back to the first layer. Each layer is given "
           "`dout`, the gradient by its output. It computes those by its parameters, such as "
           "`dW`, and by its input."),
        (See("timeline"), _MINUS_ONE),
    ),
    Entry(
        "gradient", _N("words", "gradient"),
        _N("words", "How fast the loss changes as a number grows a little. If it is 2, and the "
           "number grows by 0.001, the loss grows by about 0.002. Where it is below 0, the loss "
           "falls instead; each cell of an array has its own."),
        (See("gradients"), _DW),
    ),
    Entry(
        "slope", _N("words", "slope"),
        _N("words", "How fast a function's value changes as its input grows a little: 0 where its "
           "curve is flat. The backward pass multiplies gradients by the slopes of the "
           "activations."),
        (See(function="Sigmoid.backward", source="dout * self.y * (1 - self.y)"),),
    ),
    Entry(
        "chain rule", _N("words", "chain rule"),
        _N("words", "A change that passes several functions is multiplied by the slope of each; "
           "what comes by several ways is added. The backward pass applies this layer "
           "by layer."),
        (_DW, See(function="Affine.backward", source="dout @ self.W.T")),
    ),
    Entry(
        "transpose", _N("words", "transpose"),
        _N("words", "The same array with its rows as columns: the cell [i, j] is found at [j, i]. "
           "It is written `x.T` in numpy, and xᵀ in formulas."),
        (_DW,),
    ),
    Entry(
        "vanishing gradient", _N("words", "vanishing gradient"),
        _N("words", "A gradient that shrinks on its way back until the first layers hardly change. "
           "Small slopes, multiplied one after the other, are one cause. Comparing the layers' "
           "gradients shows it."),
        (See("gradients"),),
    ),
    Entry(
        "numerical gradient", _N("words", "numerical gradient"),
        _N("words", "A gradient found by trying: a number is moved a little, and the loss computed "
           "again. Each number needs runs of its own, so it serves to check the backward pass."),
        (See("numeric"),),
    ),
)  # fmt: skip
_UPDATE = (
    Entry(
        "parameter", _N("words", "parameter"),
        _N("words", "A number that training changes, such as a weight or a bias; also an array of "
           "these, such as `W`. Pixels, labels and the learning rate are none."),
        (See("variables"), _SGD),
    ),
    Entry(
        "optimizer", _N("words", "optimizer"),
        _N("words", "The part that changes the parameters by their gradients. SGD subtracts the "
           "gradient times the learning rate; the others also keep a memory of earlier "
           "gradients."),
        (_SGD, _MOMENTUM),
    ),
    Entry(
        "update", _N("words", "update"),
        _N("words", "The last part of a minibatch: the optimizer changes each parameter that has a "
           "gradient. What this does to the loss is seen in a later forward pass."),
        (See("timeline"), _SGD),
    ),
    Entry(
        "learning rate", _N("words", "learning rate"),
        _N("words", "The number by which a gradient is multiplied to make a step; a person chooses "
           "it. If it is too small, the loss falls slowly; if too large, it can grow."),
        (See(function="SGD.update", source="self.lr * dW"),),
    ),
    Entry(
        "SGD", _N("words", "SGD"),
        _N("words", "Stochastic gradient descent: each parameter moves against its gradient, by "
           "the learning rate times it. It is called stochastic because the minibatch is a random "
           "one."),
        (_SGD,),
    ),
    Entry(
        "momentum", _N("words", "momentum"),
        _N("words", "An optimizer that moves parameters by a velocity, which each gradient "
           "changes. Also the share of the velocity that each update keeps, such as 0.9."),
        (_MOMENTUM,),
    ),
    Entry(
        "velocity", _N("words", "velocity"),
        _N("words", "With momentum, the step that a parameter takes: a sum of earlier steps, "
           "the older ones counting for less. Where gradients keep their sign, it "
           "becomes larger than one such step."),
        (_MOMENTUM,),
    ),
    Entry(
        "AdaGrad", _N("words", "AdaGrad"),
        _N("words", "An optimizer that adds up the squared gradients of each cell, and divides "
           "the step by their root. A cell that has had large gradients takes a "
           "smaller step for the same gradient."),
        (See(function="AdaGrad.update", source="h += dW * dW"),),
    ),
    Entry(
        "Adam", _N("words", "Adam"),
        _N("words", "An optimizer with two running means: of the gradient, and of its square. "
           "The first divided by the root of the second, times the learning rate, is "
           "its step."),
        (See(function="Adam.update", source="self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"),),
    ),
    Entry(
        "epoch", _N("words", "epoch"),
        _N("words", "As many minibatches as it takes to use each training image once. The next "
           "epoch uses the images in another order."),
        (See("timeline"), See("loss")),
    ),
    Entry(
        "test set", _N("words", "test set"),
        _N("words", "Images with labels that training never uses. They show how often the network "
           "is right about images that are new to it."),
        (See("confusion"), See("loss")),
    ),
    Entry(
        "batch normalization", _N("words", "batch normalization"),
        _N("words", "A layer that subtracts each unit's mean over the minibatch, and divides by "
           "the spread. Then it scales and shifts by parameters of its own. The presets have "
           "none."),
        (See("activations"),),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = (*_FORWARD, *_LOSS, *_BACKWARD, *_UPDATE)
