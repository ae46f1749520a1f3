"""The findings of the gradient check: sentences that keep their values as fields.

A right gradient need not have its parameter's shape: `b -= lr * db` works with a db of shape (1, D)
or even () for a b of (D,). A gradient is therefore first broadcast to the parameter's shape, like
in an update, and then compared. A gradient that cannot be broadcast is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.errors import NoParameters, Worded
from engine.numeric.working_copy import is_numeric

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


class Cause(StrEnum):
    """The likely cause of a wrong gradient."""

    NOT_SUMMED = "not summed over the batch"
    WRONG_AXIS = "summed over the units, not over the batch"
    SUMMED_TOO_FAR = "summed over everything"
    TRANSPOSED = "transposed"
    OTHER_SHAPE = "of another shape"
    INTEGERS = "rounded to integers"
    NOT_NUMBERS = "no array of real numbers"
    NOT_FINITE = "not finite"


@dataclass(frozen=True, eq=False)
class Misfit(Worded):
    """A gradient that cannot be the gradient by its parameter, or by its layer's input.

    Attributes:
        layer: the layer whose backward made it.
        gradient: its name there, `db`, `dx`; "dz" for a loss.
        of: the parameter's or the input's name there: `b`, `x`, `z`.
        parameter: the parameter's full name; "" for the gradient by an input.
        expected: the shape of the parameter or input.
        found: its own shape; None if it is no array of numbers.
        kind: its class, or the dtype of an array.
        cause: the likely cause.
    """

    layer: str
    gradient: str
    of: str
    parameter: str
    expected: Shape
    found: Shape | None
    kind: str
    cause: Cause

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence for the cause."""
        shapes = "{layer}: {gradient} is {found}; {of} is {expected}"
        return {
            Cause.NOT_SUMMED: f"{shapes}: not summed over the batch.",
            Cause.WRONG_AXIS: f"{shapes}: summed over the units, not over the batch.",
            Cause.SUMMED_TOO_FAR: f"{shapes}: summed over everything.",
            Cause.TRANSPOSED: f"{shapes}: transposed.",
            Cause.OTHER_SHAPE: f"{shapes}: an update cannot subtract it.",
            Cause.INTEGERS: "{layer}: {gradient} holds {kind} numbers: what follows the point is "
            "lost.",
            Cause.NOT_NUMBERS: "{layer}: {gradient} is {kind}: expected an array of real numbers.",
            Cause.NOT_FINITE: "{layer}: {gradient} has elements that are infinite or not a number.",
        }[self.cause]


@dataclass(frozen=True, eq=False)
class Overwritten(Worded):
    """A layer that writes into an array that is not its own, and that is read later.

    Attributes:
        layer: the layer that writes.
        method: the method that writes, "forward" or "backward".
        argument: the argument of that method: "x" or "dout".
        victim: the layer, or the loss, that keeps the array; "" if none does.
        attribute: the victim's attribute that is the array.
        file, line, source: the line that writes; "" and 0 if unknown.
        parameters: the parameters whose gradients are wrong because of it.
    """

    layer: str
    method: str
    argument: str
    victim: str
    attribute: str
    file: str
    line: int
    source: str
    parameters: tuple[str, ...]

    advice = "Have it work on a copy."

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence, with the victim and the line if they are known."""
        where = " (`{source}`, line {line})" if self.source else ""
        if self.victim:
            return "{layer}.{method} writes into {attribute}, which {victim} keeps" + where + "."
        return "{layer}.{method} writes into the {argument} that it was given" + where + "."


class Uses(StrEnum):
    """How an update uses gradients that are a multiple of the derivatives."""

    AS_THEY_ARE = "as they are"
    DIVIDED = "divided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Scaled(Worded):
    """Gradients that are the same multiple of the derivative of the loss in every cell.

    Attributes:
        parameters: their names.
        factor: gradient / derivative, as measured.
        everywhere: whether all compared parameters have this factor.
        uses: what the update does with it.
    """

    parameters: tuple[str, ...]
    factor: float
    everywhere: bool
    uses: Uses

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence, with what the update does."""
        who = "every parameter" if self.everywhere else "{names}"
        measured = f"The gradient by {who} is {{times}} times the derivative of the loss"
        return (
            measured
            + {
                Uses.AS_THEY_ARE: ", in every cell, and the update uses it so.",
                Uses.DIVIDED: ", in every cell, and the update divides by that.",
                Uses.UNKNOWN: ", in every cell.",
            }[self.uses]
        )

    def fields(self) -> dict[str, Any]:
        """The fields, with the factor as a number or a fraction."""
        return {**vars(self), "names": ", ".join(self.parameters), "times": _times(self.factor)}


def _times(factor: float) -> str:
    """`16`, `1/16`, or `0.37`."""
    for value, text in ((factor, "{:.0f}"), (1 / factor, "1/{:.0f}")):
        if round(abs(value)) >= 1 and abs(value - round(value)) < 1e-4 * abs(value):
            return text.format(value).replace("1/-", "-1/")
    return f"{factor:.4g}"


@dataclass(frozen=True, eq=False)
class OtherTerm(Worded):
    """A term of weight decay that the loss has, and that the update adds to the gradient.

    Attributes:
        parameter: its name.
        factor: the derivative of the loss is the gradient plus `factor` times the parameter.
    """

    parameter: str
    factor: float

    sentence = (
        "{parameter}: the loss has a term of weight decay, {factor:.4g} times {parameter}, which "
        "the update adds to the gradient."
    )

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameter."""
        return (self.parameter,)


class Why(StrEnum):
    """Why a parameter was not examined."""

    NO_GRADIENT = "no gradient"
    NO_ELEMENTS = "no elements"
    NOT_FINITE = "not finite"
    ACCUMULATED = "accumulated"


@dataclass(frozen=True, eq=False)
class NotExamined(Worded):
    """A parameter of whose gradient no element was compared.

    Attributes:
        layer: the layer of the parameter.
        gradient: the name of its gradient, `dW`.
        parameter: its full name.
        why: the reason.
    """

    layer: str
    gradient: str
    parameter: str
    why: Why

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence for the reason."""
        return {
            Why.NO_GRADIENT: "{parameter}: {layer} sets no {gradient}, so no update changes it.",
            Why.NO_ELEMENTS: "{parameter}: none of its elements was asked for.",
            Why.ACCUMULATED: "{parameter}: {gradient} adds up the gradients of several batches, so "
            "that it is not the gradient of this one; what this batch adds to it agrees.",
            Why.NOT_FINITE: "{parameter}: with any element moved by h the loss is not finite.",
        }[self.why]


Finding = Misfit | Overwritten | Scaled | OtherTerm
Left = NotExamined | NoParameters


def fitted(gradient: Any, shape: Shape) -> Array | None:
    """A copy of a gradient, broadcast to a parameter's shape; None if it does not fit."""
    if not is_numeric(gradient):
        return None
    array = np.asarray(gradient)
    while array.ndim > len(shape) and len(array) == 1:
        array = array[0]
    try:
        return np.array(np.broadcast_to(array, shape))
    except ValueError:  # the shapes do not broadcast
        return None


def misfit(
    layer: str, of: str, parameter: str, gradient: Any, shape: Shape, samples: int
) -> Misfit:
    """The misfit of a wrong gradient, with its likely cause.

    Args:
        layer: the layer that made it.
        of: the parameter's or the input's name there: `b`.
        parameter: the parameter's full name, or "".
        gradient: the value that the layer has, of any type.
        shape: of the parameter or input.
        samples: in the batch.
    """
    found = np.shape(gradient) if is_numeric(gradient) else None
    kind = str(getattr(gradient, "dtype", type(gradient).__name__))
    cause = _cause(gradient, found, shape, samples)
    return Misfit(layer, f"d{of}", of, parameter, shape, found, kind, cause)


def is_odd(gradient: Any, shape: Shape) -> bool:
    """Whether a wrong gradient has a visible problem: shape, dtype, or values not finite."""
    if not is_numeric(gradient) or np.shape(gradient) != shape:
        return True
    array = np.asarray(gradient)
    return array.dtype.kind in "iub" or not bool(np.all(np.isfinite(array)))


def _cause(gradient: Any, found: Shape | None, shape: Shape, samples: int) -> Cause:
    if found is None:
        return Cause.NOT_NUMBERS
    if found == shape:
        whole = np.asarray(gradient).dtype.kind in "iub"
        return Cause.INTEGERS if whole else Cause.NOT_FINITE
    own = shape[1:] if len(found) == len(shape) and shape[:1] == (1,) else shape
    if found == (samples, *own):
        return Cause.NOT_SUMMED
    if int(np.prod(found)) == 1:
        return Cause.SUMMED_TOO_FAR
    if found == shape[::-1]:
        return Cause.TRANSPOSED
    if found in ((samples,), (samples, 1)):
        return Cause.WRONG_AXIS
    return Cause.OTHER_SHAPE
