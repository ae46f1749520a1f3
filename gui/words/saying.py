"""Sentences from templates: code, shapes, numbers and counts as the strip writes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Operand
from engine.debug.explain.reading import is_array, shape_of
from engine.debug.reach.contents import dictionary_of
from gui.dialogs.wording import to_translate
from gui.paint.values import MINUS, number_text, short_exponent, tuple_text


class SupportsFields(Protocol):
    """Fields by name."""

    def __getitem__(self, name: str, /) -> Any:
        """The field's value."""


CONTEXT = "words"
MOST_WORDS = 20  # of a sentence
LONGEST = 44  # characters of a piece of source within a sentence

_N = to_translate
# A noun for one, and for any other number.
_NOUNS: Mapping[str, tuple[str, str]] = {
    "image": (_N("words", "{n} image"), _N("words", "{n} images")),
    "layer": (_N("words", "{n} layer"), _N("words", "{n} layers")),
    "parameter": (_N("words", "{n} parameter"), _N("words", "{n} parameters")),
    "gradient": (_N("words", "{n} gradient"), _N("words", "{n} gradients")),
    "row": (_N("words", "{n} row"), _N("words", "{n} rows")),
    "cell": (_N("words", "{n} cell"), _N("words", "{n} cells")),
    "item": (_N("words", "{n} item"), _N("words", "{n} items")),
    "column": (_N("words", "{n} column"), _N("words", "{n} columns")),
    "bias": (_N("words", "{n} bias"), _N("words", "{n} biases")),
    "score": (_N("words", "{n} score"), _N("words", "{n} scores")),
    "product": (_N("words", "{n} product"), _N("words", "{n} products")),
    "round": (_N("words", "{n} round"), _N("words", "{n} rounds")),
}


def say(template: str, /, **fields: Any) -> str:
    """A template in the window's language, with its fields filled in."""
    return filled(template, fields)


def filled(template: str, fields: SupportsFields) -> str:
    """A template in the window's language, with fields that are looked up by name."""
    text = QCoreApplication.translate(CONTEXT, template)
    return text.format_map(fields)


def count(n: int, noun: str) -> str:
    """`100 images`, `1 image`, `39,200 cells`."""
    one, many = _NOUNS[noun]
    return say(one if n == 1 else many, n=whole(n))


def whole(n: int) -> str:
    """`39,200`."""
    return f"{n:,}"


def number(value: Any) -> str:
    """A number with three significant digits: `2.51`, `−0.00986`, `100`."""
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return number_text(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return str(complex(value))
    number = float(value)
    if float(f"{number:.3g}") == number:  # such as a setting: `0.5`, not `0.500`
        return setting(number)
    return (
        number_text(int(number))
        if number.is_integer() and abs(number) < 1e6
        else number_text(number, 3)
    )


def setting(value: Any) -> str:
    """A number that a person has chosen, as it was written: `0.5`, `1e−7`."""
    return short_exponent(f"{float(value):.6g}").replace("-", MINUS)


def percent(part: int, size: int) -> str:
    """A share: `4 %`, `0.3 %`. Rounding never makes 0 % of some cells, nor 100 % of not all."""
    if part in (0, size) or not size:
        return "0 %" if part == 0 else "100 %"
    share = 100 * part / size
    if share < 0.1:
        return say(_N("words", "less than 0.1 %"))
    if share > 99.9:
        return say(_N("words", "more than 99.9 %"))
    return f"{share:.1f} %" if share < 1 or share > 99 else f"{share:.0f} %"


def words_in(sentence: str) -> int:
    """The words of a sentence; a piece of source is one, and so is a shape."""
    plain = re.sub(r"`[^`]*`|\([\d, ]+\)", "x", sentence)
    return sum(any(c.isalnum() for c in word) for word in plain.split())


def code(text: str) -> str:
    """A piece of source, on one line, as code; a long one is shortened in the middle."""
    line = " ".join(text.split())
    if len(line) > LONGEST:
        half = (LONGEST - 3) // 2
        line = f"{line[:half]} … {line[-half:]}"
    return f"`{line}`"


def shape(value: Any) -> str:
    """The shape of an array as Python writes it: `(100, 50)`."""
    return tuple_text(shape_of(value))


def named(operand: Operand) -> str:
    """An operand's source with its shape: "`W` transposed (10, 50)", "`lr`"."""
    text = code(operand.text)
    if is_transposed(operand):
        text = say(_N("words", "{array} transposed"), array=code(operand.text[:-2]))
    return f"{text} {shape(operand.value)}" if shape_of(operand.value) else text


def is_transposed(operand: Operand) -> bool:
    """Whether an operand's source is `….T`, as a whole: `W.T`, but not `x @ W.T`."""
    if not operand.text.endswith(".T"):
        return False
    try:
        return isinstance(ast.parse(operand.text, mode="eval").body, ast.Attribute)
    except SyntaxError:
        return False


def value_text(value: Any) -> str:
    """A value in a few words: "an array (3, 4)", "2.5", "a list of 3 items", "a Layer"."""
    if is_array(value):
        return say(_N("words", "an array {shape}"), shape=shape(value))
    if value is None or isinstance(value, (bool, np.bool_)):
        return code(str(value))
    if isinstance(value, (int, float, complex, np.number)) or (
        isinstance(value, np.ndarray) and not value.ndim and value.dtype.kind in "biufc"
    ):
        return number(value)
    if isinstance(value, str):
        return code(repr(value))
    own_name = (dictionary_of(value) or {}).get("name")  # a property could run code
    if isinstance(own_name, str) and own_name:  # a layer
        return code(own_name)
    if isinstance(value, tuple) and len(value) <= 4 and all(isinstance(i, int) for i in value):
        return code(str(value))
    if isinstance(value, range):
        if not value:
            return say(_N("words", "no numbers"))
        return say(_N("words", "the numbers {first} to {last}"), first=value[0], last=value[-1])
    kind = type(value).__name__
    if isinstance(value, (list, tuple, dict, set)):
        return say(_N("words", "a {kind} of {items}"), kind=kind, items=count(len(value), "item"))
    return say(_N("words", "an object of class {kind}"), kind=code(kind))
