"""JSON that preserves every float bit for bit, including NaN and infinities.

JSON has no numbers that are not finite. They are written as `{"$float": "nan"}`; finite numbers are
written as the shortest decimal that gives them again. A dictionary that looks like the mark gets
another $ before its key, so that it is preserved, too. Only ASCII is written, so that file names
that are no UTF-8 (lone surrogates in Python) can be written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.errors import clipped

_MARK = "$float"
_NOT_FINITE = {text: float(text) for text in ("nan", "-nan", "inf", "-inf")}


def dumps(document: Any, indent: int | None = None) -> str:
    """A document as text."""
    return json.dumps(_plain(document), indent=indent, allow_nan=False)


def loads(text: str | bytes) -> Any:
    """The document in a text.

    Raises:
        ValueError: the text is no JSON, or is nested too deep.
    """
    try:
        return json.loads(text, object_hook=_float)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _plain(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else {_MARK: _name(number)}
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        if len(value) == 1 and _is_marked(key := next(iter(value))):
            return {f"${key}": _plain(value[key])}
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _name(number: float) -> str:
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return f"{sign}{'nan' if math.isnan(number) else 'inf'}"


def _is_marked(key: object) -> bool:
    """Whether a key is the mark of a float, possibly with more $ before it."""
    return isinstance(key, str) and key.startswith("$") and f"${key.lstrip('$')}" == _MARK


def _float(found: dict[str, Any]) -> Any:
    if found.keys() != {_MARK}:
        if len(found) == 1 and _is_marked(key := next(iter(found))):
            return {key[1:]: found[key]}
        return found
    name = found[_MARK]
    if not isinstance(name, str) or name not in _NOT_FINITE:
        raise ValueError(f"{clipped(repr(name))} is no float")
    return _NOT_FINITE[name]
