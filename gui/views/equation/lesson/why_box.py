"""The box of a derivation, over the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.views.equation.lesson.more_below import MoreBelow
from gui.views.equation.lesson.why_head import WhyHead
from gui.views.equation.lesson.why_rows import StepRow, TrialRow, text_label
from gui.widgets.code_html import code_html, plain
from gui.words.why.derivation import Derivation, NoDerivation, Tried

_ARROW, _PADDING, _HEAD, _WIDEST = 8, 10, 34, 960
_BESIDE, _BELOW = 8, 6  # between the frame and what is around
_LEAST_WITH_TRIAL = 210  # the height from which the trial is always in sight
_FORWARDS = (Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Down)
_BACKWARDS = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_KEYS = (*_FORWARDS, *_BACKWARDS, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Escape)


class WhyBox(QWidget):
    """Shows a derivation: all its steps, or, by keys, one at a time.

    Signals:
        closed: by a person.
        term_lit: the row of the card's list that has the numbers of a step, or None.

    Attributes:
        found: what is shown; None while it is closed.
        current: the number of the step that is explained, from 0; None: all are there.
    """

    closed = Signal()
    term_lit = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.found: Derivation | NoDerivation | None = None
        self.current: int | None = None
        self._one_by_one = False  # as a person has last read a derivation
        self._rows: list[StepRow] = []
        self._areas, self._pointed_x = (QRect(), QRect()), 0
        self._way: tuple[QRect, bool] | None = None  # place, small letters; None: not known
        self._frame = QRect()  # within this widget
        self._focused: QWidget | None = None  # before it was opened
        self.setObjectName("why_box")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._head = WhyHead(theme, self)
        self._head.next.clicked.connect(self.show_next)
        self._head.close_button.clicked.connect(self.close_box)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QWidget()
        self._scroll.setWidget(self._body)
        self._more = MoreBelow(theme, self._scroll)
        for part in (self._body, self._scroll.viewport()):
            part.setAutoFillBackground(False)
        self._reason = text_label(self._body, "why_reason")
        self._reason.setWordWrap(True)
        self._trial = TrialRow(theme, self._body)
        self.follow_type()
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it shows anything."""
        return self.found is not None

    def text(self) -> str:
        """All that is shown, as text."""
        found = self.found
        if found is None:
            return ""
        if isinstance(found, NoDerivation):
            return plain(self._reason_of(found))
        lines = [plain(f"{found.title} {found.about}".strip())]
        lines += [row.text() for row in self._rows]
        return "\n".join(lines + ([self._trial.text()] if self._trial.wanted else []))

    def show_derivation(
        self, found: Derivation | NoDerivation, tried: Tried | None, problem: str = ""
    ) -> None:
        """Open with a derivation, or with the reason why there is none.

        `problem`: why its trial could not be measured, or "".
        """
        opening = self.found is None
        same = found is self.found
        self.found = found
        if not same:
            self._fill(found)
        if isinstance(found, Derivation):
            self._trial.show_trial(found, tried, problem)
            self._way = None
        self._show_rows()
        self.setAccessibleDescription(self.text())
        self._lay_out()
        self.show()
        self.raise_()
        if opening:
            self._focused = self.window().focusWidget()
            self.setFocus()
        if not same:
            self._say(self.text())

    def _fill(self, found: Derivation | NoDerivation) -> None:
        """Make the rows of another derivation."""
        for row in self._rows:
            row.setParent(None)
            row.deleteLater()
        self._rows, self._way = [], None
        reasoned = isinstance(found, NoDerivation)
        self._reason.setVisible(reasoned)
        title, about = self.tr("Why?"), ""
        self.current = None
        if isinstance(found, Derivation):
            title, about = found.title, found.about
            for number, step in enumerate(found.steps, start=1):
                row = StepRow(number, step, self.theme, self._body)
                row.pointed.connect(self._on_pointed)
                self._rows.append(row)
            if self._one_by_one and self._rows:
                self.current = 0
        else:
            self._reason.setText(code_html(self._reason_of(found), 13))
        self._head.say(title, about, not reasoned)
        self.setAccessibleName(plain(title))
        self._scroll.verticalScrollBar().setValue(0)

    def _reason_of(self, found: NoDerivation) -> str:
        return found.reason or self.tr("There is no derivation of this stop.")

    def close_box(self) -> None:
        """Close, and give the keys back to where they were."""
        if not self.is_open:
            return
        self.put_away()
        self.closed.emit()

    def put_away(self) -> None:
        """Close because the stop has gone."""
        focus = QApplication.focusWidget()
        had_keys = focus is not None and (focus is self or self.isAncestorOf(focus))
        self.found = self.current = None
        self.hide()
        self.term_lit.emit(None)
        focused, self._focused = self._focused, None
        if had_keys:
            seen = focused is not None and focused.isVisible()
            (focused if focused is not None and seen else self.window()).setFocus()

    # One step at a time

    def show_next(self) -> None:
        """Explain the next step; after the last one all are there, with the trial."""
        if not self._rows:
            return
        self._one_by_one = True
        after = 0 if self.current is None else self.current + 1
        self._explain(after if after < len(self._rows) else None)

    def show_previous(self) -> None:
        """Explain the step before."""
        if not self._rows:
            return
        self._one_by_one = True
        before = len(self._rows) - 1 if self.current is None else max(self.current - 1, 0)
        self._explain(before)

    def show_all(self) -> None:
        """Show all steps, from now on at once."""
        self._one_by_one = False
        self._explain(None)

    def _explain(self, current: int | None) -> None:
        self.current = current
        self._show_rows()
        self._lay_out()
        if current is not None:
            self._scroll_to(current)
            self._say(self._rows[current].text())
        elif self._trial.isVisible():
            if self._trial.parent() is self._body:
                self._scroll.ensureWidgetVisible(self._trial, 0, 0)
            self._say(self._trial.text())

    def _scroll_to(self, current: int) -> None:
        """Show a step and as many whole steps before it as there is room for."""
        end = self._rows[current].geometry().bottom() + 1
        tops = [row.y() for row in self._rows[: current + 1]]
        room = self._scroll.viewport().height()
        top = next((top for top in tops if end - top <= room), tops[-1])
        self._scroll.verticalScrollBar().setValue(top)

    def _show_rows(self) -> None:
        for number, row in enumerate(self._rows):
            row.show_as(self.current is None or number <= self.current, number == self.current)
            if row.isHidden():
                row.show()
        self._trial.setVisible(self.covers and self._trial.wanted and self.current is None)
        self._head.say_walk(self.current is not None)
        self._light()

    def _light(self) -> None:
        lit = None if self.current is None else self._rows[self.current].step.term
        self.term_lit.emit(lit)

    def _on_pointed(self, over: bool) -> None:
        """Light the term of the step under the mouse."""
        row = self.sender()
        if over and isinstance(row, StepRow) and row.shown:
            self.term_lit.emit(row.step.term)
        else:
            self._light()

    def _say(self, text: str) -> None:
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    # Look and place

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        for row in self._rows:
            row.theme = theme
        self._trial.theme = theme
        self._more.set_theme(theme)
        self._head.set_theme(theme)
        self.follow_type()

    def follow_type(self) -> None:
        """Write in the theme's colours and the scale's sizes."""
        self._head.follow_type()
        self._reason.setFont(ui_font(14))
        for row in self._rows:
            row.follow_type()
        self._trial.follow_type()
        self._way = None
        self._lay_out()
        self.update()

    @property
    def widest(self) -> int:
        """The width beyond which no line becomes easier to read, in pixels."""
        return px(_WIDEST)

    @property
    def covers(self) -> bool:
        """Whether the picture beneath is no use: a reason leaves most of it in sight."""
        return isinstance(self.found, Derivation)

    def place(self, area: QRect, pointed_x: int, whole: QRect | None = None) -> None:
        """Take a place in an area; the arrow points up at `pointed_x`, if that is above it.

        `whole`: the area to take where its steps would have to be scrolled in the first.
        """
        areas = (area, area if whole is None else whole)
        if (areas, pointed_x) != (self._areas, self._pointed_x):
            self._areas, self._pointed_x, self._way = areas, pointed_x, None
            self._lay_out()

    def point_at(self, x: int) -> None:
        """Let the arrow point at another place."""
        self.place(self._areas[0], x, self._areas[1])

    def _lay_out(self) -> None:
        padding = px(_PADDING)
        if self._areas[0].isEmpty() or not self.is_open:
            return
        areas = self._areas if self.covers else self._areas[:1]
        ways = [*((area, small) for area in areas for small in (False, True)), (areas[0], True)]
        arrow = px(_ARROW) if self._pointed_x else 0
        for area, small in ways if self._way is None else (self._way,):
            self._way = area, small
            most = area.height() - px(_BELOW)
            widest = area.width() if small else self.widest  # in long lines rather than scrolled
            width = min(area.width(), widest) - 2 * px(_BESIDE)
            for row in self._rows:
                row.set_small(small)
            self._trial.set_small(small)
            inner = width - 2 * padding
            trial = self._lay_out_trial(inner, most)
            around = arrow + px(_HEAD) + padding + trial
            body = self._lay_out_body(inner)
            if around + body <= most:
                break
        if around + body > most and self.current is not None:  # it is not there yet
            around, trial = around - trial, 0
        least, last = area.left() + px(_BESIDE), area.right() + 1 - px(_BESIDE) - width
        left = min(max(self._pointed_x - width // 2, least), last)
        height = min(around + body, most)
        if around + body > height:
            self._lay_out_body(inner - self._scroll.verticalScrollBar().sizeHint().width())
        self.setGeometry(area if self.covers else QRect(left, area.top(), width, height))
        x = left - self.x()
        self._frame = QRect(x, arrow, width, height - arrow)
        self._head.setGeometry(x + padding, arrow + px(4), inner, px(_HEAD) - px(4))
        room = height - arrow - px(_HEAD) - padding - trial
        self._scroll.setGeometry(x + padding, arrow + px(_HEAD), inner, room)
        self._more.follow()
        if trial:
            top = height - padding - self._trial.height()
            self._trial.setGeometry(x + padding, top, inner, self._trial.height())
        self.update()

    def _lay_out_trial(self, width: int, height: int) -> int:
        """The height of the trial beneath the steps; 0 if it comes after the last of them."""
        beneath = height >= px(_LEAST_WITH_TRIAL)
        parent = self if beneath else self._body
        if self._trial.parent() is not parent:
            seen = not self._trial.isHidden()
            self._trial.setParent(parent)
            self._trial.setVisible(seen)
        if not (self.covers and self._trial.wanted and beneath):
            return 0
        return self._trial.lay_out(width) + px(6)

    def _lay_out_body(self, width: int) -> int:
        """Place the rows in a width; returns their height."""
        y = 0
        if isinstance(self.found, NoDerivation):
            y = self._reason.heightForWidth(width) + px(8)
            self._reason.setGeometry(0, 0, width, y)
        for row in self._rows:
            height = row.lay_out(width)
            row.setGeometry(0, y, width, height)
            y += height
        if self._trial.parent() is self._body and self._trial.wanted:
            height = self._trial.lay_out(width)
            self._trial.setGeometry(0, y + px(6), width, height)
            y += height + px(6)
        self._body.setFixedSize(width, y)
        return y

    # Qt

    def event(self, event: QEvent) -> bool:
        """Keep its keys from the shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain_key = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if (event.key() in _KEYS and plain_key) or event.matches(QKeySequence.StandardKey.Copy):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Explain another step, close, or copy the text."""
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.text())
        elif key == Qt.Key.Key_Escape:
            self.close_box()
        elif key in _FORWARDS:
            self.show_next()
        elif key in _BACKWARDS:
            self.show_previous()
        elif key == Qt.Key.Key_Home and self._rows:
            self._explain(0)
        elif key == Qt.Key.Key_End:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame with the arrow."""
        painter, theme = QPainter(self), self.theme
        if self.covers:
            painter.fillRect(self.rect(), QColor(theme.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self._frame).adjusted(1, 1, -1, -1)
        path = QPainterPath()
        path.addRoundedRect(frame, px(8), px(8))
        x, arrow = float(self._pointed_x - self.x()), px(_ARROW)
        if self._pointed_x and frame.left() + 2 * arrow <= x <= frame.right() - 2 * arrow:
            tip = QPainterPath(QPointF(x - arrow, arrow + 2))
            tip.lineTo(x, 2)
            tip.lineTo(x + arrow, arrow + 2)
            path = path.united(tip)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.setBrush(QColor(theme.panel))
        painter.drawPath(path)
