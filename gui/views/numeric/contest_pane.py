"""The contest of methods: the table, the formula of the evaluations, and the bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from engine.numeric import Contestant, Method
from gui.look.theme import Theme, code_font
from gui.look.type_scale import px
from gui.views.numeric.bars import ContestBars
from gui.views.numeric.methods import ORDER
from gui.views.numeric.table import ContestTable
from gui.widgets.view import Table

WIDE = 760  # pixels of width; from this on, a low panel has the bars beside the table
LEAST_BARS = 130
LOW = 160  # pixels of height; below this the sentence about the number of runs is hidden

_HORIZONTAL = Qt.Orientation.Horizontal


class ContestPane(QWidget):
    """The table above the bars; in a low panel side by side."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, methods: Sequence[Method] = ORDER
    ) -> None:
        super().__init__(parent)
        self.table = ContestTable(theme, self, methods)
        self.bars = ContestBars(theme, self)
        self.formula = QLabel(self)
        self.formula.setFont(code_font(11))
        self.formula.setProperty("role", "secondary")
        self.formula.setWordWrap(True)
        self.formula.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.table.set_theme(theme)
        self.bars.set_theme(theme)

    def show_rows(self, rows: Mapping[Method, Contestant], running: Method | None) -> None:
        """Draw the results so far."""
        self.table.contest.show_rows(rows, running)
        self.bars.show_rows(rows)

    def say(self, text: str) -> None:
        """Set the text below the table."""
        if text != self.formula.text():
            self.formula.setText(text)
            self.table.setAccessibleDescription(text)
            self._share()

    def to_table(self) -> Table:
        """The contest as a table to save."""
        model = self.table.contest
        columns = [model.headerData(n, _HORIZONTAL) for n in range(model.columnCount())]
        cells = [[model.data(model.index(row, n)) for n in range(len(columns))]
                 for row in range(model.rowCount())]  # fmt: skip
        name = QCoreApplication.translate("NumericView", "contest")
        return Table(name, np.array(cells, dtype=object), columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room."""
        self._share()

    def _share(self) -> None:
        width, height = self.width() - 24, self.height()
        beside = height < px(320) and width >= px(WIDE)
        left = round(width * 0.64) if beside else width
        line = self.formula.heightForWidth(left) if self.formula.text() else 0
        line = min(line, px(48)) if height >= px(LOW) else 0
        self.formula.setVisible(line > 0)
        most = height - line - 4 - (0 if beside else px(LEAST_BARS))
        table = min(self.table.share_height(most), max(height - line - 2, px(60)))
        self.table.setGeometry(QRect(12, 0, left, table))
        self.formula.setGeometry(QRect(14, table + 3, left - 4, line))
        if beside:
            self.bars.setGeometry(QRect(left + 24, 0, width - left - 12, height - 2))
        else:
            top = table + line + 8
            self.bars.setGeometry(QRect(12, top, width, max(height - top - 2, 0)))
        self.bars.setVisible(beside or height - table - line - 10 >= px(70))
