"""A trial on a session: its gradients by moving cells, and by its own backward pass, side by side.

The work is done in pieces, since it runs on the live objects, which cannot be copied. Between two
pieces the probe can be closed, so that the cursor can be moved, and opened again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from engine.errors import Cancelled
from engine.numeric.checks.session_check import Made, judged
from engine.numeric.checks.summary import GradientCheck
from engine.numeric.gradient import SLICE, NumericalGradient
from engine.numeric.pieces import Method, Piece
from engine.numeric.probed import HasProbe, ProbedLoss, checked_session_step, pieces
from engine.numeric.studies.contest import Contestant
from engine.numeric.studies.trial import (
    Backpropagated,
    Judging,
    TrialStep,
    TrialValues,
    row_of,
    sampled_elements,
)
from engine.numeric.working_copy import selected

Array = np.ndarray[Any, Any]
STEP_SECONDS = 0.2  # for which the whole step is repeated
Message = Backpropagated | TrialStep | TrialValues | Judging | GradientCheck


@dataclass(frozen=True, slots=True)
class SessionChoices:
    """What to compare.

    Attributes:
        methods: central and forward, or one of them, in the order in which they run.
        parameters: names of the compared parameters; None: all.
        sample: the number of random elements; None: all.
        h: the step; None for the one that fits the noise of the loss.
        seconds: the time limit of each method; None: no limit.
        seed: of the samples and the order.
    """

    methods: tuple[Method, ...] = (Method.CENTRAL,)
    parameters: tuple[str, ...] | None = None
    sample: int | None = None
    h: float | None = None
    seconds: float | None = None
    seed: int = 0


class SessionTrial:
    """A trial on the cursor's batch of a session.

    `open` the session, take messages from `messages` with `next`, and `close` it; between two
    messages it may be closed and opened again, at the same batch.

    Attributes:
        gives_way: asked while the verdict is found; if it returns True, the work begins again
            with the next message.
    """

    def __init__(self, choices: SessionChoices) -> None:
        self.choices = choices
        self.gives_way: Callable[[], bool] = lambda: False
        self._loss: ProbedLoss | None = None

    def open(self, session: HasProbe) -> None:
        """Probe a session; the cursor goes to event 0.

        Raises:
            NumericError: as for `numerical_gradient`. The cursor is where it was.
        """
        probe = session.probe()
        try:
            if self._loss is None:
                self._loss = ProbedLoss(probe, self.choices.seed)
            else:
                self._loss.open(probe)
        except BaseException:
            probe.put_back()
            raise

    def close(self) -> None:
        """Bring the cursor back."""
        self._opened.probe.put_back()

    @property
    def _opened(self) -> ProbedLoss:
        assert self._loss is not None
        return self._loss

    def messages(self) -> Iterator[Message | None]:
        """The messages of the trial, in order; None where nothing is to be told yet."""
        loss = self._opened
        made = Made(loss)
        shapes = {name: array.shape for name, array in loss.parameters.items()}
        misfits = tuple(made.misfits.values())
        yield Backpropagated(made.analytic, loss.here, shapes, misfits)
        unit = 0.0
        for seconds in self._times_of_step():
            unit = seconds
            yield None
        total = sum(array.size for array in loss.parameters.values())
        row = Contestant(Method.BACKPROP, 1, 1, unit, False, unit, 1.0)
        yield TrialStep(row, 0.0, total, total, 0.0)
        found: dict[Method, NumericalGradient] = {}
        for method in self.choices.methods:
            yield from self._method(method, unit, found)
        yield Judging()
        numerical = found.get(Method.CENTRAL) or next(iter(found.values()))
        yield from self._verdict(made, numerical)

    def _times_of_step(self) -> Iterator[float]:
        """The median seconds of the whole step, once more after each run of it."""
        times: list[float] = []
        begin = perf_counter()
        while len(times) < 3 or perf_counter() - begin < STEP_SECONDS:
            times.append(self._opened.probe.step_seconds())
            yield median(times)

    def _method(
        self, method: Method, unit: float, found: dict[Method, NumericalGradient]
    ) -> Iterator[TrialStep | TrialValues]:
        loss, choices = self._opened, self.choices
        h = checked_session_step(choices.h, method, loss)
        wanted = selected(
            loss.parameters,
            sampled_elements(loss.parameters, choices.parameters, choices.sample, choices.seed),
        )
        total = sum(len(indices) for indices in wanted.values())
        size = sum(array.size for array in loss.parameters.values())
        needed = method.evaluations * size + (method is Method.FORWARD)
        gradients = {name: np.full(loss.parameters[name].shape, np.nan) for name in wanted}
        done, evaluations, seconds, step = 0, 0, 0.0, None
        for piece, seconds in self._pieces(method, h, wanted):
            done += len(piece.indices)
            evaluations = done * method.evaluations + (method is Method.FORWARD)
            gradients[piece.name].flat[piece.indices] = piece.values
            yield TrialValues(method, piece.name, piece.indices, piece.values)
            row = row_of(method, needed, evaluations, seconds, unit)
            step = TrialStep(row, h, done, total, self._left(seconds, done, total))
            yield step
        if step is not None and done < total:  # its time was over
            yield replace(step, total=done, left=0.0)
        dtypes = sorted({str(loss.parameters[name].dtype) for name in wanted})
        found[method] = NumericalGradient(
            gradients, method, h, ", ".join(dtypes), evaluations, seconds, (), loss.round_off(h)
        )

    def _left(self, seconds: float, done: int, total: int) -> float:
        """Estimated seconds to the end of a method."""
        pace = (total - done) * seconds / done
        limit = self.choices.seconds
        return pace if limit is None else min(pace, max(limit - seconds, 0.0))

    def _pieces(
        self, method: Method, h: float, wanted: dict[str, Array]
    ) -> Iterator[tuple[Piece, float]]:
        """The pieces with the seconds worked so far; with a limit, each parameter has its share."""
        limit, rng = self.choices.seconds, np.random.default_rng(self.choices.seed)
        worked, left = 0.0, sum(len(indices) for indices in wanted.values())
        for name, indices in wanted.items():
            order = indices if limit is None else rng.permutation(indices)
            share = np.inf if limit is None else (limit - worked) * len(indices) / max(left, 1)
            left -= len(indices)
            before = worked
            for piece in pieces(self._opened, {name: order}, method, h, SLICE):
                worked = before + piece.progress.seconds
                yield piece, worked
                if worked - before >= share:
                    break

    def _verdict(self, made: Made, numerical: NumericalGradient) -> Iterator[GradientCheck | None]:
        only = {
            name: np.flatnonzero(np.isfinite(gradient))
            for name, gradient in numerical.gradients.items()
        }
        while True:
            try:
                check = judged(self._opened, made, numerical, only, self._poll, self.choices.seed)
            except Cancelled:
                yield None
                continue
            yield check
            return

    def _poll(self) -> None:
        if self.gives_way():
            raise Cancelled(0, 0)
