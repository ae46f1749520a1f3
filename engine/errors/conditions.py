"""Errors of breakpoints and the expressions that are typed for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors.base import Described, clipped, kind_and_words

__all__ = [
    "BadCondition",
    "ConditionFailed",
    "NoSuchBreakpoint",
    "NoSuchPlace",
    "NotForExpressions",
    "TooMuch",
]


@dataclass(eq=False)
class BadCondition(Described):
    """An expression of a breakpoint that cannot be used.

    Attributes:
        text: as it was typed; column: where it goes wrong, from 1.
        problem: what is wrong with it.
    """

    text: str
    column: int
    problem: str

    sentence = "The expression {text} cannot be used: {problem} (at column {column})."

    def fields(self) -> dict[str, Any]:
        """The fields, with a long expression cut."""
        return {**vars(self), "text": clipped(self.text)}


@dataclass(eq=False)
class ConditionFailed(Described):
    """An expression of a breakpoint that failed when it was evaluated.

    Attributes:
        text: the expression.
        error: TooMuch, NotForExpressions, or an exception of Python or numpy.
    """

    text: str
    error: Exception

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """Our own errors are sentences; other exceptions are shown with their class."""
        if isinstance(self.error, Described):
            return "The expression {text} failed: {error}."
        return "The expression {text} failed: {kind}: {error}."

    def fields(self) -> dict[str, Any]:
        """The fields, with the text of the exception on one line."""
        words = kind_and_words(self.error)
        error = clipped(" ".join(words["error"].split()))
        return {**vars(self), **words, "error": error, "text": clipped(self.text)}


@dataclass(eq=False)
class TooMuch(Described):
    """An operation of an expression that was refused because it would cost too much.

    Attributes:
        operation: as it is written: `**`, `exp()`.
        amount, limit: its cost, and the largest cost allowed.
        unit: the unit of both: `bits of an integer`.
    """

    operation: str
    amount: int
    limit: int
    unit: str

    sentence = "{operation} would take {amount} {unit}: expected at most {limit:,}."

    def fields(self) -> dict[str, Any]:
        """The fields, with a very large amount in words."""
        exact = self.amount < 10**15
        return {**vars(self), "amount": f"{self.amount:,}" if exact else "more than 10¹⁵"}


@dataclass(eq=False)
class NotForExpressions(Described):
    """A value that an operation of an expression cannot use; `problem` names both."""

    problem: str

    sentence = "{problem}."


@dataclass(eq=False)
class NoSuchPlace(Described):
    """A breakpoint that cannot be placed; `place` says where, `reason` why not."""

    place: str
    reason: str

    sentence = "There can be no breakpoint at {place}: {reason}."


@dataclass(eq=False)
class NoSuchBreakpoint(Described):
    """A breakpoint id that does not exist.

    Attributes:
        id: the id.
        there: the ids that exist.
    """

    id: int
    there: tuple[int, ...]

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence with the existing ids, or that there are none."""
        if self.there:
            return "There is no breakpoint {id}; there are {ids}."
        return "There is no breakpoint {id}; there are none."

    advice = "It may have been removed meanwhile."

    def fields(self) -> dict[str, Any]:
        """The fields, with the ids as a text."""
        return {**super().fields(), "ids": ", ".join(map(str, self.there))}
