"""Work on the live session in slices: between the commands of a person, on the worker's thread.

A network is copied, and compared in a process of its own. The objects of any other program cannot
be copied. So the work is done on them, while nothing else is asked of the worker, and put back as
soon as a command comes. Stepping waits for the end of a piece, a few hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from time import sleep
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.debug.session import Session
from engine.errors import BatchLeft
from engine.numeric.raised import as_typed
from engine.numeric.studies.session_trial import SessionTrial
from gui.relay import in_window
from gui.session.worker import YIELD_SECONDS, Worker


class _Job:
    """One trial, shared by the worker's thread and the window's.

    Attributes:
        at: the session, its branch and the batch of the first slice; None before it.
    """

    def __init__(self, trial: SessionTrial, worker: Worker) -> None:
        self.trial, self.worker = trial, worker
        self.messages: Iterator[Any] | None = None
        self.at: tuple[Session, object, int] | None = None
        self.lock = Lock()
        self.news: list[Any] = []
        self.paused = self.cancelled = self.queued = self.ended = False
        self.error: BaseException | None = None

    @property
    def stops(self) -> bool:
        """Whether the slice has to end."""
        return self.paused or self.cancelled or self.worker.is_awaited

    def tell(self, message: Any) -> bool:
        """Add a message; returns whether it is the first one that waits."""
        with self.lock:
            self.news.append(message)
            return len(self.news) == 1

    def end(self, error: BaseException | None) -> None:
        """Note how the work has ended."""
        with self.lock:
            self.ended, self.error = True, error


class SlicedWork(QObject):
    """Runs one trial at a time, as `Aside` does, but on the live session.

    Signals:
        heard: the list of messages since the last time.
        ended: None when the work is done, or the error when it failed; not after `cancel`.
    """

    heard = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: _Job | None = None
        self._announce = in_window(self._on_announced)

    @property
    def busy(self) -> bool:
        """Whether a trial is running or paused."""
        return self._job is not None

    @property
    def paused(self) -> bool:
        """Whether the trial is paused."""
        return self._job is not None and self._job.paused

    def start(self, trial: SessionTrial, worker: Worker) -> None:
        """Run this trial in place of the previous one."""
        self.cancel()
        job = self._job = _Job(trial, worker)
        trial.gives_way = lambda: job.stops
        self._queue(job)

    def pause(self, paused: bool) -> None:
        """Pause the trial after its current piece, or resume it."""
        job = self._job
        if job is None:
            return
        job.paused = paused
        if not paused:
            self._queue(job)

    def cancel(self) -> None:
        """End the trial after its current piece, and ignore what it finds from now on."""
        if self._job is not None:
            self._job.cancelled = True
            self._job = None

    def _queue(self, job: _Job) -> None:
        """Ask the worker for a slice, once."""
        with job.lock:
            if job.queued or job.ended:
                return
            job.queued = True
        job.worker.put_aside(lambda session: self._slice(job, session))

    # On the worker's thread

    def _slice(self, job: _Job, session: Session) -> None:
        """Work until something else is asked of the worker; then put everything back."""
        job.queued = False
        if job.cancelled or job.paused:
            return
        if not job.worker.is_awaited:
            self._work(job, session)
            if job.ended or job.cancelled:
                self._announce()
                return
        if not job.paused:
            self._queue(job)

    def _work(self, job: _Job, session: Session) -> None:
        trial = job.trial
        here = session, session.identity, session.position.batch
        if job.at is None:
            job.at = here
        elif job.at != here:
            job.end(BatchLeft(job.at[2]))
            return
        try:
            with as_typed():
                trial.open(session)
                try:
                    self._advance(job)
                finally:
                    trial.close()
        except BaseException as error:  # a program may even call sys.exit()
            job.end(error)

    def _advance(self, job: _Job) -> None:
        if job.messages is None:
            job.messages = job.trial.messages()
        while not job.stops:
            message = next(job.messages, job)
            if message is job:
                job.end(None)
                return
            if message is not None and job.tell(message):
                self._announce()
            if job.worker.window_draws:
                sleep(YIELD_SECONDS)

    # On the window's thread

    def _on_announced(self) -> None:
        job = self._job
        if job is None:
            return
        with job.lock:
            news, job.news = job.news, []
            ended = job.ended
        if ended:
            self._job = None
        if news:
            self.heard.emit(news)
        if ended:
            self.ended.emit(job.error)
