"""Which digit is taken for which, over the whole test set, and the images behind each count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.debug.snapshot import Examined, Snapshot
from gui.parts.empty import EmptyState
from gui.parts.heatmap import MapKind, Scale
from gui.parts.mosaic import best_across, make_mosaic
from gui.parts.tiles import Tile, TileCanvas
from gui.theme import Theme
from gui.type_scale import px
from gui.view import Table, View

Array = np.ndarray[Any, Any]
MATRIX, IMAGES = "matrix", "images"
MOST_IMAGES = 120
GAP = 16.0
SHARES = Scale(MapKind.ACTIVATIONS, 0.0, 1.0)
PIXELS = Scale(MapKind.PIXELS, 0.0, 255.0)


def counts_of(examined: Examined) -> Array:
    """How often each label (row) was given each prediction (column), (classes, classes)."""
    classes = examined.classes
    places = examined.labels.astype(np.intp) * classes + examined.predictions
    counts: Array = np.bincount(places, minlength=classes * classes).reshape(classes, classes)
    return counts


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """The matrix at the left, as wide as its numbers want; the images fill the rest."""
    left = min(0.55 * width, max(1.5 * height, px(260)))
    return [
        QRectF(GAP, 2, left - 2 * GAP, height - 8),
        QRectF(left, 2, width - left - GAP, height - 8),
    ][: len(tiles)]


class ConfusionView(View):
    """The confusion matrix of the last measurement at or before the cursor."""

    view_id = "confusion"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._examined: Examined | None = None
        self._cell: tuple[int, int] | None = None
        self.canvas = TileCanvas(theme, arrange)
        self.canvas.setAccessibleName(self.tr("Confusion matrix"))
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.resized.connect(self._draw)
        self._empty = EmptyState(theme)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.canvas)
        self._say_empty()

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Confusion")

    def help_text(self) -> str:
        """What one sees, and what to look for."""
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

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the last measurement at or before the cursor."""
        before, self._examined = self._examined, snapshot.examined
        examined = snapshot.examined
        if examined is None:
            self._pages.setCurrentWidget(self._empty)
            self.subtitle_changed.emit("")
            return
        self._pages.setCurrentWidget(self.canvas)
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
        return self.canvas

    def tables(self) -> Sequence[Table]:
        """The counts; label down, prediction across."""
        if self._examined is None:
            return ()
        names = [str(n) for n in range(self._examined.classes)]
        return [Table(self.tr("Confusion"), counts_of(self._examined), names, names)]

    def chosen(self) -> Array:
        """Indices into the test set of the images of the chosen cell, or of all that are wrong."""
        examined = self._examined
        if examined is None:
            return np.zeros(0, dtype=np.intp)
        if self._cell is None:
            return np.flatnonzero(examined.labels != examined.predictions)
        label, prediction = self._cell
        return np.flatnonzero((examined.labels == label) & (examined.predictions == prediction))

    def _say_empty(self) -> None:
        self._empty.say(
            self.tr("The test set was not measured yet"),
            self.tr("Train (F5): it is measured three times an epoch and where a run ends."),
        )

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
            return self.tr("{0} taken for {1}, {2} of its row:").format(row, column, share)

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
        self.canvas.show_tiles([matrix, self._images(examined)])

    def _images(self, examined: Examined) -> Tile:
        chosen = self.chosen()
        if self._cell is None:
            title = self.tr("All that are wrong")
        else:
            title = self.tr("{0} taken for {1}").format(*self._cell)
        one = len(chosen) == 1
        count = self.tr("1 image") if one else self.tr("{0} images").format(len(chosen))
        if not len(chosen):
            return Tile(IMAGES, title, count, missing=(self.tr("None of the images"), None))
        shown = chosen[:MOST_IMAGES]
        if len(shown) < len(chosen):
            count = self.tr("the first {0} of {1} images").format(len(shown), len(chosen))
        image = (int(examined.images.shape[1]), int(examined.images.shape[2]))
        width, height = self.canvas.width(), self.canvas.height()
        across = best_across(len(shown), max(0.45 * width, 1), max(height - 40, 1))
        mosaic = make_mosaic(examined.images[shown].reshape(len(shown), -1), 1, image, across)

        def label(row: int, column: int) -> str:
            source = mosaic.source(row, column)
            if source is None:
                return ""
            index = int(shown[source[0]])
            return self.tr("test image {0}: {1} taken for {2}, pixel").format(
                index, int(examined.labels[index]), int(examined.predictions[index])
            )

        return Tile(
            IMAGES, title, count, mosaic.matrix, PIXELS, label_of=label, bar=False, pixels=True,
            image=image,
        )  # fmt: skip

    def _on_clicked(self, tile: str, row: int, column: int) -> None:
        """List the images of a cell, or of all that are wrong again."""
        if tile == MATRIX:
            self._cell = None if self._cell == (row, column) else (row, column)
            self._draw()
