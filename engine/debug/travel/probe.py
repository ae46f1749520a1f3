"""A probe: the loss of the cursor's batch, again and again, with cells of the parameters moved.

Numerical differentiation moves a cell and asks for the loss. The batch runs at full speed, as far
as its loss where the place of the loss is known, and everything is put back at once: parameters,
other state, random generators, iterators. So the same cells give the same loss, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from engine.debug.events import Kind, Phase, Span
from engine.debug.facets.facets import Found, Place
from engine.debug.facets.gradient_values import event_at
from engine.debug.instrument.sites import SITES
from engine.debug.instrument.value_watch import watching
from engine.debug.program.evaluation import loss_value
from engine.debug.program.network_program import NetworkProgram
from engine.debug.program.program import Program
from engine.debug.program.step_program import StepProgram
from engine.debug.reach.buffers import root_of
from engine.debug.record.trace import Trace
from engine.debug.travel.run import Run
from engine.errors import NoLoss
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]
_LARGE = 2**20  # bytes; comparing such an array takes longer than many a batch
_SAME = 1e-12  # relative: the returned loss, and the number that it was converted from


class _LossReached(BaseException):
    """Ends a batch once its loss is known; no handler of a program catches it by mistake."""


@dataclass(slots=True, eq=False)
class MadeGradient:
    """A gradient as the batch made it.

    Attributes:
        value: of any type; arrays are copies.
        name: what the source calls it, or "".
        other_terms: whether the update adds other terms, such as weight decay or momentum.
        array: the live object.
        before: what `array` held before the batch; None if the batch made it.
    """

    value: Any
    name: str = ""
    other_terms: bool = False
    array: Any = None
    before: Array | None = None


@dataclass(slots=True, eq=False)
class BatchMade:
    """What one recorded batch made.

    Attributes:
        gradients: by parameter.
        changes: by parameter, what the batch added to it.
        samples: the number of samples; 0 if it is unknown.
        learning_rate: before the batch; None if it is unknown.
        only_read: the arrays that were there before the batch, and that it did not write.
    """

    gradients: dict[str, MadeGradient] = field(default_factory=dict)
    changes: dict[str, Array] = field(default_factory=dict)
    samples: int = 0
    learning_rate: float | None = None
    only_read: list[Array] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LossPlace:
    """The executions of one expression whose values add up to the loss.

    Attributes:
        place: the expression.
        wanted: the numbers of the executions that count, from 0.
    """

    place: Place
    wanted: frozenset[int]


class LossProbe:
    """The loss of a batch as a function of the parameters before it.

    Args:
        run: the live objects are before the batch.
        batch: its number.
        ends_at: where its loss is made; None: the whole step runs.
        made: what the batch made when it was recorded.
        leave: brings the cursor back to where it was.

    Attributes:
        batch: its number.
        parameters: the live arrays before the batch, by name; move their cells, then ask `loss`.
        made: see above.
    """

    def __init__(
        self, run: Run, batch: int, ends_at: LossPlace | None, made: BatchMade,
        leave: Callable[[], None],
    ) -> None:  # fmt: skip
        self._run, self.batch, self._ends_at = run, batch, ends_at
        self.made = made
        self._leave = leave
        self._large = {id(array) for array in made.only_read if array.nbytes > _LARGE}
        self._is_inside = self._runs_whole = False
        self._count, self._values = 0, list[float]()  # of the running batch
        self.parameters: dict[str, Array] = dict(run.program.parameters())
        made.learning_rate = run.program.learning_rate
        with run.engine():
            self._state = run.state(batch)

    @property
    def stops_at_loss(self) -> bool:
        """Whether the batch runs as far as its loss; else the whole step runs."""
        return self._ends_at is not None or _is_ours(self._run.program)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """A context in which `loss` is quicker; no code of the caller but that may run in it."""
        if self._is_inside:
            yield
            return
        with self._run.engine(), self._watching():
            self._is_inside = True
            try:
                yield
            finally:
                self._is_inside = False

    def loss(self) -> float:
        """The loss with the cells as they are now. Then all is as before the batch, cells too.

        Raises:
            NoLoss: the batch did not come to its loss.
        """
        run = self._run
        with self.inside():
            run.live = None
            try:
                return self._run_to_loss()
            finally:
                self._state.restore(self._large)
                run.live = self.batch

    def step_seconds(self) -> float:
        """The seconds that the whole step takes; everything is put back."""
        run = self._run
        with run.engine():
            self._runs_whole = True
            try:
                begin = perf_counter()
                run.run_again(self.batch)
                return perf_counter() - begin
            finally:
                self._runs_whole = False
                self._state.restore(self._large)
                run.live = self.batch

    def put_back(self) -> None:
        """Bring the cursor back to where it was; everything else is there already.

        Large arrays that the recorded batch did not write are compared only here.
        """
        if self._large:
            with self._run.engine():
                self._state.restore()
        self._leave()

    def _run_to_loss(self) -> float:
        run, program = self._run, self._run.program
        if self._ends_at is not None:
            return self._sum(self._ends_at)
        if isinstance(program, NetworkProgram) and _is_ours(program):
            program.prepare()
            return loss_value(program.network.forward(*program.minibatch(self.batch)))
        return run.run_again(self.batch)

    def _sum(self, ends_at: LossPlace) -> float:
        """Run the batch until the last value of its loss was made; return their sum."""
        self._count, self._values = 0, []
        with suppress(_LossReached):
            self._run.step_plainly(self.batch)
        values = self._values
        if len(values) != len(ends_at.wanted):
            raise NoLoss("the batch did not come to it with this cell moved")
        return sum(values[1:], values[0])

    def _watching(self) -> AbstractContextManager[None]:
        """A context in which the values of the loss are noted."""
        if self._ends_at is None:
            return nullcontext()
        place, wanted = self._ends_at.place, self._ends_at.wanted
        last = max(wanted)

        def note(value: Any) -> None:
            if self._runs_whole:
                return
            if self._count in wanted:
                self._values.append(loss_value(value))
            self._count += 1
            if self._count > last:
                raise _LossReached

        return watching(place.file, _span(place), note)


def _is_ours(program: Program) -> bool:
    """Whether the step is the one of `engine.nn`, whose loss is that of `forward`."""
    return isinstance(program, NetworkProgram) and program.step is train_step


def _span(place: Place) -> Span:
    return Span(place.line, place.column, place.end_line, place.end_column)


def loss_place(program: Program, trace: Trace) -> LossPlace | None:
    """Where a recorded batch makes its loss, if it can stop there; None: the whole step runs.

    Raises:
        NoLoss: no loss is known.
    """
    if not isinstance(program, StepProgram):
        return None
    if "loss" in program.declared.at_end:
        return None
    found = None if program.found is None else program.found.loss
    if found is None or found.value is None:
        raise NoLoss("none was found in the first two batches")
    if found.found is Found.AMBIGUOUS:
        raise NoLoss("the number that the step returns is computed after the update")
    events = _executions(trace, found.value)
    forward = [n for n, event in enumerate(events) if trace.phase(event) is Phase.FORWARD]
    values = [_number(trace.raw(events[n])) for n in forward]
    place = LossPlace(found.value, frozenset(forward))
    numbers = [value for value in values if value is not None]
    is_whole = bool(numbers) and len(numbers) == len(values)
    if not np.isnan(trace.loss):
        return place if is_whole and _is_same(sum(numbers), trace.loss) else None
    if not is_whole:
        raise NoLoss("what was found in its place is not one number")
    return place


def _executions(trace: Trace, place: Place) -> list[int]:
    """The events of an expression, in order."""
    if place.kind is not Kind.EXPRESSION:
        return []
    wanted = place.file, _span(place), place.kind
    return [
        event
        for event, (number, _, _) in enumerate(trace._raw)
        if (SITES[number].file, SITES[number].span, SITES[number].kind) == wanted
    ]


def _number(value: Any) -> float | None:
    try:
        return loss_value(value)
    except TypeError:
        return None


def _is_same(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= _SAME * max(abs(a), abs(b))


def what_it_made(program: Program, trace: Trace) -> BatchMade:
    """What a recorded batch made, whole; the live objects are at its end."""
    gradients = dict(_gradients(program, trace))
    samples = _samples(program, trace)
    return BatchMade(gradients, _changes(program, trace), samples)


def note_what_was_before(made: BatchMade, run: Run, batch: int, trace: Trace) -> None:
    """Note what the arrays of the gradients held before a recorded batch, and what it only read.

    The live objects are before the batch.
    """
    there = {id(array): array for array in run.state(batch, copies=False).live_arrays()}
    made.only_read = [array for key, array in there.items() if key not in trace.history.arrays]
    for one in made.gradients.values():
        if isinstance(one.array, np.ndarray) and id(root_of(one.array)) in there:
            one.before = np.array(one.array)


def _gradients(program: Program, trace: Trace) -> Iterator[tuple[str, MadeGradient]]:
    if not isinstance(program, StepProgram):
        for name, gradient in (program.gradients() or {}).items():
            yield name, MadeGradient(_copied(gradient), f"d{name.rpartition('.')[2]}")
        return
    declared = program.declared.gradients if trace.error is None else {}
    facets = (program.found.gradients.value if program.found is not None else None) or {}
    for name, (moment, array) in program.traced_gradients(trace).items():
        if name in declared:
            continue
        facet, value = facets[name], _copied(trace.as_of(array, moment))
        yield name, MadeGradient(value, facet.name, facet.other_terms, array)
    for name, expression in declared.items():
        value = program.declared.value_in(expression, trace)
        yield name, MadeGradient(_copied(value), expression.text, False, value)


def _copied(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value


def _changes(program: Program, trace: Trace) -> dict[str, Array]:
    """What a recorded batch added to each parameter."""
    places = trace.parameter_places
    found: dict[str, Array] = {}
    for name in program.parameters():
        before, after = places.value(name, 0), places.value(name, len(trace))
        if before is not None and after is not None and before.shape == after.shape:
            found[name] = np.subtract(after, before)
    return found


def _samples(program: Program, trace: Trace) -> int:
    """The number of labels of a recorded batch; 0 if they are unknown."""
    place = None
    if isinstance(program, StepProgram) and program.found is not None:
        place = program.found.labels.value
    event = None if place is None else event_at(trace, place)
    labels = None if event is None else trace.raw(event)
    return len(labels) if isinstance(labels, (np.ndarray, list)) and np.ndim(labels) else 0
