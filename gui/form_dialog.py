"""Asks for a few values: a name, a number, cells, the ends of a range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from engine.debug.hits import parse_index
from engine.errors import Described
from gui.dialogs import Dialog, error_text
from gui.theme import Theme


@dataclass(frozen=True)
class Asked:
    """A line of the form.

    Attributes:
        name: what stands beside it; hint: what stands in it while it is empty.
        read: makes a value of the text; raises ValueError or a typed error.
    """

    name: str
    hint: str
    read: Callable[[str], Any]
    text: str = ""


def whole(text: str) -> int:
    """A whole number from 0."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def number_or_none(text: str) -> float | None:
    """A number; nothing for an empty text."""
    return float(text) if text.strip() else None


def cells(text: str) -> str:
    """An index, checked."""
    parse_index(text)
    return text.strip()


class FormDialog(Dialog):
    """A form whose values make something; what cannot be used is said as it is typed.

    `accept` is the text of the button that takes them, translated; "Set" where it is empty.
    """

    def __init__(
        self,
        title: str,
        text: str,
        asked: Sequence[Asked],
        make: Callable[..., Any],
        then: Callable[[Any], object],
        theme: Theme,
        parent: QWidget | None = None,
        accept: str = "",
    ) -> None:
        super().__init__(title, text, theme, parent)
        self.setObjectName("form_dialog")
        self._asked, self._make = asked, make
        self.lines = [QLineEdit(one.text) for one in asked]
        form = QFormLayout()
        for one, line in zip(asked, self.lines, strict=True):
            line.setPlaceholderText(one.hint)
            line.setAccessibleName(one.name)
            line.textChanged.connect(self._check)
            form.addRow(one.name, line)
        self.content.addLayout(form)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setMinimumHeight(2 * self.said.fontMetrics().lineSpacing() + 4)
        self.content.addWidget(self.said)
        role = QDialogButtonBox.ButtonRole
        self.add_button(self.tr("Cancel"), role.RejectRole)
        self._ok = self.add_button(accept or self.tr("Set"), role.AcceptRole, "primary")
        self.accepted.connect(lambda: then(self.made()) if self.made() is not None else None)
        self._check()
        self.lines[0].setFocus()

    def made(self) -> Any:
        """What the form says; None while it cannot be used."""
        try:
            values = [
                one.read(line.text()) for one, line in zip(self._asked, self.lines, strict=True)
            ]
            return self._make(*values)
        except (ValueError, Described):
            return None

    def _check(self) -> None:
        said = ""
        for one, line in zip(self._asked, self.lines, strict=True):
            try:
                one.read(line.text())
            except Described as error:
                said = error_text(error)
            except ValueError:
                said = self.tr("{0}: {1}").format(one.name, one.hint)
        if not said and self.made() is None:
            said = self.tr("Give at least one of the numbers.")
        self.said.setText(said)
        self.said.setStyleSheet(f"color: {self.theme.error}" if said else "")
        self._ok.setEnabled(not said)
