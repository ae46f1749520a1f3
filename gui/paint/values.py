"""The text for values: shapes, numbers, ranges, bytes, and objects of any kind.

The minus is `−`, the product sign of a shape `×`, and a number keeps its width from step to step.
"""

from __future__ import annotations

import ast
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeGuard

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.health.arrays import Health, health_of
from engine.errors import UNSPEAKABLE, words_of

Array = np.ndarray[Any, Any]
MINUS = "−"
_REPR = reprlib.Repr()
_REPR.maxstring = 60
_REPR.maxother = 60


translate = QCoreApplication.translate


def network_text(name: str) -> str:
    """The name of a network as it is shown: `784-30×5-10-relu`."""
    return re.sub(r"(?<=\d)x(?=\d)", "×", name)


def number_text(number: float, digits: int = 2) -> str:
    """A number with at least `digits` significant digits: `−0.14`, `4.6`, `1.0`, `8.6e−4`, `50`.

    Integers of up to nine digits are whole; zero is `0`.
    """
    if isinstance(number, int | np.integer):
        number = int(number)
        # Decimal, as an int may be larger than any float.
        text = str(number) if abs(number) < 10**9 else f"{Decimal(number):.{digits - 1}e}"
    elif math.isnan(number):
        return "NaN"
    elif math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    elif number == 0:
        return "0"
    else:
        text = _float_text(float(number), digits)
    return short_exponent(text).replace("-", MINUS)


def with_sign(number: float, digits: int = 2) -> str:
    """A number with its sign, plus or minus: `+0.00228`, `−0.00129`; `0`."""
    text = number_text(number, digits)
    return f"+{text}" if number > 0 else text


def _float_text(number: float, digits: int) -> str:
    rounded = f"{number:.{digits - 1}e}"
    exponent = int(rounded.partition("e")[2])
    if -4 < exponent < 5:
        return f"{number:.{max(digits - 1 - exponent, 0)}f}"
    return rounded


def short_exponent(text: str) -> str:
    """`8.6e-04` as `8.6e-4`, `1.0e+05` as `1.0e5`."""
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def shape_text(shape: tuple[int, ...]) -> str:
    """`100 × 784`; `50` for a vector; empty for a scalar."""
    return " × ".join(str(n) for n in shape)


def array_text(shape: tuple[int, ...]) -> str:
    """A shape where a value may stand as well: `100 × 784`, but `(50,)`, for `50` is a number."""
    return tuple_text(shape) if len(shape) == 1 else shape_text(shape)


def tuple_text(shape: tuple[int, ...]) -> str:
    """A shape as Python writes it: `(100, 784)`, `(50,)`."""
    return str(tuple(int(n) for n in shape))


def range_text(health: Health) -> str:
    """`−0.14…0.16`; `all 0` where all cells are equal; what is wrong when anything is."""
    if health.count == 0:
        return translate("values", "empty")
    if health.bad:
        return bad_text(health)
    assert health.minimum is not None and health.maximum is not None
    low, high = number_text(health.minimum), number_text(health.maximum)
    if health.minimum == health.maximum:
        return translate("values", "all {0}").format(low) if health.count > 1 else low
    return f"{low}…{high}"


def bad_count_text(health: Health) -> str:
    """`405 NaN`, `3 inf`, `405 NaN, 3 inf`."""
    parts = [(health.nan, "NaN"), (health.inf, "inf")]
    return ", ".join(f"{count} {name}" for count, name in parts if count)


def bad_text(health: Health) -> str:
    """`405 NaN, first at [0, 0]`."""
    if not health.first_bad:
        return bad_count_text(health)
    return translate("values", "{0}, first at {1}").format(
        bad_count_text(health), list(health.first_bad)
    )


def cell_name(text: str, index: Sequence[int]) -> str:
    """A cell of what the source calls `text`: `self.W[3, 7]`, but `(x @ self.W)[3, 7]`.

    Without the parentheses the last name alone would be read as what is indexed.
    """
    if not index:
        return text
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        node = None
    if node is None or isinstance(node, ast.Tuple):  # words, such as `W, before`
        return f"{text} {list(index)}".strip()
    whole = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    return f"{text}{list(index)}" if whole else f"({text}){list(index)}"


def taken_text(label: object, prediction: object) -> str:
    """`5 → 2`: a 5 that was taken for a 2."""
    return f"{label} → {prediction}"


def bytes_text(count: int) -> str:
    """`306 KiB`, `19.5 KiB`, `1.2 MiB`; below 100 bytes `12 B`."""
    if count < 100:
        return f"{count} B"
    amount, unit = count / 1024, "KiB"
    for larger in ("MiB", "GiB"):
        if round(amount) < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if amount >= 99.95 else f"{amount:.1f} {unit}"


def is_scalar(value: object) -> bool:
    """Whether a value is one number: Python's, numpy's, or an array of no axes."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "biufc"
    return isinstance(value, bool | int | float | complex | np.number | np.bool)


def is_drawable(value: object) -> TypeGuard[Array]:
    """Whether a value is an array of numbers with at least one axis and one element."""
    return (
        isinstance(value, np.ndarray)
        and value.ndim > 0
        and value.size > 0
        and value.dtype.kind in "biufc"
    )


def is_whole_vector(value: object) -> bool:
    """Whether a value is a vector of whole numbers: labels, places; colours say nothing of them."""
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu"


def scalar_text(value: Any) -> str:
    """One number with six significant digits, as short as it can be: `1.30512`, `0.1`, `True`."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.6g}".replace("-", MINUS)
    if isinstance(value, float) and math.isfinite(value):
        return short_exponent(f"{value:.6g}").replace("-", MINUS)
    return number_text(value, 6)  # integers, NaN and infinities


def brief(value: object) -> str:
    """Any value in a few words: `100 × 784`, `1.305`, `'relu'`, `dict of 4`, `Affine`.

    Of an object of an unknown class only the class is named; its own text may be slow or fail.
    """
    if is_scalar(value):
        return scalar_text(value)
    if isinstance(value, np.ndarray):
        return array_text(value.shape) or type(value).__name__
    if isinstance(value, np.dtype):
        return str(value)
    if value is None or isinstance(value, str | bytes):
        return _REPR.repr(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        kind = type(value).__name__
        if isinstance(value, tuple) and all(isinstance(v, int) for v in value) and len(value) < 7:
            return repr(value)
        if not value:
            return translate("values", "empty {0}").format(kind)
        return translate("values", "{0} of {1}").format(kind, len(value))
    if isinstance(value, BaseException):
        return exception_text(value)
    return type(value).__name__


def exception_text(error: BaseException) -> str:
    """`ValueError: ` and the first line of its message."""
    message = words_of(error).strip().partition("\n")[0]
    if message == UNSPEAKABLE:
        message = translate("errors", UNSPEAKABLE)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def type_text(value: object) -> str:
    """The dtype of an array, else the name of the class."""
    if isinstance(value, np.ndarray | np.generic):
        return str(value.dtype)
    return type(value).__name__


def full_text(name: str, value: object) -> str:
    """Everything known about a value, a line each, for a tooltip or a screen reader."""
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        kind = type_text(value)
        words = brief(value)
        return f"{name}\n{words}" if words == kind else f"{name}\n{words}  {kind}"
    size = f"{shape_text(value.shape)}  {value.dtype}  {bytes_text(value.nbytes)}"
    lines = [name, size]
    health = health_of(value)
    if health is not None:
        lines += _health_lines(health)
    return "\n".join(lines)


def _health_lines(health: Health) -> list[str]:
    lines = []
    if health.bad:
        lines.append(bad_text(health))
    if health.minimum is None or health.maximum is None:
        return lines or [translate("values", "empty")]
    low, high = number_text(health.minimum, 4), number_text(health.maximum, 4)
    assert health.mean is not None and health.rms is not None
    lines.append(translate("values", "range {0} … {1}").format(low, high))
    mean, rms = number_text(health.mean, 4), number_text(health.rms, 4)
    lines.append(translate("values", "mean {0}, RMS {1}").format(mean, rms))
    counts = (health.negative, health.zero, health.positive)
    lines.append(translate("values", "{0} negative, {1} zero, {2} positive").format(*counts))
    return lines
