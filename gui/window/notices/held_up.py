"""A strip under the top row while a batch does not return, with buttons that stop it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from gui.look.theme import ui_font
from gui.session.held_up_watch import HeldUp
from gui.window.notices.over_panels import MARGIN, Kept, place_over_panels


def _tr(text: str) -> str:
    return QCoreApplication.translate("held_up", text)


def where_text(held_up: HeldUp) -> str:
    """The place where the batch runs: `Endless.forward (mine.py:14)`; "" if it is not known."""
    place = held_up.place
    return "" if place is None else f"{place.function} ({Path(place.file).name}:{place.line})"


def held_up_text(held_up: HeldUp) -> str:
    """The state of the batch, in a sentence or two."""
    where = where_text(held_up)
    if held_up.deaf and held_up.measuring:
        text = _tr(
            "The measurement of the test set does not stop: a call into C cannot be stopped, nor "
            "can code that catches every exception. Waiting for it to end."
        )
    elif held_up.deaf:
        text = _tr(
            "Batch {0} does not stop: a call into C cannot be stopped, nor can code that catches "
            "every exception. Waiting for it to end."
        )
    elif held_up.asked and held_up.measuring:
        text = _tr("Stopping the measurement of the test set…")
    elif held_up.asked:
        text = _tr("Stopping batch {0}…")
    elif held_up.measuring:
        text = _tr("The measurement of the test set has not returned.")
    else:
        text = _tr("Batch {0} has not returned.")
    parts = [text.format(held_up.batch)]
    if where and not (held_up.asked and not held_up.deaf):
        parts.append(_tr("It is in {0}.").format(where))
    return " ".join(parts)


class HeldUpBar(QFrame):
    """A strip over the panels, like a notice, while the batch is held up.

    Signals:
        stop_asked, save_asked, close_asked: a button was pressed; the last two are shown once
            the batch cannot be stopped.
    """

    stop_asked = Signal()
    save_asked = Signal()
    close_asked = Signal()

    def __init__(self, above: QWidget, parent: QWidget, kept: Kept) -> None:
        super().__init__(parent)
        self._above, self._window, self._kept = above, parent, kept
        self.setObjectName("held_up")
        self.setProperty("role", "bubble")
        self.text = QLabel()
        self.text.setObjectName("held_up_text")
        self.text.setFont(ui_font(12))
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.stop = self._button("stop_in_it_button", _tr("Stop inside the batch"), _STOP_HINT)
        self.save = self._button("save_held_up", _tr("Save…"), _SAVE_HINT)
        self.end = self._button("close_held_up", _tr("Close…"), _CLOSE_HINT)
        self.stop.clicked.connect(self.stop_asked)
        self.save.clicked.connect(self.save_asked)
        self.end.clicked.connect(self.close_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(10)
        row.addWidget(self.text, 1)
        for button in (self.stop, self.save, self.end):
            row.addWidget(button)
        self.hide()

    def _button(self, name: str, text: str, hint: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(_tr(hint))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def show_held_up(self, held_up: HeldUp | None) -> None:
        """Show the state of the batch; None: hide."""
        if held_up is None:
            self.hide()
            return
        text = held_up_text(held_up)
        said = self.text.text() if not self.isHidden() else ""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.stop.setEnabled(held_up.deaf or not held_up.asked)
        self.save.setVisible(held_up.deaf)
        self.end.setVisible(held_up.deaf)
        self.show()
        self.place()
        if said != text:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def place(self) -> None:
        """Move it under the top row, as wide as the text or the window."""
        if self.isHidden():
            return
        room = self._window.width() - 2 * MARGIN
        beside = self.sizeHint().width() - self.text.sizeHint().width()
        words = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 8
        width = min(beside + words, room)
        whole = self.sizeHint().height()
        self.resize(width, whole if beside + words <= room else self.heightForWidth(width))
        place_over_panels(self, self._above, self._kept())


_STOP_HINT = (
    "Raise an exception at the line that is running.\n"
    "The batch is taken back, and the cursor stands at the last stop that was recorded"
)
_SAVE_HINT = "Save the run as it was before this batch"
_CLOSE_HINT = "Close the window, although the batch is still running"
