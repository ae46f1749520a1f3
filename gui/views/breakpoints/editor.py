"""The editor of a breakpoint's condition, hit count and message, in its row.

It shows an error while the person types. Return does not close it while a text is invalid.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from engine.debug.breakpoints.breakpoints import (
    Breakpoint,
    check,
    condition_of,
    message_of,
    parse_hits,
)
from engine.debug.breakpoints.place import Place
from engine.errors import Described
from gui.dialogs.breakpoint_kinds import place_words
from gui.dialogs.dialog import error_text
from gui.look.theme import Theme, code_font, ui_font

MARGIN, SPACE = 8, 4
MOST_REASON = 3  # lines of an error; the tooltip has all of it


def problem_of(field: str, text: str) -> str:
    """The reason why a text cannot be a breakpoint's `condition`, `hits` or `log`, or ""."""
    try:
        if field == "condition":
            condition_of(text)
        elif field == "log":
            message_of(text)
        elif text.strip():
            parse_hits(text)
    except Described as error:
        return error_text(error)
    return ""


def scope_warning(field: str, text: str, place: Place) -> str:
    """A warning if a valid text has a name that is not in scope, or ""; the run decides."""
    scope = place.scope()
    asks = {"condition": condition_of, "log": message_of}.get(field)
    expressions = asks(text) if asks is not None else None
    try:
        if scope is not None and expressions is not None:
            expressions.check(scope)
    except Described as error:
        return error_text(error)
    return ""


class BreakpointEditor(QFrame):
    """Three text boxes, and the error below them.

    Signals:
        committed: the breakpoint's id, and the new values of the changed fields.
        left: editing has ended; whether the rows get the keyboard focus back.
        resized: the editor needs another height.
    """

    committed = Signal(int, object)
    left = Signal(bool)
    resized = Signal()

    def __init__(self, breakpoint: Breakpoint, theme: Theme) -> None:
        super().__init__()
        self._breakpoint, self._theme = breakpoint, theme
        self._ended = False
        self._shown_reason = ""
        self.setObjectName("breakpoint_editor")
        self.lines = {
            "condition": self._line(self.tr("condition"), "abs(x).max() > 1", breakpoint.condition),
            "hits": self._line(self.tr("hits"), "% 100", breakpoint.hits),
            "log": self._line(self.tr("log"), "loss {loss:.3f}", breakpoint.log),
        }  # fmt: skip
        self._close("condition", not breakpoint.place.takes_condition)
        self._close("log", not breakpoint.place.takes_message)
        self.reason = QLabel()
        self.reason.setFont(ui_font(12))
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        self.set_theme(theme)
        self._check("condition")
        self._app = cast(QApplication, QApplication.instance())
        self._app.focusChanged.connect(self._on_focus_changed)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.setStyleSheet(
            f"#breakpoint_editor {{ background: {theme.raised}; border: 1px solid {theme.accent};"
            f" border-radius: 6px; }} QLineEdit {{ padding: 0 6px; }}"
        )
        for field in self.lines:
            self._style_line(field)

    def begin(self) -> None:
        """Focus the first enabled text box."""
        first = next(line for line in self.lines.values() if line.isEnabled())
        first.setFocus()
        first.selectAll()

    def height_for(self, width: int) -> int:
        """The height in pixels that the editor needs at this width."""
        most = MOST_REASON * self.reason.fontMetrics().lineSpacing()
        words = self.reason.heightForWidth(max(width - 2 * MARGIN - 2, 40))
        lines = 2 * self.lines["condition"].sizeHint().height()
        return lines + min(words, most) + 2 * SPACE + 12

    def sizeHint(self) -> QSize:
        """The height for its current width."""
        return QSize(200, self.height_for(self.width()))

    def commit(self) -> bool:
        """Emit the changes and close. Returns False, and shows the error, if a text is invalid."""
        if self._ended:
            return True
        values = self._values()
        try:
            check(
                replace(
                    self._breakpoint,
                    condition=values["condition"],
                    hits=values["hits"],
                    log=values["log"],
                )
            )
        except Described as error:
            wrong = next((f for f in values if problem_of(f, values[f])), "")
            self._say(problem_of(wrong, values[wrong]) if wrong else error_text(error), True)
            return False
        changed = {f: text for f, text in values.items() if text != getattr(self._breakpoint, f)}
        keep_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        self._end()
        self.committed.emit(self._breakpoint.id, changed)
        self.left.emit(keep_focus)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return takes valid texts; Escape drops them."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
        elif event.key() == Qt.Key.Key_Escape:
            self._end()
            self.left.emit(True)
        event.accept()  # keep the key from the rows

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Update the height: the error's number of lines depends on the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.resized.emit()
            # The layout may have set the last size while the text boxes were being laid out.
            self._column.invalidate()
            self._column.activate()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._app.focusChanged.disconnect(self._on_focus_changed)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        """Commit when another widget gets the focus; an invalid text keeps the editor open."""
        was_here = before is not None and self.isAncestorOf(before)
        elsewhere = now is not None and now.window() is self.window() and not self.isAncestorOf(now)
        if was_here and elsewhere:
            self.commit()

    # Parts

    def _line(self, name: str, hint: str, text: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setFont(code_font(12))
        line.setPlaceholderText(hint)
        line.setAccessibleName(name)
        line.textEdited.connect(lambda _: self._check(self._field_of(line)))
        return line

    def _field_of(self, line: QLineEdit) -> str:
        return next(field for field, box in self.lines.items() if box is line)

    def _close(self, field: str, closed: bool) -> None:
        line = self.lines[field]
        line.setEnabled(not closed)
        if closed:
            line.setPlaceholderText(self.tr("none for this kind"))

    def _lay_out(self) -> None:
        hits = self.lines["hits"]
        hits.setMaximumWidth(hits.fontMetrics().horizontalAdvance("0" * 9) + 22)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 5, MARGIN, 4)
        column.setSpacing(SPACE)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for row, name, field, tip in (
            (upper, self.tr("if"), "condition",
             self.tr("A numpy expression over the variables in scope: abs(dout).max() > 1")),
            (lower, self.tr("hits"), "hits",
             self.tr("The hits that count, from the first batch on: >= 3, == 5, % 100")),
            (lower, self.tr("log"), "log",
             self.tr("A message with {expression}s; the run logs it and does not stop")),
        ):  # fmt: skip
            label = QLabel(name)
            label.setToolTip(tip)
            label.setFont(ui_font(12))
            label.setProperty("role", "hint")
            label.setBuddy(self.lines[field])
            row.setSpacing(6)
            row.addWidget(label)
            row.addWidget(self.lines[field], 0 if field == "hits" else 1)
        column.addLayout(upper)
        column.addLayout(lower)
        column.addWidget(self.reason, 1)

    def _values(self) -> dict[str, str]:
        return {
            field: line.text() if field == "log" else line.text().strip()
            for field, line in self.lines.items()
        }

    def _wrong(self, field: str) -> str:
        text = self.lines[field].text()
        return problem_of(field, text) or scope_warning(field, text, self._breakpoint.place)

    def _check(self, field: str) -> None:
        """Show the error of the edited text box, or else of another."""
        for other in self.lines:
            self._style_line(other)
        wrong = [w for f in (field, *self.lines) if (w := self._wrong(f))]
        self._say(wrong[0] if wrong else "", bool(wrong))

    def _style_line(self, field: str) -> None:
        line, problem = self.lines[field], self._wrong(field)
        colour = self._theme.error if problem else ""
        line.setStyleSheet(
            f"QLineEdit {{ border: 2px solid {colour}; padding: 0 5px; }}" if problem else ""
        )
        line.setToolTip(problem)
        line.setAccessibleDescription(problem)

    def _say(self, text: str, wrong: bool) -> None:
        hint = self.tr("{0}: Enter sets it, Esc leaves it").format(
            place_words(self._breakpoint.place)
        )
        self.reason.setText(text or hint)
        self.reason.setToolTip(text)
        self.reason.setStyleSheet(f"color: {self._theme.error if wrong else self._theme.text3}")
        if self.reason.text() != self._shown_reason:
            self._shown_reason = self.reason.text()
            self.resized.emit()
