"""The rows of a derivation: its numbered steps, and the trial at the end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from gui.look.icons import icon
from gui.look.theme import Theme, mix, ui_font
from gui.look.type_scale import px
from gui.paint.text import draw_text, ui_face
from gui.views.equation.lesson.tried_words import trial_html, trial_lines
from gui.widgets.code_html import code_html, plain
from gui.words.why.derivation import Derivation, Step, Tried

_BADGE, _AFTER_BADGE, _BETWEEN = 24, 12, 16
_ABOVE, _TIGHT = 4, 1  # beside the words of a step; in small letters
_AROUND_TRIAL = 8
_MOST_ASIDE = 0.55  # of a row's width; wider numbers stand under the words
_TEXT, _CODE, _ABOUT = 14, 13, 12


def text_label(parent: QWidget, name: str) -> QLabel:
    """Rich text that can be selected; keys go on to the box."""
    label = QLabel(parent)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


class StepRow(QWidget):
    """A step: its number, its words, and this minibatch's numbers at the right.

    Signals:
        pointed: whether the mouse is over it.

    Attributes:
        step: what it shows.
        shown: whether its words are there; if not, its number is.
        current: whether it is the step that is being explained.
    """

    pointed = Signal(bool)

    def __init__(self, number: int, step: Step, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.number, self.step, self.theme = number, step, theme
        self.shown, self.current = True, False
        self._small = False
        self._words = text_label(self, "step_words")
        self._words.setWordWrap(True)
        self._about = text_label(self, "step_about")
        self._numbers = text_label(self, "step_numbers")
        for label in (self._about, self._numbers):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.follow_type()

    def text(self) -> str:
        """The step as text."""
        about = f"{self.step.about}: " if self.step.about else ""
        numbers = f" [{about}{self.step.numbers}]" if self.step.numbers else ""
        return plain(f"{self.number}. {self.step.words}{numbers}")

    def set_small(self, small: bool) -> None:
        """Write in smaller letters, where there is little room."""
        if small != self._small:
            self._small = small
            self.follow_type()

    def follow_type(self) -> None:
        """Write in the theme's colours and the scale's sizes."""
        theme, step = self.theme, self.step
        text, code = (_TEXT - self._small, _CODE - self._small)
        self._words.setFont(ui_font(text))
        self._words.setText(_coloured(code_html(step.words, code), theme.text))
        self._about.setFont(ui_font(_ABOUT))
        self._about.setText(_coloured(code_html(step.about, _ABOUT), theme.text2))
        self._numbers.setFont(ui_font(code))
        self._numbers.setText(_coloured(_as_code(step.numbers, code), theme.text))
        self.setAccessibleName(self.text())

    def show_as(self, shown: bool, current: bool) -> None:
        """Show the words or the number alone, as the current step or not."""
        self.shown, self.current = shown, current
        step = self.step
        seen = (self._words, True), (self._about, step.about), (self._numbers, step.numbers)
        for label, text in seen:
            if label.isHidden() is (shown and bool(text)):  # else Qt would style it again
                label.setVisible(label.isHidden())
        self.update()

    def lay_out(self, width: int) -> int:
        """Place the parts in a width; returns the height that they take."""
        left = px(_BADGE + _AFTER_BADGE)
        room, edge = max(width - left - px(_ABOVE), 1), self._edge
        self._numbers.setWordWrap(False)
        about, numbers = self._about.sizeHint(), self._numbers.sizeHint()
        aside = max(about.width(), numbers.width())
        above = about.height() if self.step.about else 0
        tall = above + (numbers.height() if self.step.numbers else 0)
        top, words = edge, room
        if self._lay_out_in_line(left, room):
            return self.height()
        beneath = aside > _MOST_ASIDE * room
        if not beneath and tall:
            words = room - aside - px(_BETWEEN)
        self._numbers.setWordWrap(beneath)
        height = self._words.heightForWidth(words)
        self._words.setGeometry(left, top, words, height)
        if beneath:
            start = top + height
            tall = above + self._numbers.heightForWidth(room)
        else:
            start = top + max(height - tall, 0)  # the numbers stand beside the last line
        wide = room if beneath else aside
        self._about.setGeometry(left + room - wide, start, wide, above)
        self._numbers.setGeometry(left + room - wide, start + above, wide, tall - above)
        bottom = max(top + height, start + tall, top + px(_BADGE)) + edge
        self.setFixedHeight(bottom)
        return bottom

    @property
    def _edge(self) -> int:
        return px(_TIGHT if self._small else _ABOVE)

    def _lay_out_in_line(self, left: int, room: int) -> bool:
        """Place all parts in one line, where they fit."""
        about, numbers = self._about.sizeHint(), self._numbers.sizeHint()
        gap = px(_BETWEEN)
        words = room - numbers.width() - gap
        words -= about.width() + gap if self.step.about else 0
        height = max(about.height(), numbers.height(), px(_BADGE))
        if not (self.step.numbers and words > 0):
            return False
        if self._words.heightForWidth(words) > height:
            return False
        self._words.setGeometry(left, self._edge, words, height)
        end = left + room - numbers.width()
        middle = self._edge + height // 2
        self._numbers.setGeometry(
            end, middle - numbers.height() // 2, numbers.width(), numbers.height()
        )
        if self.step.about:
            start = end - gap - about.width()
            self._about.setGeometry(
                start, middle - about.height() // 2, about.width(), about.height()
            )
        self.setFixedHeight(height + 2 * self._edge)
        return True

    def enterEvent(self, event: QEnterEvent) -> None:
        """Say that the mouse is over it."""
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse has gone."""
        self.pointed.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the number in its circle, and the line to the next row."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.current:
            painter.fillRect(self.rect(), mix(theme.accent, theme.panel, 0.1))
        painter.setPen(QPen(QColor(theme.border), 1))
        bottom = self.height() - 0.5
        painter.drawLine(QLineF(0, bottom, self.width(), bottom))
        circle = QRectF(0.5, self.height() / 2 - px(_BADGE) / 2, px(_BADGE) - 1, px(_BADGE) - 1)
        painter.setPen(QPen(QColor(theme.accent if self.current else theme.strong), 1))
        painter.setBrush(QColor(theme.accent if self.current else theme.raised))
        painter.drawEllipse(circle)
        colour = theme.on_accent if self.current else theme.text if self.shown else theme.text3
        face = ui_face(12, QFont.Weight.DemiBold)
        draw_text(painter, circle, str(self.number), face, colour, Qt.AlignmentFlag.AlignHCenter)


class TrialRow(QWidget):
    """The trial: a tick where the measured change is the predicted one, else a warning.

    Attributes:
        mark: "ok", "warning", or "" as long as nothing was measured.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.mark = ""
        self._small = False
        self._derivation: Derivation | None = None
        self._tried: Tried | None = None
        self._problem = ""
        self._words = text_label(self, "tried")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    @property
    def wanted(self) -> bool:
        """Whether there is a trial."""
        return self._derivation is not None and self._derivation.trial is not None

    def text(self) -> str:
        """The trial as text."""
        return plain(" ".join(self._lines()))

    def show_trial(self, derivation: Derivation, tried: Tried | None, problem: str) -> None:
        """Show what was measured, or that nothing is yet, or why nothing can be."""
        self._derivation, self._tried, self._problem = derivation, tried, problem
        self.mark = "" if tried is None else "ok" if tried.holds else "warning"
        self.follow_type()

    def set_small(self, small: bool) -> None:
        """Write in smaller letters, where there is little room."""
        if small != self._small:
            self._small = small
            self.follow_type()

    def follow_type(self) -> None:
        """Write in the theme's colours and the scale's sizes."""
        if not self.wanted:
            return
        size = _CODE - self._small
        self._words.setFont(ui_font(size))
        html = trial_html(self._lines(), size)
        self._words.setText(_coloured(html, self.theme.text if self.mark else self.theme.text2))
        self.setAccessibleName(self.text())
        self.update()

    def lay_out(self, width: int) -> int:
        """Place the words in a width; returns the height that they take."""
        left, right = px(_BADGE + _BETWEEN // 2), px(8)
        around = px(_AROUND_TRIAL // 2 if self._small else _AROUND_TRIAL)
        room = max(width - left - right, 1)
        height = max(self._words.heightForWidth(room), px(_BADGE))
        self._words.setGeometry(left, around, room, height)
        self.setFixedHeight(height + 2 * around)
        return height + 2 * around

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the mark."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = {"ok": theme.ok, "warning": theme.warning}.get(self.mark, theme.strong)
        painter.setPen(QPen(mix(colour, theme.panel, 0.5), 1))
        painter.setBrush(mix(colour, theme.panel, 0.12))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        if self.mark:
            side = px(16)
            name = "pass-filled" if self.mark == "ok" else "warning"
            picture = icon(name, theme, colour)
            place = QRectF(px(8), (self.height() - side) / 2, side, side)
            picture.paint(painter, place.toRect())

    def _lines(self) -> list[str]:
        assert self._derivation is not None and self._derivation.trial is not None
        return trial_lines(self._derivation.trial, self._tried, self._problem)


def _as_code(numbers: str, pixels: int) -> str:
    """Numbers are code, whether they stand between backticks or not."""
    return code_html(f"`{plain(numbers)}`", pixels) if numbers else ""


def _coloured(html: str, colour: str) -> str:
    return f'<span style="color:{colour}">{html}</span>'
