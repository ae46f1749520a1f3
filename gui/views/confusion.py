"""The confusion matrix of the test set, and the images behind each count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from engine.debug.snapshots.snapshot import Minibatch, Snapshot, TestPredictions
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale
from gui.paint.sample_grid import SampleDelegate, SampleList, SampleModel
from gui.paint.tiles.canvas import TileCanvas
from gui.paint.tiles.tile import Tile
from gui.paint.values import taken_text
from gui.run_kind import RunKind, pause_first_text
from gui.widgets.empty import EmptyState
from gui.widgets.view import Table, View

Array = np.ndarray[Any, Any]
MATRIX = "matrix"
MOST_IMAGES = 1000
GAP = 16.0
SHARES = Scale(MapKind.ACTIVATIONS, 0.0, 1.0)


def counts_of(examined: TestPredictions) -> Array:
    """The count of each prediction (column) for each label (row), (classes, classes)."""
    classes = examined.classes
    places = examined.labels.astype(np.intp) * classes + examined.predictions
    counts: Array = np.bincount(places, minlength=classes * classes).reshape(classes, classes)
    return counts


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """Give the matrix all the room."""
    return [QRectF(GAP, 2, width - 2 * GAP, height - 8)][: len(tiles)]


class TestSamples(SampleModel):
    """Images of the test set."""

    __test__ = False  # keeps pytest from collecting the class, whose name begins with Test

    def origin_text(self, row: int, index: int, label: int) -> str:
        """The origin of an image, in words."""
        return self.tr("image {0} of the test set, a {1}").format(index, label)


class ConfusionView(View):
    """The confusion matrix of the last measurement at or before the cursor.

    Signals:
        measure_wanted: the person wants the test set measured before the cursor's batch.
    """

    view_id = "confusion"
    measure_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._examined: TestPredictions | None = None
        self._cell: tuple[int, int] | None = None
        self.canvas = TileCanvas(theme, arrange)
        self.canvas.setAccessibleName(self.tr("Confusion matrix"))
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.resized.connect(self._draw)
        self.heading = QLabel()
        self.heading.setFont(ui_font(12))
        self.heading.setMinimumWidth(10)
        self._model, self._delegate = TestSamples(self), SampleDelegate(theme, self)
        self.list = SampleList()
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setAccessibleName(self.tr("Images of the test set"))
        self._both = QWidget()
        self._images = QWidget(self._both)
        column = QVBoxLayout(self._images)
        column.setContentsMargins(0, 2, 8, 4)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.list, 1)
        self.canvas.setParent(self._both)
        self._empty = EmptyState(theme)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._batch: int | None = None  # the cursor's
        self._test_images: int | None = None
        self._is_program = False
        self._running: RunKind | None = None
        self.measure = self._button("word")
        self._measure_now = self._button("primary")
        self._measure_now.setParent(self._empty)
        self._pages.addWidget(self._both)
        self._say_empty()
        self._say_buttons()

    def _button(self, role: str) -> QToolButton:
        button = QToolButton()
        button.setText(self.tr("Measure"))
        button.setAccessibleName(self.tr("Measure the test set"))
        button.setProperty("role", role)
        button.setFont(ui_font(12))
        button.setFixedHeight(px(26))
        button.clicked.connect(self.measure_wanted)
        return button

    def title_widgets(self) -> list[QWidget]:
        """The button that measures."""
        return [self.measure]

    def set_running(self, kind: RunKind | None) -> None:
        """Disable the button during training, which measures the test set at intervals."""
        self._running = kind
        self._say_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the matrix the width of its numbers, and the images the rest."""
        super().resizeEvent(event)
        width, height = self.width(), self.height()
        left = round(min(0.55 * width, max(1.5 * height, px(260))))
        self.canvas.setGeometry(0, 0, left, height)
        self._images.setGeometry(left, 0, width - left, height)
        self._place_button()

    def _place_button(self) -> None:
        button, box = self._measure_now, self.rect()
        size = button.sizeHint()
        y = min(box.center().y() + px(34), box.bottom() - 18 - size.height())
        button.setGeometry(box.center().x() - size.width() // 2, y, size.width(), size.height())

    def _say_buttons(self) -> None:
        """Enable the button, or explain why the test set cannot be measured here."""
        measured_here = self._examined is not None and self._examined.batch == self._batch
        why = ""
        if self._test_images == 0:
            why = self.tr("There is no test set")
        elif self._running is not None:
            why = pause_first_text(self._running)
        elif self._batch is None:
            why = self.tr("Nothing is open yet")
        elif measured_here:
            why = self.tr("It is already measured before this batch")
        words = why
        if not why:
            count = "" if self._test_images is None else f" ({self._test_images})"
            words = self.tr("Measure the test set{0} before batch {1}").format(count, self._batch)
        for button in (self.measure, self._measure_now):
            button.setEnabled(not why)
            button.setToolTip(words)
            button.setAccessibleDescription(words)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Confusion")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "Each row is a digit of the test set, each column what the network took it for; the "
            "diagonal is right, and a colour is the share of its row. Look for bright cells off "
            "the diagonal, and click one to see the images that were confused."
        )

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self.canvas.set_theme(theme)
        self._empty.set_theme(theme)
        if self._examined is not None:
            self._show_images(self._examined)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the last measurement at or before the cursor."""
        before, self._examined = self._examined, snapshot.test_predictions
        examined = snapshot.test_predictions
        self._batch, self._test_images = snapshot.position.batch, snapshot.setup.test_images
        self._is_program = bool(snapshot.facets)
        self._say_empty()
        self._say_buttons()
        if examined is None:
            self._pages.setCurrentWidget(self._empty)
            self.subtitle_changed.emit("")
            return
        self._pages.setCurrentWidget(self._both)
        right = float((examined.labels == examined.predictions).mean())
        text = self.tr("test set before batch {0}   {1} % right")
        self.subtitle_changed.emit(text.format(examined.batch, f"{100 * right:.1f}"))
        same = (
            before is not None
            and before.predictions is examined.predictions
            and before.batch == examined.batch
        )
        if not (same and self.canvas.tiles):
            self._draw()

    def picture(self) -> QWidget:
        """The matrix and the images."""
        return self._both

    def tables(self) -> Sequence[Table]:
        """The counts: labels down, predictions across."""
        if self._examined is None:
            return ()
        names = [str(n) for n in range(self._examined.classes)]
        return [Table(self.tr("Confusion"), counts_of(self._examined), names, names)]

    def chosen(self) -> Array:
        """The test-set indices of the chosen cell's images, or of all wrong ones."""
        examined = self._examined
        if examined is None:
            return np.zeros(0, dtype=np.intp)
        if self._cell is None:
            return np.flatnonzero(examined.labels != examined.predictions)
        label, prediction = self._cell
        return np.flatnonzero((examined.labels == label) & (examined.predictions == prediction))

    def _say_empty(self) -> None:
        if self._test_images == 0:
            self._empty.say(
                self.tr("There is no test set"),
                self.tr("No test set of this program is known, so there is nothing to measure.")
                if self._is_program
                else self.tr(
                    "The dataset has none, so there is nothing to measure the network on."
                ),
            )
        else:
            self._empty.say(
                self.tr("The test set has not been measured yet"),
                self.tr(
                    "Train (F5): it is measured three times an epoch and where a run ends. Or "
                    "measure it now, before the cursor's batch:"
                ),
            )
        self._measure_now.setVisible(self._test_images != 0)

    def _draw(self) -> None:
        examined = self._examined
        if examined is None:
            return
        counts = counts_of(examined)
        totals = counts.sum(axis=1, keepdims=True)
        shares = (counts / np.maximum(totals, 1)).astype(np.float32)
        names = [str(n) for n in range(examined.classes)]
        recall = np.diag(shares)
        worst = int(np.argmin(np.where(totals[:, 0] > 0, recall, 2)))

        def label(row: int, column: int) -> str:
            share = f"{100 * float(shares[row, column]):.1f} %"
            return self.tr("{0}, {1} of its row:").format(taken_text(row, column), share)

        box = None
        if self._cell is not None:
            row, column = self._cell
            box = (row, column, row + 1, column + 1)
        words = [
            (self.tr("found least:"), f"{worst} ({100 * float(recall[worst]):.1f} %)"),
            (self.tr("images"), str(len(examined.labels))),
        ]
        matrix = Tile(
            MATRIX, self.tr("label ↓  prediction →"), "", shares, SHARES, counts, words,
            label_of=label, box=box, bar=False, truth=counts, heads=(names, names),
        )  # fmt: skip
        self.canvas.show_tiles([matrix])
        self._show_images(examined)

    def _show_images(self, examined: TestPredictions) -> None:
        """List the chosen cell's images with their labels and predictions."""
        chosen = self.chosen()
        title = taken_text(*self._cell) if self._cell else self.tr("All that are wrong")
        single = len(chosen) == 1
        count = self.tr("1 image") if single else self.tr("{0} images").format(len(chosen))
        shown = chosen[:MOST_IMAGES]
        if not len(chosen):
            count = self.tr("none of the images")
        elif len(shown) < len(chosen):
            count = self.tr("the first {0} of {1} images").format(len(shown), len(chosen))
        grey = self.theme.text2
        hint = self.tr("label → prediction")
        self.heading.setText(
            f"<b>{title}</b> &nbsp;<span style='color:{grey}'>{count} &nbsp; {hint}</span>"
        )
        some = Minibatch(
            shown, examined.images[shown], examined.labels[shown], examined.predictions[shown], None
        )
        self._delegate.show(some, False, self.theme)
        self._model.show_minibatch(some)
        self.list.scrollToTop()
        self.list.viewport().update()

    def _on_clicked(self, tile: str, row: int, column: int) -> None:
        """List the images of the clicked cell, or all wrong ones again."""
        if tile == MATRIX:
            self._cell = None if self._cell == (row, column) else (row, column)
            self._draw()
