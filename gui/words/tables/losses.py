"""The words for softmax and the loss."""

from __future__ import annotations

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, Table, When, Words

_N = to_translate
_COMPUTED, _RAN, _CALLED, _RETURNED = When.COMPUTED, When.RAN, When.CALLED, When.RETURNED
_FORWARD, _BACKWARD = "SoftmaxWithLoss.forward", "SoftmaxWithLoss.backward"

LOSSES: Table = {
    Key(_FORWARD, _CALLED): Words(
        _N("words", "Softmax is given {scores} for each of {images}, `z` {given}, and the labels."),
        _N("words", "The labels are checked."),
    ),
    Key("class_numbers", _CALLED): Words(
        _N("words", "The labels `t` {given} are checked against the scores `z`."),
        _N("words", "First their shape, then their range."),
    ),
    Key("class_numbers", _COMPUTED, "t.min() < 0 or t.max() >= K"): Words(
        _N("words", "{labels_fit}"),
        _N("words", "Labels that fit are returned as `t`."),
    ),
    Key("class_numbers", _RETURNED, "return t"): Words(
        _N("words", "The labels fit: each is a whole number from 0 to {high}."),
        _N("words", "The largest score of each row is found."),
    ),
    Key(_FORWARD, _COMPUTED, "class_numbers(t, z)"): Words(
        _N("words", "The labels fit the scores: one number for each row, at most {high}."),
        _N("words", "The largest score of each row is found."),
    ),
    Key(_FORWARD, _RAN, "self.t = class_numbers(t, z)"): Words(
        _N("words", "The loss keeps the labels `t` {shape} for the backward pass."),
        _N("words", "The largest score of each row is found."),
    ),
    Key(_FORWARD, _COMPUTED, "z.max(axis=1, keepdims=True)"): Words(
        _N("words", "The largest of the {scores} in each row: from {low} to {high}."),
        _N("words", "It is taken off its row."),
    ),
    Key(_FORWARD, _COMPUTED, "z - z.max(axis=1, keepdims=True)"): Words(
        _N(
            "words",
            "The largest score of each row is taken off: the probabilities stay the same, and e "
            "cannot overflow.",
        ),
        _N("words", "e to the power of each score."),
    ),
    Key(_FORWARD, _COMPUTED, "np.exp(shifted)"): Words(
        _N(
            "words",
            "e to the power of each score in `shifted`: from {low} to 1, which the largest gives.",
        ),
        _N("words", "Each row is added up."),
    ),
    Key(_FORWARD, _COMPUTED, "e.sum(axis=1, keepdims=True)"): Words(
        _N("words", "The {classes} numbers of each row of `e`, added: from {low} to {high}."),
        _N("words", "Each number is divided by the sum of its row."),
    ),
    Key(_FORWARD, _COMPUTED, "e / total"): Words(
        _N("words", "Each row now holds {classes} probabilities that add up to 1."),
        _N("words", "The loss looks at the one of the right label."),
    ),
    Key(_FORWARD, _RAN, "self.y = e / total"): Words(
        _N("words", "The probabilities `y` {shape} are kept: the backward pass starts from them."),
        _N("words", "Their logarithms, for the loss."),
    ),
    Key(_FORWARD, _COMPUTED, "np.log(total)"): Words(
        _N("words", "The logarithm of each row's `total`: from {low} to {high}."),
        _N("words", "Taken off the shifted scores, it gives log y."),
    ),
    Key(_FORWARD, _COMPUTED, "shifted - np.log(total)"): Words(
        _N(
            "words",
            "The log of each probability, {low} or more: as a difference, it never takes the log "
            "of 0.",
        ),
        _N("words", "In each row, the one of the right label is picked."),
    ),
    Key(_FORWARD, _COMPUTED, "np.arange(len(z))"): Words(
        _N("words", "`rows` counts the rows, 0 to {last_row}: with `t` it names one cell in each."),
        _N("words", "log y is read at these cells."),
    ),
    Key(_FORWARD, _COMPUTED, "log_y[rows, self.t]"): Words(
        _N("words", "For each of {images}: log y at its right label, from {low} to {high}."),
        _N("words", "They are added up."),
    ),
    Key(_FORWARD, _COMPUTED, "log_y[rows, self.t].sum()"): Words(
        _N("words", "The {n} values of log y add up to {value}."),
        _N("words", "The sign is turned: the loss is to be small where the guesses are good."),
    ),
    Key(_FORWARD, _COMPUTED, "-log_y[rows, self.t].sum()"): Words(
        _N("words", "With the sign turned, the sum over {images} is {value}."),
        _N("words", "Divided by {n}, it is the mean."),
    ),
    Key(_FORWARD, _COMPUTED, "-log_y[rows, self.t].sum() / len(z)"): Words(
        _N(
            "words",
            "The loss, the mean of −log y at the right labels, is {value}; equal guesses give "
            "ln {classes} = {equal}.",
        ),
        _N("words", "The backward pass starts here."),
    ),
    Key(_FORWARD, _RETURNED, "return -log_y[rows, self.t].sum() / len(z)"): Words(
        _N(
            "words",
            "The loss of this minibatch is {value}; 0 would take probability 1 at each label.",
        ),
        _N("words", "The backward pass starts here."),
    ),
    Key(_BACKWARD, _CALLED): Words(
        _N(
            "words",
            "The backward pass starts at the loss, with the probabilities `y` that it kept.",
        ),
        _N("words", "They are copied."),
    ),
    Key(_BACKWARD, _COMPUTED, "self.y.copy()"): Words(
        _N(
            "words",
            "The backward pass asks how the loss changes with each score; it begins with a copy "
            "of the probabilities.",
        ),
        _N("words", "1 is taken off at each right label."),
    ),
    Key(_BACKWARD, _COMPUTED, "np.arange(len(dz))"): Words(
        _N("words", "`rows` counts 0 to {last_row}: with `t` it names the right label's cell."),
        _N("words", "1 is taken off at these cells."),
    ),
    Key(_BACKWARD, _RAN, "dz[rows, self.t] -= 1"): Words(
        _N(
            "words",
            "Probability minus 1 at the right label, probability elsewhere: how each image's loss "
            "changes with each score.",
        ),
        _N(
            "words",
            "Divided by the number of images, this is the gradient: how the mean loss changes "
            "with each score.",
        ),
    ),
    Key(_BACKWARD, _COMPUTED, "dz / len(dz)"): Words(
        _N("words", "Divided by {n}, because the loss is the mean over {images}."),
        _N("words", "{next_backward}"),
    ),
    Key(_BACKWARD, _RETURNED, "return dz / len(dz)"): Words(
        _N("words", "The loss returns its gradient by the scores, {shape}: a row for each image."),
        _N("words", "{next_backward}"),
    ),
}
