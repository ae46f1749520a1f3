"""The current expression as a picture of its arithmetic, and where each cell came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolButton, QWidget

from engine.debug.operation import Operation
from engine.debug.snapshot import Snapshot
from gui.icons import icon
from gui.parts.equation.canvas import EquationCanvas
from gui.parts.equation.card import CellCard, explained, lists, telling_cell
from gui.parts.equation.mismatch import MismatchBox
from gui.parts.equation.picture import Manner, is_drawable
from gui.parts.segments import make_segments
from gui.theme import Theme
from gui.type_scale import SCALE, px
from gui.view import Table, View

MATRIX, PICTURES = range(2)
LEAST_CANVAS = 330  # of the canvas, below which the card gives way
CARD_SHARE = 0.26
LINE = 28  # the height of a card of one line


def network_of(snapshot: Snapshot) -> tuple[object, ...]:
    """What another value of means other tensors; a changed learning rate does not."""
    setup = snapshot.setup
    return setup.network, setup.dataset, setup.dtype, setup.seed


class EquationView(View):
    """Draws the operation of the event at the cursor."""

    view_id = "equation"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._pending = False
        self.canvas = EquationCanvas(theme, self)
        self.card = CellCard(theme, self)
        self.mismatch = MismatchBox(theme, self)
        self.card.hide()
        self.mismatch.hide()
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.event_chosen.connect(self.event_chosen)
        self.card.event_chosen.connect(self.event_chosen)
        self._make_controls()

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Equation")

    def help_text(self) -> str:
        """What one sees, and what to look for."""
        return self.tr(
            "The expression at the cursor as arithmetic on whole arrays: point at a cell of the "
            "result to see which cells made it, at one of an operand to see what it reaches. Equal "
            "dimensions are equally long and those that must agree share a colour, but lengths are "
            "not in proportion, or 784 would dwarf 50; double-click a name to go where it was made."
        )

    def title_widgets(self) -> list[QWidget]:
        """Matrix or pictures, and new colour scales."""
        return [self._modes, self._rescale]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        for part in (self.canvas, self.card, self.mismatch):
            part.set_theme(theme)
        self._rescale.setIcon(icon("color-mode", theme))
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw what the event at the cursor has done."""
        if self._snapshot is not None and network_of(self._snapshot) != network_of(snapshot):
            self.canvas.scales.clear()
        self._snapshot = snapshot
        self._pending = not self.isVisible()
        if not self._pending:
            self._refresh()

    def show_pin(self, sample: int | None) -> None:
        """Mark the pinned sample's row."""
        super().show_pin(sample)
        if self.isVisible():
            self._refresh()

    def follow_type(self) -> None:
        """Share the room anew."""
        super().follow_type()
        self._share()

    def tables(self) -> Sequence[Table]:
        """The result, and the operands that are arrays."""
        operation = self._operation()
        if operation is None:
            return ()
        found = [(operation.name, operation.result)]
        found += [(operand.text, operand.value) for operand in operation.operands]
        return [
            Table(name, np.asarray(value).reshape(-1, np.shape(value)[-1]))
            if np.ndim(value) > 2
            else Table(name, np.asarray(value))
            for name, value in found
            if is_drawable(value) and isinstance(value, np.ndarray)
        ]

    def picture(self) -> QWidget:
        """The equation itself."""
        return self.canvas

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while hidden."""
        super().showEvent(event)
        if self._pending:
            self._pending = False
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room."""
        super().resizeEvent(event)
        self._share()

    # Controls

    def _make_controls(self) -> None:
        self._modes, self._mode = make_segments(self, (self.tr("Matrix"), self.tr("Images")))
        self._mode.button(MATRIX).setChecked(True)
        self._mode.idClicked.connect(self._refresh)
        self._rescale = QToolButton()
        self._rescale.setProperty("role", "icon")
        text = self.tr("Choose the colour scales anew; they are kept from step to step otherwise")
        self._rescale.setToolTip(text)
        self._rescale.setAccessibleName(self.tr("Rescale"))
        self._rescale.setIcon(icon("color-mode", self.theme))
        self._rescale.clicked.connect(self.canvas.rescale)

    # Drawing

    def _operation(self) -> Operation | None:
        return self._snapshot.operation if self._snapshot is not None else None

    def _refresh(self, *_: Any) -> None:
        snapshot, operation = self._snapshot, self._operation()
        if snapshot is None or operation is None:
            return
        image = (int(snapshot.minibatch.images.shape[1]), int(snapshot.minibatch.images.shape[2]))
        pictures = self._mode.button(PICTURES)
        if pictures.text() != (size := f"{image[0]} × {image[1]}"):
            pictures.setText(size)
        manner = Manner(image, self._mode.checkedId() == PICTURES)
        batch = len(snapshot.minibatch.labels)
        phase = self.theme.phase(snapshot.event.phase)
        self.mismatch.show_operation(operation)
        self._shown = explained(operation)
        self._share()
        pin = self.pinned_row(snapshot)
        self.canvas.show_operation(operation, manner, phase, pin, batch, SCALE.factor)
        possible = self.canvas.picture is not None and self.canvas.picture.mode_possible
        if pictures.isEnabled() != possible:
            pictures.setEnabled(possible)
            none = self.tr("No axis of these arrays is as long as an image has pixels")
            pictures.setToolTip("" if possible else none)
        where = snapshot.stack[0].function if snapshot.stack else ""
        self.subtitle_changed.emit(f"{where}   {operation.source.splitlines()[0]}")

    _shown = False

    def _share(self) -> None:
        """The canvas with the card beside it, or beneath where a line says it all; errors below."""
        width, height = self.width(), self.height()
        operation = self._operation()
        aside = operation is not None and lists(operation)
        least = px(288)
        card = min(max(least, round(CARD_SHARE * width)), px(460))
        line = px(LINE)
        with_card = self._shown and (not aside or width - card >= LEAST_CANVAS)
        if self.mismatch.wanted:
            below = self.mismatch.heightForWidth(width - 24)
            self.mismatch.setGeometry(QRect(12, height - below - 10, width - 24, below))
            height -= below + 10
        if with_card and aside:
            self.canvas.setGeometry(0, 0, width - card - 12, height)
            self.card.setGeometry(width - card - 12, 4, card, height - 12)
        elif with_card:
            self.canvas.setGeometry(0, 0, width, height - line - 8)
            self.card.setGeometry(12, height - line - 8, width - 24, line)
        else:
            self.canvas.setGeometry(0, 0, width, height)
        if self.card.isHidden() == with_card:
            self.card.setVisible(with_card)
        if self.mismatch.isHidden() == self.mismatch.wanted:
            self.mismatch.setVisible(self.mismatch.wanted)

    def _on_pointed(self, index: Any) -> None:
        snapshot, operation = self._snapshot, self._operation()
        if snapshot is None or operation is None or not self._shown:
            self.card.clear()
            return
        if index is None:
            batch = len(snapshot.minibatch.labels)
            index = telling_cell(operation, self.pinned_row(snapshot), batch)
        self.card.show_cell(operation, index, snapshot.minibatch)
