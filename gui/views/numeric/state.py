"""Collects the progress and the numbers of a comparison of gradients (a trial), as they arrive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from engine.debug.snapshots.snapshot import LayerState
from engine.nn.network import Network
from engine.numeric import Contestant, Method, Misfit
from engine.numeric.checks.summary import GradientCheck
from engine.numeric.studies.sweep import RUNS, STEPS, WEIGHTS, SweepPoint
from engine.numeric.studies.trial import Backpropagated, Judging, Trial, TrialStep, TrialValues
from gui.views.numeric.controls import Wanted
from gui.widgets.parameters import parameters_of

Array = np.ndarray[Any, Any]
FORWARD_SHARE = 0.45  # forward's rough share of a run with backward, only for the remaining time
COMPLEX_FACTOR = 3.0  # rough factor by which a run with complex numbers takes longer
JUDGED = 1.5  # rough duration of the verdict in multiples of the incremental method's


class ShownParameters:
    """The parameters of a network as a snapshot shows them."""

    def __init__(self, layers: Sequence[LayerState]) -> None:
        self._layers = layers

    def parameters(self) -> dict[str, Array]:
        """The parameters by name."""
        return parameters_of(self._layers)


class WorkTimer:
    """Counts the seconds of work, without pauses."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since: float | None = perf_counter()

    @property
    def seconds(self) -> float:
        """The seconds so far."""
        return self._before + (0.0 if self._since is None else perf_counter() - self._since)

    def pause(self, paused: bool) -> None:
        """Stop or continue the count."""
        self._before = self.seconds
        self._since = None if paused else perf_counter()


@dataclass(frozen=True, slots=True, eq=False)
class NumericSubject:
    """The subject of a trial: a copy of the network before a batch, and that batch.

    Attributes:
        name: the network's sizes as text.
        batch: the number of the batch.
        x: (N, D) images; t: (N,) labels.
    """

    name: str
    batch: int
    network: Network
    x: Array
    t: Array

    @property
    def samples(self) -> int:
        """The number of images."""
        return len(self.t)


@dataclass(frozen=True, slots=True, eq=False)
class ProgramSubject:
    """The subject of a trial on the live session of any program.

    Attributes:
        name: of the program; batch: the number of the batch.
        samples: their number; 0 if it is unknown.
    """

    name: str
    batch: int
    samples: int = 0


@dataclass(eq=False)
class TrialState:
    """The state of a trial so far.

    Attributes:
        subject, wanted, methods: the network, the choices, and the methods in order.
        rows: each method's evaluations and time.
        numeric: the gradient by method and parameter, NaN where unknown.
        backprop: the gradients by parameter that fit the parameter's shape.
        shapes: the parameters' shapes; misfits: the gradients that do not fit, with reasons.
        steps: each method's progress.
        running: the running method, or None.
        judging: whether the verdict is being computed.
        check: the verdict, or None before it exists.
        sweep: the last point of the sweep of h, or None before it began.
        watch: the timer of its work.
    """

    subject: NumericSubject | ProgramSubject
    wanted: Wanted
    methods: tuple[Method, ...]
    rows: dict[Method, Contestant] = field(default_factory=dict)
    numeric: dict[Method, dict[str, Array]] = field(default_factory=dict)
    backprop: dict[str, Array] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    misfits: tuple[Misfit, ...] = ()
    steps: dict[Method, TrialStep] = field(default_factory=dict)
    running: Method | None = None
    judging: bool = False
    check: GradientCheck | None = None
    sweep: SweepPoint | None = None
    watch: WorkTimer = field(default_factory=WorkTimer)
    _swept_from: float = 0.0  # the timer's seconds when the sweep began

    @property
    def step(self) -> float:
        """The h of the verdict's gradient."""
        return self.check.numerical.h if self.check is not None else self.wanted.h or 1e-4

    def task(self) -> Trial:
        """The work of the trial, for the separate process."""
        subject, wanted = self.subject, self.wanted
        assert isinstance(subject, NumericSubject)
        return Trial(
            subject.network, subject.x, subject.t, self.methods, wanted.parameters,
            wanted.sample, wanted.h, wanted.dtype, wanted.seconds,
        )  # fmt: skip

    def take(self, message: Any) -> bool:
        """Store a message; returns False if it is no message of a trial."""
        if isinstance(message, Backpropagated):
            self.backprop, self.shapes = message.gradients, message.shapes
            self.misfits = message.misfits
        elif isinstance(message, TrialStep):
            method = message.row.method
            self.rows[method] = message.row
            self.steps[method] = message
            self.running = None if method is Method.BACKPROP else method
        elif isinstance(message, TrialValues):
            arrays = self.numeric.setdefault(message.method, {})
            if message.name not in arrays:
                arrays[message.name] = np.full(self.shapes[message.name], np.nan)
            arrays[message.name].reshape(-1)[message.indices] = message.values
        elif isinstance(message, Judging):
            self.judging, self.running = True, None
        elif isinstance(message, GradientCheck):
            self.check, self.judging, self.running = message, False, None
            self._swept_from = self.watch.seconds
        else:
            if isinstance(message, SweepPoint):  # another class draws it
                self.sweep = message
            return False
        return True

    @property
    def sampled(self) -> bool:
        """Whether only a sample of the elements is checked."""
        return self.wanted.sample is not None or self.wanted.parameters is not None

    def most_complete(self) -> Method:
        """The method with the most known elements."""
        done = {method: step.done for method, step in self.steps.items() if method in self.numeric}
        return max(done, key=lambda method: done[method], default=Method.INCREMENTAL)

    def progress(self) -> tuple[float | None, float | None]:
        """The share of the time that is over, and the remaining seconds.

        Both are None before any duration is known.
        """
        unit = self.rows.get(Method.BACKPROP)
        if unit is None:
            return None, None
        run = unit.seconds_total * FORWARD_SHARE
        left = sum(self._seconds_left(method, run) for method in self.methods)
        left += self._seconds_to_judge(run) + self._seconds_to_sweep(run)
        spent = self.watch.seconds
        return spent / (spent + left or 1.0), left

    def _seconds_left(self, method: Method, run: float) -> float:
        step = self.steps.get(method)
        if step is not None and step.left is not None:
            return step.left
        return self._expected(method, run)

    def _expected(self, method: Method, run: float) -> float:
        """The estimated seconds of a method that has not begun."""
        elements = sum(math.prod(shape) for shape in self.shapes.values())
        if self.wanted.sample is not None:
            elements = min(elements, self.wanted.sample)
        factor = COMPLEX_FACTOR if method is Method.COMPLEX else 1.0
        seconds = elements * method.evaluations * run * factor
        if method is Method.INCREMENTAL:
            seconds /= 50
        return seconds if self.wanted.seconds is None else min(seconds, self.wanted.seconds)

    def _seconds_to_judge(self, run: float) -> float:
        if self.check is not None:
            return 0.0
        row = self.rows.get(Method.INCREMENTAL)
        known = row is not None and row.seconds_measured > 0
        took = row.seconds_measured if row is not None and known else None
        return JUDGED * (self._expected(Method.INCREMENTAL, run) if took is None else took)

    def _seconds_to_sweep(self, run: float) -> float:
        limit = math.inf if self.wanted.seconds is None else self.wanted.seconds
        if self.sweep is None or self.check is None:
            return min(limit, WEIGHTS * len(STEPS) * RUNS * run)
        spent = self.watch.seconds - self._swept_from
        pace = spent * (self.sweep.total - self.sweep.done) / self.sweep.done
        return min(pace, max(limit - spent, 0.0))
