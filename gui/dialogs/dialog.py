"""The dialogs for errors, messages and confirmations, and the base of all dialogs."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import UNSPEAKABLE, Described, RetrogradError, Worded
from gui.dialogs.wording import in_the_window
from gui.look.icons import icon, logo
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import SCALE, px


def error_text(error: BaseException) -> str:
    """The text of an error, translated if a translation is installed.

    An engine's error is a template over its fields. The template is translated in the context of
    the error's class. Any other error has Python's text.
    """
    if not isinstance(error, RetrogradError):
        return "".join(traceback.format_exception_only(error)).strip()
    return worded_text(error) if isinstance(error, Described) else str(error)


def worded_text(said: Worded) -> str:
    """A text of the engine, translated if a translation is installed."""
    context = type(said).__name__
    parts = [said.sentence, said.advice]
    template = " ".join(
        QCoreApplication.translate(context, in_the_window(part)) for part in parts if part
    )
    fields = said.fields()
    if fields.get("error") == UNSPEAKABLE:
        fields["error"] = QCoreApplication.translate("errors", UNSPEAKABLE)
    return template.format_map(fields)


def error_details(error: BaseException) -> str:
    """The traceback of an unexpected error, or of the layer's error that caused an expected one.

    An operating system's error needs none: its text is complete.
    """
    if isinstance(error, RetrogradError):
        cause = error.__cause__ or getattr(error, "error", None)
        if cause is None or isinstance(cause, OSError):
            return ""
        error = cause
    return "".join(traceback.format_exception(error)).strip()


class Dialog(QDialog):
    """A dialog with an icon, a headline, a text, further content, and buttons."""

    def __init__(self, title: str, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(px(420))
        self.theme = theme
        self.headline = QLabel(title)
        self.headline.setFont(ui_font(15, QFont.Weight.Bold))
        self.headline.setWordWrap(True)
        self.text = QLabel(text)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setVisible(bool(text))
        self.mark = QLabel()
        self.mark.hide()
        self.content = QVBoxLayout()
        self.content.setSpacing(12)
        self.buttons = QDialogButtonBox()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.headline, 1)
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.text)
        layout.addLayout(self.content)
        layout.addStretch(1)
        layout.addWidget(self.buttons)

    def set_mark(self, name: str, colour: str) -> None:
        """Put an icon before the headline."""
        drawn = icon(name, self.theme, colour)
        self.mark.setPixmap(drawn.pixmap(QSize(px(20), px(20)), self.devicePixelRatioF()))
        self.mark.show()

    def add_button(
        self, text: str, role: QDialogButtonBox.ButtonRole, look: str = ""
    ) -> QPushButton:
        """Add a button; Return presses the button with the look `primary`."""
        button = QPushButton(text)
        button.setProperty("role", look)
        self.buttons.addButton(button, role)
        if look == "primary":
            button.setDefault(True)
            button.setFocus()
        return button


class ErrorDialog(Dialog):
    """Shows an error: what failed, where, and what to do. The text can be copied."""

    def __init__(self, error: BaseException, theme: Theme, parent: QWidget | None = None) -> None:
        foreseen = isinstance(error, RetrogradError)
        super().__init__("", error_text(error), theme, parent)
        title = self.tr("That did not work") if foreseen else self.tr("Unexpected error")
        self.setWindowTitle(title)
        self.headline.setText(title)
        self.setObjectName("error_dialog")
        self.set_mark("error", theme.error)
        self._details = error_details(error)
        if not foreseen:
            self._add_hint(
                self.tr("The app continues. If you report this, include the text below.")
            )
        role = QDialogButtonBox.ButtonRole
        if self._details:
            self._add_details()
        copy = self.add_button(self.tr("Copy"), role.ActionRole)
        copy.setObjectName("copy")
        copy.setIcon(icon("copy", theme))
        copy.clicked.connect(self._copy)
        self.add_button(self.tr("Close"), role.RejectRole, "primary")

    def report(self) -> str:
        """The whole text, as it is copied."""
        return "\n\n".join(part for part in (self.text.text(), self._details) if part)

    def _add_hint(self, text: str) -> None:
        hint = QLabel(text)
        hint.setProperty("role", "secondary")
        hint.setWordWrap(True)
        self.content.addWidget(hint)

    def _add_details(self) -> None:
        details = QPlainTextEdit(self._details)
        details.setReadOnly(True)
        details.setFont(code_font(12))
        details.setAccessibleName(self.tr("Details"))
        details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        details.setMinimumHeight(px(160))
        details.hide()
        self.content.addWidget(details)
        more = self.add_button(self.tr("Details"), QDialogButtonBox.ButtonRole.ActionRole)
        more.setObjectName("details")
        more.setCheckable(True)
        more.toggled.connect(details.setVisible)
        more.toggled.connect(lambda wide: self.setMinimumWidth(px(640 if wide else 420)))
        more.toggled.connect(lambda _: self.adjustSize())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())


class MessageDialog(Dialog):
    """Reports a finished action with its numbers."""

    def __init__(self, title: str, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(title, text, theme, parent)
        self.setObjectName("message_dialog")
        self.set_mark("pass", theme.ok)
        self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole, "primary")


class ConfirmDialog(Dialog):
    """Asks before a change that resets something. Return cancels, so that nothing is lost."""

    def __init__(
        self, title: str, text: str, accept: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, text, theme, parent)
        self.setObjectName("confirm_dialog")
        self.set_mark("warning", theme.warning)
        role = QDialogButtonBox.ButtonRole
        self.add_button(accept, role.AcceptRole)
        self.add_button(self.tr("Cancel"), role.RejectRole, "primary")


LARGE_TYPE = 1.2  # as a factor


class KeysDialog(Dialog):
    """The keys of the window.

    Args:
        rows: text and keys of each action.
        theme: the colours.
        parent: the window.
    """

    def __init__(
        self, rows: Sequence[tuple[str, str]], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__("", "", theme, parent)
        title = self.tr("Keys")
        self.setWindowTitle(title)
        self.setObjectName("keys_dialog")
        self.headline.setText(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        columns = 3 if SCALE.factor > LARGE_TYPE else 2  # to fit a small screen
        down = -(-len(rows) // columns)
        for number, (text, keys) in enumerate(rows):
            across, line = divmod(number, down)
            grid.addWidget(QLabel(text), line, 2 * across)
            label = QLabel(keys)
            label.setFont(code_font(12))
            label.setProperty("role", "secondary")
            grid.addWidget(label, line, 2 * across + 1)
        for number, words in enumerate((
            self.tr("On the timeline: ← → step, ↑ ↓ step over."),
            self.tr("On the equation: ← → ↑ ↓, Page Up and Page Down move from cell to cell,\n"
                    "Tab to the next array; + − zoom, 0 fits, Esc releases the cell."),
        ), start=down):  # fmt: skip
            hint = QLabel(words)
            hint.setProperty("role", "hint")
            grid.addWidget(hint, number, 0, 1, 2 * columns)
        self.content.addLayout(grid)
        self._column.setSizeConstraint(
            QLayout.SizeConstraint.SetMinimumSize
        )  # so that nothing is cut
        self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole, "primary")


class AboutDialog(Dialog):
    """Describes this program."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Retrograd", "", theme, parent)
        self.setObjectName("about_dialog")
        self.text.setText(
            self.tr(
                "A time-travelling debugger for backpropagation.\n\n"
                "It runs a numpy network one minibatch at a time. Stop at any expression of the "
                "forward pass, the backward pass or the update, look at every array, and go on, "
                "forwards or backwards in time."
            )
        )
        self.text.show()
        self.mark.setPixmap(logo(px(28), self.devicePixelRatioF()))
        self.mark.show()
        self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole, "primary")
