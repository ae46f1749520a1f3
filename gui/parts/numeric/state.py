"""What a trial has found by now, gathered from its messages."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from engine.nn.network import Network
from engine.numeric import Contestant, Method, Misfit
from engine.numeric.check import GradientCheck
from engine.numeric.trial import Backpropagated, Found, Step
from gui.parts.numeric.controls import Wanted

Array = np.ndarray[Any, Any]
FORWARD_SHARE = 0.45  # of a pass forward and back, about: only for the time that is left
COMPLEX_FACTOR = 3.0  # as much longer takes a run with complex numbers, about


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A copy of the network before a batch, with that batch: what is differentiated.

    Attributes:
        name: the network's sizes.
        batch: its number.
        x: (N, D) images; t: (N,) labels.
    """

    name: str
    batch: int
    network: Network
    x: Array
    t: Array


@dataclass(eq=False)
class TrialState:
    """One trial, as far as it has come.

    Attributes:
        subject, wanted, methods: of what, how, and by which methods, in order.
        rows: what each method took.
        numeric: by method and parameter the gradient, NaN where it is not known (yet).
        backprop: by parameter, those that can be brought into its shape.
        shapes: of the parameters; misfits: what is to be said of the gradients that cannot.
        steps: how far each method has come.
        running: the method at work, or None.
        check: the verdict, or None before it is there.
    """

    subject: Subject
    wanted: Wanted
    methods: tuple[Method, ...]
    rows: dict[Method, Contestant] = field(default_factory=dict)
    numeric: dict[Method, dict[str, Array]] = field(default_factory=dict)
    backprop: dict[str, Array] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    misfits: tuple[Misfit, ...] = ()
    steps: dict[Method, Step] = field(default_factory=dict)
    running: Method | None = None
    check: GradientCheck | None = None
    began: float = field(default_factory=perf_counter)

    def take(self, message: Any) -> bool:
        """Note a message; False: it is none of a trial's."""
        if isinstance(message, Backpropagated):
            self.backprop, self.shapes = message.gradients, message.shapes
            self.misfits = message.misfits
        elif isinstance(message, Step):
            method = message.row.method
            self.rows[method] = message.row
            self.steps[method] = message
            self.running = None if method is Method.BACKPROP else method
        elif isinstance(message, Found):
            arrays = self.numeric.setdefault(message.method, {})
            if message.name not in arrays:
                arrays[message.name] = np.full(self.shapes[message.name], np.nan)
            arrays[message.name].reshape(-1)[message.indices] = message.values
        elif isinstance(message, GradientCheck):
            self.check, self.running = message, None
        else:
            return False
        return True

    @property
    def sampled(self) -> bool:
        """Whether only some of the elements are looked at."""
        return self.wanted.sample is not None or self.wanted.parameters is not None

    def fullest(self) -> Method:
        """The method that has found the most elements."""
        done = {method: step.done for method, step in self.steps.items() if method in self.numeric}
        return max(done, key=lambda method: done[method], default=Method.INCREMENTAL)

    def progress(self) -> tuple[float, float | None]:
        """The share that is done, and the seconds that are left; None before they are known."""
        unit = self.rows.get(Method.BACKPROP)
        if unit is None:
            return 0.0, None
        spent = sum(row.seconds_measured for row in self.rows.values())
        left = 0.0
        for method in self.methods:
            step = self.steps.get(method)
            if step is None:
                left += self._expected(method, unit.seconds_total)
            elif step.left is not None:
                left += step.left
        return spent / (spent + left or 1.0), left

    def _expected(self, method: Method, unit: float) -> float:
        """Seconds that a method that has not begun will take, about."""
        elements = sum(math.prod(shape) for shape in self.shapes.values())
        if self.wanted.sample is not None:
            elements = min(elements, self.wanted.sample)
        run = unit * FORWARD_SHARE * (COMPLEX_FACTOR if method is Method.COMPLEX else 1.0)
        seconds = elements * method.evaluations * run
        if method is Method.INCREMENTAL:
            return seconds / 50
        return seconds if self.wanted.seconds is None else min(seconds, self.wanted.seconds)
