"""The row above the panels: logo, menus, and step buttons on both sides of the position."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QFont,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gui.look.icons import icon
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.window.toolbar.parts import (
    BUTTON_HEIGHT,
    LEAST_CHIP,
    Logo,
    Pill,
    PositionChip,
    RowButton,
    SplitButton,
)

HEIGHT = 44
ROW_GAP, MIDDLE_GAP, PILL_GAP = 8, 10, 6
WORD_GAP = 6  # between buttons with words
COMMON = {"step_operation": "S", "step_into": "F11"}  # the most common step, with its key
# The buttons with words that the switch "every stop" chooses: off, on.
BY_SWITCH = (("step_back_operation", "step_operation"), ("step_back_into", "step_into"))
WIDE = 1600  # pixels from which the row shows more


class TopRow(QWidget):
    """The widget of the row.

    Signals:
        widened: whether there is room to show more.
        theme_asked: the other theme is wanted.
    """

    widened = Signal(bool)
    theme_asked = Signal()

    def __init__(
        self, actions: Mapping[str, QAction], pills: Iterable[Pill], train_menu: QMenu, theme: Theme
    ) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedHeight(px(HEIGHT))
        self.menu_bar = QMenuBar()
        self.menu_bar.setObjectName("menu_bar")
        self.menu_bar.setNativeMenuBar(False)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.chip = PositionChip(theme)
        self.pills = list(pills)
        self._more = self._train_more(train_menu)
        self._split = SplitButton(train_menu, theme)
        self._other_theme = self._theme_button()
        self._spare = False
        self._dropped: set[str] = set()  # buttons for which a narrow row has no room
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 4, 0)
        layout.setSpacing(ROW_GAP)
        self._beginning = self._left()
        self._groups: list[QFrame] = []
        self._words: list[QToolButton] = []
        self._actions = actions
        self._has_words = False
        self._every_stop = True
        layout.addWidget(self._beginning, 1)
        layout.addLayout(self._middle(actions))
        layout.addWidget(self._right(), 1)

    def _left(self) -> QWidget:
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(2, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Logo())
        row.addWidget(self.menu_bar)
        row.addStretch(1)
        return left

    def _middle(self, actions: Mapping[str, QAction]) -> QHBoxLayout:
        middle = self._between = QHBoxLayout()
        middle.setSpacing(MIDDLE_GAP)
        for id in ("step_back_operation", "step_back_into"):
            middle.addWidget(self._word(actions, id, self.tr("Back")))
        middle.addWidget(self._group(actions, "restart", "reverse_continue", "step_back_batch"))
        middle.addWidget(self._group(actions, "step_back_out", "step_back_over", "step_back_into"))
        middle.addWidget(self.chip)
        middle.addWidget(self._group(actions, "step_into", "step_over", "step_out"))
        for id, text in (
            ("step_operation", self.tr("Step")),
            ("step_into", self.tr("Step into")),
            ("step_over", self.tr("Over")),
            ("step_out", self.tr("Out")),
            ("continue", self.tr("Train")),
            ("pause", self.tr("Pause")),
        ):
            middle.addWidget(self._word(actions, id, text))
        run = self._group(actions, "step_batch", "continue", "pause", menu=self._more)
        middle.addWidget(run)
        return middle

    def _right(self) -> QWidget:
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(PILL_GAP)
        row.addStretch(1)
        self._pills = QWidget()
        inner = QHBoxLayout(self._pills)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(PILL_GAP)
        for pill in self.pills:
            inner.addWidget(pill)
        row.addWidget(self._pills)
        row.addWidget(self._other_theme)
        return right

    def _group(
        self, actions: Mapping[str, QAction], *ids: str, menu: QWidget | None = None
    ) -> QFrame:
        group = QFrame()
        group.setProperty("role", "group")
        group.setFixedHeight(px(BUTTON_HEIGHT))
        row = QHBoxLayout(group)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for id in ids:
            button = RowButton()
            button.setObjectName(f"{id}_button")
            button.setDefaultAction(actions[id])
            button.setAccessibleName(actions[id].text())
            button.setIconSize(QSize(px(16), px(16)))
            button.setFixedSize(px(30), px(26))
            row.addWidget(button)
        if menu is not None:
            row.insertWidget(2, menu)
        self._groups.append(group)
        return group

    def _word(self, actions: Mapping[str, QAction], id: str, text: str) -> QToolButton:
        """A button with a word; the most common step is highlighted, and shows its key."""
        button = self._split if id == "continue" else RowButton()
        button.setObjectName(f"{id}_word")
        button.setDefaultAction(actions[id])
        first = id in COMMON
        button.setProperty("role", "primary" if first else "word")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setText(f"{text}  {COMMON[id]}" if first else text)
        button.setAccessibleName(actions[id].text())
        button.setFont(ui_font(13, QFont.Weight.DemiBold))
        button.setIconSize(QSize(px(16), px(16)))
        button.setFixedHeight(px(BUTTON_HEIGHT + 2))
        button.hide()
        # A change of an action resets the text and icon of its button.
        actions[id].changed.connect(lambda: self._say_word(button, text, first))
        self._words.append(button)
        return button

    def _say_word(self, button: QToolButton, text: str, first: bool) -> None:
        id = button.defaultAction().objectName()
        if first:
            spare = self.tr("Into") if id == "step_into" else text
            text = spare if self._spare else f"{text}  {COMMON[id]}"
        button.setText(text)
        if first:
            button.setIcon(icon(id, self.theme, self.theme.on_accent))
        if button.defaultAction().objectName() == "pause":
            self._show_words()

    def set_words(self, words: bool) -> None:
        """Show buttons with words for the most common verbs, or icons for all."""
        self._has_words = words
        self._between.setSpacing(WORD_GAP if words else MIDDLE_GAP)
        self._show_words()
        for group in self._groups:
            group.setVisible(not words)
        self._share_width()

    def set_every_stop(self, on: bool) -> None:
        """Have the big buttons step by events, or by operation stops only."""
        self._every_stop = on
        self.chip.set_every_stop(on)
        self._show_words()
        self._share_width()

    def set_spare(self, spare: bool) -> None:
        """Hide secondary parts, for a projector: no pills, but a button for the other theme.

        The position is large. The rest has the smallest size of the scale, so that it fits.
        """
        self._spare = spare
        self.chip.set_large(spare)
        self._pills.setVisible(not spare)
        self._other_theme.setVisible(spare)
        self.menu_bar.setFont(ui_font(11 if spare else 12 if self._has_words else 13))
        for button in self._words:
            button.setFont(ui_font(11 if spare else 12, QFont.Weight.DemiBold))
            button.defaultAction().changed.emit()
        self._share_width()

    def _theme_button(self) -> QToolButton:
        button = RowButton()
        button.setObjectName("other_theme")
        button.setProperty("role", "pill")
        button.setFont(ui_font(12))
        button.hide()
        button.clicked.connect(self.theme_asked)
        return button

    def _say_theme(self) -> None:
        words = self.tr("Light theme") if self.theme.dark else self.tr("Dark theme")
        self._other_theme.setText(self.tr("Light") if self.theme.dark else self.tr("Dark"))
        self._other_theme.setAccessibleName(words)
        self._other_theme.setToolTip(words)

    def _show_words(self) -> None:
        """Show Pause while a run can be paused, and Train otherwise."""
        for button in self._words:
            id = button.defaultAction().objectName()
            training = self._actions["pause"].isEnabled()
            other = (id == "continue" and training) or (id == "pause" and not training)
            other = other or id in BY_SWITCH[not self._every_stop]
            wanted = self._has_words and not other and id not in self._dropped
            if button.isHidden() == wanted:
                button.setVisible(wanted)

    def _train_more(self, menu: QMenu) -> QToolButton:
        more = RowButton()
        more.setObjectName("train_menu_button")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setAccessibleName(self.tr("How long to train"))
        more.setToolTip(self.tr("How long to train"))
        more.setIconSize(QSize(px(11), px(11)))
        more.setFixedSize(px(16), px(26))
        return more

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = self._split.theme = theme
        self.chip.set_theme(theme)
        for pill in self.pills:
            pill.set_theme(theme)
        for button in self._words:
            button.defaultAction().changed.emit()
        self._more.setIcon(icon("chevron-down", theme, theme.text2))
        self._say_theme()

    def follow_type(self) -> None:
        """Adapt to another type scale; buttons and pills already have."""
        self.chip.follow_type()
        self._share_width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more if there is room."""
        super().resizeEvent(event)
        wide = self.width() >= px(WIDE)
        self.chip.set_wide(wide)
        if self.menu_bar.property("wide") is not wide:
            self.menu_bar.setProperty("wide", wide)
            self.menu_bar.style().polish(self.menu_bar)  # else the style sheet is not asked again
        self.widened.emit(wide)
        self._share_width()

    def event(self, event: QEvent) -> bool:
        """Divide the width again when a part requests another width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._share_width()
        return super().event(event)

    def _drop_words(self) -> None:
        """Hide buttons that have a key if the row is too narrow for all."""
        hints = {b.defaultAction().objectName(): b.sizeHint().width() for b in self._words}
        del hints["pause"]  # it replaces Train, and is not wider
        for id in BY_SWITCH[not self._every_stop]:
            del hints[id]
        chip = max(px(LEAST_CHIP), self.chip.width_at_stops() if self._spare else 0)
        parts = [self._beginning.sizeHint().width(), chip, *hints.values()]
        if self._spare:
            parts.append(self._other_theme.sizeHint().width())
        else:
            parts += [pill.widths()[2] for pill in self.pills if not pill.isHidden()]
        over = sum(parts) + WORD_GAP * len(parts) + ROW_GAP - self.width()
        dropped = set()
        for id in (
            "step_out",
            "step_over",
            *((BY_SWITCH[self._every_stop][0],) if self._spare else ()),
        ):
            if over > 0:
                dropped.add(id)
                over -= hints[id] + WORD_GAP
        if dropped != self._dropped:
            self._dropped = dropped
            self._show_words()

    def _share_width(self) -> None:
        """In a narrow row, shorten the chip, then the pills; with words, the pills first."""
        if self._has_words:
            self._drop_words()
        margins = self._row.contentsMargins()
        pills = [pill for pill in self.pills if not (pill.isHidden() or self._spare)]
        room = self.width() - margins.left() - margins.right() - 2 * ROW_GAP
        room -= self._beginning.sizeHint().width()
        shown = [part for part in (*self._groups, *self._words) if not part.isHidden()]
        gap = WORD_GAP if self._has_words else MIDDLE_GAP
        room -= sum(part.sizeHint().width() + gap for part in shown)
        room -= PILL_GAP * max(len(pills) - 1, 0)
        if not self._other_theme.isHidden():
            room -= self._other_theme.sizeHint().width()
        widths = [pill.widths() for pill in pills]
        whole, least = self.chip.sizeHint().width(), px(LEAST_CHIP)
        over = room - sum(w[1 if self._has_words else 0] for w in widths)
        if self._has_words:  # the chip's numbers come before the pills' words
            least = max(least, min(room - sum(w[2] for w in widths), self.chip.width_in_short()))
        chip = min(max(over, least), whole)
        self.chip.setFixedWidth(chip)
        room -= chip
        for pill, width in zip(pills, _shares(widths, room), strict=True):
            pill.setFixedWidth(width)


def _shares(widths: list[tuple[int, int, int, int]], room: int) -> list[int]:
    """A width for each part, between two of its widths, at the same fraction for all parts."""
    for larger, smaller in pairwise(range(4)):
        most = sum(w[larger] for w in widths)
        least = sum(w[smaller] for w in widths)
        if room >= least and most > least:
            part = min((room - least) / (most - least), 1.0)
            return [int(w[smaller] + part * (w[larger] - w[smaller])) for w in widths]
    return [w[-1] for w in widths]
