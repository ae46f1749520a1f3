"""The samples of the minibatch: pictures, labels, predictions and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
)
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from engine.debug.snapshots.snapshot import Minibatch, Snapshot
from gui.dialogs.facet_words import samples_words
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.sample_grid import SampleDelegate, SampleList, SampleModel, same_samples
from gui.views.samples.detail import SampleDetail
from gui.widgets.empty import EmptyState
from gui.widgets.view import Table, View

Index = QModelIndex | QPersistentModelIndex
BESIDE, BELOW = 430, 420  # width and height that hold the pinned sample's details


class SamplesView(View):
    """The digits of the minibatch."""

    view_id = "samples"
    patient = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._batch: Minibatch | None = None  # the snapshot that is drawn
        self._drawn: tuple[bool, bool, Theme] | None = None
        self._model = SampleModel(self)
        self._delegate = SampleDelegate(theme, self)
        self.list = SampleList()
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setAccessibleName(self.tr("Samples of the minibatch"))
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self.detail = SampleDetail(theme)
        self._worst = QToolButton()
        self._worst.setText(self.tr("worst"))
        self._worst.setAccessibleName(self.tr("Worst first"))
        self._worst.setFont(ui_font(11))
        self._worst.setProperty("tight", True)  # beside it is the number of wrong samples
        bold = QFontMetrics(ui_font(11, QFont.Weight.DemiBold))
        self._worst.setFixedWidth(bold.horizontalAdvance(self._worst.text()) + px(6))
        self._worst.setCheckable(True)
        self._worst.setProperty("role", "segment")
        self._worst.toggled.connect(self._refresh)
        self._saliency = QToolButton()
        self._saliency.setText("dx")  # the network's word, short enough for the title
        self._saliency.setAccessibleName(self.tr("Saliency"))
        self._saliency.setFixedWidth(px(42))
        self._saliency.setFont(ui_font(11))
        self._saliency.setCheckable(True)
        self._saliency.setProperty("role", "segment")
        self._saliency.setToolTip(
            self.tr("Saliency: the gradient of the loss by each pixel; red: more ink raises it")
        )
        self._saliency.toggled.connect(self._refresh)
        self._saliency.hide()
        self._empty = EmptyState(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._empty)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.addWidget(self._stack, 1)
        self._parts.addWidget(self.detail, 1)
        self.detail.hide()

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Samples")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The images of this minibatch with their labels; once the loss layer has run, 5 → 2 "
            "marks a 5 that was taken for a 2, with the probability of the right answer. Click one "
            "to pin it in all panels (in a large panel its details open), and look at the worst."
        )

    def title_widgets(self) -> list[QWidget]:
        """The toggle of the saliency, which is visible if its gradient exists."""
        return [self._worst, self._saliency]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self.detail.set_theme(theme)
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the minibatch of the cursor."""
        self._snapshot = snapshot
        self._saliency.setVisible(snapshot.minibatch.input_gradient is not None)
        self._refresh()

    def show_pin(self, sample: int | None) -> None:
        """Mark the pinned sample."""
        super().show_pin(sample)
        self._show_pinned()

    def tables(self) -> Sequence[Table]:
        """A row for each sample; and their pixels."""
        if self._snapshot is None or not len(self._snapshot.minibatch.labels):
            return ()
        batch = self._snapshot.minibatch
        columns = [self.tr("index"), self.tr("label")]
        values = [batch.indices, batch.labels]
        if batch.predictions is not None:
            columns.append(self.tr("prediction"))
            values.append(batch.predictions)
        if batch.losses is not None:
            columns.append(self.tr("loss"))
            values.append(batch.losses)
        if batch.probabilities is not None:
            columns += [f"p({n})" for n in range(batch.probabilities.shape[1])]
            values += list(batch.probabilities.T)
        rows = np.empty((len(batch.labels), len(columns)), dtype=object)
        for number, column in enumerate(values):
            rows[:, number] = list(column)
        pixels = batch.images.reshape(len(batch.images), -1)
        return [Table(self.title(), rows, columns), Table(self.tr("pixels"), pixels)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the details if they fit."""
        super().resizeEvent(event)
        self._show_pinned()

    def _on_chosen(self, index: Index) -> None:
        """Pin a sample, or unpin it."""
        if self._batch is not None:
            sample = int(self._batch.indices[self._model.row_of(index)])
            self.sample_pinned.emit(None if sample == self.pinned else sample)

    def _show_pinned(self) -> None:
        """Mark the pinned sample, and show its details beside or below the list."""
        row = self.pinned_row(self._snapshot) if self._snapshot is not None else None
        if row != self._model.pinned:
            self._model.pinned = row
            self.list.viewport().update()
        beside, below = self.width() >= px(BESIDE), self.height() >= px(BELOW)
        wanted = row is not None and (beside or below)
        if wanted:
            directions = QBoxLayout.Direction
            self._parts.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
            assert self._snapshot is not None and row is not None
            self.detail.show_sample(self._snapshot, row)
        if self.detail.isHidden() == wanted:
            self.detail.setVisible(wanted)

    def _say_order(self, batch: Minibatch) -> None:
        known = batch.losses is not None
        if known:
            text = self.tr("The samples with the largest loss first")
        else:
            text = self.tr("The samples with the largest loss first, once the loss layer has run")
        if self._worst.toolTip() != text:
            self._worst.setToolTip(text)

    def _refresh(self) -> None:
        if self._snapshot is None:
            return
        batch = self._snapshot.minibatch
        saliency = self._saliency.isChecked() and batch.input_gradient is not None
        worst = self._worst.isChecked()
        drawn = (saliency, worst, self.theme)
        self._say_order(batch)
        self._worst.setVisible(len(batch.labels) > 0)
        self._empty.say(*samples_words(self._snapshot))
        self._show_pinned()
        if drawn == self._drawn and same_samples(batch, self._batch):
            return
        self._drawn, self._batch = drawn, batch
        self._delegate.show(batch, saliency, self.theme)
        self._model.show_minibatch(batch, worst)
        self._stack.setCurrentWidget(self.list if len(batch.labels) else self._empty)
        if not len(batch.labels):
            self.subtitle_changed.emit("")
        elif batch.predictions is None:
            self.subtitle_changed.emit(self.tr("labels"))
        else:
            wrong = int(np.count_nonzero(batch.predictions != batch.labels))
            words = self.tr("{0} wrong, worst first") if worst else self.tr("{0} wrong")
            self.subtitle_changed.emit(words.format(wrong))
        self.list.viewport().update()
