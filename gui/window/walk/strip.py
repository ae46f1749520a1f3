"""The strip of a walk, between the toolbar and the panels: what to do, and what to look for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.look.style import NO_LIMIT
from gui.look.theme import Theme, mix, ui_font
from gui.look.type_scale import px
from gui.walks.walk import Deed, Station, Walk
from gui.widgets.code_html import CODE_LESS, Link, code_html
from gui.widgets.term_label import TermLabel
from gui.words.terms import places_in

_AROUND, _BETWEEN = 12, 4
_SAY, _LOOK = 15, 13  # pixels of the type
_TINT = 0.12  # of the accent in the ground
_DOT, _DOT_STEP = 3.5, 14
_LEAST_WIDE = 880  # pixels at a type scale of 1; below, the sentences need the room of asides


class StationDots(QWidget):
    """The stations of a walk: those behind are filled, and the one of now has a ring round it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._count = self._now = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_station(self, now: int, count: int) -> None:
        """Show the station of now, counted from 0."""
        self._now, self._count = now, count
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all dots."""
        return QSize(px(_DOT_STEP) * max(self._count, 1), px(_DOT_STEP))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in range(self._count):
            at = QPointF(px(_DOT_STEP) * (number + 0.5), self.height() / 2)
            lit = number <= self._now
            painter.setPen(QPen(QColor(self.theme.accent if lit else self.theme.text3), 1.2))
            painter.setBrush(QColor(self.theme.accent) if lit else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, px(_DOT), px(_DOT))
            if number == self._now:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, px(_DOT) + 3, px(_DOT) + 3)


class StationStrip(QWidget):
    """Shows a station.

    Signals:
        next_asked, back_asked, leave_asked: a button.
        return_asked: back to where the station is, after a wrong turn.
        term_asked: a term of the sentences, and its place on the screen.
    """

    next_asked = Signal()
    back_asked = Signal()
    leave_asked = Signal()
    return_asked = Signal()
    term_asked = Signal(str, QRect)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._station: Station | None = None
        self._spare = False  # whether the sentences are to have the room of the asides
        self.setObjectName("walk_strip")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._make_words()
        self._make_buttons(theme)
        around = self._around = QGridLayout(self)
        around.setContentsMargins(px(_AROUND) + 6, px(6), px(_AROUND) + 6, px(6))
        around.setHorizontalSpacing(px(_AROUND))
        around.setColumnStretch(0, 1)
        around.addLayout(self._words, 0, 0)
        around.addLayout(self._buttons, 0, 1)
        self.set_theme(theme)
        self.hide()

    def _make_words(self) -> None:
        self.say, self.look = (TermLabel(self.theme, self) for _ in range(2))
        self.strayed = QLabel(self)
        self.say.setFont(ui_font(_SAY, QFont.Weight.DemiBold))
        self.say.setObjectName("walk_say")
        self.look.setFont(ui_font(_LOOK))
        self.look.setObjectName("walk_look")
        self.strayed.setFont(ui_font(13))
        self.strayed.setObjectName("walk_strayed")
        for label in (self.say, self.look):
            label.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys where they are
            label.term_asked.connect(self.term_asked)
        self.back_there = QToolButton(self)
        self.back_there.setText(self.tr("Back to it"))
        self.back_there.setProperty("role", "link")
        self.back_there.setObjectName("walk_return")
        self.back_there.clicked.connect(self.return_asked)
        astray = QHBoxLayout()
        astray.setSpacing(px(12))
        astray.addWidget(self.strayed)
        astray.addWidget(self.back_there)
        astray.addStretch(1)
        self._words = QVBoxLayout()
        self._words.setSpacing(px(_BETWEEN))
        self._words.addStretch(1)
        self._words.addWidget(self.say)
        self._words.addWidget(self.look)
        self._words.addLayout(astray)
        self._words.addStretch(1)

    def _make_buttons(self, theme: Theme) -> None:
        self.heading = QLabel(self)
        self.heading.setFont(ui_font(12, QFont.Weight.DemiBold))
        self.heading.setObjectName("walk_heading")
        self.leave = QToolButton(self)
        self.leave.setText(self.tr("Leave"))
        self.leave.setToolTip(self.tr("End the walk; all stays as it is"))
        self.leave.setProperty("role", "link")
        self.leave.setObjectName("walk_leave")
        self.leave.clicked.connect(self.leave_asked)
        self.dots = StationDots(theme, self)
        self.number = QLabel(self)
        self.number.setFont(ui_font(13, QFont.Weight.DemiBold))
        self.back = QPushButton(self.tr("Back"), self)
        self.back.setObjectName("walk_back")
        self.back.clicked.connect(self.back_asked)
        self.next = QPushButton(self.tr("Next"), self)
        self.next.setObjectName("walk_next")
        self.next.setProperty("role", "primary")
        self.next.setAutoDefault(True)  # Return presses it, too
        self.next.clicked.connect(self.next_asked)
        self.waits = QLabel(self)
        self.waits.setFont(ui_font(12))
        self.waits.setProperty("role", "secondary")
        self.waits.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(px(_BETWEEN))
        self._buttons.addStretch(1)
        self._upper, self._lower = QHBoxLayout(), QHBoxLayout()
        for row in (self._upper, self._lower):
            row.setSpacing(px(8))
            row.addStretch(1)
            self._buttons.addLayout(row)
        for widget in (self.waits, self.back, self.next):
            self._lower.addWidget(widget)
        self._place_above()
        self._buttons.addStretch(1)

    def _place_above(self) -> None:
        """Place what stands above the buttons, or beside them where height is scarce."""
        row = self._lower if self._spare else self._upper
        for place, widget in enumerate((self.heading, self.leave, self.dots, self.number), 1):
            row.insertWidget(place, widget)

    def show_station(self, walk: Walk, number: int, done: bool) -> None:
        """Show a station of a walk, counted from 0. `done`: Next is open."""
        station, count = walk.stations[number], len(walk.stations)
        self.heading.setText(self.tr("Walk: {0}").format(walk.title))
        self._station = station
        self._write()
        looks = self.tr("Look for:")
        self.dots.show_station(number, count)
        self.number.setText(self.tr("{0} of {1}").format(number + 1, count))
        self.back.setEnabled(number > 0)
        waiting = "" if station.goal.deed is Deed.NEXT else self._waiting_for(station)
        # That Next opens must not break the lines of the sentences anew.
        self.waits.setMinimumWidth(self.waits.fontMetrics().horizontalAdvance(waiting))
        self.next.setText(self.tr("Next") if number + 1 < count else self.tr("Finish"))
        self.show_done(station, done)
        self.show_strayed("")
        said = f"{station.say} {looks + ' ' + station.look if station.look else ''}".strip()
        said = said.replace("`", "")  # that code is set apart is seen, not read
        self.setAccessibleName(self.heading.text())
        self.setAccessibleDescription(said)
        if self.isVisible():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _write(self) -> None:
        """Write the sentences in the theme's colours; terms are links."""
        station = self._station
        if station is None:
            return
        colour, looks = self.theme.text, self.tr("Look for:")
        self.say.setText(_linked(station.say, _SAY, colour))
        look = f"<b>{looks}</b> {_linked(station.look, _LOOK, colour)}" if station.look else ""
        self.look.setText(look)
        self.look.setVisible(bool(look))

    def show_done(self, station: Station, done: bool) -> None:
        """Open Next, or say what it waits for; who pressed it goes on from there with the keys."""
        if not done:
            self.release_keys()
        self.next.setEnabled(done)
        if done and self.hasFocus():
            self.next.setFocus()
        waiting = "" if done else self._waiting_for(station)
        self.waits.setText(waiting)
        self.next.setToolTip(waiting)

    def show_interrupted(self) -> None:
        """Say that a breakpoint has stopped the batches that the station waits for."""
        self.waits.setText(self.tr("A breakpoint stopped it: press the same again"))

    def release_keys(self) -> None:
        """Take the keys from a button that is to close, before Qt gives them to some panel's."""
        if self.next.hasFocus():
            self.setFocus()

    def show_strayed(self, where: str, way: str = "", can_return: bool = True) -> None:
        """Say what is not as the station has it, and offer the way back; "" if all is.

        `way`: the text of the way back, if it is not that to the place of the station.
        `can_return`: whether there is one.
        """
        self.strayed.setText(where)
        self.back_there.setText(way or self.tr("Back to it"))
        self.strayed.setVisible(bool(where))
        self.back_there.setVisible(bool(where) and can_return)

    def sizeHint(self) -> QSize:
        """As high as the sentences need at this width."""
        return QSize(px(600), self._around.heightForWidth(max(self.width(), px(600))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height at another width."""
        super().resizeEvent(event)
        self._show_asides()
        if self.sizeHint().height() != self.height():
            self.updateGeometry()

    def set_spare(self, spare: bool) -> None:
        """Leave the width to the sentences, for a projector; what Next waits for is its hint."""
        self._spare = spare
        self._place_above()
        self._show_asides()
        self.updateGeometry()

    def _show_asides(self) -> None:
        wide = self.width() >= px(_LEAST_WIDE)
        for aside in (self.heading, self.waits):
            aside.setVisible(wide and not self._spare)
        self.dots.setVisible(not self._spare)

    def follow_type(self) -> None:
        """Write the code in the sentences anew, in the size of their type."""
        self._write()
        self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme's colours."""
        self.theme = self.dots.theme = theme
        for label in (self.say, self.look):
            label.set_link_theme(theme)
        self._write()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the border."""
        paint_ground(self, self.theme)

    def _waiting_for(self, station: Station) -> str:
        words = {
            Deed.STOP: self.tr("{0} opens when you are there"),
            Deed.BATCHES: self.tr("{0} opens when the batches have run"),
            Deed.CONTEST: self.tr("{0} opens when the comparison has ended"),
        }.get(station.goal.deed, self.tr("{0} opens when you have done it"))
        return words.format(self.next.text())


def paint_ground(strip: QWidget, theme: Theme) -> None:
    """Draw the ground and the border of a strip: the accent, which is the app speaking."""
    painter = QPainter(strip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(strip.rect(), QColor(theme.bg))
    painter.setPen(QPen(QColor(theme.accent), 1.6))
    painter.setBrush(mix(theme.accent, theme.panel, _TINT))
    painter.drawRoundedRect(QRectF(strip.rect()).adjusted(6, 1, -6, -1), 8, 8)


class TopColumn(QWidget):
    """The toolbar, and below it the strips of a walk that is played or recorded."""

    def __init__(self, top: QWidget, *strips: QWidget) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._strips = strips
        for row in (top, *strips):
            column.addWidget(row)

    @contextmanager
    def folded(self) -> Iterator[None]:
        """Take the strips' height away for a while; they keep the focus."""
        self._fold(0)
        try:
            yield
        finally:
            self._fold(NO_LIMIT)

    def _fold(self, most: int) -> None:
        if any(strip.isVisible() for strip in self._strips):
            for strip in self._strips:
                strip.setMaximumHeight(most)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            panels = self.window().layout()
            assert panels is not None
            panels.activate()  # also if it has been asked for before


def _linked(sentence: str, pixels: int, colour: str) -> str:
    """A sentence as rich text, in which terms are links."""
    links = [Link(*place) for place in places_in(sentence)]
    return code_html(sentence, pixels - CODE_LESS, links, colour)
