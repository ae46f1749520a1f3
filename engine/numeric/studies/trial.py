"""A trial: every method differentiates the same loss, and yields its results as it goes.

A trial is a contest that also yields the gradients. With a time limit, a method takes the elements
of every parameter in random order, and stops when its time is over. The time for all elements is
then extrapolated, and marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np

from engine.errors import NumericError
from engine.nn.network import Network
from engine.numeric.checks.check import check_gradients
from engine.numeric.checks.findings import Misfit
from engine.numeric.checks.fits import backpropagated, unfit
from engine.numeric.checks.summary import GradientCheck
from engine.numeric.gradient import checked_step_size, gradient_pieces
from engine.numeric.pieces import Method, Piece
from engine.numeric.serve import Task
from engine.numeric.studies.contest import Contestant, nothing_to_move, time_backprop
from engine.numeric.studies.counts import expected_evaluations
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
LEAST = 20  # elements of each parameter in a sample


@dataclass(frozen=True, slots=True)
class TrialStep:
    """The progress of a method.

    Attributes:
        row: its time so far; extrapolated until it is done.
        h: its step.
        done, total: elements of the gradient; equal at the end, even if its time was over.
        left: estimated seconds to its end; None while unknown.
    """

    row: Contestant
    h: float
    done: int
    total: int
    left: float | None


@dataclass(frozen=True, slots=True, eq=False)
class TrialValues:
    """Elements of a gradient, as in `Piece`, and the method that computed them."""

    method: Method
    name: str
    indices: Array
    values: Array


@dataclass(frozen=True, slots=True, eq=False)
class Backpropagated:
    """The gradients of one forward and backward pass.

    Attributes:
        gradients: by parameter, in its shape; only gradients that fit.
        loss: of the minibatch.
        shapes: of all parameters, even without a gradient that fits.
        misfits: the gradients that do not fit.
    """

    gradients: dict[str, Array]
    loss: float
    shapes: dict[str, tuple[int, ...]]
    misfits: tuple[Misfit, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A trial as a task; calling it yields `Backpropagated`, `TrialStep` and `TrialValues`.

    Attributes:
        network, x, t: the network, and the images and labels of a minibatch; unchanged.
        methods: besides backpropagation, in the order in which they run.
        parameters: names of the compared parameters; None: all.
        sample: the number of random elements; None: all.
        h: the step; None for each method's default.
        dtype: "float32" or "float64".
        seconds: the time limit of each method. None: no limit.
        seed: of the samples and the order.
        reached: by method and parameter, the elements differentiated so far.
    """

    network: Network
    x: Array
    t: Array
    methods: tuple[Method, ...]
    parameters: tuple[str, ...] | None = None
    sample: int | None = None
    h: float | None = None
    dtype: str = "float64"
    seconds: float | None = None
    seed: int = 0
    reached: dict[Method, dict[str, list[Array]]] = field(default_factory=dict, init=False)

    def __call__(self) -> Iterator[Backpropagated | TrialStep | TrialValues]:
        """Run the trial.

        Raises:
            NumericError: as for `gradient_pieces`. A refused method gives a row with the reason.
        """
        self.reached.clear()
        copy = WorkingCopy(self.network, self.x, self.t, self.dtype)
        loss = float(copy.loss())
        copy.backward()
        shapes = {name: array.shape for name, array in copy.parameters.items()}
        yield Backpropagated(backpropagated(copy), loss, shapes, tuple(unfit(copy)))
        unit = time_backprop(self.network, self.x, self.t, dtype=self.dtype)
        total = sum(array.size for array in copy.parameters.values())
        yield TrialStep(unit, 0.0, total, total, 0.0)
        for method in self.methods:
            if method is not Method.BACKPROP:
                yield from self._run(method, copy, unit.seconds_total)

    def _run(
        self, method: Method, copy: WorkingCopy, unit: float
    ) -> Iterator[TrialStep | TrialValues]:
        needed = expected_evaluations(self.network, method).total
        h = checked_step_size(self.h if method is not Method.COMPLEX else None, method, copy)
        wanted = self.wanted(copy)
        total = sum(len(indices) for indices in wanted.values())
        if not total:
            why = str(nothing_to_move(self.network))
            yield TrialStep(Contestant(method, 0, 0, 0.0, False, 0.0, 0.0, why), h, 0, 0, 0.0)
            return
        done, seconds, step = 0, 0.0, None
        reached = self.reached.setdefault(method, {})
        try:
            for piece, spent in self.pieces(method, h, wanted):
                done += len(piece.indices)
                seconds = spent
                # Each parameter's pieces evaluate L(w) again; it counts once.
                once = int(method is Method.FORWARD and done > 0)
                evaluations = done * method.evaluations + once
                if len(piece.indices):
                    reached.setdefault(piece.name, []).append(piece.indices)
                    yield TrialValues(method, piece.name, piece.indices, piece.values)
                row = row_of(method, needed, evaluations, seconds, unit)
                step = TrialStep(row, h, done, total, self._left(seconds, done, total))
                yield step
        except NumericError as error:
            refused = Contestant(method, needed, 0, 0.0, False, 0.0, 0.0, str(error))
            yield TrialStep(refused, h, 0, total, 0.0)
            return
        if step is not None and done < total:  # its time was over
            yield replace(step, total=done, left=0.0)

    def _left(self, seconds: float, done: int, total: int) -> float | None:
        """Estimated seconds to the end of a method."""
        over = None if self.seconds is None else max(self.seconds - seconds, 0.0)
        if not done:
            return over
        pace = (total - done) * seconds / done
        return pace if over is None else min(pace, over)

    def pieces(
        self, method: Method, h: float, wanted: dict[str, Array]
    ) -> Iterator[tuple[Piece, float]]:
        """The pieces of a gradient, each with the seconds worked so far.

        With a time limit each parameter gets its share of the time, and at least one piece. The
        time includes the preparation, such as copying the network. Waiting between two pieces does
        not count.
        """
        if self.seconds is None:
            groups = [wanted]
        else:
            rng = np.random.default_rng(self.seed)
            groups = [{name: rng.permutation(indices)} for name, indices in wanted.items()]
        worked, left = 0.0, sum(len(indices) for indices in wanted.values())
        for group in groups:
            size = sum(len(indices) for indices in group.values())
            until = np.inf
            if self.seconds is not None:
                until = worked + (self.seconds - worked) * size / max(left, 1)
            left -= size
            since, seen = perf_counter(), 0
            for piece in gradient_pieces(
                self.network, self.x, self.t, method, h, only=group, dtype=self.dtype
            ):
                worked += perf_counter() - since
                seen += len(piece.indices)
                yield piece, worked
                since = perf_counter()
                if seen and worked >= until:
                    break

    def wanted(self, copy: WorkingCopy) -> dict[str, Array]:
        """The flat indices of the elements to be differentiated, by parameter."""
        return sampled_elements(copy.parameters, self.parameters, self.sample, self.seed)


def sampled_elements(
    parameters: Mapping[str, Array], only: tuple[str, ...] | None, sample: int | None, seed: int
) -> dict[str, Array]:
    """The flat indices of `sample` random elements, by parameter; None: of all elements.

    Each parameter has its share, and `LEAST` elements at least. `only` names the parameters.
    """
    names = only or tuple(parameters)
    sizes = {name: parameters[name].size for name in names}
    whole = sum(sizes.values())
    if sample is None or sample >= whole:
        return {name: np.arange(size) for name, size in sizes.items()}
    rng = np.random.default_rng(seed)
    return {
        name: np.sort(rng.choice(size, min(size, max(LEAST, sample * size // whole)), False))
        for name, size in sizes.items()
    }


def row_of(
    method: Method, needed: int, evaluations: int, seconds: float, unit: float
) -> Contestant:
    """The time of a method so far; extrapolated until all evaluations are done."""
    whole = evaluations >= needed
    all_of_it = seconds if whole or not evaluations else seconds * needed / evaluations
    return Contestant(method, needed, evaluations, seconds, not whole, all_of_it, all_of_it / unit)


@dataclass(frozen=True, slots=True)
class Judging:
    """A task that only announces that the check comes next."""

    def __call__(self) -> Iterator[Judging]:
        """Yield the announcement."""
        yield self


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """The gradient check of a trial as a task; calling it yields the `GradientCheck`."""

    trial: Trial

    def __call__(self) -> Iterator[GradientCheck]:
        """Check the elements that the trial's incremental method has reached, or would reach."""
        trial = self.trial
        yield check_gradients(
            trial.network, trial.x, trial.t, Method.INCREMENTAL, trial.h,
            only=self._reached(), dtype=trial.dtype,
        )  # fmt: skip

    def _reached(self) -> dict[str, Array]:
        trial = self.trial
        copy = WorkingCopy(trial.network, trial.x, trial.t, trial.dtype)
        wanted = trial.wanted(copy)
        if trial.seconds is None:
            return wanted
        found = trial.reached.get(Method.INCREMENTAL)
        if found is None:  # it takes no part in the trial: measure how far it gets in its time
            h = checked_step_size(trial.h, Method.INCREMENTAL, copy)
            found = {}
            for piece, _ in trial.pieces(Method.INCREMENTAL, h, wanted):
                found.setdefault(piece.name, []).append(piece.indices)
        return {
            name: np.sort(np.concatenate(found[name])) if name in found else indices[:0]
            for name, indices in wanted.items()
        }


@dataclass(frozen=True, slots=True, eq=False)
class InOrder:
    """Several tasks, one after another, as one task."""

    tasks: tuple[Task, ...]

    def __call__(self) -> Iterator[Any]:
        """Yield the messages of all tasks."""
        for task in self.tasks:
            yield from task()
