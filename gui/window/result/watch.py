"""Shows the card of a training while it runs and when it has ended, and closes it at a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction
from PySide6.QtWidgets import QWidget

from engine.debug.events import Position
from engine.debug.run_control import StopReason
from engine.debug.snapshots.snapshot import Identity, RunHistory, Snapshot
from gui.look.appearance import Appearance
from gui.paint.plots.curves import MovingAverage
from gui.run_kind import RunKind
from gui.session.bridge import Bridge
from gui.session.worker_commands import TrainingProgress
from gui.views.hidden_units.tiles import unit_weights
from gui.views.numeric.durations import count_text, remaining_text
from gui.window.commands import running
from gui.window.notices.notice import Notice
from gui.window.result.card import ResultCard
from gui.window.result.outcome import (
    AVERAGE,
    Outcome,
    before_words,
    latest_share,
    loss_words,
    outcome_of,
    share_words,
)

APPEARS_SECONDS = 0.25  # a shorter training shows its card at its end only
IDLE_MS = 800  # without a step, before the curves are made for the first time
ESTIMATE_SECONDS = 0.5  # before this a time left would only jump


@dataclass(eq=False)
class _Training:
    """A training that runs, or the last one.

    Attributes:
        began: by the monotonic clock.
        first: the batch at which it began; None before its first report.
        reason: why it has stopped.
        dropped: whether it ends in something else than a result: an error, or a move.
        ended: whether it has.
    """

    began: float
    first: int | None = None
    goal: float | None = None
    reason: StopReason | None = None
    dropped: bool = False
    ended: bool = False


class TrainingResults(QObject):
    """Watches the trainings of a window.

    Args:
        bridge: tells of them.
        panel: the view that the card covers.
        curves: the panel that draws the same curves; where it is in sight there is no card.
        actions: the window's actions by their ids.
        notice: says what came of a goal where there is no card.
        show_panel: opens the panel with an id, and raises it.
        appearance: the theme.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        panel: QWidget,
        curves: QWidget,
        actions: Mapping[str, QAction],
        notice: Notice,
        show_panel: Callable[[str], None],
        appearance: Appearance,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._panel, self._curves, self._notice = bridge, panel, curves, notice
        self.card = ResultCard(
            appearance.theme, actions["step_operation"], actions["continue"], actions["pause"],
            panel,
        )  # fmt: skip
        self._averages = MovingAverage(AVERAGE)
        self._training: _Training | None = None  # that runs
        self._result = _Training(0.0), 0  # that the card is about, and where it began
        self._shown: tuple[Identity, Position] | None = None  # what the card is about
        self._last = 0  # the batch before which the shown training has ended
        self._chosen: int | None = None  # a batch that was chosen in the card's curves
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._prepare)
        self.card.left.connect(self.close)
        self.card.batch_chosen.connect(self._on_batch_chosen)
        self.card.panel_asked.connect(show_panel)
        appearance.changed.connect(self.card.set_theme)
        appearance.scaled.connect(lambda: self.card.set_theme(self.card.theme))
        bridge.run_started.connect(self._on_run_started)
        bridge.progressed.connect(self._on_progressed)
        bridge.halted.connect(self._on_halted)
        bridge.failed.connect(self._on_dropped)
        bridge.move_asked.connect(self._on_dropped)
        bridge.run_ended.connect(self._on_run_ended)
        bridge.stopped.connect(self._on_stopped)

    def close(self) -> None:
        """Uncover the panel; a training goes on without the card."""
        self._shown = self._chosen = None
        if self._training is not None and not self._training.ended:
            self._training.dropped = True
        self.card.hide()

    def _has_room(self) -> bool:
        return self._panel.isVisible() and self._curves.visibleRegion().isEmpty()

    def _on_run_started(self, kind: RunKind) -> None:
        if kind is RunKind.TRAINING:
            self._shown = self._chosen = None
            self._training = _Training(monotonic())

    def _on_progressed(self, progress: TrainingProgress, history: RunHistory) -> None:
        training = self._training
        if training is None:
            return
        training.first, training.goal = progress.batch - progress.done, progress.goal
        if training.dropped or not self._has_room() or not self._has_result(history):
            return
        seconds = monotonic() - training.began
        if self.card.isHidden():
            if seconds < APPEARS_SECONDS:
                return
            self.card.appear()
        outcome = outcome_of(history, training.first, progress.batch, self._averages)
        share = latest_share(history, training.first)
        self.card.show_running(
            self._running_heading(progress), self._numbers(outcome, share),
            self._time(progress, seconds),
            progress.done / progress.total if progress.total else None,
        )  # fmt: skip
        self.card.draw(history, progress.batch, self._has_tests())

    def _on_halted(self, reason: StopReason) -> None:
        if self._training is not None:
            self._training.reason = reason

    def _on_dropped(self) -> None:
        if self._training is not None and not self._training.ended:
            self._training.dropped = True

    def _on_run_ended(self) -> None:
        if self._training is not None:
            self._training.ended = True

    def _prepare(self) -> None:
        if self._has_room() and not self._bridge.busy:
            self.card.prepare()

    def _on_stopped(self, snapshot: Snapshot) -> None:
        if self.card.plots is None:
            self._idle.start()
        training = self._training
        if training is not None and training.ended:
            self._training = None
            self._finish(training, snapshot)
        elif self._shown is not None:
            self._follow(snapshot)

    def _finish(self, training: _Training, snapshot: Snapshot) -> None:
        """Show what came of a training that has ended."""
        stays = training.reason in _RESULTS and snapshot.position.event == 0
        stays = stays and self._has_result(snapshot.history)
        if training.dropped or not stays:
            self.close()
            return
        self._last = snapshot.position.batch
        first = self._last if training.first is None else min(training.first, self._last)
        self._result = training, first
        if not self._has_room():
            self.close()
            if training.reason in _GOALS:
                heading, outcome = self._done(snapshot)
                self._notice.say(f"{heading}. {self._numbers(outcome, outcome.after)}.")
            return
        if not self._done(snapshot)[1].batches and training.reason not in _GOALS:
            self.close()
            return
        self.card.appear()
        self._shown = snapshot.identity, snapshot.position
        self._show_done(snapshot)
        said = f"{self.card.accessibleName()}. {self.card.accessibleDescription()}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.card, said))

    def _follow(self, snapshot: Snapshot) -> None:
        """Show a late measurement, or a batch chosen in the curves; close at any other move."""
        assert self._shown is not None
        identity, position = self._shown
        chosen = snapshot.position == (self._chosen, 0)
        if snapshot.identity != identity or not (snapshot.position == position or chosen):
            self.close()
        elif self._has_room():
            self._shown = identity, snapshot.position
            self._show_done(snapshot)
        else:
            self.close()

    def _show_done(self, snapshot: Snapshot) -> None:
        heading, outcome = self._done(snapshot)
        numbers = self._numbers(outcome, outcome.after)
        beside = self._beside(outcome, snapshot)
        panels = set(_panels_with_more(snapshot))
        self.card.show_done(heading, numbers, beside, snapshot.position.batch, panels)
        self.card.draw(snapshot.history, snapshot.position.batch, self._has_tests())

    def _done(self, snapshot: Snapshot) -> tuple[str, Outcome]:
        """The heading of the result, and its numbers."""
        training, first = self._result
        outcome = outcome_of(snapshot.history, first, self._last, self._averages)
        count = count_text(outcome.batches)
        percent = f"{100 * (training.goal or running.GOAL_SHARE):g}"
        if training.reason is StopReason.GOAL:
            words = self.tr("{0} % of the test set is right for the first time before batch {1}")
            if not outcome.batches:
                words = self.tr("{0} % of the test set is right already before batch {1}")
            return words.format(percent, count_text(self._last)), outcome
        if training.reason is StopReason.GOAL_MISSED:
            words = self.tr("{0} % was not reached in {1} batches")
            return words.format(percent, count), outcome
        if training.reason is StopReason.PAUSED:
            return self.tr("Paused after {0} batches").format(count), outcome
        if training.reason is StopReason.ENDED:
            return self.tr("The run has ended after {0} batches").format(count), outcome
        return self.tr("Trained {0} batches").format(count), outcome

    def _numbers(self, outcome: Outcome, share: float | None) -> str:
        """`Loss 2.51 to 0.25; 93.3 of 100 test digits right`."""
        snapshot = self._bridge.snapshot
        assert snapshot is not None
        exact = outcome.last == self._last and self._is_goal()
        right = "" if share is None else share_words(share, snapshot.setup, exact)
        return "; ".join(part for part in (loss_words(outcome), right) if part)

    def _has_result(self, history: RunHistory) -> bool:
        """Whether there is anything to show: a program's loss may be unknown."""
        snapshot = self._bridge.snapshot
        is_program = snapshot is not None and bool(snapshot.facets)
        return not is_program or bool(np.isfinite(history.losses).any())

    def _has_tests(self) -> bool:
        snapshot = self._bridge.snapshot
        return snapshot is None or snapshot.setup.test_images != 0

    def _is_goal(self) -> bool:
        return self._training is None and self._result[0].reason in _GOALS

    def _beside(self, outcome: Outcome, snapshot: Snapshot) -> str:
        said = []
        if outcome.after is None and snapshot.setup.test_images and self._bridge.busy:
            said.append(self.tr("the test set is being measured"))
        before = before_words(outcome, snapshot.setup)
        if before:
            said.append(before)
        if outcome.averaged:
            said.append(self.tr("losses: moving average of {0} batches").format(AVERAGE))
        if outcome.beyond and self._is_goal():
            words = self.tr("ran on to batch {0} while it was measured")
            said.append(words.format(count_text(outcome.last + outcome.beyond)))
        return " · ".join(said)

    def _running_heading(self, progress: TrainingProgress) -> str:
        if progress.goal is not None:
            words = self.tr("Training until {0} % of the test set is right: batch {1}")
            return words.format(f"{100 * progress.goal:g}", count_text(progress.batch))
        if progress.total is None:
            return self.tr("Training until you stop it: batch {0}").format(
                count_text(progress.batch)
            )
        end = progress.batch - progress.done + progress.total
        return self.tr("Training: batch {0} of {1}").format(
            count_text(progress.batch), count_text(end)
        )

    def _time(self, progress: TrainingProgress, seconds: float) -> str:
        """How long it goes on, at the pace of its batches so far."""
        if progress.total is None or not progress.done or seconds < ESTIMATE_SECONDS:
            return ""
        left = remaining_text(seconds * (progress.total - progress.done) / progress.done)
        words = self.tr("{0} left") if progress.goal is None else self.tr("at most {0} left")
        return words.format(left)

    def _on_batch_chosen(self, batch: int) -> None:
        self._chosen = batch
        self._bridge.goto(Position(batch, 0))


def _panels_with_more(snapshot: Snapshot) -> Iterator[str]:
    """The ids of the panels that show more of a result and are not empty."""
    if snapshot.test_predictions is not None:
        yield "confusion"
    if unit_weights(snapshot, None) is not None:
        yield "hidden_units"


_GOALS = (StopReason.GOAL, StopReason.GOAL_MISSED)
_RESULTS = (*_GOALS, StopReason.DONE, StopReason.ENDED, StopReason.PAUSED)
