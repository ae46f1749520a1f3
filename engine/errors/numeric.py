"""Errors of numerical differentiation: a gradient that cannot be computed or compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors.base import Described, clipped, words_of

__all__ = [
    "BatchLeft",
    "Cancelled",
    "CodeRaised",
    "ComplexRefused",
    "GradientsDoNotFit",
    "IntegersRefused",
    "LossNotFinite",
    "LossNotRepeatable",
    "NeedsNetwork",
    "NoGradientBack",
    "NoLoss",
    "NoParametersKnown",
    "NoTruthValue",
    "NotANetwork",
    "NotRepeatable",
    "NothingToMove",
    "NumericError",
    "WitnessDisagrees",
]


@dataclass(eq=False)
class NoTruthValue(Described, TypeError):
    """A verdict used as a truth value, as in `if check:`; `kind` is its class."""

    kind: str

    sentence = "A {kind} is neither true nor false: an agreement would count as much as a mistake."
    advice = "Compare its verdict: check.verdict is Verdict.AGREES."


@dataclass(eq=False)
class NumericError(Described):
    """A reason why a gradient cannot be computed numerically."""


@dataclass(eq=False)
class CodeRaised(NumericError):
    """A layer, loss or network raised an exception while its loss was differentiated.

    It keeps the text and not the exception, which another process may be unable to unpickle.

    Attributes:
        kind: the class of the exception.
        error: its text.
        file, line: the innermost place of its traceback; "" and 0 if there is none.
    """

    kind: str
    error: str
    file: str
    line: int

    sentence = "Differentiating ended with {what}{place}."
    advice = "Mend the code and start again."

    @classmethod
    def of(cls, error: BaseException) -> CodeRaised:
        """Describe an exception and its place."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        file = place.tb_frame.f_code.co_filename if place is not None else ""
        return cls(type(error).__name__, words_of(error), file, place.tb_lineno if place else 0)

    def fields(self) -> dict[str, Any]:
        """The fields, with the exception and its place in words."""
        error = clipped(self.error.rstrip("."))
        what = f"{self.kind}: {error}" if error else self.kind
        place = f" ({Path(self.file).name}:{self.line})" if self.file else ""
        return {**vars(self), "what": what, "place": place}


@dataclass(eq=False)
class NoGradientBack(NumericError):
    """A layer whose backward returns no gradient for the layer before it.

    Attributes:
        layer: its name.
        kind: the class of the returned value.
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
    """An object without a loss to differentiate.

    Attributes:
        kind: its class.
        missing: the missing method.
    """

    kind: str
    missing: str

    sentence = "{kind} has no {missing}: expected a network with this method."
    advice = "Give a network with forward(x, t), backward(), parameters() and gradients()."


@dataclass(eq=False)
class GradientsDoNotFit(NumericError):
    """Gradients that cannot be multiplied with a direction; `what` describes each."""

    what: str

    sentence = "The gradient along a direction cannot be computed: {what}"


@dataclass(eq=False)
class NothingToMove(NumericError):
    """A network without a gradient to compare; `what` says why."""

    what: str

    sentence = "There is nothing to compare: {what}"


@dataclass(eq=False)
class IntegersRefused(NumericError):
    """An array without floating-point numbers, which cannot be changed by a small step.

    Attributes:
        name: the parameter, or "x" for the network's input.
        dtype: the dtype of its elements.
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
    """A layer or loss that does not support complex numbers.

    Attributes:
        layer: its name.
        reason: the reason, in words that follow "because".
    """

    layer: str
    reason: str

    sentence = "The complex step cannot go through {layer}, because {reason}."
    advice = "Use central differences."


@dataclass(eq=False)
class NoLoss(NumericError):
    """A program of which no loss is known, so that nothing can be differentiated.

    Attributes:
        reason: what is known, in words that follow a colon.
    """

    reason: str

    sentence = "The loss of this program is not known: {reason}."
    advice = (
        "Name it as an expression over the step's variables at its end: in the window by Network, "
        'What is what…, in a script by session.facets.declare(loss="self.last_loss").'
    )


@dataclass(eq=False)
class NoParametersKnown(NumericError):
    """A program of which no parameter is known before a batch.

    Attributes:
        batch: its number.
    """

    batch: int

    sentence = "No parameter of this program is known before batch {batch}."
    advice = (
        "If the first batches make them, go to a later batch. Else declare them as places: "
        'session.facets.declare(parameters={{"W1": "params[\'W1\']"}}).'
    )


@dataclass(eq=False)
class NeedsNetwork(NumericError):
    """A method that needs the layers of a network, asked for on a session of any program.

    Attributes:
        method: "complex" or "incremental".
    """

    method: str

    sentence = (
        "The {method} method needs a network with layers, of which it can run a part by itself: "
        "expected central or forward, which run the step of any program."
    )
    advice = 'Use method="central".'


@dataclass(eq=False)
class LossNotFinite(NumericError):
    """A loss that is infinite or not a number, of which there is no gradient."""

    loss: float

    sentence = "The loss is {loss}: expected a finite number."
    advice = "Look for the first layer whose output is not finite."


@dataclass(eq=False)
class BatchLeft(NumericError):
    """A comparison on the cursor's batch that the cursor has left; `batch` is its number."""

    batch: int

    sentence = "The cursor has left batch {batch}, whose gradients were compared."
    advice = "Results so far are kept. Start again for the batch at the cursor."


@dataclass(eq=False)
class LossNotRepeatable(NumericError):
    """A batch that gave two losses for the same parameters: `first` and `second`."""

    first: float
    second: float

    sentence = (
        "This batch, run twice with the same parameters, has the losses {first!r} and {second!r}: "
        "expected the same one, since their difference would be chance."
    )
    advice = "Look for a clock, a file that is read on, or a random number that no seed governs."


@dataclass(eq=False)
class Cancelled(NumericError):
    """Work that was cancelled; `done` of `total` pieces were finished."""

    done: int
    total: int

    sentence = "Cancelled after {done:,} of {total:,}."


@dataclass(eq=False)
class WitnessDisagrees(NumericError):
    """An incremental difference that disagrees with two full forward passes.

    Attributes:
        name, index: the parameter and the flat index of the element.
        incremental, central: the two values.
        tolerance: the largest difference that round-off explains.
    """

    name: str
    index: int
    incremental: float
    central: float
    tolerance: float

    sentence = (
        "Element {index} of {name} is {incremental:.6g} incrementally: expected "
        "{central:.6g} ± {tolerance:.1g}, as from two full forward passes."
    )
    advice = (
        "Use central differences, and report this: a layer declares something wrong about itself."
    )
