"""Dataclasses as JSON dictionaries, and back: each has its class's name under a key.

A field may be a text, an int, a float, an enum, or one of these or None. A value of another type is
refused, so a damaged or hand-written file never makes an object that cannot work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import Enum
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

T = TypeVar("T")
NOT_DESCRIBED = (ValueError, KeyError, TypeError, AttributeError, OverflowError)


def to_dictionary(value: Any, key: str) -> dict[str, Any]:
    """A dataclass as a dictionary, with the name of its class under `key`."""
    return {key: type(value).__name__, **asdict(value)}


def from_dictionary(
    kinds: Mapping[str, type[T]], key: str, data: Mapping[str, Any], most: int | None = None
) -> T:
    """The object that a dictionary describes: one of `kinds`, which are known by their names.

    With `most`, every int must be from 0 to `most`. Raises one of `NOT_DESCRIBED`.
    """
    kind: Any = kinds[data[key]]
    types = get_type_hints(kind)
    values = {
        field.name: _checked(field.name, data[field.name], types[field.name], most)
        for field in fields(kind)
    }
    made: T = kind(**values)
    return made


def _checked(name: str, value: Any, wanted: Any, most: int | None) -> Any:
    """The value of a field, if it is of the wanted type; ints become floats where floats are."""
    kind, *others = get_args(wanted) or (wanted,)
    if value is None and NoneType in others:
        return None
    if issubclass(kind, Enum):
        return kind(value)
    types = (int, float) if kind is float else (kind,)
    if not isinstance(value, types) or isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}")
    if kind is int and most is not None and not 0 <= value <= most:
        raise ValueError(f"{name} is not from 0 to {most:,}")
    return float(value) if kind is float else value
