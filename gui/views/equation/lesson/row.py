"""The row above the picture: the formula, the button of its derivation, and the legend."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.views.equation.lesson.cap_button import CapButton
from gui.views.equation.lesson.formula_row import FormulaRow
from gui.views.equation.lesson.legend import LegendBox
from gui.words.captions import LegendEntry
from gui.words.lesson import Lesson

_KEY = "Y"
_SIDE = 12  # pixels beside the row
HEIGHT = 60  # pixels at a type scale of 1
LEAST_PANEL = 270  # below this height of the panel there is no row
SPARE_HEIGHT, SPARE_PANEL = 44, 190  # the same where the type is huge


class LessonRow(QWidget):
    """Shows what a stop's lesson has beside its sentences.

    Signals:
        why_asked: for the derivation.
        why_moved: the button of the derivation stands elsewhere.
    """

    why_asked = Signal()
    why_moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.formula = FormulaRow(theme, self)
        self.why = CapButton(theme, "", _KEY, "why")
        self.why.setObjectName("why_button")
        self.why.setToolTip(self.tr("Why it is so, with this minibatch's numbers"))
        self.why.clicked.connect(self.why_asked)
        self.why.hide()
        self.why.installEventFilter(self)
        self.legend = LegendBox(theme, self)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(_SIDE, 0, _SIDE, 0)
        row.setSpacing(px(16))
        row.addWidget(self.formula)
        row.addWidget(self.why)
        row.addStretch(1)
        row.addWidget(self.legend)
        self._lesson: Lesson | None = None
        self._legend: tuple[LegendEntry, ...] = ()
        self._words = True
        self._spare = False
        self.formula.widened.connect(self._fit)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to show."""
        lesson = self._lesson
        if lesson is None:
            return False
        return lesson.formula is not None or (
            self._words and (lesson.why != "" or bool(self._legend))
        )

    @property
    def why_x(self) -> int:
        """The middle of the derivation's button; 0 if it is hidden."""
        return self.why.geometry().center().x() if self.why.isVisible() else 0

    def height_in(self, height: int, picture: int = 0) -> int:
        """The row's height in a panel of a height; 0 if it has no room or nothing to show.

        `picture`: the least height that a scene below it needs, at a type scale of 1.
        """
        own, least = (SPARE_HEIGHT, SPARE_PANEL) if self._spare else (HEIGHT, LEAST_PANEL)
        if self._spare:
            least = max(least, own + picture)
        return px(own) if self.wanted and height >= px(least) else 0

    def set_spare(self, spare: bool) -> None:
        """Be content with less height, for a projector."""
        self._spare = spare
        self.formula.set_height(SPARE_HEIGHT if spare else HEIGHT)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell that the button has moved, as it does when a wider formula comes."""
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self.why_moved.emit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width again."""
        self.legend.set_row_width(self.width())
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the type is huge, show the formula whole, and the legend if there is room yet."""
        shows, least = bool(self.legend.entries), 0
        if self._spare:
            gap = self._row.spacing()
            taken = 0 if self.why.isHidden() else self.why.sizeHint().width() + gap
            room = max(self.width() - 2 * _SIDE - taken, 0)
            least = min(self.formula.sizeHint().width(), room)
            wanted = self.legend.minimumSizeHint().width()
            shows = shows and room - least - gap >= wanted
        self.formula.setMinimumWidth(least)
        if self.legend.isHidden() == shows:
            self.legend.setVisible(shows)

    def show_lesson(self, lesson: Lesson | None, snapshot: Snapshot | None, phase: str) -> None:
        """Show what belongs to a stop. `phase`: the colour of its pass."""
        self._lesson = lesson
        self.formula.show_formula(None if lesson is None else lesson.formula, snapshot, phase)
        self._show_words()

    def show_legend(self, entries: tuple[LegendEntry, ...]) -> None:
        """Show what the colours of the picture mean."""
        self._legend = entries
        self._show_words()

    def set_words(self, on: bool) -> None:
        """Show legend and derivation, or the formula alone."""
        self._words = on
        self._show_words()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.formula.set_theme(theme)
        self.legend.set_theme(theme)
        self.why.set_theme(theme)

    def _show_words(self) -> None:
        lesson = self._lesson if self._words else None
        self.legend.show_entries(() if lesson is None else self._legend)
        title = "" if lesson is None else lesson.why
        self.why.say(title)
        self.why.setVisible(bool(title))
        self._fit()
