"""The root of the errors that a person can meet, and how each is said.

An error keeps what it found as fields. So the window can say it in the user's language, and a test
can ask for the numbers and not for the words. `str(error)` is the English sentence: what was found,
what was expected, where, and what to do.
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
    """The root of every error that is meant for a person's eyes."""


class Worded:
    """Something that is said to a person: a template over its fields, followed by what to do.

    Attributes:
        sentence: says what is so, as a `str.format` template over the fields.
        advice: says what to do about it.
    """

    sentence: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def fields(self) -> dict[str, Any]:
        """What the templates are filled with, in any language."""
        return dict(vars(self))

    def __str__(self) -> str:
        return f"{self.sentence} {self.advice}".strip().format_map(self.fields())


@dataclass(eq=False)
class Described(Worded, RetrogradError):
    """An error that says what is wrong, and what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is unpickled from its positional arguments, and ours are given by name.
        return _rebuilt, (type(self), {**vars(self)})


def _rebuilt(kind: type[Described], fields: dict[str, Any]) -> Described:
    return kind(**fields)


@dataclass(eq=False)
class BadValue(Described):
    """A setting or an argument that cannot be used.

    Attributes:
        name: of the setting, as the person knows it: `batch size`.
        value: what was given.
        expected: what would do, in words that follow "expected": `a whole number from 1 to 60,000`.
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
    """As much of a text, or of what another thing says of itself, as a sentence can repeat."""
    found = str(text)
    return found if len(found) <= most else f"{found[:most]}…"


def words_of(error: BaseException) -> str:
    """What an exception says of itself; a class of a person's may fail to, in any way."""
    try:
        return str(error)
    except BaseException:
        return UNSPEAKABLE


def kind_and_words(error: BaseException) -> dict[str, str]:
    """The class of an exception and what it says of itself, as fields of a sentence."""
    return {"kind": type(error).__name__, "error": words_of(error).rstrip(".")}
