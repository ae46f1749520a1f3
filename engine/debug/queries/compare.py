"""Compare two branches: their losses and parameters, and the first event that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.events import Kind, Position
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.trace import Trace
from engine.debug.travel.branches import Branch
from engine.debug.travel.pace import Pace
from engine.debug.travel.trainer import Trainer
from engine.errors import MeasurementFailed, NothingRecorded

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two branches, before the batch at which they are compared.

    Attributes:
        branch, name: id and name of the branch.
        loss: of the previous batch; None before the first batch.
        accuracy, test_loss: on the test set; None without a test set.
        problem: why the test set could not be measured, or None.
    """

    branch: int
    name: str
    loss: float | None
    accuracy: float | None
    test_loss: float | None
    problem: MeasurementFailed | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ParameterDifference:
    """The difference of a parameter between two branches.

    Attributes:
        difference: second − first, of the parameter's shape, read-only.
        rms: of the differences; largest: their largest absolute value.
    """

    name: str
    difference: Array
    rms: float
    largest: float


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """The first event that differs between two branches.

    Attributes:
        kind, layer, function, source, file, line: of that event on the second branch.
        stray: whether even the code differs, and not only the value.
    """

    position: Position
    kind: Kind
    layer: str
    function: str
    source: str
    file: str
    line: int
    stray: bool


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two branches before batch `batch`, as far as both have run.

    Attributes:
        parted: the batch before which their edits begin to differ; None if they do not.
        parameters: the differences of all parameters, in order.
        first: the first event that differs; None if none was found.
        whole: whether the search for it covered every batch that both have run.
    """

    batch: int
    sides: tuple[Side, Side]
    parted: int | None
    parameters: tuple[ParameterDifference, ...]
    first: FirstDifference | None
    whole: bool


def compare(
    trainer: Trainer,
    a: int,
    b: int,
    progress: Callable[[int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Comparison:
    """Compare two branches; the cursor and the positions of all branches stay.

    Every 20 ms `progress` receives the batch being searched, and `cancel` is asked; True ends the
    search for the first difference.

    Raises:
        NoSuchBranch: a branch does not exist.
    """
    branches = trainer.branches
    pair = branches[a], branches[b]
    batch = min(branch.reach for branch in pair)
    with _visiting(trainer):
        sides, arrays = [], []
        for branch in pair:
            _visit(trainer, branch, batch)
            arrays.append({n: np.array(p) for n, p in trainer.parameters().items()})
            sides.append(_side(trainer, branch, batch))
        parted = parting(*pair)
        first, whole = None, True
        if parted is not None:
            pace = Pace(progress, cancel)
            for searched in range(parted, batch + 1):
                try:
                    first = _first_in(trainer, pair, searched)
                except NothingRecorded:  # without events, none can differ
                    whole = False
                    break
                if first is not None:
                    break
                if pace.stops(searched):
                    whole = False
                    break
    parameters = tuple(_differs(n, arrays[0][n], arrays[1][n]) for n in arrays[0])
    return Comparison(batch, (sides[0], sides[1]), parted, parameters, first, whole)


def parting(a: Branch, b: Branch) -> int | None:
    """The batch before which the edits of two branches begin to differ; None if they do not."""
    for batch in sorted({at for at, _ in (*a.edits, *b.edits)}):
        first, second = ([edit for at, edit in branch.edits if at == batch] for branch in (a, b))
        if first != second:
            return batch
    return None


@contextmanager
def _visiting(trainer: Trainer) -> Iterator[None]:
    """Return the cursor to its place afterwards, on every branch."""
    branches = trainer.branches
    home, position = branches.current.id, trainer.position
    positions = {branch.id: branch.position for branch in branches}
    try:
        yield
    finally:
        trainer.switch(home)
        trainer.goto(*position)
        for branch in branches:
            branch.position = positions[branch.id]


def _visit(trainer: Trainer, branch: Branch, batch: int) -> None:
    trainer.branches[branch.id].position = Position(batch, 0)
    trainer.switch(branch.id)
    trainer.goto(batch)


def _side(trainer: Trainer, branch: Branch, batch: int) -> Side:
    losses = trainer.losses
    found = next((m for m in trainer.measurements if m.batch == batch), None)
    measured, problem = found, None
    try:
        measured = found if found is not None else trainer.measure()
    except MeasurementFailed as error:
        problem = error
    return Side(
        branch.id,
        branch.name,
        float(losses[batch - 1]) if batch else None,
        measured.accuracy if measured is not None else None,
        measured.loss if measured is not None else None,
        problem,
    )


def _differs(name: str, first: Array, second: Array) -> ParameterDifference:
    with np.errstate(invalid="ignore", over="ignore"):
        difference = second - first
        rms = float(np.sqrt(np.mean(np.square(difference, dtype=np.float64))))
    difference.flags.writeable = False
    return ParameterDifference(name, difference, rms, float(np.abs(difference).max(initial=0)))


def _first_in(trainer: Trainer, pair: tuple[Branch, Branch], batch: int) -> FirstDifference | None:
    traces = []
    for branch in pair:
        _visit(trainer, branch, batch)
        with trainer.whole_trace() as trace:
            traces.append(trace)
    first, second = traces
    for event in range(min(len(first), len(second))):
        stray = not _same_place(first, second, event)
        if stray or not same(first.value(event), second.value(event)):
            other = second[event]
            return FirstDifference(
                Position(batch, event), other.kind, other.layer, other.frame.function, other.source,
                other.file, other.line, stray,
            )  # fmt: skip
    return None


def _same_place(first: Trace, second: Trace, event: int) -> bool:
    a, b = first.site(event), second.site(event)
    same_code = (a.kind, a.file, a.span) == (b.kind, b.file, b.span)
    return same_code and first.frame(event).layer == second.frame(event).layer


def same(a: Any, b: Any) -> bool:
    """Whether two values of a trace are equal bit for bit; other objects, if of one class."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        alike = (a.shape, a.dtype) == (b.shape, b.dtype)
        return alike and (a.dtype.hasobject or a.tobytes() == b.tobytes())
    if isinstance(a, (float, np.generic)):
        return np.array(a).tobytes() == np.array(b).tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, (int, str, bytes, bool, FadedArray)):
        return bool(a == b)
    return True
