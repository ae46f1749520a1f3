"""The one row above the panels: logo, menus, the verbs mirrored in time, choosers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from engine.debug.events import Kind, Phase, Position
from engine.debug.snapshot import Snapshot
from gui.actions import Actions
from gui.icons import icon, logo
from gui.theme import Theme, code_font, mix, ui_font

HEIGHT = 44
BUTTON_HEIGHT = 32
GAP = 10  # between the pass and the place
ROW_GAP, MIDDLE_GAP, PILL_GAP = 8, 10, 6
LEAST_CHIP = 110
LEAST_PILL = 58
PILL_PADDING = 8
WIDE = 1600  # pixels from which the row says more


class _PressedByReturn:
    """A button that Return presses and Space does not: Space is Pause, wherever the focus is."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it, or leave the key to the window."""
        assert isinstance(self, QAbstractButton)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(self, QToolButton) and self.menu() is not None:
                self.showMenu()
            else:
                self.click()
        elif event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)


class RowButton(_PressedByReturn, QToolButton):
    """A button of the row."""


class PositionChip(_PressedByReturn, QAbstractButton):
    """Where the cursor is, in the colour of its pass; a click asks where to go.

    Where the row has too little room for it, it says less.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("position")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._wide = False
        self._head, self._rest, self._colour = "", "", theme.strong
        self._hinted = QSize()
        self._phase: Phase | None = None
        self._position: Position | None = None
        self._event_count = 0
        self._head_font = ui_font(13, QFont.Weight.Bold)
        self._rest_font = code_font(12)
        self.show_message(self.tr("Starting…"))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say pass, batch and event of the cursor."""
        self._position, self._event_count = snapshot.position, snapshot.event_count
        self._phase = snapshot.event.phase
        failed = snapshot.event.kind is Kind.EXCEPTION
        head = self.tr("Exception") if failed else self._phase_name(self._phase)
        self._colour = self._theme.error if failed else self._theme.phase(self._phase)
        self._say(head, self._where())

    def show_message(self, text: str, rest: str = "") -> None:
        """Say something that belongs to no pass."""
        self._phase = self._position = None
        self._colour = self._theme.strong
        self._say(text, rest)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        failed = self._colour == self._theme.error
        self._theme = theme
        self._colour = theme.strong if self._phase is None else theme.phase(self._phase)
        if failed:
            self._colour = theme.error
        self.update()

    def set_wide(self, wide: bool) -> None:
        """With the batch, where there is room for it."""
        if wide != self._wide:
            self._wide = wide
            if self._position is not None:
                self._say(self._head, self._where())

    def _where(self) -> str:
        assert self._position is not None
        event = self.tr("event {0} / {1}").format(self._position.event, self._event_count)
        if not self._wide:
            return event
        return self.tr("batch {0}").format(self._position.batch) + " · " + event

    def _phase_name(self, phase: Phase) -> str:
        return {
            Phase.FORWARD: self.tr("Forward"),
            Phase.BACKWARD: self.tr("Backward"),
            Phase.UPDATE: self.tr("Update"),
        }[phase]

    def _say(self, head: str, rest: str) -> None:
        self._head, self._rest = head, rest
        batch = "" if self._position is None else self.tr("batch {0}").format(self._position.batch)
        self.setAccessibleName(" ".join(part for part in (head, batch, rest) if part))
        self.setToolTip(f"{batch}\n" + self.tr("Click to go to an event") if batch else "")
        hint = self.sizeHint()
        if hint != self._hinted:
            self._hinted = hint
            self.updateGeometry()
        self.update()

    def text(self) -> str:
        """What is on the chip; a button's own text would have the window laid out at each step."""
        return f"{self._head} {self._rest}".strip()

    def sizeHint(self) -> QSize:
        """Wide enough for any pass, so that the buttons beside it stay where they are."""
        heads = [self._head]
        if self._phase is not None:
            heads += [self._phase_name(phase) for phase in Phase]
        digits = (
            len(str(self._event_count)) - len(str(self._position.event)) if self._position else 0
        )
        width = max(self._width(head, self._rest + "0" * digits) for head in heads)
        return QSize(round(width) + 26, BUTTON_HEIGHT)

    def _width(self, head: str, rest: str) -> float:
        gap = GAP if head and rest else 0
        head_width = QFontMetricsF(self._head_font).horizontalAdvance(head)
        return head_width + gap + QFontMetricsF(self._rest_font).horizontalAdvance(rest)

    def shown(self) -> tuple[str, str]:
        """Head and rest as they fit: in full, without the words, the letter of the pass."""
        head, rest, room = self._head, self._rest, self.width() - 12
        forms = [(head, rest)]
        if self._position is not None:
            numbers = f"{self._position.event} / {self._event_count}"
            forms += [(head, numbers), (head[:1], numbers)]
        elif rest:
            forms += [("", rest)]
        for form in forms:
            if self._width(*form) <= room:
                return form
        elide = Qt.TextElideMode.ElideRight
        if not rest:
            return QFontMetricsF(self._head_font).elidedText(head, elide, room), ""
        return "", QFontMetricsF(self._rest_font).elidedText(forms[-1][1], elide, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, the pass and the place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        share = 0.24 if self.underMouse() and self.isEnabled() else 0.16
        painter.setBrush(mix(self._colour, self._theme.panel, share))
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(self._theme.accent if focused else self._colour), 1.6))
        painter.drawRoundedRect(box, 8, 8)
        head = self._theme.text if self._phase is None else self._colour
        said, rest = self.shown()
        head_width = QFontMetricsF(self._head_font).horizontalAdvance(said)
        rest_width = QFontMetricsF(self._rest_font).horizontalAdvance(rest)
        left = box.center().x() - self._width(said, rest) / 2
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(self._head_font)
        painter.setPen(QColor(head))
        painter.drawText(QRectF(left, box.top(), head_width + 2, box.height()), align, said)
        painter.setFont(self._rest_font)
        painter.setPen(QColor(self._theme.text))
        left += head_width + (GAP if said and rest else 0)
        painter.drawText(QRectF(left, box.top(), rest_width + 2, box.height()), align, rest)


class Pill(_PressedByReturn, QToolButton):
    """A chooser: what is chosen, elided where there is no room, and a menu of what could be."""

    def __init__(self, name: str, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", "pill")
        self.setFont(code_font(12))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon comes after the text
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setIconSize(QSize(11, 11))
        self._short = ""

    def widths(self) -> tuple[int, int, int]:
        """What it takes to be whole, to be without its arrow, and the least."""
        text = self.fontMetrics().horizontalAdvance(self.text()) + 2 * PILL_PADDING
        return self.sizeHint().width(), text, min(text, LEAST_PILL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it; where it has less room, without the arrow and with as much text as fits."""
        whole, _, _ = self.widths()
        if self.width() >= whole:
            super().paintEvent(event)
            return
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        metrics, room = self.fontMetrics(), self.width() - 2 * PILL_PADDING
        text = option.text if metrics.horizontalAdvance(option.text) <= room else self._short
        option.text, option.icon = "", QIcon()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.setPen(option.palette.color(option.palette.ColorRole.ButtonText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)

    def say(self, text: str, accessible: str, short: str = "") -> None:
        """Show what is chosen; `short`: where there is little room."""
        self._short = short or text
        self.setText(text)
        self.setAccessibleName(accessible)
        self.setToolTip(accessible)

    def set_theme(self, theme: Theme) -> None:
        """Colour the icon."""
        self.setIcon(icon("chevron-down", theme, theme.text3))


class Logo(QWidget):
    """The logo, crisp at any device pixel ratio."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(28, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        QPainter(self).drawPixmap(QPointF(0, 0), logo(28, self.devicePixelRatioF()))


class TopRow(QWidget):
    """The row itself.

    Signals:
        widened: whether there is room to say more.
    """

    widened = Signal(bool)

    def __init__(
        self, actions: Actions, pills: Iterable[Pill], train_menu: QMenu, theme: Theme
    ) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedHeight(HEIGHT)
        self.menu_bar = QMenuBar()
        self.menu_bar.setNativeMenuBar(False)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.chip = PositionChip(theme)
        self.pills = list(pills)
        self._more = self._train_more(train_menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 4, 0)
        layout.setSpacing(ROW_GAP)
        self._beginning = self._left()
        self._groups: list[QFrame] = []
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

    def _middle(self, actions: Actions) -> QHBoxLayout:
        middle = QHBoxLayout()
        middle.setSpacing(MIDDLE_GAP)
        middle.addWidget(self._group(actions, "restart", "step_back_batch"))
        middle.addWidget(self._group(actions, "step_back_out", "step_back_over", "step_back_into"))
        middle.addWidget(self.chip)
        middle.addWidget(self._group(actions, "step_into", "step_over", "step_out"))
        run = self._group(actions, "step_batch", "continue", "pause")
        run.layout().insertWidget(2, self._more)
        middle.addWidget(run)
        return middle

    def _right(self) -> QWidget:
        right = QWidget()
        row = QHBoxLayout(right)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(PILL_GAP)
        row.addStretch(1)
        for pill in self.pills:
            row.addWidget(pill)
        return right

    def _group(self, actions: Actions, *ids: str) -> QFrame:
        group = QFrame()
        group.setProperty("role", "group")
        group.setFixedHeight(BUTTON_HEIGHT)
        row = QHBoxLayout(group)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for id in ids:
            button = RowButton()
            button.setObjectName(f"{id}_button")
            button.setDefaultAction(actions[id])
            button.setAccessibleName(actions[id].text())
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(30, 26)
            row.addWidget(button)
        self._groups.append(group)
        return group

    def _train_more(self, menu: QMenu) -> QToolButton:
        more = RowButton()
        more.setObjectName("train_menu_button")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setAccessibleName(self.tr("How long to train"))
        more.setToolTip(self.tr("How long to train"))
        more.setIconSize(QSize(11, 11))
        more.setFixedSize(16, 26)
        return more

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.chip.set_theme(theme)
        for pill in self.pills:
            pill.set_theme(theme)
        self._more.setIcon(icon("chevron-down", theme, theme.text2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say more where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self.chip.set_wide(wide)
        self.widened.emit(wide)
        self._share_width()

    def event(self, event: QEvent) -> bool:
        """Share the width anew when a part would have another."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._share_width()
        return super().event(event)

    def _share_width(self) -> None:
        """Where there is too little room the chip says less, then the pills do."""
        margins = self.layout().contentsMargins()
        pills = [pill for pill in self.pills if not pill.isHidden()]
        room = self.width() - margins.left() - margins.right() - 2 * ROW_GAP
        room -= self._beginning.sizeHint().width()
        room -= sum(group.sizeHint().width() + MIDDLE_GAP for group in self._groups)
        room -= PILL_GAP * max(len(pills) - 1, 0)
        widths = [pill.widths() for pill in pills]
        whole = self.chip.sizeHint().width()
        chip = min(max(room - sum(w[0] for w in widths), LEAST_CHIP), whole)
        self.chip.setFixedWidth(chip)
        room -= chip
        for pill, width in zip(pills, _shares(widths, room), strict=True):
            pill.setFixedWidth(width)


def _shares(widths: list[tuple[int, int, int]], room: int) -> list[int]:
    """A width for each: between two of the sizes that it names, as far along for all."""
    for larger, smaller in pairwise(range(3)):
        most = sum(w[larger] for w in widths)
        least = sum(w[smaller] for w in widths)
        if room >= least and most > least:
            part = min((room - least) / (most - least), 1.0)
            return [int(w[smaller] + part * (w[larger] - w[smaller])) for w in widths]
    return [w[2] for w in widths]
