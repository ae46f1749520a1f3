"""Numbers, texts and small containers of them as JSON, which gives back equals of equal types.

JSON's own numbers, true, false and null stand for themselves. All else is a list that begins with
a letter: text, bytes, complex, numpy's numbers, large integers, tuples, dictionaries, arrays.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from math import prod
from typing import Any

import numpy as np

from engine.errors import clipped

Array = np.ndarray[Any, Any]
_BITS = 62  # of an integer that JSON holds
_LONGEST = 2**24  # bits of a larger one
_DTYPE = re.compile(r"[<>|=][biufcSU]\d{1,6}")


class NotPlain(ValueError):
    """A value that is no number, text or container of them."""


def to_plain(value: Any) -> Any:
    """A value as JSON.

    Raises:
        NotPlain: it has no such form.
    """
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int:
        return value if value.bit_length() <= _BITS else ["i", f"{value:x}"]
    if kind is str:
        return ["s", value]
    if kind is bytes:
        return ["b", _text(value)]
    if kind is complex:
        return ["c", value.real, value.imag]
    if kind is tuple:
        return ["t", [to_plain(item) for item in value]]
    if kind is dict:
        return ["d", [[to_plain(key), to_plain(item)] for key, item in value.items()]]
    if issubclass(kind, np.generic) and is_simple(value.dtype):
        return ["n", value.dtype.str, _text(value.tobytes())]
    if kind is np.ndarray and is_simple(value.dtype):
        return ["a", value.dtype.str, list(value.shape), _text(value.tobytes())]
    raise NotPlain(f"{kind.__name__} is no number or text")


def from_plain(data: Any) -> Any:
    """The value that JSON stands for.

    Raises:
        ValueError, TypeError: it stands for none.
    """
    if data is None or type(data) in (bool, int, float):
        return data
    match data:
        case ["i", str(text)] if len(text) * 4 <= _LONGEST:
            return int(text, 16)
        case ["s", str(text)]:
            return text
        case ["b", str(text)]:
            return _bytes(text)
        case ["c", float(real), float(imaginary)]:
            return complex(real, imaginary)
        case ["t", list(items)]:
            return tuple([from_plain(item) for item in items])
        case ["d", list(items)]:
            return {from_plain(key): from_plain(item) for key, item in items}
        case ["n", str(name), str(text)]:
            return _array(name, (), text)[()]
        case ["a", str(name), list(shape), str(text)]:
            return _array(name, tuple(shape), text)
    raise ValueError(f"{clipped(repr(data))} stands for no value")


def is_simple(dtype: np.dtype[Any]) -> bool:
    """Whether an array's cells are numbers or texts, which bytes hold completely."""
    return bool(_DTYPE.fullmatch(dtype.str)) and dtype.itemsize > 0


def simple_dtype(name: Any) -> np.dtype[Any]:
    """The dtype of a name; raises ValueError for any but the simple ones."""
    if not isinstance(name, str) or not _DTYPE.fullmatch(name):
        raise ValueError(f"{clipped(repr(name))} is no dtype of numbers or texts")
    try:
        found = np.dtype(name)
    except TypeError as error:
        raise ValueError(str(error)) from error
    if not is_simple(found):
        raise ValueError(f"{name} is no dtype of numbers or texts")
    return found


def checked_shape(shape: Any) -> tuple[int, ...]:
    """A shape; raises ValueError."""
    sizes = tuple(shape)
    if len(sizes) > 32 or any(type(size) is not int or size < 0 for size in sizes):
        raise ValueError(f"{clipped(repr(shape))} is no shape")
    return sizes


def _array(name: str, shape: tuple[Any, ...], text: str) -> Array:
    dtype, content = simple_dtype(name), _bytes(text)
    if prod(checked_shape(shape)) * dtype.itemsize != len(content):
        raise ValueError(f"an array of {name} does not fit its shape")
    return np.frombuffer(content, dtype).reshape(shape).copy()


def _text(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return b64decode(text.encode("ascii", "replace"), validate=True)
