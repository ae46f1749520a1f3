"""Compares the gradients of any program with numerical ones, on its live objects, in slices."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import BatchLeft
from engine.numeric import Method
from engine.numeric.studies.session_trial import SessionChoices, SessionTrial
from gui.dialogs.dialog import error_text
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.run_kind import RunKind, pause_first_text
from gui.session.sliced_work import SlicedWork
from gui.views.numeric.contest_pane import ContestPane
from gui.views.numeric.controls import Controls
from gui.views.numeric.shown_state import current_work, show_values
from gui.views.numeric.state import ProgramSubject, ShownParameters, TrialState
from gui.views.numeric.values import ValuesPane
from gui.views.numeric.verdict import VerdictBar
from gui.views.numeric.words import (
    no_parameters_of_program,
    runs_line,
    trial_text,
)
from gui.widgets.empty import EmptyState
from gui.widgets.segments import make_segments
from gui.widgets.view import Table

METHODS = (Method.CENTRAL, Method.FORWARD, Method.BACKPROP)
WIDE = 900  # pixels of width; from this on, contest and values are side by side
LOW = 200  # pixels of height; below this the verdict is hidden
REDRAW_MS = 200
SHARE = 0.55  # of the width, for the contest


class ProgramPane(QWidget):
    """The contest, the values and the verdict of a program.

    Signals:
        work_wanted: the person wants to start this trial; the window has `work` do it.
        compared: a comparison has ended, or was cancelled.
    """

    work_wanted = Signal(object)
    compared = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._snapshot: Snapshot | None = None
        self._state: TrialState | None = None
        self._running: RunKind | None = None
        self._drawn_at = 0.0
        self._has_failed = False  # whether the last comparison ended with an error
        self._is_bare = False  # whether no parameter is known, so that nothing can be compared
        self.work = SlicedWork(self)
        self.controls = Controls(theme, self, of_program=True)
        self.contest = ContestPane(theme, self, METHODS)
        self.values = ValuesPane(theme, self)
        self.verdict = VerdictBar(theme, self)
        names = (self.tr("contest"), self.tr("values"))
        self.segments, self._group = make_segments(self, names)
        self.segments.setParent(self)
        self._group.button(0).setChecked(True)
        self._empty = EmptyState(theme, self)  # over all others
        self._empty.say(*no_parameters_of_program())
        self._empty.hide()
        self._redraw = QTimer(self, interval=REDRAW_MS, singleShot=True)
        self._redraw.timeout.connect(self._draw)
        self._group.idClicked.connect(lambda _: self._on_page_chosen())
        self.work.heard.connect(self._on_heard)
        self.work.ended.connect(self._on_ended)
        self.controls.start_asked.connect(self._on_start)
        self.controls.pause_asked.connect(self._on_pause)
        self.controls.cancel_asked.connect(self.cancel)
        self.values.chosen.connect(self._on_values_chosen)
        self._say_idle()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        for part in (self.controls, self.contest, self.values, self.verdict, self._empty):
            part.set_theme(theme)
        self._draw()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Offer the program at the cursor; the last comparison stays until the next one starts."""
        self._snapshot = snapshot
        parameters = ShownParameters(snapshot.layers).parameters()
        count = sum(array.size for array in parameters.values())
        self._is_bare = not count and self._state is None
        self.controls.offer(tuple(parameters), count)
        self.contest.say(runs_line(count))
        if self._state is None:
            self.values.offer(tuple(parameters), METHODS[:2])
            self.values.show_values({}, {}, [])
            self.contest.show_rows(
                {}, None
            )  # also fits the columns, which a style may have changed
        self._share()
        self._show_controls()

    def set_running(self, kind: RunKind | None) -> None:
        """Disable comparisons during training, which changes the batch."""
        self._running = kind
        self._show_controls()

    def tables(self) -> Sequence[Table]:
        """The contest and the values."""
        return [self.contest.to_table(), *self.values.tables()]

    def cancel(self) -> None:
        """Stop the comparison; its findings stay."""
        if self.work.busy:
            self.work.cancel()
            self._finish()
            if self._state is None or self._state.check is None:
                self.verdict.say("hint", self.tr("Cancelled"), self.tr("Results so far are kept."))

    def shut_down(self) -> None:
        """Stop the comparison for good."""
        self.work.cancel()

    # Layout

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover what lies below."""
        QPainter(self).fillRect(self.rect(), QColor(self.theme.panel))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show both pages if they fit."""
        super().resizeEvent(event)
        self._share()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what arrived meanwhile."""
        super().showEvent(event)
        self.contest.table.fit_columns()
        self._share()
        self._draw()

    def _share(self) -> None:
        width, height, top = self.width(), self.height(), px(36)
        wide = width >= px(WIDE)
        room = 0 if wide else self.segments.sizeHint().width() + 12
        self.segments.setVisible(not wide)
        self.controls.show()
        self.segments.setGeometry(12, 4, room - 12, top - 8)
        self.controls.setGeometry(room, 0, width - room, top)
        told = height >= px(LOW) or self._has_failed
        bottom = height - (self.verdict.sizeHint().height() if told else 0)
        self.verdict.setGeometry(QRect(0, bottom, width, height - bottom))
        self.verdict.setVisible(told)
        left = round(SHARE * width) if wide else width
        area = QRect(0, top + 2, left, bottom - top - 4)
        self.contest.setGeometry(area)
        self.values.setGeometry(area.translated(left, 0) if wide else area)
        if wide:
            self.values.resize(width - left, area.height())
        self.contest.setVisible(wide or self._group.checkedId() == 0)
        self.values.setVisible(wide or self._group.checkedId() == 1)
        self._empty.setGeometry(self.rect())
        self._empty.setVisible(self._is_bare)
        if self._is_bare:
            for part in (self.segments, self.controls, self.contest, self.values, self.verdict):
                part.hide()

    def _on_page_chosen(self) -> None:
        self._share()
        self._draw()

    # Commands

    def _on_start(self) -> None:
        snapshot, wanted = self._snapshot, self.controls.wanted()
        if snapshot is None:
            return
        chosen = self.contest.table.contest.chosen
        methods = tuple(method for method in METHODS[:2] if method in chosen) or METHODS[:1]
        subject = ProgramSubject(snapshot.setup.network, snapshot.position.batch)
        self._state = TrialState(subject, wanted, methods)
        parameters = ShownParameters(snapshot.layers).parameters()
        self.values.offer(tuple(parameters), methods)
        choices = SessionChoices(
            methods, wanted.parameters, wanted.sample, wanted.h, wanted.seconds
        )
        self.values.at_work, self._has_failed = True, False
        self._share()
        self.verdict.say("hint", self.tr("Starting"), self.tr("on batch {0}").format(subject.batch))
        self.values.show_values({}, {}, [])
        self.work_wanted.emit(SessionTrial(choices))
        self._draw()

    def _on_pause(self) -> None:
        self.work.pause(not self.work.paused)
        self._show_controls()

    def _on_values_chosen(self) -> None:
        self._draw()
        self.values.refresh()

    # Messages

    def _on_heard(self, messages: list[Any]) -> None:
        for message in messages:
            if self._state is not None:
                self._state.take(message)
        if self._redraw.isActive():
            return
        if monotonic() - self._drawn_at > REDRAW_MS / 1000:
            self._draw()
        else:
            self._redraw.start()

    def _on_ended(self, error: BaseException | None) -> None:
        self._finish()
        if error is not None:
            left = isinstance(error, BatchLeft)
            head = self.tr("The comparison ended")
            self.verdict.say("warning" if left else "error", head, error_text(error))
            self._has_failed = True
            self._share()

    def _finish(self) -> None:
        self._redraw.stop()
        self.values.at_work = False
        if self._state is not None:
            self._state.running, self._state.judging = None, False
        self._draw()
        self.compared.emit()

    # Drawing

    def _show_controls(self) -> None:
        if not self.work.busy:
            self.controls.show_idle(pause_first_text(self._running))
            return
        state = self._state
        share, left = (None, None) if state is None else _progress(state)
        self.controls.show_running(share, left, self.work.paused, current_work(state))

    def _draw(self) -> None:
        """Draw the results so far if the panel is visible."""
        if not self.isVisible():
            return
        self._drawn_at = monotonic()
        self._show_controls()
        state = self._state
        if state is None:
            return
        self.contest.show_rows(state.rows, state.running if self.work.busy else None)
        if self.values.isVisible() and state.shapes:
            show_values(self.values, state)
        if (verdict := trial_text(state)) is not None:
            self.verdict.say(verdict.kind, verdict.head, verdict.text, verdict.values)

    def _say_idle(self) -> None:
        self.verdict.say(
            "hint",
            self.tr("Press Start"),
            self.tr("to differentiate the loss of the cursor's batch by moving each element."),
        )


def _progress(state: TrialState) -> tuple[float | None, float | None]:
    """The share of the elements that is done, and the remaining seconds of the running method."""
    steps = [state.steps[method] for method in state.methods if method in state.steps]
    if not steps:
        return None, None
    done = sum(step.done / max(step.total, 1) for step in steps) / len(state.methods)
    return done, steps[-1].left
