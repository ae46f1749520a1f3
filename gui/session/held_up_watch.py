"""Watches for a batch that does not return after it was to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from engine.debug.program.evaluation import Evaluation
from engine.debug.record.interruption import CodePlace
from gui.session.worker import Worker

# A batch is held up if it still runs this long after it was to end, and deaf if it still runs this
# long after it was to be stopped.
HELD_UP_SECONDS = 1.0
DEAF_SECONDS = 3.0
LOOK_MS = 200  # between two checks while a batch runs


@dataclass(frozen=True)
class HeldUp:
    """A batch, or a measurement of the test set, that does not return.

    Attributes:
        batch: its number; of a measurement, the batch before which it measures.
        place: the running line, or None if it is not known.
        asked: whether it was asked to stop.
        deaf: whether it ignores that: it is in a call into C, or catches every exception.
        measuring: whether it is a measurement.
    """

    batch: int
    place: CodePlace | None
    asked: bool
    deaf: bool
    measuring: bool


class HeldUpWatch(QObject):
    """Checks the worker several times a second, from `start` to `stop`.

    Args:
        worker: runs the batches.
        waited: returns how long a batch is overdue, in seconds, given how long it has run.

    Attributes:
        found: the batch that does not return, or None.

    Signals:
        changed: `found` has changed.
    """

    changed = Signal(object)

    def __init__(
        self, worker: Worker, waited: Callable[[float], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.found: HeldUp | None = None
        self._worker = worker
        self._waited = waited
        self._stopped_at: float | None = None
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_look)

    def start(self) -> None:
        """Start checking."""
        self._timer.start()

    def stop(self) -> None:
        """Stop checking: nothing runs."""
        self._timer.stop()
        self._set(None)

    @property
    def is_long(self) -> bool:
        """Whether the current batch has run for so long that it may not return."""
        interruption = self._worker.interruption
        running = interruption.seconds if interruption is not None else 0.0
        return self.found is not None or running >= HELD_UP_SECONDS

    def stop_batch(self) -> None:
        """Stop the running batch at its current line; see `Session.interruption`."""
        interruption = self._worker.interruption
        if interruption is not None and interruption.stop_aside():
            self._stopped_at = time.monotonic()
            self._on_look()

    def _on_look(self) -> None:
        if self._worker.isFinished():
            self._timer.stop()
        interruption = self._worker.interruption
        session = self._worker.session
        running = interruption.seconds if interruption is not None else 0.0
        if (
            interruption is None
            or session is None
            or not running
            or min(self._waited(running), running) < HELD_UP_SECONDS
        ):
            self._stopped_at = None
            self._set(None)
            return
        now, since = time.monotonic(), self._stopped_at
        if since is not None and now - since > running:
            since = self._stopped_at = None  # another call was stopped then
        self._set(
            HeldUp(
                session.position.batch,
                interruption.place(),
                since is not None,
                since is not None and now - since > DEAF_SECONDS,
                isinstance(interruption.running, Evaluation),
            )
        )

    def _set(self, found: HeldUp | None) -> None:
        if found != self.found:
            self.found = found
            self.changed.emit(found)
