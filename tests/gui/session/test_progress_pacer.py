"""How often the window asks for the progress of a run."""

from __future__ import annotations

import pytest

from gui.session import progress_pacer
from gui.session.progress_pacer import DRAWING_SHARE, PROGRESS_MS, ProgressPacer


class Clock:
    """The time that has passed, and how much of it the window's thread has worked."""

    def __init__(self) -> None:
        self.now = self.worked = 100.0

    def pass_time(self, seconds: float, worked: float) -> None:
        self.now += seconds
        self.worked += worked

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.worked


class Asked:
    progress_wanted = False


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress_pacer, "time", clock)
    return clock


@pytest.fixture
def pacer(qapp, clock):
    pacer = ProgressPacer(Asked(), None)
    pacer.note_drawing()
    return pacer


def wait(pacer: ProgressPacer, clock: Clock, seconds: float, share: float) -> float:
    """Seconds until progress is asked for, in which the thread works this share of the time."""
    step, passed = PROGRESS_MS / 1000, 0.0
    while passed < seconds:
        clock.pass_time(step, share * step)
        passed += step
        pacer._on_timeout()
        if pacer._worker.progress_wanted:
            return passed
    return seconds


def test_a_drawing_is_paid_for_before_the_next(pacer, clock):
    clock.pass_time(0, 0.04)  # the drawing
    assert wait(pacer, clock, 10, share=0) == pytest.approx(0.04 / DRAWING_SHARE, abs=0.034)


def test_a_window_that_is_always_busy_is_told_of_progress_all_the_same(pacer, clock):
    """Another window, or a mouse that is moved all the time, works more than the share."""
    clock.pass_time(0, 0.04)
    assert wait(pacer, clock, 10, share=2 * DRAWING_SHARE) < 1


def test_nothing_is_asked_before_an_interval_has_passed(pacer, clock):
    clock.pass_time(0.5 * PROGRESS_MS / 1000, 0)
    pacer._on_timeout()
    assert not pacer._worker.progress_wanted
