"""What an expression may take: each operation asks here before it computes anything.

An expression is typed by a person or comes with a file, and it runs in the middle of a training.
So none may hold that up: what an operation would give is worked out from what it is given, and one
that would give too much is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from engine.errors import TooMuch

LONGEST = 10_000  # characters of an expression
NESTING = 100  # levels, of an expression and of the lists in it
WHOLE = 8  # times as much as one operation is what all those of an evaluation may take


class CostUnit(StrEnum):
    """In what it is counted."""

    BITS = "bits of an integer"
    ITEMS = "items"
    CHARACTERS = "characters"
    BYTES = "bytes of arrays"
    MULTIPLICATIONS = "multiplications"
    ELEMENTS = "elements to read"
    PLACES = "decimal places"


LIMITS: Mapping[CostUnit, int] = {
    CostUnit.BITS: 4096,
    CostUnit.ITEMS: 100_000,
    CostUnit.CHARACTERS: 1_000,  # of what is formatted
    CostUnit.BYTES: 64 * 2**20,
    CostUnit.MULTIPLICATIONS: 10**9,
    CostUnit.ELEMENTS: 10**9,
    CostUnit.PLACES: 1_000,  # numpy multiplies by 10 for each of them
}


class Meter:
    """Counts what one evaluation takes."""

    def __init__(self) -> None:
        self._taken: Counter[CostUnit] = Counter()

    def reset(self) -> None:
        """Another evaluation begins."""
        self._taken.clear()

    def take(self, operation: str, amount: int, unit: CostUnit) -> None:
        """An operation is about to take so much.

        Raises:
            TooMuch: it may not, by itself or with what was taken before.
        """
        limit = LIMITS[unit]
        if amount > limit:
            raise TooMuch(operation, amount, limit, str(unit))
        if unit is CostUnit.BITS:
            return  # a small integer made of others needs none of theirs
        self._taken[unit] += amount
        if self._taken[unit] > WHOLE * limit:
            whole = f"the expression up to its {operation}"
            raise TooMuch(whole, self._taken[unit], WHOLE * limit, str(unit))
