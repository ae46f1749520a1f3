"""What is said of a gradient."""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn

from engine.errors import NoTruthValue


class Undecided:
    """What has no truth value: `if check:` would be true of a mistake, too."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise NoTruthValue(type(self).__name__)


class Verdict(Undecided, StrEnum):
    """What is said of a gradient.

    `NOT_EXAMINED`: no element of it was compared, so that nothing can be said; of a whole network,
    that this is so of a parameter, and that the others agree.
    """

    AGREES = "agrees"
    AGREES_AS_FAR_AS_CAN_BE = "agrees as far as can be"
    DISAGREES = "disagrees"
    NOT_EXAMINED = "not examined"
