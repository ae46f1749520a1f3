"""Measures the test set on a thread of its own while training continues."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from threading import Condition, Event, Thread
from time import monotonic

from engine.debug.program.evaluation import Evaluation, Measurement
from engine.debug.session import Session

BACKLOG = 8  # queued jobs, each with a copy of the network; older jobs are dropped
POLL_SECONDS = 0.02  # between two checks of whether to keep waiting


@dataclass(eq=False)
class MeasuredRun:
    """The measurements of one training; after the first failure no more are made."""

    session: Session
    failed: bool = False
    asked: set[int] = field(default_factory=set)  # measured before these batches, on all images


@dataclass(frozen=True, eq=False)
class MeasurementResult:
    """The result of a job: a measurement, or the error that prevented it."""

    run: MeasuredRun
    job: Evaluation
    measurement: Measurement | None
    error: BaseException | None = None


class Measurer:
    """Runs jobs in order; when it falls behind, the oldest queued jobs are dropped.

    `announce` is called on the measuring thread whenever there is a result to `take`.
    """

    def __init__(self, announce: Callable[[], None]) -> None:
        self._announce = announce
        self._jobs: deque[tuple[MeasuredRun, Evaluation]] = deque(maxlen=BACKLOG)
        self._found: list[MeasurementResult] = []
        self._working = False
        self._closed = False
        self._changed = Condition()
        # A daemon: Python waits for all other threads at exit, before this one could be closed.
        self._thread = Thread(target=self._serve, name="measuring", daemon=True)
        self._thread.start()

    @property
    def has_found(self) -> bool:
        """Whether there is a result to `take`."""
        return bool(self._found)

    def put(self, run: MeasuredRun, job: Evaluation) -> None:
        """Queue a measurement."""
        with self._changed:
            if job.part is None:
                run.asked.add(job.batch)
            if not run.failed:
                self._jobs.append((run, job))
                self._changed.notify_all()

    def take(self) -> list[MeasurementResult]:
        """Return the results since the last call, in order."""
        with self._changed:
            found, self._found = self._found, []
        return found

    def wait(self, give_up: Event, seconds: float = inf) -> bool:
        """Wait until all jobs are done or `give_up` is set; return False after `seconds`."""
        end = monotonic() + seconds
        with self._changed:
            while (self._jobs or self._working) and not give_up.is_set():
                if monotonic() >= end:
                    return False
                self._changed.wait(POLL_SECONDS)
        return True

    def forget(self) -> None:
        """Drop the queued jobs."""
        with self._changed:
            self._jobs.clear()

    def close(self) -> None:
        """End the thread after the running job."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._working = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if self._closed:
                    return
                self._working = True
                run, job = self._jobs.popleft()
            if not run.failed:
                self._do(run, job)

    def _do(self, run: MeasuredRun, job: Evaluation) -> None:
        try:
            found = MeasurementResult(run, job, job())
        except BaseException as error:  # a layer's sys.exit() would end the thread
            run.failed = True
            found = MeasurementResult(run, job, None, error)
        with self._changed:
            self._found.append(found)
        self._announce()
