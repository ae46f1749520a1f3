"""Hatches the batches whose loss is not finite in the plot of losses.

It is apart from the views, since importing pyqtgraph would delay the first window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from gui.look.theme import Theme, ui_font
from gui.paint.plots.curves import stretches

Array = np.ndarray[Any, Any]
MOST = 40  # marked gaps; of more, the widest


class LossGaps:
    """Bands over the batches without a finite loss.

    Attributes:
        name: the text about them, which the plot places where there is room.
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot, self._theme = plot, theme
        self._losses: Array = np.empty(0)
        self._gaps: list[tuple[int, int]] = []
        self._bands: list[pg.LinearRegionItem] = []
        self.name = pg.TextItem(anchor=(0, 0))
        self.name.setZValue(9)
        self.name.hide()
        plot.addItem(self.name, ignoreBounds=True)

    @property
    def first(self) -> int:
        """The first batch without a finite loss; 0 where all are finite."""
        return self._gaps[0][0] if self._gaps else 0

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.name.setColor(theme.nan)
        self.name.fill = pg.mkBrush(theme.panel)
        self.name.setFont(ui_font(12, QFont.Weight.DemiBold))
        for band in self._bands:
            band.setBrush(self._hatch())

    def show(self, losses: Array) -> None:
        """Mark the losses (reach,) of a run."""
        self._losses, self._gaps = losses, stretches(~np.isfinite(losses))
        some = sorted(sorted(self._gaps, key=lambda gap: gap[0] - gap[1])[:MOST])
        while len(self._bands) < len(some):
            band = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None), brush=self._hatch())
            band.setZValue(-5)
            self._bands.append(band)
            self._plot.addItem(band, ignoreBounds=True)
        for number, band in enumerate(self._bands):
            band.setVisible(number < len(some))
            if number < len(some):
                first, after = some[number]
                band.setRegion((first - 0.5, after - 0.5))

    def text(self) -> str:
        """The text about the gaps; empty if all losses are finite."""
        if not self._gaps:
            return ""
        tr, losses = QCoreApplication.translate, self._losses
        wrong = losses[~np.isfinite(losses)]
        value = "NaN" if np.isnan(wrong).all() else "∞"
        if np.isnan(wrong).any() and value != "NaN":
            value = tr("LossGaps", "NaN and ∞")
        first, after = self._gaps[0]
        if after == len(losses):
            return tr("LossGaps", "{0} from batch {1} on").format(value, first)
        if len(wrong) == 1:
            return tr("LossGaps", "{0} in batch {1}").format(value, first)
        words = tr("LossGaps", "{0} in {1} batches, the first {2}")
        return words.format(value, len(wrong), first)

    def _hatch(self) -> QBrush:
        return QBrush(QColor(self._theme.nan), Qt.BrushStyle.BDiagPattern)
