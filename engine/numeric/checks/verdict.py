"""The verdict of a check on a gradient."""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn

from engine.errors import NoTruthValue


class Undecided:
    """A result without a truth value: `if check:` would be true for a mistake, too."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise NoTruthValue(type(self).__name__)


class Verdict(Undecided, StrEnum):
    """The verdict on a gradient, or on all gradients of a network.

    `NOT_EXAMINED` means that no element was compared. For a network, it means that this holds for
    at least one parameter, and that the others agree.
    """

    AGREES = "agrees"
    AGREES_AS_FAR_AS_CAN_BE = "agrees as far as can be"
    DISAGREES = "disagrees"
    NOT_EXAMINED = "not examined"
