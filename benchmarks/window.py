"""How long the window's thread is busy: per step, and in its longest call.

Every call that Qt makes into the window is timed, from `QApplication.notify` down; nothing else
runs on that thread. What a step costs is the thread's own time, so that other work on the machine
does not count; the slowest calls are as a person would feel them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time
from typing import Any

STEPS = 200
DRAGS = 100
ROUNDS = 9  # epochs trained alternately with and without the window


@dataclass(frozen=True, slots=True)
class WindowTimes:
    """Milliseconds on the window's thread.

    Attributes:
        step, step_p95, step_most: median, 95th percentile and most of all that one step takes:
            every call from the key to the last repaint.
        stepping, dragging, travelling, training: the longest single call while stepping, while the
            mouse is dragged along the events of a batch and along the batches of the run, while
            going to other batches, and while an epoch is trained.
        epoch, headless: seconds of an epoch trained in the window, and without one in the same
            process, by turns; both with the same number of measurements of the test set.
    """

    step: float
    step_p95: float
    step_most: float
    stepping: float
    dragging: float
    travelling: float
    training: float
    epoch: list[float]
    headless: list[float]

    @property
    def ratio(self) -> float:
        """An epoch in the window over one without: the median of the rounds."""
        return median(a / b for a, b in zip(self.epoch, self.headless, strict=True))

    @property
    def least_ratio(self) -> float:
        """The same of the quickest epochs, which other work on the machine has touched least."""
        return min(self.epoch) / min(self.headless)


def measure(width: int = 1366, height: int = 768, scale: float = 1.0) -> WindowTimes:
    """Step, train an epoch, drag and travel in a real window of so many device pixels."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    from PySide6.QtCore import QSettings, qInstallMessageHandler

    from gui.session.collector import Collector
    from gui.window.main_window import MainWindow

    qInstallMessageHandler(lambda *_: None)  # the offscreen plugin's remarks
    user = User(_timed_application())
    with tempfile.TemporaryDirectory() as folder, Collector():
        settings = QSettings(str(Path(folder) / "s.ini"), QSettings.Format.IniFormat)
        window = user.window = MainWindow(_session(), settings=settings)
        window.resize(round(width / scale), round(height / scale))
        window.show()
        window.layouts.choose("debug")  # all panels
        user.wait_for(window.bridge.stopped, window.bridge.refresh)
        steps, stepping = user.step()
        training = user.train()
        dragging, travelling = user.drag(), user.travel()
        rounds = [(user.epoch(), _headless_epoch()) for _ in range(ROUNDS)]
        window.close()
    shares = quantiles(steps, n=20)
    return WindowTimes(
        step=shares[9] * 1e3,
        step_p95=shares[18] * 1e3,
        step_most=max(steps) * 1e3,
        stepping=stepping * 1e3,
        dragging=dragging * 1e3,
        travelling=travelling * 1e3,
        training=training * 1e3,
        epoch=[epoch for epoch, _ in rounds],
        headless=[headless for _, headless in rounds],
    )


def _session() -> Any:
    from engine import SGD, Session, load_mnist, two_layer_net

    return Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5))


def _headless_epoch() -> float:
    """Seconds of an epoch with its measurements, and nothing else."""
    from gui.session.worker_commands import EARLY, MEASURED_PER_EPOCH

    session = _session()
    epoch = session.order.batches_per_epoch
    begin = perf_counter()
    session.run(epoch, accuracy_every=epoch // MEASURED_PER_EPOCH, early=EARLY)
    seconds = perf_counter() - begin
    _check_measured(session.history())
    return seconds


def _check_measured(history: Any) -> None:
    """Refuse to compare runs that have not done the same work."""
    from gui.session.worker_commands import EARLY, MEASURED_PER_EPOCH

    epoch = history.batches_per_epoch
    wanted = {*range(0, epoch + 1, epoch // MEASURED_PER_EPOCH), *EARLY}
    if set(history.test_batches.tolist()) != wanted:
        raise RuntimeError(f"an epoch was measured before batches {history.test_batches}")


def _timed_application() -> Any:
    """Make the application, which times each outermost call: (wall, the thread's own)."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    class Timed(QApplication):
        depth = 0
        calls: list[tuple[float, float]]

        def notify(self, receiver: QObject, event: QEvent) -> bool:
            if self.depth:
                return super().notify(receiver, event)
            self.depth += 1
            begin, own = perf_counter(), thread_time()
            try:
                return super().notify(receiver, event)
            finally:
                self.depth -= 1
                self.calls.append((perf_counter() - begin, thread_time() - own))

    app = Timed([])
    app.calls = []
    return app


class User:
    """Operates the window as a person would, and returns the longest call in seconds."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.window: Any = None

    def wait_for(self, signal: Any, start: Callable[[], None]) -> None:
        """Start something, and return when its signal has come and the window is painted."""
        from PySide6.QtCore import QEventLoop

        loop = QEventLoop()
        signal.connect(loop.quit)
        start()
        loop.exec()
        for _ in range(3):
            self.app.processEvents()
        signal.disconnect(loop.quit)

    @contextmanager
    def _longest(self) -> Iterator[list[float]]:
        self.app.calls.clear()
        longest: list[float] = []
        yield longest
        longest.append(max(wall for wall, _ in self.app.calls))

    def step(self) -> tuple[list[float], float]:
        """Step into, again and again; also the thread's time of each step."""
        from engine.debug.events import Verb

        bridge, steps = self.window.bridge, []
        for _ in range(5):
            self.wait_for(bridge.stopped, lambda: bridge.step(Verb.INTO))
        with self._longest() as longest:
            for _ in range(STEPS):
                before = len(self.app.calls)
                self.wait_for(bridge.stopped, lambda: bridge.step(Verb.INTO))
                steps.append(sum(own for _, own in self.app.calls[before:]))
        return steps, longest[0]

    def train(self) -> float:
        """Train an epoch."""
        bridge = self.window.bridge
        with self._longest() as longest:
            self.wait_for(bridge.run_ended, lambda: bridge.train(600))
        return longest[0]

    def epoch(self) -> float:
        """Seconds of an epoch of a fresh run, until its last measurement is there."""
        bridge = self.window.bridge
        self.wait_for(bridge.stopped, lambda: bridge.open(_session))
        shown: list[Any] = []
        ended: list[float] = []
        watching = [
            bridge.stopped.connect(shown.append),
            bridge.run_ended.connect(lambda: ended.append(perf_counter())),
        ]
        begin = perf_counter()
        self.wait_for(bridge.run_ended, lambda: bridge.train(600))
        while bridge.busy:
            self.app.processEvents()
        for connection in watching:
            bridge.disconnect(connection)
        _check_measured(shown[-1].history)
        return ended[0] - begin

    def drag(self) -> float:
        """Drag the mouse along the timeline, through the batch and then through the run."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        timeline, left = self.window.timeline, Qt.MouseButton.LeftButton
        with self._longest() as longest:
            for row in (timeline.event_row(), timeline.batch_row()):
                y, first, room = int(row.center().y()), int(row.left()) + 2, int(row.width()) - 4
                QTest.mousePress(timeline, left, pos=QPoint(first, y))
                for i in range(DRAGS):
                    QTest.mouseMove(timeline, QPoint(first + i * room // DRAGS, y), delay=5)
                    self.app.processEvents()
                QTest.mouseRelease(timeline, left, pos=QPoint(first + room, y))
                while self.window.bridge.busy:
                    self.app.processEvents()
        return longest[0]

    def travel(self) -> float:
        """Go to batches all over the run."""
        from engine.debug.events import Position

        bridge = self.window.bridge
        with self._longest() as longest:
            for i in range(50):
                place = Position(i * 7919 % 600, 0)
                self.wait_for(bridge.stopped, lambda place=place: bridge.goto(place))
        return longest[0]


if __name__ == "__main__":
    import sys

    size = [float(text) for text in sys.argv[1:]]
    sys.stdout.write(f"{measure(*size)}\n")
