"""Going back in a long run, in units of the plain step, which is timed in between."""

from __future__ import annotations

from statistics import median

import numpy as np

from benchmarks.time_travel import Row, seconds
from engine import Session
from engine.data import load_mnist
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD

BATCHES = 100_000
ANYWHERE, BACK = 60, 60  # how often


def measure(batches: int = BATCHES) -> list[Row]:
    """Jumps to random batches, and steps back batch by batch from far in the run."""
    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5), batch_size=100, seed=0)
    session.run(batches)
    run = session._run

    def plain() -> float:
        """Seconds of a step, the mean of 20."""
        with run.engine():
            run.arrive(batches)
            time = seconds(lambda: [run.step_plainly(batches + n) for n in range(20)]) / 20
            run.live = None
        return time

    rng = np.random.default_rng(0)
    anywhere, back = [], []
    for there in rng.integers(0, batches, ANYWHERE):
        time = seconds(lambda there=there: session.goto(int(there)))
        anywhere.append(time / plain())
    start = int(batches * 0.83)
    session.goto(start)
    units = [plain() for _ in range(5)]
    session.goto(start)
    for batch in range(start - 1, start - 1 - BACK, -1):
        back.append(seconds(lambda batch=batch: session.goto(batch)) / median(units))
    of = f"of {batches:,} batches"
    return [
        Row(f"to any {of}", median(anywhere), "plain steps", "250 or less"),
        Row(f"back a batch, far in a run {of}", median(back), "plain steps", "50 or less"),
        Row("  the mean of 60 in a row", float(np.mean(back)), "plain steps", "50 or less"),
        Row(f"held after a run {of}", session.held_bytes / 2**20, "MB", "below 128"),
    ]
