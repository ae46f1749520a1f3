"""JSON as our files have it: every float comes back bit for bit, NaN and infinities too.

JSON knows no number that is not finite. Such a one is written as `{"$float": "nan"}`; any other as
the shortest decimal that gives it again. Whoever writes a dictionary like that one gets it back:
its key has another $ in the file. Only ASCII is written, so that a file's name that is no
UTF-8 (Python has it as lone surrogates) can be written as well.
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
    """The document that a text is.

    Raises:
        ValueError: it is none, or nested too deep.
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
    """Whether it is the mark of a float, or that with more of its first character."""
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
