"""Collects garbage on the window's thread only.

Python's collector runs on the thread that happens to allocate, here mostly the worker's. Garbage
may hold Qt objects, such as a closed dialog, and destroying them on a foreign thread crashes.
"""

from __future__ import annotations

import gc
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 100  # collecting the garbage of this time takes less than a millisecond
START_MS = 3000


class Collector(QObject):
    """A context in which a timer of this thread collects garbage whenever Python would have."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._started = QTimer(self, interval=START_MS, singleShot=True)
        self._started.timeout.connect(gc.freeze)  # includes modules imported since the start

    def __enter__(self) -> Collector:
        gc.freeze()  # modules need not be searched again
        gc.disable()
        self._timer.start()
        self._started.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.stop()
        self._started.stop()
        gc.enable()
        gc.unfreeze()

    def _on_timeout(self) -> None:
        """Collect the oldest generation that is due, as Python does."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
