"""The operation at the cursor: form, operands and result of an expression, for drawing.

An `Operation` is immutable data. `operation_at` makes it from a trace. `terms` finds the operand
cells that made a cell of its result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debug.events import Span


class Form(StrEnum):
    """How an operation is drawn.

    Expressions:
        PRODUCT: `a @ b`.
        ELEMENTWISE: each cell of the result comes from one cell of each operand, with
            broadcasting: `a + b`, `lr * dW`, `np.maximum(a, b)`, comparisons.
        FUNCTION: a curve of one array: `1 / (1 + np.exp(-x))`, `np.maximum(x, 0)`, `x > 0`.
        REDUCTION: `sum`, `max`, `mean`, `argmax`, over an axis or over all.
        TRANSPOSE: `x.T`.
        INDEXING: `a[i]`, `a[rows, t]`.
        COPY: the same cells, maybe at other places: `a.copy()`, `a.astype(...)`, `a.reshape(...)`,
            `np.pad(a, 1)`. `np.concatenate([a, b])` has several operands.
        CREATION: `np.arange(n)`, `np.zeros_like(W)`.
        LOOKUP: an item or attribute of an object that is not an array: `parameters[name]`,
            `x.shape`, `getattr(layer, P)`.
        COLLECTION: a new dict, list or tuple.
        SCALAR: numbers, texts, truth values.
        CALL: a call of recorded code that has returned. Its operands have the parameters' names.
        LINKED: another operation with known dependencies between its cells, which are in
            `details["links"]`. The equation view may draw it by its symbol.

    Other events:
        ARGUMENTS: at a call event, the arguments.
        RETURN: the return value.
        IN_PLACE: at the event after `W -= lr * dW`, `dz[rows, t] -= 1` or `dx[mask] = 0`: the
            change. The first operand has the old values.
        ASSIGNMENT: at any other line event, the value that an earlier line set last; ARGUMENTS if
            no earlier line set a value.
        FALLBACK: operands and result of anything else, such as a call for its effect.

    An exception event has the form of the expression that raised. If a statement raised (`raise`,
    an unpacking, a test without a truth value), it is a FALLBACK with the values of the statement.
    """

    PRODUCT = "product"
    ELEMENTWISE = "elementwise"
    FUNCTION = "function"
    REDUCTION = "reduction"
    TRANSPOSE = "transpose"
    INDEXING = "indexing"
    COPY = "copy"
    CREATION = "creation"
    LOOKUP = "lookup"
    COLLECTION = "collection"
    SCALAR = "scalar"
    CALL = "call"
    LINKED = "linked"
    ARGUMENTS = "arguments"
    RETURN = "return"
    IN_PLACE = "in place"
    ASSIGNMENT = "assignment"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """An operand of an operation.

    Attributes:
        text: its source: `self.W`, `np.exp(-x)`, `0.5`. For ARGUMENTS, the name of the parameter.
        value: its value when the operation ran; arrays are read-only.
        event: the event of this trace at which the value was made; None if the value is older.
        span: the place of `text`, or None.
    """

    text: str
    value: Any
    event: int | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two dimensions that had to be equal and are not.

    Attributes:
        left, right: (operand's number, its axis).
        sizes: the two sizes.
        sentence: the problem in words, with names and sizes: `x has 784 columns, self.W.T has 50
            rows.`
        advice: a suggestion: `They must be equal. Did you mean self.W (784 × 50)?`, or "".
    """

    left: tuple[int, int]
    right: tuple[int, int]
    sizes: tuple[int, int]
    sentence: str
    advice: str


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """The operation of the event at the cursor.

    Attributes:
        form: how to draw it.
        symbol: the sign between or before the operands: `@`, `+`, `≤`, `sum`, `max`, `exp`. For
            IN_PLACE it has no `=`, so that a plain store has "". "" if there is no sign.
        operands: in the order of the source. A FUNCTION has its one array. INDEXING has the array,
            then its indices, one per axis (a slice is one). IN_PLACE has the old target, the array
            or number that changes it, and then any indices. Constants of an ELEMENTWISE are
            operands, too. An array whose values were not kept is a `FadedArray`; an unknown index
            is a `FadedArray` without a shape.
        result: read-only; None if the operation raised.
        source: the text of the whole operation.
        name: the name of the result: the name that the line binds to it, if the operation is the
            line's whole right-hand side; else `source`.
        axes: the reduced axes of a REDUCTION, as non-negative numbers.
        keepdims: of a REDUCTION.
        curve: for a FUNCTION, computes it for any array of numbers (without warnings); else None.
        error: the exception that it raised, or None.
        mismatch: the dimensions that disagree, if that is why it raised.
        layer, function: where it runs: `Affine1`, `forward`. Colour scales are kept by these.
        details: for a TRANSPOSE, "axes": the operand's axis for each axis of the result. For a COPY
            that moves cells, "move": a function that moves the cells of other arrays likewise. For
            LINKED, "links": the cells that made a cell of the result, and the cells that an
            operand's cell reaches, as in `LINKS`.
        gradients: within a layer, the input and output gradients of its backward in this batch,
            even if they come after the cursor. They serve to choose an example with a gradient.
    """

    form: Form
    symbol: str
    operands: tuple[Operand, ...]
    result: Any
    source: str
    name: str = ""
    axes: tuple[int, ...] = ()
    keepdims: bool = False
    curve: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]] | None = None
    error: Exception | None = None
    mismatch: Mismatch | None = None
    layer: str = ""
    function: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    gradients: tuple[np.ndarray[Any, Any], ...] = ()
