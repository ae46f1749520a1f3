"""The contest: the time of each method for the same gradient, on this machine and this minibatch.

If a method would exceed its time limit, a sample of the elements is timed and the total is
extrapolated. Each row says whether its total is extrapolated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from engine.errors import BadValue, Cancelled, ComplexRefused, NoParameters, NothingToMove
from engine.nn.network import Network
from engine.numeric.gradient import gradient_pieces
from engine.numeric.pieces import Method
from engine.numeric.studies.counts import expected_evaluations
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
BACKPROP_SECONDS = 0.2  # the time for which backpropagation is repeated


@dataclass(frozen=True, slots=True)
class Contestant:
    """A row of the contest.

    Attributes:
        method: the method.
        evaluations_needed: evaluations of the loss for the whole gradient.
        evaluations_done: evaluations done in `seconds_measured`. Backpropagation is repeated, and
            its median counts as one evaluation.
        seconds_measured: the time of these evaluations.
        extrapolated: whether `seconds_total` is extrapolated from fewer evaluations than needed.
        seconds_total: for the whole gradient.
        times_backprop: `seconds_total` in units of one forward and backward pass.
        refused: why the method cannot be used on this network, else "". All numbers are then 0.

    """

    method: Method
    evaluations_needed: int
    evaluations_done: int
    seconds_measured: float
    extrapolated: bool
    seconds_total: float
    times_backprop: float
    refused: str = ""

    @property
    def seconds_per_evaluation(self) -> float:
        """Seconds per evaluation; for backpropagation, forward and backward together."""
        return self.seconds_measured / self.evaluations_done if self.evaluations_done else 0.0


def contest(
    network: Network,
    x: Array,
    t: Array,
    methods: Sequence[str] = ("backprop", "incremental", "complex", "forward", "central"),
    *,
    seconds: float | None = 1.0,
    h: float | None = None,
    dtype: str | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Iterator[Contestant]:
    """Yield a row per method; backpropagation always comes first.

    Args:
        network: unchanged.
        x: (N, D) images, unchanged.
        t: labels, unchanged.
        methods: names of `Method`.
        seconds: the time limit of each method; None for no limit, so that nothing is extrapolated.
        h: the step; None for each method's default.
        dtype: "float32" or "float64"; None for the network's own.
        cancel: asked about every 0.03 s.

    Raises:
        Cancelled: `cancel` returned True.
        NumericError: as for `gradient_pieces`.

    """
    unknown = [name for name in methods if name not in set(Method)]
    if unknown:
        raise BadValue("method", unknown[0], f"one of {', '.join(Method)}")
    unit = time_backprop(network, x, t, dtype=dtype, cancel=cancel)
    yield unit
    for method in methods:
        if method != Method.BACKPROP:
            yield time_method(
                network,
                x,
                t,
                method,
                unit.seconds_total,
                seconds=seconds,
                h=h,
                dtype=dtype,
                cancel=cancel,
            )


def time_backprop(
    network: Network,
    x: Array,
    t: Array,
    *,
    seconds: float = BACKPROP_SECONDS,
    dtype: str | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Contestant:
    """The median time of forward and backward passes, repeated for `seconds`, at least 3 times."""
    copy = WorkingCopy(network, x, t, dtype)
    times: list[float] = []
    begin = perf_counter()
    while len(times) < 3 or perf_counter() - begin < seconds:
        _ask(cancel, len(times), len(times) + 1)
        before = perf_counter()
        copy.loss()
        copy.backward()
        times.append(perf_counter() - before)
    seconds_of_pass = median(times)
    return Contestant(Method.BACKPROP, 1, 1, seconds_of_pass, False, seconds_of_pass, 1.0)


def time_method(
    network: Network,
    x: Array,
    t: Array,
    method: str,
    backprop_seconds: float,
    *,
    seconds: float | None = 1.0,
    h: float | None = None,
    dtype: str | None = None,
    cancel: Callable[[], bool] | None = None,
    seed: int = 0,
) -> Contestant:
    """Time a method on the whole gradient, or on the elements done in `seconds`.

    Methods that move single elements take them in random order; each element costs the same. The
    incremental method takes the parameters in order, and their costs differ, so that its
    extrapolated total is rough.
    """
    way = Method(method)
    needed = expected_evaluations(network, way).total
    only = None
    if way is not Method.INCREMENTAL:
        rng = np.random.default_rng(seed)
        only = {name: rng.permutation(a.size) for name, a in network.parameters().items()}
    spent, done = 0.0, 0
    try:
        for piece in gradient_pieces(network, x, t, way, h, only=only, dtype=dtype):
            spent = piece.progress.seconds
            done += piece.evaluations
            _ask(cancel, done, needed)
            if done and seconds is not None and spent >= seconds:
                break
    except ComplexRefused as error:
        return Contestant(way, 0, 0, 0.0, False, 0.0, 0.0, str(error))
    if not done:
        return Contestant(way, 0, 0, 0.0, False, 0.0, 0.0, str(nothing_to_move(network)))
    total = spent * needed / done
    return Contestant(way, needed, done, spent, done < needed, total, total / backprop_seconds)


def nothing_to_move(network: Network) -> NothingToMove:
    """The error of a network without any element to move."""
    return NothingToMove(str(NoParameters.of(network)))


def _ask(cancel: Callable[[], bool] | None, done: int, total: int) -> None:
    if cancel is not None and cancel():
        raise Cancelled(done, total)
