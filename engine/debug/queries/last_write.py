"""The last write and the last change of a variable, searched back in time across batches.

Within the cursor's batch the trace gives the answer. For earlier batches the plain code runs again,
some batches at a time, and compares the variable before and after each batch. A batch that changed
the variable is recorded, and its trace gives the event.
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
    parameter_in_scope,
    variable_in_scope,
)
from engine.debug.record.trace import Trace
from engine.debug.travel.cursor import Cursor
from engine.debug.travel.edits import SetCells
from engine.debug.travel.pace import CHUNK, CancelCallback, Pace, ProgressCallback, pace_of
from engine.debug.travel.trainer import Trainer
from engine.errors import BadValue

Array = np.ndarray[Any, Any]
Seen = Callable[[int, float], object] | None


def last_write(
    trainer: Trainer,
    name: str,
    cells: str = "",
    progress: ProgressCallback = None,
    cancel: CancelCallback = None,
) -> Position | None:
    """The latest event before the cursor at which a variable was written; the cursor stays.

    Writes are: binding a name, storing an attribute, putting an item into a container, and writing
    into an array. With `cells`, a write into an array counts only if it changes one of them. The
    event is the first event after the write. Local variables are searched in this call only.
    Attributes are searched in earlier batches, too. Two or more batches back, a write that changes
    nothing is not found.

    Args:
        trainer: at the cursor.
        name: as for `variable_in_scope`.
        cells: a typed index, `300, 7` or `:, 3`; empty for all cells.
        progress: receives the batch being searched, every 20 ms.
        cancel: asked as often; True ends the search.

    Returns:
        the position; event 0 of a batch for a user's edit before it. None if the variable was not
        written since the start of the run, or the search was cancelled.

    Raises:
        NotInSight: there is no variable of this name at the cursor.
        BadValue: the variable has no such cells.
    """
    start = trainer.position
    with trainer.whole_trace() as trace:
        variable = variable_in_scope(trainer, name)
        history = VariableHistory(trace, variable)
        if cells.strip():
            history.cells(start.event, cells)
        moment = history.last_write(start.event, cells)
    if moment is not None:
        return _position(start.batch, moment, trace)
    if start.event > 0 and _was_edited(trainer, variable, cells):
        return Position(start.batch, 0)
    if not variable.lives_on or start.batch == 0:
        return None
    with returning(trainer):
        return _written_before(trainer, start.batch, variable, cells, pace_of(progress, cancel))


def _written_before(
    trainer: Trainer, batch: int, variable: TracedVariable, cells: str, pace: Pace
) -> Position | None:
    """The last write in the batches before `batch`; the cursor moves."""
    # Usually it is the previous batch. Recording it finds writes that change nothing, too.
    trainer.goto(batch - 1)
    if found := _written_here(trainer, variable, cells):
        return found
    for _ in _changed_back(
        trainer, batch - 1, lambda: _fingerprint(variable.now(), cells),
        lambda _, before, after: bool(before != after), pace,
    ):  # fmt: skip
        if found := _written_here(trainer, variable, cells):
            return found
    return None


def last_change(
    trainer: Trainer, name: str, cells: str = "", more_than: float = 0.0,
    progress: ProgressCallback = None, cancel: CancelCallback = None, seen: Seen = None,
) -> Position | None:  # fmt: skip
    """Go back to the latest batch that changed a cell of a parameter by more than `more_than`.

    A change is the difference between the start and the end of a batch, whatever the writes between
    them. Of the cursor's batch only the events before the cursor count.

    Args:
        trainer: its cursor moves to the event of that batch that wrote the cells last.
        name: of the parameter (`Affine1.W`), or of an attribute at the cursor (`self.W`).
        cells: a typed index, `300, 7` or `:, 3`; empty for all cells.
        more_than: the absolute difference that at least one cell must exceed.
        progress: receives the batch being searched, every 20 ms.
        cancel: asked as often; True ends the search.
        seen: receives each batch with a smaller change, and the size of that change.

    Returns:
        the new position of the cursor. None if there is no such change, or the search was
        cancelled; then the cursor stays.

    Raises:
        BadValue: no such parameter, no such cells, or `more_than` is negative or not finite.
    """
    if not (isfinite(more_than) and more_than >= 0):
        raise BadValue("change", more_than, "a finite number from 0")
    start = trainer.position
    parameter = parameter_in_scope(trainer, name)
    threshold = _Threshold(more_than, seen)
    found: Position | None = None
    with trainer.whole_trace() as trace:
        variable = variable_in_scope(trainer, parameter)
        history = VariableHistory(trace, variable)
        history.cells(start.event, cells)
        if start.event > 0 and threshold.is_exceeded(
            start.batch, history.cells(0, cells), history.cells(start.event - 1, cells)
        ):
            moment = history.last_write(start.event, cells, changed=True)
            found = None if moment is None else _position(start.batch, moment, trace)
    if found is None:
        pace = pace_of(progress, cancel)
        with returning(trainer):
            found = _changed_before(trainer, start, variable, parameter, cells, threshold, pace)
    if found is not None:
        trainer.goto(*found)
    return found


def _changed_before(
    trainer: Trainer, start: Position, variable: TracedVariable, parameter: str, cells: str,
    threshold: _Threshold, pace: Pace,
) -> Position | None:  # fmt: skip
    """The last change over the threshold in the batches before `start`; the cursor moves."""
    for _ in _changed_back(
        trainer, start.batch,
        lambda: cells_of(trainer.parameters()[parameter], cells).copy(),
        threshold.is_exceeded, pace,
    ):  # fmt: skip
        if found := _changed_here(trainer, variable, parameter, cells, threshold, start):
            return found
    return None


def _changed_here(
    trainer: Trainer,
    variable: TracedVariable,
    parameter: str,
    cells: str,
    threshold: _Threshold,
    until: Position,
) -> Position | None:
    """The event, before `until`, that changed cells between the cursor's batch and the next.

    A user's edit before the next batch counts as event 0 of the next batch.
    """
    batch = trainer.position.batch
    if any(at == batch + 1 for at, _ in trainer.branches.current.edits):
        with trainer.whole_trace() as trace:
            history = VariableHistory(trace, variable)
            first, last = history.cells(0, cells), history.cells(len(trace), cells)
        trainer.goto(batch + 1)
        now = cells_of(trainer.parameters()[parameter], cells)
        if Position(batch + 1, 0) < until and threshold.is_exceeded(batch + 1, last, now):
            return Position(batch + 1, 0)
        trainer.goto(batch)
        if not threshold.is_exceeded(batch, first, last):
            return None
    # An unrecorded binding, such as a vector of which parameters are views, has no event. Its
    # change is visible at the end of the batch.
    end = Position(batch, len(trainer.trace) - 1)
    return _written_here(trainer, variable, cells, changed=True) or end


def _was_edited(trainer: Trainer, variable: TracedVariable, cells: str) -> bool:
    """Whether an edit before the cursor's batch, on this branch, changed the cells."""
    value = variable.now()
    parameters = trainer.parameters()
    for at, edit in trainer.branches.current.edits:
        if at != trainer.position.batch or not isinstance(edit, SetCells):
            continue
        array = parameters[edit.parameter]
        if array is not value:
            continue
        edited, searched = np.zeros(array.shape, bool), np.zeros(array.shape, bool)
        edited[parse_index(edit.cells)] = searched[parse_index(cells)] = True
        if (edited & searched).any():
            return True
    return False


@contextmanager
def returning(cursor: Cursor) -> Iterator[None]:
    """Return the cursor to its place afterwards, whatever happens."""
    batch, event = cursor.position
    try:
        yield
    finally:
        cursor.goto(batch)  # first: events of a failed batch can only be reached from that batch
        cursor.goto(batch, event)


def _written_here(
    trainer: Trainer, variable: TracedVariable, cells: str, *, changed: bool = False
) -> Position | None:
    """The last write of a variable in the cursor's batch; see `VariableHistory.was_written`."""
    with trainer.whole_trace() as trace:
        found = VariableHistory(trace, variable).last_write(len(trace) + 1, cells, changed=changed)
    return None if found is None else _position(trainer.position.batch, found, trace)


def _position(batch: int, moment: int, trace: Trace) -> Position:
    """The first event after a write, or the last event if the write came after it."""
    return Position(batch, min(moment, len(trace) - 1))


def _changed_back(
    trainer: Trainer,
    end: int,
    look: Callable[[], Any],
    differs: Callable[[int, Any, Any], bool],
    pace: Pace,
) -> Iterator[int]:
    """The batches before `end`, the latest first, that changed the result of `look`.

    The cursor is at each batch while it is yielded. `differs` receives the batch, and the results
    of `look` before and after it. Cancelling ends the iteration.
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
        end, count = first, min(4 * count, CHUNK)  # most changes are near


class _Threshold:
    """Tells which changes are larger than `more_than`, and reports smaller changes to `seen`."""

    def __init__(self, more_than: float, seen: Seen) -> None:
        self._more_than = more_than
        self._seen = seen

    def is_exceeded(self, batch: int, before: Array, after: Array) -> bool:
        """Whether a batch changed any of the cells by more than `more_than`."""
        size = _size_of_change(before, after)
        if size > self._more_than:
            return True
        if self._seen is not None:
            self._seen(batch, float(size))
        return False


def _size_of_change(before: Array, after: Array) -> Any:
    """The largest absolute change of a cell. NaN equals only NaN, else it is infinitely far."""
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


def _fingerprint(value: Any, cells: str, depth: int = 3) -> Any:
    """A value that differs if a variable was bound or written in between."""
    if isinstance(value, np.ndarray):
        try:
            return id(value), cells_of(value, cells).tobytes()
        except BadValue:
            return id(value), b""
    if isinstance(value, (dict, list, tuple)) and depth:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [
            (_fingerprint(key, "", 0), _fingerprint(item, "", depth - 1)) for key, item in items
        ]
    plain = isinstance(value, (int, float, complex, str, bytes, np.generic))
    return repr(value) if plain else id(value)
