"""The dialog in which a person draws a digit and names it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.data.prepare import FIELD, Preparation
from gui.dialogs.dialog import Dialog, error_text
from gui.dialogs.drawing.guess import GuessBars, ImagePreview
from gui.dialogs.drawing.pad import SIDE, DrawingPad
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.widgets.segments import make_segments

Array = np.ndarray[Any, Any]
_MIDDLE, _RIGHT = 200, 260  # widths of the columns beside the sheet


class DrawDialog(Dialog):
    """A sheet, the image that becomes of it, the network's probabilities, and the label.

    Args:
        preparation: how the drawing becomes an image.
        classes: the number of digits.
        text: what the drawing is for.
        theme: the colours.
        parent: the window.

    Signals:
        image_changed: another image (side, side) uint8 to ask the network about.
        drawn: the image and its label, when the dialog is accepted.
    """

    image_changed = Signal(object)
    drawn = Signal(object, int)

    def __init__(
        self,
        preparation: Preparation,
        classes: int,
        text: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", text, theme, parent)
        title = self.tr("Draw a digit")
        self.setWindowTitle(title)
        self.headline.setText(title)
        self.setObjectName("draw_dialog")
        self._preparation, self._chosen = preparation, False
        side = preparation.side
        self.pad = DrawingPad(theme, side)
        self.preview = ImagePreview(theme, np.zeros((side, side), np.uint8))
        self.bars = GuessBars(theme, classes)
        self._undo, self._clear = QPushButton(self.tr("Undo stroke")), QPushButton(self.tr("Clear"))
        self.segments, self.labels = make_segments(self, [str(k) for k in range(classes)])
        self.segments.setAccessibleName(self.tr("The digit that it is"))
        self._of_label, self._of_bars = self._note(), self._note()
        self._lay_out()
        role = QDialogButtonBox.ButtonRole
        self.step = self.add_button(self.tr("Step it"), role.AcceptRole, "primary")
        self.step.setToolTip(self.tr("Go to the beginning of its minibatch, on a new branch"))
        self.add_button(self.tr("Cancel"), role.RejectRole)
        self.pad.changed.connect(self._on_changed)
        self._undo.clicked.connect(self.pad.undo)
        self._clear.clicked.connect(self._on_cleared)
        QShortcut(QKeySequence.StandardKey.Undo, self).activated.connect(self.pad.undo)
        self.labels.idClicked.connect(self._on_chosen)
        self._update()
        self.pad.setFocus()

    @property
    def image(self) -> Array:
        """(side, side) uint8, as the network gets it."""
        return self.preview.image

    @property
    def label(self) -> int:
        """The chosen or proposed digit; -1: none yet."""
        return self.labels.checkedId()

    def show_guess(self, found: Array | BaseException) -> None:
        """Show the network's probabilities (K,) for the image, or why there are none."""
        if not self.image.any():
            return
        shares = found if isinstance(found, np.ndarray) else None
        self.bars.show_shares(shares)
        if isinstance(found, BaseException):
            self._of_bars.setText(self.tr("No probabilities: {0}").format(error_text(found)))
        else:
            self._of_bars.setText("")
            if not self._chosen and np.isfinite(found).all():
                self._check(int(found.argmax()))
        self._update()

    def accept(self) -> None:
        """Hand over the drawing, if there is one with a label."""
        if self.step.isEnabled():
            super().accept()
            self.drawn.emit(self.image, self.label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit names the drawing."""
        text = event.text()
        if text.isdecimal() and self.labels.button(int(text)) is not None:
            self._check(int(text))
            self._on_chosen()
            return
        super().keyPressEvent(event)

    # Parts

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(px(4))
        columns = QHBoxLayout()
        columns.setSpacing(px(20))
        left = QVBoxLayout()
        tools = QHBoxLayout()
        for button in (self._undo, self._clear):
            button.setAutoDefault(False)
            tools.addWidget(button)
        tools.addStretch(1)
        hint = self._note(self.tr("Left button: pen. Right button: eraser."))
        left.addWidget(self.pad)
        left.addWidget(hint)
        left.addLayout(tools)
        left.addStretch(1)
        middle = QVBoxLayout()
        middle.setSpacing(px(6))
        words = self.tr("As the network gets it: {0} × {0}").format(self._preparation.side)
        middle.addWidget(self._heading(words))
        middle.addWidget(self.preview)
        middle.addWidget(self._note(self._how_prepared()))
        middle.addStretch(1)
        right.addWidget(self._heading(self.tr("Probabilities at the cursor")))
        right.addWidget(self.bars)
        right.addWidget(self._of_bars)
        right.addStretch(1)
        for column, width in ((left, SIDE), (middle, _MIDDLE), (right, _RIGHT)):
            box = QWidget()
            box.setLayout(column)
            column.setContentsMargins(0, 0, 0, 0)
            box.setFixedWidth(px(width))
            columns.addWidget(box)
        self.content.addLayout(columns)
        named = QGridLayout()
        named.setHorizontalSpacing(px(10))
        named.addWidget(self._heading(self.tr("It is a")), 0, 0)
        named.addWidget(self.segments, 0, 1)
        named.addWidget(self._of_label, 0, 2)
        named.setColumnStretch(2, 1)
        self.content.addLayout(named)
        self.segments.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # Else the text at the top, which wraps, would be given the room of the rest.
        self._column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)

    def _how_prepared(self) -> str:
        made = self._preparation
        if not made.as_mnist:
            words = self.tr("Each pixel is the mean of its part of the sheet.")
            if made.step == 1:
                return words
            shades = self.tr("It has the {0} shades of the dataset.")
            return f"{words} {shades.format(255 // made.step + 1)}"
        words = self.tr(
            "As MNIST prepares it: scaled to fit 20 × 20, then moved so that its centre of mass "
            "is in the middle of 28 × 28."
        )
        if made.side == FIELD:
            return words
        more = self.tr("Each pixel is the mean of {0} × {0} of them.").format(FIELD // made.side)
        return f"{words} {more}"

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setFont(ui_font(12, QFont.Weight.DemiBold))
        return label

    def _note(self, text: str = "") -> QLabel:
        label = QLabel(text)
        label.setProperty("role", "secondary")
        label.setFont(ui_font(12))
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    # What happens

    def _on_changed(self) -> None:
        image = self._preparation.image(self.pad.ink / np.float32(255))
        self.preview.show_image(image)
        if image.any():
            self.image_changed.emit(image)
        else:
            self._on_emptied()
        self._update()

    def _on_cleared(self) -> None:
        self.pad.clear()
        self.pad.setFocus()

    def _on_emptied(self) -> None:
        """Without ink, there is nothing to guess or to name."""
        self.bars.show_shares(None)
        self._of_bars.setText("")
        self._chosen = False
        self.labels.setExclusive(False)
        for button in self.labels.buttons():
            button.setChecked(False)
        self.labels.setExclusive(True)

    def _on_chosen(self) -> None:
        self._chosen = True
        self._update()

    def _check(self, label: int) -> None:
        button = self.labels.button(label)
        if button is not None:
            button.setChecked(True)

    def _update(self) -> None:
        inked = bool(self.image.any())
        self._undo.setEnabled(bool(self.pad.strokes))
        self._clear.setEnabled(bool(self.pad.strokes))
        self.segments.setEnabled(inked)
        self.step.setEnabled(inked and self.label >= 0)
        if not inked:
            self._of_label.setText(self.tr("the network's guess is proposed as you draw"))
        elif self._chosen:
            self._of_label.setText(self.tr("as you say; a digit key changes it"))
        else:
            self._of_label.setText(self.tr("as the network guesses; another one is a click away"))
