"""The cost of recording typical hand-written programs, within the byte budget and over it.

Each program runs plain, recorded within the budget, and recorded over it in turn, each way on a
copy of its own. Over the budget means from the first array on: the trace keeps outlines only.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from statistics import median

from threadpoolctl import threadpool_limits

from benchmarks.programs import Convolution, PerSample, Recurrent, step
from benchmarks.time_travel import Row, busy_seconds
from engine.debug.record.recorder import Recorder

Program = PerSample | Recurrent | Convolution
PROGRAMS: dict[str, tuple[Callable[[], Program], int]] = {  # maker and number of rounds
    "an RNN of 30 time steps": (lambda: Recurrent(30), 60),
    "a loop over 10 samples": (lambda: PerSample(10), 150),
    "a loop over 300 samples": (lambda: PerSample(300), 15),
    "a convolution in four loops": (Convolution, 15),
}


def measure() -> list[Row]:
    """Measure all figures in one process."""
    rows = []
    gc.disable()  # as in the window, which collects garbage while it is idle
    with threadpool_limits(limits=1):
        for name, (make, rounds) in PROGRAMS.items():
            within, past, share = compare(make, rounds)
            rows += [
                Row(f"recorded / plain: {name}", within, "×", "2.5 or less"),
                Row("  past the byte budget", past, "×", ""),
                Row("  past it / within it", share, "×", "1.5 or less"),
            ]
    return rows


def compare(make: Callable[[], Program], rounds: int) -> tuple[float, float, float]:
    """Three median ratios: recorded / plain, recorded over budget / plain, over / within."""
    plain, within, past = make(), make(), make()
    whole, faded = (Recorder(step, [program], {}) for program in (within, past))
    found = []
    for _ in range(rounds):
        bare = busy_seconds(lambda: step(plain))
        one = busy_seconds(lambda: whole.record(within, budget=sys.maxsize))
        other = busy_seconds(lambda: faded.record(past, budget=0))
        found.append((one / bare, other / bare, other / one))
    warm = found[rounds // 10 + 1 :]
    ratios = [median(column) for column in zip(*warm, strict=True)]
    return ratios[0], ratios[1], ratios[2]
