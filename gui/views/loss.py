"""The loss of every minibatch and the accuracy on the test set, as the run goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QStackedLayout,
    QToolButton,
    QWidget,
)

from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.widgets.empty import EmptyState
from gui.widgets.segments import make_segments
from gui.widgets.view import Table, View

if TYPE_CHECKING:  # it is slow to import: see `_make_plots`
    from gui.paint.plots.loss_plots import LossPlots


def loss_known(snapshot: Snapshot) -> bool:
    """Whether the loss of the cursor's batch is known where the cursor is.

    An earlier batch has run to its end; in the last one the loss layer must have run.
    """
    if snapshot.position.batch < snapshot.history.reach - 1:
        return True
    return bool(snapshot.layers) and snapshot.layers[-1].output is not None


class LossView(View):
    """Draws the curves; before any batch has run it says what will be here."""

    view_id = "loss"
    patient = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._history: RunHistory | None = None
        self._batch = 0
        self._known = False
        self._plots: LossPlots | None = None
        self._pending = False
        self._seen = False
        self._empty = EmptyState(theme)
        self._empty.say(
            self.tr("No batch has run yet"),
            self.tr("The loss of each minibatch will be drawn here; press F5 to train."),
        )
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
        """The contents of the panel, and what to look for."""
        return self.tr(
            "The thin line is the loss of each minibatch, the thick one its moving average, and "
            "circles were measured on the test set, small ones on a part of it. A loss that no "
            "longer falls, or an accuracy that turns down while it does, is the moment to look "
            "into; click it, or drag the line."
        )

    def title_widgets(self) -> list[QWidget]:
        """Linear or logarithmic; the whole run."""
        return [self._segments, self._fit]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self._fit.setIcon(icon("screen-full", theme))
        if self._plots is not None:
            self._plots.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the run and where the cursor is in it."""
        self._batch = snapshot.position.batch
        self._known = loss_known(snapshot)
        self.show_history(snapshot.history)

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw the run as far as it has come; cheap enough for ten times a second."""
        self._history = history
        self._pending = not self.isVisible()
        if not self._pending:
            self._draw()

    def tables(self) -> Sequence[Table]:
        """The loss of each batch; what was measured on the test set."""
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
        """Draw what came while hidden."""
        super().showEvent(event)
        if self._pending:
            self._pending = False
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """With the first picture on the screen import pyqtgraph, while the data is being read."""
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self._make_plots)

    def _draw(self) -> None:
        history = self._history
        if history is None or not history.reach:
            self._stack.setCurrentWidget(self._empty)
            return
        plots = self._make_plots()
        plots.show_history(history)
        plots.show_batch(self._batch, self._known)
        self._stack.setCurrentWidget(plots)

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
        self._fit = QToolButton()
        self._fit.setProperty("role", "icon")
        self._fit.setIconSize(QSize(px(16), px(16)))
        self._fit.setIcon(icon("screen-full", self.theme))
        self._fit.setToolTip(self.tr("Fit: show the whole run, also while it grows"))
        self._fit.setAccessibleName(self.tr("Fit"))
        self._fit.clicked.connect(self._on_fit)

    def _on_scale(self, index: int) -> None:
        if self._plots is not None:
            self._plots.set_log(index == 1)

    def _on_fit(self) -> None:
        if self._plots is not None:
            self._plots.fit()
