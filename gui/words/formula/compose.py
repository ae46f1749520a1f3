"""Makes the formula of a stop from the syntax of its line."""

from __future__ import annotations

from engine.debug.snapshots.snapshot import Snapshot
from gui.words.formula.formula import Formula


def formula_of(snapshot: Snapshot) -> Formula | None:
    """The formula at the cursor; None where the line computes nothing."""
    return None
