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
        """With no more of a long expression than can be read."""
        return {**vars(self), "text": clipped(self.text)}


@dataclass(eq=False)
class ConditionFailed(Described):
    """An expression of a breakpoint that failed when it was evaluated.

    Attributes:
        text: the expression.
        error: what happened: TooMuch, NotForExpressions, or what Python or numpy has raised.
    """

    text: str
    error: Exception

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """Our own errors are sentences; of any other the class says what kind it is."""
        if isinstance(self.error, Described):
            return "The expression {text} failed: {error}."
        return "The expression {text} failed: {kind}: {error}."

    def fields(self) -> dict[str, Any]:
        """With the exception's own words, on one line."""
        words = kind_and_words(self.error)
        error = clipped(" ".join(words["error"].split()))
        return {**vars(self), **words, "error": error, "text": clipped(self.text)}


@dataclass(eq=False)
class TooMuch(Described):
    """An operation of an expression that was refused before it began: it would take too much.

    Attributes:
        operation: as it is written: `**`, `exp()`.
        amount: what it would take; limit: what it may.
        unit: of both: `bits of an integer`.
    """

    operation: str
    amount: int
    limit: int
    unit: str

    sentence = "{operation} would take {amount} {unit}: expected at most {limit:,}."

    def fields(self) -> dict[str, Any]:
        """With an amount that can be read, however large it is."""
        exact = self.amount < 10**15
        return {**vars(self), "amount": f"{self.amount:,}" if exact else "more than 10¹⁵"}


@dataclass(eq=False)
class NotForExpressions(Described):
    """A value with which an expression cannot do what it asks for; `problem` says both."""

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
    """A breakpoint that was asked for by its id, and is not there.

    Attributes:
        id: what was asked for.
        there: the ids that there are.
    """

    id: int
    there: tuple[int, ...]

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found: others, or none at all."""
        if self.there:
            return "There is no breakpoint {id}; there are {ids}."
        return "There is no breakpoint {id}, nor any other."

    advice = "It may have been removed meanwhile."

    def fields(self) -> dict[str, Any]:
        """The ids as a list in words besides."""
        return {**super().fields(), "ids": ", ".join(map(str, self.there))}
