"""The branches of a session as rows of its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.debug.memory.state import State
from engine.debug.travel.branches import Branch
from engine.debug.travel.edits import edit_to_json
from engine.debug.travel.trainer import Trainer

Array = np.ndarray[Any, Any]
STATES = {True: 16, False: 4}  # written for the current branch, and for any other branch
PREDICTIONS = 16  # the latest measurements are written with the prediction of every image


def branch_row(
    trainer: Trainer, branch: Branch, states: Iterable[int], arrays: dict[str, Array]
) -> dict[str, Any]:
    """A branch as JSON; its losses and predictions are added to `arrays`.

    Args:
        trainer: has the branch.
        branch: the branch.
        states: the numbers of its states that are written.
        arrays: those of the file.
    """
    present = branch is trainer.branches.current
    arrays[f"branch{branch.id}.losses"] = branch.losses.array()
    position = trainer.position if present else branch.position
    return {
        "id": branch.id,
        "name": branch.name,
        "note": branch.note,
        "parent": branch.parent,
        "batch": branch.batch,
        "edits": [[batch, edit_to_json(edit)] for batch, edit in branch.edits],
        "position": list(position),
        "states": list(states),
        "measured": list(_measured(branch, arrays)),
        "measured_parts": [list(part) for part in branch.measured.parts()],
    }


def chosen_states(trainer: Trainer, branch: Branch) -> list[State]:
    """The stored states of a branch that are written.

    They are the first, the last stored batches before the cursor and before the end, and others
    that are spread evenly.
    """
    present = branch is trainer.branches.current
    position = (trainer.position if present else branch.position).batch
    most = STATES[present]
    batches = [batch for batch in branch.checkpoints.batches if batch < max(branch.reach, 1)]
    wanted = {0, _last_below(batches, position), _last_below(batches, branch.reach)}
    every = max(1, -(-len(batches) // most))
    kept = sorted({*batches[::every], *wanted})
    return [branch.checkpoints.states[batch] for batch in kept]


def _last_below(batches: Sequence[int], batch: int) -> int:
    return max((earlier for earlier in batches if earlier < batch), default=0)


def _measured(branch: Branch, arrays: dict[str, Array]) -> Iterator[list[Any]]:
    all_of_it = branch.measured.all()
    for number, measurement in enumerate(all_of_it):
        if measurement.predictions is not None and len(all_of_it) - number <= PREDICTIONS:
            arrays[f"branch{branch.id}.predictions{measurement.batch}"] = measurement.predictions
        yield [measurement.batch, measurement.accuracy, measurement.loss]
