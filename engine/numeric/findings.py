"""What the check finds, each in a sentence that keeps its values as fields.

A gradient need not have its parameter's shape to be right: `b -= lr * db` takes a db of shape
(1, D) or even () for a b of (D,), and trains. So a gradient is first brought into the parameter's
shape, as an update would do it, and then compared; what cannot be brought there is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.errors import NoParameters, Worded

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


class Cause(StrEnum):
    """What is likely to have made a gradient what it is."""

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
    """A gradient that cannot be the one by its parameter, or by its layer's input.

    Attributes:
        layer: whose backward made it.
        gradient: its name there, `db`, `dx`; "dz" of a loss.
        of: what it is the gradient by, `b`, `x`, `z`.
        parameter: the parameter's full name; "" for the gradient by an input.
        expected: the shape of what it is the gradient by.
        found: its own shape; None where it has none.
        kind: its class, or the dtype of an array.
        cause: what is likely to have made it so.
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
        """What was found depends on the cause."""
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
    """A layer that writes into an array which is not its own, and which somebody reads later.

    Attributes:
        layer: the one that writes.
        method: in which it does, "forward" or "backward".
        argument: what it was given there: "x" or "dout".
        victim: the layer, or the loss, that keeps the array; "" where none does.
        attribute: as what that one keeps it.
        file, line, source: the line that writes; "" and 0 where it is not known.
        parameters: whose gradients are spoiled by it.
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
        """What was found depends on what is known of the array and of the line."""
        where = " (`{source}`, line {line})" if self.source else ""
        if self.victim:
            return "{layer}.{method} writes into {attribute}, which {victim} keeps" + where + "."
        return "{layer}.{method} writes into the {argument} that it was given" + where + "."


class Why(StrEnum):
    """Why a parameter was not examined."""

    NO_GRADIENT = "no gradient"
    NO_ELEMENTS = "no elements"
    NOT_FINITE = "not finite"


@dataclass(frozen=True, eq=False)
class NotExamined(Worded):
    """A parameter of whose gradient nothing was compared.

    Attributes:
        layer: that has it.
        gradient: the name that its gradient would have, `dW`.
        parameter: its full name.
        why: nothing was compared.
    """

    layer: str
    gradient: str
    parameter: str
    why: Why

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found depends on why."""
        return {
            Why.NO_GRADIENT: "{parameter}: {layer} sets no {gradient}, so no update changes it.",
            Why.NO_ELEMENTS: "{parameter}: none of its elements was asked for.",
            Why.NOT_FINITE: "{parameter}: with any element moved by h the loss is not finite.",
        }[self.why]


Finding = Misfit | Overwritten
Left = NotExamined | NoParameters


def fitted(gradient: Any, shape: Shape) -> Array | None:
    """A gradient in the shape of what it is by, a copy; None where it cannot be brought there."""
    if not is_numeric(gradient):
        return None
    array = np.asarray(gradient)
    while array.ndim > len(shape) and len(array) == 1:
        array = array[0]
    try:
        return np.array(np.broadcast_to(array, shape))
    except ValueError:  # the one thing that it raises: these shapes do not go together
        return None


def is_numeric(gradient: Any) -> bool:
    """Whether an update can multiply it with a learning rate and subtract it."""
    if isinstance(gradient, (np.ndarray, np.generic)):
        return gradient.dtype.kind in "fiub"
    return isinstance(gradient, (int, float))


def misfit(
    layer: str, of: str, parameter: str, gradient: Any, shape: Shape, samples: int
) -> Misfit:
    """Say of a gradient that is wrong what is to be seen of it: first of all its shape.

    Args:
        layer: that made it.
        of: what it is the gradient by: `b`.
        parameter: its full name, or "".
        gradient: whatever the layer has.
        shape: of what it is the gradient by.
        samples: in the batch.
    """
    found = np.shape(gradient) if is_numeric(gradient) else None
    kind = str(getattr(gradient, "dtype", type(gradient).__name__))
    cause = _cause(gradient, found, shape, samples)
    return Misfit(layer, f"d{of}", of, parameter, shape, found, kind, cause)


def is_odd(gradient: Any, shape: Shape) -> bool:
    """Whether there is something to be said of a gradient that is wrong, besides its values."""
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
