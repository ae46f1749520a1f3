"""The branches and their losses as tables, to copy and to save."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import BranchState
from gui.widgets.view import Table


def _tr(text: str) -> str:
    return QCoreApplication.translate("BranchesView", text)


def branch_tables(branches: Sequence[BranchState]) -> list[Table]:
    """A row per branch; and the losses, a row per batch and a column per branch."""
    rows = [
        [branch.name, branch.batch if branch.parent is not None else "", branch.reach,
         float(branch.losses[-1]) if branch.reach else "",
         float(branch.test_accuracies[-1]) if len(branch.test_accuracies) else "",
         ", ".join(branch.edits), branch.note]
        for branch in branches
    ]  # fmt: skip
    heads = [
        _tr("branch"), _tr("left before batch"), _tr("batches"), _tr("loss"),
        _tr("test accuracy"), _tr("changed"), _tr("note"),
    ]  # fmt: skip
    losses = np.full((max(branch.reach for branch in branches), len(branches)), np.nan)
    for column, branch in enumerate(branches):
        losses[: branch.reach, column] = branch.losses
    return [
        Table(_tr("branches"), np.array(rows, dtype=object), heads),
        Table(_tr("losses"), losses, [branch.name for branch in branches]),
    ]
