"""The predictions of a minibatch: class, probabilities and loss of each sample."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.debug.events import Kind
from engine.debug.reach.buffers import read_only
from engine.debug.record.trace import Trace

Array = np.ndarray[Any, Any]


class Predictions(NamedTuple):
    """The predictions that follow from the loss's arguments, scores and labels. Read-only arrays.

    Attributes:
        event: the event at which the loss has returned.
        predictions: (n,) the class with the highest score.
        probabilities: (n, classes) float64, their softmax.
        losses: (n,) float64, −log of the probability of the label; None if there are no labels.
    """

    event: int
    predictions: Array
    probabilities: Array
    losses: Array | None


def predictions_of(trace: Trace, called: int, returned: int) -> Predictions | None:
    """The predictions of a loss that was called and has returned at these events.

    None if the loss raised, or its first array is no scores of shape (n, classes).
    """
    if trace.kind(returned) is not Kind.RETURN:
        return None
    given = [v for v in trace.value(called).values() if isinstance(v, np.ndarray)]
    if not given or given[0].ndim != 2 or given[0].dtype.kind not in "fiu" or not given[0].size:
        return None
    scores = given[0]
    labels = _class_numbers(given[1], scores.shape) if len(given) > 1 else None
    return Predictions(
        returned,
        read_only(scores.argmax(axis=1)),
        read_only(softmax(scores)),
        None if labels is None else read_only(surprise(scores, labels)),
    )


def _class_numbers(labels: Array, shape: tuple[int, ...]) -> Array | None:
    """(n,) class numbers of labels that are class numbers or one-hot; None if they are neither."""
    if labels.shape == shape and (labels.sum(axis=1) == labels.max(axis=1)).all():
        places: Array = labels.argmax(axis=1)
        return places
    if labels.shape != shape[:1] or labels.dtype.kind not in "iu":
        return None
    fits = labels.min() >= 0 and labels.max() < shape[1]
    return labels if fits else None


def softmax(scores: Array) -> Array:
    """(n, classes) float64 probabilities of scores: eᶻ / Σ eᶻ, shifted so that none overflows."""
    return np.exp(_log_softmax(scores))


def surprise(scores: Array, labels: Array) -> Array:
    """(n,) float64: −log of the probability of each label, finite where the probability is 0."""
    picked: Array = -_log_softmax(scores)[np.arange(len(labels)), labels]
    return picked


def _log_softmax(scores: Array) -> Array:
    with np.errstate(invalid="ignore"):  # infinite or NaN scores give NaN
        shifted = scores.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        logs: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
