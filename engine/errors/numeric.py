"""Errors of numerical differentiation: a gradient that cannot be had, or not be compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors.base import Described, clipped, words_of

__all__ = [
    "Cancelled",
    "CodeRaised",
    "ComplexRefused",
    "GradientsDoNotFit",
    "IntegersRefused",
    "LossNotFinite",
    "NoGradientBack",
    "NoTruthValue",
    "NotANetwork",
    "NotRepeatable",
    "NothingToMove",
    "NumericError",
    "WitnessDisagrees",
]


@dataclass(eq=False)
class NoTruthValue(Described, TypeError):
    """A verdict that was asked whether it is true, as in `if check:`; `kind` is its class."""

    kind: str

    sentence = "A {kind} is neither true nor false: an agreement would count as much as a mistake."
    advice = "Compare its verdict: check.verdict is Verdict.AGREES."


@dataclass(eq=False)
class NumericError(Described):
    """A reason for which a gradient cannot be had by numerical differentiation."""


@dataclass(eq=False)
class CodeRaised(NumericError):
    """A layer, loss or network raised an exception while its loss was differentiated.

    It keeps words and not the exception, which another process might not be able to read.

    Attributes:
        kind: the class of the exception.
        error: what it says of itself.
        file, line: the innermost place in it; "" and 0 where there is none.
    """

    kind: str
    error: str
    file: str
    line: int

    sentence = "Differentiating ended with {what}{place}."
    advice = "Mend the code and start again."

    @classmethod
    def of(cls, error: BaseException) -> CodeRaised:
        """Put an exception, with where it comes from, into words."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        file = place.tb_frame.f_code.co_filename if place is not None else ""
        return cls(type(error).__name__, words_of(error), file, place.tb_lineno if place else 0)

    def fields(self) -> dict[str, Any]:
        """With the exception in words, and its place."""
        error = clipped(self.error.rstrip("."))
        what = f"{self.kind}: {error}" if error else self.kind
        place = f" ({Path(self.file).name}:{self.line})" if self.file else ""
        return {**vars(self), "what": what, "place": place}


@dataclass(eq=False)
class NoGradientBack(NumericError):
    """A layer whose backward gives the layer before it nothing to go on with.

    Attributes:
        layer: its name.
        kind: the class of what its backward returns.
    """

    layer: str
    kind: str

    sentence = (
        "{layer}.backward returns {kind}: expected the gradient by its input, an array, for the "
        "layer before it."
    )
    advice = "Return dx from {layer}.backward."


@dataclass(eq=False)
class NotANetwork(NumericError):
    """What has no loss that could be differentiated.

    Attributes:
        kind: its class.
        missing: what it would have to have.
    """

    kind: str
    missing: str

    sentence = "{kind} has no {missing}: expected a network that has."
    advice = "Give a network with forward(x, t), backward(), parameters() and gradients()."


@dataclass(eq=False)
class GradientsDoNotFit(NumericError):
    """Gradients that cannot be multiplied with a direction; `what` says of each what it is."""

    what: str

    sentence = "Along a direction nothing can be said: {what}"


@dataclass(eq=False)
class NothingToMove(NumericError):
    """A network without a gradient that could be compared; `what` says why."""

    what: str

    sentence = "There is nothing to compare: {what}"


@dataclass(eq=False)
class IntegersRefused(NumericError):
    """An array that holds no floating-point numbers, and cannot be moved by a little.

    Attributes:
        name: the parameter, or "x" for the network's input.
        dtype: of its elements.
    """

    name: str
    dtype: str

    sentence = (
        "{name} holds {dtype} numbers: expected floating-point ones, which can be moved by a "
        "little."
    )
    advice = "Convert it, as in {name}.astype('float64')."


@dataclass(eq=False)
class NotRepeatable(NumericError):
    """A layer that gives another output for the same input, as dropout does; `layer` names it."""

    layer: str

    sentence = (
        "{layer} makes different outputs of the same input: expected the same ones, since the "
        "difference of two losses would be chance."
    )
    advice = "Switch the random part of {layer} off while its gradient is checked."


@dataclass(eq=False)
class ComplexRefused(NumericError):
    """A layer or loss through which a complex step cannot go.

    Attributes:
        layer: its name.
        reason: what happened, in words that follow "because".
    """

    layer: str
    reason: str

    sentence = "The complex step cannot go through {layer}, because {reason}."
    advice = "Use central differences."


@dataclass(eq=False)
class LossNotFinite(NumericError):
    """A loss that is infinite or not a number, of which there is no gradient."""

    loss: float

    sentence = "The loss is {loss}: expected a finite number."
    advice = "Look for the first layer whose output is not finite."


@dataclass(eq=False)
class Cancelled(NumericError):
    """Work that was told to stop; `done` of `total` pieces were finished."""

    done: int
    total: int

    sentence = "Cancelled after {done:,} of {total:,}."


@dataclass(eq=False)
class WitnessDisagrees(NumericError):
    """An incremental difference that is not the one of two whole forward passes.

    Attributes:
        name, index: the parameter and the flat index of the element.
        incremental, central: the two values.
        tolerance: how far apart round-off may bring them.
    """

    name: str
    index: int
    incremental: float
    central: float
    tolerance: float

    sentence = (
        "Element {index} of {name} comes out as {incremental:.6g} incrementally: expected "
        "{central:.6g} ± {tolerance:.1g}, as by two whole forward passes."
    )
    advice = "Use central differences, and report this: what a layer declares of itself is wrong."
