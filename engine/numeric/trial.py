"""A trial: every method differentiates the same loss, and is seen doing it.

It is the contest with the gradients filled in as they are found. Where a method has a time limit
and would take longer, it is given a sample of the elements, drawn at random from every parameter:
the time for all of them is then extrapolated, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from engine.errors import NumericError
from engine.nn.network import Network
from engine.numeric.check import GradientCheck, check_gradients
from engine.numeric.contest import Contestant, nothing_to_move, time_backprop
from engine.numeric.counts import expected_evaluations
from engine.numeric.findings import Misfit
from engine.numeric.fits import backpropagated, unfit
from engine.numeric.gradient import checked_step, gradient_pieces
from engine.numeric.pieces import Method, Piece
from engine.numeric.serve import Task
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
NEARLY = 0.7  # of the elements: where as many fit into the limit, all are taken
LEAST = 20  # elements of each parameter in a sample


@dataclass(frozen=True, slots=True)
class Step:
    """How far a method has come.

    Attributes:
        row: what is known of its time by now; extrapolated until it is done.
        h: the step that it takes.
        done, total: elements of the gradient that it has, and is to have.
        left: seconds that it will still take, or None before there is a pace.
    """

    row: Contestant
    h: float
    done: int
    total: int
    left: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Elements of a gradient, as `Piece` has them, and the method whose they are."""

    method: Method
    name: str
    indices: Array
    values: Array


@dataclass(frozen=True, slots=True, eq=False)
class Backpropagated:
    """The gradients that one pass forward and one back have given.

    Attributes:
        gradients: by parameter and in its shape, those that can be brought there.
        loss: of the minibatch.
        shapes: of all parameters, those without such a gradient as well.
        misfits: what is to be said of the gradients that cannot.
    """

    gradients: dict[str, Array]
    loss: float
    shapes: dict[str, tuple[int, ...]]
    misfits: tuple[Misfit, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What to compare; calling it does so, and yields `Backpropagated`, `Step`s and `Found`s.

    Attributes:
        network, x, t: whose loss is differentiated, on which minibatch; left as they are.
        methods: besides backpropagation, in the order in which they run.
        parameters: names of the parameters that are compared; None: all.
        sample: how many elements of them, drawn at random; None: all.
        h: the step; None for each method's own.
        dtype: "float32" or "float64".
        seconds: how long a method may take, about; None: as long as it needs.
        seed: of the samples.
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

    def __call__(self) -> Iterator[Backpropagated | Step | Found]:
        """Run it.

        Raises:
            NumericError: as for `gradient_pieces`; a method that is refused is a row that says so.
        """
        unit = time_backprop(self.network, self.x, self.t, dtype=self.dtype)
        copy = WorkingCopy(self.network, self.x, self.t, self.dtype)
        loss = float(copy.loss())
        copy.backward()
        shapes = {name: array.shape for name, array in copy.parameters.items()}
        yield Backpropagated(backpropagated(copy), loss, shapes, tuple(unfit(copy)))
        total = sum(array.size for array in copy.parameters.values())
        yield Step(unit, 0.0, total, total, 0.0)
        for method in self.methods:
            if method is not Method.BACKPROP:
                yield from self._run(method, copy, unit.seconds_total)

    def _run(self, method: Method, copy: WorkingCopy, unit: float) -> Iterator[Step | Found]:
        needed = expected_evaluations(self.network, method).total
        h = checked_step(self.h if method is not Method.COMPLEX else None, method, copy)
        wanted = self.wanted(copy, method)
        total = sum(len(indices) for indices in wanted.values())
        if not total:
            why = str(nothing_to_move(self.network))
            yield Step(Contestant(method, 0, 0, 0.0, False, 0.0, 0.0, why), h, 0, 0, 0.0)
            return
        evaluations = 0
        try:
            pieces = gradient_pieces(
                self.network, self.x, self.t, method, h, only=wanted, dtype=self.dtype
            )
            for piece in pieces:
                evaluations += piece.evaluations
                if len(piece.indices):
                    yield Found(method, piece.name, piece.indices, piece.values)
                yield self._step(method, piece, needed, evaluations, unit, h, total)
        except NumericError as error:
            refused = Contestant(method, needed, 0, 0.0, False, 0.0, 0.0, str(error))
            yield Step(refused, h, 0, total, 0.0)

    def _step(
        self, method: Method, piece: Piece, needed: int, evaluations: int, unit: float, h: float,
        total: int,
    ) -> Step:  # fmt: skip
        seconds, whole = piece.progress.seconds, evaluations >= needed
        all_of_it = seconds if whole or not evaluations else seconds * needed / evaluations
        times = all_of_it / unit
        row = Contestant(method, needed, evaluations, seconds, not whole, all_of_it, times)
        return Step(row, h, piece.progress.done, total, piece.progress.left)

    def wanted(self, copy: WorkingCopy, method: Method) -> dict[str, Array]:
        """The flat indices of the elements to be differentiated, by parameter."""
        names = self.parameters or tuple(copy.parameters)
        sizes = {name: copy.parameters[name].size for name in names}
        rng = np.random.default_rng(self.seed)
        wanted = {name: np.arange(size) for name, size in sizes.items()}
        limit = self.sample
        if self.seconds is not None and method is not Method.INCREMENTAL:
            fit = int(self.seconds / (max(method.evaluations, 1) * _one_run(copy, method)))
            limit = fit if limit is None else min(limit, fit)
        whole = sum(sizes.values())
        if limit is None or limit >= NEARLY * whole:
            return wanted
        return {
            name: np.sort(rng.choice(size, min(size, max(LEAST, limit * size // whole)), False))
            for name, size in sizes.items()
        }


def _one_run(copy: WorkingCopy, method: Method) -> float:
    """Seconds of a forward pass, the quickest of three; of a complex one about four times that."""
    times = []
    for _ in range(3):
        begin = perf_counter()
        copy.loss()
        times.append(perf_counter() - begin)
    return min(times) * (4 if method is Method.COMPLEX else 1)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """The verdict on the backpropagation that a trial compares; calling it yields it."""

    trial: Trial

    def __call__(self) -> Iterator[GradientCheck]:
        """Judge the elements that the trial's incremental method looks at."""
        trial = self.trial
        copy = WorkingCopy(trial.network, trial.x, trial.t, trial.dtype)
        yield check_gradients(
            trial.network, trial.x, trial.t, Method.INCREMENTAL, trial.h,
            only=trial.wanted(copy, Method.INCREMENTAL), dtype=trial.dtype,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class InOrder:
    """One task after another."""

    tasks: tuple[Task, ...]

    def __call__(self) -> Iterator[Any]:
        """What they yield."""
        for task in self.tasks:
            yield from task()
