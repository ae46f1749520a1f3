"""The widgets of the toolbar: buttons, the position chip, pills, the logo."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from engine.debug.events import Kind, Phase, Position
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.icons import icon, logo
from gui.look.theme import Theme, code_font, mix, ui_font
from gui.look.type_scale import px

BUTTON_HEIGHT = 32
GAP = 10  # between the pass and the stop
LEAST_CHIP = 110
LEAST_PILL = 58
PILL_PADDING = 8
SPLIT = 15  # pixels of the part of a button that opens a menu


def takes_key(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press a button on Return, and leave Space to the window, where it pauses.

    Of a button in two parts, Down opens the menu. Returns whether the key was handled.
    """
    menued = button if isinstance(button, QToolButton) and button.menu() is not None else None
    split = isinstance(button, SplitButton)
    if menued is not None and split and event.key() == Qt.Key.Key_Down:
        menued.showMenu()
        return True
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        if menued is not None and not split:
            menued.showMenu()
        else:
            button.click()
        return True
    if event.key() == Qt.Key.Key_Space:
        event.ignore()
        return True
    return False


class RowButton(QToolButton):
    """A button of the row that Return presses, and Space does not."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it, or leave the key to the window."""
        if not takes_key(self, event):
            super().keyPressEvent(event)


class SplitButton(RowButton):
    """A button of the row, with a part at its right that opens a menu, as does the Down key."""

    def __init__(self, menu: QMenu, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setProperty("split", "true")
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def menu_rect(self) -> QRect:
        """The part that opens the menu."""
        width = px(SPLIT)
        return QRect(self.width() - width, 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, a line, and the arrow."""
        super().paintEvent(event)
        painter, rect = QPainter(self), self.menu_rect()
        painter.setPen(QColor(self.theme.border))
        painter.drawLine(rect.left(), px(7), rect.left(), self.height() - px(7))
        arrow = QRect(0, 0, px(11), px(11))
        arrow.moveCenter(rect.center())
        icon("chevron-down", self.theme, self.theme.text2).paint(painter, arrow)


def branch_name(snapshot: Snapshot) -> str:
    """The cursor's branch; "" while there is only one."""
    if len(snapshot.branches) < 2:
        return ""
    return next((one.name for one in snapshot.branches if one.current), "")


class PositionChip(QAbstractButton):
    """The cursor's position, in the colour of its pass; a click asks where to go.

    In a narrow row its text is shorter.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("position")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._wide = self._large = False
        self._head, self._rest, self._colour = "", "", theme.strong
        self._hinted = QSize()
        self._width_at_stops = 0
        self._phase: Phase | None = None
        self._position: Position | None = None
        self._branch = ""
        self._stop = self._last_stop = 0
        self._every_stop = True
        self._snapshot: Snapshot | None = None
        self.follow_type()
        self.show_message(self.tr("Starting…"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it, or leave the key to the window."""
        if not takes_key(self, event):
            super().keyPressEvent(event)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the pass, batch and stop of the cursor."""
        self._snapshot, self._position = snapshot, snapshot.position
        self._stop = snapshot.stop_number(snapshot.position.event, self._every_stop)
        self._last_stop = snapshot.last_stop(self._every_stop)
        self._phase = snapshot.event.phase
        self._branch = branch_name(snapshot)
        failed = snapshot.event.kind is Kind.EXCEPTION
        head = self.tr("Exception") if failed else self._phase_name(self._phase)
        self._colour = self._theme.error if failed else self._theme.phase(self._phase)
        self._say(head, self._where())

    def show_message(self, text: str, rest: str = "") -> None:
        """Show a message that belongs to no pass."""
        self._phase = self._position = self._snapshot = None
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

    def follow_type(self) -> None:
        """Adapt to another type scale."""
        self.head_font = ui_font(15 if self._large else 13, QFont.Weight.Bold)
        self.rest_font = ui_font(15) if self._large else code_font(12)
        self.updateGeometry()

    def set_every_stop(self, on: bool) -> None:
        """Count events, or operation stops only."""
        self._every_stop = on
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)

    def set_wide(self, wide: bool) -> None:
        """Show the batch as well if there is room."""
        if wide != self._wide:
            self._wide = wide
            if self._position is not None:
                self._say(self._head, self._where())

    def set_large(self, large: bool) -> None:
        """Write for the last row of a class: large, and always with the batch."""
        if large != self._large:
            self._large = large
            self.follow_type()
            if self._position is not None:
                self._say(self._head, self._where())

    def _where(self) -> str:
        assert self._position is not None
        stop = self.tr("stop {0} / {1}").format(self._stop, self._last_stop)
        if not (self._wide or self._large):
            return stop
        return self.tr("batch {0}").format(self._position.batch) + " · " + stop

    def _phase_name(self, phase: Phase) -> str:
        return {
            Phase.FORWARD: self.tr("Forward"),
            Phase.BACKWARD: self.tr("Backward"),
            Phase.UPDATE: self.tr("Update"),
            Phase.OTHER: self.tr("Other"),
        }[phase]

    def _say(self, head: str, rest: str) -> None:
        self._head, self._rest = head, rest
        batch = "" if self._position is None else self.tr("batch {0}").format(self._position.batch)
        where = rest if batch in rest else f"{batch} {rest}"
        self.setAccessibleName(f"{head} {where}".strip())
        lines = [batch, self.tr("Click to go to another position")]
        if self._branch:
            lines.insert(1, self.tr("branch {0}").format(self._branch))
        self.setToolTip("\n".join(lines) if batch else "")
        hint = self.sizeHint()
        if hint != self._hinted:
            self._hinted = hint
            self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The text on the chip; a button's own text would lay out the window at each step."""
        return f"{self._head} {self._rest}".strip()

    def sizeHint(self) -> QSize:
        """Wide enough for any pass, so that the buttons beside it do not move."""
        digits = len(str(self._last_stop)) - len(str(self._stop)) if self._position else 0
        width = self._widest(self._rest + "0" * digits)
        return QSize(round(width) + px(26), px(BUTTON_HEIGHT))

    def width_at_stops(self) -> int:
        """The width at the last stop that was shown, so that a message moves no button."""
        if self._position is not None:
            self._width_at_stops = self.sizeHint().width()
        return self._width_at_stops

    def width_in_short(self) -> int:
        """The width for any pass with the numbers of the stop, without the word."""
        numbers = f"{self._last_stop} / {self._last_stop}" if self._position else self._rest
        return round(self._widest(numbers)) + 14

    def _widest(self, rest: str) -> float:
        heads = [self._head]
        if self._phase is not None:
            heads += [self._phase_name(phase) for phase in Phase]
        return max(self._width(head, rest) for head in heads)

    def _width(self, head: str, rest: str) -> float:
        gap = GAP if head and rest else 0
        head_width = QFontMetricsF(self.head_font).horizontalAdvance(head)
        return head_width + gap + QFontMetricsF(self.rest_font).horizontalAdvance(rest)

    def shown(self) -> tuple[str, str]:
        """Head and rest in the longest form that fits: in full, without words, or a letter."""
        head, rest, room = self._head, self._rest, self.width() - 12
        forms = [(head, rest)]
        if self._position is not None:
            numbers = f"{self._stop} / {self._last_stop}"
            if self._large:
                batch = self.tr("batch {0}").format(self._position.batch)
                forms += [(head, f"{batch} · {numbers}"), (head[:1], f"{batch} · {numbers}")]
            forms += [(head, numbers), (head[:1], numbers)]
        elif rest:
            forms += [("", rest)]
        for form in forms:
            if self._width(*form) <= room:
                return form
        elide = Qt.TextElideMode.ElideRight
        if not rest:
            return QFontMetricsF(self.head_font).elidedText(head, elide, room), ""
        return "", QFontMetricsF(self.rest_font).elidedText(forms[-1][1], elide, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, the pass and the stop."""
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
        head_width = QFontMetricsF(self.head_font).horizontalAdvance(said)
        rest_width = QFontMetricsF(self.rest_font).horizontalAdvance(rest)
        left = box.center().x() - self._width(said, rest) / 2
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(self.head_font)
        painter.setPen(QColor(head))
        painter.drawText(QRectF(left, box.top(), head_width + 2, box.height()), align, said)
        painter.setFont(self.rest_font)
        painter.setPen(QColor(self._theme.text))
        left += head_width + (GAP if said and rest else 0)
        painter.drawText(QRectF(left, box.top(), rest_width + 2, box.height()), align, rest)


class Pill(QToolButton):
    """A chooser: the current choice, elided if there is no room, and a menu of the choices."""

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
        self.setIconSize(QSize(px(11), px(11)))
        self._short = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it, or leave the key to the window."""
        if not takes_key(self, event):
            super().keyPressEvent(event)

    def widths(self) -> tuple[int, int, int, int]:
        """The widths of its forms: in full, without the arrow, without the word, and the least."""
        metrics, padding = self.fontMetrics(), 2 * px(PILL_PADDING)
        text = metrics.horizontalAdvance(self.text()) + padding
        short = metrics.horizontalAdvance(self._short) + padding + 1  # advances are rounded
        least = px(LEAST_PILL)
        return self.sizeHint().width(), text, min(text, max(short, least)), min(text, least)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it; if there is less room, without the arrow and with as much text as fits."""
        if self.width() >= self.widths()[0]:
            super().paintEvent(event)
            return
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text, option.icon = "", QIcon()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        painter.setPen(option.palette.color(option.palette.ColorRole.ButtonText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.shown())

    def shown(self) -> str:
        """The text that fits: all, the value without its word, or as much of that as fits."""
        if self.width() >= self.widths()[0]:
            return self.text()
        metrics, room = self.fontMetrics(), self.width() - 2 * px(PILL_PADDING)
        for text in (self.text(), self._short):
            if metrics.horizontalAdvance(text) <= room:  # checked first: eliding cuts an exact fit
                return text
        return metrics.elidedText(self._short, Qt.TextElideMode.ElideRight, room)

    def say(self, text: str, accessible: str, short: str = "") -> None:
        """Show the current choice; `short`: the text for little room."""
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
        self.setFixedSize(px(28), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        QPainter(self).drawPixmap(QPointF(0, 0), logo(self.width(), self.devicePixelRatioF()))
