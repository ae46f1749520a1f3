"""The pacer of a run's progress: it asks the worker for progress as often as drawing may cost."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer

from gui.session.worker import Worker

# The window draws progress at most this often, and in at most this share of the time: half of the
# tenth that watching may cost, since drawing also delays the training and fills caches.
PROGRESS_MS = 33
DRAWING_SHARE = 0.05


class ProgressPacer(QObject):
    """Requests progress of a run from the worker (on the window's thread)."""

    def __init__(self, worker: Worker, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._timer = QTimer(self, interval=PROGRESS_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._drawn_at = (0.0, 0.0)  # the monotonic clock, and this thread's own time
        self._spent: float | None = None  # seconds of the last drawing, once it is over

    def begin(self) -> None:
        """Start with a run; its first progress is told at once."""
        self._worker.progress_wanted = True
        self.note_drawing()
        self._timer.start()

    def stop(self) -> None:
        """Request no more: no run is under way."""
        self._timer.stop()

    def note_drawing(self) -> None:
        """Note that the window now draws some progress."""
        self._drawn_at = (time.monotonic(), time.thread_time())
        self._spent = None

    def _on_timeout(self) -> None:
        """Request progress once the last drawing has been paid for.

        The drawing is what this thread has worked until the first timeout that is a whole interval
        later; its repaint is over then. Later work is not counted: a window that is always a little
        busy would never be told of progress again.
        """
        since, worked = self._drawn_at
        passed = time.monotonic() - since
        if passed < PROGRESS_MS / 1000:
            return
        if self._spent is None:
            self._spent = time.thread_time() - worked
        if self._spent <= DRAWING_SHARE * passed:
            self._worker.progress_wanted = True
