"""The base classes of all errors that the user sees: fields, a sentence over them, and advice.

An error keeps its facts as fields, so the window can translate the sentence and a test can compare
numbers. `str(error)` is the English sentence: what was found, what was expected, where, and what to
do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = [
    "UNSPEAKABLE",
    "BadArguments",
    "BadValue",
    "Described",
    "RetrogradError",
    "Worded",
    "clipped",
    "words_of",
]
LONGEST = 300  # characters of a text that a sentence repeats
UNSPEAKABLE = "(its text cannot be shown)"


class RetrogradError(Exception):
    """The root of every error that the user sees."""


class Worded:
    """A message to the user: a template over its fields, and advice.

    Attributes:
        sentence: says what happened, as a `str.format` template over the fields.
        advice: says what to do about it.
    """

    sentence: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def fields(self) -> dict[str, Any]:
        """The values for the placeholders of the templates, in any language."""
        return dict(vars(self))

    def __str__(self) -> str:
        return f"{self.sentence} {self.advice}".strip().format_map(self.fields())


@dataclass(eq=False)
class Described(Worded, RetrogradError):
    """An error with a sentence that says what is wrong, and advice."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is unpickled from its positional arguments, and ours are given by name.
        return _rebuilt, (type(self), {**vars(self)})


def _rebuilt(kind: type[Described], fields: dict[str, Any]) -> Described:
    return kind(**fields)


@dataclass(eq=False)
class BadValue(Described):
    """A setting or an argument that cannot be used.

    Attributes:
        name: the name of the setting, as the user knows it: `batch size`.
        value: the given value.
        expected: what is allowed, in words after "expected": `a whole number from 1 to 60,000`.
    """

    name: str
    value: object
    expected: str

    sentence = "The {name} is {value}; expected {expected}."


@dataclass(eq=False)
class BadArguments(Described):
    """A command line that cannot be understood; `problem` says why."""

    problem: str

    sentence = "{problem}."
    advice = "See --help."


def clipped(text: object, most: int = LONGEST) -> str:
    """The text of an object, cut to the length that a sentence can repeat."""
    found = str(text)
    return found if len(found) <= most else f"{found[:most]}…"


def words_of(error: BaseException) -> str:
    """The text of an exception; `str` of a user's class may fail in any way."""
    try:
        return str(error)
    except BaseException:
        return UNSPEAKABLE


def kind_and_words(error: BaseException) -> dict[str, str]:
    """The class and the text of an exception, as fields of a sentence."""
    return {"kind": type(error).__name__, "error": words_of(error).rstrip(".")}
