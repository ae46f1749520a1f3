"""JSON as our files have it: every float comes back bit for bit, NaN and infinities too.

JSON knows no number that is not finite. Such a one is written as `{"$float": "nan"}`; any other as
the shortest decimal that gives it again. Only ASCII is written, so that a file's name that is no
UTF-8 (Python has it as lone surrogates) can be written as well.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

LONGEST = 300  # characters of a file that a sentence about it repeats
_MARK = "$float"
_NOT_FINITE = {text: float(text) for text in ("nan", "-nan", "inf", "-inf")}


def dumps(document: Any, indent: int | None = None) -> str:
    """A document as text."""
    return json.dumps(_plain(document), indent=indent, allow_nan=False)


def loads(text: str | bytes) -> Any:
    """The document that a text is.

    Raises:
        ValueError: it is none, or nested too deep.
    """
    try:
        return json.loads(text, object_hook=_float)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def short(text: object) -> str:
    """As much of what a file says as a sentence can repeat."""
    found = str(text)
    return found if len(found) <= LONGEST else f"{found[:LONGEST]}…"


def _plain(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else {_MARK: _name(number)}
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _name(number: float) -> str:
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return f"{sign}{'nan' if math.isnan(number) else 'inf'}"


def _float(found: dict[str, Any]) -> Any:
    if found.keys() != {_MARK}:
        return found
    name = found[_MARK]
    if not isinstance(name, str) or name not in _NOT_FINITE:
        raise ValueError(f"{short(repr(name))} is no float")
    return _NOT_FINITE[name]
