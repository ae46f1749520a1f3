"""An entry of the tables: the words for one place in the source of `engine.nn`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class When(StrEnum):
    """The event at which the words are said, seen from a place in the source.

    COMPUTED: the expression has its value. RAN: the statement has run, and the next line has not.
    BEFORE: the line has not run, and no statement before it has words. CALLED: the function has
    been called; its source is "". RETURNED: the function returns by this statement.
    """

    COMPUTED = "computed"
    RAN = "ran"
    BEFORE = "before"
    CALLED = "called"
    RETURNED = "returned"


class Key(NamedTuple):
    """A place: the qualified name of a function, and a piece of its source on one line."""

    function: str
    when: When
    source: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Templates over `Fields`.

    Attributes:
        happened: what has happened.
        next: what comes next.
        again: what has happened, from the third round of a loop on; "" for the same words.
    """

    happened: str
    next: str
    again: str = ""


Table = Mapping[Key, Words]
