"""The budget of an expression: each operation is charged before it computes anything.

A condition runs while a network trains and must not hold it up. The cost of an operation is
estimated from its operands; an operation that costs too much is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from engine.errors import TooMuch

LONGEST = 10_000  # characters of an expression
NESTING = 100  # levels, of an expression and of the lists in it
WHOLE = 8  # an evaluation may cost this many times the limit of one operation


class CostUnit(StrEnum):
    """The unit of a cost."""

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
    """Adds up the costs of one evaluation."""

    def __init__(self) -> None:
        self._taken: Counter[CostUnit] = Counter()

    def reset(self) -> None:
        """Start the next evaluation."""
        self._taken.clear()

    def take(self, operation: str, amount: int, unit: CostUnit) -> None:
        """Charge an operation that is about to run.

        Raises:
            TooMuch: it exceeds the limit by itself, or together with the earlier operations.
        """
        limit = LIMITS[unit]
        if amount > limit:
            raise TooMuch(operation, amount, limit, str(unit))
        if unit is CostUnit.BITS:
            return  # the limit is for each integer: operands are not added up
        self._taken[unit] += amount
        if self._taken[unit] > WHOLE * limit:
            whole = f"the expression up to its {operation}"
            raise TooMuch(whole, self._taken[unit], WHOLE * limit, str(unit))
