"""Running under breakpoints, in units of the same run without any."""

from __future__ import annotations

import bdb
from statistics import median
from typing import Any

from benchmarks.time_travel import Row, busy_seconds

BATCHES = 150  # of a stretch
ROUNDS = 25
LINE = "network.backward()"
CONDITION = "loss > 1e9"


def measure() -> list[Row]:
    """Runs with a line breakpoint whose condition is false, with NaN detection, and under bdb."""
    from engine import AtLine, NotFinite
    from engine.nn import training

    file = training.__file__
    with open(file, encoding="utf-8") as source:
        line = next(n for n, text in enumerate(source, start=1) if LINE in text)
    plain, by_line, by_nan = _session(), _session(), _session()
    by_line.breakpoints.add(AtLine(file, line), CONDITION)
    by_nan.breakpoints.add(NotFinite())
    times: dict[str, list[float]] = {"plain": [], "line": [], "nan": [], "bdb": []}
    traced = _session()
    debugger = _Debugger(file, line)
    for _ in range(ROUNDS):
        times["plain"].append(busy_seconds(lambda: plain.continue_(BATCHES)))
        times["line"].append(busy_seconds(lambda: by_line.continue_(BATCHES)))
        times["nan"].append(busy_seconds(lambda: by_nan.continue_(BATCHES)))
        times["bdb"].append(busy_seconds(lambda: debugger.runcall(traced.continue_, BATCHES)))

    def ratio(name: str) -> float:
        pairs = zip(times[name], times["plain"], strict=True)
        return median(one / other for one, other in pairs)

    return [
        Row("a line breakpoint, its condition false / none", ratio("line"), "×", "1.05 or less"),
        Row("NaN detection on all tensors / none", ratio("nan"), "×", "1.10 or less"),
        Row("that line and condition under bdb / none", ratio("bdb"), "×", ""),
    ]


class _Debugger(bdb.Bdb):
    """The standard library's debugger with one conditional breakpoint, which never holds."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.set_break(file, line, cond=CONDITION)

    def user_line(self, frame: Any) -> None:
        """Continue at every stop."""
        self.set_continue()


def _session() -> Any:
    from engine import SGD, Session, load_mnist, two_layer_net

    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5))
    session.run(100)
    return session
