"""The range of a typed number, the field for it, and the dialogs that ask for numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.debug.events import Position
from engine.errors import BadValue
from gui.dialogs.dialog import Dialog, error_text
from gui.look.theme import Theme

_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class AllowedNumber:
    """A whole number from `least` to `most`, or, not `whole`, a number above `least`."""

    name: str
    least: int
    most: int | None = None
    whole: bool = True

    def range(self) -> str:
        """The range in words that follow "expected"."""
        if not self.whole:
            return _tr("a number above {0}, such as 0.5 or 1e-4").format(self.least)
        if self.most is None:
            return _tr("a whole number, {0} or greater").format(self.least)
        return _tr("a whole number from {0} to {1}").format(self.least, self.most)

    def read(self, text: str) -> int | float:
        """Return the number.

        Raises:
            BadValue: the text is not a number, or the number is out of range.
        """
        text = text.strip()
        if "," in text:
            raise BadValue(self.name, f"“{text}”", _tr("a decimal point in place of the comma"))
        if not (_WHOLE if self.whole else _DECIMAL).fullmatch(text):
            said = f"“{text}”" if text else _tr("empty")
            raise BadValue(self.name, said, self.range())
        value = int(text) if self.whole else float(text)
        below = value < self.least if self.whole else value <= self.least
        if below or (self.most is not None and value > self.most) or not math.isfinite(value):
            raise BadValue(self.name, text, self.range())
        return value


class NumberField(QWidget):
    """A field for a number, with the allowed range or the error below it.

    Signals:
        checked: whether the changed text is an allowed number.
    """

    checked = Signal(bool)

    def __init__(self, allowed: AllowedNumber, value: float, theme: Theme) -> None:
        super().__init__()
        self._allowed, self._theme = allowed, theme
        self.line = QLineEdit(str(value) if allowed.whole else f"{value:g}")
        self.line.setAccessibleName(allowed.name)
        self.said = QLabel()
        self.said.setProperty("role", "hint")
        self.said.setMinimumHeight(
            2 * self.said.fontMetrics().lineSpacing() + 4
        )  # room for an error
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.said.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line)
        layout.addWidget(self.said)
        self.line.textChanged.connect(self._check)
        self.line.selectAll()
        self.setFocusProxy(self.line)
        self._check()

    @property
    def value(self) -> int | float | None:
        """The number; None while it is not allowed."""
        try:
            return self._allowed.read(self.line.text())
        except BadValue:
            return None

    def _check(self) -> None:
        try:
            self._allowed.read(self.line.text())
            said, colour = self._allowed.range(), ""
            said = said[:1].upper() + said[1:] + "."
        except BadValue as error:
            said, colour = error_text(error), f"color: {self._theme.error}"
        self.said.setText(said)
        self.said.setStyleSheet(colour)
        self.line.setAccessibleDescription(said)
        self.checked.emit(not colour)


class NumberDialog(Dialog):
    """Asks for one number."""

    def __init__(
        self,
        title: str,
        allowed: AllowedNumber,
        value: float,
        then: Callable[[int | float], None],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, "", theme, parent)
        self.setObjectName("number_dialog")
        self.field = NumberField(allowed, value, theme)
        self.content.addWidget(self.field)
        role = QDialogButtonBox.ButtonRole
        self.add_button(self.tr("Cancel"), role.RejectRole)
        accept = self.add_button(self.tr("OK"), role.AcceptRole, "primary")
        self.field.checked.connect(accept.setEnabled)
        self._then = then
        self.accepted.connect(self._on_accepted)
        self.field.setFocus()

    def _on_accepted(self) -> None:
        value = self.field.value
        if value is not None:  # else the button is disabled
            self._then(value)


class GoToDialog(Dialog):
    """Asks for a batch and a stop."""

    def __init__(
        self, position: Position, reach: int, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__("", "", theme, parent)
        title = self.tr("Go to")
        self.setWindowTitle(title)
        self.setObjectName("go_to_dialog")
        self.headline.setText(title)
        self._from = position
        batches = AllowedNumber(self.tr("batch"), 0, max(reach, position.batch))
        self.batch = NumberField(batches, position.batch, theme)
        self.event_number = NumberField(AllowedNumber(self.tr("stop"), 0), position.event, theme)
        form = QFormLayout()
        form.addRow(self.tr("Batch"), self.batch)
        form.addRow(self.tr("Stop"), self.event_number)
        self.content.addLayout(form)
        role = QDialogButtonBox.ButtonRole
        self.add_button(self.tr("Cancel"), role.RejectRole)
        self._go = self.add_button(self.tr("Go"), role.AcceptRole, "primary")
        self.batch.checked.connect(self._on_checked)
        self.event_number.checked.connect(self._on_checked)
        self.batch.setFocus()

    def _on_checked(self) -> None:
        """Set stop 0 for another batch, unless a stop was typed."""
        batch = self.batch.value
        if batch is not None and not self.event_number.line.isModified():
            event = self._from.event if batch == self._from.batch else 0
            self.event_number.line.setText(str(event))
        self._go.setEnabled(None not in (batch, self.event_number.value))

    @property
    def position(self) -> Position:
        """The typed position."""
        batch, event = self.batch.value, self.event_number.value
        assert isinstance(batch, int) and isinstance(event, int)
        return Position(batch, event)


def _tr(text: str) -> str:
    return QCoreApplication.translate("numbers", text)
