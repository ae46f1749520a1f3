"""A dialog that asks for a few values: a name, a number, cells, the ends of a range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from engine.debug.cells import parse_index
from engine.errors import Described
from gui.dialogs.dialog import Dialog, error_text
from gui.look.theme import Theme
from gui.widgets.arrow_box import ArrowBox


@dataclass(frozen=True)
class Asked:
    """A field of the form.

    Attributes:
        name: the label; hint: the placeholder.
        read: parses the text; raises ValueError or a typed error.
        text: the initial text.
        choices: the suggested values.
    """

    name: str
    hint: str
    read: Callable[[str], Any]
    text: str = ""
    choices: Sequence[str] = ()


def whole(text: str) -> int:
    """A whole number from 0."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def number_or_none(text: str) -> float | None:
    """A number; None for an empty text."""
    return float(text) if text.strip() else None


def cells(text: str) -> str:
    """A valid index; raises BadValue for another text."""
    parse_index(text)
    return text.strip()


class FormDialog(Dialog):
    """A form whose values make an object; errors are shown while typing.

    Args:
        title, text: above the form.
        asked: its fields.
        make: makes the object from the fields' values; None or a typed error means invalid.
        then: receives the object when the form is accepted.
        accept: the button's text, by default "Set".
        tell: describes the object while it is valid.
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
        tell: Callable[[Any], str] | None = None,
    ) -> None:
        super().__init__(title, text, theme, parent)
        self.setObjectName("form_dialog")
        self._asked, self._make, self._tell = asked, make, tell
        self.lines: list[QLineEdit] = []
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for field in asked:
            widget, line = self._field(field)
            line.setPlaceholderText(field.hint)
            line.setAccessibleName(field.name)
            line.textChanged.connect(self._check)
            self.lines.append(line)
            form.addRow(field.name, widget)
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

    def _field(self, field: Asked) -> tuple[QWidget, QLineEdit]:
        """The widget of a field, and its line edit: plain, or with a list of choices."""
        if not field.choices:
            alone = QLineEdit(field.text)
            return alone, alone
        box = ArrowBox(self.theme)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.addItems(list(field.choices))
        box.setCurrentIndex(box.findText(field.text))
        box.setEditText(field.text)
        box.setAccessibleName(field.name)
        line = box.lineEdit()
        assert line is not None  # the box is editable
        return box, line

    def made(self) -> Any:
        """The object that the form makes; None while it is invalid."""
        return self._read()[0]

    def _read(self) -> tuple[Any, str]:
        """The object that the form makes, or the reason why it is invalid."""
        values = []
        for field, line in zip(self._asked, self.lines, strict=True):
            try:
                values.append(field.read(line.text()))
            except Described as error:
                return None, error_text(error)
            except ValueError:
                return None, self.tr("{0}: {1}").format(field.name, field.hint)
        try:
            made = self._make(*values)
        except Described as error:
            return None, error_text(error)
        return made, "" if made is not None else self.tr("Give at least one of the numbers.")

    def _check(self) -> None:
        made, problem = self._read()
        told = self._tell(made) if self._tell is not None and not problem else ""
        self.said.setText(problem or told)
        self.said.setStyleSheet(f"color: {self.theme.error if problem else self.theme.text2}")
        self._ok.setEnabled(not problem)
