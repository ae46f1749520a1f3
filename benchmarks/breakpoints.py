"""What running under breakpoints costs: in units of the same run without any, by turns."""

from __future__ import annotations

import bdb
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.time_travel import Row

BATCHES = 300  # of a stretch
ROUNDS = 9
LINE = "network.backward()"
CONDITION = "loss > 1e9"


def measure() -> list[Row]:
    """Runs with a line breakpoint whose condition is false, with NaN detection, and under bdb."""
    from engine.debug.breakpoints import AtLine, NotFinite
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
        times["plain"].append(_seconds(lambda: plain.continue_(BATCHES)))
        times["line"].append(_seconds(lambda: by_line.continue_(BATCHES)))
        times["nan"].append(_seconds(lambda: by_nan.continue_(BATCHES)))
        times["bdb"].append(_seconds(lambda: debugger.runcall(traced.continue_, BATCHES)))

    def ratio(name: str) -> float:
        pairs = zip(times[name], times["plain"], strict=True)
        return median(one / other for one, other in pairs)

    return [
        Row("a line breakpoint, its condition false / none", ratio("line"), "×", "below 1.1"),
        Row("NaN detection on all tensors / none", ratio("nan"), "×", "below 1.3"),
        Row("the same line and condition under bdb / none", ratio("bdb"), "×", ""),
    ]


class _Debugger(bdb.Bdb):
    """The standard library's debugger with one conditional breakpoint, which never holds."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.set_break(file, line, cond=CONDITION)

    def user_line(self, frame: Any) -> None:
        """Go on, wherever it stops."""
        self.set_continue()


def _session() -> Any:
    from engine import SGD, Session, load_mnist, two_layer_net

    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5))
    session.run(100)
    return session


def _seconds(work: Any) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin
