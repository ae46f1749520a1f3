"""Compares two branches: their losses, the parameters that differ, and the first difference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.debug.queries.compare import Comparison, FirstDifference, ParameterDifference
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, choose_scale, count_clipped
from gui.paint.matrix import MatrixCanvas
from gui.paint.scale_words import scale_text
from gui.paint.values import number_text, shape_text
from gui.views.branches.look import SIGN, look_of, sign_of
from gui.widgets.colour_bar import ColourBar
from gui.widgets.view import Table

ROW, HEAD = 20, 20
LONGEST_SOURCE = 60
LOW = 230  # pixels of height; below this, the parts stand side by side


class SmallTable(QTableWidget):
    """A read-only table of a few rows; a row can be selected. It is as high as its rows."""

    def __init__(self, heads: Sequence[str], name: str, chosen: bool) -> None:
        super().__init__(0, len(heads))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setHorizontalHeaderLabels(list(heads))
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(px(ROW))
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.SingleSelection if chosen else mode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setIconSize(SIGN)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.horizontalHeader()
        head.setFont(ui_font(11))
        head.setHighlightSections(False)
        head.setMinimumSectionSize(44)
        head.setFixedHeight(px(HEAD))
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for column in range(len(heads)):
            item = self.heading(column)
            item.setFont(ui_font(11))
            item.setTextAlignment(right if column else left)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def heading(self, column: int) -> QTableWidgetItem:
        """The heading of a column, or ""."""
        item = self.horizontalHeaderItem(column)
        assert item is not None  # the constructor sets one for every column
        return item

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show these rows; the first column is a name, the others are numbers."""
        self.setRowCount(len(rows))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for line, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setFont(code_font(12) if column else ui_font(12))
                item.setToolTip(text)
                if column:
                    item.setTextAlignment(right)
                self.setItem(line, column, item)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """High enough for all rows."""
        return QSize(220, px(HEAD) + px(ROW) * self.rowCount() + 2)

    def minimumSizeHint(self) -> QSize:
        """High enough for the header and one row."""
        return QSize(120, px(HEAD) + px(ROW))


class ComparisonPane(QWidget):
    """Draws a `Comparison`, or the progress of the search for the first difference.

    Signals:
        visit_asked: a `Position`, and the id of its branch.
        stop_asked: the person wants to end the search.
        compare_asked: the person wants to compare the selected branches.
    """

    compare_asked = Signal()
    visit_asked = Signal(object, int)
    stop_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.comparison: Comparison | None = None
        self._sentence_label = QLabel()
        self._sentence_label.setFont(ui_font(12))
        self._sentence_label.setWordWrap(True)
        self._sentence_label.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._go = self._link(self.tr("Go there"), self._on_go)
        self._go.setToolTip(self.tr("Go to this stop on the second branch"))
        self.compare = QPushButton(self.tr("Compare"))
        self.compare.setFont(ui_font(12))
        self.compare.setProperty("role", "primary")
        self.compare.clicked.connect(self.compare_asked)
        self._stop = self._link(self.tr("Stop"), self.stop_asked.emit)
        self._stop.setToolTip(self.tr("End the search here (F6)"))
        self.sides = SmallTable(
            (self.tr("Branch"), self.tr("Loss"), self.tr("Accuracy"), self.tr("Test loss")),
            self.tr("The two branches"), chosen=False,
        )  # fmt: skip
        self.sides.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sides.heading(2).setToolTip(self.tr("On the test set"))
        self.parameters = SmallTable(
            (self.tr("Difference in"), self.tr("RMS"), self.tr("Largest")),
            self.tr("How far the parameters differ"), chosen=True,
        )  # fmt: skip
        self.parameters.itemSelectionChanged.connect(self._draw_map)
        self.canvas = MatrixCanvas(theme)
        self.canvas.setAccessibleName(self.tr("Heat map of the difference"))
        self.bar = ColourBar(theme)
        self._body = QWidget()
        self._lay_out()
        self.show_nothing()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.canvas.set_theme(theme)
        self.bar.set_theme(theme)
        self._sign_sides()

    def show_nothing(self) -> None:
        """Explain how to start a comparison."""
        self.comparison = None
        self._say(
            self.tr(
                "Select two branches, or one to compare with the present one, and press Compare."
            ),
            compare=True,
        )
        self._body.hide()

    def show_search(self, batch: int | None) -> None:
        """Show the batch that the search has reached."""
        if batch is None:
            words = self.tr("Comparing…")
        else:
            words = self.tr("Looking for the first difference: batch {0}").format(batch)
        self._say(words, stop=True)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show the two branches and their differences."""
        self.comparison = comparison
        first = comparison.first
        unfinished = comparison.parted is not None and not comparison.whole and first is None
        self._say(self.sentence(), go=first is not None, compare=unfinished)
        before = self.tr("Before batch {0}").format(comparison.batch)
        self.sides.heading(0).setText(before)
        self.sides.heading(0).setToolTip(self.tr("As far as both have run"))
        self.sides.show_rows([
            (side.name, _number(side.loss), _percent(side.accuracy), _number(side.test_loss))
            for side in comparison.sides
        ])  # fmt: skip
        self._sign_sides()
        self.parameters.blockSignals(True)
        self.parameters.show_rows([
            (parameter.name, number_text(parameter.rms, 3), number_text(parameter.largest, 3))
            for parameter in comparison.parameters
        ])  # fmt: skip
        largest = max(
            range(len(comparison.parameters)),
            key=lambda n: np.nan_to_num(comparison.parameters[n].rms, nan=np.inf),
            default=-1,
        )
        self.parameters.selectRow(largest)
        self.parameters.blockSignals(False)
        self._draw_map()
        self._body.show()

    def sentence(self) -> str:
        """The place of the first difference, as a sentence."""
        comparison = self.comparison
        if comparison is None:
            return ""
        first = comparison.first
        if first is not None:
            return self._where(first)
        if comparison.parted is None:
            return self.tr("The two branches are the same: every change was made on both.")
        if not comparison.whole:
            return self.tr(
                "The search was stopped before a difference was found; press Compare to continue."
            )
        return self.tr(
            "No stop differs, to the last bit, up to batch {0}, where the shorter branch ends."
        ).format(comparison.batch)

    def tables(self) -> list[Table]:
        """The two branches, and the parameters' differences as a list and as arrays."""
        comparison = self.comparison
        if comparison is None:
            return []
        sides = [[s.name, s.loss, s.accuracy, s.test_loss] for s in comparison.sides]
        heads = [
            self.tr("branch"), self.tr("loss"), self.tr("test accuracy"), self.tr("test loss"),
        ]  # fmt: skip
        rows = [
            [parameter.name, parameter.rms, parameter.largest]
            for parameter in comparison.parameters
        ]
        columns = [self.tr("parameter"), self.tr("RMS"), self.tr("largest")]
        found = [
            Table(self.tr("comparison"), np.array(sides, dtype=object), heads),
            Table(self.tr("differences"), np.array(rows, dtype=object), columns),
        ]
        for parameter in comparison.parameters:
            name = self.tr("difference of {0}").format(parameter.name)
            found.append(Table(name, _flat(parameter.difference)))
        return found

    # Parts

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._sentence_label, 1)
        row.addWidget(self.compare, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._go, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._stop, 0, Qt.AlignmentFlag.AlignTop)
        self._tables = tables = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        tables.setSpacing(10)
        tables.addWidget(self.sides)
        tables.addWidget(self.parameters, 1)
        picture = QVBoxLayout()
        picture.setSpacing(2)
        picture.addWidget(self.canvas, 1)
        picture.addWidget(self.bar)
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addLayout(tables, 3)
        body.addLayout(picture, 2)
        self._columns = body
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 8, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._body, 1)
        column.addStretch(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts side by side if the pane is low."""
        super().resizeEvent(event)
        low = self.height() < px(LOW)
        ways = QBoxLayout.Direction
        self._tables.setDirection(ways.LeftToRight if low else ways.TopToBottom)
        self._tables.setStretch(0, 8 if low else 0)
        self._tables.setStretch(1, 5 if low else 1)
        top = Qt.AlignmentFlag.AlignTop
        self._tables.setAlignment(self.sides, top if low else Qt.AlignmentFlag(0))
        for place, share in enumerate((7, 3) if low else (1, 1)):
            self._columns.setStretch(place, share)

    def _link(self, text: str, act: object) -> QToolButton:
        link = QToolButton()
        link.setText(text)
        link.setProperty("role", "link")
        link.setFont(ui_font(12))
        link.clicked.connect(act)
        return link

    def _say(self, text: str, go: bool = False, stop: bool = False, compare: bool = False) -> None:
        self._sentence_label.setText(text)
        self.compare.setVisible(compare)
        self._go.setVisible(go)
        self._stop.setVisible(stop)

    def _where(self, first: FirstDifference) -> str:
        batch, event = first.position
        line = next((line.strip() for line in first.source.split("\n") if line.strip()), "")
        if len(line) > LONGEST_SOURCE:
            line = line[: LONGEST_SOURCE - 1] + "…"
        function = first.function
        if first.layer and "." in function:
            function = f"{first.layer}.{function.rsplit('.', 1)[1]}"
        place = f"{function} ({Path(first.file).name}:{first.line})"
        where = self.tr("`{0}` in {1}").format(line, place) if line else place
        if first.stray:
            words = self.tr("Other code runs from batch {0}, stop {1} on: {2}")
        else:
            words = self.tr("They differ first at batch {0}, stop {1}: {2}")
        return words.format(batch, event, where)

    def _sign_sides(self) -> None:
        if self.comparison is None:
            return
        for line, side in enumerate(self.comparison.sides):
            look = look_of(side.branch, self.theme)
            item = self.sides.item(line, 0)
            assert item is not None  # `show_rows` adds a row for each side
            item.setIcon(sign_of(look, False, self.theme))

    def _chosen(self) -> ParameterDifference | None:
        rows = self.parameters.selectionModel().selectedRows()
        if self.comparison is None or not rows:
            return None
        return self.comparison.parameters[rows[0].row()]

    def _draw_map(self) -> None:
        parameter = self._chosen()
        if parameter is None:
            return
        values = _flat(parameter.difference)
        scale = choose_scale(values, MapKind.SIGNED)
        shape = parameter.difference.shape

        def label_of(row: int, column: int) -> str:
            at = np.unravel_index(row * values.shape[1] + column, shape) if shape else ()
            return f"{parameter.name}[{', '.join(str(int(n)) for n in at)}]"

        axes = (str(values.shape[0]) if len(shape) > 1 else "", str(values.shape[1]))
        self.canvas.show_matrix(values, scale, label_of, axes)
        self.canvas.setToolTip("")
        self.bar.show_scale(scale, count_clipped(values, scale))
        tip = self.tr("{0}, {1}: second − first, {2}").format(
            parameter.name, shape_text(shape), scale_text(scale)
        )
        if self.bar.toolTip() != tip:
            self.bar.setToolTip(tip)

    def _on_go(self) -> None:
        if self.comparison is not None and self.comparison.first is not None:
            first, second = self.comparison.first, self.comparison.sides[1]
            self.visit_asked.emit(first.position, second.branch)


def _flat(values: np.ndarray) -> np.ndarray:
    """An array as a matrix: the first axis as rows, all others as columns; a vector is a row."""
    return np.atleast_2d(values) if values.ndim <= 2 else values.reshape(len(values), -1)


def _number(value: float | None) -> str:
    return "" if value is None else number_text(value, 4)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
