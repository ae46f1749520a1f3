"""The words for the optimizers."""

from __future__ import annotations

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, Table, When, Words

_N = to_translate
_COMPUTED, _RAN, _CALLED = When.COMPUTED, When.RAN, When.CALLED

_SGD: Table = {
    Key("SGD.update", _CALLED): Words(
        _N("words", "The optimizer is given {parameters} and {gradients}."),
        _N("words", "Each parameter moves in turn."),
    ),
    Key("SGD.update", _COMPUTED, "parameters[name]"): Words(
        _N("words", "`{p}` {shape} is looked up, to be changed in place."),
        _N("words", "Its gradient times the learning rate."),
    ),
    Key("SGD.update", _COMPUTED, "self.lr * dW"): Words(
        _N(
            "words",
            "The gradient of `{p}` times the learning rate {lr}: magnitudes up to {largest}.",
        ),
        _N("words", "It is taken off `{p}`."),
    ),
    Key("SGD.update", _RAN, "W -= self.lr * dW"): Words(
        _N(
            "words",
            "`{p}` has moved against its gradient, by {lr} times it; the largest step is {step}.",
        ),
        _N("words", "{next_parameter}"),
        _N(
            "words",
            "`{p}`, parameter {round} of {rounds}, has moved in the same way; the largest step "
            "is {step}.",
        ),
    ),
}

_MOMENTUM: Table = {
    Key("Momentum.update", _CALLED): _SGD[Key("SGD.update", _CALLED)],
    Key("Momentum.update", _COMPUTED, "parameters[name]"): Words(
        _N("words", "`{p}` {shape} is looked up, to be changed in place."),
        _N("words", "Its velocity, by the same name."),
    ),
    Key("Momentum.update", _COMPUTED, "np.zeros_like(W)"): Words(
        _N("words", "`{p}` gets a velocity of its shape, {shape}, all 0: it has not moved yet."),
        _N("words", "The velocity is stored by the parameter's name."),
    ),
    Key("Momentum.update", _COMPUTED, "self.v[name]"): Words(
        _N("words", "The velocity of `{p}`, {shape}: magnitudes up to {largest}."),
        _N("words", "It is multiplied by {momentum}."),
    ),
    Key("Momentum.update", _RAN, "v *= self.momentum"): Words(
        _N(
            "words",
            "The velocity of `{p}` is {momentum} times what it was: magnitudes up to {largest}.",
        ),
        _N("words", "The gradient changes it."),
    ),
    Key("Momentum.update", _COMPUTED, "self.lr * dW"): Words(
        _N(
            "words",
            "The gradient of `{p}` times the learning rate {lr}: magnitudes up to {largest}.",
        ),
        _N("words", "It is taken off the velocity."),
    ),
    Key("Momentum.update", _RAN, "v -= self.lr * dW"): Words(
        _N(
            "words",
            "The velocity of `{p}` without this product: magnitudes up to {largest}.",
        ),
        _N("words", "It is added to `{p}`."),
    ),
    Key("Momentum.update", _RAN, "W += v"): Words(
        _N("words", "`{p}` has moved by its velocity; the largest step is {step}."),
        _N("words", "{next_parameter}"),
        _N(
            "words",
            "`{p}`, parameter {round} of {rounds}, has moved in the same way; the largest step "
            "is {step}.",
        ),
    ),
}

_ADAGRAD: Table = {
    Key("AdaGrad.update", _CALLED): _SGD[Key("SGD.update", _CALLED)],
    Key("AdaGrad.update", _COMPUTED, "parameters[name]"): Words(
        _N("words", "`{p}` {shape} is looked up, to be changed in place."),
        _N("words", "The sum of its squared gradients so far."),
    ),
    Key("AdaGrad.update", _COMPUTED, "np.zeros_like(W)"): Words(
        _N("words", "For `{p}`, `h` {shape} will add up the squared gradients; it begins at 0."),
        _N("words", "It is stored by the parameter's name."),
    ),
    Key("AdaGrad.update", _COMPUTED, "self.h[name]"): Words(
        _N("words", "`h` of `{p}`: the squared gradients added up so far, {high} at most."),
        _N("words", "The new squares are added."),
    ),
    Key("AdaGrad.update", _COMPUTED, "dW * dW"): Words(
        _N("words", "The gradient of `{p}` squared, cell by cell: {high} at most."),
        _N("words", "It is added to `h`."),
    ),
    Key("AdaGrad.update", _RAN, "h += dW * dW"): Words(
        _N("words", "`h` has grown by the squared gradient of `{p}`: {high} at most now."),
        _N("words", "Where `h` is large, the step will be small."),
    ),
    Key("AdaGrad.update", _COMPUTED, "self.lr * dW"): Words(
        _N(
            "words",
            "The gradient of `{p}` times the learning rate {lr}: magnitudes up to {largest}.",
        ),
        _N("words", "It is divided by √h."),
    ),
    Key("AdaGrad.update", _COMPUTED, "np.sqrt(h)"): Words(
        _N("words", "√h of `{p}`: the root of its added squares, {high} at most."),
        _N("words", "A little is added, so that nothing is divided by 0."),
    ),
    Key("AdaGrad.update", _COMPUTED, "np.sqrt(h) + self.eps"): Words(
        _N("words", "√h + {eps}, the divisor for `{p}`: from {low} to {high}, never 0."),
        _N("words", "The step is divided by it."),
    ),
    Key("AdaGrad.update", _COMPUTED, "self.lr * dW / (np.sqrt(h) + self.eps)"): Words(
        _N(
            "words",
            "The step of `{p}`, each cell divided by its own √h: magnitudes up to {largest}.",
        ),
        _N("words", "It is taken off `{p}`."),
    ),
    Key("AdaGrad.update", _RAN, "W -= self.lr * dW / (np.sqrt(h) + self.eps)"): Words(
        _N(
            "words",
            "`{p}` has moved against its gradient; the largest step is {step}.",
        ),
        _N("words", "{next_parameter}"),
        _N(
            "words",
            "`{p}`, parameter {round} of {rounds}, has moved in the same way; the largest step "
            "is {step}.",
        ),
    ),
}

_QUOTIENT = "self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"
_ADAM: Table = {
    Key("Adam.update", _CALLED): _SGD[Key("SGD.update", _CALLED)],
    Key("Adam.update", _RAN, "self.n += 1"): Words(
        _N("words", "Adam counts its updates: this is number {updates}."),
        _N("words", "Each parameter moves in turn."),
    ),
    Key("Adam.update", _COMPUTED, "parameters[name]"): Words(
        _N("words", "`{p}` {shape} is looked up, to be changed in place."),
        _N("words", "Its means `m` and `v` are looked up, too."),
    ),
    Key("Adam.update", _COMPUTED, "np.zeros_like(W)"): Words(
        _N("words", "`{p}` gets a running mean of its shape, {shape}, which begins at 0."),
        _N("words", "There are two: of the gradient, and of its square."),
    ),
    Key("Adam.update", _COMPUTED, "self.m[name]"): Words(
        _N("words", "`m` of `{p}`, the running mean of its gradient: magnitudes up to {largest}."),
        _N("words", "`v` is looked up."),
    ),
    Key("Adam.update", _COMPUTED, "self.v[name]"): Words(
        _N("words", "`v` of `{p}`, the running mean of its squared gradient: {high} at most."),
        _N("words", "`m` moves towards the new gradient, `v` towards its square."),
    ),
    Key("Adam.update", _COMPUTED, "dW - m"): Words(
        _N("words", "How far `m` of `{p}` is from the new gradient: magnitudes up to {largest}."),
        _N("words", "A share of it is taken."),
    ),
    Key("Adam.update", _COMPUTED, "(1 - self.beta1) * (dW - m)"): Words(
        _N("words", "{gain1} times the distance of `m` from the gradient of `{p}`."),
        _N("words", "`m` moves by it."),
    ),
    Key("Adam.update", _RAN, "m += (1 - self.beta1) * (dW - m)"): Words(
        _N(
            "words",
            "`m`, the mean gradient of `{p}`, has moved towards the new one: by {step} at most.",
        ),
        _N("words", "The same for the squared gradient."),
    ),
    Key("Adam.update", _COMPUTED, "dW * dW"): Words(
        _N("words", "The gradient of `{p}` squared, cell by cell: {high} at most."),
        _N("words", "Its distance from the mean `v`."),
    ),
    Key("Adam.update", _COMPUTED, "dW * dW - v"): Words(
        _N("words", "How far `v` of `{p}` is from the new square: magnitudes up to {largest}."),
        _N("words", "A share of it is taken."),
    ),
    Key("Adam.update", _COMPUTED, "(1 - self.beta2) * (dW * dW - v)"): Words(
        _N("words", "{gain2} times the distance of `v` from the squared gradient of `{p}`."),
        _N("words", "`v` moves by it."),
    ),
    Key("Adam.update", _RAN, "v += (1 - self.beta2) * (dW * dW - v)"): Words(
        _N("words", "`v`, the mean squared gradient of `{p}`, has moved: by {step} at most."),
        _N("words", "Both means began at 0, and are corrected for it."),
    ),
    Key("Adam.update", _COMPUTED, "m / (1 - self.beta1**self.n)"): Words(
        _N(
            "words",
            "`m` of `{p}`, divided by 1 − {beta1}ⁿ for its start at 0, in update {updates}.",
        ),
        _N("words", "The same for `v`."),
    ),
    Key("Adam.update", _COMPUTED, "v / (1 - self.beta2**self.n)"): Words(
        _N(
            "words",
            "`v` of `{p}`, divided by 1 − {beta2}ⁿ for its start at 0, in update {updates}.",
        ),
        _N("words", "`m_hat` is multiplied by the learning rate."),
    ),
    Key("Adam.update", _COMPUTED, "self.lr * m_hat"): Words(
        _N(
            "words",
            "The mean gradient of `{p}` times the learning rate {lr}: magnitudes up to {largest}.",
        ),
        _N("words", "It is divided by the root of `v_hat`."),
    ),
    Key("Adam.update", _COMPUTED, "np.sqrt(v_hat)"): Words(
        _N(
            "words",
            "The root of the mean square, for `{p}`: its gradients' recent size, {high} at most.",
        ),
        _N("words", "A little is added, so that nothing is divided by 0."),
    ),
    Key("Adam.update", _COMPUTED, "np.sqrt(v_hat) + self.eps"): Words(
        _N("words", "The root of `v_hat` + {eps}, the divisor for `{p}`: from {low} to {high}."),
        _N("words", "The step is divided by it."),
    ),
    Key("Adam.update", _COMPUTED, _QUOTIENT): Words(
        _N(
            "words",
            "The step of `{p}`, each cell scaled by its own gradients: magnitudes up to {largest}.",
        ),
        _N("words", "It is taken off `{p}`."),
    ),
    Key("Adam.update", _RAN, f"W -= {_QUOTIENT}"): Words(
        _N(
            "words",
            "`{p}` has moved against its mean gradient; the largest step is {step}.",
        ),
        _N("words", "{next_parameter}"),
        _N(
            "words",
            "`{p}`, parameter {round} of {rounds}, has moved in the same way; the largest step "
            "is {step}.",
        ),
    ),
}

OPTIMIZERS: Table = {**_SGD, **_MOMENTUM, **_ADAGRAD, **_ADAM}
