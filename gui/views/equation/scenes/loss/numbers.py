"""The numbers of a stop at the loss, read from the arrays of its snapshot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any, TypeGuard

import numpy as np

from engine.debug.explain.operation import Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.paint.values import MINUS, is_scalar, number_text
from gui.words.own import is_ours

Array = np.ndarray[Any, Any]
_SURE = 0.1  # the first card: this share of the samples is more certain
_KEEPS_TURN = 5  # decimals of the surprise that decide the order, so that it lasts while e differs
_MOST_DIGITS = 9


class Stop(IntEnum):
    """What has been computed: each stop adds something to those before it in its pass."""

    SCORES = auto()
    SHIFTED = auto()
    POWERS = auto()
    SUMS = auto()
    PROBABILITIES = auto()
    LOG_SUMS = auto()
    LOGS = auto()
    SURPRISES = auto()
    TOTAL = auto()
    MEAN = auto()
    COPY = auto()
    DIFFERENCE = auto()
    DIVIDED = auto()
    FOUND = auto()  # probabilities of other code, whose scores are not known


# The array of the bars, by function and expression; "" is the result.
_OWN: Mapping[tuple[str, str], tuple[Stop, str]] = {
    ("forward", "z.max(axis=1, keepdims=True)"): (Stop.SCORES, "z"),
    ("forward", "z - z.max(axis=1, keepdims=True)"): (Stop.SHIFTED, ""),
    ("forward", "np.exp(shifted)"): (Stop.POWERS, ""),
    ("forward", "e.sum(axis=1, keepdims=True)"): (Stop.SUMS, "e"),
    ("forward", "e / total"): (Stop.PROBABILITIES, ""),
    ("forward", "np.log(total)"): (Stop.LOG_SUMS, "self.y"),
    ("forward", "shifted - np.log(total)"): (Stop.LOGS, ""),
    ("forward", "log_y[rows, self.t]"): (Stop.SURPRISES, "self.y"),
    ("forward", "log_y[rows, self.t].sum()"): (Stop.TOTAL, "self.y"),
    ("forward", "-log_y[rows, self.t].sum() / len(z)"): (Stop.MEAN, "self.y"),
    ("backward", "self.y.copy()"): (Stop.COPY, ""),
    ("backward", "dz[rows, self.t] -= 1"): (Stop.DIFFERENCE, ""),
    ("backward", "dz / len(dz)"): (Stop.DIVIDED, ""),
}
DIFFERENCES = (Stop.COPY, Stop.DIFFERENCE, Stop.DIVIDED)
# The variables that hold the steps from a score to its probability.
STEPS = {
    Stop.SCORES: "z", Stop.SHIFTED: "shifted", Stop.POWERS: "e", Stop.SUMS: "total",
    Stop.PROBABILITIES: "self.y", Stop.LOG_SUMS: "np.log(total)", Stop.LOGS: "log_y",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """N samples with K classes at a stop.

    Attributes:
        bars: (N, K), what is drawn of each sample.
        labels: (N,) integers.
        ranks: (N,) the surprise −log p of each label, by which the samples are put in order. It
            may not have been computed yet.
        unit: what 1 has become: 1 / N once the difference is divided by N, else 1.
        surprises: (N,) −log p of each label, once computed.
        total: of the surprises, once computed.
        mean: of the surprises, once computed.
        steps: by stop, (N, K) or (N, 1): what has been computed on the way to the probabilities.
        shown: the variable that the bars are of; "" if they are of the result.
    """

    stop: Stop
    bars: Array
    labels: Array
    ranks: Array
    unit: float = 1.0
    surprises: Array | None = None
    total: float | None = None
    mean: float | None = None
    steps: Mapping[Stop, Array] = field(default_factory=dict)
    shown: str = ""

    @property
    def outlines(self) -> Array | None:
        """(N, K) the probabilities, in the unit of the bars, where these are differences."""
        if self.stop is Stop.COPY:
            return self.bars
        if self.stop not in DIFFERENCES:
            return None
        return self.bars + self.unit * one_hot(self.labels, self.bars.shape[1])

    @property
    def guesses(self) -> Array:
        """(N,) the class with the highest score."""
        outlines = self.outlines
        guessed: Array = np.argmax(self.bars if outlines is None else outlines, axis=1)
        return guessed

    @property
    def right(self) -> int:
        """How many samples are guessed right."""
        return int(np.count_nonzero(self.guesses == self.labels))

    def of_label(self, values: Array) -> Array:
        """(N,) the cell of each label; of an (N, 1) array its only column."""
        if values.shape[1] == 1:
            return values[:, 0]
        picked: Array = values[np.arange(len(values)), self.labels]
        return picked


def read(snapshot: Snapshot) -> Judged | None:
    """The numbers at the cursor; None if it is no stop at a loss, or if arrays were not kept."""
    operation = snapshot.operation
    if operation is None or operation.error is not None:
        return None
    own = _own_stop(snapshot, operation)
    if own is not None:
        return _read_own(snapshot, operation, *own)
    return _read_found(snapshot, operation)


def _own_stop(snapshot: Snapshot, operation: Operation) -> tuple[Stop, str] | None:
    event = snapshot.event
    owner, _, function = event.frame.function.partition(".")
    if owner != "SoftmaxWithLoss" or not is_ours(snapshot):
        return None
    return _OWN.get((function, " ".join(operation.source.split())))


def _read_own(snapshot: Snapshot, operation: Operation, stop: Stop, shown: str) -> Judged | None:
    known = {variable.name: variable.value for variable in snapshot.variables if not variable.stale}
    known |= {operand.text: operand.value for operand in operation.operands}
    known[operation.name] = known[operation.source] = operation.result
    bars = operation.result if not shown else known.get(shown)
    labels = known.get("self.t", snapshot.minibatch.labels)
    if not _is_rows(bars) or not _are_labels(labels, bars, snapshot):
        return None
    bars = bars.astype(np.float64)
    steps = {
        step: known[name].astype(np.float64)
        for step, name in STEPS.items()
        if step <= stop and _is_rows(known.get(name), 1) and len(known[name]) == len(bars)
    }
    if stop is Stop.COPY or stop is Stop.DIFFERENCE or stop is Stop.DIVIDED:
        unit = 1 / len(bars) if stop is Stop.DIVIDED else 1.0
        shares = bars if stop is Stop.COPY else bars / unit + one_hot(labels, bars.shape[1])
        return Judged(stop, bars, labels, _ranks(snapshot, shares, labels), unit)
    scores = steps.get(Stop.SCORES)
    if scores is None or scores.shape != bars.shape:
        return None
    judged = Judged(stop, bars, labels, _of_scores(scores, labels), steps=steps, shown=shown)
    return judged if stop < Stop.SURPRISES else _with_loss(judged, operation)


def _with_loss(judged: Judged, operation: Operation) -> Judged | None:
    """With the surprises, and their total and mean where they have been computed."""
    logs = judged.steps.get(Stop.LOGS)
    if logs is None or logs.shape != judged.bars.shape:
        return None
    total = mean = None
    if judged.stop is Stop.TOTAL:
        total = _number(operation.result, -1)
    elif judged.stop is Stop.MEAN:
        total = _number(operation.operands[0].value if operation.operands else None)
        mean = _number(operation.result)
    if (judged.stop >= Stop.TOTAL and total is None) or (judged.stop is Stop.MEAN and mean is None):
        return None
    return Judged(
        judged.stop, judged.bars, judged.labels, judged.ranks, 1.0, 0 - judged.of_label(logs),
        total, mean, judged.steps, judged.shown,
    )  # fmt: skip


def _number(value: Any, sign: int = 1) -> float | None:
    return sign * float(value) if is_scalar(value) else None


# Code that is not ours


def _read_found(snapshot: Snapshot, operation: Operation) -> Judged | None:
    """Where the result is certain to be probabilities, or these less the labels' ones."""
    result, labels = operation.result, snapshot.minibatch.labels
    if not _is_rows(result) or not _are_labels(labels, result, snapshot):
        return None
    bars = result.astype(np.float64)
    slack = 1e-6 if result.dtype.itemsize >= 4 else 1e-2
    if _are_shares(bars, slack):
        return Judged(Stop.FOUND, bars, labels, _of_shares(bars, labels))
    # Anything between p − t and 0 is, with t added, a row of probabilities as well: only where the
    # probabilities themselves are known is it certain which it is.
    known = [snapshot.minibatch.probabilities, *(v.value for v in snapshot.variables)]
    known += [operand.value for operand in operation.operands]
    hot = one_hot(labels, bars.shape[1])
    for unit, stop in ((1.0, Stop.DIFFERENCE), (1 / len(bars), Stop.DIVIDED)):
        for shares in known:
            if not _is_rows(shares) or shares.shape != bars.shape:
                continue
            near = np.abs((shares - hot) * unit - bars).max() < slack * unit
            if near and _are_shares(shares, slack):
                return Judged(stop, bars, labels, _of_shares(shares, labels), unit)
    return None


def _are_shares(values: Array, slack: float) -> bool:
    """Whether each row holds probabilities: between 0 and 1, together 1, and not all 0 or 1."""
    if not np.isfinite(values).all() or values.min() < -slack or values.max() > 1 + slack:
        return False
    if np.abs(values.sum(axis=1) - 1).max() > slack:
        return False
    return bool((np.abs(values - np.round(values)) > slack).any())


def _is_rows(value: Any, least: int = 2) -> TypeGuard[Array]:
    """Whether a value is a matrix of floating point numbers with at least so many columns."""
    return (
        isinstance(value, np.ndarray)
        and value.ndim == 2
        and value.dtype.kind == "f"
        and len(value) >= 1
        and value.shape[1] >= least
    )


def _are_labels(labels: Any, bars: Array, snapshot: Snapshot) -> bool:
    """Whether these are classes of the rows, and these rows the images of the minibatch."""
    tested = snapshot.test_predictions
    if tested is not None and tested.classes != bars.shape[1]:
        return False
    return (
        isinstance(labels, np.ndarray)
        and labels.shape == (len(bars),) == snapshot.minibatch.labels.shape
        and labels.dtype.kind in "iu"
        and int(labels.min()) >= 0
        and int(labels.max()) < bars.shape[1]
    )


# The order of the samples


def one_hot(labels: Array, classes: int) -> Array:
    """(N, K): 1 at each label, else 0."""
    ones = np.zeros((len(labels), classes))
    ones[np.arange(len(labels)), labels] = 1
    return ones


def _ranks(snapshot: Snapshot, shares: Array, labels: Array) -> Array:
    """As in the forward pass, if the minibatch knows: the same digits stay chosen."""
    losses = snapshot.minibatch.losses
    if losses is not None and losses.shape == labels.shape:
        return np.asarray(losses, np.float64)
    return _of_shares(shares, labels)


def _of_shares(shares: Array, labels: Array) -> Array:
    picked = shares[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.maximum(picked, 1e-300)))


def _of_scores(scores: Array, labels: Array) -> Array:
    with np.errstate(all="ignore"):  # infinite or NaN scores give NaN
        shifted = scores - scores.max(axis=1, keepdims=True)
        total = np.log(np.exp(shifted).sum(axis=1))
        return np.asarray(total - shifted[np.arange(len(labels)), labels])


def in_order(ranks: Array) -> Array:
    """(N,) the rows, from the most certain to the most wrong; NaN last."""
    return np.argsort(np.round(ranks, _KEEPS_TURN), kind="stable")


def choose(ranks: Array, count: int, pin: int | None = None) -> tuple[int, ...]:
    """`count` rows from nearly sure to wrong, denser toward the wrong; `pin` first."""
    order = in_order(ranks)
    last = len(order) - 1
    if last < count:
        rows = [int(row) for row in order]
    else:
        parts = np.arange(count) / max(count - 1, 1)
        places = np.round(last * (_SURE + (1 - _SURE) * (1 - (1 - parts) ** 2))).astype(int)
        for i in range(count - 2, -1, -1):  # no row twice
            places[i] = min(places[i], places[i + 1] - 1)
        rows = [int(order[place]) for place in places]
    if pin is None:
        return tuple(rows)
    rest = [row for row in rows if row != pin]
    return (pin, *rest[len(rest) - (count - 1) if len(rest) >= count else 0 :])[:count]


def put_in(
    rows: Sequence[int], picked: Sequence[int], ranks: Array, pin: int | None = None
) -> tuple[int, ...]:
    """The rows with each of `picked`, the newest last, in place of the nearest in the order.

    The pinned row stays the first, and a newer one is never replaced by an older.
    """
    place = {int(row): i for i, row in enumerate(in_order(ranks))}
    shown, kept = list(rows), {pin}
    for row in reversed(picked):
        free = [other for other in shown if other not in kept]
        if row not in shown and free:
            shown.remove(min(free, key=lambda other: abs(place[other] - place[row])))
            shown.append(row)
        kept.add(row)
    return tuple(sorted(shown, key=lambda row: (row != pin, place[row])))


# Numbers as text


def three(number: float) -> str:
    """A number with three decimals: `0.034`, `−4.104`; with two digits if these were all 0."""
    if not math.isfinite(number) or abs(number) >= 1e4 or 0 < abs(number) < 0.0095:
        return number_text(number, 3)
    return number_text(int(number)) if number in (-1, 0, 1) else f"{number:.3f}".replace("-", MINUS)


def share_text(share: float, surprise: float) -> str:
    """A probability with at least four digits, and as many as −log needs to give the surprise."""
    for digits in range(4, _MOST_DIGITS):
        text = number_text(share, digits)
        try:
            if three(-math.log(float(text.replace(MINUS, "-")))) == three(surprise):
                return text
        except ValueError:  # 0 and NaN have no logarithm
            return text
    return text


def less_one_text(less: float) -> str:
    """A probability, of which only p − 1 is given, with the decimals that this difference shows."""
    text = three(less)
    if not math.isfinite(less) or less in (-1, 0) or "e" in text:
        return three(less + 1)
    decimals = len(text.partition(".")[2])
    return three(less + 1) if less + 1 < 0.0095 else f"{less + 1:.{decimals}f}"
