"""Compares numerical differentiation with backpropagation on a minibatch, by time and by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from engine.nn.models import one_layer_net
from engine.numeric import Method, expected_evaluations
from engine.numeric.serve import Task
from engine.numeric.studies.trial import Check, InOrder, Judging
from gui.dialogs.dialog import error_text
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.run_kind import RunKind, pause_first_text
from gui.session.process import Aside
from gui.views.numeric.contest_pane import ContestPane
from gui.views.numeric.controls import Controls
from gui.views.numeric.pages import RESULTS, TOGETHER, VALUES, Pages
from gui.views.numeric.program_pane import ProgramPane
from gui.views.numeric.result import result_of
from gui.views.numeric.results import ResultsTable
from gui.views.numeric.shown_state import current_work, show_values
from gui.views.numeric.state import NumericSubject, ShownParameters, TrialState, WorkTimer
from gui.views.numeric.studies import Studies, Study
from gui.views.numeric.values import ValuesPane
from gui.views.numeric.verdict import VerdictBar
from gui.views.numeric.words import (
    VerdictText,
    formula_line,
    no_parameters_lines,
    trial_text,
    tutorial_line,
    verdict_of_directions,
)
from gui.widgets.view import Table, View

_HORIZONTAL = Qt.Orientation.Horizontal
REDRAW_MS = 200
TICK_MS = 100  # between two updates of the progress
TUTORIAL, TUTORIAL_PIXELS = "784-10", 784
QUICK_FIRST = (Method.INCREMENTAL, Method.FORWARD, Method.COMPLEX, Method.CENTRAL)
LOW = 200  # pixels of height; below this the verdict is hidden


class NumericView(View):
    """The contest, the values, and the studies of h, size and direction.

    Signals:
        subject_wanted: the person wants to start; the window answers with `take_subject`.
        compared: a comparison has ended, or was cancelled.
    """

    view_id = "numeric"
    subject_wanted = Signal()
    compared = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._state: TrialState | None = None
        self._wants_tutorial = False
        self._running: RunKind | None = None
        self._studied = False  # whether the last task was sizes and directions
        self._watch = WorkTimer()
        self._share_shown = 0.0  # the progress bar never goes back
        self._drawn_at = 0.0
        self._nothing: tuple[str, ...] = ()  # why this network cannot be differentiated
        self._follows = True  # whether the values follow the running method
        self.aside = Aside(self)
        self.aside.heard.connect(self._on_heard)
        self.aside.ended.connect(self._on_ended)
        self.controls = Controls(theme, self)
        self.contest = ContestPane(theme, self)
        self.values = ValuesPane(theme, self)
        self.studies = Studies(theme, self)
        self.results = ResultsTable(theme, self)
        self.verdict = VerdictBar(theme, self)
        self.program = ProgramPane(theme, self)  # over all others, in place of them
        self.program.hide()
        self.program.compared.connect(self.compared)
        self._panes: tuple[QWidget, ...] = (
            self.contest, self.values, self.studies.page(Study.STEPS),
            self.studies.page(Study.SIZES), self.studies.page(Study.DIRECTIONS), self.results,
        )  # fmt: skip
        self.pages = Pages(self._panes, theme, self)
        self._redraw = QTimer(self, interval=REDRAW_MS, singleShot=True)
        self._redraw.timeout.connect(self._draw)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self.controls.start_asked.connect(self._on_start)
        self.controls.tutorial_asked.connect(self._on_tutorial)
        self.controls.pause_asked.connect(self._on_pause)
        self.controls.cancel_asked.connect(self.cancel)
        self.values.chosen.connect(self._on_values_chosen)
        self.pages.chosen.connect(self.show_page)
        self._say_idle()

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Numeric vs backprop")

    def short_title(self) -> str:
        """The name on a tab."""
        return self.tr("Numeric")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The gradient of the minibatch at the cursor by numerical differentiation (move a "
            "weight by h, run the network again, see how the loss changes) and by one backward "
            "pass; measured times are full, extrapolated times are hatched, with ≈. Look at how "
            "many times longer it takes, whether both agree, and where h is too large or small."
        )

    def title_widgets(self) -> list[QWidget]:
        """The pages."""
        return [self.pages.segments, self.pages.box]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self.pages.box.theme = theme
        parts = (self.contest, self.values, self.studies, self.results, self.verdict, self.program)
        for part in (self.controls, *parts):
            part.set_theme(theme)
        self._draw()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Offer the network at the cursor; the last comparison stays until the next one starts."""
        self._snapshot = snapshot
        self.program.setVisible(bool(snapshot.facets))
        self._share()
        if snapshot.facets:
            self.program.show_snapshot(snapshot)
            return
        shapes = ShownParameters(snapshot.layers)
        names = tuple(shapes.parameters())
        count = sum(array.size for array in shapes.parameters().values())
        self.controls.offer(names, count)
        self._nothing = () if count else no_parameters_lines(snapshot)
        images = snapshot.minibatch.images
        self.controls.offer_tutorial(len(images) > 0 and images[0].size == TUTORIAL_PIXELS)
        self._show_controls()
        self._say_idle()
        if self._state is None:
            self.values.offer(names, QUICK_FIRST)
            self.contest.say(formula_line(expected_evaluations(shapes)))
            self.values.show_values({}, {}, [])

    def set_running(self, kind: RunKind | None) -> None:
        """Disable comparisons during training, which changes the batch."""
        self._running = kind
        self.program.set_running(kind)
        self._show_controls()

    def take_subject(self, subject: NumericSubject) -> None:
        """Start the task that the page asks for on a subject."""
        wanted = self.controls.wanted()
        if self._wants_tutorial:
            dtype = str(subject.x.dtype)
            subject = replace(subject, name=TUTORIAL, network=one_layer_net(seed=0, dtype=dtype))
            wanted = replace(wanted, parameters=None)
        if wanted.images is not None:
            subject = replace(subject, x=subject.x[: wanted.images], t=subject.t[: wanted.images])
        chosen = self.contest.table.contest.chosen
        methods = tuple(method for method in QUICK_FIRST if method in chosen)
        page = self.pages.page
        if page in TOGETHER[1] and page != RESULTS and not self._wants_tutorial:
            task = self.studies.task_of_sizes(subject)
            self._begin(task, studied=True)
            return
        self._state = TrialState(subject, wanted, methods)
        self._follows = True
        self.values.offer(tuple(subject.network.parameters()), methods or (Method.INCREMENTAL,))
        self.contest.say(formula_line(expected_evaluations(subject.network)))
        trial = self._state.task()
        sweep = self.studies.task_of_steps(subject, wanted.seconds)
        self._begin(InOrder((trial, Judging(), Check(trial), sweep)), studied=False)
        self.values.show_values({}, {}, [])

    def _begin(self, task: Task, studied: bool) -> None:
        """Start a task, and say so before its first message."""
        self._studied, self._watch, self._share_shown = studied, WorkTimer(), 0.0
        if not studied and self._state is not None:
            self._state.watch = self._watch
        self.aside.start(task)
        self.values.at_work = not studied
        self.studies.say_at_work((Study.SIZES, Study.DIRECTIONS) if studied else (Study.STEPS,))
        self._tick.start()
        self._drawn_at = 0.0
        self.verdict.say(
            "hint", self.tr("Starting"),
            self.tr("a separate process, so that this window does not disturb the timing"),
        )  # fmt: skip
        self._draw()

    def cancel(self) -> None:
        """Stop the task; its findings stay."""
        if self.aside.busy:
            self.aside.cancel()
            self._finish(self.tr("cancelled"))
            if self._studied or self._state is None or self._state.check is None:
                self.verdict.say("hint", self.tr("Cancelled"), self.tr("Results so far are kept."))

    def shut_down(self) -> None:
        """Close the separate process."""
        self.aside.close()
        self.program.shut_down()

    def tables(self) -> Sequence[Table]:
        """The contest, the values, the studies and the results."""
        if not self.program.isHidden():
            return self.program.tables()
        found = [self.contest.to_table()]
        found += self.values.tables() + self.studies.tables()
        results = self.results.results
        if results.results:
            found.append(Table(self.tr("results"), results.values(), results.columns()))
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many pages as fit."""
        self._share()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what arrived while the panel was hidden."""
        super().showEvent(event)
        self._share()
        self._draw()

    # Pages

    def show_page(self, page: int) -> None:
        """Show a page; a large panel also shows the pages that go with it."""
        self.pages.page = page
        self._share()
        self._draw()
        self._say_idle()

    def _share(self) -> None:
        width, height = self.width(), self.height()
        top = px(36)
        self.controls.setGeometry(0, 0, width, top)
        bottom = height - (self.verdict.sizeHint().height() if height >= px(LOW) else 0)
        self.verdict.setGeometry(QRect(0, bottom, width, height - bottom))
        self.verdict.setVisible(height >= px(LOW))
        self.pages.arrange(QRect(0, top + 2, width, bottom - top - 4))
        self.program.setGeometry(self.rect())
        self.program.raise_()
        if not self.program.isHidden():
            for widget in self.title_widgets():
                widget.hide()

    # Commands

    def _on_start(self) -> None:
        self._wants_tutorial = False
        self.subject_wanted.emit()

    def _on_tutorial(self) -> None:
        self._wants_tutorial = True
        self.subject_wanted.emit()

    def _on_pause(self) -> None:
        self.aside.pause(not self.aside.paused)
        self._watch.pause(self.aside.paused)
        self._show_controls()

    def _on_values_chosen(self) -> None:
        self._follows = False
        self._draw()
        self.values.refresh()

    # Messages

    def _on_heard(self, messages: list[Any]) -> None:
        for message in messages:
            taken = self._state is not None and self._state.take(message)
            if not taken:
                self.studies.take(message)
        if self._redraw.isActive():
            return
        if monotonic() - self._drawn_at > REDRAW_MS / 1000:
            self._draw()  # the first message is shown at once
        else:
            self._redraw.start()

    def _on_tick(self) -> None:
        if self.isVisible():
            self._show_controls()

    def _on_ended(self, error: BaseException | None) -> None:
        if error is not None:
            self._finish(error_text(error), failed=True)
        else:
            self._finish("")

    def _finish(self, words: str, failed: bool = False) -> None:
        """End the task: store and show its result."""
        state = self._state
        if (
            state is not None
            and state.rows
            and not any(result.rows is state.rows for result in self.results.results.results)
        ):
            self.results.results.add(result_of(state, words))
        self._tick.stop()
        self.values.at_work = False
        self.studies.say_at_work(None)
        if state is not None:
            state.running, state.judging = None, False
            if self._follows:
                self.values.show_method(state.most_complete())
        self._show_controls()
        self._draw()
        if failed:
            self.verdict.say("error", self.tr("The comparison ended"), words)
        self.compared.emit()

    # Drawing

    def _show_controls(self) -> None:
        if not self.aside.busy:
            why = pause_first_text(self._running)
            self.controls.show_idle(why, "\n".join(self._nothing))
            return
        share, left = self._progress()
        if share is not None:
            share = self._share_shown = max(share, self._share_shown)
        self.controls.show_running(
            share, left, self.aside.paused, current_work(None if self._studied else self._state)
        )

    def _progress(self) -> tuple[float | None, float | None]:
        """The share of the time that is over, and the remaining seconds."""
        if not self._studied:
            return (None, None) if self._state is None else self._state.progress()
        share = self.studies.share()
        if share is None:
            return None, None
        return share, self._watch.seconds * (1 - share) / share

    def _draw(self) -> None:
        """Draw the results so far if the panel is visible."""
        if not self.isVisible():
            return
        self._drawn_at = monotonic()
        self._show_controls()
        self.studies.draw()
        if self._studied:
            self._say_directions()
        state = self._state
        if state is None:
            return
        self.contest.show_rows(state.rows, state.running if self.aside.busy else None)
        if state.subject.name == TUTORIAL:
            self._say_tutorial(state)
        if self._follows and state.running is not None:
            self.values.show_method(state.running)
        if self._panes[VALUES].isVisible() and state.shapes:
            show_values(self.values, state)
        if not self._studied and (verdict := trial_text(state)) is not None:
            self._say(verdict)

    def _say_directions(self) -> None:
        directions = self.studies.found.directions
        if directions:
            self._say(verdict_of_directions(directions))

    def _say_tutorial(self, state: TrialState) -> None:
        assert isinstance(state.subject, NumericSubject)
        formula = formula_line(expected_evaluations(state.subject.network))
        self.contest.say(f"{formula}. {tutorial_line(state.rows.get(Method.CENTRAL))}")

    def _say(self, verdict: VerdictText) -> None:
        self.verdict.say(verdict.kind, verdict.head, verdict.text, verdict.values)

    def _say_idle(self) -> None:
        if self._state is None and not self._studied:
            if self._nothing:
                self.verdict.say("hint", self._nothing[0], " ".join(self._nothing[1:]))
                return
            self.verdict.say(
                "hint",
                self.tr("Press Start"),
                self.tr("to differentiate the loss of the cursor's minibatch by every method."),
            )
