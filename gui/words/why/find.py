"""Finds the derivation of a stop."""

from __future__ import annotations

from engine.debug.snapshots.snapshot import Snapshot
from gui.words.why.derivation import Derivation, NoDerivation


def why_title(snapshot: Snapshot) -> str:
    """The title of the stop's derivation, "" if there is none."""
    return ""


def why(snapshot: Snapshot, cell: tuple[int, ...] | None) -> Derivation | NoDerivation:
    """The derivation at the cursor, for a cell of the result; None chooses one with much to see."""
    return NoDerivation("")
