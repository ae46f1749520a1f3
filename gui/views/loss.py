"""The curves of the loss of every minibatch and of the accuracy on the test set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QStackedLayout,
    QWidget,
)

from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from gui.dialogs.facet_words import where_to_name
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.parameters import loss_layer
from gui.widgets.segments import make_segments
from gui.widgets.view import Table, View

if TYPE_CHECKING:  # slow to import: see `_make_plots`
    from gui.paint.plots.loss_plots import LossPlots


def loss_known(snapshot: Snapshot) -> bool:
    """Whether the loss of the cursor's batch is known at the cursor.

    It is for every earlier batch; in the last batch the loss must have been computed.
    """
    if snapshot.position.batch < snapshot.history.reach - 1:
        return True
    loss = loss_layer(snapshot)
    if loss is not None:
        return loss.output is not None
    after = (Phase.BACKWARD, Phase.UPDATE)  # of a program: what follows its loss has begun
    event = snapshot.position.event
    return any(band.first <= event for band in snapshot.bands if band.phase in after)


class LossView(View):
    """Draws the curves; before any batch has run, it says what will be drawn."""

    view_id = "loss"
    patient = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._history: RunHistory | None = None
        self._batch = 0
        self._known = False
        self._is_program = False  # whose loss may be unknown
        self._has_tests = True
        self._plots: LossPlots | None = None
        self._pending = False
        self._seen = False
        self._empty = EmptyState(theme)
        self._say_empty(unknown=False)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._make_controls()

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Loss and accuracy")

    def short_title(self) -> str:
        """The name on a tab."""
        return self.tr("Loss")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The thin line is the loss of each minibatch, the thick one its moving average, and "
            "circles were measured on the test set, small ones on a part of it. A loss that no "
            "longer falls, or an accuracy that turns down while it does, is the moment to look "
            "into; click it, or drag the line."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch of linear and logarithmic, and the button that shows the whole run."""
        return [self._segments, self._fit]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self._fit.setIcon(icon("screen-full", theme))
        if self._plots is not None:
            self._plots.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the run and the cursor."""
        self._batch = snapshot.position.batch
        self._known = loss_known(snapshot)
        self._is_program = bool(snapshot.facets)
        self._has_tests = snapshot.setup.test_images != 0
        self.show_history(snapshot.history)

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw the run so far; cheap enough for ten times a second."""
        self._history = history
        self._pending = not self.isVisible()
        if not self._pending:
            self._draw()

    def tables(self) -> Sequence[Table]:
        """The loss of each batch; the measurements on the test set."""
        history = self._history
        if history is None or not history.reach:
            return ()
        batches = np.arange(history.reach)
        losses = np.column_stack([batches.astype(object), history.losses.astype(object)])
        found = [Table(self.tr("loss"), losses, [self.tr("batch"), self.tr("loss")])]
        if len(history.test_batches):
            names = [self.tr("batch"), self.tr("test accuracy"), self.tr("test loss")]
            columns = (history.test_batches, history.test_accuracies, history.test_losses)
            tested = np.column_stack([column.astype(object) for column in columns])
            found.append(Table(self.tr("test set"), tested, names))
        return found

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what arrived while the panel was hidden."""
        super().showEvent(event)
        if self._pending:
            self._pending = False
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Import pyqtgraph once the first picture is on the screen, while data is being read."""
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self._make_plots)

    def _draw(self) -> None:
        history = self._history
        unknown = self._is_program and history is not None and not np.isfinite(history.losses).any()
        if history is None or not history.reach or unknown:
            self._say_empty(history is not None and history.reach > 0)
            self._stack.setCurrentWidget(self._empty)
            return
        plots = self._make_plots()
        plots.show_accuracy(self._has_tests)
        plots.show_history(history)
        plots.show_batch(self._batch, self._known)
        self._stack.setCurrentWidget(plots)

    def _say_empty(self, unknown: bool) -> None:
        """Say why there are no curves: no batch has run, or their loss is unknown."""
        if unknown:
            words = self.tr("The step returns no number, and no batch has given a loss.")
            self._empty.say(self.tr("No loss is known"), f"{words} {where_to_name('loss')}")
        else:
            self._empty.say(
                self.tr("No batch has run yet"),
                self.tr("The loss of each minibatch will be drawn here; press F5 to train."),
            )

    def _make_plots(self) -> LossPlots:
        if self._plots is None:
            from gui.paint.plots.loss_plots import LossPlots

            self._plots = LossPlots(self.theme)
            self._plots.batch_chosen.connect(self.batch_chosen)
            self._plots.set_log(self._scale.checkedId() == 1)
            self._stack.addWidget(self._plots)
            self._plots.resize(self.size())
            self._plots.grab()  # fonts and tick labels are slow when they are drawn first
        return self._plots

    def _make_controls(self) -> None:
        self._segments, self._scale = make_segments(self, (self.tr("linear"), self.tr("log")))
        tips = (self.tr("Linear loss axis"), self.tr("Logarithmic loss axis"))
        for button, tip in zip(self._scale.buttons(), tips, strict=True):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        self._scale.button(0).setChecked(True)
        self._scale.idClicked.connect(self._on_scale)
        self._fit = make_icon_button(self.tr("Fit"), self._on_fit)
        self._fit.setIcon(icon("screen-full", self.theme))
        self._fit.setToolTip(self.tr("Fit: show the whole run, also while it grows"))

    def _on_scale(self, index: int) -> None:
        if self._plots is not None:
            self._plots.set_log(index == 1)

    def _on_fit(self) -> None:
        if self._plots is not None:
            self._plots.fit()
