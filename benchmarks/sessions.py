"""The time of an edit, a branch switch, a copy for a file, and opening a file, on long runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.time_travel import RUN, Row, seconds
from engine import Session
from engine.data import load_mnist
from engine.debug.session import open_session
from engine.debug.travel.edits import SetLearningRate
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD


def measure() -> list[Row]:
    """All the figures, in one process."""
    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5))
    session.run(RUN)
    session.goto(RUN // 2)
    edit = seconds(lambda: session.edit(SetLearningRate(0.1)))
    session.run(RUN // 2)
    switches = [seconds(lambda id=id: session.switch(id)) for id in (0, 1, 0, 1)]
    anywhere = []
    for batch in np.random.default_rng(0).integers(0, RUN, 25):
        anywhere.append(seconds(lambda batch=batch: session.goto(int(batch))))
    copies = [seconds(lambda: session.pack()) for _ in range(9)]
    held = session.held_bytes / 2**20
    with tempfile.TemporaryDirectory() as folder:
        path = session.save(Path(folder) / "a.retrograd")
        size = path.stat().st_size / 2**20
        opening = median(seconds(lambda: open_session(path)) for _ in range(3))
    return [
        Row(f"an edit in the middle of {RUN:,} batches", edit * 1e3, "ms", "below 100"),
        Row("over to another branch, the slowest", max(switches) * 1e3, "ms", "below 100"),
        Row("to any batch of a branch, the slowest of 25", max(anywhere) * 1e3, "ms", "below 100"),
        Row("held by two branches", held, "MB", "below 128"),
        Row("a copy for a file, which training waits for", median(copies) * 1e3, "ms", "below 16"),
        Row("the file", size, "MB", ""),
        Row("opening it", opening * 1e3, "ms", "below 1000"),
    ]
