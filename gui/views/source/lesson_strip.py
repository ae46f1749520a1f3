"""The words above the source: what has happened, and what comes next."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextDocument,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.look.theme import Theme, mix, ui_font
from gui.look.type_scale import px
from gui.views.source.stop_dots import StopDots
from gui.widgets.code_html import CODE_LESS, Link, code_html, plain
from gui.widgets.term_label import TermLabel
from gui.words.lesson import Lesson
from gui.words.terms import TERMS, places_in

_HAPPENED, _NEXT = 14, 12  # pixels of the type
_LONG = {_HAPPENED: 112, _NEXT: 100}  # characters for which room is kept; most have fewer
_WIDTH = 0.5  # of a character, on an average, as a part of its size
_MOST_LINES = 2  # of a sentence
_BAR, _LEFT, _RIGHT, _AROUND, _BETWEEN = 3, 15, 12, 7, 2
_TINT = 0.08  # of the pass's colour in the ground
NO_DOTS = StopDots()
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)  # fmt: skip


class LessonStrip(TermLabel):
    """Two sentences in which code stands in the code font; they can be selected and copied.

    Terms are links with a dotted line under them. In a sentence at most one has a stronger line:
    the first that has not been met before in this strip.

    The focus is framed if it came by keys, until other words come; a key brings it back.

    The height depends on the width only, so that the code below stays where it is from stop to
    stop: there is room for long sentences. Should a longer one come, the room stays larger.

    Attributes:
        colour: of the bar at the left: the pass's.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._theme = theme
        self._met: set[str] = set()
        self._new: frozenset[str] = frozenset()  # of the lesson that is shown
        self._lesson: Lesson | None = None
        self.colour = theme.strong
        self._dots = NO_DOTS
        self._dimmed, self._wanted = False, True
        self._framed = self._keyed = False  # whether the focus came by keys
        self._measured: tuple[object, float] = (None, 0.0)  # the width of a second sentence
        self._line_height = 0.0  # of the second sentence
        self._grown: tuple[object, int, int] = (None, 0, 0)  # lines that were needed at a width
        self.setObjectName("lesson")
        self.setAccessibleName(self.tr("Lesson"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.follow_type()
        self.hide()

    @property
    def lesson(self) -> Lesson | None:
        """The words that are shown."""
        return self._lesson

    def plain_text(self) -> str:
        """Both sentences without the marks of the code."""
        return "" if self._lesson is None else plain("\n".join(self._sentences(self._lesson)))

    def show_lesson(self, lesson: Lesson | None, colour: str, dots: StopDots = NO_DOTS) -> None:
        """Show other words; None: there are none for this stop. `colour`: of the pass."""
        changed = lesson != self._lesson
        if changed:
            self._meet(lesson)
            self._forget_place()
        self._lesson, self.colour, self._dots = lesson, colour, dots
        if lesson is not None:
            self.setVisible(self._wanted)
        self._write()
        self.update()
        if changed and self.isVisible() and lesson is not None:
            said = self.plain_text().replace("\n", " ")
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def set_wanted(self, wanted: bool) -> None:
        """Show the words, or take no room."""
        self._wanted = wanted
        self.setVisible(wanted and self._lesson is not None)

    def set_dimmed(self, dimmed: bool) -> None:
        """Show the words as those of an earlier stop, while a run goes on."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._write()
            self.update()

    def set_theme(self, theme: Theme, colour: str) -> None:
        """Write in another theme's colours."""
        self._theme = self._link_theme = theme
        self.colour = colour
        self._write()
        self.update()

    def follow_type(self) -> None:
        """Write in the scale's size of now."""
        font = ui_font(_HAPPENED, QFont.Weight.DemiBold)
        for feature in ("liga", "calt"):  # the pieces of code have the features of this font
            font.setFeature(QFont.Tag(feature), 0)
        self.setFont(font)
        self.setContentsMargins(px(_LEFT), px(_AROUND), px(_RIGHT), 0)
        self._lay_out()

    def sizeHint(self) -> QSize:
        """The kept height; any width will do."""
        return QSize(px(300), self.minimumHeight())

    def _meet(self, lesson: Lesson | None) -> None:
        """Choose the new term of each sentence; it is new until another lesson comes."""
        new: set[str] = set()
        for sentence in () if lesson is None else (lesson.happened, lesson.next):
            terms = [place.term for place in places_in(sentence) if place.term in TERMS]
            new.update([term for term in terms if term not in self._met | new][:1])
        self._met |= new
        self._new = frozenset(new)

    def _forget_place(self) -> None:
        """Take away the frame and, after a click, the text cursor; keys go on from here."""
        if self.hasFocus() and not self._keyed:
            self.clearFocus()
        self._framed = False

    def _links(self, sentence: str, before: str = "") -> list[Link]:
        """The links of a sentence; a term that is new has been so in the one `before`."""
        told = {place.term for place in places_in(before)}
        return [
            Link(start, end, term, term in self._new and term not in told)
            for start, end, term in places_in(sentence)
        ]

    # Writing -------------------------------------------------------------------------------------

    def _sentences(self, lesson: Lesson) -> tuple[str, str]:
        return lesson.happened, self.tr("Next: {0}").format(lesson.next)

    def _lay_out(self) -> None:
        """Keep room for as many lines as long sentences need at this width."""
        self._write()
        lines = [
            min(_MOST_LINES, 1 + int(_LONG[size] * _WIDTH * px(size) / max(self._room(), 1)))
            for size in (_HAPPENED, _NEXT)
        ]
        place = (self.width(), self.font().pixelSize())
        if self._grown[0] == place:
            lines = [max(pair) for pair in zip(lines, self._grown[1:], strict=True)]
        above, below = (
            document.size().height()
            for size, n in zip((_HAPPENED, _NEXT), lines, strict=True)
            if (document := self._document("<br>".join(["x `x`"] * n), size))
        )
        self._line_height = self._document("x", _NEXT).size().height()
        self.setFixedHeight(round(above + below) + 2 * px(_AROUND) + px(_BETWEEN))

    def _room(self) -> int:
        return self.width() - px(_LEFT) - px(_RIGHT)

    def _write(self) -> None:
        """Write the sentences, each cut after its second line; the tooltip has all of them."""
        if self._lesson is None:
            self.clear()
            self.setToolTip("")
            self.setAccessibleDescription("")
            return
        theme = self._theme
        colours = (theme.text3,) * 2 if self._dimmed else (theme.text, theme.text2)
        sentences = self._sentences(self._lesson)
        sizes, weights, tops = (_HAPPENED, _NEXT), (600, 400), (0, px(_BETWEEN))
        fitted = [self._fitted(text, size) for text, size in zip(sentences, sizes, strict=True)]
        befores = ("", self._lesson.happened)
        html = "".join(
            f'<p style="margin-top:{top}px; margin-bottom:0px; color:{colour};'
            f' font-size:{px(size)}px; font-weight:{weight}">'
            f"{code_html(text, size - CODE_LESS, self._links(text, before), colour)}</p>"
            for (text, _), before, size, weight, colour, top in zip(
                fitted, befores, sizes, weights, colours, tops, strict=True
            )
        )
        if html != self.text():  # else a selection would go
            self.setText(html)
        whole = self.plain_text()
        self.setAccessibleDescription(whole)
        cut = any(text != whole for (text, _), whole in zip(fitted, sentences, strict=True))
        self.setToolTip(whole if cut else "")
        self._grow(*(lines for _, lines in fitted))

    def _grow(self, *lines: int) -> None:
        """Keep the room that sentences have needed at this width."""
        place = (self.width(), self.font().pixelSize())
        before = self._grown
        most = lines if before[0] != place else map(max, lines, before[1:])
        self._grown = (place, *most)
        if before[0] == place and before != self._grown:
            self._lay_out()

    def _fitted(self, sentence: str, size: int) -> tuple[str, int]:
        """A sentence that takes two lines at most, and how many lines it takes."""
        lines = self._lines(sentence, size)
        if lines <= _MOST_LINES:
            return sentence, lines
        least, most = 0, len(sentence)  # of these characters the first fits, the last does not
        while most - least > 1:
            middle = (least + most) // 2
            if self._lines(_cut(sentence, middle), size) <= _MOST_LINES:
                least = middle
            else:
                most = middle
        return _cut(sentence, least), _MOST_LINES

    def _lines(self, sentence: str, size: int) -> int:
        document = self._document(code_html(sentence, size - CODE_LESS), size)
        document.size()  # lays it out
        return document.firstBlock().layout().lineCount()

    def _document(self, html: str, size: int) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        font = QFont(self.font())
        font.setPixelSize(px(size))
        font.setWeight(QFont.Weight.DemiBold if size == _HAPPENED else QFont.Weight.Normal)
        document.setDefaultFont(font)
        document.setHtml(html)
        document.setTextWidth(max(self._room(), 1))
        return document

    def has_dots(self) -> bool:
        """Whether the stops of the pass are drawn: where a long sentence leaves room for them."""
        if self._lesson is None or not self._dots.groups:
            return False
        long = round(_LONG[_NEXT] * _WIDTH * px(_NEXT))
        free = self._room() - max(long, self._width_of_next(self._lesson))
        return self._dots.width() + px(_RIGHT) <= free

    def _width_of_next(self, lesson: Lesson) -> float:
        """The width of the second sentence in one line; measured once for each."""
        key = (lesson.next, self.font().pixelSize(), self._room())
        if self._measured[0] != key:
            html = code_html(self._sentences(lesson)[1], _NEXT - CODE_LESS)
            self._measured = key, self._document(html, _NEXT).idealWidth()
        return self._measured[1]

    # Qt ------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Frame the words if keys have led here."""
        super().focusInEvent(event)
        self._framed = self._keyed = event.reason() in _BY_KEYS
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Frame the words: keys are used here."""
        self._framed = self._keyed = True
        self.update()
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self._framed = False
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the bar of the pass, then the text."""
        theme = self._theme
        colour = theme.strong if self._dimmed else self.colour
        painter = QPainter(self)
        painter.fillRect(self.rect(), mix(colour, theme.panel, _TINT))
        painter.fillRect(QRectF(0, 0, px(_BAR), self.height()), QColor(colour))
        if self._framed:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self.has_dots():
            middle = self.height() - px(_AROUND) - self._line_height / 2
            self._dots.paint(painter, self.width() - px(_RIGHT), middle, theme, colour)
        painter.end()
        super().paintEvent(event)


def _cut(sentence: str, length: int) -> str:
    """The first characters of a sentence, with an ellipsis, the code in it closed."""
    start = sentence[:length].rstrip(" `")
    return start + "…" + ("`" if start.count("`") % 2 else "")
