"""Who wrote this, who changed it last: from the cursor back in time, across batches.

Within a batch its trace knows. Further back the plain code runs again, a stretch of batches at a
time, with a look at the thing before and after each; a batch in which it has become another is
recorded, and its trace says at which event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any

import numpy as np

from engine.debug.cells import cells_of, parse_index
from engine.debug.events import Position
from engine.debug.queries.variable import (
    TracedVariable,
    VariableHistory,
    parameter_in_sight,
    thing_in_sight,
)
from engine.debug.record.trace import Trace
from engine.debug.travel.cursor import Cursor
from engine.debug.travel.edits import SetCells
from engine.debug.travel.pace import CHUNK, Cancel, Pace, Progress, pace_of
from engine.debug.travel.trainer import Trainer
from engine.errors import BadValue

Array = np.ndarray[Any, Any]
Seen = Callable[[int, float], object] | None


def last_write(
    trainer: Trainer, name: str, cells: str = "", progress: Progress = None, cancel: Cancel = None
) -> Position | None:
    """The latest event before the cursor at which something was written; the cursor stays.

    Written is: bound or stored anew, put in a container, or an array written into. With cells, a
    write into an array counts where it changes one of them. The event is the first that sees what
    was written. Of a local variable only this call is looked through. Of what lives from batch to
    batch the batches before are searched, too; from the second one back on a write that changes
    nothing is not found.

    Args:
        trainer: where the cursor is.
        name: as for `thing_in_sight`.
        cells: an index as typed, `300, 7` or `:, 3`; empty: the whole.
        progress: told of the batch that is looked through, every 20 ms.
        cancel: asked as often; True ends the search.

    Returns:
        the position, event 0 of the batch for what a person has changed before it; or None: it was
        never written since the start of the run, or cancelled.

    Raises:
        NotInSight: there is nothing of this name at the cursor.
        BadValue: it has no such cells.
    """
    came_from = trainer.position
    with trainer.whole_trace() as trace:
        thing = thing_in_sight(trainer, name)
        story = VariableHistory(trace, thing)
        if cells.strip():
            story.cells(came_from.event, cells)
        moment = story.last_write(came_from.event, cells)
    if moment is not None:
        return _position(came_from.batch, moment, trace)
    if came_from.event > 0 and _was_edited(trainer, thing, cells):
        return Position(came_from.batch, 0)
    if not thing.lives_on or came_from.batch == 0:
        return None
    with returning(trainer):
        # The batch before, as a rule; and its trace misses nothing.
        trainer.goto(came_from.batch - 1)
        if found := _written_here(trainer, thing, cells):
            return found
        pace = pace_of(progress, cancel)
        for _ in _changed_back(
            trainer, came_from.batch - 1, lambda: _imprint(thing.now(), cells),
            lambda _, before, after: bool(before != after), pace,
        ):  # fmt: skip
            if found := _written_here(trainer, thing, cells):
                return found
    return None


def last_change(
    trainer: Trainer, name: str, cells: str = "", more_than: float = 0.0,
    progress: Progress = None, cancel: Cancel = None, seen: Seen = None,
) -> Position | None:  # fmt: skip
    """Back to the latest batch that changed a cell of a parameter by more than a value.

    The cursor's own batch counts as far as it has come before the cursor. What counts is the
    difference between the batch's end and its begin, whatever the writes between.

    Args:
        trainer: whose cursor moves to the event that wrote the cells last in that batch.
        name: of the parameter, `Affine1.W`, or of it at the cursor, `self.W`.
        cells: an index as typed, `300, 7` or `:, 3`; empty: all of them.
        more_than: the absolute difference that one of the cells must exceed.
        progress: told of the batch that is looked through, every 20 ms.
        cancel: asked as often; True ends the search.
        seen: told of each batch that has changed them by no more, and by how much it has.

    Returns:
        the cursor's new position, or None: there was no such change, or it was cancelled; then the
        cursor is where it was.

    Raises:
        BadValue: no parameter, no such cells, or no finite value from 0.
    """
    if not (isfinite(more_than) and more_than >= 0):
        raise BadValue("change", more_than, "a finite number from 0")
    came_from = trainer.position
    parameter = parameter_in_sight(trainer, name)

    sizes = _Sizes(more_than, seen)
    found: Position | None = None
    with trainer.whole_trace() as trace:
        thing = thing_in_sight(trainer, parameter)
        story = VariableHistory(trace, thing)
        story.cells(came_from.event, cells)
        if came_from.event > 0 and sizes.exceed(
            came_from.batch, story.cells(0, cells), story.cells(came_from.event - 1, cells)
        ):
            moment = story.last_write(came_from.event, cells, changed=True)
            found = None if moment is None else _position(came_from.batch, moment, trace)
    if found is None:
        with returning(trainer):
            pace = pace_of(progress, cancel)
            for _ in _changed_back(
                trainer, came_from.batch,
                lambda: cells_of(trainer.network.parameters()[parameter], cells).copy(),
                sizes.exceed, pace,
            ):  # fmt: skip
                if found := _changed_here(trainer, thing, parameter, cells, sizes, came_from):
                    break
    if found is not None:
        trainer.goto(*found)
    return found


def _changed_here(
    trainer: Trainer,
    thing: TracedVariable,
    parameter: str,
    cells: str,
    sizes: _Sizes,
    until: Position,
) -> Position | None:
    """Where, before `until`, cells became others between the cursor's batch and the next.

    What a person has changed before the next batch was written at event 0 of that one.
    """
    batch = trainer.position.batch
    if any(at == batch + 1 for at, _ in trainer.branches.current.edits):
        with trainer.whole_trace() as trace:
            story = VariableHistory(trace, thing)
            first, last = story.cells(0, cells), story.cells(len(trace), cells)
        trainer.goto(batch + 1)
        now = cells_of(trainer.network.parameters()[parameter], cells)
        if Position(batch + 1, 0) < until and sizes.exceed(batch + 1, last, now):
            return Position(batch + 1, 0)
        trainer.goto(batch)
        if not sizes.exceed(batch, first, last):
            return None
    # What is bound anew where nobody looks, as a vector that parameters are views of, has changed
    # by the end of the batch.
    end = Position(batch, len(trainer.trace) - 1)
    return _written_here(trainer, thing, cells, changed=True) or end


def _was_edited(trainer: Trainer, thing: TracedVariable, cells: str) -> bool:
    """Whether a person has changed it before the cursor's batch, on this branch."""
    value = thing.now()
    parameters = trainer.network.parameters()
    for at, edit in trainer.branches.current.edits:
        if at != trainer.position.batch or not isinstance(edit, SetCells):
            continue
        array = parameters[edit.parameter]
        if array is not value:
            continue
        touched, asked = np.zeros(array.shape, bool), np.zeros(array.shape, bool)
        touched[parse_index(edit.cells)] = asked[parse_index(cells)] = True
        if (touched & asked).any():
            return True
    return False


@contextmanager
def returning(cursor: Cursor) -> Iterator[None]:
    """Whatever happens, the cursor comes back to where it was."""
    batch, event = cursor.position
    try:
        yield
    finally:
        cursor.goto(batch)  # first: from elsewhere the events of a failed batch are not reached
        cursor.goto(batch, event)


def _written_here(
    trainer: Trainer, thing: TracedVariable, cells: str, *, changed: bool = False
) -> Position | None:
    """Where in the cursor's batch a thing was written last; see `VariableHistory.was_written`."""
    with trainer.whole_trace() as trace:
        found = VariableHistory(trace, thing).last_write(len(trace) + 1, cells, changed=changed)
    return None if found is None else _position(trainer.position.batch, found, trace)


def _position(batch: int, moment: int, trace: Trace) -> Position:
    """The event of a batch that sees a write; the last one, where it came behind."""
    return Position(batch, min(moment, len(trace) - 1))


def _changed_back(
    trainer: Trainer,
    end: int,
    look: Callable[[], Any],
    differs: Callable[[int, Any, Any], bool],
    pace: Pace,
) -> Iterator[int]:
    """The batches before `end`, the latest first, after which what is looked at is another.

    The cursor is at each. `differs` is asked with the batch and both looks. Where it is called off,
    there are no more of them.
    """
    count = 1
    while end > 0:
        first = max(end - count, 0)
        candidates = []
        trainer.goto(first)
        before = look()
        for batch in range(first, end):
            trainer.train_again(batch)
            after = look()
            if differs(batch, before, after):
                candidates.append(batch)
            before = after
            if pace.stops(batch):
                return
        for batch in reversed(candidates):
            trainer.goto(batch)
            yield batch
        end, count = first, min(4 * count, CHUNK)  # what is looked for is mostly near


class _Sizes:
    """Which changes are larger than what is asked for; the others are told of."""

    def __init__(self, more_than: float, seen: Seen) -> None:
        self._more_than = more_than
        self._seen = seen

    def exceed(self, batch: int, before: Array, after: Array) -> bool:
        """Whether a batch has changed any of the cells by more."""
        size = _size_of_change(before, after)
        if size > self._more_than:
            return True
        if self._seen is not None:
            self._seen(batch, float(size))
        return False


def _size_of_change(before: Array, after: Array) -> Any:
    """By how much the cell that changed most did; NaN is infinitely far from all but NaN."""
    if before.shape != after.shape:
        return float("inf")
    with np.errstate(all="ignore"):
        kind = np.result_type(after, np.float64)
        moved = np.abs(np.subtract(after, before, dtype=kind))
        largest = moved.max(initial=0)
        if not np.isfinite(largest):
            same = (before == after) | ((before != before) & (after != after))
            largest = np.where(same, 0, np.nan_to_num(moved, nan=np.inf, posinf=np.inf)).max()
    return largest


def _imprint(value: Any, cells: str, depth: int = 3) -> Any:
    """What two looks at a thing are compared by."""
    if isinstance(value, np.ndarray):
        try:
            return id(value), cells_of(value, cells).tobytes()
        except BadValue:
            return id(value), b""
    if isinstance(value, (dict, list, tuple)) and depth:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [(_imprint(key, "", 0), _imprint(item, "", depth - 1)) for key, item in items]
    plain = isinstance(value, (int, float, complex, str, bytes, np.generic))
    return repr(value) if plain else id(value)
